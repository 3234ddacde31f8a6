"""Numbers of a trajectory as motion: which columns are a position, a rotation, joints, a gripper, and how they move.

What a column is comes from the source (`Stream.meta["roles"]`) and is never guessed from the size of a number. A source
that does not say which way a gripper opens is read as "larger is wider", the sense of most datasets, and whatever
follows from it is marked as assumed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.scope import Scope
from dataclaw.types import Json, Series, Span, Stream

Numbers: TypeAlias = NDArray[np.float64]

GRID = 2048
"""Most rows of an even grid."""
SMOOTH = 0.2
"""Width of the smoothing [s]: slower than a sensor's noise, quicker than a hand."""
ANGLES = frozenset({"rad", "deg", ""})
_EARTH = re.compile(r"lat(itude)?$|lon(gitude)?$|alt(itude)?$", re.IGNORECASE)
LOOKED, LEAST_ROWS, LIKENESS = 64, 20, 0.7
"""Most columns compared as slopes of each other, fewest rows, and how much of a slope another column explains."""
OPEN_IS = "gripper_open"
"""Role that says which way grippers open: "high" or "low" values are wide open."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Columns of one series that mean something together.

    Attributes:
        series: name of the series.
        columns: their names.
        units: their units.
        times: `(rows,)` [s].
        values: `(rows, columns)`; NaN where the source has no number.
    """

    series: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    times: Numbers
    values: Numbers


@dataclass(frozen=True, slots=True)
class Even:
    """A channel on an even grid, smoothed.

    Attributes:
        times: `(rows,)` [s], evenly spaced.
        values: `(rows, columns)`, no NaN.
        step: distance of two rows [s].
    """

    times: Numbers
    values: Numbers
    step: float

    def speed(self) -> Numbers:
        """`(rows,)` length of the rate of change of all columns together [unit/s]."""
        return np.linalg.norm(np.gradient(self.values, self.step, axis=0), axis=1)


def roles_of(stream: Stream, role: str) -> list[Channel]:
    """Columns that have a role, one channel for each entry; entries that name what is not there are passed over."""
    roles = stream.meta.get("roles")
    entries = cast("Mapping[str, Json]", roles).get(role) if isinstance(roles, Mapping) else None
    if not isinstance(entries, list | tuple):
        return []
    found = [_channel(stream.series, entry) for entry in cast("Sequence[Json]", entries)]
    return [channel for channel in found if channel is not None]


def _channel(series: Mapping[str, Series], entry: Json) -> Channel | None:
    """`"name"` is all of a series, `["name", column]` and `["name", [columns]]` some of it, by index or name."""
    if isinstance(entry, str):
        chosen = series.get(entry)
        return None if chosen is None else column_channel(chosen, range(len(chosen.columns)))
    if not isinstance(entry, list | tuple) or len(pair := cast("Sequence[Json]", entry)) != 2:
        return None
    name, columns = pair
    chosen = series.get(name) if isinstance(name, str) else None
    if chosen is None:
        return None
    wanted = cast("Sequence[Json]", columns if isinstance(columns, list | tuple) else [columns])
    indices = [_index(chosen, column) for column in wanted]
    return column_channel(chosen, [i for i in indices if i is not None]) if None not in indices and indices else None


def _index(series: Series, column: Json) -> int | None:
    if isinstance(column, int) and 0 <= column < len(series.columns):
        return column
    return series.columns.index(column) if isinstance(column, str) and column in series.columns else None


def column_channel(series: Series, columns: Sequence[int]) -> Channel:
    """Some columns of a series."""
    chosen = list(columns)
    names, units = tuple(series.columns[i] for i in chosen), tuple(series.units[i] for i in chosen)
    return Channel(series.name, names, units, series.times, series.values[:, chosen])


def joints(stream: Stream) -> Channel | None:
    """The joints of the first state series; of the first commanded one where none is measured; None without any.

    Joints are the columns that are neither gripper, position, rotation nor of an object, that are no rates of change,
    and that share the unit most of them have, an angle or unknown; a series that is mostly something else has none, and
    neither has a place on earth. A column without a unit is a rate where its numbers are the slope of another one's.
    """
    special = {(c.series, n) for role in ("gripper", "position", "rotation") for c in roles_of(stream, role)
               for n in c.columns}  # fmt: skip
    owned = tuple(name for thing in roles_of(stream, "objects") if (name := object_name(thing)))
    for state in [*roles_of(stream, "state"), *roles_of(stream, "action")]:
        units = dict(zip(state.columns, state.units, strict=True))
        rates = slopes(state)
        own = [n for n in state.columns if (state.series, n) not in special and "/" not in units[n]
               and not n.startswith(owned) and not _EARTH.match(n) and n not in rates]  # fmt: skip
        usual = Counter(units[n] for n in own).most_common(1)
        kept = [state.columns.index(n) for n in own if units[n] == usual[0][0] and units[n] in ANGLES]
        if 2 * len(kept) >= max(len(own), 2):
            return column_channel(stream.series[state.series], kept)
    return None


