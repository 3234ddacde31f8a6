"""A GUI trace as a stream, by root: one time line for events and pictures, and all coordinates in pixels of the frames.

What the trace formats look like is the parsers' business; which frames of a video are taken is `grid`'s.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from dataclaw.errors import StreamError
from dataclaw.streams.coordinates import Canvas, map_events
from dataclaw.streams.frames import Still, StillFrames
from dataclaw.streams.grid import Sampling, thin
from dataclaw.streams.video import open_recording, read_headers
from dataclaw.types import Event, Frames, Json, Span, Stream
from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.files import inside
from pyautogui_trace_parsers.formats import ManyFormat, load
from pyautogui_trace_parsers.model import Trace

_LATE = 1.0
"""Seconds that an event may lie behind the last frame and still be shown by it."""
_TICK = 1e-3


def count_traces(path: Path, form: str) -> int:
    """Number of traces in a file of that format; a file that breaks counts one more, which says so when opened."""
    trace = load(form)
    if not isinstance(trace, ManyFormat):
        return 1
    count = 0
    try:
        for _ in trace.parse_many(path):
            count += 1
    except TraceError:
        return count + 1
    return count


class _Cursor:
    """A place in a file of many traces, so that opening them one after the other reads the file once."""

    def __init__(self, path: Path, trace: ManyFormat) -> None:
        status = path.stat()
        self.key = (path.resolve(), status.st_mtime_ns, status.st_size)
        self.next = 0
        self.traces = iter(trace.parse_many(path))

    def get(self, index: int) -> Trace | None:
        """The trace, or None when there are fewer."""
        for trace in self.traces:
            self.next += 1
            if self.next > index:
                return trace
        return None


_cursors: dict[str, _Cursor] = {}


def read_trace(path: Path, index: int | None, form: str) -> Trace:
    """A trace of a file.

    Args:
        path: the file or folder.
        index: number of the trace, from 0; None for the only one.
        form: name of its format.

    Raises:
        TraceError: it is broken, or holds several traces and `index` does not say which.
        StreamError: there is no trace of that number.
    """
    trace = load(form)
    if index is None:
        return trace.parse(path)
    place = f"{path}#{index}"
    if not isinstance(trace, ManyFormat):
        raise StreamError(
            f"a {trace.NAME} trace is alone in its file.", place=place, remedy=f"Give {path} without a number."
        )
    fresh = _Cursor(path, trace)
    cursor = _cursors.pop("last", fresh)
    if cursor.key != fresh.key or cursor.next > index:
        cursor = fresh
    found = cursor.get(index)
    if found is None:
        raise StreamError(
            f"holds {cursor.next} traces; there is no number {index}.", place=place, remedy="Numbers start at 0."
        )
    _cursors["last"] = cursor
    return found


@dataclass(frozen=True, slots=True)
class TracePictures:
    """The frames of a trace and which of its screens became which frame.

    Attributes:
        frames: the sampled frames, or None.
        frame_of: frame of each screen index.
        sizes: `(width, height)` [px] of each screen's picture as stored.
        length: length [s] or steps that the pictures cover.
        problems: what was wrong and how it was handled.
    """

    frames: Frames | None = None
    frame_of: Mapping[int, int] = field(default_factory=dict[int, int])
    sizes: Mapping[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    length: float = 0.0
    problems: tuple[str, ...] = ()


def trace_stream(trace: Trace, stream_id: str, name: str, sampling: Sampling) -> Stream:
    """The stream of one trace.

    Raises:
        StreamError: it has neither events nor pictures, no step of it can be read, or its video cannot be opened.
    """
    _check_holds_something(trace)
    clock, spans, problems = _time_line(trace)
    pictures = _pictures(trace, clock, spans, sampling)
    canvas = Canvas.of(trace, pictures.frames, pictures.sizes)
    events, mapping_problems = map_events(trace.events, canvas)
    events = _place_events(trace, events, spans, pictures)
    end = max([t1 for _, t1 in spans], default=0.0) if clock == "seconds" else float(len(trace.events))
    duration = max(end, pictures.length)
    windows = _windows(trace, clock, duration)
    read = [f"{one.source.file}:{one.source.line}: {one.message}." for one in trace.problems]
    return Stream(
        id=stream_id,
        kind="gui",
        name=name,
        path=trace.root,
        format=trace.format,
        duration=duration,
        clock=clock,
        frames=pictures.frames,
        events=tuple(_with_windows(events, windows)),
        meta=_meta(trace, canvas, windows),
        annotations=dict(trace.annotations),
        problems=(*read, *problems, *pictures.problems, *mapping_problems),
    )


def _check_holds_something(trace: Trace) -> None:
    if not trace.events and not trace.screens and trace.video is None:
        calls = trace.context.get("other_calls")
        held = ", ".join(f"{name} ({count})" for name, count in list(calls.items())[:6]) if calls else ""
        raise StreamError(
            f"holds no user action{f'; its calls only look or check: {held}' if held else ': the trace is empty'}.",
            place=trace.root,
            remedy="Record a trace in which something is clicked, typed or opened, or leave it out.",
        )
    if trace.events and trace.problems and all(event.verb == "other" for event in trace.events):
        first = trace.problems[0]
        raise StreamError(
            f"none of its {len(trace.events)} steps is an action that can be read; the first problem:"
            f" {first.message.partition(';')[0][:200]}.",
            place=f"{trace.root}:{first.source.line}",
            remedy="Steps must be calls of the format's own actions with literal arguments; nothing else is run.",
        )


def _time_line(trace: Trace) -> tuple[Literal["seconds", "index"], list[Span], list[str]]:
    """Clock, start and end of each event on the stream's time line, and what was wrong with the times."""
    stamps = [event.t0 for event in trace.events] or [screen.t for screen in trace.screens]
    if (not stamps or None in stamps) and trace.video is None:
        return "index", [(float(k), float(k)) for k in range(len(trace.events))], []
    if None in stamps:
        raise StreamError(
            "has a video, but events without times.", place=trace.root, remedy="Give the video and the trace apart."
        )
    offset = trace.video.offset if trace.video else 0.0
    timed = [((event.t0 or 0.0) + offset, (event.t1 or event.t0 or 0.0) + offset) for event in trace.events]
    early = sum(t0 < 0 for t0, _ in timed)
    problems = [f"{early} events lie before the start of the stream; put at 0 s."] if early else []
    spans: list[Span] = []
    for t0, t1 in timed:
        start = max(t0, 0.0, spans[-1][0] if spans else 0.0)
        spans.append((start, max(t1, start)))
    behind = sum(spans[k][0] > max(t0, 0.0) for k, (t0, _) in enumerate(timed))
    if behind:
        problems.append(f"{behind} events have times before the event that precedes them; moved up to it.")
    return "seconds", spans, problems


