"""Objects that are moved: which one, how far, and where to in the words of a robot's base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataclaw.tools.kinematics import Channel, Numbers, axis_name, even, object_name, readable
from dataclaw.types import Span

ASIDE = 0.6
"""A second direction is named when it is this share of the first."""
UP = 0.6
"""A segment goes up when so large a share of its motion does."""
AXES = {"+x": "forward", "-x": "backward", "+y": "left", "-y": "right", "+z": "up", "-z": "down"}
"""Axes of a robot's base (REP 103: x forward, y left, z up)."""
CARRIED = 0.01
"""An object has moved when it went so far [m]."""


@dataclass(frozen=True, slots=True)
class CarriedObject:
    """An object that moved in a segment.

    Attributes:
        name: what it is called.
        distance: how far, in a straight line [m].
        where: the directions that make up its way, the largest first: "backward and up".
        up: whether it is lifted.
    """

    name: str
    distance: float
    where: str
    up: bool


def carried_object(things: Sequence[Channel], span: Span) -> CarriedObject | None:
    """The object that moved most; None when none went `CARRIED` far."""
    shifts: list[tuple[float, str, Numbers]] = []
    for thing in things:
        path = even(thing, span)
        if path is not None:
            shift = path.values[-1] - path.values[0]
            shifts.append((float(np.linalg.norm(shift)), readable(object_name(thing)).strip() or thing.series, shift))
    distance, name, shift = max(shifts, key=lambda s: s[0], default=(0.0, "", np.zeros(3)))
    up = axis_name(shift) == "+z" or float(shift[2]) > UP * distance
    where = " and ".join(AXES[axis] for axis in main_axes(shift)) if distance >= CARRIED else ""
    return CarriedObject(name, distance, where, up) if where else None


def main_axes(shift: Numbers) -> list[str]:
    """The axes that a way mostly leads along, the largest first: `["+x", "-z"]`."""
    order = np.argsort(-np.abs(shift))
    named = [int(k) for k in order if abs(shift[k]) >= ASIDE * abs(shift[order[0]])]
    return [axis_name(np.eye(3)[k] * shift[k]) for k in named]
