"""What of a trajectory moves, the parts that it falls into, and the phase of each.

A phase is named by what was measured alone: without a gripper there is no grasp, without a height there is no lift.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataclaw.errors import ToolError
from dataclaw.tools.carried_objects import AXES, UP, CarriedObject, carried_object, main_axes
from dataclaw.tools.grippers import GripperChange, gripper_changes, has_gripper
from dataclaw.tools.holding import with_holds
from dataclaw.tools.kinematics import Channel, Even, Numbers, column_channel, even, joints, roles_of, unusable
from dataclaw.tools.picture_motion import Move
from dataclaw.tools.scope import SLACK, Scope
from dataclaw.tools.segmentation import boundaries, choose_boundaries, fast, resting
from dataclaw.tools.spans import principal, reversals
from dataclaw.tools.track_motion import follow_motion
from dataclaw.types import Span, Stream

STEPS = 5.0
"""Steps that count as a second where the source has no clock: the usual control rate of recorded manipulation."""
STILL_SHARE = 0.6
"""A segment is a standstill when it rests for this share of its time."""
SMALL = 0.2
"""Going back and forth is an adjustment when it leads less far than this share of the longest way."""
LEAST = 1e-3
"""A position moves when it spans so much of its unit."""
GAP, GAP_ROWS, GAP_SHARE = 1.0, 20.0, 0.6
"""Nothing is known of a segment that is mostly one gap: no row for so long [s], so many usual steps, this share."""
SHORT = 0.02
"""A part that gets less far is no motion of its own beside another one of its phase [m]."""
SLOW = 0.35
"""A part is slow below this share of the fast speed."""
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
        derived: whether the position was computed from joints.
        gripper: whether the source names a gripper.
        changes: what grippers do, from the beginning to the end of the stream.
        forces: measured forces.
        things: positions of objects.
        second: what a second is on its clock.
        moves: how the pictures move, where directions are not in the numbers.
    """

    channel: Channel
    motion: Even
    exact: Even
    unit: str
    place: bool
    robot: bool
    derived: bool
    gripper: bool
    changes: Sequence[GripperChange]
    forces: Sequence[Channel]
    things: Sequence[Channel]
    second: float
    moves: Sequence[Move] = ()


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
        last: the last change of a gripper that began before the middle of it, or None.
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
    last: GripperChange | None = None
    carried: CarriedObject | None = None
    gap: bool = False

    @property
    def holds(self) -> str:
        """Whether a closed hand holds something, as `GripperChange` has it; "yes" where an object moves along."""
        closing = self.change or self.last
        return "yes" if self.carried is not None and self.state == "closed" else closing.holds if closing else ""


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
    computed = stream.meta.get("derived")
    derived = isinstance(computed, list | tuple) and channel.series in computed
    robot = place and (derived or bool(stream.meta.get("robot")) or bool(roles_of(stream, "action")))
    second = 1.0 if stream.clock == "seconds" else STEPS
    changes = gripper_changes(stream, (0.0, max(stream.duration, scope.window[1])))  # all: phases depend on the past
    exact = even(channel, scope.window, smooth=0.0) or motion
    things = roles_of(stream, "objects")
    changes = with_holds(stream, changes, things, channel if place else None, second)
    moves = [] if place or stream.frames is None or len(scope.indices) < 2 else follow_motion(scope)[0]
    gripper, forces = has_gripper(stream), _forces(stream)
    return MotionTrack(channel, motion, exact, unit, place, robot, derived, gripper, changes, forces, things, second,
                       moves)  # fmt: skip


def _goes(motion: Even) -> bool:
    return float(np.ptp(motion.values, axis=0).max()) >= LEAST


def motion_parts(course: MotionTrack, window: Span, most: int) -> list[MotionSegment]:
    """The parts of a motion inside a window, at most so many."""
    motion = course.motion
    forces = [f for c in course.forces if (f := even(c, window)) is not None]
    cuts = choose_boundaries(boundaries(motion, course.changes, forces, course.second), window, most - 1, course.second)
    starts = [window[0], *(c.t for c in cuts)]
    ends = [*(c.t for c in cuts), window[1]]
    reasons = ["start", *(c.reason for c in cuts)]
    return [_part(course, (a, b), why) for a, b, why in zip(starts, ends, reasons, strict=True)]


