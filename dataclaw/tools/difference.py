"""What differs between two frames of a screen, and which of these changes to report.

Frames are compared as small pictures (`pictures.small`). A change is a connected group of cells; groups that a screen
makes by itself are left out: compression noise, a blinking caret, the pointer that comes or goes, a clock at the edge,
anything small that keeps changing while nobody acts. No model, no threshold tuned to one recording: sizes are shares of
the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.boxes import overlap
from dataclaw.tools.pictures import Pixels
from dataclaw.types import Box, Point

WEAK, STRONG = 14, 26
"""A cell belongs to a change above WEAK [levels of 256]; a group needs one cell above STRONG. H.264 at the usual screen
quality stays below WEAK once averaged over a cell; a typed character exceeds STRONG."""

SMALL = 0.0025
"""Bounding boxes up to this share of the frame may be a clock, a caret or a spinner."""

POINTER = (0.023, 0.049)
"""Largest group that a moved pointer makes, as shares of the frame's width and height (24 x 32 px on 1366 x 768)."""

EDGE = 0.055
"""Height of the strips at the top and bottom where desktops keep their clock, as a share of the frame's height."""


MANY = 12
"""With more little regions than this something else than the pointer moved."""


@dataclass(frozen=True, slots=True)
class Region:
    """A connected change.

    Attributes:
        box: bounding box, shares of the frame's width and height.
        share: changed cells, as a share of all cells of the frame.
        caret: whether it is as narrow and upright as a text caret.
        moved: whether the same small thing vanished or appeared elsewhere at the same time, as a moving pointer does.
    """

    box: Box
    share: float
    caret: bool
    moved: bool = False

    @property
    def area(self) -> float:
        """Area of the box as a share of the frame."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    def near(self, points: Sequence[Point], reach: float = 0.03) -> bool:
        """Whether one of the points (shares of the frame) lies in the box widened by `reach`."""
        x0, y0, x1, y1 = self.box
        return any(x0 - reach <= x <= x1 + reach and y0 - reach <= y <= y1 + reach for x, y in points)

    def pointer_sized(self) -> bool:
        """Whether it is no larger than a pointer's picture."""
        return self.box[2] - self.box[0] <= POINTER[0] and self.box[3] - self.box[1] <= POINTER[1]


@dataclass(frozen=True, slots=True)
class Acts:
    """What the user did around two frames; all points are shares of the frame.

    Attributes:
        here: points of events between the two frames.
        elsewhere: points of the events just before the first and just after the second frame.
        keys: whether there was an event without a point (typing) between the frames.
    """

    here: tuple[Point, ...] = ()
    elsewhere: tuple[Point, ...] = ()
    keys: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing was done between the frames."""
        return not self.here and not self.keys


def regions(a: Pixels, b: Pixels) -> list[Region]:
    """Connected changes between two small pictures of equal shape, in reading order."""
    level = _levels(a, b)
    mask = (level > WEAK).astype(np.uint8)
    if not mask.any() or int(level.max()) <= STRONG:
        return []
    joined = cv2.dilate(mask, np.ones((3, 7), np.uint8))  # letters of a word, words of a line
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = [
        _region(level, mask, np.asarray(labels, dtype=np.int32), [int(v) for v in stats[k]], k) for k in range(1, count)
    ]
    kept = _mark_moved(a, b, [region for region in found if region is not None])
    return sorted(kept, key=lambda r: (r.box[1], r.box[0], r.box))


def _levels(a: Pixels, b: Pixels) -> Pixels:
    difference = np.asarray(cv2.absdiff(a, b), dtype=np.uint8)
    return np.maximum(difference[..., 0], difference[..., 1])  # ten times faster than max(axis=-1)


def _region(level: Pixels, mask: Pixels, labels: NDArray[np.int32], stats: Sequence[int], label: int) -> Region | None:
    x, y, w, h = stats[:4]
    group = (labels[y : y + h, x : x + w] == label) & (mask[y : y + h, x : x + w] > 0)
    if int(level[y : y + h, x : x + w][group].max(initial=0)) <= STRONG:
        return None
    rows, columns = np.flatnonzero(group.any(axis=1)), np.flatnonzero(group.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = mask.shape
    box = ((x + left) / width, (y + top) / height, (x + right) / width, (y + bottom) / height)
    caret = right - left <= 2 and bottom - top >= 2 * (right - left) and bottom - top >= 3
    return Region(box, float(group.sum()) / mask.size, caret)


def _mark_moved(a: Pixels, b: Pixels, found: list[Region]) -> list[Region]:
    little = [i for i, r in enumerate(found) if r.pointer_sized()]
    if not 2 <= len(little) <= MANY:
        return found
    signed = b[..., 0].astype(np.float32) - a[..., 0]
    patches = {i: _patch(signed, found[i].box) for i in little}
    for i, j in combinations(little, 2):
        if _resemble(patches[i], -patches[j]):
            found[i], found[j] = replace(found[i], moved=True), replace(found[j], moved=True)
    return found


def _patch(signed: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    height, width = signed.shape
    return signed[round(box[1] * height) : round(box[3] * height), round(box[0] * width) : round(box[2] * width)]


def _resemble(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether two small patterns correlate above 0.6 at some offset; one is slid over the other."""
    rows, columns = max(a.shape[0], b.shape[0]) + 2, max(a.shape[1], b.shape[1]) + 2
    ground = np.zeros((rows, columns), np.float32)
    ground[1 : 1 + a.shape[0], 1 : 1 + a.shape[1]] = a
    match = np.asarray(cv2.matchTemplate(ground, np.ascontiguousarray(b), cv2.TM_CCORR_NORMED))
    return float(match.max()) > 0.6


