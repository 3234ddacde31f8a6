"""Whether a closed hand holds something: each sign by itself, on courses made for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dataclaw.streams.trajectory.roles import roles_of
from dataclaw.tools.kinematics import column_channel, joints, slopes
from dataclaw.tools.segment_motion import segment_motion
from dataclaw.types import Stream
from tests.tools.motions import context, series, trajectory
from tests.tools.test_segment_motion import T, of, ramp

PLACE = {"x": 0.4, "y": ramp(6, 8, 0.4), "z": 0.5 - ramp(1, 3, 0.3) + ramp(4, 6, 0.25)}
ROLES: dict[str, Any] = {"state": ["state"], "action": ["action"], "gripper": [["state", "gripper"]],
                         "position": [["state", ["x", "y", "z"]]], "gripper_open": "high"}  # fmt: skip


def closing(grip: np.ndarray, unit: str = "1", *, commanded: np.ndarray | None = None, **more: Any) -> Stream:
    """A hand goes down, closes from 3.2 to 3.8 s, and goes up."""
    state = series("state", T, {**PLACE, "gripper": grip}, "m")
    state = state.__class__(state.name, state.times, state.values, state.columns, ("m", "m", "m", unit))
    action = series("action", T, {"gripper": grip if commanded is None else commanded})
    roles, extra = ROLES | more.pop("roles", {}), more.pop("series", ())
    return trajectory(state, action, *extra, roles=roles, duration=12.0, **more)


def holds(stream: Stream) -> tuple[str, str]:
    """Phase of the closing, and whether it holds."""
    change = next(a for a in of(stream) if a.attrs["gripper"] == "closes")
    return change.attrs["phase"], change.attrs["holds"]


@pytest.mark.parametrize(
    ("rest", "expected"), [(0.4, ("grasp", "yes")), (0.08, ("grasp", "")), (0.0, ("adjust", "no"))]
)
def test_a_share_that_rests_above_closed_holds_something(rest: float, expected: tuple[str, str]) -> None:
    assert holds(closing(1 - ramp(3.2, 3.8, 1 - rest))) == expected


def test_what_was_commanded_and_not_reached_is_in_the_way() -> None:
    reached, sent = 0.08 - ramp(3.2, 3.8, 0.05), 0.08 - ramp(3.2, 3.6, 0.08)
    assert holds(closing(reached, "m", commanded=sent)) == ("grasp", "yes")
    assert holds(closing(reached, "m", commanded=reached)) == ("grasp", "")


def test_an_object_that_stays_behind_is_not_held() -> None:
    grip = 0.08 - ramp(3.2, 3.8, 0.05)

    def thing(z: Any) -> Any:
        return series("cube", T, {"cube_x": 0.4, "cube_y": 0.0, "cube_z": z}, "m")

    objects = {"objects": [["cube", ["cube_x", "cube_y", "cube_z"]]]}
    left = closing(grip, "m", series=[thing(0.2)], roles=objects)
    assert holds(left) == ("adjust", "no")
    lifted = closing(grip, "m", series=[thing(0.2 + ramp(4, 6, 0.25))], roles=objects)
    assert holds(lifted) == ("grasp", "yes")


def test_a_hand_that_presses_holds() -> None:
    effort = series("hand", T, {"gripper_effort": 0.1 + ramp(3.6, 3.8, 5.0)})
    assert holds(closing(0.08 - ramp(3.2, 3.8, 0.05), "m", series=[effort])) == ("grasp", "yes")


def test_a_hand_that_goes_up_while_it_closes_may_have_nothing() -> None:
    assert holds(closing(0.08 - ramp(3.2, 5.4, 0.05), "m")) == ("grasp", "unsure")


def test_a_hand_that_opens_at_once_has_held_nothing() -> None:
    grip = 0.08 - ramp(3.2, 3.8, 0.05) + ramp(3.9, 4.4, 0.05)
    assert holds(closing(grip, "m")) == ("adjust", "no")


def test_a_change_that_the_recording_cuts_off_is_not_finished() -> None:
    whole, cut = closing(1 - ramp(3.2, 3.8, 0.6)), closing(1 - ramp(11.5, 12.4, 0.6))
    assert next(a for a in of(whole) if a.attrs["gripper"] == "closes").attrs["finished"] is True
    late = next(a for a in of(cut) if a.attrs["gripper"] == "closes")
    assert (late.attrs["finished"], late.attrs["holds"]) == (False, "")


def test_rates_and_efforts_of_a_hand_do_not_say_how_far_it_is_open() -> None:
    said = {"hand": series("hand", T, {"gripper_position": 1.0, "gripper_velocity": 0.0, "gripper_effort": 0.0})}
    assert roles_of(said, action=[])["gripper"] == [["hand", "gripper_position"]]


def test_a_column_that_says_closed_is_wide_when_it_is_low() -> None:
    state = series("state", T, {**PLACE, "gripper_closed": ramp(3.2, 3.8, 0.6)}, "m")
    roles = {k: v for k, v in ROLES.items() if k != "gripper_open"} | {"gripper": [["state", "gripper_closed"]]}
    anchors = segment_motion(context(trajectory(state, roles=roles, duration=12.0)), {}).anchors
    change = next(a for a in anchors if a.attrs["gripper"] in ("opens", "closes"))
    assert (change.attrs["gripper"], change.attrs["sense"]) == ("closes", "stated")


def test_neighbours_that_differ_in_nothing_are_one_segment() -> None:
    state = series(
        "state", T, {"x": 0.4, "y": 0.0, "z": 0.9 - ramp(1, 2.5, 0.2) - ramp(2.5, 4, 0.2), "gripper": 1.0}, "m"
    )
    anchors = segment_motion(context(trajectory(state, roles=ROLES | {"action": []}, duration=12.0)), {}).anchors
    assert [a.attrs["moved"] for a in anchors if not a.attrs["stall"]] == [pytest.approx(0.4, abs=0.01)]


def test_velocities_beside_positions_are_no_joints() -> None:
    angles = {"0": ramp(1, 4, 0.8), "1": ramp(2, 5, -0.5), "2": ramp(5, 9, 0.4)}
    rates = {str(k + 3): np.gradient(v, T) for k, v in enumerate(angles.values())}
    state = series("states", T, angles | rates)
    found = joints(trajectory(state, roles={"state": ["states"]}))
    assert found is not None
    assert found.columns == ("0", "1", "2")
    assert slopes(column_channel(series("states", T, angles), range(3))) == set()


@pytest.mark.parametrize(("extremes", "said"), [((0.0, 0.08), "yes"), ((0.03, 0.08), "")])
def test_the_ends_that_a_data_set_has_show_what_is_held_but_never_that_nothing_is(
    extremes: tuple[float, float], said: str
) -> None:
    grip = 0.08 - ramp(3.2, 3.8, 0.05)
    assert holds(closing(grip, "m", meta={"extremes": {"state": {"gripper": list(extremes)}}})) == ("grasp", said)
    shut = holds(closing(grip, "m", meta={"limits": {"state": {"gripper": [0.03, 0.08]}}}))
    assert shut == ("adjust", "no")
