"""How pictures move: what the camera does, and what moves by itself in front of it.

Between two small grey pictures, corners are followed with Lucas-Kanade and a similarity (shift, turn, zoom) is fitted
to most of them; where there are too few corners, phase correlation gives a shift alone. What differs after the camera's
motion is taken out is the subject's own. Where most corners rest (far hills, a bonnet, writing on the picture) but the
others stream out of one point over most of the picture, the camera drives forward. Nothing here knows depth or the
lens: shifts are shares of the picture.

Sources: Shi & Tomasi 1994 (corners), Lucas & Kanade 1981, Kuglin & Hines 1975 (phase correlation), as in OpenCV.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.corner_streams import LEAST_STREAM, POOLED, Flow, stream_of
from dataclaw.types import Box

Grey: TypeAlias = NDArray[np.uint8]
"""A small picture `(rows, columns)`, lightness."""
Shown: TypeAlias = tuple[float, Grey]
"""A small picture with its time [s]."""

WIDTH = 192
"""Columns of a small picture."""
CORNERS, LEAST_CORNERS = 240, 12
INLIER = 1.0
"""A followed corner agrees with the camera's motion within this [cells]."""
LEAST_INLIERS = 0.3
"""Least share of corners that a camera's motion must explain."""
MOVED = 14
"""A cell has changed when its lightness differs by this much of 255 after the camera's motion is taken out."""
FULL_ENERGY = 24.0
"""Mean difference of lightness between two pictures that counts as energy 1."""
REPEATED = 0.25
"""A picture that stays for longer stands still [s]."""
LOST = 0.45
"""Two pictures have nothing in common when so large a share of cells differs and no camera motion explains it."""
UNSURE, UNTOLD = 0.12, 0.15
"""Nor can a camera be followed that so few corners agree on while at least so large a share of cells differs."""
STREAMING = 0.7
"""How far a corner must go to stream, and not rest [cells]."""
WIDEST_JUMP = 0.25
"""A shift by phase correlation is believed up to this share of the width."""


@dataclass(frozen=True, slots=True)
class Move:
    """What happened between two pictures.

    Attributes:
        t0: time of the earlier one [s].
        t1: time of the later one [s].
        pan: what the camera's view shifted to the right, in picture widths (the content went left).
        tilt: what it shifted upwards, in picture heights.
        zoom: growth of the content, 0.1 = larger by a tenth (the camera goes forward or zooms in).
        roll: turn of the content, clockwise [rad].
        share: 0..1, cells that move by themselves.
        energy: 0..1, mean difference of lightness left after the camera's motion is taken out, in `FULL_ENERGY`.
        box: where most of that is, in shares of the picture `(x0, y0, x1, y1)`, or None.
        drift: `(right, down)` mean shift of what moves by itself, in picture widths; (0, 0) when nothing could be
            followed.
        trust: 0..1, share of corners that the camera's motion explains.
        lost: nothing of the one can be found in the other: another shot, or a camera too quick to follow.
        flow: the corners that move while the camera rests.
    """

    t0: float
    t1: float
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    roll: float = 0.0
    share: float = 0.0
    energy: float = 0.0
    box: Box | None = None
    drift: tuple[float, float] = (0.0, 0.0)
    trust: float = 1.0
    lost: bool = False
    flow: Flow | None = None


