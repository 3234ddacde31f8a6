"""Goal-Step documents: goals, steps and substeps as events on two levels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from dataclaw.streams.narrations.goal_step import MAX_LEVEL


def segment(start: object, end: object, told: str, *inner: dict[str, Any]) -> dict[str, Any]:
    return {"start_time": start, "end_time": end, "step_description": told, "step_category": f"C: {told}",
            "is_relevant": "essential", "is_continued": False, "is_procedural": True, "summary": ["a", 3],
            "segments": list(inner)}  # fmt: skip


def write(root: Path, *segments: dict[str, Any], end: object = 100.0, videos: int = 1) -> Path:
    video = {"video_uid": "uid-1", "start_time": 0, "end_time": end, "goal_description": "Makes <b>soup</b>",
             "goal_category": "COOKING:SOUP", "segments": list(segments)}  # fmt: skip
    file = root / "goalstep.json"
    file.write_text(
        json.dumps({"version": "1.0", "videos": [video | {"video_uid": f"uid-{k}"} for k in range(videos)]})
    )
    return file


def test_steps_and_substeps(tmp_path: Path) -> None:
    first = segment(5.0, 40.0, "Cook", segment(20, 30, "Chop"), segment(5.0, 10, "Wash"))
    file = write(tmp_path, segment(50, 60, "Serve"), first, videos=2)
    assert discover([tmp_path]) == [Source(file, 0), Source(file, 1)]
    stream = open_stream(Source(file, 0))
    assert (stream.kind, stream.name, stream.duration) == ("narration", "uid-0", 100)
    assert stream.meta["goal"] == "Makes soup"
    assert [(e.text, e.t0, e.attrs["level"], e.attrs["parent"]) for e in stream.events] == [
        ("Cook", 5, 1, None),
        ("Wash", 5, 2, 0),
        ("Chop", 20, 2, 0),
        ("Serve", 50, 1, None),
    ]
    assert stream.events[0].attrs["relevant"] == "essential"
    assert stream.events[0].attrs["summary"] == ["a"]
    assert stream.events[1].place == "goalstep.json:videos[0].segments[1].segments[1]"


def test_segments_outside_the_video(tmp_path: Path) -> None:
    stream = open_stream(write(tmp_path, segment(200, 300, "late"), segment(90, 150, "long"), segment(-1, 5, "minus"),
                               segment("x", None, "none"), segment(7, 6, "back"), segment(10**400, 1, "huge"),
                               segment(True, 2, "true")))  # fmt: skip
    assert [(e.text, e.t0, e.t1) for e in stream.events] == [("back", 7, 7), ("long", 90, 100)]
    assert stream.problems == (
        "4 narration(s) without usable times were left out.",
        "1 narration(s) end before they start; their end was set to their start.",
        "1 narration(s) start after the video's end; left out.",
        "1 narration(s) end after the video's end; cut there.",
    )


def test_a_substep_of_a_lost_step_has_no_parent(tmp_path: Path) -> None:
    stream = open_stream(write(tmp_path, segment(-5, -1, "lost", segment(1, 2, "kept"))))
    assert [(e.text, e.attrs["parent"]) for e in stream.events] == [("kept", None)]


def test_nesting_beyond_use_is_left_out(tmp_path: Path) -> None:
    nested = segment(1, 2, "deepest")
    for _ in range(50):
        nested = segment(1, 2, "around", nested)
    stream = open_stream(write(tmp_path, nested))
    assert len(stream.events) == MAX_LEVEL
    assert "43 segments are nested" in stream.problems[0]


def test_a_thousand_levels_are_refused(tmp_path: Path) -> None:
    inner = '{"start_time": 1, "end_time": 2, "step_description": "x", "segments": ['
    text = '{"videos": [{"video_uid": "u", "segments": [' + inner * 1000 + "]}" * 1000 + "]}]}"
    (tmp_path / "goalstep.json").write_text(text)
    with pytest.raises(StreamError, match="deep"):
        open_stream(tmp_path / "goalstep.json")


@pytest.mark.parametrize(
    "text",
    [
        '{"videos": [{"video_uid": "u", "end_time": NaN}]}',
        '{"videos": {"video_uid": 1}}',
        '{"videos": [ "video_uid" ',
        '{"videos": [3, "video_uid"], "video_uid": 1}',
    ],
)
def test_what_is_no_such_document(tmp_path: Path, text: str) -> None:
    (tmp_path / "goalstep.json").write_text(text)
    with pytest.raises(StreamError):
        open_stream(tmp_path / "goalstep.json")


def test_without_a_length_the_last_step_ends_it(tmp_path: Path) -> None:
    assert open_stream(write(tmp_path, segment(1, 7, "a"), end=None)).duration == 7
