"""A choice point as numbers: words by their hashes, which words of the intent an option has, when and where it lies.

Nothing is learned here and nothing is looked up, so that any task, language and vocabulary can be encoded.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from dataclaw.choosing.point import ChoicePoint
from dataclaw.planning import OPTION as MADE
from dataclaw.rewards.texts import stem, tokens
from dataclaw.schema import fields_of
from dataclaw.types import Anchor
from dataclaw.words import SHARE, seconds_of, words_beside

BUCKETS = 8192
"""Hashes of words and of their parts share so many rows; row 0 is none."""
PARTS = 3
"""Hashes of a word: itself, its beginning, its end."""
INTENT, OPTION = 40, 48
"""Most words of an intent and of an option that are read."""
WINDOW = 256
"""Most options that are looked at together; more are taken window by window."""
FIGURES = 53
"""Numbers that an option is described by beside its words."""
RULES = [0, 1, 25]
"""Those of them that say what the rules keep."""
MATCHES = 2
"""Ways in which a word of the intent can be in an option: it is there; it is there and in few others."""
RELATIONS = 5
"""What is between two options: rare words that both have, one comes before the other, how near they are, whether they
are of one kind, whether they lie in one place (a track, a window)."""
SAID = 0.8
"""An option is among those that the intent names best from this share of the best one's words on."""
NEAR = 3.0
"""Options so many places apart are near by 1/e."""
_FILE = words_beside(__file__)
_IDLE: frozenset[str] = _FILE.sets["idle"]
_NUMBERS: dict[str, int] = dict(_FILE.tables["numbers"])
_WORDS = "|".join(rf"\b{word}\b" if word.isascii() else word for word in _NUMBERS)
_UNIT = r"(?:s|sec|seconds?|secs|min|minutes?|秒钟?|分钟?)(?![a-z])"
_TIME = re.compile(rf"\d+(?::\d+)+|(?P<n>\d+(?:\.\d+)?|{_WORDS})\s*(?P<unit>{_UNIT})", re.IGNORECASE)
_COUNT = re.compile(rf"(?<![\d.:])\d{{1,2}}(?![\d.:])|{_WORDS}")
_PIECE = re.compile(r"\d+(?:[.:]\d+)*|[^\d]+")
_SHOWN = ("verb", "text", "target", "role", "window", "phase", "gripper", "direction", "label")
"""Attributes of an anchor that are words about it."""


@dataclass(frozen=True, slots=True)
class EncodedPoint:
    """A choice point as arrays; N options, L words of the intent, K words of the longest option.

    Attributes:
        intent: `(L, PARTS)` int64, hashes of the task's and the intent's words.
        options: `(N, K, PARTS)` int64, hashes of the options' words, 0 where there is none.
        matches: `(N, L, MATCHES)` float32, whether an option has a word of the intent.
        figures: `(N, FIGURES)` float32, place, time, length, rareness, the rules' choice.
        relations: `(N, N, RELATIONS)` float32, what is between an option and another.
    """

    intent: NDArray[np.int64]
    options: NDArray[np.int64]
    matches: NDArray[np.float32]
    figures: NDArray[np.float32]
    relations: NDArray[np.float32]


def encode(point: ChoicePoint, blind: Collection[str] = ()) -> EncodedPoint:
    """The arrays of a choice point with one option at least.

    Args:
        point: the point.
        blind: what is not looked at: "rules" (what they keep), "figures" (all numbers), "words" (what words mean;
            that an option has one of the intent's is still seen).
    """
    asked = [f"<{point.name}>", f"<{point.task}>", *_read(point.intent)][:INTENT]
    words = [_words(option)[:OPTION] for option in point.options]
    intent = np.array([_hashes(word) for word in asked], np.int64)
    longest = max(1, *map(len, words)) if words else 1
    options = np.zeros((len(words), longest, PARTS), np.int64)
    for row, own in enumerate(words):
        for column, word in enumerate(own):
            options[row, column] = _hashes(word)
    matches = _matches(asked, words)
    figures = _figures(point, matches)
    if "rules" in blind:
        figures[:, RULES] = 0.0
    if "figures" in blind:
        figures[:] = 0.0
    if "words" in blind:
        intent[2:], options = 1, np.minimum(options, 1)  # the point's and the task's names stay
    return EncodedPoint(intent, options, _matches(asked, words), figures, _relations(point, words))


