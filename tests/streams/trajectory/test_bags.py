from __future__ import annotations

import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcap.writer import CompressionType

from dataclaw.errors import StreamError
from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import discover
from dataclaw.streams.trajectory import mcap, rosbag
from dataclaw.streams.trajectory.messages import MessageError, canonical, rows
from dataclaw.types import Footage, Stream
from tests.streams.trajectory import builders


def heard(stream: Stream, count: int = 10) -> None:
    """What `builders.talk` says."""
    assert np.allclose(stream.series["/odom"].values[:, 0], np.arange(count) / 10)
    assert stream.series["/odom"].columns[:3] == ("x", "y", "z")
    assert stream.series["/odom"].units[7:] == ("m/s",) * 3 + ("rad/s",) * 3
    assert stream.series["/joints:position"].columns == ("elbow", "gripper")
    assert "/joints:velocity" not in stream.series
    assert stream.duration == pytest.approx((count - 1) / 10)
    assert stream.meta["cameras"] == ["/camera/front", "/camera/wrist/compressed"]
    assert stream.meta["camera"] == "/camera/front"
    assert stream.meta["roles"]["gripper"] == [["/joints:position", "gripper"]]
    assert f"{count} messages of types that are not read: {count} std_msgs/msg/ColorRGBA." in stream.problems
    said = [(e.kind, e.text, e.target, round(e.t0, 2), round(e.t1, 2), e.frame) for e in stream.events]
    assert said[0] == ("message", "hello", "/words", 0.0, round(min(count - 1, 4) / 10, 2), 0)
    assert said[1:] == [("message", f"number {k}", "/words", k / 10, k / 10, k) for k in range(5, count)]
    assert isinstance(stream.frames, Footage)
    assert stream.frames.size == builders.SIZE
    first, last = stream.frames.read([0, count - 1])
    assert first.max() == 0
    assert last[0, 0].tolist() == [0, 0, 20 * (count - 1)]  # told to be BGR, given as RGB
    assert [round(time, 2) for time, _ in stream.frames.clip(0.2, 0.4)] == [0.2, 0.3, 0.4]
    again = pickle.loads(pickle.dumps(stream.frames))
    assert np.array_equal(again.read([count - 1])[0], last)


@pytest.mark.parametrize("plugin", ["SQLITE3", "MCAP"])
def test_a_ros2_bag(tmp_path: Path, plugin: str) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(), plugin)
    assert discover([tmp_path]) == [root]
    stream = open_stream(root)
    assert stream.format == "rosbag2"
    heard(stream)


def test_a_ros1_bag_packed_with_bz2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = builders.bag1(tmp_path / "a.bag")
    stream = open_stream(path)
    assert stream.series["/point"].values[:, 0].tolist() == [float(k) for k in range(10)]
    monkeypatch.setattr(rosbag, "MAX_CHUNK", 50)
    with pytest.raises(StreamError, match="unpacks to more than 50 bytes"):
        open_stream(path)


@pytest.mark.parametrize("keep", [20, 200, -100])
def test_a_ros1_bag_cut_off_says_to_reindex(tmp_path: Path, keep: int) -> None:
    path = builders.bag1(tmp_path / "a.bag")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StreamError, match="rosbag reindex"):
        open_stream(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_ros2_bag_cut_off_says_how_to_mend_it(tmp_path: Path, share: float) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(200))
    file = next(root.glob("*.db3"))
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(StreamError, match=r"malformed.*sqlite3.*ros2 bag reindex"):
        open_stream(root)


@pytest.mark.parametrize("name", ["../outside.db3", "/etc/passwd", "missing.db3", "a" * 300])
def test_a_ros2_bag_names_files_of_its_folder(tmp_path: Path, name: str) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(2))
    (tmp_path / "outside.db3").write_bytes(next(root.glob("*.db3")).read_bytes())
    manifest = root / "metadata.yaml"
    manifest.write_text(manifest.read_text().replace("bag.db3", name))
    with pytest.raises(StreamError, match=r"not a file inside its folder|which is not there"):
        open_stream(root)


@pytest.mark.parametrize("content", ["[", "1", "!!python/object/apply:os.system ['true']"])
def test_a_broken_manifest_is_named(tmp_path: Path, content: str) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(2))
    (root / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {content}")
    with pytest.raises(StreamError, match="ros2 bag reindex"):
        open_stream(root)


ALIASES = "".join(f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))


