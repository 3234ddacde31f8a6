"""How near two points, boxes, times or texts are, each as a number from 0 to 1; shared by the rules."""

from __future__ import annotations

import math
from typing import TypeGuard, cast

from rapidfuzz import fuzz

from dataclaw.types import Anchor, Box, Json, Point

_NUMBERS = frozenset({int, float})
NEAR = 0.01
"""Scale of distances on a frame, in diagonals: a point that far off scores 1/e (22 px on 1920x1080)."""
NEAR_PX = 20.0
"""The same in pixels, where the stream has no pictures and its size is not known."""


def is_number(value: Json) -> TypeGuard[float]:
    """Whether a JSON value is a finite number; true and false are none."""
    return value.__class__ in _NUMBERS and math.isfinite(value)


def as_numbers(value: Json, length: int) -> tuple[float, ...] | None:
    """The numbers of an array of exactly that length, or None."""
    if not isinstance(value, list):
        return None
    items = cast("list[Json]", value)
    return tuple(items) if len(items) == length and all(map(is_number, items)) else None


def decay(distance: float, scale: float) -> float:
    """`exp(-distance / scale)`: 1 at distance 0, 1/e at `scale`, in the unit of both."""
    return math.exp(-distance / scale) if distance else 1.0


def pixel_scale(frame_size: tuple[int, int] | None) -> float:
    """Distance [px] at which a point scores 1/e: 1 % of the frame's diagonal, 20 px where its size is not known."""
    return NEAR * math.hypot(*frame_size) if frame_size else NEAR_PX


def outside(point: Point, box: Box) -> float:
    """Distance [px] of a point from a box; 0 inside it and on its border."""
    x, y = point
    return math.hypot(max(box[0] - x, 0.0, x - box[2]), max(box[1] - y, 0.0, y - box[3]))


def point_distance(point: Point, anchor: Anchor) -> float | None:
    """Distance [px] of a point from an anchor's box or point, whichever is nearer; None when it has neither."""
    gap = outside(point, anchor.box) if anchor.box is not None else None
    if anchor.point is None or gap == 0.0:
        return gap
    apart = math.dist(point, anchor.point)
    return apart if gap is None else min(gap, apart)


def region_of(anchor: Anchor) -> str:
    """An anchor's place for a finding: `e3's box (400, 50, 600, 80)`, or its point."""
    place = anchor.point if anchor.box is None else anchor.box
    numbers = ", ".join(f"{v:g}" for v in place or ())
    return f"{anchor.id or anchor.kind}'s {'point' if anchor.box is None else 'box'} ({numbers})"


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes; 0 when either is empty or turned inside out."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if 0 < union < math.inf else 0.0


def plain(text: str) -> str:
    """A text as it is compared: case folded, white space joined."""
    return " ".join(text.casefold().split())


def alike(value: str, other: str) -> float:
    """Likeness of two texts: `max(0, 2 r - 1)`, r = 1 - edits / characters of both; unrelated texts (r near 0.4) get 0.

    The edits are the insertions and deletions that turn one `plain` text into the other.
    """
    if value == other:
        return 1.0
    if not value or not other:
        return 0.0
    return max(0.0, 2.0 * fuzz.ratio(plain(value), plain(other)) / 100.0 - 1.0)


def quotation_score(value: str, source: str) -> float:
    """How well a source bears out a text: 1 when it holds its words in a row (3 characters or more), else `alike`."""
    a, b = plain(value), plain(source)
    if a == b or (len(a) >= 3 and f" {a} " in f" {b} "):
        return 1.0
    return max(0.0, 2.0 * fuzz.ratio(a, b) / 100.0 - 1.0)
