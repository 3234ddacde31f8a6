from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import Source, discover
from dataclaw.streams.trajectory import wire
from dataclaw.streams.trajectory.rlds import RLDS
from dataclaw.streams.trajectory.tfrecord import crc32c, masked_crc, records
from dataclaw.types import Footage
from tests.streams.trajectory import builders
from tests.streams.trajectory.builders import example, record, steps


def test_an_episode_has_its_steps(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps(4)), example(steps(6)), example(steps(3))], shards=2)
    assert len(discover([root])) == RLDS.count(root) == 3
    stream = open_stream(Source(root, 0))
    assert stream.clock == "index"
    assert stream.duration == 4
    assert stream.series["action"].values.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert set(stream.series) == {"action", "observation/state"}
    assert [(e.text, e.t0, e.t1) for e in stream.events] == [("open the drawer", 0, 2), ("close it", 3, 3)]
    assert stream.annotations == {"task": "open the drawer; close it", "reward": {"last": 1.0, "sum": 1.0}}
    assert isinstance(stream.frames, Footage)
    assert stream.frames.size == builders.SIZE
    assert [round(float(p.mean())) for p in stream.frames.read([3, 0])] == [120, 0]
    assert not stream.problems
    ids = {open_stream(Source(root, k)).id for k in range(3)}
    assert len(ids) == 3


def test_a_shard_alone_is_read_with_the_features_beside_it(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    shard = next(root.glob("*.tfrecord*"))
    assert open_stream(shard).series["action"].values.shape == (4, 2)
    (root / "features.json").unlink()
    assert not RLDS.claims(shard)


def test_check_sums_are_those_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720, B.4
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


@given(st.binary(max_size=5000))
def test_check_sums_of_long_data_are_those_of_its_octets_one_by_one(data: bytes) -> None:
    total = 0xFFFFFFFF
    for octet in data:
        total ^= octet
        for _ in range(8):
            total = total >> 1 ^ (0x82F63B78 if total & 1 else 0)
    assert crc32c(data) == total ^ 0xFFFFFFFF


def damaged(root: Path, change: str) -> None:
    """Break the second of three records."""
    shard = next(root.glob("*.tfrecord*"))
    data = bytearray(shard.read_bytes())
    second = 16 + struct.unpack("<Q", data[:8])[0]
    if change == "body":
        data[second + 40] ^= 1
    elif change == "length":
        data[second : second + 8] = struct.pack("<Q", 5)
    elif change == "huge":
        head = struct.pack("<Q", 2**60)
        data[second : second + 12] = head + struct.pack("<I", masked_crc(head))
    elif change == "cut":
        del data[second + 100 :]
    else:
        del data[second + 3 :]
    shard.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "count", "message"),
    [
        ("body", 3, "its check sum is wrong"),
        ("length", 2, "the check sum of its length is wrong"),
        ("huge", 2, r"it is 1,152,921,504,606,846,976 bytes long, and the file ends"),
        ("cut", 2, "bytes long, and the file ends"),
        ("start", 2, "breaks off within its length"),
    ],
)
def test_damaged_records_are_refused_and_the_others_read(tmp_path: Path, change: str, count: int, message: str) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())] * 3)
    damaged(root, change)
    assert RLDS.count(root) == count
    assert open_stream(Source(root, 0)).series
    with pytest.raises(StreamError, match=message) as error:
        open_stream(Source(root, 1))
    assert error.value.remedy.startswith("Copy the file again")


def test_bytes_that_are_no_example_are_refused(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [b"\x0a\xff\xff\xff\xff\x0f"])
    with pytest.raises(StreamError, match=r"no tf\.train\.Example"):
        open_stream(root)


def test_features_that_do_not_fit_are_left_out_and_named(tmp_path: Path) -> None:
    more = {"steps/action": [1.0] * 7, "steps/observation/image_0": [b"no picture"] * 4}
    root = builders.rlds(tmp_path / "1.0.0", [example(steps(4, **more))])
    stream = open_stream(root)
    assert stream.frames is None
    said = " ".join(stream.problems)
    assert "'action' has 7 numbers, not 2 for each of 4 steps; left out." in said
    assert "There is no action" in said
    assert "The camera was left out." in said


