"""Trajectories of robots, tables of numbers, videos and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from endurance.target import FuzzTarget
from endurance.targets.opening import files, put, read_first, read_stream
from tests.bad_input.files import arrays, picture
from tests.streams.conftest import write_video
from tests.streams.trajectory import builders
from tests.streams.trajectory.test_hdf5 import robomimic
from tests.streams.trajectory.test_robot_model import MJCF, URDF

TUM = "# timestamp tx ty tz qx qy qz qw\n" + "".join(f"{k / 10} {k} 0 0 0 0 0 1\n" for k in range(5))
CSV = "#timestamp [ns],p_x [m],p_y [m],action_grip\n" + "".join(f"{k * 50_000_000},{k},0,1\n" for k in range(4))


def _lerobot(folder: Path) -> None:
    builders.lerobot_v2(folder / "v2", (6, 4))
    builders.lerobot_v3(folder / "v3", (6, 4))


def _rlds(folder: Path) -> None:
    builders.rlds(folder / "rlds", [builders.example(builders.steps(3))])


def _bags(folder: Path) -> None:
    builders.bag1(folder / "a.bag", 4)
    for plugin in ("SQLITE3", "MCAP"):
        builders.bag2(folder / plugin.lower(), builders.talk(3), plugin)


def _mcap(folder: Path) -> None:
    builders.mcap(folder / "a.mcap", builders.talk(3))
    small = [message for message in builders.talk(4) if "camera" not in message[0]]
    builders.mcap(folder / "b.mcap", small)


def _npz(folder: Path) -> None:
    time = np.arange(6) / 10
    put(folder, {"a.npz": arrays(time=time, pose=np.ones((6, 7)), action=np.zeros((6, 2), np.float32)),
                 "b.npz": arrays(timestamps=time, state=np.ones((6, 3)))})  # fmt: skip


def _hdf5(folder: Path) -> None:
    robomimic(folder / "a.hdf5", 3)


def _models(folder: Path) -> None:
    table = "time,lift,shoulder,elbow,wrist\n" + "".join(f"{k},{k / 10},0,0,0.1\n" for k in range(4))
    for name, model in (("robot.urdf", URDF), ("robot.xml", MJCF)):
        put(folder / name.partition(".")[2], {name: model, "run.csv": table})


def read_beside(folder: Path) -> None:
    """The table of a folder, with the model of the robot beside it."""
    read_first(folder / "run.csv")


def _videos(folder: Path) -> None:
    small = {"size": (32, 16)}
    write_video(folder / "a.mp4", range(8), codec="mpeg4", **small)
    write_video(folder / "b.gif", range(4), codec="gif", pix_fmt="rgb8", **small)
    write_video(folder / "c.mkv", range(8), codec="mpeg4", **small)
    write_video(folder / "d.avi", range(4), codec="mpeg4", **small)


def _pictures(folder: Path) -> None:
    small = picture("x", (40, 30))
    put(folder / "frames", {"000.png": small, "001.png": small, "002.png": small})


TARGETS = (
    FuzzTarget("trajectory lerobot", _lerobot, read_first, 4, files=("*.json", "*.jsonl", "*.parquet")),
    FuzzTarget("trajectory rlds", _rlds, read_first, 8),
    FuzzTarget("trajectory hdf5", _hdf5, read_first, 4),
    FuzzTarget("trajectory bags", _bags, read_first, 6),
    FuzzTarget("trajectory mcap", _mcap, read_first, 12),
    FuzzTarget("trajectory npz", _npz, read_first, 16),
    FuzzTarget("trajectory tables", files(a_txt=TUM, b_csv=CSV), read_first, 24),
    FuzzTarget("trajectory robot models", _models, read_beside, 16, files=("*.urdf", "*.xml")),
    FuzzTarget("videos", _videos, read_stream, 4),
    FuzzTarget("pictures", _pictures, read_stream, 6),
)
