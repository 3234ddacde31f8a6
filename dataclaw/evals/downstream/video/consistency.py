"""Whether a clip keeps its subject, and moves evenly: two measures of VBench (Huang et al. 2024), without its networks.

Both formulas are VBench's. Its features are DINO and its interpolator is AMT, which need weights; here both are given,
with defaults that need none. With the defaults the numbers compare with each other, and with no published ones.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.evals.downstream.video.features import GREY, Clip, Pixels, check_clip, gradient_histogram, shrink

if TYPE_CHECKING:
    from dataclaw.evals.downstream.video.frechet import Matrix

WIDTH = 320
"""Pictures are made no wider than this before their motion is measured [px]."""
Flow = NDArray[np.float32]


class FrameFeatures(Protocol):
    """A frozen function of a picture.

    Attributes:
        name: all that decides its numbers; results carry it.
    """

    name: str

    def __call__(self, picture: Pixels) -> Matrix:
        """Features `(D,)` of a picture `(height, width, 3)` RGB."""
        ...


class FrameGrid:
    """A stand-in for DINO: colours and orientations of edges in 4 x 4 cells; it sees layout, and no subject.

    Colours are counted from mid grey, so that the cosine of two unlike pictures is not near 1 by itself.
    """

    name = "frame-grid-176 (no DINO)"
    cells, side, bins = 4, 96, 8

    def __call__(self, picture: Pixels) -> Matrix:
        """Features `(176,)`: 3 colours of -0.5..0.5 and 8 orientations of each cell."""
        small = shrink(picture, (self.side, self.side)).astype(np.float64) / 255
        along_y, along_x = cast("list[Matrix]", np.gradient(small @ GREY))
        step = self.side // self.cells
        starts = range(0, self.side, step)
        found: list[Matrix] = []
        for top in starts:
            for left in starts:
                cell = np.s_[top : top + step, left : left + step]
                found += [small[cell].mean((0, 1)) - 0.5, gradient_histogram(along_x[cell], along_y[cell], self.bins)]
        return np.concatenate(found)


def subject_consistency(clip: Clip, features: FrameFeatures | None = None) -> float:
    """Mean likeness of each picture to the first and to the one before it, 0..1.

        1 / (T - 1) sum over t = 2..T of (max(0, cos(f_1, f_t)) + max(0, cos(f_t-1, f_t))) / 2

    Args:
        clip: pictures `(T, height, width, 3)`, T >= 2.
        features: what pictures are compared by, `FrameGrid` by default; DINO ViT-B/16 makes it VBench's measure.

    Raises:
        UsageError: it is no clip.
    """
    check_clip(clip, 2)
    extract = features or FrameGrid()
    rows = np.stack([extract(picture) for picture in clip])
    units = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    to_first, to_previous = units[1:] @ units[0], (units[1:] * units[:-1]).sum(1)
    return float((to_first.clip(0, 1) + to_previous.clip(0, 1)).mean() / 2)


def motion_smoothness(clip: Clip) -> float:
    """How well every second picture is foretold by its two neighbours, 0..1.

        1 - mean over odd t of mean |x_t - m(x_t-1, x_t+1)| / 255

    `m` is the mean of both neighbours, each moved half of the optical flow (DIS) towards the other. VBench's `m` is the
    network AMT, so the numbers are ours. A still clip has 1: read it beside `flow_speed`.

    Args:
        clip: pictures `(T, height, width, 3)`, T >= 3.

    Raises:
        UsageError: it is no clip.
    """
    check_clip(clip, 3)
    small = [narrow_picture(picture) for picture in clip]
    errors = [
        float(cv2.absdiff(small[at], _between(small[at - 1], small[at + 1])).mean())
        for at in range(1, len(small) - 1, 2)
    ]
    return 1 - float(np.mean(errors)) / 255


def flow_speed(clip: Clip, rate: float) -> float:
    """How fast pictures move: mean length of the optical flow (DIS), in picture diagonals a second [1/s].

    Of the means between neighbours it is the median, so that a cut does not count as motion. Camera and subject count
    alike.

    Args:
        clip: pictures `(T, height, width, 3)`, T >= 2.
        rate: pictures a second [1/s].

    Raises:
        UsageError: it is no clip.
    """
    check_clip(clip, 2)
    grey = [_grey(narrow_picture(picture)) for picture in clip]
    diagonal = float(np.hypot(*grey[0].shape))
    lengths = [np.linalg.norm(_flow(a, b), axis=2).mean() for a, b in pairwise(grey)]
    return float(np.median(lengths)) / diagonal * rate


def narrow_picture(picture: Pixels) -> Pixels:
    """A picture `(height, width, 3)` that is at most `WIDTH` wide."""
    height, width = picture.shape[:2]
    if width <= WIDTH:
        return picture
    return shrink(picture, (WIDTH, round(height * WIDTH / width)))


def _grey(picture: Pixels) -> Pixels:
    return cast("Pixels", cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _between(before: Pixels, after: Pixels) -> Pixels:
    """The picture in the middle of two, by their flow."""
    first, second = _grey(before), _grey(after)
    moved = _move(before, _flow(second, first)), _move(after, _flow(first, second))
    return cast("Pixels", cv2.addWeighted(moved[0], 0.5, moved[1], 0.5, 0))


def _move(picture: Pixels, flow: Flow) -> Pixels:
    """A picture moved half of the way; `flow` says for each place of the other picture where it is in this one."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(
        picture, x + flow[..., 0] / 2, y + flow[..., 1] / 2, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cast("Pixels", moved)


def _flow(first: Pixels, second: Pixels) -> Flow:
    """Where each place of the first grey picture `(height, width)` went in the second, `(height, width, 2)` [px]."""
    follow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return cast("Flow", follow.calc(first, second, None))
