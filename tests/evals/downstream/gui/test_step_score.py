"""Scores of steps, against cases worked out by hand and the public scorer's own behaviour."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.downstream.gui.predictions import score_predictions
from dataclaw.evals.downstream.gui.step_score import CLEAN, PUBLIC, StepAction, StepScorer, read_reference

BOX = (0.4, 0.4, 0.2, 0.1)
CLICK = StepAction("click", (0.5, 0.45), boxes=(BOX,))
WRITE = StepAction("write", text="CardPhotoForm")
ENTER = StepAction("press", keys=("enter",))
BENCH = Path(__file__).parents[4] / "../shared/data/gui/agentnetbench_s_a96285eb665bef92"


def click(x: float, y: float) -> StepAction:
    return StepAction("click", (x, y))


@pytest.mark.parametrize("scorer", [CLEAN, PUBLIC])
@pytest.mark.parametrize(
    ("predicted", "reference", "score"),
    [
        ([click(0.41, 0.41)], [CLICK], 1.0),  # in the box
        ([click(0.5, 0.51)], [CLICK], math.exp(-120 * (0.06 - 0.01 * math.sqrt(2)))),  # 0.06 from the point
        ([click(0.5, 0.46)], [StepAction("click", (0.5, 0.45))], 1.0),  # nearly at the point, no box
        ([StepAction("doubleclick", (0.5, 0.45))], [CLICK], 0.0),
        ([StepAction("write", text="cardphotoform")], [WRITE], 1.0),
        ([StepAction("write", text="CardPhoto")], [WRITE], 9 / 13 / 0.8),  # four letters of thirteen are missing
        ([StepAction("write", text="CardPhotoFor")], [WRITE], 1.0),  # 12 of 13 is above 0.8
        ([WRITE], [StepAction("terminate", text="success")], 0.0),
        ([StepAction("terminate", text="success")], [StepAction("terminate", text="success")], 1.0),
        ([StepAction("terminate", text="failure")], [StepAction("terminate", text="success")], 0.0),
        ([CLICK], [CLICK, WRITE], 0.5),  # the second action is missing
        ([], [CLICK], 0.0),
        ([StepAction("write", text="a"), ENTER], [StepAction("write", text="a\n")], 1.0),
        ([StepAction("hotkey", keys=("Ctrl", "V"))], [StepAction("hotkey", keys=("ctrl", "v"))], 1.0),
    ],
)
def test_both_scorers_agree_where_there_is_no_defect(
    scorer: StepScorer, predicted: list[StepAction], reference: list[StepAction], score: float
) -> None:
    assert scorer.score(predicted, [reference]) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("predicted", "reference", "public", "clean"),
    [
        ([StepAction("scroll", amount=5)], [StepAction("scroll", amount=-5)], 1.0, 0.0),
        ([CLICK, WRITE], [CLICK], 1.0, 0.5),
        ([StepAction("middleclick", (0.5, 0.45))], [StepAction("middleclick", (0.5, 0.45))], 0.0, 1.0),
        ([StepAction("press", keys=("down",))], [StepAction("press", keys=("down", "down"))], 1.0, 0.0),
        ([StepAction("hotkey", keys=("v", "ctrl"))], [StepAction("hotkey", keys=("ctrl", "v"))], 1.0, 0.0),
        ([WRITE], [WRITE, ENTER], 1.0, 1.0),  # nine tenths are still above 0.8
    ],
)
def test_the_public_scorer_keeps_its_defects(
    predicted: list[StepAction], reference: list[StepAction], public: float, clean: float
) -> None:
    assert PUBLIC.score(predicted, [reference]) == public
    assert CLEAN.score(predicted, [reference]) == clean


def test_the_best_reference_counts() -> None:
    assert CLEAN.score([click(0.9, 0.9)], [[CLICK], [StepAction("click", (0.9, 0.9))]]) == 1.0


POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))
ACTIONS = st.one_of(
    st.builds(StepAction, st.just("click"), POINTS),
    st.builds(StepAction, st.just("write"), text=st.text(max_size=20)),
    st.builds(StepAction, st.just("press"), keys=st.tuples(st.sampled_from(["a", "enter", "tab"]))),
    st.builds(StepAction, st.just("scroll"), amount=st.sampled_from([-3.0, 3.0])),
)


@given(st.lists(ACTIONS, max_size=4), st.lists(ACTIONS, min_size=1, max_size=4))
def test_a_score_is_a_share_and_what_is_right_is_right(
    predicted: list[StepAction], reference: list[StepAction]
) -> None:
    for scorer in (CLEAN, PUBLIC):
        assert 0.0 <= scorer.score(predicted, [reference]) <= 1.0
        assert scorer.score(reference, [reference]) == pytest.approx(1.0)
    assert CLEAN.score([*reference, *predicted], [reference]) <= 1.0


def prediction(number: int, *actions: dict[str, Any]) -> str:
    return json.dumps({"task_id": "t", "step_num": number, "actions": list(actions)})


def bench_at(folder: Path) -> Path:
    click_there = {"type": "click", "params": {"position": {"x": 0.5, "y": 0.45}},
                   "metadata": {"bboxes": [{"rel_bbox": list(BOX)}]}}  # fmt: skip
    end = {"type": "terminate", "params": {"status": "success"}}
    other = {"type": "click", "params": {"position": {"x": 0.1, "y": 0.1}}}
    steps = [{"step_num": 1, "ground_truth_actions": [click_there], "alternative_options": [[other]]},
             {"step_num": 2, "ground_truth_actions": [end], "alternative_options": []}]  # fmt: skip
    (folder / "t.json").write_text(json.dumps({"task_id": "t", "steps": steps}))
    return folder


def test_predictions_are_scored_step_by_step(tmp_path: Path) -> None:
    bench, file = bench_at(tmp_path), tmp_path / "predictions.jsonl"
    right = {"type": "click", "params": {"position": {"x": 0.1, "y": 0.1}}}
    file.write_text(prediction(1, right) + "\n")
    found = score_predictions(bench / "t.json", file)["clean"]
    assert (found.strict, found.tasks, found.steps, found.missing) == (0.5, 0.0, 2, 1)
    end = {"type": "terminate", "params": {"status": "success"}}
    file.write_text(prediction(1, right) + "\n" + prediction(2, end) + "\n")
    assert score_predictions(bench / "t.json", file)["public"].tasks == 1.0


def test_what_is_no_prediction_is_named(tmp_path: Path) -> None:
    bench, file = bench_at(tmp_path) / "t.json", tmp_path / "predictions.jsonl"
    file.write_text('{"task_id": "t"}\n')
    with pytest.raises(ConfigError, match=r"predictions\.jsonl:1: no prediction"):
        score_predictions(bench, file)
    with pytest.raises(ConfigError, match="cannot be read"):
        score_predictions(bench, tmp_path / "none.jsonl")
    (tmp_path / "other").mkdir()
    file.write_text("")
    with pytest.raises(UsageError, match="no task of AgentNetBench"):
        score_predictions(tmp_path / "other", file)
    with pytest.raises(ConfigError, match="no action of AgentNetBench"):
        read_reference({"params": {}}, "here")


@pytest.mark.shared
@pytest.mark.skipif(not BENCH.is_dir(), reason="the shared files are not here")
def test_a_real_task_is_right_against_itself() -> None:
    (file,) = BENCH.glob("*.json")
    for step in json.loads(file.read_text())["steps"]:
        options = [step["ground_truth_actions"], *step["alternative_options"]]
        references = [[read_reference(one, "") for one in option] for option in options]
        for reference in references:
            assert PUBLIC.score(reference, references) == CLEAN.score(reference, references) == 1.0
