"""What an intent asks of a trajectory: a family of faults, phases, a span of time, a number, a language.

Plain word patterns; what an intent does not say is left open. The same reading serves the plans and the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw.types import Span
from dataclaw.words import share_of, words_beside

FAMILIES = ("approach_stall", "hesitation_loop", "unstable_grasp", "early_stagnation")
"""Families of faults (paper, robot data, fault branch)."""

_DATA = words_beside(__file__)
_PATTERNS = _DATA.patterns
_NUMBERS: Mapping[str, int] = _DATA.tables["numbers"]
_FAMILY, _PHASES, _SPANS = (_DATA.patterns_of(table) for table in ("families", "phases", "spans"))


@dataclass(frozen=True, slots=True)
class TrajectoryIntent:
    """What an intent asks for.

    Attributes:
        family: family of faults, "" when it names none.
        only: phases to keep, empty when all are wanted.
        without: phases to leave out.
        span: from when to when [s].
        at: a moment [s], or None.
        given: up to when the recording counts as seen [s], when what follows is asked for; or None.
        count: most steps or segments, 0 when it does not say.
        chinese: whether to ask and answer in Chinese.
    """

    family: str
    only: frozenset[str]
    without: frozenset[str]
    span: Span
    at: float | None
    given: float | None
    count: int
    chinese: bool

    def refuses(self, phase: str, t0: float, t1: float) -> str:
        """Why a segment is not wanted: "outside_time", "not_asked", or ""."""
        low, high = max(t0, self.span[0]), min(t1, self.span[1])
        # a span asked for may be a small part of one long segment: then that segment is what is asked for
        if high - low < 0.5 * min(t1 - t0, self.span[1] - self.span[0]) - 1e-9:
            return "outside_time"
        return "not_asked" if phase in self.without or (self.only and phase not in self.only) else ""


def parse_intent(intent: str, window: Span) -> TrajectoryIntent:
    """Read an intent.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    refused = _PATTERNS["not"].search(text)
    kept, dropped = (text[: refused.start()], text[refused.start() :]) if refused else (text, "")
    only = _PATTERNS["only"].search(kept)
    moment, given = _PATTERNS["at"].search(text), _PATTERNS["given"].search(text)
    span = _span(text, window)
    return TrajectoryIntent(
        family=next((name for name, pattern in _FAMILY.items() if pattern.search(text)), ""),
        only=_phases(kept[only.start() :]) if only else frozenset(),
        without=_phases(dropped),
        span=window if given else span,
        at=None if moment is None else window[0] + float(moment[1] or moment[2]),
        count=_count(text),
        given=span[1] if given else None,
        chinese=bool(re.search(r"[\u4e00-\u9fff]", text)),
    )


def _phases(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _PHASES.items() if pattern.search(text))


def _span(text: str, window: Span) -> Span:
    low, high = window
    for name, pattern in _SPANS.items():
        match, kind = pattern.search(text), name.removesuffix("_zh")
        if match is None:
            continue
        first = float(match[1])
        if kind == "between":
            return _inside((low + first, low + float(match[2])), window)
        spans = {"first": (low, low + first), "last": (high - first, high), "after": (low + first, high)}
        return _inside(spans.get(kind, (low, low + first)), window)
    return _inside(share_of(text, window) or window, window)


def _inside(span: Span, window: Span) -> Span:
    """What of a span lies in the window; the whole window when nothing does."""
    low, high = max(min(span), window[0]), min(max(span), window[1])
    return (low, high) if low < high else window


def _count(text: str) -> int:
    match = _PATTERNS["count"].search(text)
    number = (match[1] or match[2]) if match else "0"
    return _NUMBERS.get(number) or int(number)
