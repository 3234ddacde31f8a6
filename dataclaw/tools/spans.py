"""From a state at every moment to the spans in which it lasts; and how often a course turns round.

Plain arithmetic over sequences, shared by the tools that measure motion.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spell:
    """Neighbouring moments of one state.

    Attributes:
        state: the state.
        first: position of the first moment.
        end: position after the last one.
    """

    state: Hashable
    first: int
    end: int

    @property
    def length(self) -> int:
        """Number of moments."""
        return self.end - self.first


def spells(states: Sequence[Hashable], least: int = 1, most: int = 40) -> list[Spell]:
    """Spells that cover all moments in order; those shorter than `least` moments go to their longer neighbour.

    While there are more than `most`, the shortest goes too, the earlier of equal ones first.
    """
    found: list[Spell] = []
    for at, state in enumerate(states):
        if found and found[-1].state == state:
            found[-1] = replace(found[-1], end=at + 1)
        else:
            found.append(Spell(state, at, at + 1))
    while len(found) > 1:
        at = min(range(len(found)), key=lambda k: (found[k].length, k))
        if found[at].length >= least and len(found) <= most:
            break
        found = _absorb(found, at)
    return found


def _absorb(found: list[Spell], at: int) -> list[Spell]:
    """Give a spell to its longer neighbour; neighbours that then have one state become one."""
    sides = [k for k in (at - 1, at + 1) if 0 <= k < len(found)]
    into = max(sides, key=lambda k: found[k].length)
    low, high = min(at, into), max(at, into)
    merged = Spell(found[into].state, found[low].first, found[high].end)
    before, after = found[:low], found[high + 1 :]
    if before and before[-1].state == merged.state:
        merged = replace(merged, first=before.pop().first)
    if after and after[0].state == merged.state:
        merged = replace(merged, end=after.pop(0).end)
    return [*before, merged, *after]


def turning_points(course: NDArray[np.float64], least: float) -> list[int]:
    """Positions where a course turns round by at least `least`, its two ends included.

    The usual zigzag: a turn counts once the course has come back from its extreme by `least`.
    """
    if not len(course):
        return []
    points, extreme, heading = [0], 0, 0
    for at in range(1, len(course)):
        step = course[at] - course[extreme]
        if heading == 0:
            low, high = int(np.argmin(course[: at + 1])), int(np.argmax(course[: at + 1]))
            if course[high] - course[low] >= least:
                heading, extreme = (1, high) if high > low else (-1, low)
        elif step * heading > 0:
            extreme = at
        elif abs(step) >= least:
            points.append(extreme)
            heading, extreme = -heading, at
    return [*points, len(course) - 1] if len(course) > 1 else points


def reversals(course: NDArray[np.float64], least: float) -> int:
    """How often a course turns round by at least `least` at both sides of the turn."""
    points = turning_points(course, least)
    legs = np.abs(np.diff(course[points]))
    return max(0, int((legs >= least).sum()) - 1)


def principal(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(rows,)` course of a path `(rows, columns)` along the direction in which it spreads most."""
    centred = path - path.mean(axis=0)
    if not np.abs(centred).max(initial=0.0) > 0:
        return np.zeros(len(path))
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, -1]
