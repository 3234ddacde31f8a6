"""Lectures as tables of slides, and as pictures named by their time."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from tests.streams.conftest import number_of, write_picture

LINKS = ["Answer.startTimeList", "seconds", "speaker", "video_id"]
FIGURES = ["Input.save_dir", "ocr", "boundingBoxes"]


def table(path: Path, head: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def lectures(root: Path, starts: str = "Start Time|5.5|20|31.25", boxes: str = "[]") -> Path:
    table(root / "figure_annotations.csv", FIGURES,
          [["data/bio/x/VID/slide_001.jpg", "second slide", boxes], ["data/bio/x/VID/slide_000.jpg", "first", "[]"],
           ["data/bio/x/VID/slide_009.jpg", "no time", "[]"], ["../../etc/passwd", "x", "[]"]])  # fmt: skip
    return table(root / "raw_video_links.csv", LINKS,
                 [["Start Time|1", "50", "anat", "OTHER.mp4"], [starts, "60", "bio", "VID.mp4"]])  # fmt: skip


def test_slides_of_a_table(tmp_path: Path) -> None:
    box = '[{"label": "Diagram", "left": 10, "top": 20, "width": 30, "height": 40}, {"left": 1, "width": -1}]'
    file = lectures(tmp_path, boxes=box)
    assert discover([tmp_path]) == [file]
    stream = open_stream(file)
    assert (stream.kind, stream.name, stream.duration, stream.frames) == ("lesson", "VID", 60, None)
    assert [(e.kind, e.t0, e.t1, e.text, e.place) for e in stream.events] == [
        ("slide", 5.5, 20, "first", "figure_annotations.csv:3"),
        ("slide", 20, 31.25, "second slide", "figure_annotations.csv:2"),
    ]
    assert stream.events[1].attrs["figures"] == [{"label": "Diagram", "box": [10, 20, 40, 60]}]
    assert stream.problems == ("1 slide(s) have no start time; left out.",)


@pytest.mark.parametrize(
    ("starts", "problem"),
    [
        ("Start Time|9|x|nan|-1|12", "3 start time(s) are no numbers; left out."),
        ("Start Time|9|8.9999", "1 slide(s) start no later than the one before; kept."),
        ("Start Time", "3 slide(s) have no start time; left out."),
        ("Start Time|1e400|inf|5", "2 start time(s) are no numbers; left out."),
    ],
)
def test_wrong_start_times(tmp_path: Path, starts: str, problem: str) -> None:
    stream = open_stream(lectures(tmp_path, starts))
    assert problem in stream.problems
    assert all(0 <= e.t0 <= e.t1 for e in stream.events)


def test_boxes_that_are_no_json(tmp_path: Path) -> None:
    assert open_stream(lectures(tmp_path, boxes="[" * 5000)).events[1].attrs["figures"] == []


def test_without_the_slides_there_is_no_lecture(tmp_path: Path) -> None:
    file = lectures(tmp_path)
    (tmp_path / "figure_annotations.csv").unlink()
    with pytest.raises(StreamError, match="names no lecture"):
        open_stream(file)


def test_several_lectures_are_numbered(tmp_path: Path) -> None:
    file = lectures(tmp_path)
    table(tmp_path / "figure_annotations.csv", FIGURES,
          [["a/VID/slide_000.jpg", "v", "[]"], ["a/OTHER/slide_000.jpg", "o", "[]"]])  # fmt: skip
    assert discover([file]) == [Source(file, 0), Source(file, 1)]
    assert [open_stream(Source(file, k)).events[0].text for k in (0, 1)] == ["o", "v"]


def test_pictures_named_by_their_time(tmp_path: Path) -> None:
    for k, seconds in enumerate((0.0, 9.83, 10.0, 102.5)):
        write_picture(tmp_path / f"lesson/frames/my_talk_frame_{k:05d}_{seconds}s.jpg", k)
    truth = [{"timestamp": 9.97, "text": "Packaging\n1960"}, {"timestamp": -1, "text": ""}, 3]
    (tmp_path / "lesson/results.json").write_text(json.dumps(truth))
    assert discover([tmp_path]) == [tmp_path / "lesson"]
    stream = open_stream(tmp_path / "lesson")
    assert (stream.kind, stream.meta["title"], stream.duration) == ("lesson", "my talk", 102.5)
    assert stream.frames is not None
    assert list(stream.frames.times) == [0, 9.83, 10, 102.5]
    assert number_of(stream.frames.read([3])[0]) == 3
    assert stream.annotations == {"slides": [{"t": 9.97, "text": "Packaging 1960"}], "slide_starts": [9.97]}
    assert "2 entries of results.json have no usable time; left out." in stream.problems
    assert open_stream(tmp_path / "lesson/frames").frames is not None


def test_other_pictures_are_not_claimed(tmp_path: Path) -> None:
    for k in range(3):
        write_picture(tmp_path / f"shot_{k}s.jpg", k)
    assert open_stream(tmp_path).kind == "video"
