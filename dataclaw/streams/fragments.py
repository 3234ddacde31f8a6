"""Cut one recording into shuffled, labelled fragments whose right order is known.

Each fragment tells its own time from 0 and says nothing about where in the file it stood, so that only what it shows
can put it back in order. The order and the task are annotations, which no policy sees.
"""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dataclaw.errors import UsageError
from dataclaw.streams.bundle import bundle
from dataclaw.streams.frames import FrameSpan
from dataclaw.streams.identity import derived_id
from dataclaw.types import Event, Json, Stream

_LABELS = string.ascii_uppercase
_HIDDEN = frozenset({"raw", "selector"})
"""Attributes of events that may tell where in the file they stood."""


def cut_fragments(stream: Stream, *, parts: int, distractors: Sequence[Stream] = (), seed: int = 0) -> Stream:
    """Cut a stream at its natural boundaries and shuffle the pieces among pieces of others.

    Args:
        stream: a GUI trace or a video; traces are cut between events, videos between frames.
        parts: number of pieces, at least 2.
        distractors: streams that do not belong; a piece about as long as the others is taken of each.
        seed: decides the boundaries among equals, and the labels.

    Returns:
        A stream of kind "fragments" with annotations `ordered_fragment_labels` and, where known, `task`.

    Raises:
        UsageError: fewer than 2 parts, more than the stream has events or frames, or more than 26 labels.
    """
    total = parts + len(distractors)
    steps = _steps(stream)
    if not 2 <= parts <= steps:
        raise UsageError(
            f"cannot cut {steps} steps into {parts} parts.", place=stream.name, remedy=f"Choose 2 to {steps} parts."
        )
    if total > len(_LABELS):
        raise UsageError(f"{total} fragments are more than there are letters.", remedy=f"Use at most {len(_LABELS)}.")
    rng = random.Random(seed)
    edges = [0, *_boundaries(stream, parts, rng), steps]
    pieces = [_piece(stream, first, end) for first, end in pairwise(edges)]
    pieces += [_sample(other, max(steps // parts, 1), rng) for other in distractors]
    labels = rng.sample(_LABELS[:total], total)
    labelled = {label: replace(piece, name=label) for label, piece in zip(labels, pieces, strict=True)}
    truth: dict[str, Json] = {"ordered_fragment_labels": labels[:parts]}
    if "task" in stream.annotations:
        truth["task"] = stream.annotations["task"]
    return bundle(dict(sorted(labelled.items())), f"{stream.name} in {parts} parts", stream.path, truth)


def _steps(stream: Stream) -> int:
    """What can be cut between: events, or frames where there are none."""
    return len(stream.events) or (len(stream.frames.times) if stream.frames else 0)


def _boundaries(stream: Stream, parts: int, rng: random.Random) -> list[int]:
    """Where the pieces after the first begin: where the window changes or a pause is long, pieces not too uneven."""
    steps = _steps(stream)
    score = {k: _break(stream, k) + 0.1 * rng.random() for k in range(1, steps)}
    for least in range(steps // (2 * parts), 0, -1):
        edges = _spread(score, steps, parts, least)
        if len(edges) == parts - 1:
            return edges
    return _spread(score, steps, parts, 1)


def _spread(score: dict[int, float], steps: int, parts: int, least: int) -> list[int]:
    """The best boundaries that are at least `least` steps apart and away from the ends."""
    edges: list[int] = []
    for k in sorted(score, key=lambda k: -score[k]):
        if len(edges) < parts - 1 and all(abs(k - edge) >= least for edge in (0, steps, *edges)):
            edges.append(k)
    return sorted(edges)


def _break(stream: Stream, k: int) -> float:
    """How much of a boundary lies before step `k`: 1 for another window, up to 1 for a pause of ten seconds."""
    if not stream.events:
        return 0.0
    before, after = stream.events[k - 1], stream.events[k]
    moved = before.window != after.window or after.kind in ("navigate", "open_app", "window")
    pause = (after.t0 - before.t1) / 10 if stream.clock == "seconds" else 0.0
    return float(moved) + min(max(pause, 0.0), 1.0)


def _sample(stream: Stream, length: int, rng: random.Random) -> Stream:
    """A run of steps somewhere in the stream."""
    steps = _steps(stream)
    if steps == 0:
        raise UsageError("a distractor has neither events nor frames.", place=stream.name, remedy="Leave it out.")
    first = rng.randint(0, max(steps - length, 0))
    return _piece(stream, first, min(first + length, steps))


def _piece(stream: Stream, first: int, end: int) -> Stream:
    """The steps `first` to `end` as a stream of their own."""
    start, stop = _begin(stream, first), _begin(stream, end)
    frames, lowest = _frames(stream, start, stop)
    events = tuple(
        _move_event(event, index, start, lowest, frames) for index, event in enumerate(stream.events[first:end])
    )
    meta = {
        key: value for key, value in stream.meta.items() if key in ("screen_size", "system", "platform", "viewport")
    }
    meta["windows"] = _windows(stream, start, stop)
    return Stream(
        id=derived_id("piece", stream.id, first, end),
        kind=stream.kind,
        name="",
        path=stream.path,
        format=stream.format,
        duration=stop - start,
        clock=stream.clock,
        frames=frames,
        events=events,
        meta=meta,
    )


def _begin(stream: Stream, step: int) -> float:
    """When a piece that begins with this step begins [s]: with the frame before its first event."""
    if step >= _steps(stream):
        return stream.duration
    if step == 0:
        return 0.0
    times: Sequence[float] = stream.frames.times if stream.frames else ()
    if not stream.events:
        return times[step]
    event, before = stream.events[step], stream.events[step - 1]
    shown = times[event.frame] if event.frame is not None else event.t0
    return min(max(shown, before.t0), event.t0)


def _frames(stream: Stream, start: float, stop: float) -> tuple[FrameSpan | None, int]:
    """The frames shown from `start` until before `stop`, and the index of the first of them."""
    if stream.frames is None:
        return None, 0
    times = stream.frames.times
    last = stop >= stream.duration
    shown = [k for k, t in enumerate(times) if start <= t and (t < stop or last)]
    if not shown:  # a picture that was shown to the piece before as well
        shown = [max((k for k, t in enumerate(times) if t <= start), default=0)]
    return FrameSpan(stream.frames, shown[0], [max(times[k] - start, 0.0) for k in shown]), shown[0]


def _move_event(event: Event, index: int, start: float, lowest: int, frames: FrameSpan | None) -> Event:
    frame = event.frame - lowest if event.frame is not None else None
    shown = frame is not None and frames is not None and 0 <= frame < len(frames.times)
    attrs = {key: value for key, value in event.attrs.items() if key not in _HIDDEN}
    t0, t1 = max(event.t0 - start, 0.0), max(event.t1 - start, 0.0)
    return replace(event, index=index, t0=t0, t1=t1, frame=frame if shown else None, place="", attrs=attrs)


def _windows(stream: Stream, start: float, stop: float) -> list[Json]:
    spans = [(w["name"], max(w["t0"], start), min(w["t1"], stop)) for w in stream.meta.get("windows", [])]
    return [{"name": name, "t0": t0 - start, "t1": t1 - start} for name, t0, t1 in spans if t1 >= t0]
