"""When grippers open and close, read off their columns, and whether something is between the fingers then.

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
from numpy.typing import NDArray

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
SLACK_SHARE, SPANS_SHARE = 0.05, 0.4
"""A share lies between 0 and 1 but for so little, and goes through so much of it."""
ALIKE = 0.5
"""Least correlation of what was commanded with what was reached, in one scale."""
REST = 0.2
"""A change is finished when its hand is recorded for so long after it [s]."""


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
        closed: mean value of its columns where it is fully closed, None where nothing says so.
        wide: the same where it is wide open.
        surely: whether these are known, and not only the ends that the data set has anywhere.
        command: `(rows,)` mean value that was commanded, in the same scale, or None.
        finished: whether it comes to an end within the recording.
        holds: "yes" or "no" where something tells that there is something, or nothing, in the closed hand; "unsure"
            where the hand goes up while it closes; else "".
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
    closed: float | None = None
    wide: float | None = None
    surely: bool = True
    command: Numbers | None = field(default=None, repr=False, compare=False)
    finished: bool = True
    holds: str = ""

    def inside(self, span: Span) -> tuple[float, float]:
        """Values where it begins and ends inside a span: a hand that is still closing has not closed yet."""
        ends = np.clip(np.clip((self.t0, self.t1), *span), self.t0, self.t1)
        first, last = np.interp(ends, self.times, self.course)
        return float(first), float(last)


@dataclass(frozen=True, slots=True)
class _Course:
    """How far a hand is open, over time: the mean of the columns that move, those that mirror the widest turned."""

    times: Numbers
    smooth: Numbers
    exact: Numbers
    low: float | None
    high: float | None
    surely: bool
    command: Numbers | None


def gripper_changes(stream: Stream, window: Span) -> list[GripperChange]:
    """Every opening and closing inside the window, in order of time."""
    open_high, stated = _sense(stream)
    courses = [(name, course) for name, channel in _grippers(stream) if (course := _course(stream, channel, window))]
    widest = max((float(np.ptp(course.smooth)) for _, course in courses), default=0.0)
    found: list[GripperChange] = []
    for name, course in courses:
        if np.ptp(course.smooth) >= ACTIVE * widest:
            ends = (course.low, course.high) if open_high else (course.high, course.low)
            rest = REST if stream.clock == "seconds" else 1.0
            for c in _changes(name, course.times, course.smooth, course.exact):
                finished = float(course.times[-1]) - c.t1 >= rest - 1e-6
                found.append(
                    replace(c, opens=c.opens == open_high, stated=stated, closed=ends[0], wide=ends[1],
                            surely=course.surely, command=course.command, finished=finished)
                )  # fmt: skip
    return sorted(found, key=lambda change: (change.t0, change.name))


def has_gripper(stream: Stream) -> bool:
    """Whether the source names a gripper."""
    return bool(roles_of(stream, "gripper"))


def _sense(stream: Stream) -> tuple[bool, bool]:
    """Whether larger is wider, and whether the source says so: by a role, or by the name of the column."""
    roles = stream.meta.get("roles")
    said = cast("Mapping[str, Json]", roles).get(OPEN_IS) if isinstance(roles, Mapping) else None
    if said in ("low", "high"):
        return said == "high", True
    named = [f"{c.series} {n}" for c in roles_of(stream, "gripper") for n in c.columns]
    shut, wide = (all(re.search(word, name, re.IGNORECASE) for name in named) for word in (r"clos", r"open|width"))
    return not (named and shut), bool(named) and (shut or wide)


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


def _course(stream: Stream, channel: Channel, window: Span) -> _Course | None:
    """The course of a hand; None when none of its columns moves."""
    raw, grid = even(channel, window, smooth=0.0), even(channel, window)
    if raw is None or grid is None:
        return None
    ranges = np.ptp(grid.values, axis=0)
    widest = grid.values[:, int(np.argmax(ranges))]
    along = (grid.values - grid.values.mean(axis=0)).T @ (widest - widest.mean())
    moving, way = ranges >= ACTIVE * ranges.max(), np.where(along < 0, -1.0, 1.0)
    course, exact = ((g.values * way)[:, moving].mean(axis=1) for g in (grid, raw))
    noise = float(np.median(np.abs(np.diff(raw.values, n=2, axis=0)))) if len(raw.values) > 2 else 0.0
    if np.ptp(course) <= max(NOISE * noise, SHARE * float(np.abs(raw.values).max()), 1e-9):
        return None
    used = np.flatnonzero(moving).tolist()
    known = [_limits(stream, "limits", channel, k) or _share(channel, k) for k in used]
    surely = None not in known
    limits = known if surely else [_limits(stream, "extremes", channel, k) for k in used]
    ends = [sorted((way[k] * pair[0], way[k] * pair[1])) for k, pair in zip(used, limits, strict=True) if pair]
    low, high = np.mean(ends, axis=0).tolist() if len(ends) == len(used) else (None, None)
    command = _command(stream, channel, grid.times, moving, way, exact)
    return _Course(grid.times, course, exact, low, high, surely, command)


def _limits(stream: Stream, key: str, channel: Channel, column: int) -> tuple[float, float] | None:
    """The ends of a column's range that the source says in `meta[key]`: `{series: {column: [low, high]}}`."""
    said = stream.meta.get(key)
    series = cast("Mapping[str, Json]", said).get(channel.series) if isinstance(said, Mapping) else None
    name = channel.columns[column]
    pair = cast("Mapping[str, Json]", series).get(name) if isinstance(series, Mapping) else None
    if not isinstance(pair, list | tuple) or len(cast("Sequence[Json]", pair)) != 2:
        return None
    low, high = cast("Sequence[float]", pair)
    return float(low), float(high)


def _share(channel: Channel, column: int) -> tuple[float, float] | None:
    """0 and 1 for a column that is a share and stays within them."""
    values = channel.values[np.isfinite(channel.values[:, column]), column]
    inside = len(values) and values.min() >= -SLACK_SHARE and values.max() <= 1 + SLACK_SHARE
    return (0.0, 1.0) if channel.units[column] == "1" and inside and np.ptp(values) >= SPANS_SHARE else None


def _command(
    stream: Stream, channel: Channel, times: Numbers, moving: NDArray[np.bool_], way: Numbers, exact: Numbers
) -> Numbers | None:
    """What was commanded of the same columns, where it comes by the same names in the same scale."""
    for action in roles_of(stream, "action"):
        if action.series == channel.series or not set(channel.columns) <= set(action.columns):
            continue
        own = column_channel(stream.series[action.series], [action.columns.index(n) for n in channel.columns])
        rows = np.isfinite(own.values).all(axis=1)
        if rows.sum() < 2:
            continue
        sent = np.stack([np.interp(times, own.times[rows], own.values[rows, k]) for k in range(len(way))], axis=1)
        mean: Numbers = (sent * way)[:, moving].mean(axis=1)
        if 0.5 * np.ptp(exact) <= np.ptp(mean) <= 3.0 * np.ptp(exact) and np.corrcoef(mean, exact)[0, 1] > ALIKE:
            return mean
    return None


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
