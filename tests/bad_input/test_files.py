"""Files that cannot be read: each is rejected with its place, a reason that is right and a remedy; the rest is done."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import numpy as np
import pytest

from tests.bad_input.conftest import Given
from tests.bad_input.files import (
    CLICK,
    agentnet,
    announced,
    archive,
    arrays,
    packed,
    picture,
    playwright,
    video,
)

DEEP = 100_000


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "a.zip", "a.json.gz", "a.mp4", "a.gif", "a.png", "a.py", "a.mht"]
)
def test_an_empty_file_of_any_kind(given: Given, name: str):
    file = given.write(name, b"")
    row = given.rejected(file)
    assert (row["place"], row["reason"]) == (str(file), "the file is empty.")
    assert row["stream"]["path"] == str(file)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cut.jsonl", agentnet()[:60], "is not JSON: Unterminated string"),
        ("cut.json", '[{"a": 1}, {"b"', "is not JSON: Expecting ':' delimiter"),
        ("cut.json.gz", packed(b'{"states": []}' * 99)[:30], "is gzip, but the gzip file does not begin with JSON"),
        ("cut.png", picture()[:60], "is a single picture."),
        ("picture.json", picture(), "is a single picture."),
        ("notes.txt", "buy milk", "is text, but no known trace format."),
        ("text.mp4", "not a video\n", "is named like a video, but holds text."),
        ("cut.mp4", '{"OTIO_SCHEMA": "Timeline.1"}', "is an OpenTimelineIO document, but is named 'cut.mp4'."),
        ("slides.bin", b"%PDF-1.7 " + bytes(99), "is a PDF, but is named 'slides.bin'."),
        ("said.srt", "nobody says when", "is named .srt, but does not begin like subtitles."),
        ("table.parquet", b"PAR1" + bytes(40), "is a Parquet table on its own, outside of a LeRobot data set."),
        ("poses.npz", arrays(poses=np.array([{}, None])), "holds Python objects ('poses'), which are never"),
        ("weights.npz", arrays(a=np.zeros(3)), "is a NumPy archive without times: no 'time' or"),
        ("huge.png", announced(60_000, 60_000), "is a picture, but pictures of more than "),
        ("large.png", announced(17_000, 100), "is a picture, but pictures of 17000x100 px are over the limit"),
        (
            "other.json",
            '{"name": "x", "version": 1}',
            "is JSON, but no known trace format (keys of its first object: 'n",
        ),
        ("latin.jsonl", agentnet().encode()[:-3] + b"\xe9}\n", "is not UTF-8: byte 0xe9 at offset"),
        ("utf16.jsonl", agentnet().encode("utf-16"), "is UTF-16 text, not UTF-8."),
        ("bytes.bin", bytes(range(256)) * 9, "is no trace, and not a video that can be opened"),
        ("nan.jsonl", agentnet(t=1).replace('"t": 1', '"t": NaN'), "holds a number that cannot be used: NaN"),
        (
            "inf.jsonl",
            agentnet(t=1).replace('"t": 1', '"t": -Infinity'),
            "holds a number that cannot be used: -Infinity",
        ),
        ("huge.jsonl", agentnet(t=1).replace('"t": 1', '"t": 1e999'), "holds a number that cannot be used: 1e999"),
        ("digits.json", "[" + "9" * 9000 + "]", "holds a number that cannot be used"),
        ("deep.json", "[" * DEEP, "is nested too deeply."),
        ("deep.jsonl", '{"a":' * DEEP + "1" + "}" * DEEP + "\n", "is nested too deeply."),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_is(given: Given, name: str, content: str | bytes, reason: str):
    file = given.write(name, content)
    row = given.rejected(file)
    assert row["reason"].startswith(reason)
    assert row["place"].startswith(str(file))


def test_a_broken_line_costs_only_what_comes_after_it(given: Given):
    broken = '{"task_id": "u", "traj": [{"index": 0, "value": 7}]}\n'
    file = given.write("many.jsonl", agentnet([CLICK]) + agentnet([CLICK, CLICK]) + broken)
    given.run(file)
    assert given.names("samples") == ["good.jsonl", "many.jsonl#0", "many.jsonl#1"]
    (row,) = given.rows("rejected")
    assert row["place"] == f"{file}:3"
    assert row["stream"]["path"] == f"{file}#2"


def test_json_that_is_named_like_a_video_is_read_as_what_it_is(given: Given):
    (sample,) = given.samples(given.write("trace.mp4", agentnet(["pyautogui.click(x=0.2, y=0.2)"])))
    assert sample["stream"]["format"] == "agentnet"


def test_a_long_line_is_refused_at_once_and_in_flat_memory(given: Given):
    file = given.folder / "long.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"task_id": "')
        stream.truncate(300 * 2**20)  # a hole: it takes no room on the disk
        stream.seek(0, os.SEEK_END)
        stream.write(b'"}\n')
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    row = given.rejected(file)
    assert row["stream"]["name"] == "long.jsonl"
    assert time.monotonic() - start < 10
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200


def test_a_long_line_of_letters_names_the_limit(given: Given):
    file = given.folder / "long.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"task_id": "')
        for _ in range(150):
            stream.write(b"a" * 2**20)
    row = given.rejected(file)
    assert row["reason"] == "has 157,286,413 bytes, the limit is 134,217,728."
    assert row["remedy"] == "Split the trace."


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"trace.trace": b"\0" * 2**25}, "unpacks to more than 200 times its size."),
        ({**{f"r/{i}": b"" for i in range(20_001)}, "a.trace": ""}, "has 20,002 members, the limit is 20,000."),
        ({"trace.trace": "{}", "../../evil": "x"}, "holds '../../evil', a path outside the archive."),
        ({"trace.trace": "{}", "/etc/evil": "x"}, "holds '/etc/evil', a path outside the archive."),
        ({"trace.trace": "{}", "C:\\evil": "x"}, "holds 'C:\\\\evil', a path outside the archive."),
        ({"a.txt": "x"}, "the archive is no Playwright trace: no member's name ends in .trace (it holds 'a.txt')."),
        ({"trace.trace": ""}, "holds no user action: the trace is empty."),
        ({"trace.trace": '{"type": "before"}'}, "has no 'startTime'."),
        ({"trace.trace": "\xff".encode("latin-1")}, "is not UTF-8: byte 0xff at offset 0."),
        (
            {"trace.trace": playwright("getAttribute", "isVisible", "isVisible")},
            "holds no user action; its calls only look or check: locator.getAttribute (1), locator.isVisible (2).",
        ),
    ],
    ids=["ratio", "count", "up", "absolute", "drive", "other", "empty", "broken", "latin", "queries"],
)
def test_archives(given: Given, members: dict[str, str | bytes], reason: str):
    file = archive(given.folder / "trace.zip", members)
    row = given.rejected(file)
    assert row["reason"] == reason
    assert row["place"].startswith(str(file))
    assert not list(given.folder.parent.rglob("evil"))


def test_a_truncated_archive(given: Given):
    whole = archive(given.folder / "whole.zip", {"trace.trace": playwright("click")}).read_bytes()
    row = given.rejected(given.write("cut.zip", whole[: len(whole) // 2]))
    assert row["reason"].startswith("is not a whole zip file")


def test_a_pipe_is_not_waited_for(given: Given):
    os.mkfifo(given.folder / "pipe.jsonl")
    row = given.rejected(given.folder / "pipe.jsonl")
    assert row["reason"] == "is not a regular file."


def test_a_video_alone_is_told_what_is_missing(given: Given):
    row = given.rejected(video(given.folder / "alone.mp4"))
    assert row["reason"] == "is a video without input events, which is read by no task of gui."
    assert row["remedy"].startswith("It takes labelled fragments, a GUI trace;")


def test_a_mixed_folder_gives_what_it_holds_and_names_what_is_broken(given: Given):
    given.write("mixed/one.jsonl", agentnet(["pyautogui.click(x=0.1, y=0.1)"]))
    given.write("mixed/cut.jsonl", agentnet()[:40])
    given.write("mixed/README.md", "# notes")
    given.write("mixed/settings.json", "{}")
    given.write("mixed/empty.mp4", b"")
    given.run(given.folder / "mixed")
    samples, rejected = given.names("samples"), given.names("rejected")
    assert samples == ["good.jsonl", "one.jsonl"]
    assert rejected == ["cut.jsonl", "empty.mp4"]


def test_a_missing_path_and_an_empty_folder_do_not_stop_the_others(given: Given):
    (given.folder / "nothing").mkdir()
    given.run(given.folder / "nope.jsonl", given.folder / "nothing", given.folder / "*.xyz")
    reasons = {Path(row["stream"]["path"]).name: row["reason"] for row in given.rows("rejected")}
    assert reasons == {
        "nope.jsonl": "does not exist.",
        "nothing": "the folder is empty.",
        "*.xyz": "does not exist.",
    }
    assert given.names("samples") == ["good.jsonl"]
