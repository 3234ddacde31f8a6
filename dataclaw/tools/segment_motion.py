"""Cuts a trajectory into segments and says of each what moved, how far, where to, and what the gripper did.

A phase is named by what was measured alone: without a gripper there is no grasp, without a height there is no lift.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.carried_objects import AXES, UP, CarriedObject, carried_object, main_axes
from dataclaw.tools.grippers import GripperChange, gripper_changes, has_gripper
from dataclaw.tools.kinematics import (
    Channel,
    Even,
    Numbers,
    column_channel,
    even,
    frame_times,
    joints,
    readable,
    roles_of,
    unusable,
)
from dataclaw.tools.scope import SLACK, Scope, look
from dataclaw.tools.segmentation import boundaries, choose_boundaries, fast, resting
from dataclaw.tools.spans import principal, reversals
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json, Span, Stream

STEPS = 5.0
"""Steps that count as a second where the source has no clock: the usual control rate of recorded manipulation."""
ASSUMED = 0.7
"""Confidence of what rests on an assumed sense of the gripper."""
STILL_SHARE = 0.6
"""A segment is a standstill when it rests for this share of its time."""
DETOUR = 1.5
"""From this ratio of way to net distance on, both are reported."""
SMALL = 0.2
"""Going back and forth is an adjustment when it leads less far than this share of the longest way."""
LEAST = 1e-3
"""A position moves when it spans so much of its unit."""
GAP, GAP_ROWS, GAP_SHARE = 1.0, 20.0, 0.6
"""Nothing is known of a segment that is mostly one gap: no row for so long [s], so many usual steps, this share."""
EMPTY = 0.03
"""A closed hand that goes so far without any object is empty [m]."""
_FORCE = re.compile(r"force|wrench|(^|[_.])f[xyz]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MotionTrack:
    """What of a stream is segmented.

    Attributes:
        channel: the numbers: a position, or joints.
        motion: the same on an even grid, smoothed.
        exact: the same on that grid, as recorded.
        unit: unit of the motion, "m", "rad" or "".
        place: whether it is a position, with axes x, y and z.
        robot: whether these are the axes of a robot's base.
        gripper: whether the source names a gripper.
        changes: what grippers do, from the beginning to the end of the stream.
        forces: measured forces.
        things: positions of objects.
        second: what a second is on its clock.
    """

    channel: Channel
    motion: Even
    exact: Even
    unit: str
    place: bool
    robot: bool
    gripper: bool
    changes: Sequence[GripperChange]
    forces: Sequence[Channel]
    things: Sequence[Channel]
    second: float


@dataclass(frozen=True, slots=True)
class MotionSegment:
    """A segment as measured, before its phase is known.

    Attributes:
        span: from when to when [s].
        reason: why it begins here.
        shift: `(columns,)` change of the motion's columns.
        path: length of the way.
        stall: whether it stands still.
        oscillation: whether it turns round at least twice and comes back.
        change: what a gripper does in most of it, or None.
        state: "open", "closed" or "" between changes.
        carried: the object that moved most, or None.
        gap: whether there is no row in most of it.
    """

    span: Span
    reason: str
    shift: Numbers
    path: float
    stall: bool
    oscillation: bool
    change: GripperChange | None
    state: str
    carried: CarriedObject | None = None
    gap: bool = False


@tool("segment_motion", version=7, kinds=("trajectory",))
def segment_motion(
    context: ToolContext,
    *,
    max_segments: Annotated[int, Field(ge=1, le=100, description="at most so many")] = 24,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Cut a trajectory into segments at gripper changes, standstills, contacts and slow points; say what each does.

    Anchors of kind "segment" cover the window without gap or overlap. `attrs`: `first_frame`, `last_frame` (sampled
    frames, null without pictures), `reason`, `phase` (approach, grasp, lift, transport, release, retreat, adjust, idle;
    "move" where no gripper is known), `gripper` ("open", "closed", "opens", "closes", ""), `moved` (net, in `unit`),
    `path` (length of the way), `direction`, `stall`, `oscillation`, `speed` (mean over the fast speed, 0..1), `sense`
    ("stated" or "assumed": which way the gripper opens).
    """
    scope = look(context, part)
    course = motion_track(scope)
    parts = _parts(course, scope.window, max_segments)
    named = phases(parts, course)
    longest = fast(course.motion.speed())
    anchors = tuple(_anchor(scope, course, p, phase, longest) for p, phase in zip(parts, named, strict=True))
    what = "position" if course.place else f"{len(course.channel.columns)} joints"
    note = f"{len(anchors)} segments of {course.channel.series} ({what})."
    if course.changes and not course.changes[0].stated:
        note += " The source does not say which way the gripper opens: larger is taken as wider."
    data: dict[str, Json] = {"series": course.channel.series, "unit": course.unit, "gripper": course.gripper}
    grips = [n for c in roles_of(scope.stream, "gripper") if c.series == course.channel.series for n in c.columns]
    data |= {"columns": list(course.channel.columns), "gripper_columns": grips, "frames": frame_times(scope)}
    return ToolResult(note, anchors, data=data)


