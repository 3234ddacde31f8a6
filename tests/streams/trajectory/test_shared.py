"""Every real trajectory opens, and holds what its own metadata says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import Source, discover
from dataclaw.types import Footage, Stream

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "embodied"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="no sample data")]
G1 = DATA / "unitree_g1_lerobot_v21"
BRIDGE = DATA / "bridge_rlds_debug" / "1.0.0"


def sound(stream: Stream) -> None:
    """What holds for every trajectory."""
    assert stream.kind == "trajectory"
    assert stream.series or stream.frames
    for series in stream.series.values():
        assert series.values.shape == (len(series.times), len(series.columns))
        assert len(series.units) == len(series.columns) == len(set(series.columns))
        assert len(series.times) <= 32_768
        assert (np.diff(series.times) > 0).all()
        assert series.times[0] >= 0
        assert series.times[-1] <= stream.duration
    if stream.frames:
        assert len(stream.frames.times) <= 256
        assert (np.diff(stream.frames.times) > 0).all()
    for names in stream.meta["roles"].values():
        assert all((name if isinstance(name, str) else name[0]) in stream.series for name in names)
    json.dumps([stream.meta, stream.annotations])


def test_every_source_is_found_and_opens() -> None:
    streams = [open_stream(root) for root in discover([DATA])]
    for stream in streams:
        sound(stream)
    assert len({stream.id for stream in streams}) == len(streams)


def test_lerobot_has_the_lengths_of_its_list_of_episodes() -> None:
    rows = [json.loads(line) for line in (G1 / "meta" / "episodes.jsonl").read_text().splitlines()]
    statistics = {
        row["episode_index"]: row["stats"]
        for row in map(json.loads, (G1 / "meta" / "episodes_stats.jsonl").read_text().splitlines())
    }
    roots = discover([G1])
    assert [str(root).rpartition("#")[2] for root in roots] == ["0", "1"]
    for root in roots:
        stream = open_stream(root)
        listed = next(row for row in rows if row["episode_index"] == stream.meta["episode"])
        assert [event.text for event in stream.events] == listed["tasks"]
        for name in ("observation.state", "action"):
            series, truth = stream.series[name], statistics[stream.meta["episode"]][name]
            assert series.values.shape == (listed["length"], 26)
            assert np.allclose(series.values.min(axis=0), truth["min"])
            assert np.allclose(series.values.mean(axis=0), truth["mean"], atol=1e-4)
        assert stream.series["action"].columns[0] == "kLeftShoulderPitch"
        assert "98 of 100 listed episodes are not there (0-28, 31-99)" in stream.problems[0]


def test_lerobot_frames_are_the_videos() -> None:
    stream = open_stream(Source(G1, 0))
    assert isinstance(stream.frames, Footage)
    assert stream.frames.size == (640, 480)
    assert len(stream.frames.times) == 221
    assert np.allclose(stream.frames.times, stream.series["action"].times, atol=1e-3)
    assert stream.frames.rate == pytest.approx(30)
    assert len(list(stream.frames.clip(1.0, 2.0))) == 31
    capped = open_stream(Source(G1, 1))
    assert capped.frames
    assert len(capped.frames.times) == 256
    assert capped.frames.times[-1] == pytest.approx(276 / 30, abs=1e-3)


def test_bridge_has_the_episodes_that_its_info_says() -> None:
    info = json.loads((BRIDGE / "dataset_info.json").read_text())
    roots = discover([BRIDGE])
    assert len(roots) == int(info["splits"][0]["shardLengths"][0]) == 25
    streams = [open_stream(root) for root in roots]
    for stream in streams:
        assert stream.clock == "index"
        assert stream.series["action"].values.shape == (10, 7)
        assert stream.events[0].text
        assert stream.meta["camera"] == "observation/image_0"
        assert stream.meta["cameras"] == [f"observation/image_{k}" for k in range(4)]
        assert not stream.problems
    texts = {stream.events[0].text for stream in streams}
    assert "put carrot on plate" in texts


def test_the_columns_named_for_bridge_fit_its_numbers() -> None:
    # an action is the step of the pose: what the layout claims can be measured
    steps, actions = [], []
    for root in discover([BRIDGE]):
        stream = open_stream(root)
        steps.append(np.diff(stream.series["observation/state"].values[:, :6], axis=0))
        actions.append(stream.series["action"].values[:-1, :6])
    step, action = np.concatenate(steps), np.concatenate(actions)
    for column in range(6):
        assert np.corrcoef(step[:, column], action[:, column])[0, 1] > 0.7


def test_bridge_pictures_are_read_from_the_record() -> None:
    stream = open_stream(Source(BRIDGE, 0))
    assert isinstance(stream.frames, Footage)
    first, last = stream.frames.read([0, 9])
    assert first.shape == (64, 64, 3)
    assert (first != last).any()
    assert [time for time, _ in stream.frames.clip(2, 4)] == [2.0, 3.0, 4.0]


@pytest.mark.parametrize(("name", "rows"), [("SawyerLift", (1058, 837)), ("PandaWipe_v1.0", (174,))])
def test_robosuite_has_the_rows_that_the_file_has(name: str, rows: tuple[int, ...]) -> None:
    roots = discover([DATA / "robosuite_hdf5" / name])
    streams = [open_stream(root) for root in roots]
    assert [len(stream.series["states"].times) for stream in streams] == list(rows)
    for stream in streams:
        sound(stream)
        assert stream.annotations["task"] == {"SawyerLift": "SawyerLift"}.get(name, "Wipe")
        assert not stream.problems


def test_robosuite_states_are_named_by_the_model() -> None:
    states = open_stream(Source(DATA / "robosuite_hdf5" / "SawyerLift" / "demo.hdf5", 0)).series["states"]
    columns = dict(zip(states.columns, states.values.T, strict=True))
    # Sawyer's resting pose in robosuite, and the quaternion of the cube
    assert columns["right_j1"][0] == pytest.approx(-1.18, abs=0.01)
    assert columns["right_j3"][0] == pytest.approx(2.18, abs=0.01)
    turn = np.array([columns[f"cube_q{axis}"] for axis in "wxyz"])
    assert np.allclose(np.linalg.norm(turn, axis=0), 1, atol=1e-3)
    assert columns["cube_z"].max() - columns["cube_z"][0] > 0.02  # it is lifted
    rate = np.gradient(columns["right_j1"], states.times)
    assert np.corrcoef(rate, columns["right_j1_rate"])[0, 1] > 0.9


def test_bags_of_one_recording_hold_the_same_poses() -> None:
    old, new = (open_stream(DATA / "evo_trajectories" / name) for name in ("tf_example.bag", "tf_example"))
    assert (old.format, new.format) == ("rosbag1", "rosbag2")
    name = "/tf:odom.base_footprint"
    assert old.series[name].values.shape == (517, 7)
    assert np.array_equal(old.series[name].values, new.series[name].values)
    assert new.duration == pytest.approx(51.684723334)  # metadata.yaml
    assert new.meta["roles"]["position"] == [[name, ["x", "y", "z"]]]


def test_the_laser_bag_has_its_topics_and_says_what_it_does_not_read() -> None:
    stream = open_stream(DATA / "rosbag1_tilt_laser" / "tilt_laser.bag")
    sound(stream)
    assert len(stream.series["/imu_data"].times) == 356
    assert len(stream.series["/velocity"].times) == 712
    scan = stream.series["/scan"]
    assert len(scan.times) == 178
    nearest = scan.values[:, 0]
    assert ((nearest > 0) & (nearest < 10)).all()
    assert "1068 messages of types that are not read" in stream.problems[0]
    imu = stream.series["/imu_data"]
    gravity = np.linalg.norm(imu.values[:, [imu.columns.index(f"a{axis}") for axis in "xyz"]], axis=1)
    assert np.median(gravity) == pytest.approx(9.81, abs=0.3)


@pytest.mark.parametrize(
    ("name", "rows"),
    [("groundtruth", 3000), ("ORB_kf_mono", 32), ("rgbdslam", 788), ("rgbdslam_drift", 788)],
)
def test_tum_files_have_a_pose_a_line(name: str, rows: int) -> None:
    stream = open_stream(DATA / "evo_trajectories" / f"freiburg1_xyz-{name}.txt")
    pose = stream.series["pose"]
    assert pose.values.shape == (rows, 7)
    assert np.allclose(np.linalg.norm(pose.values[:, 3:], axis=1), 1, atol=1e-3)
    assert [problem[:12] for problem in stream.problems] == (["A monocular "] if "mono" in name else [])
    assert pose.units[0] == ("" if "mono" in name else "m")
