"""Real tables, clips and poses: every one ends in samples or in a rejection with the right reason."""

from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor

DATA = Path(__file__).parents[3].parent / "shared/data"
EPIC = DATA / "daily/epic_kitchens_100/EPIC_100_validation.csv"
GOALS = DATA / "daily/ego4d_goalstep/goalstep_valid.json"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.exists(), reason="sample data not beside the checkout")]


def made(path: Path | str, task: str, intent: str) -> tuple[list[dict[str, Any]], list[str]]:
    outcomes = tailor(path, intent, domain="daily", task=task)
    return [s for o in outcomes for s in o.samples], [r["reason"] for o in outcomes for r in o.rejected]


@pytest.mark.parametrize("task", ["procedural_tutorial", "contextual_qa", "temporal_qa"])
@pytest.mark.parametrize("source", [f"{EPIC}#0", f"{EPIC}#60", f"{GOALS}#2", f"{GOALS}#24"])
def test_tables_give_passing_samples(source: str, task: str) -> None:
    samples, rejected = made(source, task, "about this, 6 of them")
    if source == f"{EPIC}#0" and task == "procedural_tutorial":  # putting pizza away, washing up, emptying the bin
        assert "what is done makes no one thing" in rejected[0]
        return
    assert not rejected
    (sample,) = samples
    assert sample["verdict"]["passed"]
    assert " the the " not in f" {sample['answer'].lower()} "
    assert sample["evidence"]


def test_a_tutorial_keeps_the_order_and_the_goal() -> None:
    (sample,), _ = made(f"{GOALS}#24", "procedural_tutorial", "write a step by step tutorial")
    assert sample["data"]["title"] == {"text": "How to make a stir fried rice"}
    times = [step["t0"] for step in sample["data"]["steps"]]
    assert times == sorted(times)
    assert sample["answer_parts"][0] == "1. Heat the frying pan."


def test_a_phone_call_is_no_tutorial() -> None:
    samples, (reason,) = made(f"{GOALS}#8", "procedural_tutorial", "write a step by step tutorial")
    assert not samples
    assert "the steps name nothing of it" in reason


def test_captions_are_answered_in_their_own_words() -> None:
    samples, rejected = made(DATA / "daily/mixkit_kitchen", "contextual_qa", "questions about this clip")
    assert not rejected
    answers = {part for sample in samples for part in sample["answer_parts"]}
    assert "2. Inside a kitchen." in answers
    assert "1. Kneading bread dough, skillfully." in answers


def test_garbled_frames_are_never_shown() -> None:
    samples, _ = made(DATA / "daily/mmaction2_clips/arm_wrestling_demo.mp4", "temporal_qa", "put the frames in order")
    assert not set(samples[0]["input_image"]) & set(range(53, 62))


@pytest.mark.parametrize("name", ["pancake", "askanything_clips"])
def test_clips_without_words_name_no_activity(name: str) -> None:
    samples, rejected = made(DATA / "daily" / name, "procedural_tutorial", "a tutorial")
    assert not samples
    assert all("no narrations and no captions" in reason for reason in rejected)


def test_ways() -> None:
    samples, rejected = made(DATA / "embodied/evo_trajectories", "vln_navigation", "how do I walk this way")
    assert {s["stream"]["name"] for s in samples} == {"V102.txt", "tf_example.bag", "tf_example"}
    assert all(s["data"]["actions"][-1]["action"] == "STOP" for s in samples)
    assert sum("goes up and down" in reason for reason in rejected) == 3
