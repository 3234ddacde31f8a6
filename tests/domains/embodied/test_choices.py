"""Who chooses decides: what is kept is what is written, whatever is answered at the choice points."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, best
from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.kit.fixtures import MemoryCache, begin, fixture_of, stream_of
from tests.domains.embodied.episodes import DOMAIN, draft_of, episode, missed

Answer = Callable[[ChoicePoint], Sequence[str]]


class Answering:
    """A chooser that answers some points, and leaves the others to the rules."""

    def __init__(self, **answers: Answer) -> None:
        self.answers, self.asked = answers, list[ChoicePoint]()

    def choose(self, point: ChoicePoint) -> Chosen:
        self.asked.append(point)
        answer = self.answers.get(point.name.removeprefix("embodied."))
        return Chosen(list(answer(point) if answer else point.kept), "test" if answer else "rules")


def chosen(task: str, stream: dict[str, Any], chooser: Answering, intent: str = "make data") -> State:
    """The rollout of the planner with a chooser."""
    row = fixture_of(json.dumps({"task": task, "intent": intent, "stream": stream, "gold": {}}))
    session = Session(stream_of(row), DOMAIN.task(task), MemoryCache(), chooser=chooser)
    (state,) = run_batch([(begin(session.task, row, session.task.budget), session)], Planner())
    return state


def written(task: str, stream: dict[str, Any], chooser: Answering, intent: str = "make data") -> dict[str, Any]:
    """Its accepted draft."""
    state = chosen(task, stream, chooser, intent)
    found = best(state)
    assert found, state.error
    assert found.verdict.passed, found.verdict.held
    return dict(found.draft)


def ids(point: ChoicePoint) -> list[str]:
    return [option.id for option in point.options]


def test_subtasks_begin_where_the_chooser_says() -> None:
    own = written("interleaved_tutorial", episode(), rules := Answering())
    assert own == draft_of("interleaved_tutorial", "make data", episode())
    assert [point.name for point in rules.asked] == ["embodied.segments", "embodied.subtasks", "embodied.steps"]
    every = written("action_trajectory", episode(), Answering(subtasks=ids))
    assert [len(row["cite"]) for row in every["segments"]] == [1] * len(every["segments"])
    two = written("predict_next_primary_subtask", episode(), Answering(subtasks=lambda p: [ids(p)[0], ids(p)[3]]))
    assert len(two["observed"]) == 1
    assert two["next"]["t0"] == two["observed"][0]["t1"]


def test_the_described_subtask_is_the_one_picked() -> None:
    for at in (1, 2, -2):
        chooser = Answering(described=lambda p, at=at: [ids(p)[at]])
        row = written("describe_subtask", episode(instruction="put the red cup on the shelf"), chooser)["subtask"]
        assert row["t0"] == pytest.approx(chooser.asked[-1].options[at].t0, abs=1e-3)
    whole = Answering(subtasks=lambda p: ids(p)[:1])
    row = written("describe_subtask", episode(), whole)["subtask"]
    assert (row["t0"], row["t1"]) == (0.0, 8.0)


def test_what_comes_next_is_what_is_picked() -> None:
    chooser = Answering(next=lambda p: ids(p)[-1:])
    draft = written("predict_next_primary_subtask", episode(), chooser)
    assert draft["next"]["t0"] == pytest.approx(chooser.asked[-1].options[-1].t0, abs=1e-3)
    assert draft["left_out"] == []


def test_steps_are_those_that_are_kept_and_no_more_than_asked_for() -> None:
    draft = written("interleaved_tutorial", episode(), Answering(steps=lambda p: ids(p)[:1]))
    assert len(draft["steps"]) == len(draft["answer"]) == 1
    few = written("interleaved_tutorial", episode(), Answering(steps=ids), "a tutorial in 3 steps")
    assert len(few["steps"]) == 3
    rows = written("action_trajectory", episode(), Answering(steps=lambda p: ids(p)[:2]), "the 3 longest segments")
    assert len(rows["segments"]) == 2


def test_every_place_that_measures_as_a_fault_can_be_chosen() -> None:
    seen = Answering()
    chosen("fault_recovery", missed(), seen)
    (point,) = seen.asked
    families = [str(option.attrs["family"]) for option in point.options]
    assert set(families) == {"hesitation_loop", "approach_stall", "unstable_grasp"}
    assert len(point.kept) == 1
    assert all(option.attrs["cites"] and " s: " in option.content for option in point.options)
    accepted = 0
    for name in ids(point):
        draft = written("fault_recovery", missed(), Answering(faults=lambda p, name=name: [name]))
        accepted += draft["family"]["name"] == name.split()[0] and name.split()[1] in draft["family"]["cite"]
    assert accepted == len(point.options)
    none = chosen("fault_recovery", missed(), Answering(faults=lambda p: []))
    assert "none of the faults that this episode may show is wanted" in none.error


ODD: dict[str, Answer] = {
    "nothing": lambda p: ids(p)[-1:] if p.how == "one" else [],
    "everything": lambda p: ids(p)[:1] if p.how == "one" else ids(p),
    "reversed": lambda p: ids(p)[-1:] if p.how == "one" else ids(p)[::-1],
    "every other": lambda p: ids(p)[:1] if p.how == "one" else ids(p)[1::2],
}


@pytest.mark.parametrize("task", sorted(DOMAIN.tasks))
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_is_written_or_declined(task: str, odd: str) -> None:
    points = ("segments", "subtasks", "described", "next", "steps", "faults")
    for stream in (episode(), missed(instruction="put the cup on the shelf")):
        state = chosen(task, stream, Answering(**dict.fromkeys(points, ODD[odd])))
        assert "failed:" not in state.error  # a plan that breaks says so; one that declines gives its reason
        assert best(state) or state.error