def motion_track(scope: Scope) -> MotionTrack:
    """The motion of a stream: the position that goes furthest, otherwise its joints.

    Raises:
        ToolError: the source names neither, or hardly has numbers there.
    """
    stream = scope.stream
    places = [(c, m) for c in roles_of(stream, "position") if (m := even(c, scope.window)) and _goes(m)]
    arms = None if places else joints(stream)
    if arms is not None and (grid := even(arms, scope.window)) is not None and _goes(grid):
        places = [(arms, grid)]
    if not places:
        named = [*roles_of(stream, "position"), *([arms] if arms is not None else [])]
        why = unusable(named, scope.window) or "the source names no position and no joints that move"
        raise ToolError(f"{why}.", remedy="Use inspect_state.")
    channel, motion = max(places, key=lambda pair: float(np.abs(np.diff(pair[1].values, axis=0)).sum()))
    units = set(channel.units)
    unit = channel.units[0] if len(units) == 1 else ""
    place = channel is not arms and len(channel.columns) == 3
    robot = place and (bool(stream.meta.get("robot")) or bool(roles_of(stream, "action")))
    second = 1.0 if stream.clock == "seconds" else STEPS
    changes = gripper_changes(stream, (0.0, max(stream.duration, scope.window[1])))  # all: phases depend on the past
    exact = even(channel, scope.window, smooth=0.0) or motion
    return MotionTrack(
        channel,
        motion,
        exact,
        unit,
        place,
        robot,
        has_gripper(stream),
        changes,
        _forces(stream),
        roles_of(stream, "objects"),
        second,
    )


def _goes(motion: Even) -> bool:
    return float(np.ptp(motion.values, axis=0).max()) >= LEAST


def _parts(course: MotionTrack, window: Span, most: int) -> list[MotionSegment]:
    motion = course.motion
    forces = [f for c in course.forces if (f := even(c, window)) is not None]
    cuts = choose_boundaries(boundaries(motion, course.changes, forces, course.second), window, most - 1, course.second)
    starts = [window[0], *(c.t for c in cuts)]
    ends = [*(c.t for c in cuts), window[1]]
    reasons = ["start", *(c.reason for c in cuts)]
    still = resting(motion.speed())
    return [_part(course, (a, b), why, still) for a, b, why in zip(starts, ends, reasons, strict=True)]


def _forces(stream: Stream) -> tuple[Channel, ...]:
    """Measured forces, by the names of their columns."""
    wanted = [(s, [i for i, name in enumerate(s.columns) if _FORCE.search(name)]) for s in stream.series.values()]
    return tuple(column_channel(s, columns) for s, columns in wanted if columns)


