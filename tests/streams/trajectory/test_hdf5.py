from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from dataclaw.errors import StreamError
from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import Source, discover
from dataclaw.streams.trajectory.hdf5 import HDF5
from dataclaw.streams.trajectory.mujoco import state_columns
from dataclaw.streams.trajectory.robosuite import known_columns
from dataclaw.types import Footage

MODEL = """<mujoco><worldbody>
  <body name="arm"><joint name="lift" type="slide"/><joint name="elbow"/>
    <body name="hand"><joint name="finger_joint" type="slide"/></body></body>
  <body name="cube"><freejoint name="cube"/></body>
  <body name="globe"><joint name="globe" type="ball"/></body>
</worldbody></mujoco>"""
WIDTH = 1 + (3 + 7 + 4) + (3 + 6 + 3)


def robomimic(path: Path, count: int = 5, **attributes: Any) -> Path:
    """Two demonstrations with pictures, as robomimic writes them."""
    env = {"env_name": "Lift", "type": 1, "env_kwargs": {
        "control_freq": 20, "robots": ["Panda"], "controller_configs": {"type": "OSC_POSE"}}}  # fmt: skip
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(env)
        for name in ("demo_10", "demo_2"):
            demo = data.create_group(name)
            demo.attrs["model_file"] = MODEL
            demo.attrs["ep_meta"] = json.dumps({"lang": "lift the cube"})
            states = np.tile(np.arange(WIDTH, dtype=float), (count, 1))
            states[:, 0] = 1 + np.arange(count) / 20
            demo["states"] = states
            demo["actions"] = np.ones((count, 7))
            demo["rewards"] = np.r_[np.zeros(count - 1), 1.0]
            demo["obs/robot0_eef_pos"] = np.arange(3 * count, dtype=float).reshape(count, 3)
            demo["obs/robot0_eef_quat"] = np.tile([0.0, 0, 0, 1], (count, 1))
            demo["obs/cube_pos"] = np.zeros((count, 3))
            demo["obs/robot0_gripper_qpos"] = np.zeros((count, 2))
            shades = np.arange(count, dtype=np.uint8)[:, None, None, None] * 10
            demo["obs/agentview_image"] = np.broadcast_to(shades, (count, 24, 32, 3))
            demo["obs/robot0_eye_in_hand_image"] = np.zeros((count, 24, 32, 3), np.uint8)
            demo["next_obs/robot0_eef_pos"] = np.zeros((count, 3))
    return path


def demo(path: Path) -> h5py.Group:
    """The first demonstration, open for writing."""
    return h5py.File(path, "r+")["data/demo_2"]


def test_demonstrations_of_robomimic(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "low_dim.hdf5")
    assert discover([path]) == [Source(path, 0), Source(path, 1)]
    first, second = (open_stream(Source(path, k)) for k in (0, 1))
    assert (first.meta["episode"], second.meta["episode"]) == ("demo_2", "demo_10")  # in the order of numbers
    assert first.id != second.id
    assert first.series["actions"].columns == ("dx", "dy", "dz", "drx", "dry", "drz", "gripper")
    assert first.series["obs/robot0_eef_pos"].units == ("m", "m", "m")
    assert np.allclose(first.series["states"].times, np.arange(5) / 20)
    assert first.clock == "seconds"
    assert first.meta["fps"] == pytest.approx(20)
    assert first.events[0].text == first.annotations["task"] == "lift the cube"
    assert first.annotations["rewards"] == {"last": 1.0, "sum": 1.0}
    roles = first.meta["roles"]
    assert roles["position"] == [["obs/robot0_eef_pos", ["x", "y", "z"]]]
    assert roles["rotation"] == [["obs/robot0_eef_quat", ["qx", "qy", "qz", "qw"]]]
    assert ["states", ["cube_x", "cube_y", "cube_z"]] in roles["objects"]
    assert ["obs/cube_pos", ["x", "y", "z"]] in roles["objects"]
    assert ["states", "finger_joint"] in roles["gripper"]
    assert "next_obs/robot0_eef_pos" not in first.series
    assert not first.problems


def test_pictures_are_read_when_asked_for(tmp_path: Path) -> None:
    stream = open_stream(Source(robomimic(tmp_path / "image.hdf5"), 0))
    assert stream.meta["camera"] == "obs/agentview_image"
    assert isinstance(stream.frames, Footage)
    assert stream.frames.size == (32, 24)
    assert [int(picture.mean()) for picture in stream.frames.read([4, 1, 1])] == [40, 10, 10]
    assert [round(time, 3) for time, _ in stream.frames.clip(0.05, 0.15)] == [0.05, 0.1, 0.15]


def test_the_model_names_the_states() -> None:
    columns, units = state_columns(MODEL, WIDTH)
    assert columns[:4] == ("time", "lift", "elbow", "finger_joint")
    assert columns[4:11] == ("cube_x", "cube_y", "cube_z", "cube_qw", "cube_qx", "cube_qy", "cube_qz")
    assert columns[15:18] == ("lift_rate", "elbow_rate", "finger_joint_rate")
    assert dict(zip(columns, units, strict=True))["lift_rate"] == "m/s"


@pytest.mark.parametrize(
    "model",
    [
        "",
        "<mujoco>",
        MODEL.replace("elbow", "lift"),
        '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><mujoco>&z;</mujoco>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><mujoco/>',
    ],
)
def test_a_model_that_does_not_fit_leaves_the_states_numbered(model: str) -> None:
    assert state_columns(model, 4) == (("time", "1", "2", "3"), ("s", "", "", ""))


