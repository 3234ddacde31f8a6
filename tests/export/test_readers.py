"""Programs that read what is no training table: agents' trajectories, shards, boxes, timelines, clips with prompts."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from dataclaw import tailor
from dataclaw.export.coordinates import Coordinates
from dataclaw.export.example import Medium
from dataclaw.export.formats.base import ExportTarget
from dataclaw.export.formats.generation import Wan, cut_to_blocks
from dataclaw.export.store import MediaStore
from dataclaw.streams import open_stream
from dataclaw.streams.clips import write_clip
from tests.export.conftest import ACTIONS, Exporter, lines, samples
from tests.export.recordings import CLICKS, SCREEN, TYPED


def test_an_agentnet_export_is_a_recording_again(export: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    folder = export("agentnet")
    (task,) = lines(folder / "train.jsonl")
    assert len(task["traj"]) == len(CLICKS) + 2
    stream = open_stream(str(folder / "train.jsonl"))
    assert [event.kind for event in stream.events][:4] == ["click", "write", "click", "click"]
    assert stream.frames is not None
    clicks = [event for event in stream.events if event.kind == "click"]
    for event, (_, _, box) in zip(clicks, CLICKS, strict=True):
        assert event.point is not None
        assert box[0] <= event.point[0] <= box[2]
        assert box[1] <= event.point[1] <= box[3]
    (outcome,) = tailor(str(folder / "train.jsonl"), ACTIONS, domain="gui", task="action_sequence")
    (sample,) = outcome.samples
    assert TYPED in [action.get("text") for action in sample["answer"]["actions"]]


def test_atif_takes_every_trajectory(export: Exporter):
    atif = pytest.importorskip("atif")
    files = sorted((export("atif") / "train").glob("*.json"))
    assert len(files) == 4
    told = {file: atif.Trajectory.model_validate_json(file.read_text()) for file in files}
    assert {len(trajectory.steps) for trajectory in told.values()} >= {2, len(CLICKS) + 3}
    for file in files:
        for path in paths_in(json.loads(file.read_text())):
            assert (file.parent / path).resolve().is_file()


def paths_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["path"]] if isinstance(value.get("path"), str) else []
        return own + [path for entry in value.values() for path in paths_in(entry)]
    return [path for entry in value for path in paths_in(entry)] if isinstance(value, list) else []


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_shards_are_read_by_webdataset(export: Exporter):
    webdataset = pytest.importorskip("webdataset")
    shards = sorted(export("webdataset").glob("train-*.tar"))
    rows = [*webdataset.WebDataset([str(shard) for shard in shards], shardshuffle=False).decode("pil")]
    assert len(rows) == 8
    for row in rows:
        tags = "".join(message["content"] for message in row["json"]["messages"])
        for kind, ending in (("image", "jpg"), ("video", "mp4")):
            members = [name for name in row if name.startswith(kind) and name.endswith(ending)]
            assert members == [f"{kind}{number}.{ending}" for number in range(tags.count(f"<{kind}>"))]
    assert rows[0]["image0.jpg"].size == SCREEN
    shown = webdataset.WebDataset([str(shard) for shard in shards], shardshuffle=False).decode("pil")
    batches = [*shown.select(lambda row: "image0.jpg" in row).to_tuple("image0.jpg", "json").batched(4)]
    assert sum(len(pictures) for pictures, _ in batches) == 6


def test_coco_reads_the_boxes(export: Exporter, runs: dict[str, Path]):
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    folder = export("coco", "actions")
    read = coco.COCO(str(folder / "train.json"))
    assert {kind["name"] for kind in read.loadCats(read.getCatIds())} >= {"event"}
    (sample,) = samples(runs["actions"])
    boxes = {tuple(anchor["box"]) for anchor in sample["anchors"].values() if anchor.get("box")}
    found = read.loadAnns(read.getAnnIds())
    assert {(x, y, x + w, y + h) for x, y, w, h in (entry["bbox"] for entry in found)} == boxes
    for image in read.loadImgs(read.getImgIds()):
        assert (folder / image["file_name"]).is_file()
        assert (image["width"], image["height"]) == SCREEN
        assert read.getAnnIds(imgIds=image["id"])
    same = read.loadRes([{**entry, "score": 1.0} for entry in found])
    judged = evaluation.COCOeval(read, same, "bbox")
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == pytest.approx(1.0)


def test_a_timeline_holds_the_cut(export: Exporter, runs: dict[str, Path]):
    otio = pytest.importorskip("opentimelineio")
    (file,) = (export("otio") / "train").glob("*.otio")
    timeline = otio.adapters.read_from_file(str(file))
    (sample,) = samples(runs["cut"])
    planned = [entry for entry in sample["data"]["operations"] if entry["kind"] == "clip"]
    placed = [
        (clip.name, round(clip.range_in_parent().start_time.to_seconds(), 2), round(clip.duration().to_seconds(), 2))
        for clip in timeline.find_clips()
    ]
    wanted = [
        (entry["name"], round(entry["record_in"], 2), round(entry["record_out"] - entry["record_in"], 2))
        for entry in planned
    ]
    assert sorted(placed) == sorted(wanted)
    transitions = [entry for entry in sample["data"]["operations"] if entry["kind"] == "transition"]
    assert len(timeline.find_children(descended_from_type=otio.schema.Transition)) == len(transitions)
    assert open_stream(str(file)).kind == "timeline"


def test_clips_for_video_models_have_4n_and_1_frames(export: Exporter):
    folder = export("diffsynth", "film")
    (file,) = folder.glob("metadata_train_video.csv")
    with file.open(newline="") as table:
        (row,) = csv.DictReader(table)
    assert row["prompt"].startswith("A yellow square")
    with av.open(str(folder / row["video"])) as container:
        assert sum(1 for _ in container.decode(video=0)) % 4 == 1


def test_clips_for_wan_are_480_by_832_and_have_up_to_81_frames(export: Exporter):
    folder = export("wan", "film", "actions")
    with (folder / "metadata_train_video.csv").open(newline="") as table:
        (row,) = csv.DictReader(table)
    assert set(row) == {"id", "video", "prompt"}, "what the trainer of Wan reads, and whose row it is"
    with av.open(str(folder / row["video"])) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert {picture.shape for picture in pictures} == {(480, 832, 3)}
    assert len(pictures) % 4 == 1
    assert len(pictures) > 1
    assert any("no clip" in entry["why"] for entry in lines(folder / "left_out.jsonl")), "actions are no clip"


@pytest.mark.parametrize(("frames", "kept"), [(1, 1), (4, 1), (5, 5), (80, 77), (81, 81), (300, 81)])
def test_frames_of_a_clip_that_wan_keeps(frames: int, kept: int):
    assert Wan.clip_shape.frames(frames) == kept


def test_a_clip_is_cut_from_its_middle_and_not_stretched(tmp_path: Path):
    picture = np.zeros((300, 300, 3), np.uint8)
    picture[:60], picture[240:], picture[:, :150, 2] = (255, 0, 0), (255, 0, 0), 255  # red edges fall away
    file = tmp_path / "square.mp4"
    count = write_clip([picture] * 90, 30, file)
    medium = Medium(file, "video", "0" * 64, (300, 300), rate=30.0, frames=count)
    target = ExportTarget(tmp_path, MediaStore(tmp_path), Coordinates("thousandths", 0))
    made = cut_to_blocks(medium, target, Wan.clip_shape)
    assert made
    with av.open(str(made)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert (len(pictures), pictures[0].shape) == (81, (480, 832, 3))
    assert pictures[0][..., 0].max() < 60, "no red is left"
    assert pictures[0][240, 200, 2] > 200 > 60 > pictures[0][240, 632, 2]


@pytest.mark.timeout(600)
def test_diffsynth_loads_clips_and_prompts(export: Exporter, tmp_path: Path):
    python = os.environ.get("DATACLAW_DIFFSYNTH_PYTHON")
    if not python:
        pytest.skip("DATACLAW_DIFFSYNTH_PYTHON names no Python that has it")
    folder = export("diffsynth", "film")
    (file,) = folder.glob("metadata_train_video.csv")
    reader = Path(__file__).parent / "read_diffsynth.py"
    done = subprocess.run([python, str(reader), str(folder), str(file)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    (row,) = json.loads(done.stdout.splitlines()[-1])
    assert row["frames"] % 4 == 1
    assert row["frames"] > 1
    assert row["prompt"].startswith("A yellow square")


@pytest.mark.timeout(600)
def test_diffsynth_loads_what_is_written_for_wan_as_its_training_script_does(export: Exporter, tmp_path: Path):
    python = os.environ.get("DATACLAW_DIFFSYNTH_PYTHON")
    if not python:
        pytest.skip("DATACLAW_DIFFSYNTH_PYTHON names no Python that has it")
    folder = export("wan", "film", "actions")
    reader = str(Path(__file__).parent / "read_diffsynth.py")
    command = [python, reader, str(folder), str(folder / "metadata_train_video.csv"), "832", "480", "81"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    (row,) = json.loads(done.stdout.splitlines()[-1])
    with (folder / "metadata_train_video.csv").open(newline="") as table:
        (written,) = csv.DictReader(table)
    with av.open(str(folder / written["video"])) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert row == {"frames": frames, "size": [832, 480], "prompt": written["prompt"]}