def _part(course: MotionTrack, span: Span, reason: str, still: NDArray[np.bool_]) -> MotionSegment:
    motion = course.motion
    first = int(np.clip(np.searchsorted(motion.times, span[0] - SLACK), 0, len(motion.times) - 1))
    last = int(np.clip(np.searchsorted(motion.times, span[1] + SLACK) - 1, first, len(motion.times) - 1))
    way = motion.values[first : last + 1]
    shift = course.exact.values[last] - course.exact.values[first]  # smoothing shortens what moves at the ends
    path = max(float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum()), float(np.linalg.norm(shift)))
    line = principal(way)
    back = reversals(line, 0.25 * float(np.ptp(line))) >= 2 if np.ptp(line) > 0 else False
    middle = [c for c in course.changes if span[0] <= (c.t0 + c.t1) / 2 < span[1]]
    change = max(middle, key=lambda c: abs(c.after - c.before), default=None)
    gap = _gap(course.channel.times, span) >= GAP_SHARE * (span[1] - span[0])
    return MotionSegment(
        span,
        reason,
        shift,
        path,
        stall=not gap and bool(still[first : last + 1].mean() >= STILL_SHARE),
        oscillation=back and float(np.linalg.norm(shift)) <= 0.5 * path,
        change=change,
        state=_state(course.changes, (span[0] + span[1]) / 2),
        carried=carried_object(course.things, span),
        gap=gap,
    )


def _gap(times: Numbers, span: Span) -> float:
    """Longest time without a row inside a span [s]; 0 when rows only come as slowly as they usually do."""
    steps = np.diff(times)
    if not len(steps):
        return 0.0
    least = max(GAP, GAP_ROWS * float(np.median(steps)))
    inside = np.minimum(times[1:], span[1]) - np.maximum(times[:-1], span[0])
    return float(np.max(inside[steps >= least], initial=0.0))


def _state(changes: Sequence[GripperChange], t: float) -> str:
    """Open or closed at a moment between changes, from the one before, or the one after; "" without any."""
    before = [c for c in changes if (c.t0 + c.t1) / 2 <= t]
    if before:
        return "open" if before[-1].opens else "closed"
    return ("closed" if changes[0].opens else "open") if changes else ""


def phases(parts: Sequence[MotionSegment], course: MotionTrack) -> list[str]:
    """The phase of each part, in order: what gripper and objects have done decides between reaching and carrying."""
    held, released = _hand_at(parts[0].span[0], course.changes)
    longest = max((p.path for p in parts), default=0.0)
    worked = False
    found: list[str] = []
    for part in parts:
        again = any(c.t0 > part.span[0] for c in course.changes if not c.opens)
        if part.change is not None:
            phase = "grasp" if not part.change.opens else "release" if held else "approach"
            released, held = part.change.opens and held, not part.change.opens
        elif part.stall or part.gap:
            phase = "idle"
        elif not course.gripper:
            phase = "move"
        elif held and _empty(part, course):
            phase = "retreat" if worked else "approach"
        elif held:
            phase = "lift" if _goes_up(part, course) else "transport"
        elif part.oscillation and float(np.linalg.norm(part.shift)) < SMALL * longest:
            phase = "adjust"
        else:
            phase = "retreat" if released and not (again and found[-1:] == ["retreat"]) else "approach"
        worked = worked or part.carried is not None
        found.append(phase)
    return found


def _empty(part: MotionSegment, course: MotionTrack) -> bool:
    """Whether a closed hand carries nothing: it goes somewhere, things are recorded, and none goes along."""
    return bool(course.things) and part.carried is None and float(np.linalg.norm(part.shift)) >= EMPTY


def _hand_at(t: float, changes: Sequence[GripperChange]) -> tuple[bool, bool]:
    """Whether something may be held at a moment, and whether it was released before.

    Before the first change nothing is known: it counts as held when the gripper opens and never closes.
    """
    before = [c for c in changes if (c.t0 + c.t1) / 2 <= t]
    if not before:
        return bool(changes) and all(c.opens for c in changes), False
    opened = before[-1].opens
    return not opened, opened and any(not c.opens for c in before)