def test_names_are_numbers_where_nothing_is_known() -> None:
    assert known_columns("actions", 7, "JOINT_VELOCITY") == (["0", "1", "2", "3", "4", "5", "6"], "")
    assert known_columns("obs/object", 2, "") == (["0", "1"], "")


def test_without_a_clock_steps_are_counted(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["data/demo_0/actions"] = np.zeros((4, 2))
    stream = open_stream(tmp_path / "a.hdf5")
    assert stream.clock == "index"
    assert stream.duration == 4


def test_links_and_storage_outside_are_not_followed(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "a.hdf5")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.arange(15.0).reshape(5, 3)
    (tmp_path / "raw").write_bytes(bytes(120))
    group = demo(path)
    group["outside"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/x")
    group["soft"] = h5py.SoftLink("../demo_10/states")
    group["obs/outside"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/x")
    group.create_dataset("stored", (5, 3), np.float64, external=[(str(tmp_path / "raw"), 0, 120)])
    layout = h5py.VirtualLayout((5, 3), np.float64)
    layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", (5, 3))
    group.create_virtual_dataset("virtual", layout)
    group.file.close()
    stream = open_stream(Source(path, 0))
    assert not {"outside", "soft", "obs/outside", "stored", "virtual"} & set(stream.series)
    said = " ".join(stream.problems)
    assert "3 link(s) (outside, soft, obs/outside) lead elsewhere; not followed." in said
    assert "'stored' lies in other files; left out." in said
    assert "'virtual' lies in other files; left out." in said


def test_shapes_that_were_never_written_cost_nothing(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "a.hdf5")
    group = demo(path)
    group.create_dataset("long", (10**12, 7), "f4", chunks=(1024, 7))
    group.create_dataset("wide", (5, 10**9), "f4", chunks=(1, 1000))
    group.create_dataset("blocks", (5, 10**9), "f4", chunks=(1, 10**8))
    group["words"] = ["a"] * 5
    group.file.close()
    stream = open_stream(Source(path, 0))
    said = " ".join(stream.problems)
    assert "'long' announces 1,000,000,000,000 rows; left out." in said
    assert "'wide' has 1,000,000,000 numbers a row" in said
    assert "'blocks' is stored in chunks beyond 256 MiB; left out." in said
    assert "'words' is no table of numbers; left out." in said


def test_a_clock_set_anew_rows_that_repeat_and_numbers_that_are_none(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "a.hdf5", 6)
    group = demo(path)
    group["states"][:, 0] = [10.0, 10.1, 10.1, 2.0, 2.1, np.nan]
    group["actions"][1, 0] = np.inf
    group.file.close()
    stream = open_stream(Source(path, 0))
    assert np.allclose(stream.series["actions"].times, [0, 0.1, 0.2, 0.3])
    said = " ".join(stream.problems)
    assert "The clock jumps by -8.1 s" in said
    assert "1 row(s) are not later than the row before them" in said
    assert "1 of 4 rows of 'actions' hold NaN or infinite numbers" in said
    assert isinstance(stream.frames, Footage)
    assert [int(picture.mean()) for picture in stream.frames.read([0, 1, 2, 3])] == [0, 10, 30, 40]


def test_no_actions_and_other_lengths_are_named(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "a.hdf5")
    group = demo(path)
    del group["actions"]
    group["actions"] = np.zeros((3, 7))
    group.file.close()
    stream = open_stream(Source(path, 0))
    assert "'actions' has 3 rows and not 5; left out." in stream.problems
    assert "There are no actions: what was commanded is not known, only what was measured." in stream.problems


@pytest.mark.parametrize("keep", [8, 100, 3000])
def test_a_file_cut_off_says_so(tmp_path: Path, keep: int) -> None:
    path = robomimic(tmp_path / "a.hdf5")
    path.write_bytes(path.read_bytes()[:keep])
    assert HDF5.claims(path)
    assert HDF5.count(path) == 1
    with pytest.raises(StreamError, match=r"HDF5 file cannot be read.*Copy the file again"):
        open_stream(path)


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["observations/qpos"] = np.zeros((4, 14))
    with pytest.raises(StreamError, match="no group /data with demonstrations"):
        open_stream(tmp_path / "a.h5")


def test_a_model_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.xml").write_text(MODEL)
    (tmp_path / "d" / "models").mkdir(parents=True)
    path = robomimic(tmp_path / "d" / "a.hdf5")
    group = demo(path)
    group.attrs["model_file"] = "../../outside.xml"
    group.file.close()
    stream = open_stream(Source(path, 0))
    assert stream.series["states"].columns[0] == "1"
    assert any("not a file inside its folder" in problem for problem in stream.problems)


def test_data_sets_that_name_their_own_columns(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "named.hdf5")
    with h5py.File(path, "r+") as file:
        obs = file["data/demo_2/obs"]
        obs["environment_state"] = np.zeros((5, 4))
        obs["environment_state"].attrs["columns"] = "blue_mug_x, blue_mug_y, blue_mug_z, touch_blue_mug"
        obs["environment_state"].attrs["units"] = "m, m, m, 1"
        obs["wrench"] = np.zeros((5, 3))
        obs["wrench"].attrs["columns"] = "fx, fy"  # two names for three columns say nothing
    stream = open_stream(Source(path, 0))
    things = stream.series["obs/environment_state"]
    assert things.columns == ("blue_mug_x", "blue_mug_y", "blue_mug_z", "touch_blue_mug")
    assert things.units == ("m", "m", "m", "1")
    assert ["obs/environment_state", list(things.columns[:3])] in stream.meta["roles"]["objects"]
    assert stream.series["obs/wrench"].columns == ("0", "1", "2")
