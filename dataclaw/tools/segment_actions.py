"""Cuts the stream into stretches of work at places where something else begins.

A boundary between two neighbouring events adds up what speaks for it: another window, a navigation, a pause long beside
the usual one, a round of repeated operations starting over, most of the screen changing. When there are too many
segments the weakest boundaries go first. Nothing is learned and nothing is random.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Annotated

from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.detect_changes import ScreenChange, changes_of
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import plain
from dataclaw.types import Anchor, Event, Json

WINDOW, NAVIGATION, VISUAL, REPEAT, RUN = 3.0, 2.0, 1.5, 1.0, 0.5
"""What each sign adds to a boundary; a pause adds 1 to 2. A boundary needs 1."""

PAUSE, PAUSE_SECONDS = 3.0, 2.0
"""A pause is this many times the median gap, and at least so long [s]."""

PERIOD = 8
"""Longest round of repeated operations [events]."""

SAME_PLACE = 24.0
"""Nameless elements in one square of so many pixels are one."""

NAVIGATIONS = frozenset({"navigate", "goto", "open_app", "open", "navigate_back", "navigate_home", "window"})


@dataclass(frozen=True, slots=True)
class EventBoundary:
    """A place where a segment may end.

    Attributes:
        at: position of the event that begins the new segment.
        strength: sum of the signs.
        reason: the signs, strongest first, joined by `+`.
    """

    at: int
    strength: float
    reason: str


@tool("segment_actions", version=2)
def segment_actions(
    context: ToolContext,
    *,
    max_segments: Annotated[int, Field(ge=1, le=100, description="at most so many")] = 12,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Cut the events into continuous segments at pauses, window changes, repeated rounds and large visual changes."""
    scope = look(context, part)
    if not scope.events:
        raise ToolError("there are no events to segment.", remedy="Use detect_changes.")
    changes = changes_of(scope) if scope.stream.frames is not None and scope.indices else []
    chosen = strongest(boundaries(scope.events, changed_between(scope, changes)), max_segments - 1)
    starts = [0, *(b.at for b in chosen)]
    ends = [*(b.at for b in chosen), len(scope.events)]
    reasons = ["start", *(b.reason for b in chosen)]
    anchors = tuple(
        _anchor(scope, first, end, reason) for first, end, reason in zip(starts, ends, reasons, strict=True)
    )
    note = f"{len(anchors)} segments over {len(scope.events)} events."
    return ToolResult(note, anchors, data={"segments": [[a.attrs["first"], a.attrs["last"]] for a in anchors]})


def boundaries(events: Sequence[Event], visual: Mapping[int, float] | None = None) -> list[EventBoundary]:
    """Every possible boundary with at least one full sign, in order.

    Args:
        events: events in order of time.
        visual: by position of an event, the largest changed share of the screen since the event before, 0..1.
    """
    gaps = [max(0.0, b.t0 - a.t1) for a, b in pairwise(events)]
    usual = median(gaps) if gaps else 0.0
    rounds, runs = _rounds(events), _runs(events)
    found: list[EventBoundary] = []
    for at in range(1, len(events)):
        signs = _moves(events[at - 1], events[at])
        if (pause := _pause(gaps[at - 1], usual)) > 0:
            signs["pause"] = pause
        if visual and visual.get(at, 0.0) > 0.5:
            signs["visual"] = VISUAL
        if at in rounds:
            signs["repeat"] = REPEAT
        if at in runs:
            signs["run"] = RUN
        strength = sum(signs.values())
        if strength >= 1.0:
            names = sorted(signs, key=lambda name: (-signs[name], name))
            found.append(EventBoundary(at, round(strength, 6), "+".join(names)))
    return found


def strongest(found: Sequence[EventBoundary], limit: int) -> list[EventBoundary]:
    """The `limit` strongest boundaries in order; of equal ones the earlier stay."""
    return sorted(sorted(found, key=lambda b: (-b.strength, b.at))[: max(0, limit)], key=lambda b: b.at)


def changed_between(scope: Scope, changes: Sequence[ScreenChange]) -> dict[int, float]:
    """By position of an event, the largest change of the screen since the event before it."""
    visual: dict[int, float] = {}
    for change in changes:
        time = scope.time(change.after)
        at = next((k for k, e in enumerate(scope.events) if e.t0 >= time), None)
        if at is not None:
            visual[at] = max(visual.get(at, 0.0), change.ratio)
    return visual


def _moves(before: Event, event: Event) -> dict[str, float]:
    signs: dict[str, float] = {}
    if before.window and event.window and before.window != event.window:
        signs["window"] = WINDOW
    if event.kind in NAVIGATIONS:
        signs["navigation"] = NAVIGATION
    return signs


def _pause(gap: float, usual: float) -> float:
    if gap < PAUSE_SECONDS or gap <= PAUSE * usual:
        return 0.0
    return 1.0 + min(1.0, math.log2(gap / max(usual, 0.1)) / 8)


def _sign(event: Event) -> tuple[str, str, str, tuple[str, ...]]:
    """What makes two operations the same; of an element without a name its place does."""
    place = "" if event.point is None else f"{event.point[0] // SAME_PLACE:.0f} {event.point[1] // SAME_PLACE:.0f}"
    return (event.kind, event.role, event.target or place, event.keys)


def _rounds(events: Sequence[Event]) -> set[int]:
    """Positions where a round of two or more different operations starts over.

    A round goes to some place on the screen: writing line after line is one stretch of typing.
    """
    signs = [_sign(e) for e in events]
    found: set[int] = set()
    for period in range(2, PERIOD + 1):
        for at in range(period, len(signs) - period + 1):
            ahead, behind = signs[at : at + period], signs[at - period : at]
            placed = any(e.point is not None or e.target for e in events[at : at + period])
            if placed and ahead == behind and len(set(ahead)) > 1 and not _inside_round(found, at, period):
                found.update((at, at - period) if at > period else (at,))
    return found


def _inside_round(found: set[int], at: int, period: int) -> bool:
    return any(0 < abs(at - other) < period for other in found)


def _runs(events: Sequence[Event]) -> set[int]:
    """Positions where three or more equal verbs in a row begin or end."""
    found: set[int] = set()
    start = 0
    for at in range(1, len(events) + 1):
        if at == len(events) or events[at].kind != events[start].kind:
            if at - start >= 3:
                found.update((start, at))
            start = at
    return found - {0, len(events)}


def _anchor(scope: Scope, first: int, end: int, reason: str) -> Anchor:
    events: Sequence[Event] = list(scope.events[first:end])
    last = end == len(scope.events)
    t1 = max(e.t1 for e in scope.events) if last else scope.events[end].t0
    named = Counter(e.window for e in events if e.window)
    window = min(named, key=lambda w: (-named[w], w)) if named else ""
    verbs = list(dict.fromkeys(e.kind for e in events))
    where = f" in {plain(window, 60)}" if window else ""
    count = f"{len(events)} event{'s' if len(events) > 1 else ''}"
    ids = list(dict.fromkeys(scope.event_id(e.index) for e in (events[0], events[-1])))
    said = f"{'-'.join(ids)}: {count}{where}: {', '.join(verbs[:5])}"
    attrs: dict[str, Json] = {"first": events[0].index, "last": events[-1].index, "window": window, "reason": reason}
    span, frame = (events[0].t0, max(events[0].t0, t1)), events[0].frame
    shown = frame if frame in scope.indices else None
    return scope.anchor("segment", said, span, "segment_actions", frame=shown, attrs=attrs)