def worth(found: Sequence[Region], acts: Acts, restless: Sequence[Box] = ()) -> list[Region]:
    """The regions that are not made by the screen itself.

    Args:
        found: all regions between two frames.
        acts: what the user did.
        restless: boxes (shares) of places that change by themselves, see `restless_places`.
    """
    kept = [r for r in found if not _by_itself(r, acts, restless)]
    # Typing goes where the caret is, which no event names: an edge is then as good a place as any.
    return kept if kept or not acts.keys else [r for r in found if not r.near(acts.elsewhere)]


def _by_itself(region: Region, acts: Acts, restless: Sequence[Box]) -> bool:
    if region.caret and not acts.keys:
        return not region.near(acts.here, 0.005)
    if region.moved and not region.near(acts.here, 0.01):
        return True
    if region.pointer_sized() and region.near(acts.elsewhere, 0.01) and not region.near(acts.here, 0.01):
        return True
    if region.area > SMALL or region.near(acts.here):
        return False
    at_edge = region.box[3] <= EDGE or region.box[1] >= 1 - EDGE
    return at_edge or any(overlap(region.box, place) for place in restless)


def restless_places(pairs: Sequence[tuple[Sequence[Region], Acts]], times: int = 3) -> list[Box]:
    """Small places that changed in at least `times` pairs of frames between which nobody did anything."""
    idle = [[r.box for r in found if r.area <= SMALL] for found, acts in pairs if acts.idle]
    boxes = [box for found in idle for box in found]
    return [b for b in dict.fromkeys(boxes) if sum(any(overlap(b, o) for o in found) for found in idle) >= times]


def likeness(a: Pixels, b: Pixels) -> float:
    """How alike two screens are, 0..1: of the cells with something drawn in either, the share that did not change.

    Empty background would make any two windows of one theme alike, so cells without an edge in both do not count.
    """
    drawn = _edges(a) | _edges(b)
    level = _levels(a, b)
    changed = level > WEAK
    counted = drawn | changed
    return 1.0 if not counted.any() else float((counted & ~changed).sum() / counted.sum())


def _edges(picture: Pixels) -> NDArray[np.bool_]:
    light = np.ascontiguousarray(picture[..., 0])
    high = np.asarray(cv2.dilate(light, np.ones((3, 3), np.uint8)), dtype=np.int16)
    low = np.asarray(cv2.erode(light, np.ones((3, 3), np.uint8)), dtype=np.int16)
    return (high - low) > WEAK
