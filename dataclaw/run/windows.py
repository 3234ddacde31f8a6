"""Where a stream is cut when it is to give several samples: between parts of its content, into parts of like size."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from dataclaw.agent.session import Session
from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext
from dataclaw.tools.cache import call
from dataclaw.types import Event, Json, Span, Stream

FINER = 4
"""A cutting tool is asked for so many times the parts that are wanted, to have some to choose from."""
SPARE = 0.8
"""Share of the events, or seconds, that a window may have at most that it is to have."""
CUTTERS: Mapping[str, Callable[[int], Mapping[str, Json]]] = {
    "segment_actions": lambda parts: {"max_segments": parts},
    "segment_motion": lambda _: {},
    "find_slides": lambda _: {},
    "find_cuts": lambda _: {},
}
"""Tools whose results begin and end where content does, with what they are asked; a task's first one is used."""


def windows(session: Session, count: int) -> list[Span]:
    """At most `count` windows `(t0, t1)` [s] of a stream, in order, that do not overlap; a sample is made from each.

    One takes the whole stream. More are cut where the content is: at the ends of what the task's cutting tool finds
    (actions, motion, slides, shots), else at the longest pauses between events, else evenly. Of those places the ones
    are taken that give parts of like size: by events where there are some, else by time.

    Args:
        session: the stream and the task.
        count: most windows.
    """
    stream = session.stream
    if count <= 1 or stream.parts:
        return [(0.0, stream.duration)]
    places = sorted({t for t in _places(session, count) if 0.0 < t < stream.duration})
    cuts = choose_cuts(
        places, [_size_until(stream, t) for t in places], _size_until(stream, stream.duration), count - 1
    )
    edges = [0.0, *cuts, stream.duration]
    return list(pairwise(edges))


def parts_of(session: Session, count: int) -> list[Span]:
    """The windows `(t0, t1)` [s] of a stream of which `count` are wanted; more where it is too long, each short enough.

    A stream with too many events is cut into parts of like many, each time at the longest pause around. What is longer
    than a clip may be is cut evenly: looking through all of a film for better places would take longer than a sample.
    """
    cut = _parts_by_events(session, count) if session.is_too_long else windows(session, count)
    return [part for window in cut for part in _cut_evenly(window, session.longest)]


def _parts_by_events(session: Session, count: int) -> list[Span]:
    most, events = SPARE * session.task.manifest.most_events, session.stream.events
    parts = max(count, math.ceil(len(events) / most))
    around = int((1 - SPARE) / 2 * len(events) / parts)
    firsts = [_longest_pause(events, len(events) * part // parts, around) for part in range(1, parts)]
    cuts = {(events[at - 1].t1 + events[at].t0) / 2 for at in firsts}
    return list(pairwise([0.0, *sorted(cuts - {0.0}), session.stream.duration]))


def _cut_evenly(window: Span, longest: float) -> list[Span]:
    """A window in equal parts, shorter than so many seconds; whole where it is so already."""
    t0, t1 = window
    parts = 1 if t1 - t0 <= longest else math.ceil((t1 - t0) / (SPARE * longest))
    return list(pairwise([*(t0 + (t1 - t0) * part / parts for part in range(parts)), t1]))


def _longest_pause(events: Sequence[Event], at: int, around: int) -> int:
    """The event, at most so many before or after one, before which the longest pause lies; the nearest of equals."""
    near = range(max(1, at - around), min(len(events), at + around + 1))
    return max(near, key=lambda k: (events[k].t0 - events[k - 1].t1, -abs(k - at)))


def tell_part(rows: Sequence[dict[str, Json]], number: int, parts: int) -> list[dict[str, Json]]:
    """Records of a window with its number, from 1, among the parts of a stream that was cut for its length."""
    said = f"It is too long for one sample: this is part {number} of {parts}; --samples {parts} makes one of each."
    return [
        {**row, "stream": {**row["stream"], "part": [number, parts], "problems": [*row["stream"]["problems"], said]}}
        for row in rows
    ]


def choose_cuts(places: Sequence[float], sizes: Sequence[float], whole: float, count: int) -> list[float]:
    """At most `count` of the places, in order, whose parts differ least in size (least sum of squares).

    Args:
        places: where may be cut, rising.
        sizes: how much lies before each place.
        whole: how much there is.
        count: most cuts.
    """
    count = min(count, len(places))
    best: list[dict[int, tuple[float, list[int]]]] = [{-1: (0.0, [])}]
    for _ in range(count):
        row: dict[int, tuple[float, list[int]]] = {}
        for last, (cost, chosen) in best[-1].items():
            before = sizes[last] if last >= 0 else 0.0
            for at in range(last + 1, len(places)):
                total = cost + (sizes[at] - before) ** 2
                if at not in row or total < row[at][0]:
                    row[at] = (total, [*chosen, at])
        best.append(row)
    rest = {last: whole - (sizes[last] if last >= 0 else 0.0) for last in best[-1]}
    ends = [(cost + rest[last] ** 2, chosen) for last, (cost, chosen) in best[-1].items()]
    return [places[at] for at in min(ends)[1]]


def _places(session: Session, count: int) -> list[float]:
    """Times [s] at which the content of a stream may be cut."""
    stream = session.stream
    whole = (0.0, stream.duration)
    for name, ask in CUTTERS.items():
        tool = session.task.tools.get(name)
        if tool is None or (tool.kinds and stream.kind not in tool.kinds):
            continue
        try:
            found = call(tool, ToolContext(stream, whole), ask(FINER * count), session.cache)
        except ToolError:  # it has nothing to go by here: another one, or the pauses, may have
            continue
        if len(found.anchors) > count:
            return [anchor.t0 for anchor in found.anchors]
    pauses = sorted(pairwise(stream.events), key=lambda pair: pair[0].t1 - pair[1].t0)
    if len(pauses) >= count:
        return [after.t0 for _, after in pauses[: FINER * count]]
    return [stream.duration * part / count for part in range(1, count)]


def _size_until(stream: Stream, t: float) -> float:
    """How much of a stream lies before a time [s]: its events, or its seconds."""
    return float(bisect_left([event.t0 for event in stream.events], t)) if stream.events else t
