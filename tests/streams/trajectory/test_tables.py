from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.load import open_stream
from dataclaw.streams.registry import builtin, claimant
from dataclaw.streams.trajectory.npz import NPZ
from dataclaw.streams.trajectory.numbers import MAX_ROWS, Clock, Recorder, clock_times
from tests.streams.trajectory import builders

POSE = "{} 1 2 3 0 0 0 1\n"

LOADERS = tuple(loader for loader in builtin() if loader.kind == "trajectory")


def put(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_tum_poses(tmp_path: Path) -> None:
    lines = "# timestamp tx ty tz qx qy qz qw\n" + "".join(POSE.format(1e9 + k / 10) for k in range(5))
    stream = open_stream(put(tmp_path / "a.txt", lines))
    assert stream.format == "tum"
    assert np.allclose(stream.series["pose"].times, np.arange(5) / 10, atol=1e-6)
    assert stream.series["pose"].units == ("m", "m", "m", "1", "1", "1", "1")
    assert stream.meta["fps"] == pytest.approx(10, rel=1e-5)


def test_tum_lines_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    lines = POSE.format(0) + "1 2 3\n" + POSE.format(1) + "x 1 2 3 0 0 0 1\n" + POSE.format(1) + POSE.format("nan")
    stream = open_stream(put(tmp_path / "a.txt", lines + POSE.format(2)))
    assert stream.series["pose"].times.tolist() == [0, 1, 2]
    assert stream.problems == (
        "2 line(s) do not hold 8 numbers, the first is line 2; left out.",
        "1 row(s) have a time that is no number, or beyond any clock; left out.",
        "1 row(s) are not later than the row before them; left out.",
    )


def test_csv_with_units_commands_and_nanoseconds(tmp_path: Path) -> None:
    text = "#timestamp [ns],p_x [m],p_y [m],p_z [m],action_grip\n"
    text += "".join(f"{1_400_000_000_000_000_000 + k * 50_000_000},{k},0,,1\n" for k in range(4))
    stream = open_stream(put(tmp_path / "run.csv", text))
    assert stream.format == "csv"
    assert np.allclose(stream.series["run"].times, [0, 0.05, 0.1, 0.15])
    assert stream.series["run"].columns == ("p_x", "p_y", "p_z")
    assert stream.series["run"].units == ("m", "m", "m")
    assert np.isnan(stream.series["run"].values[:, 2]).all()
    assert stream.meta["roles"]["action"] == ["action"]


def test_csv_rows_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    stream = open_stream(put(tmp_path / "a.csv", "time,x\n0,1\n1\n2,word\n3,4,5\n4,inf\n"))
    assert stream.series["a"].times.tolist() == [0, 4]
    assert "3 line(s) do not hold 2 numbers, the first is line 3; left out." in stream.problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time," + ",".join(f"c{k}" for k in range(10_000)) + "\n" + ",".join("1" * 10_001) + "\n", "10,001 columns"),
        ("time,x\n1,2\n" + "9" * 2**20 + "9\n", "longer than"),
        ("time,x,x\n1,2,3\n", "a name twice"),
        ("time,x\nnan,2\n", "no row that can be read"),
    ],
)
def test_csv_that_cannot_be_read_says_why(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StreamError, match=message) as error:
        open_stream(put(tmp_path / "a.csv", text))
    assert error.value.remedy


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "narration_id,start_timestamp,narration\nP01,00:00:01.0,open door\n"),
        ("a.csv", "time,event\n1,click\n"),
        ("a.csv", "x,y\n1,2\n"),
        ("a.csv", ""),
        ("a.txt", "1 2 3 4 5 6 7\n"),
        ("a.txt", "the quick brown fox jumps over the dog\n"),
        ("a.txt", "\0" * 100),
    ],
)
def test_other_text_is_not_claimed(tmp_path: Path, name: str, text: str) -> None:
    assert claimant(put(tmp_path / name, text), LOADERS) is None


@given(st.binary(max_size=500), st.sampled_from([".txt", ".csv", ".npz", ".bag", ".mcap", ".hdf5", ".tfrecord"]))
def test_claims_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str) -> None:
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    path.write_bytes(data)
    for loader in LOADERS:
        if loader.claims(path):
            assert loader.count(path) == 1


