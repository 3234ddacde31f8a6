"""Links out of a stranger's folder are not followed, whichever file of a data set they stand for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream
from dataclaw.streams.files import is_beside
from tests.streams.conftest import write_picture, write_video

SAID = json.dumps([["Hello there.", 0.0, 2.0], ["Goodbye.", 2.0, 4.0]])


def moved_out(file: Path, out: Path) -> None:
    """Lay a file elsewhere, with a link to it in its place."""
    out.mkdir(exist_ok=True)
    file.rename(out / file.name)
    file.symlink_to(out / file.name)


def lesson(folder: Path) -> Path:
    (folder / "english").mkdir(parents=True)
    (folder / "english" / "sentence_timings.json").write_text(SAID)
    return folder


@pytest.mark.parametrize("inner", ["english", "english/sentence_timings.json"])
def test_a_folder_with_a_link_out_of_it_is_refused(tmp_path: Path, inner: str) -> None:
    folder = lesson(tmp_path / "talk")
    assert len(open_stream(folder).events) == 2
    moved_out(folder / inner, tmp_path / "out")
    (folder / "new").touch()  # the folder's time tells that something in it is new
    with pytest.raises(StreamError, match=f"link that leads out of it, '{inner}'.*cp -rL"):
        open_stream(folder)


def test_links_within_the_folder_and_hidden_ones_are_no_matter(tmp_path: Path) -> None:
    folder = lesson(tmp_path / "talk")
    (folder / "copy.json").symlink_to("english/sentence_timings.json")
    (folder / ".cache").symlink_to(tmp_path)
    assert len(open_stream(folder).events) == 2


def test_pictures_that_are_links_out_are_refused(tmp_path: Path) -> None:
    for k in range(3):
        write_picture(tmp_path / "shots" / f"{k}.png", k)
    moved_out(tmp_path / "shots" / "1.png", tmp_path / "out")
    with pytest.raises(StreamError, match=r"link that leads out of it, '1\.png'"):
        open_stream(tmp_path / "shots")


def test_a_caption_file_that_is_a_link_out_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    write_video(folder / "a.mp4")
    (folder / "captions.json").write_text(json.dumps({"a.mp4": "a secret"}))
    assert open_stream(folder / "a.mp4").events
    moved_out(folder / "captions.json", tmp_path / "out")
    assert not open_stream(folder / "a.mp4").events


def test_subtitles_that_are_a_link_out_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    write_video(folder / "a.mp4")
    (folder / "a.srt").write_text("1\n00:00:00,000 --> 00:00:00,200\na secret\n")
    assert open_stream(folder / "a.mp4").events
    moved_out(folder / "a.srt", tmp_path / "out")
    assert not open_stream(folder / "a.mp4").events


def test_a_manifest_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    write_video(folder / "a.mp4")
    (folder / "case.json").write_text(json.dumps({"inputs": {"A": "a.mp4"}}))
    assert open_stream(folder).frames
    moved_out(folder / "case.json", tmp_path / "out")
    with pytest.raises(StreamError, match="link that leads out"):
        open_stream(discover([folder])[0])


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert not is_beside(tmp_path / "a")
