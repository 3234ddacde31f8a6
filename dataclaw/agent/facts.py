"""What rules look at beside the draft and its anchors: a few plain facts about the stream.

They are kept in the trace of every rollout, so that its drafts can be judged again without the stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from pydantic import TypeAdapter

from dataclaw.schema import narrow
from dataclaw.tools.as_text import stream_lines
from dataclaw.types import Event, Json, Span, Stream


@dataclass(frozen=True, slots=True)
class Facts:
    """A stream as the rules see it.

    Attributes:
        frame_times: time of each sampled frame [s].
        frame_size: `(width, height)` [px], or None without pictures.
        events: events inside the rollout's window.
        labels: labels of the stream's parts, in the order shown.
        clock: "seconds", or "index" where times count steps.
        lines: `(time [s], text)` of the stream's own text inside the window, see `stream_lines`.
        part_frames: number of sampled frames of each part that has some.
    """

    frame_times: Sequence[float] = ()
    frame_size: tuple[int, int] | None = None
    events: tuple[Event, ...] = ()
    labels: tuple[str, ...] = ()
    clock: str = "seconds"
    lines: tuple[tuple[float, str], ...] = ()
    part_frames: Mapping[str, int] = field(default_factory=dict[str, int])

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return cast("dict[str, Json]", _adapter().dump_python(self, mode="json"))


def facts_of(stream: Stream, window: Span) -> Facts:
    """The facts of a stream, its events cut to a window [s]."""
    frames = stream.frames
    events = tuple(e for e in stream.events if window[0] <= e.t0 <= window[1])
    times = tuple(float(t) for t in frames.times) if frames else ()
    parts = {label: len(part.frames.times) for label, part in stream.parts.items() if part.frames}
    size = frames.size if frames else None
    return Facts(times, size, events, tuple(stream.parts), stream.clock, stream_lines(stream, window), parts)


def load_facts(data: Json) -> Facts:
    """The facts that `to_json` gave.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return _adapter().validate_python(data)


def narrow_schema(schema: Mapping[str, Json], facts: Facts, window: Span, seen: Sequence[str]) -> Mapping[str, Json]:
    """The task's schema made for this stream and for what the rollout has seen."""
    frames = len(facts.frame_times)
    return narrow(schema, frames=frames, window=window, anchor_ids=seen, labels=facts.labels)


@cache
def _adapter() -> TypeAdapter[Facts]:
    return TypeAdapter(Facts)