def test_npz_with_times(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", time=np.arange(5) / 4, state=np.ones((5, 3)), action=np.arange(5), other=np.ones(3))
    stream = open_stream(tmp_path / "a.npz")
    assert stream.series["action"].values[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert stream.series["state"].times.tolist() == [0, 0.25, 0.5, 0.75, 1.0]
    assert stream.meta["roles"] == {
        "state": ["state"], "action": ["action"], "gripper": [], "position": [], "rotation": [], "objects": [],
    }  # fmt: skip
    assert stream.problems == ("'other' has 3 rows and not 5; left out.",)


def test_npz_with_a_rate_and_pictures(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", fps=20, state=np.ones((4, 2)), images=np.zeros((4, 2, 2, 3), np.uint8))
    stream = open_stream(tmp_path / "a.npz")
    assert stream.duration == pytest.approx(0.15)
    assert "pictures in an archive are not read" in stream.problems[0]


def test_npz_with_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", time=np.arange(3), state=np.ones(3), bad=np.array([{}, [], print], dtype=object))
    stream = open_stream(tmp_path / "a.npz")
    assert "'bad' holds Python objects, which are never unpickled; left out." in stream.problems


def bomb(path: Path, shape: tuple[int, ...], size: int) -> Path:
    """An archive whose state announces `shape`, and unpacks to `size` zeros."""
    np.savez(path, time=np.arange(3))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("state.npy", "w") as file:
        file.write(header.getvalue())
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
    return path


def test_npz_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StreamError, match="no table of numbers"):
        open_stream(bomb(tmp_path / "lying.npz", (10**12, 2), 0))
    monkeypatch.setattr("dataclaw.streams.trajectory.npz.MAX_BYTES", 2**22)
    with pytest.raises(StreamError, match="unpacks to more than"):
        open_stream(bomb(tmp_path / "big.npz", (2**20,), 2**23))


@pytest.mark.parametrize("header", [b"{'descr':", b"{'descr': '<f8',\n  'shape'\n : ((((", b"(" * 9_000, b" " * 2**23])
def test_a_broken_npz_header_is_refused(tmp_path: Path, header: bytes) -> None:
    np.savez(tmp_path / "a.npz", time=np.arange(3))
    with zipfile.ZipFile(tmp_path / "a.npz", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("state.npy", np.lib.format.magic(2, 0) + len(header).to_bytes(4, "little") + header)
    with pytest.raises(StreamError, match="archive cannot be read") as caught:
        open_stream(tmp_path / "a.npz")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("keep", [40, 300, -30])
def test_npz_cut_off_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, time=np.arange(30), state=np.ones((30, 3)))
    path.write_bytes(path.read_bytes()[:keep])
    assert NPZ.claims(path)
    with pytest.raises(StreamError, match="archive cannot be read"):
        open_stream(path)


def test_a_long_series_keeps_its_spread_in_flat_memory() -> None:
    recorder = Recorder("x", ["v"])
    for k in range(100_000):
        recorder.add(k / 100, [float(k)])
    series = recorder.series()
    assert len(series.times) <= MAX_ROWS
    assert series.every == 4
    assert series.values[:, 0].tolist() == [float(k) for k in range(0, 100_000, 4)]
    assert np.allclose(series.times, series.values[:, 0] / 100)


@example([-1.1750693185778734e-63, 0.0, 2.0, 0.0])
@given(st.lists(st.floats(), max_size=60))
def test_a_clock_only_moves_forward(stamps: list[float]) -> None:
    clock = Clock()
    times = [time for stamp in stamps if (time := clock.at(stamp)) is not None]
    assert all(b > a for a, b in pairwise(times))
    assert (len(times) < len(stamps)) == any("left out" in problem for problem in clock.problems)
    assert all(np.isfinite(times))


@pytest.mark.parametrize(
    ("module", "build"),
    [
        ("h5py", lambda root: h5py_file(root / "a.h5")),
        ("pyarrow", lambda root: builders.lerobot_v3(root / "v3", [3])),
        ("rosbags.highlevel", lambda root: builders.bag1(root / "a.bag")),
        ("mcap.records", lambda root: builders.mcap(root / "a.mcap", builders.talk(2))),
    ],
)
def test_a_missing_library_names_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, build: Callable[[Path], Path]
) -> None:
    path = build(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"dataclaw-tailor\[embodied\]"):
        open_stream(path)


def h5py_file(path: Path) -> Path:
    """A file of one demonstration."""
    with h5py.File(path, "w") as file:
        file["data/demo_0/actions"] = np.zeros((4, 2))
    return path


@pytest.mark.parametrize(("form", "header"), [("a.csv", "time,x,y\n"), ("a.txt", "")])
@pytest.mark.parametrize("stray", [2.0, 50.0, 7.0, -1e9, 1e9])
def test_a_single_wrong_time_shifts_and_invents_nothing(tmp_path: Path, form: str, header: str, stray: float) -> None:
    stamps = [k / 10 for k in range(100)]
    stamps[50] = stray
    row = "{},{},{}\n" if header else "{} {} {} 0 0 0 0 1\n"
    (tmp_path / form).write_text(header + "".join(row.format(t, k, 0) for k, t in enumerate(stamps)))
    stream = open_stream(tmp_path / form)
    (one,) = stream.series.values()
    assert np.allclose(one.times, np.arange(100) / 10)
    assert any("The time of the row after 4.90 s is off by " in problem for problem in stream.problems)


def test_a_gap_without_rows_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "time,x\n" + "".join(f"{k / 10 + (45 if k >= 50 else 0)},{k}\n" for k in range(100))
    )
    stream = open_stream(tmp_path / "a.csv")
    assert stream.duration == pytest.approx(54.9)
    assert stream.problems == ("There is no row from 4.90 to 50.00 s: what happens there is not known.",)


@given(st.lists(st.floats(), max_size=60))
def test_a_clock_that_sees_ahead_only_moves_forward(stamps: list[float]) -> None:
    times = [time for time in clock_times(Clock(), stamps) if time is not None]
    assert all(b > a for a, b in pairwise(times))