def test_a_shape_beyond_belief_costs_nothing(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    text = (root / "features.json").read_text()
    (root / "features.json").write_text(text.replace('"dimensions": ["2"]', '"dimensions": ["999999999", "999999999"]'))
    stream = open_stream(root)
    assert "action" not in stream.series
    assert any("'action' is not a row of at most" in problem for problem in stream.problems)


@pytest.mark.parametrize("features", [b"{}", b"[]", b'{"featuresDict": 1}', b'{"featuresDict"' + b"[" * 10**5])
def test_features_that_describe_nothing_are_refused(tmp_path: Path, features: bytes) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    (root / "features.json").write_bytes(features)
    shard = next(root.glob("*.tfrecord*"))
    with pytest.raises(StreamError):
        open_stream(shard)


def test_a_link_out_of_the_folder_is_no_shard(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    (tmp_path / "outside").write_bytes(record(example(steps())))
    (root / "drawers-val.tfrecord-00000-of-00001").symlink_to(tmp_path / "outside")
    assert RLDS.count(root) == 1


@given(st.binary(max_size=300))
def test_garbage_is_no_example_or_a_small_one(data: bytes) -> None:
    try:
        found = wire.example(memoryview(data))
    except wire.WireError:
        return
    assert all(0 <= a <= b <= len(data) for feature in found.values() for a, b in feature.spans)


@given(st.data())
def test_a_flipped_octet_of_an_example_never_reads_beyond_it(data: st.DataObject) -> None:
    body = bytearray(example({"a": [1.0, 2.0], "b": [b"x", b"yz"], "c": [1, 300, -1]}))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = wire.example(memoryview(bytes(body)))
    except wire.WireError:
        return
    assert all(b <= len(body) for feature in found.values() for _, b in feature.spans)


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30), st.lists(st.floats(width=32, allow_nan=False), max_size=30)
)
def test_numbers_come_back(integers: list[int], floats: list[float]) -> None:
    found = wire.example(memoryview(example({"i": integers or [0], "f": floats or [0.0]})))
    assert found["i"].numbers.tolist() == [float(value) for value in integers or [0]]
    assert np.array_equal(found["f"].numbers, np.array(floats or [0.0], np.float32).astype(float))


def test_a_number_of_many_octets_and_unpacked_numbers() -> None:
    with pytest.raises(wire.WireError, match=r"ten octets|breaks off"):
        wire.example(memoryview(builders.message(1, builders.message(1, builders.message(2, builders.message(
            3, builders.message(1, b"\x80" * 11 + b"\x01")))))))  # fmt: skip
    plain = builders.message(1, builders.message(1, builders.message(1, b"n") + builders.message(2, builders.message(
        3, b"\x08\x05\x08\x07"))))  # fmt: skip
    assert wire.example(memoryview(plain))["n"].numbers.tolist() == [5.0, 7.0]


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.tfrecord").touch()
    (found,) = records(tmp_path / "a.tfrecord")
    assert found.problem == "the file is empty"
    (tmp_path / "features.json").write_text(json.dumps({"featuresDict": {}}))
    assert RLDS.count(tmp_path / "a.tfrecord") == 1


@pytest.mark.parametrize("name", ["\ud800", float("nan"), [], "x" * 5000])
def test_an_odd_name_of_a_data_set_does_no_harm(tmp_path: Path, name: object) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    (root / "dataset_info.json").write_text(json.dumps({"name": name}))
    stream = open_stream(root)
    assert json.dumps(dict(stream.meta), ensure_ascii=False).encode()


def test_a_number_beyond_all_floats_is_refused(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    (root / "dataset_info.json").write_text(json.dumps({"name": 10**400}))
    with pytest.raises(StreamError, match="not JSON"):
        open_stream(root)


def test_features_that_are_a_link_out_are_not_read(tmp_path: Path) -> None:
    root = builders.rlds(tmp_path / "1.0.0", [example(steps())])
    shard = next(file for file in root.iterdir() if "tfrecord" in file.name)
    (root / "features.json").rename(tmp_path / "features.json")
    (root / "features.json").symlink_to(tmp_path / "features.json")
    with pytest.raises(StreamError, match=r"link that leads out|not a file of its folder"):
        open_stream(root)
    with pytest.raises(StreamError):
        open_stream(shard)
