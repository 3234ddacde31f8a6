"""Text off the screen, the likely place first: around the pointer, what changed, a box, and the whole frame last.

Some traces keep what the page showed instead of screenshots, as `stream.meta["dom_texts"]`: a list of
`{"t": seconds, "texts": [{"text", "box": [x0, y0, x1, y1]}]}` in order of time. It is read like OCR, but certain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, cast

import cv2
import numpy as np
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.boxes import hull, overlap, scale_box
from dataclaw.tools.detect_changes import acts_between
from dataclaw.tools.difference import regions, worth
from dataclaw.tools.ocr import Engine, Line, engine
from dataclaw.tools.pictures import CHUNK, Pixels, around, cut, inside, read, small
from dataclaw.tools.scope import Scope, look
from dataclaw.types import Anchor, Box, Event, Json, Picture, Point

EXTENT = (600.0, 168.0)
"""Region around a pointer [px] on frames up to 1920 px wide; larger frames scale it. Lines that the region cuts are
left out, so it is wider than a button or a field with its label needs."""

MARGIN = 8.0
"""Pixels added around a box: text that touches the edge is read worse."""

TOUCH = 4.0
"""A line that comes so close to the edge of its region is cut off there [px]."""

PAGE_EXTENT = (240.0, 80.0)
"""Neighbourhood of a pointer [px of the page]: pages without pictures are small."""

LINES = 12
"""Most lines of one event."""

EVENTS = 24
"""Most events of one call."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A region to read.

    Attributes:
        frame: index of the frame.
        box: region of it [px].
        event: index of the event it is read for, or None.
        point: the pointer, or None.
    """

    frame: int
    box: Box
    event: int | None = None
    point: Point | None = None


@tool("read_text", version=2)
def read_text(
    context: ToolContext,
    *,
    frame: Annotated[int | None, Field(description="frame to read; not needed with events")] = None,
    region: Annotated[
        Literal["pointer", "changed", "full"],
        Field(description="around the pointer, what changed since the frame before, or all (slow)"),
    ] = "pointer",
    box: Annotated[list[float] | None, Field(description="[x0, y0, x1, y1] px: read this instead of a region")] = None,
    events: Annotated[list[int], Field(max_length=EVENTS, description="read around the pointers of these events")] = [],  # noqa: B006 - read only
    part: Annotated[str, Field(description="label of the part")] = "",
    side: Annotated[
        int | None, Field(ge=320, le=4096, description="read a smaller picture, its longest side so many px: quicker")
    ] = None,
) -> ToolResult:
    """Read text off a frame with OCR: around the pointer (of many events at once), what changed, a box, or all."""
    scope = look(context, part)
    if scope.stream.frames is None and has_texts(scope):
        return _recorded_texts(scope, events, whole=region == "full")
    _ = scope.frames  # no pictures: say so before anything else
    if events:
        spots, skipped = _of_events(scope, list(dict.fromkeys(events)))
    elif frame is None:
        raise ToolError("neither frame nor events was given.", remedy="Give frame=N or events=[...].")
    else:
        spots, skipped = _of_frame(scope, scope.frame(frame), region, box), []
    anchors = _read(scope, spots, engine(context.ocr), side) if spots else []
    pictures = tuple(dict.fromkeys(Picture(s.frame, s.box, scope.part) for s in spots))
    note = _note(scope, spots, anchors, skipped)
    return ToolResult(note, tuple(anchors), pictures, {"lines": len(anchors), "skipped": skipped})


def _recorded_texts(scope: Scope, events: Sequence[int], *, whole: bool) -> ToolResult:
    if not events:
        raise ToolError("this stream has texts but no pictures.", remedy="Give events=[...].")
    chosen = [scope.event(i) for i in sorted(set(events))]
    anchors = [a for event in chosen for a in texts_of_event(scope, event, "read_text", whole=whole)]
    order = "" if whole else ", nearest first"
    note = f"{len(anchors)} lines of text that the recorder kept, as they were just before each event{order}."
    return ToolResult(note, tuple(anchors), data={"lines": len(anchors), "skipped": []})


def pointer_box(point: Point, target: Box | None, size: tuple[int, int]) -> Box:
    """Where to read for an event: its target's box with a margin, or the neighbourhood of the pointer.

    A target larger than the neighbourhood (a whole window) says too little to be worth reading whole.
    """
    factor = max(1.0, size[0] / 1920)
    extent = (EXTENT[0] * factor, EXTENT[1] * factor)
    if target is not None and _area(target) <= extent[0] * extent[1]:
        return _widen(target, MARGIN * factor, size)
    return around(point, extent, size)


def _of_events(scope: Scope, indices: Sequence[int]) -> tuple[list[Spot], list[int]]:
    chosen = sorted((scope.event(i) for i in indices), key=lambda e: e.index)
    spots: list[Spot] = []
    skipped: list[int] = []
    for event in chosen:
        spot = _of_event(scope, event)
        if spot is None:
            skipped.append(event.index)
        else:
            spots.append(spot)
    if not spots:
        raise ToolError("none of these events has a pointer and a frame.", remedy='Use frame=N with region="full".')
    return spots, skipped


def _of_event(scope: Scope, event: Event) -> Spot | None:
    if event.frame is None or event.frame not in scope.indices or (event.point is None and event.box is None):
        return None
    point = event.point or _centre(event.box)
    return Spot(event.frame, pointer_box(point, event.box, scope.frames.size), event.index, point)


def _of_frame(scope: Scope, frame: int, region: str, box: list[float] | None) -> list[Spot]:
    size = scope.frames.size
    if box is not None:
        return [Spot(frame, _widen(inside(box, scope.frames), MARGIN, size))]
    if region == "full":
        return [Spot(frame, (0.0, 0.0, float(size[0]), float(size[1])))]
    if region == "changed":
        return _changed_spots(scope, frame)
    pointed = [spot for e in scope.events if e.frame == frame and (spot := _of_event(scope, e)) is not None]
    if not pointed:
        raise ToolError(f"no event points at anything on frame {frame}.", remedy='Use region="full", "changed" or box.')
    return pointed[:1]


def _changed_spots(scope: Scope, frame: int) -> list[Spot]:
    position = scope.indices.index(frame)
    if position == 0:
        raise ToolError(f"frame {frame} has no frame before it.", remedy='Use region="full".')
    before = scope.indices[position - 1]
    pictures = small(scope, [before, frame])
    found = worth(regions(pictures[before], pictures[frame]), acts_between(scope, before, frame))
    size = scope.frames.size
    boxes = [_widen(scale_box(r.box, size), MARGIN, size) for r in found]
    return [Spot(frame, b) for b in _unite(boxes)]


def _unite(boxes: Sequence[Box]) -> list[Box]:
    """Join boxes that overlap until none do, so that nothing is read twice."""
    united: list[Box] = []
    for box in boxes:
        touching = [b for b in united if overlap(b, box)]
        united = [b for b in united if b not in touching]
        united = _unite([*united, hull([box, *touching])]) if touching else [*united, box]
    return sorted(united, key=lambda b: (b[1], b[0]))


def _read(scope: Scope, spots: Sequence[Spot], reader: Engine, side: int | None = None) -> list[Anchor]:
    found: dict[Spot, list[Anchor]] = {}
    needed = sorted({s.frame for s in spots})
    for start in range(0, len(needed), CHUNK):
        chunk = needed[start : start + CHUNK]
        pictures = dict(zip(chunk, read(scope, chunk), strict=True))
        for spot in spots:
            if spot.frame in pictures:
                found[spot] = _read_spot(scope, spot, pictures[spot.frame], _at_side(reader, side, scope))
    return [anchor for spot in spots for anchor in found[spot]]


@dataclass(frozen=True, slots=True)
class _Smaller:
    """Reads pictures at a share of their size; boxes are those of the picture as it is."""

    reader: Engine
    scale: float

    def read(self, picture: Pixels) -> list[Line]:
        small_one = cv2.resize(picture, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_AREA)
        lines = self.reader.read(np.asarray(small_one, dtype=np.uint8))
        k = 1 / self.scale
        return [replace(a, box=(a.box[0] * k, a.box[1] * k, a.box[2] * k, a.box[3] * k)) for a in lines]


def _at_side(reader: Engine, side: int | None, scope: Scope) -> Engine:
    """The reader, at a smaller size where the frames' longest side is longer than asked for [px]."""
    longest = max(scope.frames.size)
    return _Smaller(reader, side / longest) if side is not None and side < longest else reader


