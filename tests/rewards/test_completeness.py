"""Drafts that say all that counts."""

from typing import Any

import pytest

from dataclaw.rewards import Case, library
from dataclaw.types import Anchor, Event

RULES = library()


def event(index: int, kind: str, **given: Any) -> tuple[Event, Anchor]:
    logged = Event(index, kind, float(index), index + 1.0, **given)
    attrs = {"verb": kind, "text": logged.text, "target": logged.target}
    return logged, Anchor(f"e{index}", "event", kind, logged.t0, logged.t1, attrs=attrs)


PAIRS = [
    event(0, "write", text="Ely, MN"),
    event(1, "click", target="Rome"),
    event(2, "press", keys=("2",)),
    event(3, "select", target="options"),
]
LOG, SEEN = tuple(e for e, _ in PAIRS), {a.id: a for _, a in PAIRS}


def judge(
    name: str, draft: Any, *, events: Any = LOG, window: tuple[float, float] = (0.0, 8.0), **params: Any
) -> float | None:
    return RULES[name].judge(Case("", draft, {}, SEEN, events=events, window=window), **params).value


def actions(*cites: str) -> list[dict[str, Any]]:
    return [{"cite": [cite], "verb": "do"} for cite in cites]


def test_a_choice_says_which():
    assert judge("values", {"actions": actions("e0", "e3")}) == 0.5
    assert judge("values", {"actions": actions("e1")}) is None


@pytest.mark.parametrize(
    ("goal", "score"),
    [("Enter Ely, MN, choose Rome and press 2", 1.0), ("Enter Ely, MN", 1 / 3), ("Go there", 0.0)],
)
def test_a_goal_says_what_was_typed_and_chosen(goal: str, score: float):
    draft = {"goal": {"cite": ["e0"], "text": goal}, "actions": actions("e0", "e1", "e2")}
    assert judge("whole_goal", draft, paths="/goal/text") == pytest.approx(score)


def test_a_fragments_goal_stands_for_its_events():
    draft = {
        "fragments": [{"first": 0, "last": 0, "goal": "Enter Ely, MN"}, {"first": 1, "last": 2, "goal": "Choose Rome"}]
    }
    assert judge("whole_goal", draft, paths="/fragments/*/goal") == pytest.approx(0.75)


def test_a_goal_is_held_to_what_the_steps_name_where_the_events_name_nothing():
    bare = tuple(Event(index, "click", float(index), float(index)) for index in range(2))
    steps = [{"cite": ["e0"], "action": 'Click "Night light".'}, {"cite": ["e1"], "action": 'Click "125%".'}]
    assert judge("whole_goal", {"goal": "Choose Night light", "steps": steps}, events=bare, paths="/goal") == 0.5


def test_material_bears_one_question_for_300_words():
    said = tuple(Event(i, "cue", float(i), i + 1.0, text="word " * 300) for i in range(4))
    assert judge("ample", {"pairs": [{}, {}]}, events=said) == 0.5
    assert judge("ample", {"pairs": [{}] * 9}, events=said) == 1.0
    exercises = tuple(Event(i, "exercise", float(i), float(i), text="Which?") for i in range(4))
    assert judge("ample", {"pairs": [{}]}, events=exercises) == 0.25


def test_a_guide_covers_its_recording():
    answer = [{"cite": ["e0"], "text": "Enter it."}, {"cite": ["e1"], "text": "Choose it."}]
    assert judge("covers_time", {"answer": answer}, window=(0.0, 16.0)) == 0.25
    assert judge("covers_time", {"answer": answer}, window=(0.0, 3.0)) == 1.0
    assert judge("covers_time", {"answer": answer}, window=(0.0, 0.0)) is None


def test_questions_speak_of_what_the_lesson_speaks_of():
    said = tuple(Event(i, "cue", float(i), i + 1.0, text="eigenvalue matrix determinant") for i in range(40))
    pairs = [{"question": "What is an eigenvalue?"}, {"question": "How many stars does the galaxy have?"}]
    assert judge("to_the_topic", {"pairs": pairs}, events=said) == 0.5
    assert judge("to_the_topic", {"pairs": pairs}, events=said[:4]) is None


def test_one_stray_anchor_is_weak_evidence():
    assert judge("sure_enough", {"signals": [{"cite": ["e0"]}]}, paths="/signals/*") == 0.5
    assert judge("sure_enough", {"signals": [{"cite": ["e0", "e1", "e3"]}]}, paths="/signals/*") == 0.875
    assert judge("sure_enough", {"signals": [{"cite": ["e0", "e1", "e2", "e3"]}]}, paths="/signals/*") == 0.875
    assert judge("sure_enough", {"signals": [{"cite": []}]}, paths="/signals/*") == 0.0


def test_a_control_that_carries_on_is_no_choice():
    log = tuple(Event(i, "click", float(i), float(i), target=name) for i, name in enumerate(["Prev", "Rome", "Submit"]))
    steps = [{"cite": [f"e{i}"], "action": "Click."} for i in range(3)]
    assert judge("whole_goal", {"goal": "Choose Rome", "steps": steps}, events=log, paths="/goal") == 1.0
