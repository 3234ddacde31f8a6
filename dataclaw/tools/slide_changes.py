"""When a lecture shows another slide, or the board was wiped: told by what was drawn and is gone.

A new slide paints over most of what the last one drew; a build-up only adds to it, and a person before a board covers a
little of it. So only what was drawn counts: cells with an edge that have another lightness afterwards. Places that
change all the time (a talking head in a corner) are left out. Measured on a slide lecture: a change takes away 54 % to
74 % of what was drawn, anything else at most 0.1 %; a lecturer walking before a blackboard covers at most 24 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.boxes import mask_box
from dataclaw.tools.pictures import Pixels
from dataclaw.types import Box

GONE = 0.4
"""Share of what was drawn that a new slide takes away at once."""
WIPED = 0.5
"""Share of what a slide's first frame drew that is gone when a board was wiped bit by bit."""
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
    views = [view(pictures[k], calm) for k in order]
    starts = _without_fleeting(_starts(views), [times[k] for k in order])
    ends = [*(start - 1 for start in starts[1:]), len(order) - 1]
    slides: list[Slide] = []
    for start, end in zip(starts, ends, strict=True):
        neighbours = [views[k] for k in (start - 1, end + 1) if 0 <= k < len(views)]
        fresh = [k for k, slide in enumerate(slides) if slide.same_as is None]
        again = next((k for k in fresh if _same(views[ends[k]], views[end])), None)
        box = _box(views[end], neighbours)
        slides.append(Slide(order[start], order[end], _builds(views[start : end + 1]), again, box))
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


@dataclass(frozen=True, slots=True, eq=False)
class SlideView:
    """What a picture shows.

    Attributes:
        light: lightness of each cell, 0..255.
        ink: cells with an edge, restless places left out.
    """

    light: NDArray[np.int16]
    ink: Mask

    @property
    def blank(self) -> bool:
        """Whether hardly anything is drawn."""
        return bool(self.ink.sum() < LEAST_INK * self.ink.size)


def view(picture: Pixels, calm: Mask) -> SlideView:
    """A small picture with its edges inside the cells that are `calm`."""
    light = picture[..., 0]
    smooth = light.astype(np.float32)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    return SlideView(light.astype(np.int16), np.asarray(steep > EDGE, dtype=np.bool_) & calm)


def share_gone(before: SlideView, after: SlideView) -> float:
    """Share of what was drawn before that looks another way after; 1 when a blank picture is filled."""
    if before.blank:
        return float(not after.blank)
    return float((before.ink & _changed_cells(before, after)).sum() / before.ink.sum())


def _changed_cells(a: SlideView, b: SlideView) -> Mask:
    return np.asarray(np.abs(a.light - b.light) > MOVED, dtype=np.bool_)


def _starts(views: Sequence[SlideView]) -> list[int]:
    starts = [0]
    for k in range(1, len(views)):
        if share_gone(views[k - 1], views[k]) >= GONE or share_gone(views[starts[-1]], views[k]) >= WIPED:
            starts.append(k)
    return starts


def _without_fleeting(starts: Sequence[int], times: Sequence[float]) -> list[int]:
    """The starts without those of fleeting frames: a fade begins the slide that it ends in."""
    kept: list[int] = []
    for k, start in enumerate(starts):
        fleeting = k > 1 and starts[k - 1] == start - 1 and times[start] - times[start - 1] < FLEETING
        if not fleeting:
            kept.append(start)
    return kept


def _same(a: SlideView, b: SlideView) -> bool:
    return not a.blank and share_gone(a, b) <= SAME and share_gone(b, a) <= SAME


def _builds(views: Sequence[SlideView]) -> int:
    """How often something was added that stayed until the end."""
    last = views[-1]
    stays = [now.ink & last.ink & ~_changed_cells(now, last) for now in views]
    return sum(
        float((mine & _changed_cells(before, now)).sum()) >= ADDED * max(1.0, float(last.ink.sum()))
        for (before, now), mine in zip(pairwise(views), stays[1:], strict=True)
    )


def _box(mine: SlideView, others: Sequence[SlideView]) -> Box | None:
    """Bounding box of what the neighbours do not show; of all that is drawn where there are none."""
    own = mine.ink & np.logical_or.reduce([_changed_cells(mine, other) for other in others]) if others else mine.ink
    return mask_box(own)
