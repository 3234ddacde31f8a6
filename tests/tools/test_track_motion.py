"""Motion of pictures and poses whose truth is known because they were made so."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.streams import open_stream
from dataclaw.tools.spans import reversals, spells
from dataclaw.tools.track_motion import track_motion
from tests.tools.motions import Film, context, film_stream, game, ground, series, street, trajectory, view

SHARED = Path(__file__).parents[3] / "shared" / "data"
POSE = {"position": [["pose", ["x", "y", "z"]]], "rotation": [["pose", ["qx", "qy", "qz", "qw"]]]}


def test_nothing_moves_in_a_still() -> None:
    (span,) = track_motion(context(film_stream(Film(lambda t: view(), 3), "still")), {}).anchors
    assert (span.attrs["camera"], span.attrs["subject"], span.attrs["energy"]) == ("static", "still", 0.0)
    assert (span.t0, span.frame, span.attrs["last_frame"]) == (0.0, 0, 17)
    assert span.box is None


def test_a_pan_is_measured_in_picture_widths() -> None:
    film = Film(lambda t: view((60 * t, 0)), 2.4)
    (span,) = track_motion(context(film_stream(film, "pan")), {}).anchors
    assert span.attrs["camera"] == "pan right"
    assert span.attrs["pan"] == pytest.approx(60 * (span.t1 - span.t0) / 320, abs=0.02)
    assert span.attrs["tilt"] == pytest.approx(0, abs=0.01)
    assert span.attrs["subject"] == "still"
    assert f"{span.attrs['pan']:.2f} picture widths" in span.content


def test_a_tilt_has_its_direction() -> None:
    up = Film(lambda t: view((0, -45 * t)), 2)
    (span,) = track_motion(context(film_stream(up, "tilt")), {}).anchors
    assert span.attrs["camera"] == "tilt up"


def test_a_car_drives_though_its_bonnet_and_the_hills_rest() -> None:
    spans = track_motion(context(film_stream(Film(street, 3.0), "street")), {}).anchors
    longest = max(spans, key=lambda span: span.t1 - span.t0)
    assert (longest.attrs["camera"], longest.attrs["subject"]) == ("forward", "still")
    assert longest.t1 - longest.t0 > 1.5


def test_a_quick_turn_behind_marks_that_rest_is_a_pan() -> None:
    (span,) = track_motion(context(film_stream(Film(game, 2.0), "game")), {}).anchors
    assert span.attrs["camera"] == "pan right"
    assert span.attrs["pan"] == pytest.approx(1.2 * (span.t1 - span.t0), rel=0.1)


def test_a_turn_too_quick_from_picture_to_picture_is_followed_between_them() -> None:
    film = Film(lambda t: view((1100 * max(t - 0.5, 0) - 160, 0), land=np.tile(ground(), (1, 9))), 1.8)
    spans = track_motion(context(film_stream(film, "whirl")), {}).anchors
    assert spans[-1].attrs["camera"] == "pan right"


def test_a_subject_that_comes_near_is_no_camera_that_drives() -> None:
    def near(t: float) -> np.ndarray:
        picture, size = view(), round(40 + 20 * t)
        thing = np.kron(np.random.default_rng(4).integers(0, 255, (8, 8)), np.ones((20, 20))).astype(np.uint8)
        rows = (np.arange(size) * 160 // size).astype(int)
        picture[120 - size // 2 : 120 - size // 2 + size, 160 - size // 2 : 160 - size // 2 + size] = thing[rows][
            :, rows, None
        ]
        return picture

    spans = track_motion(context(film_stream(Film(near, 3), "near")), {}).anchors
    assert {span.attrs["camera"] for span in spans} == {"static"}
    assert "active" in {span.attrs["subject"] for span in spans}


def test_a_subject_moves_on_a_still_ground() -> None:
    film = Film(lambda t: view(square=(40 + 60 * t, 90)), 3)
    (span,) = track_motion(context(film_stream(film, "square")), {}).anchors
    assert span.attrs["camera"] == "static"
    assert span.attrs["subject_direction"] == "right"
    assert not span.attrs["oscillation"]
    assert span.box is not None
    assert span.box[1] < 115 < span.box[3]


def test_a_subject_is_told_from_a_panning_camera() -> None:
    film = Film(lambda t: view((50 * t, 0), square=(140, 40 + 40 * t)), 2.5)
    (span,) = track_motion(context(film_stream(film, "both")), {}).anchors
    assert span.attrs["camera"] == "pan right"
    assert span.attrs["subject"] == "active"


def test_back_and_forth_is_named() -> None:
    film = Film(lambda t: view(square=(120 + 60 * math.sin(2 * math.pi * t / 1.6), 90)), 4)
    (span,) = track_motion(context(film_stream(film, "swing")), {}).anchors
    assert span.attrs["oscillation"]
    assert "back and forth" in span.content


def test_moving_and_resting_are_two_spans() -> None:
    film = Film(lambda t: view(square=(40 + 60 * min(t, 1.5), 90)), 3)
    moving, resting = track_motion(context(film_stream(film, "stops")), {}).anchors
    assert moving.attrs["subject"] == "active"
    assert resting.attrs["subject"] == "still"
    assert moving.t1 == resting.t0 == pytest.approx(1.5, abs=0.3)


def test_an_unrelated_picture_is_lost_and_not_motion() -> None:
    lands = [ground(seed) for seed in range(7)]
    film = Film(lambda t: view(land=lands[round(t * 30) % 7]), 3)
    spans = track_motion(context(film_stream(film, "flicker")), {}).anchors
    assert {s.attrs["camera"] for s in spans} <= {"lost", "static"}
    assert spans[0].confidence < 0.5


def test_long_recordings_are_followed_from_frame_to_frame_and_the_note_says_so() -> None:
    film = Film(lambda t: view(square=(40 + t, 90)), 100, rate=30, stride=150)
    seen = track_motion(context(film_stream(film, "long")), {})
    assert "narrow t0, t1" in seen.note
    closely = track_motion(context(film_stream(film, "long")), {"t0": 10, "t1": 20})
    assert "narrow" not in closely.note
    assert closely.anchors[0].t0 >= 10


def test_a_pose_moves_and_turns() -> None:
    t = np.arange(0, 6, 0.05)
    going, yaw = np.clip(t, 0, 2), np.clip(t - 4, 0, 2) * math.radians(45)
    pose = series("pose", t, {"x": 0, "y": -0.5 * going, "z": 0, "qx": 0, "qy": 0, "qz": np.sin(yaw / 2),
                              "qw": np.cos(yaw / 2)}, "m")  # fmt: skip
    move, rest, turn = track_motion(context(trajectory(pose, roles=POSE)), {}).anchors
    assert move.attrs["camera"] == "move"
    assert move.attrs["moved_m"] == pytest.approx(1.0, abs=0.05)
    assert move.attrs["direction"] == "-y"
    assert rest.attrs["camera"] == "static"
    assert turn.attrs["camera"] == "turn"
    assert turn.attrs["turn_deg"] == pytest.approx(90, abs=8)
    assert turn.attrs["axis"] == "+z"


def test_a_pose_with_gaps_and_nothing_else_is_still_tracked() -> None:
    t = np.arange(0, 4, 0.1)
    x = np.where(t < 2, t, np.nan)
    pose = series("pose", t, {"x": x, "y": 0, "z": 0, "qx": 0, "qy": 0, "qz": 0, "qw": np.nan}, "m")
    spans = track_motion(context(trajectory(pose, roles=POSE)), {}).anchors
    assert spans[0].attrs["moved_m"] == pytest.approx(1.9, abs=0.1)
    assert spans[0].attrs["turn_deg"] == 0


def test_what_cannot_be_tracked_says_so() -> None:
    bare = trajectory(series("imu", [0, 1, 2], {"a": 0}), roles={})
    with pytest.raises(ToolError, match="neither pictures nor poses"):
        track_motion(context(bare), {})
    empty = trajectory(series("pose", [0, 1], {"x": np.nan, "y": 0, "z": 0}), roles={"position": [["pose", [0, 1, 2]]]})
    with pytest.raises(ToolError, match="fewer than two poses"):
        track_motion(context(empty), {})


@pytest.mark.parametrize(
    "roles", [{"position": "pose"}, {"position": [["pose", [9]], ["none", [0]], [1, 2, 3], None]}, [], 3]
)
def test_wrong_roles_name_nothing(roles: object) -> None:
    stream = trajectory(series("pose", [0, 1], {"x": 0}), roles=roles)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ToolError, match="neither"):
        track_motion(context(stream), {})


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 8), st.integers(1, 10))
def test_spells_cover_everything_in_order(states: list[str], least: int, most: int) -> None:
    found = spells(states, least, most)
    assert [i for s in found for i in range(s.first, s.end)] == list(range(len(states)))
    assert len(found) <= most
    assert len(found) <= 1 or all(s.length >= least for s in found)
    assert all(a.state != b.state for a, b in pairwise(found))


@settings(deadline=None)
@given(st.integers(0, 6), st.integers(8, 30))
def test_reversals_count_turns(turns: int, rows: int) -> None:
    course = np.concatenate([np.linspace(k % 2, (k + 1) % 2, rows) for k in range(turns + 1)])
    assert reversals(course, 0.5) == turns
    assert reversals(course, 1.5) == 0


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")
def test_the_looping_robot_goes_back_and_forth_and_the_recovered_one_does_not() -> None:
    folder = SHARED / "paper_cases" / "embodied_recovery"
    (loop,) = track_motion(context(open_stream(folder / "hesitate-input.mp4")), {}).anchors
    assert loop.attrs["oscillation"]
    recovered = track_motion(context(open_stream(folder / "hesitate-gen.mp4")), {}).anchors
    assert [s.attrs["subject"] for s in recovered] == ["active", "slow", "active"]
    assert not any(s.attrs["oscillation"] for s in recovered)
    assert recovered[0].attrs["subject_direction"] == "down and right"
    assert all(s.attrs["camera"] == "static" for s in recovered)


def turning(about: tuple[float, float, float], degrees: np.ndarray, t: np.ndarray) -> np.ndarray:
    half = np.radians(degrees) / 2
    return np.stack([*(a * np.sin(half) for a in about), np.cos(half)], axis=1)


@pytest.mark.parametrize(
    ("about", "end", "axis", "turn"),
    [((0, 1, 0), 40.0, "+y", 40), ((0, 1, 0), -40.0, "-y", 40), ((0, 0, 1), 215.0, "+z", 215),
     ((1, 0, 0), -500.0, "-x", 500)],
)  # fmt: skip
def test_a_turn_has_the_sign_and_the_size_of_its_way(
    about: tuple[float, float, float], end: float, axis: str, turn: float
) -> None:
    t = np.linspace(0, 10, 201)
    quaternion = turning(about, end * t / 10, t)
    pose = series("pose", t, {"x": 0, "y": 0, "z": 0} | dict(zip(("qx", "qy", "qz", "qw"), quaternion.T, strict=True)))
    (span,) = track_motion(context(trajectory(pose, roles=POSE)), {}).anchors
    assert span.attrs["axis"] == axis
    assert span.attrs["turn_deg"] == pytest.approx(turn, abs=turn * 0.02)


def test_a_rotation_vector_turns_about_itself() -> None:
    t = np.linspace(0, 4, 81)
    vector = np.array([0.6, 0.0, 0.8]) * (t / 4)[:, None]
    pose = series("pose", t, {"x": 0, "y": 0, "z": 0} | dict(zip(("rx", "ry", "rz"), vector.T, strict=True)))
    roles = POSE | {"rotation": [["pose", ["rx", "ry", "rz"]]]}
    (span,) = track_motion(context(trajectory(pose, roles=roles)), {}).anchors
    assert (span.attrs["turn_deg"], span.attrs["axis"]) == (pytest.approx(57.3, abs=1), "+z")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")
def test_a_real_turn_goes_the_way_of_its_recorded_poses() -> None:
    bag = open_stream(str(SHARED / "embodied" / "rosbag1_tilt_laser" / "tilt_laser.bag"))
    (span,) = track_motion(context(bag), {}).anchors
    rows = bag.series["/tf:/tilt_base./tilt_axis"]
    y, w = (rows.values[:, rows.columns.index(name)] for name in ("qy", "qw"))
    pitch = np.degrees(np.unwrap(2 * np.arctan2(y, w), period=2 * np.pi))
    assert span.attrs["turn_deg"] == pytest.approx(abs(pitch[-1] - pitch[0]), abs=2)
    assert span.attrs["axis"] == ("+y" if pitch[-1] > pitch[0] else "-y")
