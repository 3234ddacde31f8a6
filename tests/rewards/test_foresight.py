"""What is thought at a step was seen by then."""

from typing import Any

import pytest

from dataclaw.rewards import Case, library
from dataclaw.types import Anchor

RULE = library()["no_hindsight"]
SEEN = {
    "e0": Anchor("e0", "event", "click", 1.0, 1.0, attrs={"verb": "click"}),
    "e1": Anchor("e1", "event", 'write "Ely"', 5.0, 5.0, attrs={"verb": "write", "text": "Ely"}),
    "t1": Anchor("t1", "text", "Night light", 0.5, 0.5, 0),
    "t2": Anchor("t2", "text", "Brightness settings", 4.0, 4.0, 4),
    "s1": Anchor("s1", "segment", "grasp", 2.0, 4.0, 2),
    "s2": Anchor("s2", "segment", "lift", 4.0, 7.0, 4),
}


def judge(draft: Any, **params: Any) -> float | None:
    return RULE.judge(Case("", draft, {}, SEEN, frame_times=[float(t) for t in range(9)]), **params).value


def step(thought: str, cite: str = "e0") -> dict[str, Any]:
    return {"cite": [cite], "thought": thought}


def test_a_later_text_is_hindsight_and_an_earlier_one_is_not():
    assert judge({"steps": [step('It is beside "Night light".')]}, steps="/steps/*") == 1.0
    late = step('It leads on to "Brightness settings".')
    assert judge({"steps": [late]}, steps="/steps/*") == 0.0
    calm = [step('It is beside "Night light".') for _ in range(5)]
    assert judge({"steps": [late, *calm]}, steps="/steps/*") == pytest.approx(0.5)


def test_what_one_types_is_planned():
    assert judge({"steps": [step('Before "Ely" can be typed, it needs the focus.')]}, steps="/steps/*") == 1.0


def test_a_step_without_quotations_says_nothing():
    assert judge({"steps": [step("It is at the top.")]}, steps="/steps/*") is None


def test_a_thought_that_tells_what_comes_next_is_worth_nothing():
    seen, ahead = {"cite": ["s1"], "text": "It grasps."}, {"cite": ["s2"], "text": "What came next: it lifts."}
    assert judge({"input_video": {"start": 0, "end": 4}, "cot": [seen]}, until="/input_video/end") == 1.0
    assert judge({"input_video": {"start": 0, "end": 4}, "cot": [seen, ahead]}, until="/input_video/end") == 0.0
    assert judge({"observed": [{"t1": 4.0}], "cot": [ahead]}, until="/observed/*/t1") == 0.0
