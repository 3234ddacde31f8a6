"""TOML and JSON that may be anybody's: bombs and halves of characters are told like any other file that is none."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from dataclaw.choosing.card import CARD, read_card
from dataclaw.cli.run import read_settings
from dataclaw.corpus.config import read_config, stored_settings
from dataclaw.errors import ConfigError
from dataclaw.strict import MAX_TOML, MAX_TOML_DEPTH, Strict, load_json, parse_toml, read_toml

DEEP = f"a = {'[' * 5000}{']' * 5000}"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (DEEP.encode(), "nested more than"),
        (f"a = {'[' * (MAX_TOML_DEPTH + 1)}{']' * (MAX_TOML_DEPTH + 1)}".encode(), "nested more than"),
        (b"#" * (MAX_TOML + 1), "larger than"),
        (b"a = " + b"9" * 5000, "integer string conversion"),
    ],
)
def test_bombs_are_no_toml(raw: bytes, says: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=says):
        parse_toml(raw)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("any.toml", lambda folder: read_toml(folder / "any.toml", Strict)),
        ("settings.toml", lambda folder: read_settings(folder / "settings.toml")),
        ("corpus.toml", stored_settings),
        ("recipe.toml", lambda folder: read_config(folder / "recipe.toml")),
        (CARD, read_card),
    ],
)
def test_every_reader_tells_a_bomb(name: str, read: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / name).write_text(DEEP)
    with pytest.raises(ConfigError, match="nested more than"):
        read(tmp_path)


def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands() -> None:
    assert load_json('{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
    for text in ('{"a": ["\\ud83d"]}', b'{"\\uDE00": 1}', '"\ud83d"'):
        with pytest.raises(ValueError, match="surrogates"):
            load_json(text)
