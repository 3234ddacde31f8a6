"""Boxes `(x0, y0, x1, y1)`: around others, overlapping, out of a mask, in pixels of a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataclaw.types import Box


def hull(boxes: Sequence[Box]) -> Box:
    """The box around all of them; there must be one."""
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share a point, edges included."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def scale_box(box: Sequence[float], size: tuple[int, int]) -> Box:
    """A box in shares of the frame as whole pixels of a frame of `size = (width, height)` [px]."""
    x0, y0, x1, y1 = box
    width, height = size
    return (float(round(x0 * width)), float(round(y0 * height)), float(round(x1 * width)), float(round(y1 * height)))


def mask_box(mask: NDArray[np.bool_]) -> Box | None:
    """The box around the cells of a mask `(rows, columns)`, in shares of its width and height; None for no cell."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    height, width = mask.shape
    right, low = float((columns[-1] + 1) / width), float((rows[-1] + 1) / height)
    return (float(columns[0] / width), float(rows[0] / height), right, low)
