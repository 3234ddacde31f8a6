"""The card of a learned chooser, `chooser.toml`: of which weights it is, what trained them, where they measured better.

Whoever carries a chooser writes its card, so that it is hostile until checked.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from dataclaw.errors import ConfigError
from dataclaw.files import write_atomic
from dataclaw.strict import Strict, check, parse_toml

CARD = "chooser.toml"
LARGEST_CARD = 2**18
"""Largest card that is read [bytes]."""
REMEDY = "Install the package anew, train one (dataclaw train sft configs/chooser.toml), or run with --choose rules."
Number = Annotated[float, Field(allow_inf_nan=False)]


class ChooserGain(Strict):
    """What a chooser and the rules reach at one task on held-out requests.

    Attributes:
        requests: how many were done by both.
        rules: mean total with the rules, 0..1.
        learned: mean total with the chooser, 0..1.
        low: 95 % interval of the paired difference, resampled by streams.
        high: its other end.
    """

    requests: int
    rules: Number
    learned: Number
    low: Number
    high: Number

    def __str__(self) -> str:
        more = f"{100 * self.low:+.1f} to {100 * self.high:+.1f}"
        return f"{100 * self.learned:.1f} by it, {100 * self.rules:.1f} by rules; {more}; {self.requests} requests"


class SourceGain(Strict):
    """The same of the choices themselves (F1) on recordings whose truth people made.

    Attributes:
        task: the task whose plan asks, `<domain>.<task>`.
        points: choices.
        rules: F1 of the rules.
        learned: F1 of the chooser.
        low: 95 % interval of the difference.
        high: its other end.
    """

    task: str
    points: int
    rules: Number
    learned: Number
    low: Number
    high: Number


class ChooserTraining(BaseModel):
    """What trained a chooser; recipes say more than is read.

    Attributes:
        points: choice points that it learned.
        blind: what it does not look at (`encode`).
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    points: list[str] = Field(default_factory=list[str])
    blind: list[Literal["rules", "figures", "words"]] = Field(
        default_factory=list[Literal["rules", "figures", "words"]]
    )


class ChooserCard(Strict):
    """What `chooser.toml` says.

    Attributes:
        sha256: of the weights.
        benchmark: the pinned benchmark that `tasks` were measured on, "" where they come from elsewhere.
        digest: its digest.
        trained: what trained it.
        tasks: what it reaches, by `<domain>.<task>`.
        real: the same on real recordings, by source.
    """

    sha256: str = ""
    benchmark: str = ""
    digest: str = ""
    trained: ChooserTraining = ChooserTraining()
    tasks: dict[str, ChooserGain] = Field(default_factory=dict[str, ChooserGain])
    real: dict[str, SourceGain] = Field(default_factory=dict[str, SourceGain])

    @property
    def decided(self) -> frozenset[str]:
        """The tasks at which it is surely better than the rules, and on no real source surely worse.

        Surely: the 95 % interval of the difference lies above 0, or below it.
        """
        worse = {measured.task for measured in self.real.values() if measured.high < 0.0}
        return frozenset(name for name, measured in self.tasks.items() if measured.low > 0.0) - worse

    def write(self, folder: Path) -> None:
        """Write it beside the weights."""
        write_atomic(folder / CARD, tomli_w.dumps(self.model_dump(exclude_defaults=True)))


def read_card(folder: Path) -> ChooserCard:
    """The card of the chooser in a folder.

    Raises:
        ConfigError: there is none, or something in it is wrong.
    """
    file = folder / CARD
    try:
        if file.stat().st_size > LARGEST_CARD:
            raise ConfigError(f"has more than {LARGEST_CARD} bytes.", place=str(file), remedy=REMEDY)
        said = parse_toml(file.read_bytes())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"no card of a learned chooser: {error}.", place=str(file), remedy=REMEDY) from None
    return check(said, ChooserCard, str(file))
