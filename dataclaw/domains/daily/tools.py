"""The domain's own tools: the goal that a table of narrations names, and a way walked as legs and turns.

`trace_route` reads poses where the library's `track_motion` reads spans of motion: a route needs the way on the ground
as a line of few straight legs, whatever the speed. It knows no walls and no map.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.kinematics import Even, Numbers, even, roles_of, rotations, unusable
from dataclaw.tools.scope import Scope, look
from dataclaw.types import Anchor, Json

UP = 2
"""Axis that points up: z, as in ROS (REP 103), in TUM ground truth and in motion capture."""
MOST_UP = 0.25
"""Share of the way that may go up and down where somebody walks, drives or flies level."""
LEAST_TURN = 10.0
"""Smaller changes of direction are no turn [degrees]."""
LOOKING = 30.0
"""A camera that keeps its direction within this range walks no turns [degrees]."""
FINEST, COARSEST = 0.04, 0.1
"""How far legs may stray from the way, as shares of its extent: coarser only where there would be many legs."""
BACK = 1.0
"""A detour ends where it began to within this distance [m]."""
FEW_LEGS, MOST_LEGS = 24, 60
"""Legs that people follow, and most of them."""


@tool("told_goal")
def told_goal(context: ToolContext) -> ToolResult:
    """Say what the whole recording is for, where its table of narrations names a goal."""
    goal = " ".join(str(context.stream.meta.get("goal") or "").split())
    if not goal:
        return ToolResult("No goal is named.")
    end = max(context.stream.duration, context.window[1])
    anchor = Anchor("", "goal", goal, 0.0, end, source="told_goal", attrs={"text": goal})
    return ToolResult(f"The goal is named: {goal[:200]}", (anchor,))


@tool("trace_route", version=2, kinds=("trajectory",))
def trace_route(
    context: ToolContext,
    *,
    tolerance: Annotated[
        float | None,
        Field(gt=0, le=10, description="how far the legs may stray from the way [m]; default 4 to 10 % of its extent"),
    ] = None,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    without: Annotated[
        list[tuple[float, float]],
        Field(max_length=8, description="detours to leave out, [from, to] in s; each ends where it began"),
    ] = [],  # noqa: B006 - read only
) -> ToolResult:
    """Tell the way on the ground as straight legs [m] and turns [degrees, left or right] between them."""
    scope = look(context, t0=t0, t1=t1)
    way = _without_detours(_way(scope), without)
    _refuse_no_walk(way)
    flat = way.values[:, [0, 1]]
    extent = float(np.linalg.norm(np.ptp(flat, axis=0)))
    corners, allowed = _corners(flat, tolerance or max(0.05, FINEST * extent), tolerance or COARSEST * extent)
    if len(corners) - 1 > MOST_LEGS:
        raise ToolError(f"the way has {len(corners) - 1} legs at {allowed:.2f} m.", remedy="Give a larger tolerance.")
    _refuse_turns_without_looking(scope, way, flat, corners)
    named = _part_name(t0, t1, without)
    anchors = tuple(_anchors(scope, way, flat, corners, named))
    total = float(sum(np.linalg.norm(flat[b] - flat[a]) for a, b in pairwise(corners)))
    note = f"{len(corners) - 1} legs, {total:.2f} m in all, within {allowed:.2f} m of the way."
    ends: Json = [[round(float(v), 3) for v in flat[k]] for k in (corners[0], corners[-1])]
    return ToolResult(note, anchors, data={"length": round(total, 3), "tolerance": round(allowed, 3), "ends": ends})


def _part_name(t0: float | None, t1: float | None, without: Sequence[tuple[float, float]]) -> str:
    """The part of the way that was asked for, "" for all of it."""
    limits = [f"{word} {time:g} s" for word, time in (("from", t0), ("to", t1)) if time is not None]
    return " ".join([*limits, *(f"without {a:g}-{b:g} s" for a, b in without)])


def _without_detours(way: Even, detours: Sequence[tuple[float, float]]) -> Even:
    """The way without the stretches that lead back to where they began.

    Raises:
        ToolError: one leads somewhere else, or nothing is left.
    """
    kept = np.ones(len(way.times), dtype=bool)
    for start, end in detours:
        inside = np.flatnonzero((way.times > start) & (way.times < end))
        if not len(inside):
            continue
        before, after = way.values[max(inside[0] - 1, 0)], way.values[min(inside[-1] + 1, len(way.times) - 1)]
        gap = float(np.linalg.norm((after - before)[:2]))
        if gap > BACK:
            raise ToolError(f"what is left out from {start:g} to {end:g} s ends {gap:.2f} m from where it began.",
                            remedy=f"Leave out what comes back to within {BACK:g} m.")  # fmt: skip
        kept[inside] = False
    if kept.sum() < 2:
        raise ToolError("nothing of the way is left outside the detours.", remedy="Leave out less.")
    return Even(way.times[kept], way.values[kept], way.step)


def simplify(line: Numbers, tolerance: float) -> list[int]:
    """Rows of the corners of a line `(rows, 2)` that stays within `tolerance`; the first and the last row among them.

    Source: Ramer 1972, Douglas & Peucker 1973.
    """
    kept = {0, len(line) - 1}
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        off = _distances(line[first + 1 : last], line[first], line[last])
        at = int(np.argmax(off))
        if off[at] > tolerance:
            middle = first + 1 + at
            kept.add(middle)
            waiting += [(first, middle), (middle, last)]
    return sorted(kept)


def _corners(line: Numbers, tolerance: float, most: float) -> tuple[list[int], float]:
    """The corners of a way and the tolerance [m]: as fine as gives few legs, and not coarser than `most`."""
    while True:
        corners = _without_slight_turns(line, simplify(line, tolerance))
        if len(corners) - 1 <= FEW_LEGS or tolerance >= most:
            return corners, tolerance
        tolerance = min(most, 1.2 * tolerance)


def _distances(points: Numbers, start: Numbers, end: Numbers) -> Numbers:
    """Distances of points `(rows, 2)` from a stretch."""
    along = end - start
    length = float(along @ along)
    share = np.clip((points - start) @ along / length, 0.0, 1.0) if length > 0 else np.zeros(len(points))
    return np.linalg.norm(points - start - share[:, None] * along, axis=1)


def turn_between(a: Numbers, b: Numbers) -> float:
    """Turn from one direction to another [degrees], left positive, within -180..180."""
    cross = float(a[0] * b[1] - a[1] * b[0])
    return math.degrees(math.atan2(cross, float(a @ b)))


def _way(scope: Scope) -> Even:
    """The positions of what moves most, on an even grid.

    Raises:
        ToolError: the stream has no positions in metres, or those of a robot's hand.
    """
    if roles_of(scope.stream, "gripper"):
        raise ToolError("the positions are those of a robot's hand, not of somebody who walks.")
    channels = [c for c in roles_of(scope.stream, "position") if len(c.columns) == 3]
    metres = [c for c in channels if set(c.units) <= {"m", ""}]
    found = [grid for c in metres if (grid := even(c, scope.window)) is not None]
    if not found:
        why = unusable(metres, scope.window) or "there are no positions in metres"
        raise ToolError(f"{why}.", remedy="Give the poses of the camera or the robot.")
    return max(found, key=lambda grid: float(grid.speed().sum() * grid.step))


def _refuse_no_walk(way: Even) -> None:
    """Refuse positions that nobody can have walked.

    Raises:
        ToolError: nothing moves, or much of it goes up and down.
    """
    steps = np.abs(np.diff(way.values, axis=0))
    total = float(steps.sum())
    extent = float(np.linalg.norm(np.ptp(way.values[:, :2], axis=0)))
    if extent < 0.1:
        raise ToolError(f"it stays within {extent:.2f} m: nowhere is walked to.")
    share = float(steps[:, UP].sum()) / total
    if share > MOST_UP:
        raise ToolError(f"{share:.0%} of the way goes up and down, which no walk does.")


def _without_slight_turns(line: Numbers, corners: Sequence[int]) -> list[int]:
    """The corners at which the way really turns."""
    kept = [corners[0]]
    for at, following in pairwise(corners[1:]):
        if abs(turn_between(line[at] - line[kept[-1]], line[following] - line[at])) >= LEAST_TURN:
            kept.append(at)
    return [*kept, corners[-1]]


def _refuse_turns_without_looking(scope: Scope, way: Even, line: Numbers, corners: Sequence[int]) -> None:
    """Refuse a way that turns while its camera keeps one direction: somebody waves it about.

    Raises:
        ToolError: the way turns by more than half a turn, and the camera looks one way throughout.
    """
    turned = sum(abs(turn) for turn in _turns(line, corners))
    seen = _looking_range(scope, way.times)
    if turned > 180 and seen is not None and seen < LOOKING:
        raise ToolError(f"the way turns by {turned:.0f} degrees in all, but it looks within {seen:.0f} degrees of one "
                        "direction throughout, so it goes sideways and backwards, which no walk does.")  # fmt: skip


def _turns(line: Numbers, corners: Sequence[int]) -> list[float]:
    legs = [line[b] - line[a] for a, b in pairwise(corners)]
    return [turn_between(a, b) for a, b in pairwise(legs)]


def _looking_range(scope: Scope, times: Numbers) -> float | None:
    """Range of directions looked to about the up axis [degrees]; None without rotations."""
    channel = next(iter(roles_of(scope.stream, "rotation")), None)
    if channel is None:
        return None
    inside = (channel.times >= times[0]) & (channel.times <= times[-1])
    matrices = rotations(channel)[inside]
    sound = matrices[np.isfinite(matrices).all(axis=(1, 2))]
    if len(sound) < 2:
        return None
    relative = sound @ sound[0].T
    yaw = np.unwrap(np.arctan2(relative[:, 1, 0] - relative[:, 0, 1], relative[:, 0, 0] + relative[:, 1, 1]))
    return float(np.degrees(np.ptp(yaw)))


@dataclass(frozen=True, slots=True)
class _Leg:
    """A straight stretch: its two rows and its length [m]."""

    first: int
    last: int
    length: float


def _anchors(scope: Scope, way: Even, line: Numbers, corners: Sequence[int], named: str) -> list[Anchor]:
    part: dict[str, Json] = {"way": named} if named else {}
    legs = [_Leg(a, b, float(np.linalg.norm(line[b] - line[a]))) for a, b in pairwise(corners)]
    found: list[Anchor] = []
    for leg, turn in zip(legs, [0.0, *_turns(line, corners)], strict=True):
        at = float(way.times[leg.first])
        if round(turn):
            side = "left" if turn > 0 else "right"
            attrs: dict[str, Json] = {
                "action": f"TURN_{side.upper()}",
                "amount": abs(round(turn)),
                "unit": "deg",
                **part,
            }
            found.append(_anchor(scope, f"the way turns {side} by {abs(round(turn))} degrees", at, at, attrs))
        attrs = {"action": "FORWARD", "amount": round(leg.length, 2), "unit": "m", **part}
        text = f"goes straight on for {leg.length:.2f} m"
        found.append(_anchor(scope, text, at, float(way.times[leg.last]), attrs))
    return found


def _anchor(scope: Scope, text: str, t0: float, t1: float, attrs: dict[str, Json]) -> Anchor:
    before = [i for i in scope.indices if scope.time(i) <= t0 + 1e-6] if scope.indices else []
    frame = before[-1] if before else None
    return Anchor("", "motion", text, t0, t1, frame=frame, source="trace_route", part=scope.part, attrs=attrs)
