"""A pose at a moment, and what changes between two of them: the only source of truth of questions about motion.

Thresholds are documented here and nowhere else. What lies too near to one of them is not asked about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from dataclaw.types import Json

Triple = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
AXES = ("x", "y", "z")
LEAST_SHIFT = 0.05
"""Shorter ways have no direction [m]."""
CLEAR = 2.0
"""A way goes along an axis when it is so many times as long there as along each other one."""
LEAST_TURN, MOST_TURN = 10.0, 150.0
"""Turns that are asked about [degrees]: the least is that of the public recipe, near 180 left and right are one."""
UPRIGHT = 0.9
"""A turn is one about z when this share of it is."""
STILL = 5.0
"""A smaller turn has no axis [degrees]."""
GRIPS = 0.5
"""A gripper opens or closes when its opening changes by this share of its range."""
OPEN, CLOSED = 0.7, 0.3
"""It stays open from this share on, and closed up to that one."""


@dataclass(frozen=True, slots=True)
class PoseMoment:
    """A pose at a moment, rounded to what a question shows: answers follow from the numbers that are shown.

    Attributes:
        t: when [s, or steps].
        place: `(x, y, z)` in the recording's own axes [m], None where it is not known in metres.
        turned: its rotation as a quaternion `(x, y, z, w)` of length 1, or None.
        opening: how far a gripper is open, 0 closed to 1 open, or None.
    """

    t: float
    place: Triple | None = None
    turned: Quaternion | None = None
    opening: float | None = None

    @property
    def heading(self) -> float | None:
        """How far it is turned about z [degrees], counterclockwise seen from above, -180 to 180; None without one."""
        if self.turned is None or math.hypot(self.turned[2], self.turned[3]) < 0.3:
            return None
        return round(_wrap(2 * math.degrees(math.atan2(self.turned[2], self.turned[3]))), 1)

    def data(self) -> dict[str, Json]:
        """The moment as plain JSON."""
        place, turned = (None if v is None else list(v) for v in (self.place, self.turned))
        return {"t": self.t, "place": cast("Json", place), "turned": cast("Json", turned), "opening": self.opening}


def moment_of(data: Mapping[str, Json]) -> PoseMoment:
    """The moment that `data` wrote.

    Raises:
        ValueError: a number is missing or is none.
    """
    t, opening = data.get("t"), data.get("opening")
    place, turned = _numbers(data.get("place"), 3), _numbers(data.get("turned"), 4)
    if not isinstance(t, int | float) or not isinstance(opening, int | float | None):
        raise ValueError(f"no moment: {data}")
    return PoseMoment(float(t), cast("Triple | None", place), cast("Quaternion | None", turned), opening)


def _numbers(value: Json, count: int) -> tuple[float, ...] | None:
    if value is None:
        return None
    found = cast("list[Json]", value) if isinstance(value, list | tuple) else []
    numbers = tuple(float(v) for v in found if isinstance(v, int | float))
    if len(numbers) != count or len(found) != count or not all(map(math.isfinite, numbers)):
        raise ValueError(f"not {count} numbers: {value}")
    return numbers


def round_moment(
    t: float, place: tuple[float, ...] | None, turned: tuple[float, ...] | None, opening: float | None
) -> PoseMoment:
    """A moment with its numbers as they are shown: millimetres, quaternions of five digits, hundredths of openings."""
    return PoseMoment(
        round(t, 3),
        None if place is None else cast("Triple", tuple(round(v, 3) + 0.0 for v in place)),
        None if turned is None else cast("Quaternion", tuple(round(v, 5) + 0.0 for v in turned)),
        None if opening is None else round(opening, 2) + 0.0,
    )


def shift_between(a: PoseMoment, b: PoseMoment) -> Triple | None:
    """The way from one moment to another, axis by axis [m]; None without places."""
    if a.place is None or b.place is None:
        return None
    return cast("Triple", tuple(round(there - here, 3) for here, there in zip(a.place, b.place, strict=True)))


def direction_between(a: PoseMoment, b: PoseMoment) -> str:
    """The axis along which it mainly moves, with its sign ("+z"); "" where it hardly moves or along no single axis."""
    shift = shift_between(a, b)
    if shift is None:
        return ""
    sizes = [abs(v) for v in shift]
    main = max(range(3), key=lambda k: sizes[k])
    others = max(sizes[k] for k in range(3) if k != main)
    if sizes[main] < LEAST_SHIFT or sizes[main] < CLEAR * others:
        return ""
    return f"{'+' if shift[main] > 0 else '-'}{AXES[main]}"


def swing_between(a: PoseMoment, b: PoseMoment) -> float | None:
    """The change of the heading the shorter way round [degrees], whatever else turns; None without headings."""
    return None if a.heading is None or b.heading is None else round(_wrap(b.heading - a.heading), 1)


def turn_between(a: PoseMoment, b: PoseMoment) -> float | None:
    """The turn about z [degrees], counterclockwise seen from above positive; None where it turns about another axis."""
    turn = swing_between(a, b)
    if turn is None or a.turned is None or b.turned is None:
        return None
    product = abs(sum(p * q for p, q in zip(a.turned, b.turned, strict=True)))
    whole = 2 * math.degrees(math.acos(min(1.0, product)))
    return turn if whole <= STILL or abs(turn) >= UPRIGHT * whole else None


def side_between(a: PoseMoment, b: PoseMoment) -> str:
    """Which way it turns about z, "counterclockwise" or "clockwise"; "" where it hardly turns or nearly half round."""
    turn = turn_between(a, b)
    if turn is None or not LEAST_TURN <= abs(turn) <= MOST_TURN:
        return ""
    return "counterclockwise" if turn > 0 else "clockwise"


def grip_between(a: PoseMoment, b: PoseMoment) -> str:
    """What a gripper does: "opens", "closes", "stays open", "stays closed"; "" where that is not clear."""
    if a.opening is None or b.opening is None:
        return ""
    change = b.opening - a.opening
    if abs(change) >= GRIPS:
        return "opens" if change > 0 else "closes"
    if min(a.opening, b.opening) >= OPEN:
        return "stays open"
    return "stays closed" if max(a.opening, b.opening) <= CLOSED else ""


def state_words(moment: PoseMoment) -> str:
    """A moment in words and numbers, without its time: what a model reads that sees no pictures."""
    said: list[str] = []
    if moment.place is not None:
        said.append("at " + ", ".join(f"{axis} {v:.3f} m" for axis, v in zip(AXES, moment.place, strict=True)))
    if moment.heading is not None:
        said.append(f"heading {moment.heading:.1f} degrees")
    if moment.opening is not None:
        said.append(f"gripper {moment.opening:.2f} open")
    return ", ".join(said)


def _wrap(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0
