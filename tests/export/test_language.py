"""Language columns of LeRobot, field by field: exact frame times, styles of the right column, no camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataclaw.export.coordinates import Coordinates
from dataclaw.export.example import Example, LeftOutExample, Medium, SampleMedia
from dataclaw.export.formats.base import ExportTarget
from dataclaw.export.formats.language import LeRobot
from dataclaw.export.store import MediaStore
from dataclaw.run.report.records import SampleRecord
from tests.run.report.runs import draft, sample, verdict

parquet = pytest.importorskip("pyarrow.parquet")

PARTS = ["1. From 0 to 0.67 s: the robot rests.", "2. From 0.67 to 1.2 s: the robot grasps the cup. <image_recall>"]
SEGMENTS = [{"t0": 0.0, "t1": 0.667}, {"t0": 0.667, "t1": 1.2}]


def example(name: str, **changes: Any) -> Example:
    row = sample(f"{name}-action_trajectory-0", name, draft(), verdict(0.9))
    row["stream"] |= {"format": "lerobot_v3", "name": "cups#7", "window": [0.0, 1.2]}
    row |= {"answer_parts": PARTS, "data": {"segments": SEGMENTS}}
    row["stream"] |= changes.pop("stream", {})
    clip = Medium(Path("clip.mp4"), "video", "0", (64, 48), span=(0.0, 1.2), rate=30.0, frames=37)
    return Example(row["id"], SampleRecord.model_validate(row | changes), (), SampleMedia(inputs=(clip,)))


@pytest.fixture
def writer(tmp_path: Path) -> LeRobot:
    return LeRobot(ExportTarget(tmp_path, MediaStore(tmp_path), Coordinates()))


def test_every_frame_has_what_lasts(writer: LeRobot, tmp_path: Path) -> None:
    assert writer.add("train", example("a")) is None
    writer.close()
    rows = parquet.read_table(tmp_path / "language_train.parquet").to_pylist()
    assert [row["frame_index"] for row in rows] == list(range(37))
    assert {row["episode_index"] for row in rows} == {7}
    assert rows[20]["timestamp"] == pytest.approx(20 / 30)
    assert all(row["language_persistent"] == rows[0]["language_persistent"] for row in rows)
    assert all(row["language_events"] == [] for row in rows)
    told = [(one["style"], one["content"], one["timestamp"]) for one in rows[0]["language_persistent"]]
    assert told == [
        ("plan", "1. the robot rests.\n2. the robot grasps the cup.", 0.0),
        ("subtask", "the robot rests.", 0.0),
        ("subtask", "the robot grasps the cup.", pytest.approx(20 / 30)),
    ]
    assert {(one["role"], one["camera"], one["tool_calls"]) for one in rows[0]["language_persistent"]} == {
        ("assistant", None, None)
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stream": {"format": "mcap"}}, "no episode of a LeRobot dataset"),
        ({"stream": {"name": "cups"}}, "no episode of a LeRobot dataset"),
        ({"answer_parts": PARTS[:1]}, "no parts with times"),
        ({"data": None}, "no parts with times"),
    ],
)
def test_what_has_no_columns_is_told(writer: LeRobot, changes: dict[str, Any], why: str) -> None:
    refused = writer.add("train", example("a", **changes))
    assert isinstance(refused, LeftOutExample)
    assert why in refused.why


def test_an_episode_is_told_once(writer: LeRobot) -> None:
    assert writer.add("train", example("a")) is None
    refused = writer.add("train", example("b"))
    assert isinstance(refused, LeftOutExample)
    assert "another sample" in refused.why
