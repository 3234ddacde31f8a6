"""The domain's rules on right drafts changed in one way, and on anything at all."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.domains.embodied import rules
from dataclaw.kit.fixtures import FixtureSession
from dataclaw.rewards import Verdict
from dataclaw.rewards.base import Case, Rule
from tests.domains.embodied.episodes import bench, episode, missed

ALL = [value for value in vars(rules).values() if isinstance(value, Rule) and value.name.startswith("embodied.")]


@cache
def made(task: str, intent: str = "make data") -> tuple[FixtureSession, dict[str, Any]]:
    return bench(task, intent, episode(instruction="put the cup on the shelf"))


def judged(task: str, change: dict[tuple[str | int, ...], Any], intent: str = "make data") -> Verdict:
    judge, draft = made(task, intent)
    changed = copy.deepcopy(draft)
    for (*path, last), value in change.items():
        node: Any = changed
        for key in path:
            node = node[key]
        node[last] = value
    return judge.judge(changed)


def held(task: str, change: dict[tuple[str | int, ...], Any], intent: str = "make data") -> set[str]:
    return set(judged(task, change, intent).held)


def test_every_planned_draft_has_full_marks() -> None:
    for task in ("fault_recovery", "describe_subtask", "predict_next_primary_subtask", "interleaved_tutorial"):
        assert judged(task, {}).total == 1.0


def test_the_freeze_must_be_observed_and_the_recovery_must_follow() -> None:
    _, draft = made("fault_recovery")
    end, future = draft["input_video"]["end"], draft["future"]
    assert "embodied.ranges" in held("fault_recovery", {("input_video", "freeze_frame"): end + 1})
    assert "embodied.ranges" in held("fault_recovery", {("output_video", "end"): future["end"] + 1})
    assert "embodied.ranges" in held("fault_recovery", {("output_video", "start"): end})
    assert "embodied.ranges" in held("fault_recovery", {("future", "start"): end})
    assert "embodied.ranges" in held("fault_recovery", {("input_video", "start"): end - 3})
    assert "embodied.ranges" in held("fault_recovery", {("output_image", 0, "frame"): future["end"]})
    assert "embodied.ranges" in held("fault_recovery", {("input_video", "freeze_repeat_count"): 600})


def test_findings_name_the_place_and_the_numbers() -> None:
    _, draft = made("fault_recovery")
    found = judged("fault_recovery", {("input_video", "freeze_frame"): draft["future"]["end"]}).findings()
    worst = next(f for f in found if f.path == "/input_video/freeze_frame" and f.rule == "embodied.ranges")
    assert f"frame {draft['future']['end']} is not in the observation range" in worst.message


@pytest.mark.parametrize("family", ["unstable_grasp", "hesitation_loop", "early_stagnation"])
def test_the_family_must_be_measured(family: str) -> None:
    _, draft = made("fault_recovery")
    assert draft["family"]["name"] == "approach_stall"
    assert "embodied.family" in held("fault_recovery", {("family", "name"): family})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("subtask", "phase"), "release"),
        (("subtask", "gripper"), "opens"),
        (("subtask", "moved"), 0.5),
        (("subtask", "t1"), 4.9),
        (("subtask", "stall"), True),
        (("subtask", "direction"), "down"),
        (("answer", "text"), "The robot lifts: moves 0.20 m down."),
        (("answer", "text"), "The robot opens its gripper and lifts."),
        (("answer", "text"), "It moves left and lifts."),
    ],
)
def test_motion_that_was_not_measured_is_sent_back(path: tuple[str, ...], value: object) -> None:
    assert "embodied.motion" in held("describe_subtask", {path: value}, "describe only the lift")


@pytest.mark.parametrize(
    "text",
    [
        "The robot lifts: moves 0.20 m up, gripper closed.",
        "The right arm lifts 0.20 m up.",
        "It slows down while it goes up.",
        "It moves up; it does not go back.",
    ],
)
def test_sides_and_turns_of_phrase_are_no_directions(text: str) -> None:
    assert "embodied.motion" not in held("describe_subtask", {("answer", "text"): text}, "describe only the lift")


def test_the_answer_must_not_be_shown() -> None:
    _, draft = made("predict_next_primary_subtask")
    late = {"cite": draft["next"]["cite"][:1], "frame": draft["next"]["end"]}
    assert "embodied.next" in held("predict_next_primary_subtask", {("input_image",): [*draft["input_image"], late]})
    told = {"cite": draft["next"]["cite"], "text": "This is what follows."}
    assert "embodied.next" in held("predict_next_primary_subtask", {("cot",): [*draft["cot"], told]})
    assert "embodied.next" in held("predict_next_primary_subtask", {("observed",): draft["observed"][-1:]})
    assert "embodied.next" in held("predict_next_primary_subtask", {("input_image",): draft["input_image"][:3]})


def test_steps_and_pictures_belong_together() -> None:
    _, draft = made("interleaved_tutorial")
    images = draft["output_image"]
    assert "embodied.steps" in held("interleaved_tutorial", {("output_image",): images[::-1]})
    assert "embodied.steps" in held("interleaved_tutorial", {("steps",): draft["steps"][:-1]})


def test_a_dense_trajectory_has_no_holes() -> None:
    _, draft = made("action_trajectory")
    rows = draft["segments"]
    assert "embodied.dense" in held("action_trajectory", {("segments",): [*rows[:2], *rows[3:]]})
    assert "embodied.dense" in held("action_trajectory", {("segments",): [*rows, rows[-1]]})
    left = [{"cite": rows[2]["cite"], "reason": "minor"}]
    part: dict[tuple[str | int, ...], Any] = {("segments",): [*rows[:2], *rows[3:]], ("left_out",): left}
    assert "embodied.dense" in held("action_trajectory", part)  # the answer still tells what is left out
    lines = draft["answer"]
    assert "embodied.dense" not in held("action_trajectory", part | {("answer",): [*lines[:2], *lines[3:]]})
    changed = copy.deepcopy(rows[1]["from_state"]["values"])
    changed[0]["value"] += 0.5
    assert "embodied.motion" in held("action_trajectory", {("segments", 1, "from_state", "values"): changed})


def test_the_intent_is_the_scope() -> None:
    intent = "only the grasp and the lift"
    _, draft = made("interleaved_tutorial", intent)
    wrong = [{"cite": draft["steps"][1]["cite"], "reason": "not_asked"}]
    assert "embodied.scope" in held("interleaved_tutorial", {("left_out",): [*draft["left_out"], *wrong]}, intent)
    judge, whole = made("interleaved_tutorial")
    assert judge.judge(whole).passed
    assert not made("interleaved_tutorial", intent)[0].judge(whole).passed


KEYS = [
    "cite",
    "text",
    "t0",
    "t1",
    "phase",
    "moved",
    "start",
    "end",
    "frame",
    "values",
    "column",
    "value",
    "name",
    "input_video",
    "future",
    "output_video",
    "freeze_frame",
    "output_image",
    "family",
    "segments",
    "steps",
    "observed",
    "next",
    "left_out",
    "reason",
    "answer",
    "cot",
    "direction",
    "gripper",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 60)
    | st.floats()
    | st.sampled_from(["s1", "v1", "e0", "up", "opens", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@settings(deadline=None, max_examples=150)
@given(JSON)
def test_every_rule_judges_any_draft(draft: Any) -> None:
    judge, _ = made("fault_recovery")
    case = Case("", draft, {}, anchors=judge.state.anchors, frame_times=[0.2 * k for k in range(41)], window=(0.0, 8.0))
    assert len(ALL) == 9
    for each in ALL:
        value = each.judge(case).value
        assert value is None or 0.0 <= value <= 1.0


def test_nothing_is_grasped_by_a_hand_that_closes_on_nothing() -> None:
    judge, draft = bench("action_trajectory", "make data", missed())
    lines = draft["answer"]
    at = next(k for k, line in enumerate(lines) if "without getting hold" in line["text"])
    told = [line | ({"text": f"{at + 1}. The robot grasps it."} if k == at else {}) for k, line in enumerate(lines)]
    assert "embodied.motion" not in judge.judge(draft).held
    assert "embodied.motion" in judge.judge(draft | {"answer": told}).held
