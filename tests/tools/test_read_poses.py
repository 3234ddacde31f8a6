"""Poses as the tool reads them: what counts, what is near, and what is refused."""

import math

import numpy as np
import pytest

from dataclaw.errors import ToolError
from dataclaw.motion import moment_of
from dataclaw.tools import ToolContext, builtin
from dataclaw.tools.read_poses import moments_of, mover_of
from tests.tools.motions import series, trajectory

TIMES = np.linspace(0, 4, 41)
PLACE = series("pose", TIMES, {"x": 0.1 * TIMES, "y": 0.0, "z": 1.0}, "m")
TURN = series("turn", TIMES, {"qx": 0.0, "qy": 0.0, "qz": np.sin(TIMES / 8), "qw": np.cos(TIMES / 8)}, "1")
AT = {"position": [["pose", ["x", "y", "z"]]]}
TURNED = {"rotation": [["turn", ["qx", "qy", "qz", "qw"]]]}
GRIP = series("grip", TIMES, {"width": np.clip(2 - TIMES, 0, 1) * 0.08}, "m")


def poses_of(stream, count=5):
    return moments_of(stream, (0.0, stream.duration), count)


def test_moments_are_spread_evenly_and_are_recorded_ones():
    poses = poses_of(trajectory(PLACE, TURN, roles=AT | TURNED))
    assert [pose.t for pose in poses] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [pose.place for pose in poses][:2] == [(0.0, 0.0, 1.0), (0.1, 0.0, 1.0)]
    assert [pose.heading for pose in poses] == pytest.approx([math.degrees(t / 4) for t in range(5)], abs=0.1)


@pytest.mark.parametrize("axis", range(4))
def test_quaternions_come_back_whatever_their_largest_part(axis):
    made = np.array([0.1, 0.2, 0.3, 0.4])
    made[axis] = 2.0
    made /= np.linalg.norm(made)
    turn = series("turn", TIMES, dict(zip(("qx", "qy", "qz", "qw"), made, strict=True)), "1")
    (pose, *_) = poses_of(trajectory(PLACE, turn, roles=AT | TURNED))
    assert pose.turned == pytest.approx(tuple(made), abs=1e-4)


@pytest.mark.parametrize(("sense", "shares"), [("high", [1.0, 0.0]), ("low", [0.0, 1.0])])
def test_the_source_says_which_way_a_gripper_opens(sense, shares):
    stream = trajectory(PLACE, GRIP, roles=AT | {"gripper": [["grip", "width"]], "gripper_open": sense})
    poses = poses_of(stream)
    assert [poses[0].opening, poses[-1].opening] == shares
    assert mover_of(stream) == "the hand"


def test_places_without_metres_are_left_out():
    yards = series("pose", TIMES, {"x": TIMES, "y": 0.0, "z": 1.0})
    assert poses_of(trajectory(yards, roles=AT)) == []
    (pose, *_) = poses_of(trajectory(yards, TURN, roles=AT | TURNED))
    assert pose.place is None
    assert pose.turned is not None


def test_rows_without_numbers_have_no_place():
    holes = series("pose", TIMES, {"x": np.where(TIMES < 1.5, np.nan, TIMES), "y": 0.0, "z": 1.0}, "m")
    assert [pose.place is None for pose in poses_of(trajectory(holes, TURN, roles=AT | TURNED))][:3] == [
        True,
        True,
        False,
    ]


def test_the_tool_gives_anchors_that_are_moments():
    stream = trajectory(PLACE, TURN, roles=AT | TURNED)
    found = builtin()["read_poses"](ToolContext(stream, (1.0, 3.0)), {"count": 3})
    assert [moment_of(anchor.attrs) for anchor in found.anchors] == moments_of(stream, (1.0, 3.0), 3)
    assert [anchor.t0 for anchor in found.anchors] == [1.0, 2.0, 3.0]
    assert {anchor.attrs["who"] for anchor in found.anchors} == {"the tracked body"}
    assert found.anchors[0].content == "the tracked body at x 0.100 m, y 0.000 m, z 1.000 m, heading 14.3 degrees"


def test_a_stream_without_poses_is_refused():
    stream = trajectory(series("s", TIMES, {"a": TIMES}), roles={"state": ["s"]})
    with pytest.raises(ToolError, match="no places in metres"):
        builtin()["read_poses"](ToolContext(stream, (0.0, 4.0)), {})
