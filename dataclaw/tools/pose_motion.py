"""How a pose moves: spans in which it rests, moves, turns, or does both.

A pose is what the source says it is, a camera, a robot's base or its hand; axes are those of the source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolResult
from dataclaw.tools.kinematics import Channel, Even, Numbers, axis_name, even, roles_of, rotations, turn_along
from dataclaw.tools.scope import Scope
from dataclaw.tools.spans import Spell, spells
from dataclaw.types import Anchor, Json

RESTING = 0.1
"""A pose rests below this share of its fast speed (95th percentile)."""
FAST = 95
TURNING = math.radians(5.0)
"""Rate from which on a pose turns [rad/s]."""
SHORTEST, SHARE = 0.5, 0.02
"""Shortest span [s], and as a share of the whole."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A pose on an even grid.

    Attributes:
        series: name of the series it comes from.
        unit: unit of its position, "" when unknown.
        place: its position, or None.
        turned: `(rows, 3, 3)` its rotation on the grid of `times`, or None.
        times: `(rows,)` [s].
    """

    series: str
    unit: str
    place: Even | None
    turned: Numbers | None
    times: Numbers


def pose_spans(scope: Scope, most: int) -> ToolResult:
    """Spans of motion of the pose that moves most.

    Raises:
        ToolError: fewer than two poses lie in the window.
    """
    pose = _main(scope)
    speed, rate = _rates(pose)
    moving = speed > RESTING * _fast(speed)
    turning = rate > TURNING
    states = [_state(bool(m), bool(t)) for m, t in zip(moving, turning, strict=True)]
    step = float(pose.times[1] - pose.times[0])
    length = float(pose.times[-1] - pose.times[0])
    least = max(1, round(max(SHORTEST, SHARE * length) / step))
    cut = spells(states, min(least, len(states)), most)
    anchors = tuple(_anchor(scope, pose, spell, speed) for spell in cut)
    tracks = [c.series for c in roles_of(scope.stream, "position")]
    note = f"{len(anchors)} spans of motion of {pose.series} over {length:.1f} s."
    if len(tracks) > 1:
        note += f" {len(tracks)} poses; this one moves most."
    return ToolResult(note, anchors, data={"series": pose.series, "tracks": tracks, "unit": pose.unit})


def _state(moving: bool, turning: bool) -> str:
    return "turn and move" if moving and turning else "move" if moving else "turn" if turning else "static"


def _fast(speed: Numbers) -> float:
    return max(1e-9, float(np.percentile(speed, FAST)))


def _main(scope: Scope) -> Pose:
    places = [(c, e) for c in roles_of(scope.stream, "position") if (e := even(c, scope.window)) is not None]
    turns = roles_of(scope.stream, "rotation")
    if places:
        channel, place = max(places, key=lambda pair: float(pair[1].speed().sum() * pair[1].step))
        turn = next((t for t in turns if t.series == channel.series), None)
        return Pose(channel.series, channel.units[0], place, None if turn is None else on_grid(turn, place.times),
                    place.times)  # fmt: skip
    for turn in turns:
        grid = even(turn, scope.window)
        if grid is not None:
            return Pose(turn.series, "", None, on_grid(turn, grid.times), grid.times)
    raise ToolError("fewer than two poses lie there.", remedy="Widen t0, t1.")


def on_grid(turn: Channel, times: Numbers) -> Numbers:
    """`(rows, 3, 3)` the rotation recorded nearest to each time; rows without a number take the one before them."""
    matrices = rotations(turn)
    sound = np.flatnonzero(np.isfinite(matrices).all(axis=(1, 2)))
    if not len(sound):
        return np.tile(np.eye(3), (len(times), 1, 1))
    after = np.clip(np.searchsorted(turn.times[sound], times), 1, max(1, len(sound) - 1))
    before = after - 1
    after = np.minimum(after, len(sound) - 1)
    nearer = np.abs(turn.times[sound][after] - times) < np.abs(times - turn.times[sound][before])
    return matrices[sound[np.where(nearer, after, before)]]


def _rates(pose: Pose) -> tuple[Numbers, Numbers]:
    """Speed [unit/s] and turning rate [rad/s] at each row of the grid."""
    rows, step = len(pose.times), float(pose.times[1] - pose.times[0])
    speed = pose.place.speed() if pose.place is not None else np.zeros(rows)
    if pose.turned is None:
        return speed, np.zeros(rows)
    reach = min(rows - 1, max(1, round(0.5 / step)))  # over half a second: single steps are noise
    first = np.maximum(np.arange(rows) - reach // 2, 0)
    last = np.minimum(first + reach, rows - 1)
    relative = np.einsum("nij,nkj->nik", pose.turned[last], pose.turned[first])
    cosine = np.clip((np.trace(relative, axis1=1, axis2=2) - 1) / 2, -1.0, 1.0)
    return speed, np.arccos(cosine) / np.maximum((last - first) * step, 1e-9)


def _anchor(scope: Scope, pose: Pose, spell: Spell, speed: Numbers) -> Anchor:
    last = min(spell.end, len(pose.times) - 1)
    t0, t1 = float(pose.times[spell.first]), float(pose.times[last])
    moved, direction = _net_shift(pose, spell.first, last)
    angle, axis = turn_along(pose.turned[spell.first : last + 1]) if pose.turned is not None else (0.0, "")
    turn = round(math.degrees(angle), 1)
    attrs: dict[str, Json] = {
        "camera": str(spell.state),
        "turn_deg": turn if pose.turned is not None else None,
        "axis": axis if turn >= 1 else "",
        "moved_m": moved,
        "unit": pose.unit,
        "direction": direction,
        "energy": round(min(1.0, float(speed[spell.first : spell.end].mean()) / _fast(speed)), 2),
        "series": pose.series,
    }
    return scope.anchor("motion", _content(attrs), (t0, t1), "track_motion", attrs=attrs)


def _net_shift(pose: Pose, first: int, last: int) -> tuple[float | None, str]:
    if pose.place is None:
        return None, ""
    shift = pose.place.values[last] - pose.place.values[first]
    distance = round(float(np.linalg.norm(shift)), 3)
    return distance, axis_name(shift) if distance > 0 else ""


def _content(attrs: dict[str, Json]) -> str:
    said: list[str] = []
    if attrs["moved_m"] is not None and "move" in attrs["camera"]:
        unit = f" {attrs['unit']}" if attrs["unit"] else ""
        along = f" mostly along {attrs['direction']}" if attrs["direction"] else ""
        said.append(f"moves {attrs['moved_m']:.2f}{unit}{along}")
    if attrs["turn_deg"] is not None and "turn" in attrs["camera"]:
        said.append(f"turns {attrs['turn_deg']:.0f} degrees about {attrs['axis'] or 'no axis'}")
    return "; ".join(said) or "rests"
