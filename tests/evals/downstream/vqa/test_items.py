"""Items of real recordings, their prompts, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from dataclaw.errors import StreamError
from dataclaw.evals.downstream.vqa.items import item_of, text_prompt, triplets_of_stream
from dataclaw.evals.downstream.vqa.scorer import score_triplets
from dataclaw.evals.downstream.vqa.test_set import set_problems
from dataclaw.motion import MotionQuestion, PoseMoment
from dataclaw.streams import open_stream
from tests.tools.motions import series, trajectory

DATA = Path(__file__).parents[5] / "shared" / "data" / "embodied"
TIMES = np.linspace(0, 8, 81)
HAND = trajectory(
    series("hand", TIMES, {"x": 0.3 * np.cos(TIMES), "y": 0.3 * np.sin(TIMES), "z": 0.05 * TIMES}, "m"),
    series("grip", TIMES, {"width": np.clip(np.abs(TIMES - 4), 1, 2) - 1}, "1"),
    roles={"position": [["hand", ["x", "y", "z"]]], "gripper": [["grip", "width"]], "gripper_open": "high"},
)


def test_a_stream_gives_triplets_whose_answers_score_full_marks():
    items = triplets_of_stream(HAND, 20, "a")
    assert len(items) == 20
    assert all(item.triplet.who == "the hand" for item in items)
    assert [p for p in set_problems(items) if "is right in" not in p] == []
    assert score_triplets([item.triplet for item in items], [item.targets() for item in items]).overall == 1.0


def test_items_survive_json():
    items = triplets_of_stream(HAND, 5, "a")
    assert [item_of(item.data()) for item in items] == items


def test_a_prompt_tells_both_states_and_no_time():
    poses = [PoseMoment(7.25, (0.1, 0.2, 0.3)), PoseMoment(9.75, (0.1, 0.2, 0.6))]
    question = MotionQuestion("translation", "which", 9.75, 7.25, "+z", 0.0, ("the first", "the second"), "the first")
    prompt = text_prompt(question, "the hand", poses)
    assert prompt.splitlines()[1:] == [
        "First state: the hand at x 0.100 m, y 0.200 m, z 0.600 m.",
        "Second state: the hand at x 0.100 m, y 0.200 m, z 0.300 m.",
        "In which of the two states is the hand farther along +z? Answer the first or the second.",
    ]
    assert "7.25" not in prompt
    assert "9.75" not in prompt


def test_a_lean_and_a_lie_are_found():
    items = triplets_of_stream(HAND, 1, "a")
    problems = set_problems(items * 2)
    assert all("is right in" in problem for problem in problems)
    lied = [item.data() for item in items]
    for question in lied[0]["questions"]:
        question["answer"] = next(o for o in question["options"] if o != question["answer"])
    assert any("the poses give" in problem for problem in set_problems([item_of(lied[0])]))


def test_numbers_without_poses_are_refused():
    with pytest.raises(StreamError, match="no poses"):
        triplets_of_stream(trajectory(series("s", TIMES, {"a": TIMES}), roles={"state": ["s"]}), 3, "a")


def test_places_without_a_scale_are_none():
    unscaled = trajectory(
        series("p", TIMES, {"x": TIMES, "y": TIMES, "z": TIMES}), roles={"position": [["p", ["x", "y", "z"]]]}
    )
    with pytest.raises(StreamError, match="no poses"):
        triplets_of_stream(unscaled, 3, "a")


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="no sample data")
@pytest.mark.parametrize(
    "name", ["evo_trajectories/freiburg1_xyz-groundtruth.txt", "evo_trajectories/V102.txt",
             "robosuite_hdf5/SawyerLift/demo.hdf5#1", "bridge_rlds_debug/1.0.0#4"],
)  # fmt: skip
def test_real_recordings_give_sound_triplets(name):
    items = triplets_of_stream(open_stream(str(DATA / name)), 10, "a")
    assert items
    assert [p for p in set_problems(items) if "is right in" not in p] == []
