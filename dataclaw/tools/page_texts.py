"""Texts that a recorder wrote down itself, for streams without pictures: read like OCR, but certain.

Some traces keep what the page showed instead of screenshots, as `stream.meta["dom_texts"]`: a list of
`{"t": seconds, "texts": [{"text", "box": [x0, y0, x1, y1]}]}` in order of time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.tools.boxes import overlap
from dataclaw.tools.pictures import around
from dataclaw.tools.scope import Scope
from dataclaw.types import Anchor, Event, Json, Point

EXTENT = (240.0, 80.0)
"""Neighbourhood of a pointer [px of the page]: pages without pictures are small."""

LINES = 12
"""Most lines of one event."""


def has_texts(scope: Scope) -> bool:
    """Whether the stream carries texts of its own."""
    return bool(scope.stream.meta.get("dom_texts"))


def texts_of_event(scope: Scope, event: Event, source: str) -> list[Anchor]:
    """Texts around an event's pointer just before it, nearest first; without a pointer those of the whole page."""
    states = cast("Sequence[Mapping[str, Json]]", scope.stream.meta["dom_texts"])
    before = [s for s in states if float(s["t"]) <= event.t0] or list(states[:1])
    found: list[tuple[float, Anchor]] = []
    for entry in cast("Sequence[Mapping[str, Json]]", before[-1]["texts"]):
        x0, y0, x1, y1 = (float(v) for v in entry["box"])
        box = (x0, y0, x1, y1)
        distance = 0.0 if event.point is None else distance_to(event.point, box)
        if event.point is not None and not overlap(around(event.point, EXTENT, _size(scope)), box):
            continue
        attrs: dict[str, Json] = {"cut": False, "event": event.index, "distance": round(distance, 1)}
        span = (event.t0, event.t0)
        anchor = scope.anchor("text", str(entry["text"]), span, source, box=box, attrs=attrs)
        found.append((distance, anchor))
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
