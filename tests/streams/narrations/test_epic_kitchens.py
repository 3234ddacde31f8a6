"""EPIC-KITCHENS tables: one stream per video, wrong times named, pictures when the video lies beside."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from dataclaw.streams.narrations.epic_kitchens import seconds_of
from tests.streams.conftest import write_video

HEAD = ["narration_id", "video_id", "narration_timestamp", "start_timestamp", "stop_timestamp", "narration", "verb",
        "noun", "all_nouns"]  # fmt: skip


def row(video: str, start: str, stop: str, told: str = "take plate") -> list[str]:
    return [f"{video}_0", video, "00:00:00.560", start, stop, told, "take", "plate", "['plate', 'cup']"]


def table(root: Path, rows: list[list[str]], info: str = "P01_11,60.5,50.0\n") -> Path:
    root.mkdir(exist_ok=True)
    with (root / "EPIC_100_validation.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    (root / "EPIC_100_video_info.csv").write_text("video_id,duration,fps\n" + info)
    return root / "EPIC_100_validation.csv"


def test_one_stream_per_video(tmp_path: Path) -> None:
    rows = [row("P01_11", "00:00:05.00", "00:00:06.50"), row("P02_01", "00:01:00.00", "00:01:01.00"),
            row("P01_11", "00:00:01.00", "00:00:02.00", "open &amp; close")]  # fmt: skip
    file = table(tmp_path, rows)
    assert discover([tmp_path]) == [Source(file, 0), Source(file, 1)]
    stream = open_stream(Source(file, 0))
    assert (stream.kind, stream.format, stream.name, stream.duration) == ("narration", "epic_kitchens", "P01_11", 60.5)
    assert [(e.kind, e.t0, e.t1, e.text, e.place) for e in stream.events] == [
        ("narration", 1, 2, "open & close", "EPIC_100_validation.csv:4"),
        ("narration", 5, 6.5, "take plate", "EPIC_100_validation.csv:2"),
    ]
    attrs = stream.events[0].attrs
    assert (attrs["verb"], attrs["noun"], attrs["nouns"], attrs["said_at"]) == ("take", "plate", ["plate", "cup"], 0.56)
    assert stream.meta["fps"] == 50
    assert stream.frames is None
    assert stream.problems == ()
    other = open_stream(Source(file, 1))
    assert other.duration == 61
    assert "does not name this video" in other.problems[0]
    with pytest.raises(StreamError, match="holds 2 streams"):
        open_stream(file)


def test_wrong_times_are_said(tmp_path: Path) -> None:
    rows = [row("P01_11", "00:00:01.00", "00:00:02.00"), row("P01_11", "x", "00:00:02"),
            row("P01_11", "00:00:09.00", "00:00:08.00"), row("P01_11", "00:02:00.00", "00:02:01.00"),
            row("P01_11", "00:00:50.00", "00:09:00.00"), row("P01_11", "00:00:01.00", "00:00:02.00", " ")]  # fmt: skip
    stream = open_stream(table(tmp_path, rows))
    assert [(e.t0, e.t1) for e in stream.events] == [(1, 2), (9, 9), (50, 60.5)]
    assert stream.problems == (
        "1 narration(s) without usable times were left out.",
        "1 narration(s) end before they start; their end was set to their start.",
        "1 narration(s) without a text were left out.",
        "1 narration(s) start after the video's end; left out.",
        "1 narration(s) end after the video's end; cut there.",
    )


def test_the_video_beside_gives_the_pictures(tmp_path: Path) -> None:
    file = table(tmp_path, [row("P01_11", "00:00:00.10", "00:00:00.20")])
    alone = open_stream(file)
    write_video(tmp_path / "P01_11.mp4")
    stream = open_stream(file)
    assert stream.kind == "narration"
    assert stream.frames is not None
    assert stream.frames.times[stream.events[0].frame or 0] <= 0.1
    assert stream.duration == pytest.approx(0.5)
    assert stream.id != alone.id
    assert open_stream(tmp_path / "P01_11.mp4").kind == "video"


@pytest.mark.parametrize("name", ["../secret", "/etc/x", ".hidden", "a\\b", "", "a" * 300])
def test_a_video_name_that_leads_out_is_not_followed(tmp_path: Path, name: str) -> None:
    write_video(tmp_path / "secret.mp4")
    file = table(tmp_path / "in", [row(name or "x", "00:00:00.10", "00:00:00.20")])
    assert open_stream(file).frames is None


@pytest.mark.parametrize("info", ["P01_11,nan,0\n", "P01_11,-5,x\n", "P01_11\n"])
def test_a_length_that_is_none(tmp_path: Path, info: str) -> None:
    stream = open_stream(table(tmp_path, [row("P01_11", "00:00:01.00", "00:00:02.00")], info))
    assert stream.duration == 2
    assert any("no usable duration" in problem for problem in stream.problems)


def test_a_table_with_no_row(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="no row"):
        open_stream(table(tmp_path, []))


def test_a_field_without_end(tmp_path: Path) -> None:
    file = table(tmp_path, [row("P01_11", "00:00:01.00", "00:00:02.00", "x" * 200_000)])
    with pytest.raises(StreamError, match="not a table"):
        open_stream(file)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = table(tmp_path, [row("P01_11", "00:00:01.00", "00:00:02.00", "caf?")])
    file.write_bytes(file.read_bytes().replace(b"caf?", b"caf\xe9\x00"))
    assert open_stream(file).events[0].text == "caf\ufffd"


@given(st.text(max_size=30) | st.from_regex(r"\d{1,5}:\d{1,3}:\d{1,3}(\.\d{0,4})?", fullmatch=True))
def test_times_are_seconds_or_none(text: str) -> None:
    value = seconds_of(text)
    assert math.isnan(value) or 0 <= value < 36_000_000
