"""What a run costs: tokens that a policy reads and writes, and money where a price is known.

Prices of providers are those of the library genai-prices, whose release says of when they are. A file of one's own
comes first: `[prices."openai:my-model"]` with `read`, `wrote`, and perhaps `cached` and `date`, per million tokens. A
server of one's own has no price but there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from dataclaw.errors import UsageError
from dataclaw.strict import Strict, read_toml
from dataclaw.types import Usage

MILLION = 1_000_000
Amount = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in any currency; providers' prices are in US dollars.

    Attributes:
        read: of a million tokens that it reads.
        wrote: of a million tokens that it writes.
        cached: of a million of those that it reads and had kept; None: as the others.
        source: where the price is from, and of when.
    """

    read: float
    wrote: float
    cached: float | None = None
    source: str = ""

    def of(self, read: float, wrote: float, cached: float = 0.0) -> float:
        """What so many tokens cost; those that were cached are among those that were read."""
        kept = self.read if self.cached is None else self.cached
        return ((read - cached) * self.read + cached * kept + wrote * self.wrote) / MILLION

    def of_usage(self, usage: Usage) -> float:
        """What asking took, as money."""
        return self.of(usage.read, usage.written, usage.cached)


class PriceRow(Strict):
    """A model in a file of prices, per million tokens."""

    read: Amount
    wrote: Amount
    cached: Amount | None = None
    date: str = ""

    def as_price(self, where: str) -> Price:
        """The price, with the place that it is from and its date as its source."""
        return Price(self.read, self.wrote, self.cached, f"{where}{', ' + self.date if self.date else ''}")


class PriceFile(Strict):
    """A file of prices: models by name, `provider:model`."""

    prices: dict[str, PriceRow] = Field(default_factory=dict[str, PriceRow])


def price_of(read: float | None, wrote: float | None) -> Price | None:
    """The price that was given, None where none was.

    Raises:
        UsageError: one half of it is missing.
    """
    if read is None and wrote is None:
        return None
    if read is None or wrote is None:
        raise UsageError("half a price.", place="--price-in, --price-out", remedy="Give both, per million tokens.")
    return Price(read, wrote)


def find_price(model: str, file: Path | None = None, *, listed: bool = True) -> Price | None:
    """The price of a model by its name (`provider:model`); None where none is known.

    Args:
        model: the name.
        file: prices of one's own, which come first.
        listed: whether a provider is asked, who takes its own prices.

    Raises:
        ConfigError: the file is missing, or no file of prices.
    """
    own = read_toml(file, PriceFile).prices.get(model) if file else None
    if file and own:
        return own.as_price(file.name)
    return _listed_price(model) if listed else None


@cache
def _listed_price(model: str) -> Price | None:
    from importlib.metadata import version

    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    provider, _, name = model.partition(":")
    try:
        price = partial(calc_price, model_ref=name, provider_id=provider.split("-")[0])
        read = price(Tokens(input_tokens=MILLION))
        kept = price(Tokens(input_tokens=MILLION, cache_read_tokens=MILLION))
        wrote = price(Tokens(output_tokens=MILLION))
    except LookupError:
        return None
    source = f"genai-prices {version('genai-prices')}"
    return Price(float(read.total_price), float(wrote.total_price), float(kept.total_price), source)
