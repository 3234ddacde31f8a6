"""Frames drawn from words when they are read: coloured boxes with text, the same pixels each time.

Enough for what tools see (regions, motion, cuts, plain words); it is no renderer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from dataclaw.kit.fixture_form import DescribedFrame, DescribedPictures, DescribedShape
from dataclaw.streams.frames import check_indices, rate_of

_CLOSE = 1e-6
_LETTERS = 0.6
"""Height of letters as a share of the box's height."""


class DrawnFrames:
    """Frames of a described stream; implements `types.Footage`.

    With a rate, the recording has a frame at every multiple of 1/rate between the first and the last sampled frame;
    each shows the sampled frame before it.

    Attributes:
        times: time of each sampled frame [s].
        size: `(width, height)` [px].
        rate: recorded frames per second [1/s].
    """

    def __init__(self, pictures: DescribedPictures) -> None:
        self._pictures = pictures
        self.times: Sequence[float] = [frame.t for frame in pictures.frames]
        self.size = pictures.size
        self.rate = pictures.rate or rate_of(self.times)

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, in the order asked for.

        Raises:
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self.times))
        return [draw(self._pictures.frames[index], self.size) for index in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`."""
        for time in self._recorded_times():
            if t0 - _CLOSE <= time <= t1 + _CLOSE:
                shown = int(np.searchsorted(self.times, time + _CLOSE, side="right")) - 1
                yield time, draw(self._pictures.frames[shown], self.size)

    def _recorded_times(self) -> list[float]:
        if self._pictures.rate is None:
            return list(self.times)
        step = 1.0 / self._pictures.rate
        first, last = self.times[0], self.times[-1]
        grid = [first + k * step for k in range(int((last - first) / step + _CLOSE) + 1)]
        between = [time for time in grid if min(abs(time - t) for t in self.times) > step / 2]
        return sorted([*self.times, *between])


def draw(frame: DescribedFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture `(height, width, 3)` RGB of a described frame."""
    picture = Image.new("RGB", size, frame.fill)
    pen = ImageDraw.Draw(picture)
    for shape in frame.shapes:
        if shape.color:
            pen.rectangle(shape.box, fill=shape.color)
        if shape.text:
            _write(pen, shape, shape.color or frame.fill)
    return np.asarray(picture, dtype=np.uint8)


def _write(pen: ImageDraw.ImageDraw, shape: DescribedShape, behind: str) -> None:
    x0, y0, x1, y1 = shape.box
    height = max(6.0, (y1 - y0) * _LETTERS)
    width = pen.textlength(shape.text, font=ImageFont.load_default(height))
    font = ImageFont.load_default(max(6.0, min(height, height * (x1 - x0) / max(width, 1.0))))
    red, green, blue = ImageColor.getrgb(behind)[:3]
    ink = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 127 else "#ffffff"  # luma of ITU-R BT.601
    pen.text(((x0 + x1) / 2, (y0 + y1) / 2), shape.text, fill=ink, font=font, anchor="mm")