def grey(picture: NDArray[np.uint8]) -> Grey:
    """A picture `(height, width, 3)` RGB as `WIDTH` columns of lightness, slightly blurred against codec noise."""
    height, width = picture.shape[:2]
    size = (min(WIDTH, width), max(8, round(height * min(WIDTH, width) / width)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    flat = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(flat, (3, 3), 0), dtype=np.uint8)


def moves(pictures: Iterable[tuple[float, NDArray[np.uint8]]], every: int = 1) -> Iterator[Move]:
    """The moves between pictures `(time [s], (height, width, 3) RGB)`, in order.

    Every so many of them are compared, and the last; those in between only where the camera was too quick to be
    followed. Pictures that a recorder repeated for less than `REPEATED` are passed over: they say nothing.
    """
    chain = _Chain()
    between_them: list[Shown] = []
    for number, (time, picture) in enumerate(pictures):
        between_them.append((time, grey(picture)))
        if number % every == 0:
            yield from chain.push(between_them)
            between_them = []
    if between_them:
        yield from chain.push(between_them)
    yield from chain.finish()


class _Chain:
    """Goes from picture to picture, and waits while one is repeated."""

    def __init__(self) -> None:
        self._before: Shown | None = None
        self._repeated: list[float] = []  # times at which it was shown again, while it may still be a recorder's repeat
        self._resting = False
        self._flows: deque[Flow] = deque(maxlen=POOLED)

    def _judge(self, move: Move) -> Move:
        """The move, or that of a camera that drives, by how corners streamed up to now."""
        if move.flow is None:
            self._flows.clear()
            return move
        self._flows.append(move.flow)
        stream = stream_of(self._flows)
        if stream is None:
            return replace(move, flow=None)
        trust = stream.corners / (stream.corners + stream.astray)
        # near things differ by their depth alone: what a subject does among them cannot be told
        return replace(move, zoom=stream.growth, share=0.0, box=None, drift=(0.0, 0.0), trust=trust, flow=None)

    def push(self, shown: Sequence[Shown]) -> Iterator[Move]:
        """Go on to the last of these pictures; the others lie between."""
        time, now = shown[-1]
        if self._before is None:
            self._before = (time, now)
        elif not np.array_equal(self._before[1], now):
            yield from map(self._judge, _follow([self._before, *shown]))
            self._before, self._repeated, self._resting = (time, now), [], False
        else:
            self._repeated.append(time)
            if self._resting or time - self._before[0] > REPEATED:
                yield from (Move(a, b) for a, b in pairwise([self._before[0], *self._repeated]))
                self._before, self._repeated, self._resting = (time, now), [], True

    def finish(self) -> Iterator[Move]:
        """The standstill at the end."""
        if self._before is not None and self._repeated:
            yield Move(self._before[0], self._repeated[-1])


def _follow(shown: Sequence[Shown]) -> list[Move]:
    """The move from the first picture to the last, in steps through those between them where it is too quick."""
    (t0, first), (t1, last) = shown[0], shown[-1]
    whole = between(first, last, t0, t1)
    if len(shown) < 3:
        return [whole]
    if whole.trust >= LEAST_INLIERS:
        return [_with_closer_flow(whole, shown)]
    distinct = [shown[0]]
    for time, picture in shown[1:]:
        if time == t1 or not np.array_equal(picture, distinct[-1][1]):
            distinct.append((time, picture))
    steps = [between(a, b, s, t) for (s, a), (t, b) in pairwise(distinct)]
    return steps if min(step.trust for step in steps) > whole.trust else [whole]


def _with_closer_flow(whole: Move, shown: Sequence[Shown]) -> Move:
    """The move with the flow between its last two pictures, where that has corners enough: what is near is quick."""
    if whole.flow is None or not len(whole.flow.places):
        return whole
    (s, a), (t, b) = shown[-2:]
    closer = between(a, b, s, t).flow
    if closer is None or len(closer.places) < LEAST_STREAM / 2:
        return whole
    return replace(whole, flow=replace(closer, ways=closer.ways * (whole.t1 - whole.t0) / (t - s)))


def between(a: Grey, b: Grey, t0: float = 0.0, t1: float = 1.0) -> Move:
    """The move from one small picture to the next of the same size."""
    if np.array_equal(a, b):
        return Move(t0, t1)
    start, end = _follow_corners(a, b)
    camera, trust = _camera(start, end, a, b)
    height, width = a.shape
    difference, seen = _left_over(a, b, camera)
    at_rest = cv2.absdiff(a, b)
    if seen.any() and at_rest[seen].mean() <= difference[seen].mean():  # a camera that rests explains it as well
        camera, difference, seen = _STILL.copy(), at_rest, np.ones_like(seen)
        trust = float((np.linalg.norm(end - start, axis=1) < INLIER).mean()) if len(start) else trust
    changed = _without_specks(difference >= MOVED)
    share = float(changed.sum() / max(1, seen.sum()))
    lost = (share > LOST and trust < LEAST_INLIERS) or (share > UNTOLD and trust < UNSURE)
    scale, roll = math.hypot(camera[0, 0], camera[1, 0]), math.atan2(camera[1, 0], camera[0, 0])
    centre = camera @ np.array([width / 2, height / 2, 1.0])
    return Move(
        t0,
        t1,
        pan=float(width / 2 - centre[0]) / width,
        tilt=float(centre[1] - height / 2) / height,
        zoom=scale - 1.0,
        roll=roll,
        share=share,
        energy=min(1.0, float(difference[seen].mean()) / FULL_ENERGY) if seen.any() else 0.0,
        box=_box(changed) if not lost else None,
        drift=_drift(start, end, camera, changed) if not lost else (0.0, 0.0),
        trust=trust,
        lost=lost,
        flow=None if lost else _flow(start, end, camera, a.shape),
    )


Points: TypeAlias = NDArray[np.float32]
"""`(n, 2)` places in a small picture [cells]."""
_NONE = np.zeros((0, 2), np.float32)
_STILL = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def _follow_corners(a: Grey, b: Grey) -> tuple[Points, Points]:
    """Corners of the first picture and where they are in the second; those not found again from there are left out."""
    corners = cast("Points | None", cv2.goodFeaturesToTrack(a, CORNERS, 0.01, 4))
    if corners is None:
        return _NONE, _NONE
    there, found, _ = cv2.calcOpticalFlowPyrLK(a, b, corners, np.zeros_like(corners), winSize=(15, 15), maxLevel=3)
    back, again, _ = cv2.calcOpticalFlowPyrLK(b, a, there, np.zeros_like(corners), winSize=(15, 15), maxLevel=3)
    home = np.linalg.norm((back - corners).reshape(-1, 2), axis=1) < INLIER
    good = home & (found.ravel() == 1) & (again.ravel() == 1)
    return corners.reshape(-1, 2)[good], np.asarray(there.reshape(-1, 2)[good], dtype=np.float32)


def _camera(start: Points, end: Points, a: Grey, b: Grey) -> tuple[NDArray[np.float64], float]:
    """The similarity `(2, 3)` that takes the first picture to the second, and the share of corners that follow it."""
    if len(start) >= LEAST_CORNERS:
        fitted, inliers = cv2.estimateAffinePartial2D(
            start, end, method=cv2.RANSAC, ransacReprojThreshold=INLIER, maxIters=500, confidence=0.99
        )
        fitted = cast("NDArray[np.float64] | None", fitted)  # none where all corners are one point
        if fitted is not None and np.isfinite(fitted).all() and (trust := float(inliers.mean())) >= LEAST_INLIERS:
            return np.asarray(fitted, dtype=np.float64), trust
    return _shift(a, b)


def _flow(start: Points, end: Points, camera: NDArray[np.float64], shape: tuple[int, ...]) -> Flow | None:
    """The corners that move, with their ways, in shares of the width; None where the camera does not rest."""
    if np.abs(camera - _STILL).max() > STREAMING:
        return None
    ways = (end - start).astype(np.float64)
    moving = np.linalg.norm(ways, axis=1) > STREAMING
    here = start.astype(np.float64) / shape[1]
    return Flow(here[moving], ways[moving] / shape[1], here[~moving], shape[0] / shape[1])


def _shift(a: Grey, b: Grey) -> tuple[NDArray[np.float64], float]:
    height, width = a.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (dx, dy), response = cv2.phaseCorrelate(a.astype(np.float32), b.astype(np.float32), window)
    still = _STILL.copy()
    if response < 0.1 or abs(dx) > WIDEST_JUMP * width or abs(dy) > WIDEST_JUMP * height:
        return still, min(1.0, max(0.0, float(response)))
    still[:, 2] = dx, dy
    return still, min(1.0, float(response))


def _left_over(a: Grey, b: Grey, camera: NDArray[np.float64]) -> tuple[Grey, NDArray[np.bool_]]:
    """Difference of lightness after the camera's motion is taken out, and the cells that both pictures show."""
    height, width = a.shape
    warped = cv2.warpAffine(a, camera, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    seen = cv2.warpAffine(np.full_like(a, 255), camera, (width, height), borderValue=0) > 250
    return np.where(seen, cv2.absdiff(warped, b), 0).astype(np.uint8), seen


def _without_specks(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without specks: a cell counts when it and its neighbours on some side changed too."""
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_OPEN, kernel), dtype=np.bool_)


def _box(changed: NDArray[np.bool_]) -> Box | None:
    """Box of the largest connected region and of those at least a quarter as large, in shares of the picture."""
    closed = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    if count < 2:
        return None
    regions = stats[1:]
    large = regions[regions[:, cv2.CC_STAT_AREA] * 4 >= regions[:, cv2.CC_STAT_AREA].max()]
    height, width = changed.shape
    x0, y0 = int(large[:, cv2.CC_STAT_LEFT].min()), int(large[:, cv2.CC_STAT_TOP].min())
    x1 = int((large[:, cv2.CC_STAT_LEFT] + large[:, cv2.CC_STAT_WIDTH]).max())
    y1 = int((large[:, cv2.CC_STAT_TOP] + large[:, cv2.CC_STAT_HEIGHT]).max())
    return (x0 / width, y0 / height, x1 / width, y1 / height)


def _drift(start: Points, end: Points, camera: NDArray[np.float64], changed: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean shift of the corners that lie on what changed and do not follow the camera."""
    if not len(start):
        return (0.0, 0.0)
    own = end - (start @ camera[:, :2].T + camera[:, 2])
    height, width = changed.shape
    columns = np.clip(end[:, 0].round().astype(int), 0, width - 1)
    rows = np.clip(end[:, 1].round().astype(int), 0, height - 1)
    near = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.bool_)  # corners lie on its rim
    chosen = (np.linalg.norm(own, axis=1) > INLIER) & near[rows, columns]
    if not chosen.any():
        return (0.0, 0.0)
    mean = np.median(own[chosen], axis=0) / width
    return (float(mean[0]), float(mean[1]))