def _words(option: Anchor) -> list[str]:
    """The words of an option, each once: its kind, its attributes, what is there."""
    keys = [key for key in option.attrs if key != "cites"] if option.kind == MADE else _SHOWN
    shown = [str(option.attrs.get(key) or "") for key in keys]
    return list(dict.fromkeys([f"<{option.kind}>", *_read(" ".join([*shown, option.content]))]))


def _read(text: str) -> list[str]:
    """The words of a text and its numbers, in their order."""
    return [word for piece in _PIECE.findall(text) for word in ([piece] if piece[0].isdigit() else tokens(piece))]


@lru_cache(maxsize=65536)
def _hashes(word: str) -> tuple[int, int, int]:
    bare = stem(word)
    return _bucket(bare), _bucket(f"^{bare[:4]}"), _bucket(f"{bare[-3:]}$")


def _bucket(text: str) -> int:
    return 1 + crc32(text.encode()) % (BUCKETS - 1)


def _matches(asked: Sequence[str], words: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    found = np.zeros((len(words), len(asked), MATCHES), np.float32)
    wanted = [stem(word) for word in asked]
    for row, own in enumerate(words):
        there = {stem(word) for word in own}
        found[row, :, 0] = [word in there for word in wanted]
    share = found[:, :, 0].mean(axis=0, keepdims=True)
    found[:, :, 1] = found[:, :, 0] * (1.0 - share)
    return found


def _relations(point: ChoicePoint, words: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """What is between options; where an order is asked for, they are neither before nor near each other yet."""
    count, column = len(words), dict[str, int]()
    own = [{column.setdefault(stem(word), len(column)) for word in some} for some in words]
    there = np.zeros((count, max(1, len(column))), np.float32)
    for row, some in enumerate(own):
        there[row, list(some)] = 1.0
    there *= np.sqrt(np.log(count / np.maximum(there.sum(0), 1.0)))  # what all have says nothing
    sizes = np.sqrt((there**2).sum(1)) + 1e-6
    alike = (there @ there.T) / sizes[:, None] / sizes[None, :]
    apart = np.arange(count)[:, None] - np.arange(count)[None, :]
    near, ordered = np.exp(-np.abs(apart) / NEAR), point.how != "order"
    kinds, places = (np.array([told(option) for option in point.options]) for told in (_kind, _place))
    among = [of[:, None] == of[None, :] for of in (kinds, places)]
    return np.stack([alike, ordered * (apart > 0), ordered * near, *among], axis=-1).astype(np.float32)


def _figures(point: ChoicePoint, matches: NDArray[np.float32]) -> NDArray[np.float32]:
    options, count, kept = point.options, len(point.options), frozenset(point.kept)
    start, end = min(o.t0 for o in options), max(o.t1 for o in options)
    length = max(end - start, 1e-6)
    same = Counter(_same(option) for option in options)
    kinds = Counter(_kind(option) for option in options)
    longest = max(max(o.t1 - o.t0 for o in options), 1e-6)
    named = [_seconds(match) for match in _TIME.finditer(point.intent.casefold())][:2]
    seen: Counter[str] = Counter()
    rows: list[list[float]] = []
    for at, option in enumerate(options):
        before, after = options[max(0, at - 1)], options[min(count - 1, at + 1)]
        apart = [max(-2.0, min(2.0, ((option.t0 + option.t1) / 2 - time) / length)) for time in named]
        apart += [0.0] * (2 - len(apart))
        rows.append([
            float(option.id in kept), len(kept) / count, math.log1p(count) / 6,
            at / count, (count - 1 - at) / count, *(1.0 / (1 + at), 1.0 / (count - at)),
            (option.t0 - start) / length, (option.t1 - start) / length, (option.t1 - option.t0) / longest,
            math.log1p(max(0.0, option.t1 - option.t0)) / 5, option.confidence,
            1.0 / same[_same(option)], 1.0 / (1 + seen[_same(option)]), kinds[_kind(option)] / count,
            1.0 / (1 + seen[_kind(option)]),
            float(_kind(before) == _kind(option)), float(_kind(after) == _kind(option)),
            float(_place(before) == _place(option)), float(_place(after) == _place(option)),
            float(option.box is not None), float(option.point is not None),
            *apart, *(float(bool(named)),), float(option.id in kept and at > 0 and before.id not in kept),
            _flag(option, "relevant"), _flag(option, "in_force") - float(_flag(option, "enabled") < 0),
            (option.t1 - option.t0 - named[0]) / max(named[0], 1e-3) if named else 0.0,
        ])  # fmt: skip
        seen[_same(option)] += 1
        seen[_kind(option)] += 1
    numbers = np.concatenate([np.array(rows, np.float64), _ranks(point, matches)], axis=1)
    return np.nan_to_num(numbers).clip(-9.0, 9.0).astype(np.float32)  # anchors may lie about their times


def _ranks(point: ChoicePoint, matches: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks of an option among all, among its kind, and among those that the intent names best.

    From the first, from the last, by length and by shortness. `(N, 24)`: one over each rank, and each rank over the
    first number that the intent names; 0 without one.
    """
    options = point.options
    kinds = [f"{_kind(option)} {fields_of(option.attrs.get('details')).get('track_kind') or ''}" for option in options]
    said = matches[:, :, 1].sum(1)
    groups = [(0, np.ones(len(options), bool)), (2, (said > 0) & (said >= SAID * said.max()))]
    groups += [(1, np.array([kind == one for kind in kinds])) for one in dict.fromkeys(kinds)]
    place = np.arange(len(options), dtype=np.float64)
    lengths = np.nan_to_num(np.array([option.t1 - option.t0 for option in options]))
    ranks = np.zeros((len(options), 3, 4))
    for side, among in groups:
        orders = [place[among], -place[among], -lengths[among], lengths[among]]
        ranks[among, side] = np.stack([np.argsort(np.argsort(o, kind="stable")) for o in orders], axis=1) + 1.0
    ranks = ranks.reshape(len(options), 12)
    number = _number(point.intent)
    over = (ranks / number).clip(0.0, 2.0) if number else np.zeros_like(ranks)
    return np.concatenate([(ranks > 0) / np.maximum(ranks, 1.0), over], axis=1)


def _seconds(match: re.Match[str]) -> float:
    """The seconds of a time in an intent, whose number may be a word."""
    number = _NUMBERS.get(match["n"] or "")
    return seconds_of(f"{number} {match['unit']}" if number else match[0])


def _number(intent: str) -> int:
    """The first number of an intent that counts or ranks something, 0 where there is none."""
    found = _COUNT.search(_TIME.sub(" ", intent.casefold()))
    return 0 if not found else _NUMBERS.get(found[0]) or int(found[0])


def _same(option: Anchor) -> str:
    return f"{_kind(option)} {option.attrs.get('target') or ''} {option.attrs.get('text') or option.content}"


def _kind(option: Anchor) -> str:
    return str(option.attrs.get("verb") or option.attrs.get("phase") or option.kind)


def _place(option: Anchor) -> str:
    details = fields_of(option.attrs.get("details"))
    return str(option.attrs.get("window") or details.get("track") or details.get("parent") or option.part)


def _flag(option: Anchor, name: str) -> float:
    """A yes or no that the source says of an option: 1, -1, or 0 where it says nothing."""
    value = fields_of(option.attrs.get("details")).get(name)
    return 0.0 if value is None else 1.0 if value in (True, "essential", "relevant") else -1.0


def is_idle(intent: str) -> bool:
    """Whether an intent wishes for data and says no more about which than a span of time, which rules know."""
    return set(re.findall(r"\w+", _TIME.sub(" ", SHARE.sub(" ", intent.lower())))) <= _IDLE
