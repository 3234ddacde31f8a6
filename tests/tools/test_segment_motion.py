"""Segments of trajectories whose parts are known because they were made so, and of real robots."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.streams import open_stream
from dataclaw.tools import ToolContext
from dataclaw.tools.grippers import GripperChange
from dataclaw.tools.segment_motion import segment_motion
from dataclaw.types import Anchor, Stream
from tests.tools.motions import Film, context, series, trajectory, view

SHARED = Path(__file__).parents[3] / "shared" / "data" / "embodied"
ROLES = {
    "state": ["state"],
    "action": ["action"],
    "gripper": [["state", "gripper"]],
    "position": [["state", ["x", "y", "z"]]],
    "gripper_open": "high",
}
T = np.arange(0, 12, 0.05)


def ramp(t0: float, t1: float, size: float = 1.0, t: np.ndarray = T) -> np.ndarray:
    """A smooth rise from 0 to `size` between two times, as a hand moves."""
    way = np.clip((t - t0) / (t1 - t0), 0, 1)
    return size * (3 * way**2 - 2 * way**3)


def pick() -> Stream:
    """Rests 1 s, goes 0.3 m down, closes, 0.25 m up, 0.4 m left, opens, 0.1 m up; gripper 1 is open."""
    state = series(
        "state",
        T,
        {
            "x": 0.4,
            "y": ramp(6, 8, 0.4),
            "z": 0.5 - ramp(1, 3, 0.3) + ramp(4, 6, 0.25) + ramp(9.2, 10.5, 0.1),
            "gripper": 1 - ramp(3.2, 3.8) + ramp(8.2, 8.8),
        },
        "m",
    )
    action = series("action", T, {"a": 0})
    film = Film(lambda t: view(), 12, rate=20, stride=2)
    return trajectory(state, action, roles=ROLES, frames=film, duration=12.0)


def of(stream: Stream, **args: object) -> tuple[Anchor, ...]:
    return segment_motion(context(stream), args).anchors


def at(anchors: tuple[Anchor, ...], t: float) -> Anchor:
    return next(a for a in anchors if a.t0 <= t <= a.t1)


def test_a_pick_and_place_has_its_phases_in_order() -> None:
    found = of(pick())
    order = list(dict.fromkeys(a.attrs["phase"] for a in found))
    assert order[:5] == ["idle", "approach", "grasp", "lift", "transport"]
    assert [a.attrs["phase"] for a in found][-2:] in (["retreat", "idle"], ["idle", "retreat"], ["retreat", "retreat"])
    assert "release" in order


def test_a_closed_hand_that_moves_nothing_carries_nothing() -> None:
    picked = pick()
    roles = {**ROLES, "objects": [["things", ["cup_x", "cup_y", "cup_z"]]]}

    def beside(y: np.ndarray, z: np.ndarray) -> tuple[Anchor, ...]:
        things = series("things", T, {"cup_x": 0.4, "cup_y": y, "cup_z": z}, "m")
        return of(trajectory(*picked.series.values(), things, roles=roles, duration=12.0))

    carried = beside(ramp(6, 8, 0.4), 0.2 + ramp(4, 6, 0.25))
    assert (at(carried, 5.0).attrs["phase"], at(carried, 7.0).attrs["phase"]) == ("lift", "transport")
    missed = beside(0 * T, 0.2 + 0 * T)
    assert (at(missed, 5.0).attrs["phase"], at(missed, 7.0).attrs["phase"]) == ("approach", "approach")
    pressed = beside(0 * T, 0.2 + ramp(4, 6, 0.25))
    assert at(pressed, 7.0).attrs["phase"] == "retreat"


def test_distances_directions_and_the_gripper_are_measured() -> None:
    found = of(pick())
    down, closing, up, left = (at(found, t) for t in (2, 3.5, 5, 7))
    assert (down.attrs["direction"], down.attrs["moved"]) == ("down", pytest.approx(0.3, abs=0.03))
    assert (closing.attrs["gripper"], closing.attrs["sense"]) == ("closes", "stated")
    assert (up.attrs["direction"], up.attrs["gripper"]) == ("up", "closed")
    assert left.attrs["direction"] == "left"
    assert "0.4" in left.content
    assert "m left" in left.content
    assert at(found, 8.5).attrs["gripper"] == "opens"


def test_segments_cover_the_window_and_share_no_frame() -> None:
    stream = pick()
    found = of(stream)
    assert (found[0].t0, found[-1].t1) == (0.0, stream.duration)
    assert all(a.t1 == b.t0 for a, b in itertools.pairwise(found))
    frames = [f for a in found for f in range(a.attrs["first_frame"], a.attrs["last_frame"] + 1)]
    assert stream.frames is not None
    assert frames == list(range(len(stream.frames.times)))


def test_the_most_important_boundaries_stay() -> None:
    found = of(pick(), max_segments=5)
    assert len(found) == 5
    assert {a.attrs["reason"] for a in found[1:]} == {"gripper"}


def test_an_unstated_sense_is_assumed_and_said() -> None:
    stream = pick()
    roles = {k: v for k, v in ROLES.items() if k != "gripper_open"}
    stream = trajectory(*stream.series.values(), roles=roles)
    seen = segment_motion(context(stream), {})
    closing = at(seen.anchors, 3.5)
    assert closing.attrs["gripper"] == "closes"
    assert closing.attrs["sense"] == "assumed"
    assert closing.confidence < 1
    assert "larger is taken as wider" in seen.note


def test_a_gripper_that_is_open_when_low_closes_when_it_rises() -> None:
    stream = trajectory(*pick().series.values(), roles={**ROLES, "gripper_open": "low"})
    assert at(of(stream), 3.5).attrs["gripper"] == "opens"


def test_an_oscillating_approach_is_an_adjustment() -> None:
    wobble = np.where((T > 4) & (T < 8), 0.01 * np.sin(2 * np.pi * (T - 4) / 1.0), 0)
    state = series("state", T, {"x": ramp(0.5, 3, 0.4) + wobble, "y": 0, "z": 0, "gripper": 1 - ramp(9, 9.6)}, "m")
    found = of(trajectory(state, roles=ROLES), max_segments=6)
    assert any(a.attrs["oscillation"] and a.attrs["phase"] == "adjust" for a in found)


def test_a_sudden_stop_is_a_contact() -> None:
    x = np.where(T < 5, 0.1 * T, 0.5)
    found = of(trajectory(series("state", T, {"x": x, "y": 0, "z": 0}, "m"), roles=ROLES))
    assert any(a.attrs["reason"] in ("contact", "stall") and abs(a.t0 - 5) < 0.4 for a in found)


def test_a_jump_of_force_is_a_contact() -> None:
    z = 0.5 - 0.02 * T
    force = series("ft", T, {"force_z": np.where(T > 6, 20.0, 0.1 * np.sin(9 * T))}, "N")
    found = of(trajectory(series("state", T, {"x": 0, "y": 0, "z": z}, "m"), force, roles=ROLES))
    assert any(a.attrs["reason"] == "contact" and abs(a.t0 - 6) < 0.5 for a in found)


def test_joints_are_named_and_no_direction_is_invented() -> None:
    state = series("state", T, {"kRightElbow": ramp(1, 3, -0.7), "kRightWristYaw": 0}, "rad")
    found = of(trajectory(state, roles={"state": ["state"]}))
    bent = at(found, 2)
    assert "right elbow -0.7" in bent.content
    assert bent.attrs["direction"] == ""
    assert bent.attrs["phase"] == "move"


def test_a_camera_has_axes_and_no_words_for_them() -> None:
    pose = series("pose", T, {"x": 0, "y": 0, "z": ramp(1, 3, 0.5)}, "m")
    found = of(trajectory(pose, roles={"position": [["pose", ["x", "y", "z"]]]}))
    assert at(found, 2).attrs["direction"] == "+z"


def test_mirrored_fingers_do_not_cancel_out() -> None:
    fingers = {"x": ramp(1, 3, 0.4), "y": 0, "z": 0, "l_finger": 0.02 - ramp(4, 5, 0.02), "r_finger": ramp(4, 5, 0.02)}
    roles = {**ROLES, "gripper": [["state", "l_finger"], ["state", "r_finger"]]}
    found = of(trajectory(series("state", T, fingers, "m"), roles=roles))
    assert at(found, 4.5).attrs["gripper"] == "closes"


def test_a_still_gripper_neither_opens_nor_closes() -> None:
    noise = 0.5 + 0.004 * np.random.default_rng(3).standard_normal(len(T))
    state = series("state", T, {"x": ramp(1, 3, 0.4), "y": 0, "z": 0, "gripper": noise}, "m")
    assert {a.attrs["gripper"] for a in of(trajectory(state, roles=ROLES))} == {""}


def test_without_a_position_or_joints_there_is_nothing_to_segment() -> None:
    with pytest.raises(ToolError, match="no position and no joints"):
        of(trajectory(series("imu", T, {"a": 0}), roles={}))
    nothing = trajectory(series("state", [0.0], {"x": 0, "y": 0, "z": 0}), roles=ROLES, duration=1.0)
    with pytest.raises(ToolError, match="no usable numbers in state: 1 of 1 rows are complete"):
        of(nothing)


def test_positions_without_numbers_or_motion_are_not_said_to_be_missing() -> None:
    empty = series("pose", T, dict.fromkeys("xyz", np.full(len(T), np.nan)), "m")
    with pytest.raises(ToolError, match=f"no usable numbers in pose: 0 of {len(T)} rows are complete, the others NaN"):
        of(trajectory(empty, roles={"position": ["pose"]}))
    still = trajectory(series("pose", T, {"x": 1.0, "y": 2.0, "z": 0.5}, "m"), roles={"position": ["pose"]})
    with pytest.raises(ToolError, match="nothing moves in pose"):
        of(still)


numbers = st.floats(-1e3, 1e3) | st.just(float("nan"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0.01, 2), numbers, numbers, numbers, numbers), min_size=2, max_size=60))
def test_any_numbers_give_segments_without_gap_or_a_reason(rows: list[tuple[float, ...]]) -> None:
    times = np.cumsum([row[0] for row in rows])
    columns = dict(zip(("x", "y", "z", "gripper"), np.array(rows)[:, 1:].T, strict=True))
    stream = trajectory(series("state", times, columns, "m"), roles=ROLES)
    try:
        found = of(stream)
    except ToolError:
        sound = np.array(rows)[np.isfinite(np.array(rows)[:, 1:4]).all(axis=1), 1:4]
        assert len(sound) < 2 or np.ptp(sound, axis=0).max() < 0.01 or len(sound) < len(rows)
        return
    assert (found[0].t0, found[-1].t1) == (0.0, stream.duration)
    assert all(a.t1 == b.t0 for a, b in itertools.pairwise(found))
    assert of(stream) == found


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")


@pytest.mark.shared
@needs_shared
def test_a_real_humanoid_reaches_grasps_carries_and_lets_go() -> None:
    found = of(open_stream(f"{SHARED / 'unitree_g1_lerobot_v21'}#1"))
    order = list(dict.fromkeys(a.attrs["phase"] for a in found))
    assert order == ["idle", "approach", "grasp", "transport", "release", "retreat"]
    grasp = next(a for a in found if a.attrs["phase"] == "grasp")
    assert 2.4 < grasp.t0 < 4  # the hand closes around the can between second 3 and 4, as the pictures show


@pytest.mark.shared
@needs_shared
def test_a_simulated_arm_lifts_the_cube_that_it_holds() -> None:
    found = of(open_stream(f"{SHARED / 'robosuite_hdf5' / 'SawyerLift' / 'demo.hdf5'}#1"))
    assert [a.attrs["phase"] for a in found][-2:] == ["grasp", "lift"]
    assert "cube moves 0.03 m up" in found[-1].content


def test_a_window_knows_what_the_gripper_did_before_it() -> None:
    """Carrying on in a later window is no approach, whatever the window shows alone."""
    stream = pick()
    late = segment_motion(ToolContext(stream, (6.0, 12.0)), {}).anchors
    assert (late[0].t0, late[-1].t1) == (6.0, 12.0)
    assert [a.attrs["phase"] for a in late if a.attrs["phase"] != "idle"] == ["transport", "release", "retreat"]
    after = segment_motion(ToolContext(stream, (9.0, 12.0)), {}).anchors
    assert [a.attrs["phase"] for a in after if a.attrs["phase"] != "idle"] == ["retreat"]


def test_a_hand_that_hesitates_while_it_closes_has_closed_only_when_it_has() -> None:
    z = 0.5 - ramp(1, 3.5, 0.2) - ramp(3.6, 5, 0.1)  # a slow point at 3.55 s, in the middle of the closing
    state = series("state", T, {"x": 0.4, "y": 0, "z": z, "gripper": 0.8 - ramp(3, 4.2, 0.5)}, "m")
    grasp = [a for a in of(trajectory(state, roles=ROLES)) if a.attrs["gripper"] == "closes"]
    assert len(grasp) == 1
    before, after = (float(n) for n in re.findall(r"\(([\d.]+) to ([\d.]+)\)", grasp[0].content)[0])
    assert (before, after) == (
        pytest.approx(np.interp(grasp[0].t0, T, state.values[:, 3]), abs=0.006),
        pytest.approx(np.interp(grasp[0].t1, T, state.values[:, 3]), abs=0.006),
    )


def test_a_change_says_of_a_part_only_what_it_reaches_there() -> None:
    times, course = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.6, 0.2])
    change = GripperChange(0.0, 2.0, False, 1.0, 0.2, "gripper", True, times, course)
    assert change.inside((-1.0, 1.5)) == (1.0, pytest.approx(0.4))
    assert change.inside((0.5, 5.0)) == (pytest.approx(0.8), 0.2)


def test_where_nothing_was_recorded_nothing_rests() -> None:
    kept = (T < 4) | (T > 9)
    x = np.where(T < 6.5, 0.1 * T, 0.1 * T - 0.49)[kept]
    state = series("state", T[kept], {"x": x, "y": 0, "z": 0}, "m")
    found = of(trajectory(state, roles=ROLES))
    lost = at(found, 6.5)
    assert lost.content == "idle: is not recorded"
    assert not lost.attrs["stall"]
    assert not any("rests" in a.content for a in found)


def test_a_thing_that_is_carried_up_and_back_is_told_by_both_ways() -> None:
    up, back = ramp(4, 6, 0.031), ramp(4, 6, 0.033)
    hand = series("state", T, {"x": 0.4 - back, "y": 0, "z": 0.2 + up, "gripper": 1 - ramp(3, 3.6)}, "m")
    cube = series("cube", T, {"cube_x": 0.4 - back, "cube_y": ramp(4, 6, 0.014), "cube_z": up}, "m")
    found = of(trajectory(hand, cube, roles=ROLES | {"objects": ["cube"]}))
    assert "cube moves 0.05 m backward and up" in at(found, 5.0).content
    assert at(found, 5.0).attrs["phase"] == "lift"