def _pictures(trace: Trace, clock: str, spans: Sequence[Span], sampling: Sampling) -> TracePictures:
    if trace.screens:
        return _screens(trace, clock, spans, sampling)
    if trace.video is None:
        return TracePictures()
    recording = open_recording(beside_trace(trace, trace.video.file), sampling, spans)
    return TracePictures(recording.frames, length=recording.duration, problems=recording.problems)


def beside_trace(trace: Trace, file: str) -> Path:
    """The path of a file that the trace names.

    Raises:
        StreamError: it would lie outside the trace's folder.
    """
    root = Path(trace.root)
    try:
        return inside(root if root.is_dir() else root.parent, file)
    except TraceError as error:
        raise StreamError(f"{error.reason}.", place=error.path, remedy="Keep a trace's files in its folder.") from None


def _screens(trace: Trace, clock: str, spans: Sequence[Span], sampling: Sampling) -> TracePictures:
    stills = [_still(trace, screen.file) for screen in trace.screens]
    times = _screen_times(trace, clock, spans)
    order = sorted(range(len(stills)), key=lambda k: (times[k], k))
    kept = [order[k] for k in thin(len(order), sampling.max_frames)]
    try:
        seen = read_headers([stills[k] for k in kept])
    except StreamError as error:
        return TracePictures(problems=(f"None of the {len(stills)} pictures can be read: {error}",))
    dropped = [f"{len(kept)} of {len(order)} pictures are kept, evenly spread."] if len(kept) < len(order) else []
    used = [kept[k] for k in seen.sizes]
    shown = _increasing([times[k] for k in used])
    frames = StillFrames(shown, seen.size, [stills[k] for k in used])
    sizes = dict(zip(used, seen.sizes.values(), strict=True))
    return TracePictures(frames, {k: n for n, k in enumerate(used)}, sizes, shown[-1], (*seen.problems, *dropped))