def join_alike(
    parts: Sequence[MotionSegment], named: Sequence[str], course: MotionTrack
) -> tuple[list[MotionSegment], list[str]]:
    """Parts and their phases; neighbours that only a slow point divides and that differ in nothing are one.

    What is left of a recording after a hand has begun to close belongs to that.
    """
    kept, phases_kept = [parts[0]], [named[0]]
    for part, phase in zip(parts[1:], named[1:], strict=True):
        cut = kept[-1].change is not None and not kept[-1].change.finished and part.change is None
        if cut or (phase == phases_kept[-1] and _are_alike(kept[-1], part, course)):
            kept[-1] = _part(course, (kept[-1].span[0], part.span[1]), kept[-1].reason)
        else:
            kept.append(part)
            phases_kept.append(phase)
    return kept, phases_kept


def _are_alike(one: MotionSegment, other: MotionSegment, course: MotionTrack) -> bool:
    """Whether two parts go the same way, or both nowhere; joints say no way, and count where a gripper gives phases."""
    pair = (one, other)
    if any(p.gap or p.change is not None for p in pair) or one.state != other.state:
        return False
    if one.stall or other.stall:
        return one.stall and other.stall
    if other.reason != "slow" or any(p.oscillation for p in pair) or bool(one.carried) != bool(other.carried):
        return False
    slow = [p.path < SLOW * fast(course.motion.speed()) * (p.span[1] - p.span[0]) for p in pair]
    if not course.place:
        return course.gripper and slow[0] == slow[1]
    short = course.unit == "m" and any(float(np.linalg.norm(p.shift)) < SHORT for p in pair)
    return short or (slow[0] == slow[1] and direction_of(course, one) == direction_of(course, other))


def _forces(stream: Stream) -> tuple[Channel, ...]:
    """Measured forces, by the names of their columns."""
    wanted = [(s, [i for i, name in enumerate(s.columns) if _FORCE.search(name)]) for s in stream.series.values()]
    return tuple(column_channel(s, columns) for s, columns in wanted if columns)


def _part(course: MotionTrack, span: Span, reason: str) -> MotionSegment:
    motion, still = course.motion, resting(course.motion.speed())
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
        last=_last_change(course.changes, (span[0] + span[1]) / 2),
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


def _last_change(changes: Sequence[GripperChange], t: float) -> GripperChange | None:
    return max((c for c in changes if (c.t0 + c.t1) / 2 <= t), key=lambda c: c.t0 + c.t1, default=None)


def _state(changes: Sequence[GripperChange], t: float) -> str:
    """Open or closed at a moment between changes, from the one before, or the one after; "" without any."""
    before = [c for c in changes if (c.t0 + c.t1) / 2 <= t]
    if before:
        return "open" if before[-1].opens else "closed"
    return ("closed" if changes[0].opens else "open") if changes else ""


def direction_of(course: MotionTrack, part: MotionSegment) -> str:
    """Where to: words for a robot's base, axes for other positions, "" for joints and for what hardly moves."""
    if not course.place or part.stall or part.gap or not np.abs(part.shift).max() > 0:
        return ""
    return " and ".join(AXES[axis] if course.robot else axis for axis in main_axes(part.shift)[:2])


def phases(parts: Sequence[MotionSegment], course: MotionTrack) -> list[str]:
    """The phase of each part, in order: what gripper and objects have done decides between reaching and carrying."""
    held, released = _hand_at(parts[0].span[0], course.changes)
    longest = max((p.path for p in parts), default=0.0)
    worked = False
    found: list[str] = []
    for part in parts:
        again = any(c.t0 > part.span[0] for c in course.changes if not c.opens)
        if part.change is not None:
            phase = _change_phase(part.change, held, worked)
            released, held = part.change.opens and held, not part.change.opens and part.change.holds != "no"
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


def _change_phase(change: GripperChange, held: bool, worked: bool) -> str:
    """A hand that closes on nothing grasps nothing, and one that held nothing does not let go of it."""
    if not change.opens:
        return "grasp" if change.holds != "no" else "retreat" if worked else "adjust"
    return "release" if held else "approach"


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
