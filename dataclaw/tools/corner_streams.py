"""Corners that stream out of one point of the picture, or into it: a camera that drives, though most of it rests.

Far hills, a bonnet and writing on the picture rest for such a camera, and near things move by their depth, so that no
motion of the whole picture explains it. A subject that comes near streams as well, but over less of the picture, and
what is around it rests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_STREAM, MOST_ASTRAY, ALONG = 10, 0.35, 0.94
"""Least corners of a stream; largest share of moving corners beside it; least cosine of their ways to the stream's."""
WIDE, TALL = 0.6, 0.25
"""Least width and height of what streams past a camera, in shares of the picture: a subject that nears is smaller."""
RIM, HORIZON = 0.2, 0.1
"""Upper and lower rim of the picture [share of its height], half the height of the horizon [share of its width]."""
POOLED = 5
"""Moves whose corners are looked at together."""
TRIES = 80
"""Points that are tried as the one from which everything streams."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Corners that move between two pictures while the camera seems to rest.

    Attributes:
        places: `(n, 2)` where they are, in shares of the width.
        ways: `(n, 2)` where they go, in shares of the width.
        rests: `(m, 2)` where the other corners are, in shares of the width.
        height: height of the picture in shares of its width.
    """

    places: NDArray[np.float64]
    ways: NDArray[np.float64]
    rests: NDArray[np.float64]
    height: float


@dataclass(frozen=True, slots=True)
class CornerStream:
    """Corners that move away from one point of the picture, or towards it.

    Attributes:
        growth: by how much their distance from it grows, 0.1 = by a tenth; negative where they come nearer.
        corners: their number.
        astray: number of moving corners that go other ways.
    """

    growth: float
    corners: int
    astray: int


def stream_of(flows: Sequence[Flow]) -> CornerStream | None:
    """The stream that the moving corners of some moves are, or None where they are none."""
    places = np.concatenate([flow.places for flow in flows])
    ways = np.concatenate([flow.ways for flow in flows])
    if len(places) < LEAST_STREAM:
        return None
    height, far = flows[-1].height, np.linalg.norm(ways, axis=1)
    best, growth, origin = np.zeros(len(places), np.bool_), 0.0, np.array([0.5, 0.5 * height])
    for source in _crossings(places, ways):
        if np.abs(source - (0.5, 0.5 * height)).max() > 0.5:
            continue
        arms = places - source
        reach = np.linalg.norm(arms, axis=1)
        along = (arms * ways).sum(axis=1) / np.maximum(reach * far, 1e-9)
        for fits in (along > ALONG, along < -ALONG):
            if fits.sum() > best.sum():
                best, growth = fits, float(np.median((along * far / np.maximum(reach, 1e-2))[fits]))
                origin = source
    astray = int((~best).sum())
    if best.sum() < LEAST_STREAM or astray > MOST_ASTRAY * len(places):
        return None
    across, down = np.ptp(places[best], axis=0)
    wide = across >= WIDE and down >= TALL * height
    rests = np.concatenate([flow.rests for flow in flows])
    if not wide or _besides(rests, origin, height) > _besides(places[best], origin, height):
        return None
    return CornerStream(growth, int(best.sum()), astray)


def _besides(places: NDArray[np.float64], origin: NDArray[np.float64], height: float) -> int:
    """How many corners lie where things rest for a camera that rests, and for one that drives do not.

    That is clear of the rims, where writing and a bonnet are, and of the horizon, where all is far.
    """
    clear = (places[:, 1] > RIM * height) & (places[:, 1] < (1 - RIM) * height)
    return int((clear & (np.abs(places[:, 1] - origin[1]) > HORIZON)).sum())


def _crossings(places: NDArray[np.float64], ways: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """Where the ways of two corners cross, for some pairs of corners."""
    pairs = np.random.default_rng(len(places)).integers(0, len(places), (TRIES, 2))
    for one, other in pairs:
        lines = np.stack([ways[one], -ways[other]], axis=1)
        if abs(float(np.linalg.det(lines))) > 1e-6:
            yield places[one] + ways[one] * np.linalg.solve(lines, places[other] - places[one])[0]
