"""The plan that robots and daily life share: it asks about what moves, says why where nothing does, and varies."""

import math

import pytest

from dataclaw.kit.fixtures import Fixture, play
from dataclaw.motion import aspects_named
from dataclaw.plugins import load_domain

TIMES = [k / 10 for k in range(81)]


def stream_of(place, opening=None):
    columns = ["x", "y", "z"] + ([] if opening is None else ["gripper"])
    values = [[round(v, 4) for v in (*place(t), *([] if opening is None else [opening(t)]))] for t in TIMES]
    roles = {"position": [["state", ["x", "y", "z"]]], "state": ["state"], "action": []}
    grip = {} if opening is None else {"gripper": [["state", "gripper"]], "gripper_open": "high"}
    series = {"columns": columns, "units": ["m", "m", "m", "1"][: len(columns)], "times": TIMES, "values": values}
    return {"kind": "trajectory", "duration": 8.0, "series": {"state": series}, "meta": {"roles": roles | grip}}


def circle(t):
    return 0.4 * math.cos(t), 0.4 * math.sin(t), 0.05 * t


def handed_in(domain, intent, stream):
    row = {"task": "motion_triplets", "intent": intent, "stream": stream, "gold": {}, "wrong": []}
    return play(load_domain(domain), Fixture.model_construct(**Fixture.model_validate(row).__dict__))


@pytest.mark.parametrize("domain", ["embodied", "daily"])
def test_a_moving_stream_gives_one_triplet_that_passes(domain):
    played = handed_in(domain, "motion triplets", stream_of(circle))
    assert len(played.draft["questions"]) == 3
    assert "input_image" not in played.draft


def test_only_what_is_named_is_asked_about():
    stream = stream_of(circle, lambda t: float(3 < t < 6))
    for aspect in ("gripper", "direction", "translation", "order"):
        played = handed_in("embodied", f"motion triplets about the {aspect} only", stream)
        assert {q["aspect"] for q in played.draft["questions"]} == {aspect}


@pytest.mark.parametrize(
    ("intent", "wanted"),
    [("which of two states of the hand came first, as a triplet", {"order"}),
     ("triplets of questions about the hand's rotation and direction between two states", {"rotation", "direction"}),
     ("did the camera turn left or right between two states, as contrastive triplets", {"rotation"}),
     ("contrastive motion questions with their reverse, from the gripper and hand poses", set())],
)  # fmt: skip
def test_an_intent_that_asks_about_something_gets_it(intent, wanted):
    assert aspects_named(intent) == wanted


def test_other_words_ask_something_else():
    intents = [f"motion triplets {k}" for k in range(8)]
    asked = {str(handed_in("daily", intent, stream_of(circle)).draft["questions"]) for intent in intents}
    assert len(asked) > 4


def test_what_stands_still_is_declined_with_the_reason():
    played = handed_in("embodied", "motion triplets", stream_of(lambda t: (0.1, 0.2, 0.3)))
    assert played.draft is None
    assert "clear enough" in str(played)
