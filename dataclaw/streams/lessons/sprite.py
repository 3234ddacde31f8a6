"""A grid of small pictures in one picture file, as frames: players show it while one drags along the time line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.frames import StoredFrames
from dataclaw.streams.pictures import Recent, content, decode_picture, picture_size

MAX_CELLS = 10_000
LEAST = 16
"""Narrower cells show nothing [px]."""


class SpriteFrames(StoredFrames):
    """Cells of a picture, row by row, cut out when they are asked for; there may be fewer times than cells.

    Args:
        file: the picture.
        grid: `(columns, rows)`.
        times: time of each cell [s], strictly increasing.
        whole: `(width, height)` [px] of the picture.
    """

    def __init__(self, file: Path, grid: tuple[int, int], times: Sequence[float], whole: tuple[int, int]) -> None:
        super().__init__(times, (whole[0] // grid[0], whole[1] // grid[1]))
        self._file = file
        self._columns = grid[0]
        self._whole = whole
        self._sheet = Recent[int]()

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        sheet = self._sheet.get(0)
        if sheet is None:
            sheet = decode_picture(content(self._file, ""), str(self._file), self._whole)
            self._sheet.put(0, sheet)
        width, height = self.size
        for index in indices:
            row, column = divmod(index, self._columns)
            yield sheet[row * height : (row + 1) * height, column * width : (column + 1) * width].copy()


def open_sprite(file: Path, grid: tuple[int, int], duration: float) -> SpriteFrames:
    """The cells of a picture spread evenly over a recording: cell k shows `k / cells` of its duration [s].

    Raises:
        StreamError: not a picture, or one too small for so many cells.
    """
    columns, rows = grid
    if not (columns >= 1 and rows >= 1 and columns * rows <= MAX_CELLS):
        raise StreamError(f"a grid of {columns} x {rows} is not usable.", place=str(file), remedy="Mend the manifest.")
    whole = picture_size(content(file, ""), str(file))
    if whole[0] < columns * LEAST or whole[1] < rows * LEAST:
        raise StreamError(f"{whole[0]}x{whole[1]} px are too few for {columns} x {rows} pictures.", place=str(file),
                          remedy="Copy the picture again.")  # fmt: skip
    cells = columns * rows
    return SpriteFrames(file, grid, [duration * k / cells for k in range(cells)], whole)
