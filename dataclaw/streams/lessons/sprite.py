"""A grid of small pictures in one picture file, as frames: players show it while one drags along the time line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.frames import check_indices, rate_of
from dataclaw.streams.pictures import Recent, content, decode_picture, picture_size

MAX_CELLS = 10_000
LEAST = 16
"""Narrower cells show nothing [px]."""
_CLOSE = 1e-6


@dataclass(slots=True)
class SpriteFrames:
    """Cells of a picture, row by row, cut out when they are asked for; implements `types.Footage`.

    Attributes:
        file: the picture.
        grid: `(columns, rows)`.
        times: time of each cell [s], strictly increasing; there may be fewer than cells.
        whole: `(width, height)` [px] of the picture.
        size: `(width, height)` [px] of every cell.
    """

    file: Path
    grid: tuple[int, int]
    times: Sequence[float]
    whole: tuple[int, int]
    size: tuple[int, int] = field(init=False)
    _recent: Recent = field(default_factory=Recent, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.size = (self.whole[0] // self.grid[0], self.whole[1] // self.grid[1])

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, read-only, in the order asked for.

        Raises:
            StreamError: the picture cannot be read.
            IndexError: there is no such cell.
        """
        check_indices(indices, len(self.times))
        whole = self._recent.get(0)
        if whole is None:
            whole = decode_picture(content(self.file, ""), str(self.file), self.whole)
            self._recent.put(0, whole)
        return [self._cell(whole, index) for index in indices]

    @property
    def rate(self) -> float:
        """Cells per second [1/s]."""
        return rate_of(self.times)

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: there is nothing between the cells.

        Raises:
            StreamError: the picture cannot be read.
        """
        for index, time in enumerate(self.times):
            if t0 - _CLOSE <= time <= t1 + _CLOSE:
                yield time, self.read([index])[0]

    def _cell(self, whole: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
        row, column = divmod(index, self.grid[0])
        width, height = self.size
        cell = whole[row * height : (row + 1) * height, column * width : (column + 1) * width].copy()
        cell.flags.writeable = False
        return cell


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
