"""What the planner writes of episodes whose truth is known, and what it declines."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from dataclaw.testing import DomainContract
from tests.domains.embodied.episodes import DOMAIN, T, draft_of, drawn, episode, planned, ramp

TASKS = sorted(DOMAIN.tasks)


class TestContract(DomainContract):
    domain = "embodied"


def test_an_unstable_grasp_is_made_where_the_gripper_has_closed() -> None:
    draft = draft_of("fault_recovery", "an unstable grasp with its recovery", episode())
    faulty, ahead, recovery = draft["input_video"], draft["future"], draft["output_video"]
    times = [0.2 * k for k in range(41)]
    assert draft["family"]["name"] == "unstable_grasp"
    assert times[faulty["freeze_frame"]] == pytest.approx(3.5, abs=0.3)
    assert (
        faulty["start"] <= draft["output_image"][0]["frame"] <= faulty["freeze_frame"] <= faulty["end"] < ahead["start"]
    )
    assert ahead["start"] <= recovery["start"] <= recovery["end"] <= ahead["end"]
    assert faulty["freeze_repeat_count"] == 8  # 0.8 s at the recording's 10 frames a second
    assert draft["answer"]["text"].count("<image_recall>") == draft["answer"]["text"].count("<video_gen>") == 1


def test_the_family_that_the_intent_names_decides_the_place() -> None:
    stall = draft_of("fault_recovery", "an approach stall with its recovery", episode())
    assert stall["family"]["name"] == "approach_stall"
    assert stall["input_video"]["freeze_frame"] == stall["input_video"]["end"] == stall["future"]["start"] - 1
    assert 0.2 * stall["input_video"]["end"] == pytest.approx(2.6, abs=0.2)  # where the approach ends
    played = planned("fault_recovery", "construct a hesitation loop", episode())
    assert "nothing at 35, 50 or 65 % of the episode measures as hesitation loop" in played.why
    assert "unstable_grasp" in played.why


def test_a_fault_quotes_the_instruction_and_only_what_was_measured() -> None:
    draft = draft_of("fault_recovery", "a fault with recovery", episode(instruction='put the "cup" away.'))
    assert draft["question"]["text"].startswith("The task is \"put the 'cup' away\". ")
    assert draft["question"]["cite"][0] == "e0"
    assert "cup" not in draft["answer"]["text"]


def test_chinese_intents_are_answered_in_chinese() -> None:
    draft = draft_of("fault_recovery", "合成一个抓取不稳的故障片段和恢复片段", episode())
    assert draft["family"]["name"] == "unstable_grasp"
    assert draft["question"]["text"].endswith("我该怎么做?")
    assert "<video_gen>" in draft["answer"]["text"]


def test_pictures_alone_never_show_a_grasp() -> None:
    video = episode(numbers=False)
    assert "nothing at 35, 50 or 65 %" in planned("fault_recovery", "unstable grasp", video).why
    draft = draft_of("describe_subtask", "what is happening at 2 s", video)
    assert "phase" not in draft["subtask"]
    assert "gripper" not in draft["subtask"]
    assert draft["subtask"]["direction"] == "down"
    assert draft["answer"]["text"] == "The camera stands still and something in front of it moves down."


def test_subtasks_are_described_at_the_time_or_phase_asked_for() -> None:
    stream = episode()
    at = draft_of("describe_subtask", "what is the robot doing at 6 s", stream)["subtask"]
    assert (at["phase"], at["direction"], at["gripper"]) == ("transport", "left", "closed")
    lift = draft_of("describe_subtask", "describe only the lift", stream)
    assert lift["subtask"]["phase"] == "lift"
    assert lift["subtask"]["moved"] == pytest.approx(0.2, abs=0.02)
    assert "up" in lift["answer"]["text"]
    assert {row["reason"] for row in lift["left_out"]} == {"not_asked"}
    assert lift["subtask"]["unit"] == "m"


def test_the_next_subtask_follows_what_the_keyframes_show() -> None:
    draft = draft_of("predict_next_primary_subtask", "what will the robot do next", episode())
    begins = draft["next"]["t0"]
    assert draft["next"]["phase"] not in ("idle", "adjust")
    assert all(0.2 * image["frame"] < begins for image in draft["input_image"])
    assert all(row["t1"] <= begins + 0.06 for row in draft["observed"])
    assert draft["observed"][0]["t0"] == 0


def test_a_tutorial_has_a_step_and_a_picture_for_each_subtask() -> None:
    draft = draft_of("interleaved_tutorial", "an interleaved tutorial", episode())
    assert [row["phase"] for row in draft["steps"]][:4] == ["approach", "grasp", "lift", "transport"]
    assert len(draft["steps"]) == len(draft["output_image"]) == len(draft["answer"])
    assert draft["answer"][2]["text"].startswith("3. Lift: move 0.20 m up")
    short = draft_of("interleaved_tutorial", "a tutorial in 3 steps", episode())
    assert len(short["steps"]) == 3


def test_the_trajectory_has_every_segment_with_the_states_at_its_ends() -> None:
    draft = draft_of("action_trajectory", "the dense action trajectory", episode(pictures=False))
    rows = draft["segments"]
    assert (rows[0]["t0"], rows[-1]["t1"]) == (0.0, 8.0)
    assert all(a["t1"] == b["t0"] for a, b in itertools.pairwise(rows))
    lift = next(row for row in rows if row["phase"] == "lift")
    begin, end = ({v["column"]: v["value"] for v in lift[key]["values"]} for key in ("from_state", "to_state"))
    assert end["z"] - begin["z"] == pytest.approx(lift["moved"], abs=0.02)
    assert "start" not in lift
    first = draft_of("action_trajectory", "trajectory segments in the first 4 seconds", episode(pictures=False))
    assert all(row["t0"] < 4 for row in first["segments"])
    assert [row["reason"] for row in first["left_out"]] == ["outside_time"]


def test_without_a_gripper_nothing_is_grasped_or_released() -> None:
    draft = draft_of("action_trajectory", "the action trajectory", episode(gripper=False))
    assert {row["phase"] for row in draft["segments"]} <= {"move", "idle"}
    assert not any("gripper" in row for row in draft["segments"])


@pytest.mark.parametrize(
    ("task", "stream", "why"),
    [
        ("fault_recovery", episode(pictures=False), "this stream has none"),
        ("interleaved_tutorial", episode(pictures=False), "needs pictures"),
        ("action_trajectory", episode(numbers=False), "no recorded states or actions"),
        ("describe_subtask", {"kind": "trajectory", "duration": 3.0}, "no motion of a robot or a camera is recorded"),
    ],
)
def test_what_a_stream_cannot_give_is_declined_with_the_reason(task: str, stream: dict[str, object], why: str) -> None:
    played = planned(task, "make data", stream)
    assert not played.is_accepted
    assert why in played.why


def test_a_short_episode_has_no_room_for_a_fault() -> None:
    stream = episode()
    stream["duration"] = 1.6
    stream["pictures"]["frames"] = stream["pictures"]["frames"][:9]
    assert "too short for a fault and its recovery: 9 frames" in planned("fault_recovery", "a fault", stream).why


@pytest.mark.parametrize("task", TASKS)
def test_equal_streams_give_equal_drafts(task: str) -> None:
    assert draft_of(task, "make training data", episode()) == draft_of(task, "make training data", episode())


@pytest.mark.parametrize(
    "task", ["fault_recovery", "describe_subtask", "predict_next_primary_subtask", "interleaved_tutorial",
             "action_trajectory"],
)  # fmt: skip
def test_what_is_measured_is_told_in_the_language_of_the_intent(task: str) -> None:
    draft = draft_of(task, "用中文做这份数据", episode(instruction="拿起杯子"))
    answer: list[dict[str, Any]] = (
        draft["answer"] if task in ("interleaved_tutorial", "action_trajectory") else [draft["answer"]]
    )
    texts = [str(said["text"]) for said in (draft["question"], *draft["cot"], *answer)]
    for words in (re.sub("<[a-z_]+>", "", text) for text in texts):
        assert not re.search("[a-z]{3,}", words), words


def test_an_unstable_grasp_ends_with_the_held_frame() -> None:
    draft = draft_of("fault_recovery", "unstable grasp with recovery", episode())
    assert draft["input_video"]["end"] == draft["input_video"]["freeze_frame"]
    assert draft["future"]["start"] == draft["input_video"]["end"] + 1


def test_a_trajectory_is_listed_segment_by_segment() -> None:
    draft = draft_of("action_trajectory", "the dense action trajectory", episode())
    assert len(draft["answer"]) == len(draft["segments"])
    assert "with the gripper closed: it moves 0.20 m up" in " ".join(line["text"] for line in draft["answer"])
    part = draft_of("action_trajectory", "only the grasp", episode())
    assert part["question"]["text"] == "List the grasp in the action trajectory, in order."


@pytest.mark.parametrize("intent", ["an unstable grasp with its recovery", "an approach stall with its recovery"])
def test_what_is_told_as_observed_was_reached_by_the_held_frame(intent: str) -> None:
    stream = episode()
    rows = stream["series"]["state"]
    late = [[*row[:3], grip] for row, grip in zip(rows["values"], (1 - ramp(3.6, 4.4, 0.9)).round(4), strict=True)]
    stream["series"]["state"] = rows | {"values": late}
    stream["pictures"]["frames"] = [drawn(k, *np.array(late).T[1:]) for k in range(0, 81, 2)]
    draft = draft_of("fault_recovery", intent, stream)
    held = 0.2 * draft["input_video"]["freeze_frame"]
    observed = next(row["text"] for row in draft["cot"] if row["text"].startswith("What is observed"))
    if "unstable" in intent:
        assert held == pytest.approx(4.4, abs=0.2)  # the middle of the episode, 4.0 s, comes while it closes
        reached = float(re.findall(r"closes from \S+ to ([\d.]+)", draft["answer"]["text"])[0])
        assert reached == pytest.approx(np.interp(held, T, 1 - ramp(3.6, 4.4, 0.9)), abs=0.06)
    else:
        assert "closes" not in observed