def slopes(channel: Channel) -> set[str]:
    """The columns without a unit whose numbers are the slopes of other such columns: velocities beside positions.

    One likeness may be chance; from two on they are believed. Only the first `LOOKED` columns are compared.
    """
    free = [k for k, unit in enumerate(channel.units) if not unit][:LOOKED]
    looked: Numbers = channel.values[:, free]
    rows = np.flatnonzero(np.isfinite(looked).all(axis=1))
    if len(free) < 4 or len(rows) < LEAST_ROWS:
        return set()
    values = looked[rows]
    rates: Numbers = np.gradient(values, channel.times[rows], axis=0)
    found: set[str] = set()
    for k in range(len(free)):
        rate: Numbers = rates[:, k]
        size = float(np.sum(rate**2))
        others = [j for j in range(len(free)) if j != k]
        errors = [float(np.sum((values[:, j] - rate) ** 2)) for j in others]
        if size > 0 and min(errors) < (1 - LIKENESS) * size:
            found.add(channel.columns[free[others[int(np.argmin(errors))]]])
    return found if len(found) >= 2 else set()


def object_name(thing: Channel) -> str:
    """Name of a thing by its position's columns (`cube_x`, `cube_y`, `cube_z`), with what joins it to the axis."""
    names = thing.columns
    same = [len({name[: k + 1] for name in names}) == 1 for k in range(min(map(len, names)))]
    return names[0][: same.index(False)] if False in same else names[0]


def even(channel: Channel, window: Span, smooth: float = SMOOTH) -> Even | None:
    """A channel inside a window on an even grid, smoothed; None where fewer than two rows have all their numbers.

    Rows with a NaN are left out; between rows the values are joined by straight lines.
    """
    inside = (channel.times >= window[0] - 1e-6) & (channel.times <= window[1] + 1e-6)
    inside &= np.isfinite(channel.values).all(axis=1)
    times, values = channel.times[inside], channel.values[inside]
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    rows = int(min(GRID, max(2, round((times[-1] - times[0]) / np.median(np.diff(times))) + 1)))
    grid: Numbers = np.linspace(float(times[0]), float(times[-1]), rows)
    joined = np.stack([np.interp(grid, times, values[:, k]) for k in range(values.shape[1])], axis=1)
    step = float(grid[1] - grid[0])
    return Even(grid, moving_mean(joined, max(1, round(smooth / step))), step)


def unusable(channels: Sequence[Channel], window: Span) -> str:
    """Why none of these channels tells a motion, as a clause; "" when there is no channel at all.

    Their numbers are missing, or nothing that they measure changes.
    """
    if not channels:
        return ""
    series = ", ".join(dict.fromkeys(channel.series for channel in channels))
    rows = [_rows(channel, window) for channel in channels]
    if not any(len(values) for values in rows):
        return f"there is no row of {series} between {window[0]:g} and {window[1]:g}"
    whole = [int(np.isfinite(values).all(axis=1).sum()) for values in rows]
    if max(whole) < 2:
        complete = f"{max(whole)} of {max(map(len, rows))} rows are complete, the others NaN or infinite"
        return f"there are no usable numbers in {series}: {complete}"
    return f"nothing moves in {series}"


def _rows(channel: Channel, window: Span) -> Numbers:
    inside = (channel.times >= window[0] - 1e-6) & (channel.times <= window[1] + 1e-6)
    return channel.values[inside]


def moving_mean(values: Numbers, width: int) -> Numbers:
    """Moving mean over `width` rows, twice; ends are mean over what is there. `width` < 3 leaves values as they are."""
    if width < 3 or len(values) < 3:
        return values
    kernel = np.ones(min(width, len(values)) | 1)
    weight = np.convolve(np.ones(len(values)), kernel, mode="same")[: len(values)]
    for _ in range(2):
        columns = [np.convolve(values[:, k], kernel, mode="same")[: len(values)] / weight
                   for k in range(values.shape[1])]  # fmt: skip
        values = np.stack(columns, axis=1)
    return values


