"""Coordinates of a trace into pixels of the stream's frames, from the space that the trace declares for each event.

A space without a size is that of the screen, or of the picture that the event refers to. Points that lie outside the
frame are left out and reported, since nothing in the frame can be shown for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from dataclaw.types import Box, Event, Frames, Json, Point
from pyautogui_trace_parsers.model import Event as TraceEvent
from pyautogui_trace_parsers.model import Target, Trace

Scale: TypeAlias = tuple[float, float] | None
_NOMINAL = (1000.0, 1000.0)
_SLACK = 1.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """What coordinates are mapped onto.

    Attributes:
        size: `(width, height)` [px] of the frames; without frames that of the screen, or None.
        screen: `(width, height)` [px] of the recorded screen, or None.
        pictures: `(width, height)` [px] of each screen's picture as stored.
        bounded: whether points outside `size` are left out; not where a screen's size is only guessed.
    """

    size: tuple[float, float] | None
    screen: tuple[float, float] | None
    pictures: Mapping[int, tuple[int, int]]
    bounded: bool

    @classmethod
    def of(cls, trace: Trace, frames: Frames | None, pictures: Mapping[int, tuple[int, int]]) -> Canvas:
        """The frames' canvas, else the screen's; a nominal one where only fractions are known."""
        fractions = any(event.space.kind in ("unit", "permille") for event in trace.events)
        said = trace.screen_size
        screen = said if said and min(said) > 0 else _declared_size(trace)
        if frames is not None:
            size = (float(frames.size[0]), float(frames.size[1]))
            return cls(size, screen, pictures, bounded=True)
        if screen is None and fractions:
            screen = _NOMINAL
        return cls(screen, screen, pictures, bounded=fractions or trace.screen_size is not None)

    def scale(self, event: TraceEvent) -> tuple[float, float] | None:
        """Factors from the event's space to this canvas; None when it has no space."""
        space = event.space
        if space.kind == "none":
            return None
        own = (space.width, space.height) if space.width and space.height else self.screen
        if own is None and event.screen is not None:
            own = self.pictures.get(event.screen)
        if self.size is None or own is None:
            return (1.0, 1.0)
        return (self.size[0] / own[0], self.size[1] / own[1])


def _declared_size(trace: Trace) -> tuple[float, float] | None:
    """The size of the pixel space that the events themselves declare."""
    spaces = [event.space for event in trace.events if event.space.kind in ("px", "resized_px")]
    sizes = [(space.width, space.height) for space in spaces if space.width and space.height]
    return max(dict.fromkeys(sizes), key=sizes.count) if sizes else None


def map_events(events: Sequence[TraceEvent], canvas: Canvas) -> tuple[list[Event], list[str]]:
    """Events in the canvas's pixels, times and frames still to be set, and what could not be mapped."""
    mapped = [_event(index, event, canvas) for index, event in enumerate(events)]
    outside = [event.index for event in mapped if "off_screen" in event.attrs]
    if not outside:
        return mapped, []
    listed = ", ".join(f"e{index}" for index in outside[:8]) + (", ..." if len(outside) > 8 else "")
    return mapped, [f"{len(outside)} events point outside the picture ({listed}); their points are left out."]


def _event(index: int, event: TraceEvent, canvas: Canvas) -> Event:
    target = event.target or Target()
    attrs: dict[str, Json] = {}
    scale = canvas.scale(event)
    point = _point(event.point, scale, canvas, attrs)
    end_point = _point(event.end_point, scale, canvas, attrs)
    if event.scroll is not None:
        attrs["scroll_unit"] = event.scroll.unit
    if target.selector:
        attrs["selector"] = target.selector
    if event.raw:
        attrs["raw"] = event.raw
    if event.outcomes:
        attrs["outcomes"] = [asdict(outcome) for outcome in event.outcomes]
    return Event(
        index=index,
        kind=event.verb,
        t0=0.0,
        t1=0.0,
        point=point,
        end_point=end_point,
        box=_box(target.box or event.box, scale, canvas),
        text=event.text,
        keys=event.keys,
        scroll=(event.scroll.dx, event.scroll.dy) if event.scroll else None,
        target=target.name,
        role=target.role,
        place=f"{event.source.file}:{event.source.line}",
        attrs=attrs,
    )


def _point(point: Point | None, scale: Scale, canvas: Canvas, attrs: dict[str, Json]) -> Point | None:
    if point is None or scale is None:
        return None
    x, y = point[0] * scale[0], point[1] * scale[1]
    if not canvas.bounded or canvas.size is None:
        return (x, y)
    width, height = canvas.size
    if not (-_SLACK <= x <= width + _SLACK and -_SLACK <= y <= height + _SLACK):
        attrs["off_screen"] = [point[0], point[1]]
        return None
    return (min(max(x, 0.0), width - 1), min(max(y, 0.0), height - 1))


def _box(box: Box | None, scale: Scale, canvas: Canvas) -> Box | None:
    """The box cut at the picture's edges; None when nothing of it is left."""
    if box is None or scale is None:
        return None
    x0, y0, x1, y1 = box[0] * scale[0], box[1] * scale[1], box[2] * scale[0], box[3] * scale[1]
    if canvas.bounded and canvas.size is not None:
        x0, x1 = (min(max(x, 0.0), canvas.size[0]) for x in (x0, x1))
        y0, y1 = (min(max(y, 0.0), canvas.size[1]) for y in (y0, y1))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
