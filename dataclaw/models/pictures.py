"""The image that a policy sees of a stream: a frame or a region of one; or why it cannot be shown."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.models.chatml import plain
from dataclaw.types import Box, Picture, Stream

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 1280
"""Longest side of an image [px] for models that are asked over a network."""
QUALITY = 85


def image_of(stream: Stream, picture: Picture, side: int = SIDE) -> Image:
    """The image of a picture, RGB, made smaller where it is longer than `side` [px].

    Raises:
        StreamError: the frame cannot be shown: the stream has no such part or pictures, or a pack no such thumbnail.
    """
    from PIL import Image

    source = stream.parts.get(picture.part) if picture.part else stream
    if source is None or source.frames is None:
        raise StreamError(f"{name_of(picture)} cannot be shown: there are no pictures.", place=stream.name)
    if not 0 <= picture.frame < len(source.frames.times):
        raise StreamError(f"{name_of(picture)} cannot be shown: there is no such frame.", place=stream.name)
    image = Image.fromarray(source.frames.read([picture.frame])[0])
    if picture.box:
        image = image.crop(_within(picture.box, image.size))
    size = size_of(image.size, None, side)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def size_of(frame: tuple[int, int], box: Box | None, side: int) -> tuple[int, int]:
    """Width and height [px] of the image of a picture, without reading it.

    Args:
        frame: width and height of the frame [px].
        box: the region that is shown; None: all of it.
        side: longest side of an image [px].
    """
    x0, y0, x1, y1 = _within(box, frame) if box else (0, 0, *frame)
    width, height = x1 - x0, y1 - y0
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def jpeg(image: Image) -> bytes:
    """The image as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=QUALITY)
    return buffer.getvalue()


def name_of(picture: Picture) -> str:
    """A picture's frame as tools name it: `f12`, of a part `B.f12`."""
    return f"{picture.part}.f{picture.frame}" if picture.part else f"f{picture.frame}"


def missing(pictures: Sequence[Picture], why: str) -> str:
    """What a policy reads in place of pictures."""
    return plain(f"\n(not shown: {', '.join(map(name_of, pictures))}; {why})")


def _within(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A region in whole pixels inside the frame, one pixel at least."""
    (x0, y0, x1, y1), (width, height) = (int(edge) for edge in box), size
    left, top = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
    return left, top, min(max(x1, left + 1), width), min(max(y1, top + 1), height)