@pytest.mark.parametrize(
    "content",
    [
        f"\n  a0: &a0 [x]\n{ALIASES}  relative_file_paths: [*a9]\n",
        f"\n  a0: &a0 [x]\n{ALIASES}  relative_file_paths: [bag.db3]\n  compression_mode: *a9\n",
        "[" * 400_000,
        "[\n" * 200_000,
    ],
    ids=["aliases", "aliases as the mode", "nested", "nested over lines"],
)
@pytest.mark.timeout(20)
def test_a_manifest_that_stands_for_gigabytes_is_refused_at_once(tmp_path: Path, content: str) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(2))
    (root / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {content}")
    with pytest.raises(StreamError, match="ros2 bag reindex"):
        open_stream(root)


def test_a_compressed_ros2_bag_is_refused(tmp_path: Path) -> None:
    root = builders.bag2(tmp_path / "bag", builders.talk(2))
    manifest = root / "metadata.yaml"
    manifest.write_text(manifest.read_text().replace("compression_mode: ''", "compression_mode: FILE"))
    with pytest.raises(StreamError, match="ros2 bag convert"):
        open_stream(root)


@pytest.mark.parametrize("packing", list(CompressionType))
def test_mcap(tmp_path: Path, packing: CompressionType) -> None:
    heard(open_stream(builders.mcap(tmp_path / "a.mcap", builders.talk(), compression=packing)))


def test_mcap_without_chunks_and_without_a_summary(tmp_path: Path) -> None:
    path = builders.mcap(tmp_path / "a.mcap", builders.talk(), use_chunking=False, use_statistics=False,
                         use_summary_offsets=False, repeat_channels=False, repeat_schemas=False)  # fmt: skip
    heard(open_stream(path))


def test_mcap_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = builders.mcap(tmp_path / "a.mcap", builders.talk(20))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    stream = open_stream(path)
    assert 3 < len(stream.series["/odom"].times) < 20
    assert any("breaks off at byte" in problem for problem in stream.problems)


def test_a_chunk_that_lies_about_its_size_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = builders.mcap(tmp_path / "a.mcap", builders.talk(20))
    data = bytearray(path.read_bytes())
    at = len(mcap.MAGIC)
    while data[at] != 0x06:  # the first chunk
        at += 9 + struct.unpack("<Q", data[at + 1 : at + 9])[0]
    data[at + 25 : at + 33] = struct.pack("<Q", 2**60)
    path.write_bytes(data)
    stream = open_stream(path)
    assert any("1,152,921,504,606,846,976 bytes" in problem for problem in stream.problems)


def test_a_record_of_absurd_length_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(mcap.MAGIC + b"\x06" + struct.pack("<Q", 2**63))
    with pytest.raises(StreamError, match="breaks off at byte 8"):
        open_stream(path)


@given(st.binary(max_size=400), st.integers(1, 15))
def test_garbage_in_a_record_is_a_problem_and_no_crash(tmp_path_factory: pytest.TempPathFactory, body: bytes, code: int) -> None:  # fmt: skip # noqa: E501
    path = tmp_path_factory.mktemp("garbage") / "a.mcap"
    path.write_bytes(mcap.MAGIC + bytes([code]) + struct.pack("<Q", len(body)) + body)
    with pytest.raises(StreamError):
        open_stream(path)


def test_damaged_messages_are_counted_and_the_others_read(tmp_path: Path) -> None:
    path = builders.mcap(tmp_path / "a.mcap", builders.talk(), use_chunking=False)
    data = path.read_bytes()
    broken = data.replace(b"elbow", b"\xff\xfe\xfd\xfc\xfb", 3)
    assert broken != data
    path.write_bytes(broken)
    stream = open_stream(path)
    assert any("3 message(s) of '/joints' left out" in problem for problem in stream.problems)
    assert len(stream.series["/odom"].times) == 10


def test_a_clock_that_was_set_while_recording(tmp_path: Path) -> None:
    talk = builders.talk(6)
    shifted = [(t, k, time + (10**15 if n >= 15 else 0), m) for n, (t, k, time, m) in enumerate(talk)]
    stream = open_stream(builders.mcap(tmp_path / "a.mcap", shifted))
    assert stream.duration < 2
    assert any("The clock jumps by" in problem for problem in stream.problems)
    assert (np.diff(stream.series["/odom"].times) > 0).all()


def test_json_messages_are_read_by_path() -> None:
    pose = {"pose": {"position": {"x": 1, "y": 2, "z": 3}, "orientation": {"x": 0, "y": 0, "z": 0, "w": 1}}}
    ((name, columns, units, values),) = rows("geometry_msgs/msg/PoseStamped", pose)
    assert (name, columns[:3], units[0], values) == ("", ("x", "y", "z"), "m", [1, 2, 3, 0, 0, 0, 1])
    with pytest.raises(MessageError, match="no 'pose'"):
        list(rows("geometry_msgs/msg/PoseStamped", {}))
    assert canonical("geometry_msgs/PoseStamped") == "geometry_msgs/msg/PoseStamped"


def test_a_laser_scan_is_summed_up() -> None:
    scan = {"ranges": [5.0, 0.5, np.inf, 100.0], "range_min": 0.1, "range_max": 10.0, "angle_min": -1.0,
            "angle_increment": 0.5}  # fmt: skip
    ((_, columns, _, values),) = rows("sensor_msgs/msg/LaserScan", scan)
    assert dict(zip(columns, values, strict=True)) == {"nearest": 0.5, "bearing": -0.5, "median": 2.75, "returns": 0.5}
