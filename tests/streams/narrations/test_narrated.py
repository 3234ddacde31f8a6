from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.streams import discover, open_stream
from tests.streams.conftest import write_video

EPIC = """narration_id,video_id,start_timestamp,stop_timestamp,narration,verb,noun
P01_1,P01_11,00:00:00.10,00:00:00.30,open door,open,door
P01_2,P01_11,00:00:00.30,00:00:00.45,take cup,take,cup
"""


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    (tmp_path / "table.csv").write_text(EPIC)
    write_video(tmp_path / "P01_11.mp4")
    return tmp_path


def test_a_narrated_video_keeps_the_narrations_to_itself(kitchen: Path) -> None:
    stream = open_stream(kitchen / "P01_11.mp4")
    assert (stream.kind, stream.format, stream.events) == ("video", "narrated", ())
    assert [(row["text"], row["verb"]) for row in stream.annotations["narrations"]] == [
        ("open door", "open"),
        ("take cup", "take"),
    ]
    assert stream.frames is not None


def test_the_table_gives_what_was_told_with_the_same_pictures(kitchen: Path) -> None:
    stream = open_stream(kitchen / "table.csv")
    assert stream.kind == "narration"
    assert [event.text for event in stream.events] == ["open door", "take cup"]
    assert stream.frames is not None
    assert {str(source) for source in discover([kitchen])} == {str(kitchen / "table.csv"), str(kitchen / "P01_11.mp4")}


def test_a_document_of_goals_narrates_too(tmp_path: Path) -> None:
    segment = {"start_time": 0.1, "end_time": 0.4, "step_description": "pour water", "segments": []}
    video = {"video_uid": "v1", "start_time": 0, "end_time": 0.5, "goal_description": "tea", "segments": [segment]}
    (tmp_path / "goals.json").write_text(json.dumps({"videos": [{"video_uid": "v0"}, video]}))
    write_video(tmp_path / "v1.mp4")
    stream = open_stream(tmp_path / "v1.mp4")
    assert [row["text"] for row in stream.annotations["narrations"]] == ["pour water"]


def test_other_videos_and_broken_tables_are_left_alone(kitchen: Path) -> None:
    other = write_video(kitchen / "other.mp4")
    assert open_stream(other).format == "video"
    (kitchen / "table.csv").write_bytes(EPIC.encode()[:40] + b"\xff\x00")
    assert open_stream(kitchen / "P01_11.mp4").format == "video"
