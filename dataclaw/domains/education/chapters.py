"""Where a lesson turns to another subject: words shift, the speaker pauses, says so, or shows the next slide.

TextTiling (Hearst, 1997) over sentences: the depth of the dip in likeness between what is said before and after a
place, raised where a pause, a turning word ("Now,", "Let's") or a new slide falls together with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.education.ranking import Weights, similar
from dataclaw.domains.education.words import stems
from dataclaw.words import words_beside

BLOCK = 6
"""Units compared on either side of a place."""

TYPICAL, SHORTEST = 120.0, 30.0
"""Length of a chapter when none is asked for, and the least that one has [s]."""

MOST = 16
"""Most chapters."""

PAUSE, NEAR = 1.5, 4.0
"""A silence that marks a turn [s]; a slide that starts so near a sentence belongs to it [s]."""

_TURN = words_beside(__file__).patterns["turn"]


@dataclass(frozen=True, slots=True)
class SpeechUnit:
    """An undivided piece of speech: a sentence, or a few cues without sentence marks.

    Attributes:
        text: its words.
        t0: start [s].
        t1: end [s].
        fresh: whether it begins a cue, so that a chapter can start there.
    """

    text: str
    t0: float
    t1: float
    fresh: bool = True


def turns(units: Sequence[SpeechUnit], language: str, slides: Sequence[float], count: int = 0) -> list[int]:
    """Indices of the units that begin a chapter; the first is always among them.

    Args:
        units: the lesson in order.
        language: of what is said.
        slides: starts of the slides [s].
        count: how many chapters are wanted, 0 for as many as the length gives.
    """
    if not units:
        return []
    length = units[-1].t1 - units[0].t0
    wanted = min(count or max(1, round(length / TYPICAL)), MOST, len(units))
    least = min(SHORTEST, length / (2 * wanted))
    starts = [0]
    strengths = _strengths(units, language, slides)
    for at in sorted(strengths, key=lambda i: (-strengths[i], i)):
        if len(starts) == wanted:
            break
        ends = [*(units[s].t0 for s in starts), units[-1].t1]
        if all(abs(units[at].t0 - t) >= least for t in ends):
            starts.append(at)
    return sorted(starts)


def _strengths(units: Sequence[SpeechUnit], language: str, slides: Sequence[float]) -> dict[int, float]:
    """How much each place looks like a turn: depth of the dip, 0.15 for a pause, 0.2 for a word, 0.5 for a slide."""
    bags = [Counter(stems(unit.text, language)) for unit in units]
    spread = Counter(stem for bag in bags for stem in bag)
    idf = {stem: math.log(1 + len(units) / n) for stem, n in spread.items()}
    places = range(1, len(units))
    like = [similar(_block(bags[max(0, at - BLOCK) : at], idf), _block(bags[at : at + BLOCK], idf)) for at in places]
    found: dict[int, float] = {}
    for i, at in enumerate(places):
        if units[at].fresh:
            pause = units[at].t0 - units[at - 1].t1 >= PAUSE
            slide = any(abs(units[at].t0 - t) <= NEAR for t in slides)
            found[at] = _depth(like, i) + 0.15 * pause + 0.2 * bool(_TURN.match(units[at].text)) + 0.5 * slide
    return found


def _block(bags: Sequence[Counter[str]], idf: Weights) -> Weights:
    return {stem: n * idf[stem] for stem, n in sum(bags, Counter[str]()).items()}


def _depth(like: Sequence[float], at: int) -> float:
    """How far the likeness dips below the peaks to its left and right (Hearst's depth score)."""
    left = right = like[at]
    for value in reversed(like[:at]):
        if value < left:
            break
        left = value
    for value in like[at + 1 :]:
        if value < right:
            break
        right = value
    return (left - like[at]) + (right - like[at])
