"""How requests of both worlds come about: patterns drawn by what they mean, filled from a scene, tasks in turn."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dataclaw.types import Json
from dataclaw.worlds.base import Request
from dataclaw_worlds.daily.forms import clock

TYPOS = 0.12
"""Share of the English requests that have a typing error."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FRAMES = re.compile(r"frame|picture|图片")
"""What an intent that is about pictures says."""

Meant: TypeAlias = tuple[dict[str, Json], dict[str, str]]
"""What a request means, and the words for the slots of its pattern."""


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """Words with slots.

    Attributes:
        text: the words.
        meaning: what they mean, as the world's TOML file names it.
        style: the style of requests that are made from it.
    """

    text: str
    meaning: str
    style: Literal["template", "paraphrase", "fuzzy"]


def take_turns(streams: Mapping[str, Iterator[Request]], count: int) -> list[Request]:
    """At most `count` requests, one of each task in turn as long as it has any."""
    left, found = dict(streams), list[Request]()
    while len(found) < count and left:
        for task in list(left):
            request = next(left[task], None)
            if request is None:
                del left[task]
            elif len(found) < count:
                found.append(request)
    return found


def fill_patterns(
    patterns: Sequence[RequestPattern],
    weights: Mapping[str, float],
    rng: random.Random,
    fill: Callable[[RequestPattern], Request | None],
) -> Iterator[Request]:
    """Requests made from the patterns, each used once, meanings in turn.

    Args:
        patterns: what the scene may use.
        weights: how readily each meaning is taken.
        rng: what they are drawn with.
        fill: makes the request of a pattern; None where nothing in the scene fits.
    """
    left = list(patterns)
    rng.shuffle(left)
    used: set[str] = set()
    while left:
        keys = {m: rng.random() ** (1 / weights[m]) for m in sorted({p.meaning for p in left})}
        first = min(keys, key=lambda m: (m in used, -keys[m]))
        pattern = next(p for p in left if p.meaning == first)
        left.remove(pattern)
        request = fill(pattern)
        if request is not None:
            used.add(pattern.meaning)
            if len(used) == len({p.meaning for p in left} | used):
                used.clear()
            yield request


def fill_times(
    text: str, end: float, rng: random.Random, length_for: Callable[[int], int]
) -> tuple[str, list[float] | None]:
    """The pattern with its times filled in, and the span that they mean [s]; None where it has none.

    Args:
        text: the pattern.
        end: end of the scene [s].
        rng: what the start is drawn with.
        length_for: draws the length of the span [s], given the length of the scene in whole steps of 5 s.
    """
    if "{time}" not in text and "{n} seconds" not in text:
        return text, None
    whole = int(end // 5) * 5
    length = length_for(whole)
    if "{n} seconds" in text:
        return text.replace("{n}", str(length)), [0.0, float(length)]
    start = rng.randrange(0, max(1, (whole - length) // 5 + 1)) * 5
    for value in (start, start + length):
        text = text.replace("{time}", clock(value), 1)
    return text, [float(start), float(start + length)]
