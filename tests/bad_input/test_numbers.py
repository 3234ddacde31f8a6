"""Numbers that nothing measures, in every format of trajectories and edits: told and left out, never said, no crash."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dataclaw import tailor
from dataclaw.errors import StreamError
from dataclaw.streams.load import open_stream
from dataclaw.streams.values import LEAST, MOST
from tests.streams.edits import making
from tests.streams.trajectory import builders

ROWS = 40
ODD = (1e200, -1e308, 1e15, 2.0**64, float("nan"), float("inf"), float("-inf"), 5e-324, 1e-160, 4.4e-16)
number = st.one_of(st.sampled_from(ODD), st.floats(), st.floats(0, 1))
numbers = st.dictionaries(st.integers(0, ROWS - 1), number, min_size=1, max_size=ROWS)
"""Odd numbers by the row in which they stand; the rest is sound."""
ODD_WORD = re.compile(r"\b(?:nan|inf)\b|\d[eE][+-]?\d|\d{12}")
ONCE = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def course(odd: dict[int, float]) -> list[float]:
    return [odd.get(k, k / 100) for k in range(ROWS)]


def csv(folder: Path, odd: dict[int, float]) -> Path:
    lines = [f"{k / 10},{v!r},{k / 50},0.3,{0.0 if k > 20 else 0.08}" for k, v in enumerate(course(odd))]
    return written(folder / "arm.csv", "time,x,y,z,gripper\n" + "\n".join(lines) + "\n")


def csv_times(folder: Path, odd: dict[int, float]) -> Path:
    lines = [f"{odd.get(k, k / 10)!r},{k / 100},{k / 50},0.3" for k in range(ROWS)]
    return written(folder / "arm.csv", "time,x,y,z\n" + "\n".join(lines) + "\n")


def tum(folder: Path, odd: dict[int, float]) -> Path:
    lines = [f"{k / 10} {v!r} {k / 50} 0.3 {v!r} 0 0 1" for k, v in enumerate(course(odd))]
    return written(folder / "poses.txt", "\n".join(lines) + "\n")


def npz(folder: Path, odd: dict[int, float]) -> Path:
    path = folder / "arm.npz"
    np.savez(
        path, fps=np.float64(odd.get(0, 10.0)), xyz=np.array([[v, k / 50, 0.3] for k, v in enumerate(course(odd))])
    )
    return path


def hdf5(folder: Path, odd: dict[int, float]) -> Path:
    path = folder / "demos.hdf5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(
            {"env_name": "Lift", "type": 1, "env_kwargs": {"control_freq": odd.get(0, 20)}}
        )
        demo = data.create_group("demo_0")
        values = course(odd)
        demo["actions"] = np.array([[v, 0, 0, 0, 0, 0, 1.0] for v in values])
        demo["states"] = np.array([[odd.get(k, k / 20), v, 0.0] for k, v in enumerate(values)])
        demo["rewards"] = np.array(values)
        demo["obs/robot0_eef_pos"] = np.array([[v, k / 50, 0.3] for k, v in enumerate(values)])
    return path


def lerobot(folder: Path, odd: dict[int, float]) -> Path:
    root = builders.lerobot_v2(folder / "set", (ROWS,))
    table = builders.rows(0, ROWS)
    values = course(odd)
    table["observation.state"] = [[v, 0.0, 0.5] for v in values]
    table["next.reward"] = values
    table["task_index"] = [odd.get(k, 0.0) for k in range(ROWS)]
    builders.table(root / "data/chunk-000/episode_000000.parquet", table)
    info = json.loads((root / "meta/info.json").read_text())
    info["fps"] = odd.get(0, 10)
    stats = {"observation.state": {"min": [odd.get(1, 0.0), 0, 0], "max": [1, 1, odd.get(2, 1.0)]}}
    written(root / "meta/info.json", json.dumps(info))
    written(root / "meta/stats.json", json.dumps(stats))
    return root


def rlds(folder: Path, odd: dict[int, float]) -> Path:
    values = np.clip(np.array(course(odd)), -3e38, 3e38).tolist()  # its floats have 32 bits
    more = {"steps/action": [v for x in values for v in (x, 0.5)], "steps/reward": values}
    more["steps/observation/state"] = [v for x in values for v in (x, 0.1, 0.2)]
    return builders.rlds(folder / "set", [builders.example(builders.steps(ROWS, **more))])


def mcap(folder: Path, odd: dict[int, float]) -> Path:
    said = [
        ("/odom", "nav_msgs/msg/Odometry", 10**18 + k * 10**8, builders.odometry(v)) for k, v in enumerate(course(odd))
    ]
    return builders.mcap(folder / "drive.mcap", said)


def mcap_json(folder: Path, odd: dict[int, float]) -> Path:
    from mcap.writer import Writer

    path = folder / "drive.mcap"
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start("", "test")
        schema = writer.register_schema(name="geometry_msgs/msg/Point", encoding="jsonschema", data=b"{}")
        channel = writer.register_channel(topic="/at", message_encoding="json", schema_id=schema)
        for k, v in enumerate(course(odd)):
            data = json.dumps({"x": v, "y": k / 50, "z": 0.3}).encode()
            writer.add_message(channel, log_time=k * 10**8, publish_time=k * 10**8, data=data)
        writer.finish()
    return path


def bag2(folder: Path, odd: dict[int, float]) -> Path:
    said = [
        ("/joints", "sensor_msgs/msg/JointState", 10**18 + k * 10**8, builders.joints(v))
        for k, v in enumerate(course(odd))
    ]
    return builders.bag2(folder / "bag", said)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


TRAJECTORIES = (csv, csv_times, tum, npz, hdf5, lerobot, rlds, mcap, mcap_json, bag2)


@pytest.mark.parametrize("make", TRAJECTORIES, ids=lambda make: make.__name__)
@ONCE
@given(numbers)
@example(dict.fromkeys(range(ROWS), 1e200))
@example(dict.fromkeys(range(3), 5e-324))
@example({0: 1e-300})
def test_a_trajectory_keeps_only_what_is_measured(
    make: Callable[[Path, dict[int, float]], Path], odd: dict[int, float]
):
    with TemporaryDirectory() as folder:
        path = make(Path(folder), odd)
        try:
            stream = open_stream(path)
        except StreamError:
            return
        for series in stream.series.values():
            values = np.abs(series.values[np.isfinite(series.values)])
            assert not np.isinf(series.values).any()
            assert np.isfinite(series.times).all()
            assert (values <= MOST).all()
            assert ((values == 0) | (values >= LEAST)).all()
        assert 0 <= stream.duration < 1e12
        assert json.dumps(stream.annotations, allow_nan=False)


@pytest.mark.parametrize("task", ["describe_subtask", "action_trajectory"])
@settings(ONCE, max_examples=25)
@given(numbers)
@example({5: 1e200})
@example(dict.fromkeys(range(ROWS), 1e15))
def test_a_sample_says_no_number_beyond_sense(task: str, odd: dict[int, float]):
    with TemporaryDirectory() as folder:
        (outcome,) = tailor(csv(Path(folder), odd), "Describe what the robot does", domain="embodied", task=task)
        problems = [row["reason"] for row in outcome.rejected]
        assert not [reason for reason in problems if re.search(r"Error\b|internal", reason)]
        for sample in outcome.samples:
            said = [
                sample["question"],
                sample["answer"],
                sample["cot"],
                *(a["content"] for a in sample["anchors"].values()),
            ]
            assert not ODD_WORD.search(str(said))


def test_what_is_beyond_sense_is_told(tmp_path: Path):
    lines = [f"{k / 10},{1e200 if k == 7 else k / 100},{1_700_000_000_000_000_000 + k},{k}" for k in range(ROWS)]
    stream = open_stream(written(tmp_path / "arm.csv", "time,x,stamp.ns,y\n" + "\n".join(lines) + "\n"))
    assert stream.series["arm"].columns == ("x", "y")
    assert np.isnan(stream.series["arm"].values[7, 0])
    assert stream.problems == (
        "1 number(s) of 'arm' are beyond 10,000,000,000; they read as NaN.",
        "Numbers in column(s) 'stamp.ns' of 'arm' are mostly beyond 10,000,000,000; left out.",
    )


def otio(folder: Path, odd: Sequence[float]) -> Path:
    a, b, c, d, e = odd
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": d}
    clips = [
        making.clip("A", a, b, c),
        making.clip("B", 0, 48, effects=[warp]),
        making.clip("C", 0, e),
        making.gap(a),
        making.clip("D", 0, 24),
    ]
    return making.timeline(folder / "cut.otio", making.many("Track.1", "V1", clips, kind="Video"))


def fcp7(folder: Path, odd: Sequence[float]) -> Path:
    a, b, c, d, e = odd
    rate = f"<rate><timebase>{25 if abs(c) > 1e6 or c != c else c!r}</timebase><ntsc>FALSE</ntsc></rate>"
    remap = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>"
        f"<parameterid>speed</parameterid><value>{d!r}</value></parameter></effect></filter>"
    )
    clips = "".join(
        f'<clipitem id="c{k}"><name>{name}</name><duration>{b!r}</duration>{rate}<start>{50 * k}</start>'
        f"<end>{50 * k + 50}</end><in>{a!r}</in><out>{e!r}</out>"
        f'<file id="f{k}"><name>a.mov</name>{rate}<duration>{e!r}</duration></file>{remap}</clipitem>'
        for k, name in enumerate("AB")
    )
    return written(
        folder / "cut.xml",
        f'<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"><sequence id="s1"><name>Cut</name>{rate}'
        f"<media><video><track>{clips}</track></video></media></sequence></xmeml>",
    )


def edl(folder: Path, odd: Sequence[float]) -> Path:
    lines = [f"M2   A  {odd[0]!r}  00:00:00:00", f"00{odd[1]!r}", f"* KEY {odd[2]!r}"]
    cut = "001  A V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n"
    cut += "002  B V D {} 00:00:00:00 00:00:02:00 00:00:02:00 00:00:04:00\n"
    return written(folder / "cut.edl", f"TITLE: Cut\n{cut.format(repr(odd[3]))}" + "\n".join(lines) + "\n")


def comfy(folder: Path, odd: Sequence[float]) -> Path:
    graph = json.loads(json.dumps(making.GRAPH))
    graph["3"]["inputs"] |= {"seed": odd[0], "steps": odd[1], "cfg": odd[2]}
    graph["5"]["inputs"] |= {"width": odd[3], "height": odd[4]}
    return making.png(folder / "made.png", making.tell(graph))


def darktable(folder: Path, odd: Sequence[float]) -> Path:
    values = [struct.pack("<f", np.float32(np.clip(v, -3e38, 3e38))) for v in odd[:4]]
    row = making.row(0, "exposure", (struct.pack("<i", 0) + b"".join(values)).hex(), version=5)
    rows = f"<darktable:history><rdf:Seq>{row}{making.row(1, 'sharpen', '00')}</rdf:Seq></darktable:history>"
    return making.history(folder / "a.cr2.xmp", rows)


@pytest.mark.parametrize("make", [otio, fcp7, edl, comfy, darktable], ids=lambda make: make.__name__)
@ONCE
@given(st.lists(number, min_size=5, max_size=5))
@example([1e200] * 5)
@example([5e-324] * 5)
@example([1e12, 1e12, 24.0, 1.0, 24.0])
@example([0.0, 48.0, 24.0, 1e5, 1e-16])
def test_an_edit_says_no_number_beyond_sense(make: Callable[[Path, Sequence[float]], Path], odd: list[float]):
    with TemporaryDirectory() as folder:
        path = make(Path(folder), odd)
        (outcome,) = tailor(path, "make training data", domain="aigc")
        reasons = [row["reason"] for row in outcome.rejected]
        assert not [reason for reason in reasons if re.search(r"\w+Error\b|internal", reason)]
        for sample in outcome.samples:
            anchors: dict[str, Any] = sample["anchors"]
            said = [sample["question"], sample["answer"], sample["cot"], *(a["content"] for a in anchors.values())]
            assert not ODD_WORD.search(str(said))