def rotations(channel: Channel) -> Numbers:
    """`(rows, 3, 3)` rotation matrices of a rotation channel; NaN rows where it has none.

    Four columns are a quaternion, scalar last unless the names say "w" comes first; three are roll, pitch and yaw
    about the fixed axes x, y, z [rad], or a rotation vector [rad] where they are called rx, ry, rz; one is a yaw [rad].
    Source: any text on rotations, e.g. Diebel 2006.
    """
    values = channel.values
    if values.shape[1] == 4:
        first = channel.columns[0].lower().endswith("w")
        return _of_quaternions(np.roll(values, -1, axis=1) if first else values)
    if values.shape[1] == 3 and channel.columns[0].lower().endswith("rx"):
        return _of_vectors(values)
    if values.shape[1] == 3:
        about = [_about(axis, values[:, axis]) for axis in range(3)]
        return about[2] @ about[1] @ about[0]
    return _about(2, values[:, 0])


def _of_vectors(vectors: Numbers) -> Numbers:
    """`(rows, 3, 3)` of rotation vectors: about the vector, by its length (Rodrigues)."""
    half = np.linalg.norm(vectors, axis=1, keepdims=True) / 2
    scale = np.divide(np.sin(half), 2 * half, out=np.full_like(half, 0.5), where=half > 1e-12)
    return _of_quaternions(np.concatenate([vectors * scale, np.cos(half)], axis=1))


def _of_quaternions(xyzw: Numbers) -> Numbers:
    length = np.linalg.norm(xyzw, axis=1, keepdims=True)
    x, y, z, w = np.divide(xyzw, length, out=np.full_like(xyzw, np.nan), where=length > 1e-9).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def _about(axis: int, angles: Numbers) -> Numbers:
    a, b = [i for i in range(3) if i != axis]
    sign = -1.0 if axis == 1 else 1.0
    found = np.zeros((len(angles), 3, 3))
    found[:, axis, axis] = np.where(np.isnan(angles), np.nan, 1.0)
    found[:, a, a] = found[:, b, b] = np.cos(angles)
    found[:, a, b], found[:, b, a] = -sign * np.sin(angles), sign * np.sin(angles)
    return found


def turn_along(matrices: Numbers) -> tuple[float, str]:
    """Angle [rad] turned from the first of `(rows, 3, 3)` matrices to the last, and the axis it is mostly about ("+z").

    The way decides how often, and which way round: two matrices alone tell a turn up to half a revolution.

    Raises:
        ValueError: a matrix has NaN.
    """
    if not np.isfinite(matrices).all():
        raise ValueError("a rotation is missing")
    angle, axis = _turn_vector(matrices[-1] @ matrices[0].T)
    steps = np.einsum("nij,nkj->nik", matrices[1:], matrices[:-1])
    along = float(sum(size * (way @ axis) for size, way in map(_turn_vector, steps)))
    angle += 2 * np.pi * round((along - angle) / (2 * np.pi))
    return (angle, axis_name(axis)) if angle >= 0 else (-angle, axis_name(-axis))


def _turn_vector(relative: Numbers) -> tuple[float, Numbers]:
    """Angle [rad] of a rotation and the unit vector it is about; any vector where it does not turn."""
    angle = float(np.arccos(np.clip((np.trace(relative) - 1) / 2, -1.0, 1.0)))
    skew = relative - relative.T
    vector = np.array([skew[2, 1], skew[0, 2], skew[1, 0]])
    length = float(np.linalg.norm(vector))
    if length > 1e-9:
        return angle, vector / length
    axes = (relative + np.eye(3)) / 2  # half a revolution: the columns point along the axis
    widest = axes[:, int(np.argmax(np.diag(axes)))]
    return angle, widest / max(float(np.linalg.norm(widest)), 1e-12)


def axis_name(vector: Numbers) -> str:
    """The axis that a vector of up to three numbers points along most: "+x", "-z"; "" for the null vector."""
    if not np.abs(vector).max() > 0:
        return ""
    most = int(np.argmax(np.abs(vector)))
    return f"{'+' if vector[most] > 0 else '-'}{'xyz'[most]}"


def readable(column: str) -> str:
    """A column's name in words: `kRightShoulderPitch` is `right shoulder pitch`, `left_gripper` is `left gripper`."""
    bare = re.sub(r"^k(?=[A-Z])", "", column)
    return " ".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare).replace("_", " ").replace(".", " ").split()).lower()


def frame_times(scope: Scope) -> list[list[float]]:
    """`[index, time [s]]` of every sampled frame of a scope: what a planner needs to name spans in frames."""
    if scope.stream.frames is None:
        return []
    return [[i, round(float(scope.stream.frames.times[i]), 6)] for i in scope.indices]
