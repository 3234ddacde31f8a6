"""Whoever chooses, a plan writes what is kept, or declines."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import fixtures_of, stream_of
from dataclaw.plugins import load_domain
from dataclaw.tools.cache import Cache
from dataclaw.types import Intent

DOMAIN = load_domain("education")
ROWS = fixtures_of(DOMAIN)
CACHE = Cache()


class By:
    """Chooses by a function, and remembers what it was asked."""

    def __init__(self, choose: Callable[[ChoicePoint], Sequence[str]]) -> None:
        self.of = choose
        self.asked: dict[str, ChoicePoint] = {}

    def choose(self, point: ChoicePoint) -> Chosen:
        self.asked[point.name] = point
        return Chosen(list(self.of(point)), "other")


def names(point: ChoicePoint) -> list[str]:
    return [one.id for one in point.options]


def run(row: Fixture, chooser: By) -> State:
    stream, task = stream_of(row.stream), DOMAIN.task(row.task)
    state = State("one", "education", task.name, Intent(row.intent), (0.0, stream.duration), budget=task.budget)
    (done,) = run_batch([(state, Session(stream, task, CACHE, chooser=chooser))], Planner())
    return done


def row(task: str) -> Fixture:
    return next(one for one in ROWS if one.task == task)


def draft(state: State) -> dict[str, Any]:
    best = steps.best(state)
    assert best is not None, state.error
    return cast("dict[str, Any]", best.draft)


ODD: dict[str, Callable[[ChoicePoint], Sequence[str]]] = {
    "nothing": lambda point: [],
    "everything": names,
    "reversed": lambda point: [name for name in names(point) if name not in point.kept],
    "half": lambda point: random.Random(7).sample(names(point), (len(point.options) + 1) // 2),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("at", range(len(ROWS)))
def test_odd_choices_break_no_plan(at: int, odd: str) -> None:
    chooser = By(ODD[odd])
    done = run(ROWS[at], chooser)
    assert chooser.asked
    assert "failed" not in done.error
    assert done.error or steps.best(done)


def test_the_questions_that_are_kept_are_asked() -> None:
    chooser = By(lambda point: [names(point)[-1]])
    (pair,) = draft(run(row("concept_qa"), chooser))["pairs"]
    asked = chooser.asked["education.questions"].options[-1]
    assert asked.content.startswith(pair["question"])
    assert asked.attrs["verb"] == pair["kind"]
    assert asked.attrs["cites"] == pair["cite"]


def test_the_chapters_and_sentences_that_are_kept_are_told() -> None:
    chooser = By(lambda point: names(point)[-1:] if point.name == "education.sections" else names(point)[:1])
    (chapter,) = draft(run(row("lecture_summary"), chooser))["chapters"]
    part, said = (chooser.asked[f"education.{name}"].options for name in ("sections", "sentences"))
    assert part[-1].content.startswith(chapter["title"])
    assert part[-1].t0 == pytest.approx(chapter["start"], abs=0.01)
    assert [sentence["text"] for sentence in chapter["sentences"]] == [said[0].content]


def test_the_slides_and_sentences_that_are_kept_are_taught() -> None:
    chooser = By(lambda point: names(point)[:1])
    made = draft(run(row("interleaved_lesson"), chooser))
    (picture,) = made["output_image"]
    assert picture["cite"] == [chooser.asked["education.sections"].options[0].id]
    (paragraph,) = made["answer"]
    assert paragraph["text"].endswith(chooser.asked["education.sentences"].options[0].content)


def test_the_step_that_is_picked_is_shown() -> None:
    for at in (0, -1):
        chooser = By(lambda point, at=at: [names(point)[at]])
        done = run(row("stuck_point_tutoring"), chooser)
        step = chooser.asked["education.stuck"].options[at]
        assert done.error.startswith("no step") or draft(done)["input_image"][0]["cite"] == [step.id]
