"""Choosers that were learned: small networks, and a card that says at which tasks each measured better than the rules.

The files of the one that ships are `weights/chooser.npz` (float16 arrays by name) and `weights/chooser.toml` (the
card); domains carry others. A card holds the hash of its weights, so that one cannot be changed without the other.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from dataclaw.choosing.card import CARD, REMEDY, read_card
from dataclaw.choosing.encode import BUCKETS, FIGURES, RELATIONS, WINDOW, encode, is_idle
from dataclaw.choosing.network import Network
from dataclaw.choosing.point import BY_RULES, ChoicePoint, Chooser, Chosen
from dataclaw.errors import ConfigError
from dataclaw.types import Anchor

log = logging.getLogger(__name__)
WEIGHTS = Path(__file__).parent / "weights"
ARRAYS = "chooser.npz"
LARGEST = 6 * 2**20
"""Largest file of weights that is read [bytes]."""
MARGIN = 0.2
"""By how much the network's choice must be expected to be better than the rules' (F1): below it is moved by its worlds
more than by the stream, as real recordings showed that it had not seen (docs/choosing.md)."""
_SHAPES = {
    "odds.weight": (0, 2),
    "words.weight": (0, BUCKETS),
    "figures.weight": (1, FIGURES),
    "layers.0.between.weight": (1, RELATIONS),
}
"""Sizes along an axis by which a network of this encoding is known."""
UNPACKED = 32 * 2**20
"""Most that its arrays may take [bytes]."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Chooses by a network.

    Attributes:
        network: the network.
        tasks: the tasks at which it measured surely better than the rules, `<domain>.<task>`.
        points: the choice points that it learned.
        blind: what it does not look at (`encode`).
    """

    network: Network
    tasks: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()
    blind: tuple[str, ...] = ()

    def choose(self, point: ChoicePoint) -> Chosen:
        """The network's choice, whatever the task; the rules' where the network expects little more of its own."""
        return choice_of(point, self.odds(point), MARGIN)

    def odds(self, point: ChoicePoint) -> NDArray[np.float64]:
        """Log odds and earliness of each option `(N, 2)`; many options are read window by window."""
        found = [
            self.network.odds(encode(replace(point, options=point.options[start : start + WINDOW]), self.blind))
            for start in range(0, len(point.options), WINDOW)
        ]
        return np.concatenate(found).astype(np.float64)


def choice_of(point: ChoicePoint, odds: NDArray[np.float64], margin: float = 0.0) -> Chosen:
    """The best choice by log odds and earliness `(N, 2)`; the rules' where it promises less than `margin` more.

    Of some options those are taken that have the greatest expected F1, of one the likeliest, and in an order the
    earliest first.
    """
    names = [option.id for option in point.options]
    rules = np.isin(names, list(point.kept))
    if point.how == "one":
        sure = _softmax(odds[:, 0])
        chosen = np.arange(len(names)) == sure.argmax()
        gain = float(sure.max() - sure[rules].sum())
    else:
        sure = 1.0 / (1.0 + np.exp(-odds[:, 0]))
        chosen = expected_best(sure)
        gain = expected_f1(sure, chosen) - expected_f1(sure, rules)
    told = dict(zip(names, map(float, sure), strict=True))
    if gain < margin:
        return replace(BY_RULES.choose(point), sure=told)
    places = np.flatnonzero(chosen)
    if point.how == "order":
        places = places[np.argsort(-odds[places, 1], kind="stable")]
    return Chosen([names[at] for at in places], "learned", told)


def _softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    grown = np.exp(x - x.max())
    return grown / grown.sum()


def expected_f1(sure: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """The F1 that a choice is expected to have, 0..1: `2 sum(p of the chosen) / (chosen + sum(p))`.

    To choose nothing is right where nothing is wanted: `product(1 - p)`.
    """
    if not chosen.any():
        return float(np.prod(1.0 - sure))
    return float(2.0 * sure[chosen].sum() / (chosen.sum() + sure.sum()))


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


_DAMAGE = (
    OSError, ValueError, KeyError, EOFError, MemoryError, SyntaxError, TokenError, NotImplementedError, OverflowError,
)  # fmt: skip
"""What NumPy and zipfile raise for archives that are none."""


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
        raise ConfigError(f"the learned chooser cannot be read: {error}.", place=str(file), remedy=REMEDY) from None
    if hashlib.sha256(raw).hexdigest() != card.sha256:
        raise ConfigError("the weights are not those of their card.", place=str(file), remedy=REMEDY)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as members:
            if sum(member.file_size for member in members.infolist()) > UNPACKED:
                raise ConfigError("the weights unpack to more than a chooser has.", place=str(file), remedy=REMEDY)
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            weights = {name: np.asarray(arrays[name], np.float32) for name in arrays.files}
    except (*_DAMAGE, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigError(f"the weights are damaged: {error}.", place=str(file), remedy=REMEDY) from None
    if any(
        name not in weights or weights[name].shape[axis : axis + 1] != (size,) for name, (axis, size) in _SHAPES.items()
    ):
        raise ConfigError("the weights are those of another network.", place=str(file), remedy=REMEDY)
    layers = len({name.split(".")[1] for name in weights if name.startswith("layers.")})
    learned = Learned(Network(weights, layers), card.decided, frozenset(card.trained.points), tuple(card.trained.blind))
    _try(learned, file)
    return learned


def _try(learned: Learned, file: Path) -> None:
    """Let a chooser answer once, so that weights of another form are refused now and not in the middle of a run.

    Raises:
        ConfigError: it cannot answer with numbers.
    """
    try:
        odds = learned.odds(ChoicePoint("a.b", "task", "a word", [Anchor("e0", "event", "a word", 0.0, 1.0)], ["e0"]))
    except (KeyError, ValueError, IndexError) as error:
        raise ConfigError(
            f"the weights are those of another network: {error}.", place=str(file), remedy=REMEDY
        ) from None
    if not np.isfinite(odds).all():
        raise ConfigError("the weights give no numbers.", place=str(file), remedy=REMEDY)


def load_carried(folder: Path = WEIGHTS) -> Learned | None:
    """The chooser that a package carries, loaded once; None where it cannot be read, with a warning."""
    card = folder / CARD
    return _load_once(folder, card.stat().st_mtime_ns if card.is_file() else 0)


@cache
def _load_once(folder: Path, stamp: int) -> Learned | None:
    del stamp  # of the card: one that is shipped anew is loaded anew
    try:
        return load_learned(folder)
    except ConfigError as error:
        log.warning("rules choose what is kept: %s", error)
        return None


def find_chooser(name: str, own: Mapping[str, Path] | None = None) -> Chooser:
    """The chooser of a name: "rules", "learned" (the one that ships), or the folder of a trained one.

    A trained one decides at every task: whoever names it means it. One for each domain is named
    "gui=FOLDER,aigc=FOLDER"; elsewhere rules decide.

    Args:
        name: which one.
        own: folders of the choosers that domains carry themselves; "learned" means these at their points.

    Raises:
        ConfigError: a trained one cannot be read.
    """
    if name == "rules":
        return BY_RULES
    if name == "learned":
        return ByDomain({domain: Shipped(folder) for domain, folder in (own or {}).items()}, Shipped())
    named = _named_folders(name)
    choosers = {domain: load_learned(folder) for domain, folder in named.items()}
    return choosers[""] if "" in choosers else ByDomain(choosers)


def weights_of(name: str) -> dict[str, str]:
    """sha256 of the weights of trained choosers, by domain, "" for all; empty for "rules" and "learned".

    Raises:
        ConfigError: one has no card.
    """
    return {} if name in ("rules", "learned") else {d: read_card(f).sha256 for d, f in _named_folders(name).items()}


def _named_folders(name: str) -> dict[str, Path]:
    if "=" not in name:
        return {"": Path(name)}
    pairs = [part.partition("=") for part in name.split(",")]
    return {domain.strip(): Path(folder.strip()) for domain, _, folder in pairs}


@dataclass(frozen=True, slots=True)
class ByDomain:
    """A chooser for each domain.

    Attributes:
        choosers: them, by domain.
        other: who chooses for all others.
    """

    choosers: Mapping[str, Chooser]
    other: Chooser = BY_RULES

    def choose(self, point: ChoicePoint) -> Chosen:
        """What the chooser of the point's domain says."""
        return self.choosers.get(point.name.partition(".")[0], self.other).choose(point)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A chooser that a package carries, at the tasks where it measured better and at the points that it learned.

    Elsewhere, and for declared intents and those that ask for nothing in particular ("make training data"), rules
    choose.

    It is loaded when it is first needed. Where it cannot be read, rules choose, with a warning.

    Attributes:
        folder: where it lies.
    """

    folder: Path = WEIGHTS

    def choose(self, point: ChoicePoint) -> Chosen:
        """The network's choice, or the rules'."""
        plain = point.declared or is_idle(point.intent)
        learned = None if plain else load_carried(self.folder)
        task = f"{point.name.partition('.')[0]}.{point.task}"
        own = learned is not None and task in learned.tasks and point.name in learned.points
        return learned.choose(point) if learned and own else BY_RULES.choose(point)