def _still(trace: Trace, file: str) -> Still:
    archive, mark, member = file.partition("!")
    packed = mark and archive.endswith(".zip")
    return Still(beside_trace(trace, archive), member) if packed else Still(beside_trace(trace, file))


def _screen_times(trace: Trace, clock: str, spans: Sequence[Span]) -> list[float]:
    """When each screen is shown: its own time, otherwise that of the first event that it stands before."""
    known: dict[int, float] = {}
    for event, (t0, _) in reversed(list(zip(trace.events, spans, strict=True))):
        if event.screen is not None:
            known[event.screen] = t0
    if clock == "seconds":
        known.update({k: max(screen.t, 0.0) for k, screen in enumerate(trace.screens) if screen.t is not None})
    end = max([t1 for _, t1 in spans], default=0.0) + 1.0
    return [_between(known, k, len(trace.screens), end) for k in range(len(trace.screens))]


def _between(known: Mapping[int, float], screen: int, count: int, end: float) -> float:
    """The known time, or one evenly placed between the neighbours that have one."""
    if screen in known:
        return known[screen]
    before = max((k for k in known if k < screen), default=-1)
    after = min((k for k in known if k > screen), default=count)
    low, high = known.get(before, 0.0), known.get(after, end)
    steps = after - before - (after == count)  # the last one stands at the end itself
    return low + (high - low) * (screen - before) / steps


def _increasing(times: Sequence[float]) -> list[float]:
    """The times with equal neighbours moved a millisecond apart."""
    shown: list[float] = []
    for t in times:
        shown.append(max(t, shown[-1] + _TICK) if shown else t)
    return shown


def _place_events(trace: Trace, events: Sequence[Event], spans: Sequence[Span], pictures: TracePictures) -> list[Event]:
    """Events with their times and the frame that shows the state before them."""
    times = list(pictures.frames.times) if pictures.frames else []
    placed: list[Event] = []
    for event, source, (t0, t1) in zip(events, trace.events, spans, strict=True):
        frame = pictures.frame_of.get(source.screen) if source.screen is not None else None
        if frame is None and (source.screen is None or not pictures.frame_of):
            frame = _frame_at(times, t0, pictures.length)
        placed.append(replace(event, t0=t0, t1=t1, frame=frame))
    return placed


def _frame_at(times: Sequence[float], t: float, length: float) -> int | None:
    """The last frame at or before `t`; None before the first, or long after the pictures end."""
    found = bisect_right(times, t) - 1
    return found if found >= 0 and t <= length + _LATE else None


def _windows(trace: Trace, clock: str, duration: float) -> list[dict[str, Json]]:
    """Which window was in front from when to when."""
    if clock == "seconds":
        offset = trace.video.offset if trace.video else 0.0
        changes = sorted((max(w.t0 + offset, 0.0), w.text) for w in trace.windows if w.t0 is not None)
    else:
        changes = []
    if not changes:  # some formats tell the page only through the events that change it
        steps = enumerate(trace.events)
        changes = [(float(k), e.text) for k, e in steps if clock == "index" and e.verb in ("window", "navigate")]
    merged = [change for k, change in enumerate(changes) if k == 0 or change[1] != changes[k - 1][1]]
    ends = [*(t0 for t0, _ in merged[1:]), duration][: len(merged)]
    return [{"name": name, "t0": t0, "t1": t1} for (t0, name), t1 in zip(merged, ends, strict=True) if t1 >= t0]


def _with_windows(events: Sequence[Event], windows: Sequence[Mapping[str, Json]]) -> list[Event]:
    starts = [window["t0"] for window in windows]
    at = [bisect_right(starts, event.t0) - 1 for event in events]
    return [replace(event, window=windows[k]["name"] if k >= 0 else "") for event, k in zip(events, at, strict=True)]


def _meta(trace: Trace, canvas: Canvas, windows: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    meta: dict[str, Json] = dict(trace.context)
    if canvas.screen:
        meta["screen_size"] = [round(side) for side in canvas.screen]
    meta["windows"] = list(windows)
    return meta
