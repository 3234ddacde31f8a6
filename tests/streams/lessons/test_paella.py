"""Paella lectures and their sprites."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream
from dataclaw.streams.lessons.paella import open_sprite


def sprite(path: Path, columns: int = 10, rows: int = 10, cell: tuple[int, int] = (32, 18)) -> Path:
    """Cells whose red says their number."""
    picture = np.zeros((rows * cell[1], columns * cell[0], 3), np.uint8)
    for k in range(columns * rows):
        row, column = divmod(k, columns)
        picture[row * cell[1] : (row + 1) * cell[1], column * cell[0] : (column + 1) * cell[0], 0] = 2 * k
    Image.fromarray(picture).save(path)
    return path


TIMELINE = {"url": "media/t.png?size=1", "rows": 10, "cols": 10}


def lecture(root: Path, **more: object) -> Path:
    root.mkdir(exist_ok=True)
    manifest: dict[str, object] = {
        "metadata": {
            "duration": 100,
            "title": "Fields",
            "timeline": {"url": "media/t.png?size=1", "rows": 10, "cols": 10},
        },
        "streams": [{"sources": {}, "content": "presentation"}],
        "frameList": {"frames": [{"time": 40}, {"time": 0}]},
        "chapters": {"chapterList": [{"time": 38, "title": "Second"}, {"time": 0, "title": "First"}]},
    }
    (root / "data.json").write_text(json.dumps(manifest | more))
    return root


def test_cells_are_frames_and_marks_are_truth(tmp_path: Path) -> None:
    root = lecture(tmp_path / "a")
    sprite(root / "t.png")
    assert discover([tmp_path]) == [root]
    stream = open_stream(root)
    assert (stream.kind, stream.name, stream.duration) == ("lesson", "Fields", 100)
    assert stream.frames is not None
    assert stream.frames.size == (32, 18)
    assert list(stream.frames.times[:3]) == [0, 1, 2]
    assert [int(p[0, 0, 0]) for p in stream.frames.read([99, 0, 12])] == [198, 0, 24]
    assert stream.annotations["slide_starts"] == [0, 40]
    assert [c["title"] for c in stream.annotations["chapters"]] == ["First", "Second"]
    assert stream.problems[-1] == "2 chapters came with it: labels to compare with, which no sample is made of."
    assert open_stream(root / "data.json").id == stream.id


def test_captions_are_cues(tmp_path: Path) -> None:
    captions = [
        {"lang": "es", "url": "c.es.vtt"},
        {"lang": "en", "url": "c.en.vtt"},
        {"lang": "en-x", "url": "../c.vtt"},
    ]
    root = lecture(tmp_path / "a", captions=captions, frameList=[{"time": 3}])
    (root / "c.es.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nhola\n")
    (root / "c.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n\n03:00.000 --> 03:01.000\nlate\n")
    stream = open_stream(root)
    assert [e.text for e in stream.events] == ["hello"]
    assert stream.meta["language"] == "en"
    assert stream.annotations["slide_starts"] == [3]
    assert any("after the recording's end" in problem for problem in stream.problems)
    assert any("sprite" in problem for problem in stream.problems)


def test_a_sprite_smaller_than_its_grid(tmp_path: Path) -> None:
    root = lecture(tmp_path / "a")
    Image.new("RGB", (40, 40)).save(root / "t.png")
    stream = open_stream(root)
    assert stream.frames is None
    assert "too few for 10 x 10" in stream.problems[0]


@pytest.mark.parametrize("grid", [(0, 10), (-1, 10), (1000, 1000)])
def test_a_grid_that_is_none(tmp_path: Path, grid: tuple[int, int]) -> None:
    with pytest.raises(StreamError, match="not usable"):
        open_sprite(sprite(tmp_path / "s.png"), grid, 10)


def test_marks_that_are_no_times_are_left_out(tmp_path: Path) -> None:
    root = lecture(
        tmp_path / "a", metadata={"duration": "x"}, frameList=[{"time": -1}, {"time": "3"}, {}, 5, {"time": 7}]
    )
    stream = open_stream(root)
    assert stream.annotations["slide_starts"] == [7]
    assert stream.duration == 38


def test_another_data_json_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"metadata": {}, "rows": []}')
    with pytest.raises(StreamError):
        open_stream(tmp_path / "data.json")


def test_nan_is_refused(tmp_path: Path) -> None:
    root = lecture(tmp_path / "a")
    (root / "data.json").write_text((root / "data.json").read_text().replace("100", "NaN", 1))
    with pytest.raises(StreamError, match="NaN"):
        open_stream(root)
