"""What of a stream a tool call may look at: the part that was named, cut to the rollout's window.

Every tool starts here, so that nothing outside the window is ever reported and every index from a policy is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dataclaw.errors import ToolError
from dataclaw.streams.grid import ranges
from dataclaw.tools.base import ToolContext
from dataclaw.types import Anchor, Box, Event, Frames, Json, Point, Span, Stream

_T = TypeVar("_T")
SLACK = 1e-6
"""Times closer than this are the same time [s]."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One stream (or part), cut to a window.

    Attributes:
        stream: the stream, or the named part of it.
        part: label of the part, "" for the stream itself.
        window: `(t0, t1)` [s] that is looked at.
        events: events that start inside the window.
        indices: sampled frames inside the window, and those that show the state before an event inside it.
    """

    stream: Stream
    part: str
    window: Span
    events: tuple[Event, ...]
    indices: tuple[int, ...]

    @property
    def frames(self) -> Frames:
        """The sampled frames.

        Raises:
            ToolError: the stream has no pictures, or none in the window.
        """
        if self.stream.frames is None:
            raise ToolError("this stream has no pictures.", remedy="Use list_events.")
        if not self.indices:
            raise ToolError(f"no frame lies between {self.window[0]:.2f} and {self.window[1]:.2f}.")
        return self.stream.frames

    def time(self, frame: int) -> float:
        """Time of a frame [s]."""
        return float(self.frames.times[frame])

    def frame(self, index: int) -> int:
        """Check the index of a frame.

        Raises:
            ToolError: no such frame in the window; the valid range is named.
        """
        _ = self.frames  # without pictures that is what to say
        if index in self.indices:
            return index
        raise ToolError(f"frame {index} is not among the frames {spell(self.indices)}.")

    def event(self, index: int) -> Event:
        """Event by its index.

        Raises:
            ToolError: no such event in the window; the valid range is named.
        """
        for event in self.events:
            if event.index == index:
                return event
        raise ToolError(f"event {index} is not among the events {spell([e.index for e in self.events])}.")

    def frames_between(self, t0: float, t1: float) -> list[int]:
        """Frames of the window with `t0 <= time <= t1` [s]."""
        return [i for i in self.indices if t0 - SLACK <= self.time(i) <= t1 + SLACK]

    def anchor(
        self,
        kind: str,
        content: str,
        span: Span,
        source: str,
        *,
        id: str = "",  # noqa: A002 - the anchor's own word
        frame: int | None = None,
        box: Box | None = None,
        point: Point | None = None,
        confidence: float = 1.0,
        attrs: Mapping[str, Json] | None = None,
    ) -> Anchor:
        """A fact of this scope, see `dataclaw.types.Anchor`; `span` is its start and end [s], `source` the tool."""
        t0, t1 = span
        return Anchor(id, kind, content, t0, t1, frame, box, point, confidence, source, self.part, attrs or {})

    def event_id(self, index: int) -> str:
        """How an event is cited."""
        return f"{self.part}.e{index}" if self.part else f"e{index}"

    def frame_id(self, index: int) -> str:
        """How a frame is cited."""
        return f"{self.part}.f{index}" if self.part else f"f{index}"


def look(context: ToolContext, part: str = "", t0: float | None = None, t1: float | None = None) -> Scope:
    """The part that a call names, cut to the rollout's window and to `[t0, t1]`.

    A part has a clock of its own, so the rollout's window does not cut it.

    Raises:
        ToolError: part missing or unknown, or the times leave nothing.
    """
    stream = part_of(context.stream, part)
    whole = (0.0, max(stream.duration, _end(stream))) if part else context.window
    window = (whole[0] if t0 is None else max(t0, whole[0]), whole[1] if t1 is None else min(t1, whole[1]))
    if window[0] > window[1]:
        raise ToolError("nothing lies between t0 and t1.", remedy=f"Choose within {whole[0]:.2f} to {whole[1]:.2f}.")
    events = events_inside(stream, window)
    return Scope(stream, part, window, events, frames_inside(stream, window, events))


def part_of(stream: Stream, part: str) -> Stream:
    """The part with this label, or the stream itself when it has no parts.

    Raises:
        ToolError: part missing or unknown.
    """
    if not stream.parts:
        if part:
            raise ToolError(f"the stream has no parts, but part={clip(part)!r} was given.", remedy="Leave part out.")
        return stream
    if part in stream.parts:
        return stream.parts[part]
    said = f"no part {clip(part)!r}" if part else "part is missing"
    raise ToolError(f"{said}.", remedy=f"Parts: {', '.join(stream.parts)}.")


def events_inside(stream: Stream, window: Span) -> tuple[Event, ...]:
    """Events that start inside the window, both ends included."""
    return tuple(e for e in stream.events if window[0] - SLACK <= e.t0 <= window[1] + SLACK)


def frames_inside(stream: Stream, window: Span, events: Sequence[Event]) -> tuple[int, ...]:
    """Sampled frames inside the window, and the frames before the given events, in order."""
    if stream.frames is None:
        return ()
    times = stream.frames.times
    inside = {i for i, t in enumerate(times) if window[0] - SLACK <= t <= window[1] + SLACK}
    before = {e.frame for e in events if e.frame is not None and 0 <= e.frame < len(times)}
    return tuple(sorted(inside | before))


def page_of(items: Sequence[_T], page: int, size: int) -> tuple[Sequence[_T], int]:
    """The items of a page, from 1, of so many each, and the number of pages.

    Raises:
        ToolError: there is no such page.
    """
    pages = max(1, -(-len(items) // size))
    if page > pages:
        raise ToolError(f"there is no page {page}.", remedy=f"Pages: 1 to {pages}.")
    return items[(page - 1) * size : page * size], pages


def spell(indices: Sequence[int]) -> str:
    """Name a sorted set of indices as ranges: `0-4, 7, 9-12`."""
    return ranges(indices, 12) or "(none)"


def clip(text: str, limit: int = 40) -> str:
    """Cut text that a policy sent before it is quoted in an error."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _end(stream: Stream) -> float:
    last = [e.t1 for e in stream.events[-1:]]
    if stream.frames is not None and len(stream.frames.times):
        last.append(float(stream.frames.times[-1]))
    return max(last, default=0.0)