def _read_spot(scope: Scope, spot: Spot, picture: Pixels, reader: Engine) -> list[Anchor]:
    """Lines of a spot; an event's target without any text (an icon) is read with its neighbourhood instead."""
    anchors = _anchors(scope, spot, reader.read(cut(picture, spot.box)))
    if anchors or spot.point is None:
        return anchors
    wide = replace(spot, box=pointer_box(spot.point, None, scope.frames.size))
    return [] if wide == spot else _anchors(scope, wide, reader.read(cut(picture, wide.box)))


def _anchors(scope: Scope, spot: Spot, lines: Sequence[Line]) -> list[Anchor]:
    time = scope.time(spot.frame)
    placed: list[tuple[float, Anchor]] = []
    for line in lines:
        x0, y0 = round(spot.box[0]), round(spot.box[1])
        box = (round(line.box[0]) + x0, round(line.box[1]) + y0, round(line.box[2]) + x0, round(line.box[3]) + y0)
        attrs: dict[str, Json] = {"cut": _is_cut(line.box, spot.box, scope.frames.size)}
        distance = 0.0
        if spot.point is not None:
            distance = round(distance_to(spot.point, box), 1)
            attrs |= {"event": spot.event, "distance": distance}
        if _noise(line) or (attrs["cut"] and distance > 0):
            continue
        place, sure = (float(box[0]), float(box[1]), float(box[2]), float(box[3])), round(min(1.0, line.confidence), 3)
        anchor = scope.anchor(
            "text", line.text, (time, time), "read_text", frame=spot.frame, box=place, confidence=sure, attrs=attrs
        )
        placed.append((distance, anchor))
    # Nearest to the pointer first: what it is on is what the reader wants.
    return [a for _, a in sorted(placed, key=lambda p: (p[0], p[1].box or (), p[1].content))]


