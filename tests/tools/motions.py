"""Moving pictures and moving numbers for the tools' tests: a textured ground, a square on it, paths, grippers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.tools import ToolContext
from dataclaw.types import Event, Frames, Series, Stream

SIZE = (320, 240)


class Film:
    """A recording computed from time: `draw(t)` is the picture shown at second t; implements `types.Footage`.

    Every `stride`th recorded frame is sampled.
    """

    def __init__(self, draw: Callable[[float], NDArray[np.uint8]], seconds: float, rate: float = 30.0, stride: int = 5):
        self._draw = draw
        self._recorded = [k / rate for k in range(round(seconds * rate))]
        self.times: Sequence[float] = self._recorded[::stride]
        self.rate = rate
        first = draw(0.0)
        self.size = (first.shape[1], first.shape[0])

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        return [self._draw(self.times[i]) for i in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        yield from ((t, self._draw(t)) for t in self._recorded if t0 - 1e-6 <= t <= t1 + 1e-6)


def ground(seed: int = 7) -> NDArray[np.uint8]:
    """A wide textured picture to look at a part of: blocks of random grey, twice as large as a frame."""
    blocks = np.random.default_rng(seed).integers(60, 200, (60, 80), dtype=np.uint8)
    return np.repeat(np.repeat(blocks, 8, axis=0), 8, axis=1)


def view(
    shift: tuple[float, float] = (0.0, 0.0),
    square: tuple[float, float] | None = None,
    land: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """What a camera sees that has moved by `shift` [px, right and down], with a bright square at `square` [px]."""
    x, y = 160 + round(shift[0]), 120 + round(shift[1])
    picture = np.stack([(ground() if land is None else land)[y : y + 240, x : x + 320]] * 3, axis=-1).copy()
    if square is not None:
        left, top = round(square[0]), round(square[1])
        picture[top : top + 50, left : left + 50] = 250
        picture[top + 10 : top + 20, left + 10 : left + 40] = 20  # corners to follow
        picture[top + 30 : top + 40, left + 10 : left + 25] = 90
    return picture


def series(name: str, times: Any, columns: Mapping[str, Any], unit: str = "") -> Series:
    """A series of named columns; every value may be an array or one number."""
    t = np.asarray(times, dtype=np.float64)
    values = np.stack([np.broadcast_to(np.asarray(v, dtype=np.float64), t.shape) for v in columns.values()], axis=1)
    return Series(name, t, values.copy(), tuple(columns), (unit,) * len(columns))


def trajectory(
    *numbers: Series, roles: Mapping[str, Any], frames: Frames | None = None, duration: float | None = None,
    events: Sequence[Event] = (), meta: Mapping[str, Any] | None = None,
) -> Stream:  # fmt: skip
    """A trajectory stream of given numbers."""
    end = max(float(s.times[-1]) for s in numbers) if duration is None else duration
    return Stream(
        id=f"{abs(hash((tuple(s.values.tobytes() for s in numbers), str(roles)))):016x}"[:16],
        kind="trajectory",
        name="hand",
        path="",
        format="made",
        duration=end,
        frames=frames,
        events=tuple(events),
        series={s.name: s for s in numbers},
        meta={"roles": roles, **(meta or {})},
    )


def film_stream(film: Film, name: str = "film") -> Stream:
    """A plain recording."""
    end = float(film.times[-1]) + 1 / film.rate
    return Stream(
        id=f"{abs(hash(name)):016x}"[:16], kind="video", name=name, path="", format="made", duration=end, frames=film
    )


def context(stream: Stream) -> ToolContext:
    return ToolContext(stream, (0.0, stream.duration))


def street(t: float, speed: float = 25.0) -> NDArray[np.uint8]:
    """What a car's camera sees at `t` [s], driven at `speed` [m/s]: far hills and the bonnet rest, the road streams."""
    width, height = SIZE
    x, y = np.meshgrid((np.arange(width) - width / 2) / 256, (np.arange(height) - height / 2) / 256)
    picture = np.full((height, width), 205.0)
    hills = np.random.default_rng(9).integers(70, 150, (6, 80))
    picture[height // 2 - 14 : height // 2 + 4] = np.repeat(np.repeat(hills, 3, axis=0), 4, axis=1)
    depth = np.where(y > 0.015, 1.3 / np.maximum(y, 0.015), np.inf)
    seen = depth < 100
    far, aside = np.where(seen, depth, 0.0) + speed * t, np.where(seen, x * np.where(seen, depth, 0.0), 0.0)
    grain = np.random.default_rng(3).integers(60, 200, (256, 256))[
        np.floor(far * 3).astype(int) % 256, np.floor((aside + 40) * 3).astype(int) % 256
    ]
    fade = np.exp(-np.where(seen, depth, 0.0) / 12)
    road = np.where(np.abs(aside) < 7, 105.0, 95 + (grain - 130) * 0.8 * fade)
    lines = (np.abs(np.abs(aside) - 1.8) < 0.1) & (np.floor(far / 4) % 3 == 0)
    picture = np.where(seen, np.where(lines, 225, road), picture)
    picture[height - 30 :, 40 : width - 40] = 40
    picture[height - 24 : height - 14 : 3, 60 : width - 60 : 2] = 150  # what shines on the bonnet
    return np.stack([np.clip(picture, 0, 255).astype(np.uint8)] * 3, axis=-1)


def game(t: float) -> NDArray[np.uint8]:
    """What a player sees who turns to the right at full speed, behind the marks of the game, which rest."""
    picture = view((384 * t - 160, 0), land=np.tile(ground(), (1, 4)))
    picture[200:236, 60:260] = 60
    for k in range(10):
        picture[205:231, 65 + 20 * k : 79 + 20 * k] = (40 + 20 * k, 200 - 15 * k, 90)
    return picture
