"""Reading frames for the tools: full pictures on demand, small ones remembered.

Decoding is what costs, so every tool that only compares frames shares one store of small pictures, bounded in bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError, ToolError
from dataclaw.streams.pictures import Recent
from dataclaw.tools.scope import Scope
from dataclaw.types import Box, Frames, Point

Pixels: TypeAlias = NDArray[np.uint8]
"""A picture `(height, width, 3)` RGB, or a small one `(rows, columns, 2)`: lightness, red against blue."""

CELLS = 90_000
"""Cells of a small picture, about 400 x 225: a typed character still covers several."""

STORE_BYTES = 96_000_000
CHUNK = 8


def read(scope: Scope, indices: Sequence[int]) -> list[Pixels]:
    """Pictures of frames, in the order asked for.

    Raises:
        ToolError: a frame cannot be decoded.
    """
    try:
        return scope.frames.read(list(indices))
    except StreamError as error:
        raise ToolError(f"frames cannot be read: {error}", remedy="Choose other frames.") from error


def small(scope: Scope, indices: Sequence[int]) -> dict[int, Pixels]:
    """Small pictures of frames by index, decoded a few at a time and remembered."""
    frames = scope.frames
    own = (scope.stream.id, str(scope.stream.path), frames.size)  # a pack of the stream has not its pictures
    keys = {i: (*own, i, float(frames.times[i])) for i in indices}
    known = {i: kept for i in keys if (kept := _store.get(keys[i])) is not None}
    missing = sorted(i for i in keys if i not in known)
    for start in range(0, len(missing), CHUNK):
        chunk = missing[start : start + CHUNK]
        for i, picture in zip(chunk, read(scope, chunk), strict=True):
            known[i] = shrink(picture)
            _store.put(keys[i], known[i])
    return known


def shrink(picture: Pixels) -> Pixels:
    """A picture as about `CELLS` cells of two planes: lightness, and red against blue (128 = neither).

    Averaging over a cell cancels most compression noise; two planes keep changes of colour at equal lightness.
    """
    height, width = picture.shape[:2]
    scale = cell_scale((width, height))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    rgb = picture.astype(np.int16)
    light = (rgb[..., 0] + 2 * rgb[..., 1] + rgb[..., 2]) // 4
    warm = (rgb[..., 0] - rgb[..., 2]) // 2 + 128
    return np.stack([light, warm], axis=-1).astype(np.uint8)


def cell_scale(size: tuple[int, int]) -> float:
    """Cells per pixel for frames of `size = (width, height)` [px], at most 1."""
    return min(1.0, math.sqrt(CELLS / max(1, size[0] * size[1])))


def cut(picture: Pixels, box: Box) -> Pixels:
    """The region of a picture; the box must lie inside it."""
    x0, y0, x1, y1 = (round(v) for v in box)
    return np.ascontiguousarray(picture[y0:y1, x0:x1])


def around(point: Point, extent: tuple[float, float], size: tuple[int, int]) -> Box:
    """A box of `extent = (width, height)` [px] around a point, pushed inside a frame of `size` [px]."""
    spans: list[tuple[float, float]] = []
    for centre, wide, limit in zip(point, extent, size, strict=True):
        wide = min(wide, limit)
        start = min(max(0.0, centre - wide / 2), limit - wide)
        spans.append((float(round(start)), float(round(start + wide))))
    return (spans[0][0], spans[1][0], spans[0][1], spans[1][1])


def inside(box: Sequence[float], frames: Frames, least: float = 2.0) -> Box:
    """A box clipped to the frame.

    Raises:
        ToolError: not four numbers, wrong order, or nothing of it lies inside the frame.
    """
    width, height = frames.size
    if len(box) != 4:
        raise ToolError(f"box has {len(box)} numbers, not 4.", remedy="Give [x0, y0, x1, y1] in pixels of the frame.")
    x0, y0 = max(0.0, box[0]), max(0.0, box[1])
    x1, y1 = min(float(width), box[2]), min(float(height), box[3])
    if x1 - x0 < least or y1 - y0 < least:
        raise ToolError(
            f"box {[round(v) for v in box]} has no area inside the frame.",
            remedy=f"Give [x0, y0, x1, y1] with x0 < x1 within 0-{width} and y0 < y1 within 0-{height}.",
        )
    return (x0, y0, x1, y1)


_store = Recent[tuple[str, str, tuple[int, int], int, float]](STORE_BYTES)