def _is_cut(line: Box, region: Box, size: tuple[int, int]) -> bool:
    """Whether a line runs into an edge of the region that is not an edge of the frame: part of it is not seen."""
    width, height = region[2] - region[0], region[3] - region[1]
    return (
        (line[0] <= TOUCH and region[0] > 0)
        or (line[1] <= TOUCH / 2 and region[1] > 0)
        or (line[2] >= width - TOUCH and region[2] < size[0])
        or (line[3] >= height - TOUCH / 2 and region[3] < size[1])
    )


def _noise(line: Line) -> bool:
    """An icon taken for a letter."""
    return len(line.text) == 1 and line.confidence < 0.8


def _note(scope: Scope, spots: Sequence[Spot], anchors: Sequence[Anchor], skipped: Sequence[int]) -> str:
    if not spots:
        return "Nothing changed since the frame before."
    said = f"{len(anchors)} lines of text in {len(spots)} region(s)."
    if spots[0].point is not None and anchors:
        said += " Nearest to the pointer first."
    if skipped:
        said += f" Without pointer or frame: {', '.join(scope.event_id(i) for i in skipped)}."
    return said


def _widen(box: Box, margin: float, size: tuple[int, int]) -> Box:
    x0, y0 = max(0.0, math.floor(box[0] - margin)), max(0.0, math.floor(box[1] - margin))
    x1, y1 = min(float(size[0]), math.ceil(box[2] + margin)), min(float(size[1]), math.ceil(box[3] + margin))
    return (float(x0), float(y0), float(max(x1, x0 + 1)), float(max(y1, y0 + 1)))


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _centre(box: Box | None) -> Point:
    assert box is not None
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def has_texts(scope: Scope) -> bool:
    """Whether the stream carries texts of its own."""
    return bool(scope.stream.meta.get("dom_texts"))


def texts_of_event(scope: Scope, event: Event, source: str, *, whole: bool = False) -> list[Anchor]:
    """Texts around an event's pointer just before it, nearest first; without a pointer those of the whole page.

    `whole` gives those of the whole page in the page's order.
    """
    states = cast("Sequence[Mapping[str, Json]]", scope.stream.meta["dom_texts"])
    before = [s for s in states if float(s["t"]) <= event.t0] or list(states[:1])
    found: list[tuple[float, Anchor]] = []
    for entry in cast("Sequence[Mapping[str, Json]]", before[-1]["texts"]):
        x0, y0, x1, y1 = (float(v) for v in entry["box"])
        box = (x0, y0, x1, y1)
        distance = 0.0 if event.point is None else distance_to(event.point, box)
        if event.point is not None and not whole and not overlap(around(event.point, PAGE_EXTENT, _size(scope)), box):
            continue
        attrs: dict[str, Json] = {"cut": False, "event": event.index, "distance": round(distance, 1)}
        attrs |= {"field": entry["field"]} if "field" in entry else {}
        span = (event.t0, event.t0)
        anchor = scope.anchor("text", str(entry["text"]), span, source, box=box, attrs=attrs)
        found.append((distance, anchor))
    if whole:
        return [anchor for _, anchor in found]
    nearest = sorted(found, key=lambda f: (f[0], f[1].box or (), f[1].content))
    return [anchor for _, anchor in nearest[:LINES]]


def distance_to(point: Point, box: Sequence[float]) -> float:
    """Distance of a point from a box [px], 0 inside."""
    dx = max(box[0] - point[0], 0.0, point[0] - box[2])
    dy = max(box[1] - point[1], 0.0, point[1] - box[3])
    return math.hypot(dx, dy)


def _size(scope: Scope) -> tuple[int, int]:
    size = scope.stream.meta.get("screen_size") or (10_000, 10_000)
    return (int(size[0]), int(size[1]))
