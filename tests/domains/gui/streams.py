"""Streams for the tests, from drawn screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.types import Event, Stream


def event_of(index: int, described: dict[str, Any]) -> Event:
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in described.items()}
    return Event(index=index, **fields)


@dataclass
class Drawn:
    """Frames drawn from plain colours and boxes: `screens[k]` is the screen that frame k shows."""

    screens: Sequence[str]
    size: tuple[int, int] = (640, 360)

    @property
    def times(self) -> Sequence[float]:
        return [float(k) for k in range(len(self.screens))]

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        return [self._draw(self.screens[k]) for k in indices]

    def _draw(self, name: str) -> NDArray[np.uint8]:
        rng = np.random.default_rng(sum(map(ord, name)))
        picture = np.full((self.size[1], self.size[0], 3), 240, np.uint8)
        for _ in range(6):  # blocks where the screen's name says
            x, y = int(rng.integers(0, 560)), int(rng.integers(40, 300))
            picture[y : y + 40, x : x + 70] = rng.integers(0, 200, 3)
        return picture


def drawn_stream(screens: Sequence[str], events: Sequence[dict[str, Any]]) -> Stream:
    """A trace in which event k happens at second k + 0.5 on the screen of frame k."""
    placed = [event_of(k, {"t0": k + 0.5, "t1": k + 0.6, "frame": k, **event}) for k, event in enumerate(events)]
    frames = Drawn(screens)
    return Stream(
        id=f"{hash(tuple(screens)) & 0xFFFFFFFF:016x}",
        kind="gui",
        name="drawn",
        path="",
        format="drawn",
        duration=float(len(screens)),
        frames=frames,
        events=tuple(placed),
    )
