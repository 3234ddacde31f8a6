"""Pictures that lie inside a data file (TFRecord, HDF5, bag) as frames: nothing is decoded before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.streams.frames import check_indices, rate_of
from dataclaw.streams.grid import thin
from dataclaw.streams.pictures import Recent

_CLOSE = 1e-6
"""Times that differ by less name the same picture [s]."""


class Album(Protocol):
    """Where the pictures of one camera lie; small, and able to be sent to another process."""

    def pictures(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB of these numbers (from 0, ascending), one at a time.

        Raises:
            StreamError: one cannot be read; the message names it.
        """
        ...


class AlbumFrames:
    """Frames that are pictures of an album; implements `types.Footage`.

    Attributes:
        times: when each sampled frame was taken [s].
        size: `(width, height)` [px] of every frame; pictures of another size are stretched to it.
        rate: recorded pictures per second [1/s].
    """

    def __init__(self, album: Album, recorded: Sequence[float], size: tuple[int, int], limit: int) -> None:
        """Sample an album.

        Args:
            album: the pictures.
            recorded: time of each picture of the album [s], strictly increasing.
            size: `(width, height)` [px].
            limit: most frames to sample, spread evenly.
        """
        self.size = size
        self.rate = rate_of(recorded)
        self._album = album
        self._recorded = np.array(recorded, dtype=np.float64)
        self._chosen = thin(len(recorded), limit)
        self.times: Sequence[float] = [float(self._recorded[k]) for k in self._chosen]
        self._recent = Recent()

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, read-only, in the order asked for.

        Raises:
            StreamError: a picture cannot be read; the message names it.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self._chosen))
        found = {i: p for i in indices if (p := self._recent.get(i)) is not None}
        missing = sorted(set(indices) - set(found))
        numbers = [self._chosen[index] for index in missing]
        for index, picture in zip(missing, self._album.pictures(numbers), strict=True):
            found[index] = fit(picture, self.size)
            self._recent.put(index, found[index])
        return [found[index] for index in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: every recorded picture of the span.

        Raises:
            StreamError: a picture cannot be read; the message names it.
        """
        wanted = np.flatnonzero((self._recorded >= t0 - _CLOSE) & (self._recorded <= t1 + _CLOSE))
        numbers = [int(number) for number in wanted]
        for number, picture in zip(numbers, self._album.pictures(numbers), strict=True):
            yield float(self._recorded[number]), fit(picture, self.size)


def fit(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture `(height, width, 3)`, stretched to `(width, height)` where it has another size."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), dtype=np.uint8)
