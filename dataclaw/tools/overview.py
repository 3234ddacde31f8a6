"""The first look at a stream: what it is, how long, what happens in it, which windows come to the front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dataclaw.streams.clips import clip_rate
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import plain, seconds
from dataclaw.types import Anchor, Event, Json, Series, Stream


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch of events with the same window in front.

    Attributes:
        name: title of the application or page.
        t0: start [s].
        t1: end [s].
        first: index of the first event.
        last: index of the last event.
        count: number of events.
    """

    name: str
    t0: float
    t1: float
    first: int
    last: int
    count: int


@tool("overview", version=5)
def overview(context: ToolContext) -> ToolResult:
    """Say what the stream is: kind, duration, frames, events by verb, windows, series of numbers, parts, problems."""
    stream = context.stream
    if stream.parts:
        return _of_parts(context)
    scope = look(context)
    visits = visits_of(scope.events)
    anchors = tuple(_window_anchor(visit) for visit in visits)
    note = _sentence(scope, visits) + _problems(stream)
    return ToolResult(note, anchors, data=_data(stream, scope.events, visits, scope.indices))


def visits_of(events: Sequence[Event]) -> list[Visit]:
    """Stretches of events with the same known window; events without one belong to the stretch before."""
    visits: list[Visit] = []
    for event in events:
        if visits and event.window in ("", visits[-1].name):
            v = visits[-1]
            visits[-1] = Visit(v.name, v.t0, max(v.t1, event.t1), v.first, event.index, v.count + 1)
        elif event.window:
            visits.append(Visit(event.window, event.t0, event.t1, event.index, event.index, 1))
    return visits


def _window_anchor(visit: Visit) -> Anchor:
    attrs: dict[str, Json] = {"name": visit.name, "events": [visit.first, visit.last], "count": visit.count}
    return Anchor("", "window", visit.name, visit.t0, visit.t1, source="overview", attrs=attrs)


def _sentence(scope: Scope, visits: Sequence[Visit]) -> str:
    stream = scope.stream
    unit = "s" if stream.clock == "seconds" else "steps (no clock)"
    said = [f"{plain(stream.kind)} stream, {plain(stream.format)}, {seconds(stream.duration)} {unit}"]
    if scope.window[0] > 0 or scope.window[1] < stream.duration:
        said.append(f"window {seconds(scope.window[0])} to {seconds(scope.window[1])}")
    if stream.frames is not None and scope.indices:
        width, height = stream.frames.size
        said.append(f"{len(scope.indices)} frames f{scope.indices[0]}-f{scope.indices[-1]} of {width}x{height} px")
    else:
        said.append("no pictures")
    if scope.events:
        said.append(f"{len(scope.events)} events e{scope.events[0].index}-e{scope.events[-1].index}")
        said.append(", ".join(f"{plain(k, 24)} {n}" for k, n in _by_kind(scope.events).items()))
    else:
        said.append("no events")
    if visits:
        said.append(f"{len({v.name for v in visits})} windows, {len(visits)} visits")
    said += [_numbers(series) for series in stream.series.values()]
    said += [f"{name} {plain(str(stream.meta[name]), 80)}" for name in _META_SHOWN if stream.meta.get(name)]
    return "; ".join(said) + "."


_META_SHOWN = ("title", "failed", "language", "goal", "robot", "camera", "cameras", "rate")
"""Keys of `Stream.meta` that the overview repeats."""


def _numbers(series: Series) -> str:
    """A series in a few words: `observation.state 600 x 8 (x m, y m, gripper)`."""
    names = [plain(f"{c} {u}".strip(), 32) for c, u in zip(series.columns[:12], series.units[:12], strict=False)]
    more = ", ..." if len(series.columns) > 12 else ""
    return f"{plain(series.name, 48)} {len(series.times)} x {len(series.columns)} ({', '.join(names)}{more})"


def _problems(stream: Stream) -> str:
    shown = "; ".join(plain(p) for p in stream.problems[:3])
    more = f"; and {len(stream.problems) - 3} more" if len(stream.problems) > 3 else ""
    return f" Problems: {shown}{more}." if shown else ""


def _by_kind(events: Sequence[Event]) -> dict[str, int]:
    return dict(sorted(Counter(e.kind for e in events).items(), key=lambda item: (-item[1], item[0])))


def _data(stream: Stream, events: Sequence[Event], visits: Sequence[Visit], indices: Sequence[int]) -> dict[str, Json]:
    return {
        "kind": stream.kind,
        "clock": stream.clock,
        "duration": stream.duration,
        "frames": len(indices),
        "size": None if stream.frames is None else list(stream.frames.size),
        "screen_size": stream.meta.get("screen_size"),
        "events": len(events),
        "by_kind": _by_kind(events),
        "windows": [
            {"name": v.name, "t0": v.t0, "t1": v.t1, "events": [v.first, v.last], "count": v.count} for v in visits
        ],
        "labels": list(stream.parts),
        "series": {
            name: {"columns": list(s.columns), "units": list(s.units), "rows": len(s.times)}
            for name, s in stream.series.items()
        },
        "roles": stream.meta.get("roles", {}),
        "task": str(stream.meta.get("task") or ""),
        "failed": str(stream.meta.get("failed") or ""),
        "rate": clip_rate(stream.frames) if stream.frames is not None and len(indices) > 1 else None,
    }


def _of_parts(context: ToolContext) -> ToolResult:
    stream = context.stream
    lines = [f"{plain(stream.kind)} stream of {len(stream.parts)} parts: {', '.join(stream.parts)}."]
    parts: dict[str, Json] = {}
    anchors: list[Anchor] = []
    events: list[Event] = []
    frames = 0
    for label in stream.parts:
        scope = look(context, label)
        visits = visits_of(scope.events)
        titles = ", ".join(plain(name, 48) for name in dict.fromkeys(v.name for v in visits))
        lines.append(f"{label}: {_sentence(scope, visits)} {titles}".rstrip())
        parts[label] = _data(scope.stream, scope.events, visits, scope.indices)
        anchors.extend(replace(_window_anchor(v), part=label) for v in visits)
        events.extend(scope.events)
        frames += len(scope.indices)
    data = _data(stream, events, [], range(frames)) | {"parts": parts}
    return ToolResult("\n".join(lines) + _problems(stream), tuple(anchors), data=data)
