"""When grippers open and close, read off their columns.

Fingers of one hand are one gripper: the mean of those that move. Which way is open comes from the source
(`roles["gripper_open"]`: "high" or "low"); where it does not say, larger is taken as wider and the finding is marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import cast

import numpy as np

from dataclaw.tools.kinematics import OPEN_IS, Channel, Numbers, column_channel, even, roles_of
from dataclaw.tools.spans import turning_points
from dataclaw.types import Json, Span, Stream

LEG = 0.3
"""Least part of a gripper's range that counts as opening or closing."""
ACTIVE = 0.35
"""A finger, or a gripper beside another one, moves when its range is this share of the widest."""
NOISE, SHARE = 10.0, 0.1
"""A gripper moves when its range is so many times its noise, and this share of its largest value."""
STEEP = 0.15
"""A change lasts while it is faster than this share of its fastest."""


@dataclass(frozen=True, slots=True)
class GripperChange:
    """A gripper that opens or closes.

    Attributes:
        t0: when it has begun [s].
        t1: when it is done [s].
        opens: whether it opens.
        before: mean value of its columns at `t0`, as recorded.
        after: and at `t1`.
        name: side or series of the gripper, in words.
        stated: whether the source says which way is open; otherwise larger is taken as wider.
        times: `(rows,)` [s] of its course.
        course: `(rows,)` mean value of its columns, as recorded.
    """

    t0: float
    t1: float
    opens: bool
    before: float
    after: float
    name: str
    stated: bool
    times: Numbers = field(repr=False, compare=False)
    course: Numbers = field(repr=False, compare=False)

    def inside(self, span: Span) -> tuple[float, float]:
        """Values where it begins and ends inside a span: a hand that is still closing has not closed yet."""
        ends = np.clip(np.clip((self.t0, self.t1), *span), self.t0, self.t1)
        first, last = np.interp(ends, self.times, self.course)
        return float(first), float(last)


def gripper_changes(stream: Stream, window: Span) -> list[GripperChange]:
    """Every opening and closing inside the window, in order of time."""
    open_high, stated = _sense(stream)
    courses = [(name, *course) for name, channel in _grippers(stream) for course in _course(channel, window)]
    widest = max((float(np.ptp(smooth)) for _, _, smooth, _ in courses), default=0.0)
    found: list[GripperChange] = []
    for name, times, smooth, exact in courses:
        if np.ptp(smooth) >= ACTIVE * widest:
            changes = _changes(name, times, smooth, exact)
            found += [replace(c, opens=c.opens == open_high, stated=stated) for c in changes]
    return sorted(found, key=lambda change: (change.t0, change.name))


def has_gripper(stream: Stream) -> bool:
    """Whether the source names a gripper."""
    return bool(roles_of(stream, "gripper"))


def _sense(stream: Stream) -> tuple[bool, bool]:
    roles = stream.meta.get("roles")
    said = cast("Mapping[str, Json]", roles).get(OPEN_IS) if isinstance(roles, Mapping) else None
    return said != "low", said in ("low", "high")


def _grippers(stream: Stream) -> list[tuple[str, Channel]]:
    """Measured grippers, one for each side; commanded ones where none is measured."""
    groups: dict[tuple[str, str], list[int]] = {}
    for channel in roles_of(stream, "gripper"):
        series = stream.series[channel.series]
        for column in channel.columns:
            side = re.search(r"left|right", column, re.IGNORECASE)
            groups.setdefault((channel.series, side[0].lower() if side else ""), []).append(
                series.columns.index(column)
            )
    measured = {c.series for c in roles_of(stream, "state")}
    chosen = {key: columns for key, columns in groups.items() if key[0] in measured} or groups
    return [(f"{side} gripper".strip(), column_channel(stream.series[name], list(dict.fromkeys(columns))))
            for (name, side), columns in chosen.items()]  # fmt: skip


def _course(channel: Channel, window: Span) -> Sequence[tuple[Numbers, Numbers, Numbers]]:
    """Times, and the mean of the fingers that move, smoothed and as recorded; nothing when none does.

    Fingers that mirror the widest are turned.
    """
    raw, grid = even(channel, window, smooth=0.0), even(channel, window)
    if raw is None or grid is None:
        return []
    ranges = np.ptp(grid.values, axis=0)
    widest = grid.values[:, int(np.argmax(ranges))]
    along = (grid.values - grid.values.mean(axis=0)).T @ (widest - widest.mean())
    moving = ranges >= ACTIVE * ranges.max()
    course, exact = ((g.values * np.where(along < 0, -1.0, 1.0))[:, moving].mean(axis=1) for g in (grid, raw))
    noise = float(np.median(np.abs(np.diff(raw.values, n=2, axis=0)))) if len(raw.values) > 2 else 0.0
    moves = np.ptp(course) > max(NOISE * noise, SHARE * float(np.abs(raw.values).max()), 1e-9)
    return [(grid.times, course, exact)] if moves else []


def _changes(name: str, times: Numbers, course: Numbers, exact: Numbers) -> list[GripperChange]:
    """Legs of the course between its turning points; `opens` is true where it rises."""
    points = turning_points(course, LEG * float(np.ptp(course)))
    found: list[GripperChange] = []
    for first, last in pairwise(points):
        begun, done = _steep(course, first, last)
        rise = float(course[done]) - float(course[begun])
        if abs(rise) >= LEG * np.ptp(course):
            t0, t1, before, after = (float(x) for x in (times[begun], times[done], exact[begun], exact[done]))
            found.append(GripperChange(t0, t1, rise > 0, before, after, name, stated=True, times=times, course=exact))
    return found


def _steep(course: Numbers, first: int, last: int) -> tuple[int, int]:
    """The stretch of a leg where it really goes somewhere: the one that gains most while it is steep."""
    way = 1.0 if course[last] > course[first] else -1.0
    rate = np.diff(course[first : last + 1]) * way
    edges = np.flatnonzero(np.diff(np.concatenate([[False], rate >= STEEP * rate.max(), [False]]).astype(np.int8)))
    stretches = [(first + int(a), first + int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return max(stretches, key=lambda s: (course[s[1]] - course[s[0]]) * way)
