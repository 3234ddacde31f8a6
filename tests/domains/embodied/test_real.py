"""Every kind of real source through every task: samples, or the right reason why there is none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor
from dataclaw.plugins import load_domain

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="no sample data")]

FAULT, DESCRIBE, NEXT, TEACH, LIST = (
    "fault_recovery",
    "describe_subtask",
    "predict_next_primary_subtask",
    "interleaved_tutorial",
    "action_trajectory",
)
USES = [use.declared for task in load_domain("embodied").tasks.values() for use in task.rubric.uses]
WORTH = {use.rule for use in USES if use.term == "worth"}
NO_PICTURES = {FAULT: "shown in pictures", TEACH: "needs pictures"}

PICTURES = dict.fromkeys((NEXT, TEACH), "cannot be told from pictures alone")
NO_GRASP = {TEACH: "the recording ends before anything is grasped"}
ONE_SUBTASK = {NEXT: "one subtask from beginning to end"}
SOURCES: dict[str, dict[str, str]] = {
    "embodied/unitree_g1_lerobot_v21#0": {},
    "embodied/unitree_g1_lerobot_v21#1": {},
    "embodied/bridge_rlds_debug/1.0.0#4": {FAULT: "too short for a fault and its recovery: 10 frames"} | NO_GRASP,
    "embodied/robosuite_hdf5/SawyerLift/demo.hdf5#1": NO_PICTURES,
    "embodied/robosuite_hdf5/PandaWipe_v1.0/demo.hdf5": NO_PICTURES | ONE_SUBTASK,
    "embodied/evo_trajectories/freiburg1_xyz-groundtruth.txt": NO_PICTURES | ONE_SUBTASK,
    "embodied/evo_trajectories/tf_example": NO_PICTURES | ONE_SUBTASK,
    "embodied/rosbag1_tilt_laser/tilt_laser.bag": NO_PICTURES
    | {NEXT: "cannot be told", TEACH: "cannot be told"}
    | {LIST: "nothing moves in /tf:/tilt_axis./camera"},
    "paper_cases/embodied_recovery": PICTURES | {LIST: "a plain recording has no recorded states or actions"},
}


@cache
def made(source: str, task: str) -> tuple[dict[str, Any] | None, str]:
    """The sample, or None and the reason."""
    (outcome,) = tailor(str(DATA / source), "make training data of this robot", domain="embodied", task=task)
    return (outcome.samples[0], "") if outcome.samples else (None, outcome.rejected[0]["reason"])


@pytest.mark.parametrize("task", [FAULT, DESCRIBE, NEXT, TEACH, LIST])
@pytest.mark.parametrize("source", list(SOURCES))
def test_a_sample_with_full_marks_or_the_right_reason(source: str, task: str) -> None:
    sample, reason = made(source, task)
    if task in SOURCES[source]:
        assert sample is None
        assert SOURCES[source][task] in reason
        return
    assert sample is not None, reason
    assert all(score in (None, 1.0) for name, score in sample["verdict"]["scores"].items() if name not in WORTH)
    assert sample["evidence"]
    if (DATA / source).name.startswith(("unitree", "1.0.0")) and task != LIST:
        assert "The task is" in sample["question"]


def test_the_papers_case_comes_out_as_in_the_paper() -> None:
    sample, _ = made("paper_cases/embodied_recovery", FAULT)
    assert sample is not None
    assert sample["data"]["family"]["name"] == "hesitation_loop"
    assert sample["question"] == "This is my current situation. What should I do?"
    assert "stuck in a local hesitation loop" in sample["answer"]
    assert (
        "recover to the last better alignment and continue the approach from that corrected state" in sample["answer"]
    )


def test_distances_of_a_camera_are_those_of_its_poses() -> None:
    sample, _ = made("embodied/evo_trajectories/freiburg1_xyz-groundtruth.txt", LIST)
    assert sample is not None
    rows = sample["data"]["segments"]
    for row in rows:
        begin, end = ([v["value"] for v in row[key]["values"]] for key in ("from_state", "to_state"))
        moved = sum((b - a) ** 2 for a, b in zip(begin[:3], end[:3], strict=True)) ** 0.5
        assert row["moved"] == pytest.approx(moved, abs=0.03)
    strokes = [row["direction"] for row in rows if row["moved"] > 0.3]
    assert strokes[:6] == ["-z and -x", "+z and +x", "-z and -x", "+z and +x", "-z and -x", "+z and +x"]
