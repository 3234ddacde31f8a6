"""The chooser that was learned: a small network, and a card that says at which tasks it measured better than the rules.

Its files are `weights/chooser.npz` (float16 arrays by name) and `weights/chooser.toml` (the card). The card holds the
hash of the weights, so that one cannot be changed without the other.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.choosing.encode import WINDOW, encode
from dataclaw.choosing.network import Network
from dataclaw.choosing.point import BY_RULES, Choice, ChoicePoint, Chooser
from dataclaw.errors import ConfigError
from dataclaw.types import Json

WEIGHTS = Path(__file__).parent / "weights"
ARRAYS, CARD = "chooser.npz", "chooser.toml"
LARGEST = 6 * 2**20
"""Largest file of weights that is read [bytes]."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Chooses by a network, at the tasks where it measured better; elsewhere, and for declared intents, rules choose.

    Attributes:
        network: the network.
        tasks: the tasks that it decides, `<domain>.<task>`.
    """

    network: Network
    tasks: frozenset[str]

    def choose(self, point: ChoicePoint) -> Choice:
        """The options whose choice is worth most: `expected_best` of their probabilities."""
        domain = point.name.partition(".")[0]
        if point.declared or f"{domain}.{point.task}" not in self.tasks:
            return BY_RULES.choose(point)
        return self.decide(point)

    def decide(self, point: ChoicePoint) -> Choice:
        """The network's choice, whatever the task."""
        sure = self.probabilities(point)
        chosen = expected_best(sure)
        names = [option.id for option in point.options]
        kept = [name for name, taken in zip(names, chosen, strict=True) if taken]
        return Choice(kept, "learned", dict(zip(names, map(float, sure), strict=True)))

    def probabilities(self, point: ChoicePoint) -> NDArray[np.float64]:
        """How probable it is that each option is wanted, 0..1; many options are read window by window."""
        found: list[NDArray[np.float64]] = []
        for start in range(0, len(point.options), WINDOW):
            options = point.options[start : start + WINDOW]
            part = ChoicePoint(point.name, point.task, point.intent, options, point.kept)
            found.append(1.0 / (1.0 + np.exp(-self.network.odds(encode(part)).astype(np.float64))))
        return np.concatenate(found)


def expected_best(sure: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The options with the greatest expected F1: the k surest, for the greatest `2 sum(k's p) / (k + sum(p))`.

    Source: the plug-in rule for F1 of independent labels (Lewis 1995, "Evaluating and optimizing autonomous text
    classification systems"), with the expectation of the ratio taken as the ratio of the expectations.
    """
    order = np.argsort(-sure, kind="stable")
    worth = 2.0 * np.cumsum(sure[order]) / (np.arange(1, len(sure) + 1) + sure.sum())
    chosen = np.zeros(len(sure), bool)
    chosen[order[: int(worth.argmax()) + 1]] = True
    return chosen


def load_learned(folder: Path = WEIGHTS) -> Learned:
    """The chooser in a folder.

    Raises:
        ConfigError: its files are missing, damaged, or not those of each other.
    """
    card = read_card(folder)
    file = folder / ARRAYS
    try:
        raw = file.read_bytes() if file.stat().st_size <= LARGEST else b""
    except OSError as error:
        raise ConfigError(f"the learned chooser cannot be read: {error}.", place=str(file), remedy=_REMEDY) from None
    if hashlib.sha256(raw).hexdigest() != card.get("sha256"):
        raise ConfigError("the weights are not those of their card.", place=str(file), remedy=_REMEDY)
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            weights = {name: arrays[name].astype(np.float32) for name in arrays.files}
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"the weights are damaged: {error}.", place=str(file), remedy=_REMEDY) from None
    layers = len({name.split(".")[1] for name in weights if name.startswith("layers.")})
    return Learned(Network(weights, layers), decided_tasks(card))


_REMEDY = "Install the package anew, train one (dataclaw train choose), or run with --choose rules."


def read_card(folder: Path = WEIGHTS) -> Mapping[str, Json]:
    """The card of the chooser in a folder.

    Raises:
        ConfigError: there is none, or it is no TOML.
    """
    file = folder / CARD
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"no card of a learned chooser: {error}.", place=str(file), remedy=_REMEDY) from None


def decided_tasks(card: Mapping[str, Json]) -> frozenset[str]:
    """The tasks of a card at which the learned chooser is surely better: the interval of the difference is above 0."""
    tasks = cast("Mapping[str, Mapping[str, float]]", card.get("tasks") or {})
    return frozenset(name for name, measured in tasks.items() if measured.get("low", 0.0) > 0.0)


@cache
def shipped() -> Learned:
    """The chooser that ships, loaded once.

    Raises:
        ConfigError: it cannot be read.
    """
    return load_learned()


def find_chooser(name: str) -> Chooser:
    """The chooser of a name: "rules", "learned" (the one that ships), or the folder of a trained one.

    A trained one decides at every task: whoever names it means it.

    Raises:
        ConfigError: it cannot be read.
    """
    if name == "rules":
        return BY_RULES
    return shipped() if name == "learned" else Everywhere(load_learned(Path(name)))


@dataclass(frozen=True, slots=True)
class Everywhere:
    """A learned chooser that decides at every task and for every intent."""

    learned: Learned

    def choose(self, point: ChoicePoint) -> Choice:
        """The network's choice."""
        return self.learned.decide(point)
