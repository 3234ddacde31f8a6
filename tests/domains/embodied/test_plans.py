"""What the planner writes of episodes whose truth is known, and what it declines."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from dataclaw.testing import DomainContract
from tests.domains.embodied.episodes import DOMAIN, draft_of, drawn, episode, hesitating, missed, planned, ramp

TASKS = sorted(DOMAIN.tasks)


class TestContract(DomainContract):
    domain = "embodied"


def test_a_grasp_is_unstable_where_the_hand_has_closed_on_nothing() -> None:
    draft = draft_of("fault_recovery", "an unstable grasp with its recovery", missed())
    faulty, ahead, recovery = draft["input_video"], draft["future"], draft["output_video"]
    times = [0.2 * k for k in range(41)]
    assert draft["family"]["name"] == "unstable_grasp"
    assert times[faulty["freeze_frame"]] == pytest.approx(2.6, abs=0.3)
    assert (
        faulty["start"] <= draft["output_image"][0]["frame"] <= faulty["freeze_frame"] <= faulty["end"] < ahead["start"]
    )
    assert ahead["start"] <= recovery["start"] <= recovery["end"] <= ahead["end"]
    assert faulty["freeze_repeat_count"] == 8  # 0.8 s at the recording's 10 frames a second
    assert draft["answer"]["text"].count("<image_recall>") == draft["answer"]["text"].count("<video_gen>") == 1
    assert "without getting hold of anything" in draft["cot"][0]["text"]


def test_a_sound_grasp_before_a_held_frame_is_no_unstable_one() -> None:
    played = planned("fault_recovery", "an unstable grasp with its recovery", episode())
    assert "measures as unstable grasp; what fits there: approach_stall" in played.why


def test_the_family_that_the_intent_names_decides_the_place() -> None:
    stall = draft_of("fault_recovery", "an approach stall with its recovery", episode())
    assert stall["family"]["name"] == "approach_stall"
    assert stall["input_video"]["freeze_frame"] == stall["input_video"]["end"] == stall["future"]["start"] - 1
    assert 0.2 * stall["input_video"]["end"] == pytest.approx(2.6, abs=0.2)  # where the approach ends
    assert draft_of("fault_recovery", "a fault", hesitating())["family"]["name"] == "hesitation_loop"
    played = planned("fault_recovery", "construct a hesitation loop", episode())
    assert "nothing at 35, 50 or 65 % of the episode measures as hesitation loop" in played.why
    assert "approach_stall" in played.why


def test_what_comes_after_the_held_frame_is_not_thought_of() -> None:
    for stream in (episode(), missed(), hesitating()):
        draft = draft_of("fault_recovery", "a fault with recovery", stream)
        shown = 0.2 * draft["input_video"]["end"]
        cited = " ".join(row["text"] for row in draft["cot"])
        assert "next" not in cited
        assert len(draft["cot"]) == 2
        assert draft["input_video"]["end"] < draft["future"]["start"]
        assert all(s["t0"] < shown for s in draft.get("segments", []))


def test_a_recovery_in_which_nothing_moves_is_none() -> None:
    stream = episode()
    rows = stream["series"]["state"]
    still = [row if k < 26 else rows["values"][26] for k, row in enumerate(rows["values"])]
    stream["series"]["state"] = rows | {"values": still}
    assert "what fits there: nothing" in planned("fault_recovery", "a fault with recovery", stream).why


def test_a_fault_quotes_the_instruction_and_only_what_was_measured() -> None:
    draft = draft_of("fault_recovery", "a fault with recovery", episode(instruction='put the "cup" away.'))
    assert draft["question"]["text"].startswith("The task is \"put the 'cup' away\". ")
    assert draft["question"]["cite"][0] == "e0"
    assert "toward the cup" in draft["cot"][1]["text"]
    assert "close the gripper on the cup" in draft["answer"]["text"]


def test_chinese_intents_are_answered_in_chinese() -> None:
    draft = draft_of("fault_recovery", "合成一个抓取不稳的故障片段和恢复片段", missed())
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
    assert draft["answer"][2]["text"].startswith("3. Move the closed gripper 0.20 m up.")
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
    draft = draft_of("fault_recovery", "unstable grasp with recovery", missed())
    assert draft["input_video"]["end"] == draft["input_video"]["freeze_frame"]
    assert draft["future"]["start"] == draft["input_video"]["end"] + 1


def test_a_trajectory_is_listed_segment_by_segment() -> None:
    draft = draft_of("action_trajectory", "the dense action trajectory", episode())
    assert len(draft["answer"]) == len(draft["segments"])
    assert "moves its closed gripper 0.20 m up." in " ".join(line["text"] for line in draft["answer"])
    part = draft_of("action_trajectory", "only the grasp", episode())
    assert part["question"]["text"] == "List the grasp in the action trajectory, in order."


def test_what_is_told_as_observed_was_reached_by_the_held_frame() -> None:
    stream = episode()
    rows = stream["series"]["state"]
    late = [[*row[:3], grip] for row, grip in zip(rows["values"], (1 - ramp(2.5, 4.4, 0.9)).round(4), strict=True)]
    stream["series"]["state"] = rows | {"values": late}
    stream["pictures"]["frames"] = [drawn(k, *np.array(late).T[1:]) for k in range(0, 81, 2)]
    draft = draft_of("fault_recovery", "an approach stall with its recovery", stream)
    observed = next(row["text"] for row in draft["cot"] if row["text"].startswith("What is observed"))
    assert "closes" not in observed
    assert "grasps" not in observed


def test_the_thing_is_called_by_its_name_from_the_way_to_it_until_it_is_let_go() -> None:
    draft = draft_of("action_trajectory", "the action trajectory", episode(instruction="put the red cup on shelf"))
    lines = [line["text"].partition(" s: ")[2] for line in draft["answer"]]
    assert "the robot moves its open gripper 0.25 m down toward the red cup." in lines
    assert "the robot grasps the red cup with its gripper." in lines
    assert "the robot lifts the red cup 0.20 m up." in lines
    assert "the robot carries the red cup 0.25 m to the left." in lines
    assert "the robot lets go of the red cup, to put it on the shelf." in lines


def ending(at: float, **said: Any) -> dict[str, Any]:
    """The made episode, its recording ended at a time [s]."""
    stream = episode(**said)
    rows = stream["series"]["state"]
    count = round(at / 0.1) + 1
    stream["series"]["state"] = rows | {"times": rows["times"][:count], "values": rows["values"][:count]}
    stream["pictures"]["frames"] = [f for f in stream["pictures"]["frames"] if f["t"] <= at]
    stream["duration"] = at
    for event in stream.get("events", []):
        event["t1"] = at
    return stream


def test_a_hand_that_still_closes_when_the_recording_ends_has_grasped_nothing() -> None:
    stream = ending(3.3, instruction="put the cup on the shelf")
    assert "ends before anything is grasped" in planned("interleaved_tutorial", "a tutorial", stream).why
    listed = draft_of("action_trajectory", "the action trajectory", stream)
    assert listed["answer"][-1]["text"].endswith("the robot begins to close its gripper to grasp the cup.")
    following = draft_of("predict_next_primary_subtask", "what comes next", stream)
    assert following["answer"]["text"] == "Next, the robot begins to close its gripper to grasp the cup."


def test_a_tutorial_of_a_part_of_the_task_says_so() -> None:
    part = draft_of("interleaved_tutorial", "a tutorial", ending(5.1, instruction="put the cup on the shelf"))
    assert "as far as it is recorded" in part["question"]["text"]
    assert "The recording ends before the task is done." in part["answer"][-1]["text"]
    whole = draft_of("interleaved_tutorial", "a tutorial", ending(5.1, instruction="pick up the cup"))
    assert "as far as" not in whole["question"]["text"]
    assert "The recording ends" not in whole["answer"][-1]["text"]


def test_a_segment_in_which_nothing_moves_is_no_step() -> None:
    stream = ending(3.9, instruction="turn the lever to the front")
    draft = draft_of("interleaved_tutorial", "a tutorial", stream)
    assert [row["phase"] for row in draft["steps"]] == ["approach", "grasp"]


def test_joint_values_alone_say_too_little() -> None:
    stream = episode(pictures=False, gripper=False)
    stream["series"]["state"] |= {"columns": ["j1", "j2", "j3", "j4"], "units": ["rad"] * 4}
    stream["meta"]["roles"] = {"state": ["state"]}
    for task in ("action_trajectory", "describe_subtask", "predict_next_primary_subtask"):
        assert "joint values alone" in planned(task, "make data", stream).why
