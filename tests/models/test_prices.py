"""Prices: the provider's, one's own, none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.errors import ConfigError, UsageError
from dataclaw.models.prices import Price, find_price, price_of
from dataclaw.types import Usage


def test_the_price_of_a_provider_is_that_of_the_library() -> None:
    price = find_price("openai:gpt-4o")
    assert price is not None
    assert 0 < (price.cached or 0) < price.read < price.wrote
    assert price.source.startswith("genai-prices ")
    assert find_price("nobody:nothing") is None
    assert find_price("openai:gpt-4o", listed=False) is None


def test_a_file_of_ones_own_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('[prices."openai:gpt-4o"]\nread = 1\nwrote = 2\ndate = "2026-11"\n')
    price = find_price("openai:gpt-4o", file)
    assert price == Price(1.0, 2.0, None, "prices.toml, 2026-11")
    assert price.of_usage(Usage(1, 1_000_000, 400_000, 500_000)) == pytest.approx(2.0)
    file.write_text('[prices."m"]\nread = -1\nwrote = 2\n')
    with pytest.raises(ConfigError, match="read"):
        find_price("m", file)


def test_cached_tokens_cost_their_own_price() -> None:
    assert Price(2.0, 10.0, 0.5).of(1_000_000, 100_000, 800_000) == pytest.approx(0.4 + 0.4 + 1.0)


def test_half_a_price_is_none() -> None:
    assert price_of(None, None) is None
    with pytest.raises(UsageError):
        price_of(None, 1.0)
