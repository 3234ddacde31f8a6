from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
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
