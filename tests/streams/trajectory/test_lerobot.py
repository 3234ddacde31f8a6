from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling, ranges
from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import Source, discover
from dataclaw.streams.trajectory.files import fill_template
from dataclaw.streams.trajectory.lerobot import V2, V3
from dataclaw.types import Footage
from tests.streams.trajectory import builders


def edit(root: Path, **more: object) -> None:
    file = root / "meta" / "info.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **more}))


def test_an_episode_of_v2_has_its_numbers_frames_and_words(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d")
    assert discover([root]) == [Source(root, 0), Source(root, 1)]
    stream = open_stream(Source(root, 1))
    assert stream.format == "lerobot_v2"
    assert stream.series["action"].columns == ("joint", "wrist", "gripper")
    assert stream.series["action"].values[:, 0].tolist() == [float(k + 1) for k in range(8)]
    assert [(e.kind, e.text, e.t0) for e in stream.events] == [("instruction", "reach", 0.0)]
    assert stream.meta["camera"] == "observation.images.front"
    assert stream.meta["roles"]["gripper"] == [["observation.state", "gripper"], ["action", "gripper"]]
    assert "next.reward" not in stream.series
    assert stream.annotations["next.reward"] == {"last": 1.0, "sum": 1.0}
    assert stream.duration == pytest.approx(0.8)
    assert not stream.problems


def test_tasks_that_change_are_several_instructions(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    builders.table(root / "data/chunk-000/episode_000000.parquet", builders.rows(0, 6, [0, 0, 0, 1, 1, 1]))
    events = open_stream(root).events
    assert [(e.text, round(e.t0, 3), round(e.t1, 3)) for e in events] == [("reach", 0, 0.2), ("grasp", 0.3, 0.5)]


def test_episodes_of_v3_are_spans_of_shared_files(tmp_path: Path) -> None:
    root = builders.lerobot_v3(tmp_path / "d")
    assert V3.claims(root)
    assert not V2.claims(root)
    assert V3.count(root) == 3
    for index, (start, length, text) in enumerate([(0, 12, "reach"), (12, 8, "grasp"), (20, 6, "reach")]):
        stream = open_stream(Source(root, index))
        assert len(stream.series["action"].times) == length
        assert (stream.series["action"].values[:, 1] == index).all()
        assert [e.text for e in stream.events] == [text]
        assert isinstance(stream.frames, Footage)
        assert np.allclose(stream.frames.times, np.arange(length) / builders.FPS, atol=1e-6)
        shades = [int(p.mean()) for p in stream.frames.read(list(range(length)))]
        assert np.allclose(shades, [8 * (start + k) for k in range(length)], atol=4)
        assert len(list(stream.frames.clip(0, 99))) == length
        assert "'observation.images.wrist'" not in "".join(stream.problems)
    assert len({open_stream(Source(root, k)).id for k in range(3)}) == 3


def test_a_span_is_sampled_within_its_limit_and_clips_have_every_frame(tmp_path: Path) -> None:
    root = builders.lerobot_v3(tmp_path / "d", [12, 8])
    frames = open_stream(Source(root, 0), sampling=Sampling(max_frames=4)).frames
    assert isinstance(frames, Footage)
    assert [round(t, 3) for t in frames.times] == [0.0, 0.4, 0.7, 1.1]
    assert len(list(frames.clip(0.0, 1.1))) == 12


def test_absent_episodes_and_cameras_are_named(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6, 6, 6])
    (root / "data/chunk-000/episode_000001.parquet").unlink()
    shutil.rmtree(root / "videos/chunk-000/observation.images.front")
    assert V2.count(root) == 2
    stream = open_stream(Source(root, 1))
    assert stream.meta["episode"] == 2
    assert "1 of 3 listed episodes are not there (1); left out." in stream.problems
    assert "The video of camera 'observation.images.front' is not there; left out." in stream.problems
    assert stream.meta["camera"] == "observation.images.wrist"


def test_no_episode_there_says_to_download(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    shutil.rmtree(root / "data")
    with pytest.raises(StreamError, match=r"none of its 1 episodes is there\. Download"):
        open_stream(root)


def test_a_table_without_actions_opens_and_says_so(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    columns = builders.rows(0, 6)
    del columns["action"]
    builders.table(root / "data/chunk-000/episode_000000.parquet", columns)
    stream = open_stream(root)
    assert stream.meta["roles"]["action"] == []
    assert "There is no action column: what was commanded is not known, only what was measured." in stream.problems
    assert "The table has no column 'action', which info.json lists; left out." in stream.problems


def test_repeated_and_jumping_times_and_numbers_that_are_none(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    columns = builders.rows(0, 6)
    columns["timestamp"] = [0.0, 0.1, 0.1, 90_000.0, 90_000.1, float("nan")]
    columns["action"][1] = [float("inf"), 0.0, 0.0]
    builders.table(root / "data/chunk-000/episode_000000.parquet", columns)
    stream = open_stream(root)
    assert np.allclose(stream.series["action"].times, [0, 0.1, 0.2, 0.3], atol=1e-3)
    assert np.isnan(stream.series["action"].values[1, 0])
    said = " ".join(stream.problems)
    assert "1 row(s) have a time that is no number" in said
    assert "1 row(s) are not later than the row before them" in said
    assert "The clock jumps by +89999.9 s at 0.10 s" in said
    assert "1 of 4 rows of 'action' hold NaN or infinite numbers" in said


@pytest.mark.parametrize("keep", [0, 4, 100, -20])
def test_a_truncated_table_is_refused(tmp_path: Path, keep: int) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    file = root / "data/chunk-000/episode_000000.parquet"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(StreamError, match=r"parquet table cannot be read.*Copy the file again") as error:
        open_stream(root)
    assert error.value.place == str(file)


def test_a_table_whose_columns_have_no_names_is_refused(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    file = root / "data/chunk-000/episode_000000.parquet"
    file.write_bytes(file.read_bytes().replace(b"timestamp", b"time\xfftamp"))
    with pytest.raises(StreamError, match="parquet table cannot be read"):
        open_stream(root)


def test_a_truncated_video_gives_what_can_be_shown(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [40])
    builders.video(root / "videos/chunk-000/observation.images.front/episode_000000.mp4", [5] * 25)
    stream = open_stream(root)
    assert stream.frames
    assert len(stream.frames.times) == 25
    assert "The video ends 1.50 s before the table does." in stream.problems


def test_a_video_cut_off_in_the_middle_of_its_bytes_is_refused_or_shortened(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [20])
    file = root / "videos/chunk-000/observation.images.front/episode_000000.mp4"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(StreamError):
        open_stream(root)


@pytest.mark.parametrize(
    "template",
    [
        "../{episode_index:06d}.parquet",
        "/etc/{episode_index:06d}",
        "data/{episode_index.__class__}",
        "data/{episode_index:0999999999d}",
        "data/{video_key!r}",
        "data/{nothing}",
        "data/\0",
    ],
)
def test_a_path_template_stays_in_the_folder_and_is_not_run(tmp_path: Path, template: str) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    edit(root, data_path=template)
    assert V2.count(root) == 1
    with pytest.raises(StreamError, match=r"not a file inside its folder|path template"):
        open_stream(root)


def test_a_camera_name_is_no_way_out(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    edit(root, features={**builders.FEATURES, "../../../x": {"dtype": "video", "shape": [4, 4, 3]}})
    with pytest.raises(StreamError, match="not a file inside its folder"):
        open_stream(root)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    file = root / "data/chunk-000/episode_000000.parquet"
    shutil.move(file, tmp_path / "outside.parquet")
    file.symlink_to(tmp_path / "outside.parquet")
    with pytest.raises(StreamError, match="links resolved"):
        open_stream(root)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("info.json", b'{"codebase_version": "v2.1",', "not JSON"),
        ("info.json", b'{"codebase_version": "v2.1", "fps": 0}', "fps is 0"),
        ("info.json", b'{"codebase_version": "v2.1", "fps": 10}', "nothing of its features"),
        ("info.json", b'{"codebase_version": "v2.1"}' + b"[" * 100_000, "not JSON"),
        ("episodes.jsonl", b"[1]\n", "not a JSON object"),
        ("episodes.jsonl", b'{"episode_index": -1}\n', "numbered -1"),
        ("episodes.jsonl", b'{"a": "' + b"x" * 2**20 + b'"}\n', "longer than"),
    ],
)
def test_broken_metadata_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    (root / "meta" / name).write_bytes(content)
    assert V2.count(root) == 1
    with pytest.raises(StreamError, match=message):
        open_stream(root)


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    columns = builders.rows(0, 6)
    columns["action"] = [[1.0, 2.0]] * 6
    builders.table(root / "data/chunk-000/episode_000000.parquet", columns)
    with pytest.raises(StreamError, match="'action' does not hold 3 numbers a row"):
        open_stream(root)


@given(st.text(max_size=60))
def test_a_template_is_filled_or_refused(template: str) -> None:
    try:
        text = fill_template(template, {"episode_index": 7, "video_key": "front"})
    except StreamError:
        assert "{" in template or "}" in template
    else:
        assert "{" not in text
        assert len(text) < 10_000


def test_ranges_are_short() -> None:
    assert ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"
    assert ranges(list(range(0, 100, 2))) == "0, 2, 4, 6, 8, 10, ..."


def test_without_a_list_of_tasks_the_episode_says_its_own(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [6])
    (root / "meta" / "tasks.jsonl").unlink()
    (event,) = open_stream(root).events
    assert (event.text, event.t0, round(event.t1, 3)) == ("reach", 0.0, 0.5)


def test_labelled_subtasks_are_ground_truth_and_no_evidence(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [4])
    (root / "meta" / "subtasks.jsonl").write_text(
        '{"subtask_index": 0, "subtask": "approach"}\n{"subtask_index": 1, "subtask": "close"}\n'
    )
    builders.table(
        root / "data/chunk-000/episode_000000.parquet", {**builders.rows(0, 4), "subtask_index": [0, 0, 1, 1]}
    )
    stream = open_stream(root)
    labels = [(label["text"], round(label["t0"], 3), round(label["t1"], 3)) for label in stream.annotations["subtasks"]]
    assert labels == [("approach", 0.0, 0.1), ("close", 0.2, 0.3)]
    assert [event.text for event in stream.events] == ["reach"]
    assert "subtask_index" not in stream.series


def test_another_version_says_to_convert(tmp_path: Path) -> None:
    root = builders.lerobot_v2(tmp_path / "d", [4])
    edit(root, codebase_version="v1.6")
    assert discover([root]) == [root]
    with pytest.raises(StreamError, match=r"version 'v1\.6'.*Convert it to v2\.1 or v3\.0"):
        open_stream(root)
