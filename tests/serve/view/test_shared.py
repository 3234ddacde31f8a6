"""Real recordings of strangers: every sample is made anew of its own draft exactly, and its recording is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw import tailor
from dataclaw.run.rescore import Rescorer
from dataclaw.serve.view.open_run import OpenRun
from tests.streams.conftest import SHARED

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")]

RUNS = {
    "daily/mmaction2_clips/arm_wrestling_demo.mp4": ("daily", "temporal_qa", "how long things last"),
    "embodied/unitree_g1_lerobot_v21": ("embodied", "fault_recovery", "everything"),
    "education/lecture_slides_frames_v3": ("education", "interleaved_lesson", "everything"),
    "aigc/edl_cmx3600/dissolve_test.edl": ("aigc", "edit_plan", "every cut"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_real_sample_is_shown_and_made_anew(name: str, tmp_path: Path):
    domain, task, intent = RUNS[name]
    tailor(str(SHARED / name), intent, domain=domain, task=task, out=tmp_path / "run")
    run = OpenRun.at(tmp_path / "run", tmp_path / "cache", Rescorer(), [SHARED])
    run.refresh()
    samples = [json.loads(line) for line in (tmp_path / "run" / "samples.jsonl").read_text("utf-8").splitlines()]
    assert samples
    for sample in samples:
        form = run.form(sample["id"])
        assert run.revise(sample["id"], form["draft"]) == sample
        shown = run.detail(sample["id"])
        assert shown["cited"]
        assert shown["pictures"] or shown["lines"]
        assert all(picture["fate"] == "shown" for picture in shown["pictures"].values())
        assert all(run.media_file(clip["path"]) for clip in shown["clips"])
        assert ("rate" in run.recording(sample["id"])) == name.endswith(".mp4")
    run.index.close()
