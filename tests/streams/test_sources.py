from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from dataclaw.streams.sources import survey
from tests.streams.conftest import write_picture, write_video
from tests.streams.test_gui import write_tasks


def tree(root: Path) -> None:
    """Two videos, a trace with its pictures, a folder of pictures, fragments, and side files."""
    for name in ("a", "day/b", "parts/fragment-a", "parts/fragment_b"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_video(root / f"{name}.mp4", range(5))
    (root / "trace").mkdir()
    write_tasks(root / "trace" / "tasks.jsonl", 1)
    write_picture(root / "trace" / "images" / "more.png")
    for k in range(3):
        write_picture(root / "shots" / f"{k}.jpg", k)
    (root / "day" / "notes.txt").write_text("bought milk")
    (root / "day" / "data.json").write_text('{"nothing": "of ours"}')
    write_picture(root / "day" / "cover.png")
    write_picture(root / "day" / "back.png")


def test_a_folder_of_many_things_gives_its_streams(tmp_path: Path) -> None:
    tree(tmp_path)
    names = [str(Path(str(root)).relative_to(tmp_path)) for root in discover([tmp_path])]
    assert sorted(names) == ["a.mp4", "day/b.mp4", "parts", "shots", "trace/tasks.jsonl"]


def test_each_is_listed_once_in_the_order_asked_for(tmp_path: Path) -> None:
    tree(tmp_path)
    video = tmp_path / "day" / "b.mp4"
    assert discover([video, tmp_path / "a.mp4", str(video)]) == [video, tmp_path / "a.mp4"]


def test_patterns_are_expanded(tmp_path: Path) -> None:
    tree(tmp_path)
    assert discover([f"{tmp_path}/**/*.mp4"])[0] == tmp_path / "a.mp4"
    assert discover([f"{tmp_path}/day/*"]) == [tmp_path / "day" / "b.mp4"]


def test_what_is_named_like_a_recording_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"")
    assert discover([tmp_path]) == [tmp_path / "broken.mp4"]


def test_what_is_named_like_a_stream_and_cannot_be_read_is_rejected_aloud(tmp_path: Path) -> None:
    for name in ("a.srt", "b.pdf", "c.parquet", "d.hdf5", "e.bag", "f.mcap", "g.npz", "h.otio", "i.vtt"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / f"x{name}").write_bytes(b"nothing of the kind")
    np.savez(tmp_path / "pickled.npz", poses=np.array([{}, None], dtype=object))
    for name in ("notes.txt", "readme.md", "other.json", "table.csv", "data.xml"):
        (tmp_path / name).write_text('{"of": "others"}')
    found = {Path(str(root)).name for root in discover([tmp_path])}
    assert found == {f"{x}{name}" for x in ("", "x") for name in
                     ("a.srt", "b.pdf", "c.parquet", "d.hdf5", "e.bag", "f.mcap", "g.npz", "h.otio", "i.vtt")} | {
        "pickled.npz"}  # fmt: skip
    for root in discover([tmp_path]):
        with pytest.raises(StreamError) as caught:
            open_stream(root)
        assert "trace" not in f"{caught.value.message} {caught.value.remedy}"
        assert caught.value.remedy


def test_what_is_passed_over_although_it_may_be_meant_is_told(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", range(3))
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    np.savez(tmp_path / "weights.npz", layer=np.zeros(3))
    deep = tmp_path / "/".join(str(k) for k in range(17))
    deep.mkdir(parents=True)
    write_video(deep / "deep.mp4", range(3))
    seen = survey([tmp_path])
    assert list(seen.roots) == [tmp_path / "a.mp4"]
    assert seen.sentences() == [
        "left out 1 file (is a NumPy archive without times: no 'time' or 'fps' among its arrays ('layer')): "
        f"{tmp_path / 'weights.npz'}",
        f"left out 1 folder (more than 16 folders deep; name them themselves): {deep}",
    ]
    (tmp_path / "a.mp4").unlink()
    (tmp_path / "a.srt").unlink()
    with pytest.raises(StreamError, match="no stream in it; left out 1 file"):
        discover([tmp_path])


def test_a_named_file_is_a_root_whatever_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"?")
    assert discover([tmp_path / "x.bin"]) == [tmp_path / "x.bin"]


@pytest.mark.parametrize("path", ["missing", "missing/*.mp4", "a\0b", "missing.jsonl#2"])
def test_nothing_there_is_an_error_with_a_remedy(path: str) -> None:
    with pytest.raises(StreamError) as caught:
        discover([path])
    assert caught.value.remedy


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write_video(tmp_path / "outside.mp4", range(3))
    inside = tmp_path / "inside"
    inside.mkdir()
    write_video(inside / "own.mp4", range(3))
    (inside / "link.mp4").symlink_to(tmp_path / "outside.mp4")
    (inside / "loop").symlink_to(inside, target_is_directory=True)
    (inside / "circle.mp4").symlink_to("circle.mp4")
    found = discover([inside])
    assert inside / "own.mp4" in found
    assert inside / "link.mp4" not in found
    assert inside / "circle.mp4" not in found


@pytest.mark.parametrize("path", ["a" * 300, "b/" * 3000, "\ud800", "a\0b", f"{'a' * 300}#3"])
def test_what_no_file_system_can_hold_is_no_path(path: str) -> None:
    with pytest.raises(StreamError, match="not a path") as caught:
        discover([path])
    assert len(str(caught.value)) < 500
    with pytest.raises(StreamError, match="does not exist") as caught:
        open_stream(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["a" * 300 + ".mp4", "\ud800.mp4", ".", "b/" * 3000])
def test_a_manifest_that_names_an_impossible_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "fragments.json").write_text(json.dumps({"fragments": {"A": name}}))
    with pytest.raises(StreamError, match="fragment") as caught:
        open_stream(tmp_path)
    assert len(str(caught.value)) < 800


def test_a_source_says_where_it_is(tmp_path: Path) -> None:
    assert str(Source(Path("a/b.jsonl"), 3)) == "a/b.jsonl#3"


def test_a_number_in_a_folder_that_no_format_knows_is_refused_with_its_reasons(tmp_path: Path):
    """The folder above a data set was named, with a number: this ended as an internal error."""
    (tmp_path / "outer" / "1.0.0").mkdir(parents=True)
    with pytest.raises(StreamError, match="no format recognises this file"):
        open_stream(f"{tmp_path / 'outer'}#3")
