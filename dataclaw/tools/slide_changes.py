"""When a lecture shows another slide, or the board was wiped: told by what was drawn and is gone.

A new slide takes away most of what the last one drew; a build-up only adds to it, and a person before a board covers a
little of it. So only lost ink counts: cells with an edge that have none there or next to it any more. Places that
change all the time (a talking head in a corner) are left out. Measured on a slide lecture: a change takes away 27 % to
58 % of the ink, anything else at most 0.2 %; a lecturer walking before a blackboard covers at most 13 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.pictures import Pixels
from dataclaw.types import Box

GONE = 0.2
"""Share of the ink that a new slide takes away at once."""
WIPED = 0.5
"""Share of the ink of a slide's first frame that is gone when a board was wiped bit by bit."""
SAME = 0.1
"""Slides of which no more ink than this differs, either way, are one slide shown again."""
ADDED = 0.03
"""Share of the ink that a build-up adds."""
EDGE = 60.0
"""Steepness of an edge [levels of 256 over the Sobel mask]."""
MOVED = 14
"""A cell changed above this [levels of 256], as in `difference.WEAK`."""
RESTLESS = 0.3
"""Share of the frames in which a restless place changes."""
LEAST_PAIRS = 6
"""Pairs of frames that it takes to call a place restless."""
LEAST_INK = 0.002
"""Share of the cells that must be drawn for a picture to be a slide; below it is blank."""
FLEETING = 1.0
"""A single frame between two changes for less than this is a transition, not a slide [s]."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Slide:
    """A stretch of frames that show one slide.

    Attributes:
        first: index of its first frame.
        last: index of its last frame, which shows all of it.
        builds: how often something was added to it.
        same_as: number of the earlier slide that it shows again, from 0, or None.
        box: where it differs from its neighbours, shares of the frame's width and height, or None.
    """

    first: int
    last: int
    builds: int = 0
    same_as: int | None = None
    box: Box | None = None


def slides_of(pictures: Mapping[int, Pixels], times: Sequence[float]) -> list[Slide]:
    """The slides that small pictures of frames show, in order.

    Args:
        pictures: small pictures (`pictures.shrink`) by index of the frame, in order of time.
        times: time of every frame of the stream [s].
    """
    order = list(pictures)
    calm = ~restless([pictures[k] for k in order])
    inks = [ink(pictures[k]) & calm for k in order]
    starts = _settled(_starts(inks), [times[k] for k in order])
    ends = [*(start - 1 for start in starts[1:]), len(order) - 1]
    slides: list[Slide] = []
    for start, end in zip(starts, ends, strict=True):
        neighbours = [inks[k] for k in (start - 1, end + 1) if 0 <= k < len(inks)]
        fresh = [k for k, slide in enumerate(slides) if slide.same_as is None]
        again = next((k for k in fresh if _same(inks[ends[k]], inks[end])), None)
        box = _box(inks[end], neighbours)
        slides.append(Slide(order[start], order[end], _builds(inks[start : end + 1]), again, box))
    return slides


def restless(pictures: Sequence[Pixels]) -> Mask:
    """Cells that change most of the time, and those around them; none in fewer than `LEAST_PAIRS` pairs."""
    shape = pictures[0].shape[:2]
    counts = np.zeros(shape, np.int32)
    for a, b in pairwise(pictures):
        counts += np.abs(a[..., 0].astype(np.int16) - b[..., 0].astype(np.int16)) > MOVED
    if len(pictures) <= LEAST_PAIRS:
        return np.zeros(shape, np.bool_)
    often = (counts > RESTLESS * (len(pictures) - 1)).astype(np.uint8)
    return cv2.dilate(often, np.ones((9, 9), np.uint8)) > 0


def ink(picture: Pixels) -> Mask:
    """Cells of a small picture with an edge."""
    light = picture[..., 0].astype(np.float32)
    steep = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    return np.asarray(steep > EDGE, dtype=np.bool_)


def gone(before: Mask, after: Mask) -> float:
    """Share of the ink before that is not there after, nor next to it; 1 when a blank picture is filled."""
    least = LEAST_INK * before.size
    if before.sum() < least:
        return float(after.sum() > 3 * least)
    near = cv2.dilate(after.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return float((before & ~near).sum() / before.sum())


def _starts(inks: Sequence[Mask]) -> list[int]:
    starts = [0]
    for k in range(1, len(inks)):
        if gone(inks[k - 1], inks[k]) >= GONE or gone(inks[starts[-1]], inks[k]) >= WIPED:
            starts.append(k)
    return starts


def _settled(starts: Sequence[int], times: Sequence[float]) -> list[int]:
    """The starts without those of fleeting frames: a fade begins the slide that it ends in."""
    kept: list[int] = []
    for k, start in enumerate(starts):
        single = k > 0 and starts[k - 1] == start - 1 and times[start] - times[starts[k - 1]] < FLEETING
        if not (single and kept and kept[-1] > 0):
            kept.append(start)
    return kept


def _same(a: Mask, b: Mask) -> bool:
    return a.sum() >= LEAST_INK * a.size and gone(a, b) <= SAME and gone(b, a) <= SAME


def _builds(inks: Sequence[Mask]) -> int:
    """How often ink was added that stayed until the end."""
    last = inks[-1]
    return sum(gone(b & last, a) >= ADDED for a, b in pairwise(inks) if (b & last).sum() > 0 and a.any())


def _box(mine: Mask, others: Sequence[Mask]) -> Box | None:
    """Bounding box of the ink that the neighbours do not have; all ink of a slide without neighbours."""
    near = [cv2.dilate(other.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0 for other in others]
    own = mine & ~np.logical_and.reduce(near) if near else mine
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    if not len(rows) or not len(columns):
        return None
    height, width = mine.shape
    return (float(columns[0] / width), float(rows[0] / height), float((columns[-1] + 1) / width),
            float((rows[-1] + 1) / height))  # fmt: skip
