"""Films drawn for the tests: scenes of coloured shapes that move, joined by cuts and fades at known frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dataclaw.streams import open_stream
from dataclaw.types import Stream

SIZE = (192, 108)
RATE = 25
Pixels = NDArray[np.uint8]


def scene(seed: int, count: int, *, speed: float = 0.5, pan: float = 0.0) -> list[Pixels]:
    """Frames of one shot: grainy rectangles, one of them moving, the camera panning [px per frame]."""
    rng = np.random.default_rng(seed)
    wide = np.full((SIZE[1], SIZE[0] * 3, 3), rng.integers(40, 215, 3), np.uint8)
    for _ in range(90):
        x, y = int(rng.integers(0, wide.shape[1] - 30)), int(rng.integers(0, SIZE[1] - 20))
        wide[y : y + int(rng.integers(6, 30)), x : x + int(rng.integers(8, 40))] = rng.integers(0, 255, 3)
    grain = rng.normal(0, 7, (*wide.shape[:2], 1))
    wide = np.clip(wide + grain, 0, 255).astype(np.uint8)
    frames: list[Pixels] = []
    for k in range(count):
        left = min(round(SIZE[0] * 0.2 + pan * k), wide.shape[1] - SIZE[0])
        frame = wide[:, left : left + SIZE[0]].copy()
        x = round(20 + speed * k) % (SIZE[0] - 24)
        frame[40:64, x : x + 24] = (250, 240, 30)
        frames.append(frame)
    return frames


def mixed(a: Sequence[Pixels], b: Sequence[Pixels]) -> list[Pixels]:
    """A dissolve from one run of frames to another of equal length."""
    shares = [(k + 1) / (len(a) + 1) for k in range(len(a))]
    return [(x * (1 - s) + y * s).astype(np.uint8) for x, y, s in zip(a, b, shares, strict=True)]


def plain(value: int, count: int) -> list[Pixels]:
    return [np.full((SIZE[1], SIZE[0], 3), value, np.uint8)] * count


def timed(frames: Iterable[Pixels]) -> list[tuple[float, Pixels]]:
    return [(k / RATE, frame) for k, frame in enumerate(frames)]


def film(path: Path, frames: Iterable[Pixels], options: dict[str, str] | None = None) -> Stream:
    """The frames as an H.264 file, encoded with these options too, opened as a stream."""
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=RATE, options={"crf": "20"} | (options or {}))
        track.width, track.height, track.pix_fmt = *SIZE, "yuv420p"
        for picture in frames:
            container.mux(track.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        container.mux(track.encode(None))
    return open_stream(str(path))
