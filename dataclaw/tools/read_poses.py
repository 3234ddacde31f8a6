"""The pose of what moves at moments spread over a recording: place, rotation, and how far a gripper is open."""

from __future__ import annotations

from typing import Annotated, cast

import numpy as np
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.motion import PoseMoment, round_moment, state_words
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.grippers import gripper_changes, has_gripper
from dataclaw.tools.kinematics import Channel, Numbers, roles_of, rotations
from dataclaw.tools.scope import Scope, clip, look
from dataclaw.types import Anchor, Json, Span, Stream

MOST = 48
"""Most moments."""
METRE = "m"


@tool("read_poses", kinds=("trajectory",))
def read_poses(
    context: ToolContext,
    *,
    count: Annotated[int, Field(ge=2, le=MOST, description="at most so many moments, evenly spread")] = 24,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
) -> ToolResult:
    """Read the pose of a hand, a camera or a robot at moments spread over the recording.

    Anchors of kind "pose": `attrs` {t, place [x, y, z] in m, turned (quaternion x, y, z, w), opening (0 closed, 1
    open), heading in degrees, who}; null where the source does not say. Only places in metres count.
    """
    scope = look(context, t0=t0, t1=t1)
    poses = moments_of(scope.stream, scope.window, count)
    if len(poses) < 2:
        raise ToolError(
            "no places in metres, no rotations and no gripper are recorded there.", remedy="Use inspect_state."
        )
    who = mover_of(scope.stream)
    anchors = tuple(_anchor(scope, pose, who) for pose in poses)
    return ToolResult(f"{len(anchors)} poses of {who}.", anchors, data={"who": who})


def mover_of(stream: Stream) -> str:
    """What moves, in words."""
    if has_gripper(stream):
        return "the hand"
    return "the tracked body" if stream.frames is None else "the camera"


def moments_of(stream: Stream, window: Span, count: int) -> list[PoseMoment]:
    """At most so many recorded poses, evenly spread over a window; none where there are no usable numbers.

    Times are those of the places, else of the rotations, else of the gripper; what has other times counts with its
    nearest row.
    """
    places = next((c for c in _channels(stream, "position") if set(c.units) == {METRE} and len(c.columns) == 3), None)
    turns = _channels(stream, "rotation")
    beside = next((c for c in turns if places is None or c.series == places.series), turns[0] if turns else None)
    opening = _opening(stream, window)
    times: Numbers | None = next((t for t in (places and places.times, beside and beside.times, opening and opening[0])
                  if t is not None), None)  # fmt: skip
    if times is None:
        return []
    inside = times[(times >= window[0] - 1e-6) & (times <= window[1] + 1e-6)]
    chosen = inside[np.unique(np.round(np.linspace(0, len(inside) - 1, min(count, len(inside)))).astype(int))]
    quaternions = None if beside is None else _quaternions(rotations(beside))
    moments = [
        round_moment(
            t,
            None if places is None else _row(places.times, places.values, t),
            None if beside is None or quaternions is None else _row(beside.times, quaternions, t),
            None if opening is None else float(np.interp(t, *opening)),
        )
        for t in cast("list[float]", chosen.tolist())
    ]
    known = [m for m in moments if m.place or m.turned or m.opening is not None]
    return [m for k, m in enumerate(known) if not k or m.t > known[k - 1].t]


def _channels(stream: Stream, role: str) -> list[Channel]:
    """The channels with a role, measured ones first."""
    commanded = {c.series for c in roles_of(stream, "action")}
    return sorted(roles_of(stream, role), key=lambda channel: channel.series in commanded)


def _opening(stream: Stream, window: Span) -> tuple[Numbers, Numbers] | None:
    """How far the gripper that moves first is open over time, 0 closed to 1 open; None where none moves."""
    changes = gripper_changes(stream, window)
    if not changes:
        return None
    course, low, high = changes[0].course, float(changes[0].course.min()), float(changes[0].course.max())
    share = (course - low) / (high - low)
    rises = changes[0].after > changes[0].before
    return changes[0].times, share if rises == changes[0].opens else 1.0 - share


def _row(times: Numbers, values: Numbers, t: float) -> tuple[float, ...] | None:
    """The row nearest to a time; None where it lacks a number."""
    row = values[int(np.argmin(np.abs(times - t)))]
    return tuple(map(float, row)) if np.isfinite(row).all() else None


def _quaternions(matrices: Numbers) -> Numbers:
    """`(rows, 4)` quaternions x, y, z, w of rotation matrices, w not negative; NaN where a matrix has it.

    Each size comes from the diagonal and each sign from what lies beside it; exact but for half turns.
    """
    xx, yy, zz = (matrices[:, k, k] for k in range(3))
    sizes = np.stack([1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz], axis=1)
    beside = [matrices[:, 2, 1] - matrices[:, 1, 2], matrices[:, 0, 2] - matrices[:, 2, 0],
              matrices[:, 1, 0] - matrices[:, 0, 1], np.ones(len(matrices))]  # fmt: skip
    return np.sqrt(np.maximum(sizes, 0.0)) / 2 * np.where(np.stack(beside, axis=1) < 0, -1.0, 1.0)


def _anchor(scope: Scope, pose: PoseMoment, who: str) -> Anchor:
    frames = [i for i in scope.indices if scope.time(i) <= pose.t + 1e-6] if scope.indices else []
    attrs: dict[str, Json] = {**pose.data(), "heading": pose.heading, "who": who}
    content = clip(f"{who} {state_words(pose)}", 200)
    return scope.anchor(
        "pose", content, (pose.t, pose.t), "read_poses", frame=frames[-1] if frames else None, attrs=attrs
    )
