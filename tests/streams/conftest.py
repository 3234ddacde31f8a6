"""Videos whose every frame shows its own number, so that a test can tell which frame it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
_BITS = 12
_CELL = 16

WriteVideo = Callable[..., Path]


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    return SHARED


def numbered(number: int, size: tuple[int, int] = (_BITS * _CELL, 64)) -> NDArray[np.uint8]:
    """A picture with the number as black and white squares along its top."""
    picture = np.full((size[1], size[0], 3), 128, np.uint8)
    for bit in range(_BITS):
        picture[:_CELL, bit * _CELL : (bit + 1) * _CELL] = 255 if number >> bit & 1 else 0
    return picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """The number that a picture shows, even after lossy coding."""
    middle = _CELL // 2
    return sum(int(picture[middle, bit * _CELL + middle].mean() > 128) << bit for bit in range(_BITS))


def write_video(
    path: Path,
    stamps: Sequence[int] = range(50),
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    size: tuple[int, int] = (_BITS * _CELL, 64),
    rotation: float = 0.0,
    container_options: dict[str, str] | None = None,
) -> Path:
    """A video whose n-th frame shows n at `stamps[n]` milliseconds x 10."""
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        track = container.add_stream(codec, rate=100, options=options or {})
        track.width, track.height, track.pix_fmt = *size, pix_fmt
        if rotation:
            track.set_display_rotation(rotation)
        for number, pts in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(numbered(number, size), "rgb24").reformat(format=pix_fmt)
            frame.pts = pts
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


def write_picture(path: Path, number: int = 0, size: tuple[int, int] = (_BITS * _CELL, 64)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(numbered(number, size)).save(path)
    return path
