"""Real edits, cuts and clips through the whole agent; what must come out was read off the files and seen by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw import tailor
from tests.domains.aigc.streams import SHARED, made

pytestmark = pytest.mark.shared


@pytest.fixture
def aigc() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    return SHARED / "aigc"


def test_a_poster_whose_word_was_replaced(aigc: Path):
    (sample,) = made(f"{aigc}/step1x_edit#9", "edit_instruction").samples
    assert sample["data"]["instruction"]["text"] == "Replace 'TRAIN' with 'PLANE'"
    (operation,) = sample["data"]["operations"]
    seen = (120, 1136, 812, 1290)  # by eye
    assert all(abs(a - b) <= 30 for a, b in zip(operation["region"], seen, strict=True))
    assert 'The text "TRAIN" became "PLANE".' in sample["answer"]
    assert (sample["input_image"], sample["output_image"]) == ([0], [1])


def test_pairs_without_their_pictures_are_rejected_by_name(aigc: Path):
    outcomes = tailor(aigc / "step1x_edit", "editing pairs", domain="aigc", task="edit_instruction")
    reasons = [r["reason"] for outcome in outcomes for r in outcome.rejected]
    assert len(reasons) == 4
    assert all("no before picture" in reason and "000" in reason for reason in reasons)


def test_a_list_whose_time_codes_contradict_each_other(aigc: Path):
    (sample,) = made(aigc / "edl_cmx3600/timecode_mismatch.edl", "edit_plan").samples
    named = {entry["what"].split('"')[1] for entry in sample["left_out"]["named"]}
    assert named == {"sq001_s004", "sq001_s005", "sq001_s009", "sq001_s0010"}
    assert sample["left_out"]["by_reason"] == {"timecodes_disagree": 4}
    assert len([o for o in sample["data"]["operations"] if o["kind"] == "clip"]) == 16


def test_an_edl_and_an_otio_of_one_cut_give_one_plan(aigc: Path):
    (one,) = made(aigc / "edl_cmx3600/screening_example.edl", "edit_plan").samples
    (other,) = made(aigc / "otio_timelines/screening_example.otio", "edit_plan").samples
    plans = [[o for o in s["data"]["operations"] if o["kind"] == "clip"] for s in (one, other)]
    assert [o["name"] for o in plans[0]] == [o["name"] for o in plans[1]]
    for a, b in zip(*plans, strict=True):
        for key in ("record_in", "record_out", "source_in", "source_out"):
            assert a[key] == pytest.approx(b[key], abs=0.5 / 24), (a["name"], key)


def test_a_graph_gives_its_nodes_and_its_prompt(aigc: Path):
    outcome = made(aigc / "comfyui_workflows/flux_kontext_example.png", "edit_instruction")
    (sample,) = outcome.samples
    assert sample["data"]["instruction"]["role"] == "positive"
    assert sample["data"]["instruction"]["text"].startswith("the anime girl with massive fennec ears")
    assert sum(not o["name"].startswith("change ") for o in sample["data"]["operations"]) == 18
    assert (sample["input_image"], sample["output_image"]) == ([0], [1])


def test_a_damaged_clip_is_cut_before_the_damage(aigc: Path):
    (sample,) = made(aigc.parent / "daily/mmaction2_clips/arm_wrestling_demo.mp4", "world_model_transition").samples
    times = {a["frame"]: a["t0"] for a in sample["anchors"].values() if a["kind"] == "frame"}
    assert times[sample["output_video"][1]] < 229 / 28  # the first garbled frame, seen by eye
    assert sample["left_out"]["by_reason"]["garbled"] == 1


def test_a_caption_is_quoted_and_nothing_else_is_claimed(aigc: Path):
    folder = aigc.parent / "daily/mixkit_kitchen"
    captions = json.loads((folder / "captions.json").read_text())["captions"]
    (name,) = [name for name in captions if "kneading" in name]
    (sample,) = made(folder / name, "video_generation_segment").samples
    prompt = sample["data"]["prompt"]["text"]
    assert prompt.startswith(f'"{captions[name]}"')
    assert "baker" not in prompt.replace(captions[name], "")


def test_a_clip_is_written_frame_by_frame(aigc: Path, tmp_path: Path):
    clip = aigc.parent / "daily/mmaction2_clips/test.avi"
    options = {"domain": "aigc", "task": "world_model_transition"}
    (outcome,) = tailor(clip, "what happens next", out=tmp_path, **options)
    (sample,) = outcome.samples
    records = [json.loads(line) for line in (tmp_path / "artifacts.jsonl").read_text().splitlines()]
    by_role = {record["role"]: record for record in records if record["kind"] == "video"}
    for role in ("input_video", "output_video"):
        start, end = by_role[role]["span"]
        assert by_role[role]["frames"] == round((end - start) * 25) + 1
        assert [by_role[role]["start"], by_role[role]["end"]] == sample[role]