def _goes_up(part: MotionSegment, course: MotionTrack) -> bool:
    if part.carried is not None:
        return part.carried.up
    return course.robot and float(part.shift[2]) > UP * float(np.linalg.norm(part.shift)) > 0


def _anchor(scope: Scope, course: MotionTrack, part: MotionSegment, phase: str, quick: float) -> Anchor:
    t0, t1 = part.span
    first, last = _frames(scope, t0, t1)
    change = part.change
    attrs: dict[str, Json] = {
        "first_frame": first,
        "last_frame": last,
        "reason": part.reason,
        "phase": phase,
        "gripper": part.state if change is None else "opens" if change.opens else "closes",
        "moved": round(float(np.linalg.norm(part.shift)), 3),
        "path": round(part.path, 3),
        "unit": course.unit,
        "direction": _direction(course, part),
        "object": "" if part.carried is None else part.carried.name,
        "stall": part.stall,
        "oscillation": part.oscillation,
        "speed": round(min(1.0, part.path / max(t1 - t0, 1e-9) / quick), 2),
        "sense": "" if not course.changes else "stated" if course.changes[0].stated else "assumed",
    }
    sure = ASSUMED if change is not None and not change.stated else 1.0
    content = _content(course, part, attrs)
    return scope.anchor("segment", content, part.span, "segment_motion", frame=first, confidence=sure, attrs=attrs)


def _frames(scope: Scope, t0: float, t1: float) -> tuple[int | None, int | None]:
    """Sampled frames from `t0` on and before `t1` (with it at the window's end); the one on show when there is none."""
    if scope.stream.frames is None or not scope.indices:
        return None, None
    last = t1 >= scope.window[1] - SLACK
    inside = [i for i in scope.indices if t0 - SLACK <= scope.time(i) and (scope.time(i) < t1 - SLACK or last)]
    if inside:
        return inside[0], inside[-1]
    shown = max((i for i in scope.indices if scope.time(i) <= t0), default=scope.indices[0])
    return shown, shown


def _direction(course: MotionTrack, part: MotionSegment) -> str:
    """Where to: words for a robot's base, axes for other positions, "" for joints and for what hardly moves."""
    if not course.place or part.stall or part.gap or not np.abs(part.shift).max() > 0:
        return ""
    return " and ".join(AXES[axis] if course.robot else axis for axis in main_axes(part.shift)[:2])


def _content(course: MotionTrack, part: MotionSegment, attrs: dict[str, Json]) -> str:
    unit = f" {course.unit}" if course.unit else ""
    said = [_motion(course, part, attrs, unit)]
    if part.gap:
        return f"{attrs['phase']}: {said[0]}"
    if part.change is not None:
        way = "opens" if part.change.opens else "closes"
        before, after = part.change.inside(part.span)
        said.append(f"{part.change.name} {way} ({before:.2g} to {after:.2g})")
    elif part.state:
        said.append(f"gripper {part.state}")
    if part.carried is not None:
        said.append(f"{part.carried.name} moves {part.carried.distance:.2f} m {part.carried.where}")
    return f"{attrs['phase']}: {', '.join(said)}"


def _motion(course: MotionTrack, part: MotionSegment, attrs: dict[str, Json], unit: str) -> str:
    if part.gap:
        return "is not recorded"
    if part.stall:
        return f"rests {seconds(part.span[1] - part.span[0])} s" if course.second == 1.0 else "rests"
    if part.oscillation:
        return f"goes back and forth, {attrs['path']:.2f}{unit} of way"
    if course.place:
        where = f" {attrs['direction']}" if attrs["direction"] else ""
        way = f", {attrs['path']:.2f}{unit} of way" if attrs["path"] > DETOUR * attrs["moved"] else ""
        return f"moves {attrs['moved']:.2f}{unit}{where}{way}"
    order = np.argsort(-np.abs(part.shift))[:2]
    named = [f"{readable(course.channel.columns[int(k)])} {part.shift[int(k)]:+.2f}{unit}" for k in order]
    return " and ".join(named)
