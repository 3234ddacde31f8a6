"""Where a motion falls into parts: gripper changes, standstills, sudden stops and slow points between two strokes.

Every sign proposes a boundary with a strength; the strongest stay, a shortest length apart. Nothing is learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.grippers import GripperChange
from dataclaw.tools.kinematics import Even, Numbers

GRIPPER, CONTACT, STALL, MINIMUM = 4.0, 2.5, 2.0, 1.0
"""Strength of each sign; a slow point adds how deep it is, 0 to 1."""
FAST = 95
"""Percentile of the speed that counts as fast."""
RESTING = 0.08
"""It stands still below this share of the fast speed."""
STALL_SECONDS = 0.4
SUDDEN, SUDDEN_SECONDS = 0.4, 0.15
"""A sudden stop falls from this share of the fast speed to rest in so short a time [s]."""
SWINGS, SWING = 3, 0.25
"""Fewest strokes of a back and forth; longer strokes, as a share of the whole reach, are motions of their own."""
DEPTH = 0.5
"""A slow point is at most this share of the slower of the two strokes around it."""
LEAST_SECONDS, LEAST_SHARE = 0.25, 0.03
"""Shortest segment [s], and as a share of the whole."""
JUMP, LARGE = 8.0, 0.4
"""A force jumps when it changes by so many of its usual changes, and by this share of its largest one."""


@dataclass(frozen=True, slots=True)
class MotionBoundary:
    """A place where a segment may begin.

    Attributes:
        t: when [s].
        strength: how much speaks for it.
        reason: what does: "gripper", "contact", "stall", "slow".
    """

    t: float
    strength: float
    reason: str


def fast(speed: Numbers) -> float:
    """The speed that counts as fast, above 0."""
    return max(1e-9, float(np.percentile(speed, FAST)))


def resting(speed: Numbers) -> NDArray[np.bool_]:
    """Where it stands still, `(rows,)`."""
    return speed < RESTING * fast(speed)


def stalls(motion: Even, unit: float = 1.0) -> list[tuple[int, int]]:
    """Standstills of at least `STALL_SECONDS` as `(first row, row after the last)`.

    Args:
        motion: what moves.
        unit: seconds in a second of its clock; steps a second where it counts steps.
    """
    still = np.concatenate([[False], resting(motion.speed()), [False]])
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    long = max(2, round(STALL_SECONDS * unit / motion.step))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= long]


def boundaries(
    motion: Even, changes: Sequence[GripperChange], forces: Iterable[Even] = (), unit: float = 1.0
) -> list[MotionBoundary]:
    """Every boundary that something speaks for, in no order; a hand that opens or closes is not cut in two."""
    found = [MotionBoundary(t, GRIPPER, "gripper") for c in changes for t in (c.t0, c.t1)]
    speed = motion.speed()
    for first, end in stalls(motion, unit):
        found.append(MotionBoundary(float(motion.times[first]), STALL, "stall"))
        if end < len(motion.times):
            found.append(MotionBoundary(float(motion.times[end]), STALL, "stall"))
    found += _sudden(motion, speed, unit)
    found += [b for force in forces for b in _jumps(force, unit)]
    found += _slow_points(motion, speed)
    return [b for b in found if b.reason == "gripper" or not any(c.t0 < b.t < c.t1 for c in changes)]


def choose_boundaries(
    found: Iterable[MotionBoundary], span: tuple[float, float], most: int, unit: float = 1.0
) -> list[MotionBoundary]:
    """At most `most` boundaries inside a span in order of time, the strongest first, a shortest segment apart."""
    least = max(LEAST_SECONDS * unit, LEAST_SHARE * (span[1] - span[0]))
    kept: list[MotionBoundary] = []
    for boundary in sorted(found, key=lambda b: (-b.strength, b.t)):
        edges = [span[0], span[1], *(k.t for k in kept)]
        apart = least / 3 if boundary.reason == "gripper" else least  # a hand opens and closes in a moment
        if len(kept) < most and span[0] < boundary.t < span[1] and all(abs(boundary.t - e) >= apart for e in edges):
            kept.append(boundary)
    return sorted(kept, key=lambda b: b.t)


def _sudden(motion: Even, speed: Numbers, unit: float) -> list[MotionBoundary]:
    """Sudden stops: something was touched, or the hand was held."""
    quick, still = speed > SUDDEN * fast(speed), resting(speed)
    reach = max(1, round(SUDDEN_SECONDS * unit / motion.step))
    at = [k for k in range(reach, len(speed)) if still[k] and not still[k - 1] and quick[k - reach : k].any()]
    return [MotionBoundary(float(motion.times[k]), CONTACT, "contact") for k in at]


def _jumps(force: Even, unit: float) -> list[MotionBoundary]:
    reach = max(1, round(SUDDEN_SECONDS * unit / force.step))
    if len(force.values) <= 2 * reach:
        return []
    change = np.linalg.norm(force.values[reach:] - force.values[:-reach], axis=1)
    least = max(JUMP * float(np.median(change)), LARGE * float(change.max()), 1e-9)
    high = np.flatnonzero(change >= least)
    firsts = [int(k) for n, k in enumerate(high) if n == 0 or k - high[n - 1] > reach]
    return [MotionBoundary(float(force.times[k + reach]), CONTACT, "contact") for k in firsts]


def _slow_points(motion: Even, speed: Numbers) -> list[MotionBoundary]:
    """Local minima of the speed that lie clearly below the strokes on both sides; going back and forth is one part."""
    inner = np.flatnonzero((speed[1:-1] <= speed[:-2]) & (speed[1:-1] < speed[2:])) + 1
    edges = [0, *(int(k) for k in inner), len(speed) - 1]
    found: dict[int, float] = {}
    for before, at, after in zip(edges, edges[1:], edges[2:], strict=False):
        stroke = min(float(speed[before : at + 1].max()), float(speed[at : after + 1].max()))
        if speed[at] <= DEPTH * stroke and stroke > RESTING * fast(speed):
            found[at] = MINIMUM + (1.0 - float(speed[at]) / stroke) * stroke / fast(speed)
    inside = _swings(motion.values, list(found), float(np.ptp(motion.values, axis=0).max()))
    return [
        MotionBoundary(float(motion.times[at]), strength, "slow") for at, strength in found.items() if at not in inside
    ]


def _swings(values: Numbers, points: Sequence[int], reach: float) -> set[int]:
    """Slow points inside a small back and forth: at least `SWINGS` strokes of like length, each against the last."""
    edges = [0, *points, len(values) - 1]
    strokes = [values[b] - values[a] for a, b in pairwise(edges)]
    inside: set[int] = set()
    run: list[int] = []
    for k, (one, other) in enumerate(pairwise(strokes)):
        if _are_opposed(one, other) and float(np.linalg.norm(one)) < SWING * reach:
            run.append(points[k])
        else:
            inside.update(run if len(run) >= SWINGS - 1 else [])
            run = []
    return inside.union(run if len(run) >= SWINGS - 1 else [])


def _are_opposed(one: Numbers, other: Numbers) -> bool:
    lengths = sorted((float(np.linalg.norm(one)), float(np.linalg.norm(other))))
    return lengths[0] > lengths[1] / 4 and float(one @ other) < -0.5 * lengths[0] * lengths[1]
