"""Pictures that lie inside a data file (TFRecord, HDF5, bag) as frames: nothing is decoded before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.streams.frames import CLOSE, StoredFrames, rate_of
from dataclaw.streams.grid import thin


class Album(Protocol):
    """Where the pictures of one camera lie; small, and able to be sent to another process."""

    def pictures(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB of these numbers (from 0, ascending), one at a time.

        Raises:
            StreamError: one cannot be read; the message names it.
        """
        ...


class AlbumFrames(StoredFrames):
    """Frames that are pictures of an album; those of another size are stretched to `size`.

    Args:
        album: the pictures.
        recorded: time of each picture of the album [s], strictly increasing.
        size: `(width, height)` [px].
        limit: most frames to sample, spread evenly.
    """

    def __init__(self, album: Album, recorded: Sequence[float], size: tuple[int, int], limit: int) -> None:
        self._album = album
        self._recorded = np.array(recorded, dtype=np.float64)
        self._chosen = thin(len(recorded), limit)
        super().__init__([float(self._recorded[k]) for k in self._chosen], size, rate_of(recorded))

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        for picture in self._album.pictures([self._chosen[index] for index in indices]):
            yield fit(picture, self.size)

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: every recorded picture of the span.

        Raises:
            StreamError: a picture cannot be read; the message names it.
        """
        wanted = np.flatnonzero((self._recorded >= t0 - CLOSE) & (self._recorded <= t1 + CLOSE))
        numbers = [int(number) for number in wanted]
        for number, picture in zip(numbers, self._album.pictures(numbers), strict=True):
            yield float(self._recorded[number]), fit(picture, self.size)


def fit(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture `(height, width, 3)`, stretched to `(width, height)` where it has another size."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), dtype=np.uint8)
