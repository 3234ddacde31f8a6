"""Cuts a trajectory into segments and says of each what moved, how far, where to, and what the gripper did."""

from __future__ import annotations

import re
from typing import Annotated

import numpy as np
from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.kinematics import frame_times, joints, readable, roles_of
from dataclaw.tools.motion_parts import (
    MotionSegment,
    MotionTrack,
    direction_of,
    join_alike,
    motion_parts,
    motion_track,
    phases,
)
from dataclaw.tools.scope import SLACK, Scope, look
from dataclaw.tools.segmentation import fast
from dataclaw.tools.track_motion import way_in_picture
from dataclaw.tools.view import figure, seconds
from dataclaw.types import Anchor, Json

ASSUMED = 0.7
"""Confidence of what rests on an assumed sense of the gripper."""
DETOUR = 1.5
"""From this ratio of way to net distance on, both are reported."""
RESTING_CAMERA = 0.06
"""A camera rests when its view shifts by less than this share of the picture a second, as `track_motion` has it."""


@tool("segment_motion", version=10, kinds=("trajectory",))
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
    ("stated" or "assumed": which way the gripper opens), `holds` ("yes" or "no" where something tells whether the
    closed hand holds something, "unsure" where it goes up while it closes, else ""), `finished` (false for a gripper
    that still moves when the recording ends), `hand`, `from` and `to` (which gripper moves, and its numbers), `object`,
    `object_moved` [m], `object_direction`, `limb` (joints that move most), `view` (where to in the picture, where
    numbers do not say).
    """
    scope = look(context, part)
    course = motion_track(scope)
    parts = motion_parts(course, scope.window, max_segments)
    named = phases(parts, course)
    parts, named = join_alike(parts, named, course)
    longest = fast(course.motion.speed())
    anchors = tuple(_anchor(scope, course, p, phase, longest) for p, phase in zip(parts, named, strict=True))
    what = "position" if course.place else f"{len(course.channel.columns)} joints"
    note = f"{len(anchors)} segments of {course.channel.series} ({what})."
    if course.changes and not course.changes[0].stated:
        note += " The source does not say which way the gripper opens: larger is taken as wider."
    data: dict[str, Json] = {"unit": course.unit, "gripper": course.gripper, "frames": frame_times(scope)}
    data["robot"] = course.robot or course.gripper or not course.place
    told = (joints(scope.stream) if course.derived else None) or course.channel
    grips = [n for c in roles_of(scope.stream, "gripper") if c.series == told.series for n in c.columns]
    data |= {"series": told.series, "columns": list(told.columns), "gripper_columns": grips}
    return ToolResult(note, anchors, data=data)


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
        "direction": direction_of(course, part),
        "object": "" if part.carried is None else part.carried.name,
        "object_moved": None if part.carried is None else round(part.carried.distance, 3),
        "object_direction": "" if part.carried is None else part.carried.where,
        "stall": part.stall,
        "oscillation": part.oscillation,
        "speed": round(min(1.0, part.path / max(t1 - t0, 1e-9) / quick), 2),
        "sense": "" if not course.changes else "stated" if course.changes[0].stated else "assumed",
        "holds": part.holds,
        "finished": change is None or change.finished,
        "hand": (change or part.last or course.changes[0]).name if course.changes else "",
        "gap": part.gap,
        "limb": _limb(course, part),
        "view": _view(course, part),
    }
    if change is not None:
        before, after = change.inside(part.span)
        attrs |= {"from": round(before, 4), "to": round(after, 4)}
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


def _limb(course: MotionTrack, part: MotionSegment) -> str:
    """The side of the joints that move most, "left" or "right"; "" where they have none, or it is no motion of joints.

    A joint counts by the square of its change. The place of a hand that is computed from joints is an "arm"'s.
    """
    if part.stall or part.gap or (course.place and not course.derived):
        return ""
    if course.place:
        return next((side for side in ("left", "right") if side in course.channel.series), "arm")
    sides = [m[0].lower() if (m := re.search(r"left|right", n, re.IGNORECASE)) else "" for n in course.channel.columns]
    weight = {side: sum(float(v) ** 2 for v, s in zip(part.shift, sides, strict=True) if s == side) for side in sides}
    most = max(weight, key=lambda side: weight[side])
    return most if len(weight) > 1 and weight[most] > 0.8 * sum(weight.values()) else ""


def _view(course: MotionTrack, part: MotionSegment) -> str:
    """Where in the picture of a resting camera it goes; "" where that is not to be seen."""
    seen = [m for m in course.moves if part.span[0] <= (m.t0 + m.t1) / 2 < part.span[1]]
    shifts = max((abs(sum(getattr(m, name) for m in seen)) for name in ("pan", "tilt")), default=1.0)
    rests = shifts <= RESTING_CAMERA * (part.span[1] - part.span[0])
    if part.stall or part.gap or not rests or any(m.lost for m in seen):
        return ""
    return way_in_picture(seen)


def _content(course: MotionTrack, part: MotionSegment, attrs: dict[str, Json]) -> str:
    unit = f" {course.unit}" if course.unit else ""
    said = [_motion(course, part, attrs, unit)]
    if part.gap:
        return f"{attrs['phase']}: {said[0]}"
    if part.change is not None:
        way = "opens" if part.change.opens else "closes"
        before, after = part.change.inside(part.span)
        start, end = (figure(value, 2, max(abs(before), abs(after))) for value in (before, after))
        said.append(f"{part.change.name} {way} ({start} to {end})")
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
