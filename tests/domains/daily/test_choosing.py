"""Choice points: their options say what there is, what is kept is what is written, and odd answers break nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.daily.context import question_context
from dataclaw.domains.daily.recording import CitedNarration, FromEvents, ReportedPlace, narration_of
from dataclaw.domains.daily.route import guide
from dataclaw.domains.daily.tutorial import teach
from dataclaw.kit.fixture_form import DescribedStream, Fixture
from dataclaw.kit.fixtures import begin, stream_of
from dataclaw.tools.cache import Cache
from dataclaw.types import Anchor, Plan
from tests.domains.daily.streams import DOMAIN, narrated, texts, walk

KITCHEN = narrated(
    (0, 2, "open fridge"),
    (2, 4, "take milk from fridge"),
    (4, 5, "close fridge"),
    (6, 9, "pour milk into pan"),
    (9, 10, "turn on hob"),
    (11, 15, "stir milk with spoon"),
    (16, 19, "cut bread with knife"),
    (20, 24, "spread butter on bread"),
)
CORNER = walk((4, 0), (3, 90), (2, 45))
Keep = Callable[[ChoicePoint], Sequence[str]]


@dataclass
class Choosing:
    """Keeps what a function says at the points that are named, what the rules keep at all others."""

    keep: Keep
    names: Sequence[str] = ()
    seen: dict[str, ChoicePoint] = field(default_factory=dict[str, ChoicePoint])

    def choose(self, point: ChoicePoint) -> Chosen:
        """The answer."""
        self.seen[point.name] = point
        if self.names and point.name not in self.names:
            return Chosen(list(point.kept), "rules")
        return Chosen(list(self.keep(point)), "test")


def chosen(
    task: str, intent: str, stream: DescribedStream, chooser: Choosing, plan: Plan | None = None
) -> tuple[dict[str, Any], str]:
    """The accepted draft, or {} and why there is none."""
    row = Fixture(task=task, intent=intent, stream=stream, gold={})
    known = DOMAIN.task(task) if plan is None else replace(DOMAIN.task(task), plan=plan)
    session = Session(stream_of(row), known, Cache(), chooser=chooser)
    (state,) = run_batch([(begin(known, row, known.budget), session)], Planner())
    best = steps.best(state)
    return (cast("dict[str, Any]", best.draft), "") if best and best.verdict.passed else ({}, state.error)


def with_reports(stream: DescribedStream, *told: tuple[float, float, str]) -> DescribedStream:
    """A walk with messages about it."""
    events = [{"kind": "message", "t0": t0, "t1": t1, "text": text} for t0, t1, text in told]
    return DescribedStream.model_validate(stream.model_dump() | {"events": events})


def naming(*words: str) -> Keep:
    """Keeps the options that have one of the words."""
    return lambda point: [o.id for o in point.options if any(word in o.content for word in words)]


def test_the_questions_that_are_kept_are_asked() -> None:
    chooser = Choosing(naming("use to cut the bread", "right after turning on the hob"), ["daily.questions"])
    draft, why = chosen("contextual_qa", "questions about this", KITCHEN, chooser)
    assert not why
    assert draft["question"]["text"] == (
        "1. What does the person do right after turning on the hob?\n2. What does the person use to cut the bread?"
    )
    assert texts(draft["answer"]) == ["1. The person stirs the milk with the spoon.", "2. The knife."]


def test_options_of_questions_say_what_they_ask_answer_and_cite() -> None:
    chooser = Choosing(lambda point: point.kept)
    draft, _ = chosen("temporal_qa", "3 questions about when and in which order", KITCHEN, chooser)
    point = chooser.seen["daily.questions"]
    assert len(point.kept) == len(draft["items"]) == 3
    times = [(option.t0, option.t1) for option in point.options]
    assert times == sorted(times)
    span = next(o for o in point.options if "stir the milk" in o.content and o.attrs["family"] == "localise")
    assert "From 11.0 s to 15.0 s" in span.content
    assert (span.t0, span.t1, span.attrs["cites"]) == (11.0, 15.0, ["e5"])


def test_more_questions_than_asked_for_are_not_written() -> None:
    draft, why = chosen("contextual_qa", "2 questions", KITCHEN, Choosing(lambda p: [o.id for o in p.options]))
    assert not why
    assert len(draft["items"]) == 2


def test_what_is_kept_is_told_and_steps_begin_where_it_is_said() -> None:
    def keep(point: ChoicePoint) -> list[str]:
        return ["e3", "e4", "e5", "e7"] if point.name == "daily.told" else ["e3", "e5"]

    draft, why = chosen("procedural_tutorial", "a tutorial", KITCHEN, Choosing(keep, ["daily.told", "daily.steps"]))
    assert not why
    assert texts(draft["answer"]) == [
        "1. Pour the milk into the pan and turn on the hob.",
        "2. Stir the milk with the spoon and spread the butter on the bread.",
    ]
    assert {name for entry in draft["left_out"] for name in entry["cite"]} == {"e0", "e1", "e2", "e6"}


def test_the_moves_that_are_kept_are_the_way() -> None:
    chooser = Choosing(lambda point: [o.id for o in point.options][2:], ["daily.route"])
    draft, why = chosen("vln_navigation", "how to get there", CORNER, chooser)
    assert not why
    assert [(a["action"], a["amount"]) for a in draft["actions"]] == [
        ("FORWARD", 3.0), ("TURN_RIGHT", 45), ("FORWARD", 2.0), ("STOP", 0),
    ]  # fmt: skip


def test_a_way_is_cut_where_reports_begin() -> None:
    reported = with_reports(CORNER, (0, 0, "start"), (8, 8, "corner"), (14, 14, "door"))
    chooser = Choosing(naming("corner", "door"), ["daily.route"])
    draft, why = chosen("vln_navigation", "how to get there", reported, chooser)
    assert not why
    assert [(a["action"], a["amount"]) for a in draft["actions"]][:1] == [("FORWARD", 3.0)]
    said = chooser.seen["daily.route"].options
    assert [(o.content, o.t0) for o in said] == [("start", 0.0), ("corner", 8.0), ("door", 14.0)]


def test_reports_that_are_kept_are_told_on_the_way() -> None:
    reported = with_reports(CORNER, (2, 2, "a barking dog"), (11, 11, "a red door"))
    rules, _ = chosen("vln_navigation", "how to get there", reported, Choosing(lambda point: point.kept))
    assert "dog" not in texts(rules["answer"])[0]
    draft, why = chosen("vln_navigation", "how to get there", reported, Choosing(naming("dog"), ["daily.landmarks"]))
    assert not why
    assert texts(draft["answer"])[0].startswith(
        "Go straight on for 4.00 m where “a barking dog” is reported, turn left"
    )


class Witness(FromEvents):
    """Knows more than the events tell."""

    def narrate(self, events: Sequence[Anchor]) -> list[CitedNarration]:
        """What was really done, by whom and what for; where one was."""
        found = [narration_of(anchor) for anchor in events]
        places = {
            "parlour": ReportedPlace("parlour", True),
            "lamp": ReportedPlace("lamp", False, "left"),
            "hall": ReportedPlace("hall", True),
        }
        return [
            replace(one, order="knead the dough", purpose="to make it smooth", who="Anna") if "dough" in one.text else
            replace(one, place=next((p for word, p in places.items() if word in one.text), None))
            for one in found
        ]  # fmt: skip

    def goal_of(self, told: Sequence[CitedNarration]) -> str:
        """The goal."""
        return "bake bread" if told else ""


def test_what_a_witness_knows_is_in_the_words() -> None:
    said = (0, 4, "Anna needs the dough to make it smooth")
    stream = narrated(said, (5, 9, "heat oven"), (10, 14, "shape loaf by hand"))
    draft, why = chosen("contextual_qa", "one question: why", stream, Choosing(lambda point: point.kept),
                        lambda brief: question_context(brief, Witness()))  # fmt: skip
    assert not why
    assert draft["question"]["text"] == "Why does Anna knead the dough?"
    assert texts(draft["answer"]) == ["To make it smooth."]
    draft, why = chosen("procedural_tutorial", "a tutorial", stream, Choosing(lambda p: [o.id for o in p.options]),
                        lambda brief: teach(brief, Witness()))  # fmt: skip
    assert not why
    assert draft["title"]["text"] == "How to bake bread"
    assert texts(draft["answer"])[:2] == ["1. Knead the dough to make it smooth.", "2. Heat the oven."]


def test_a_witness_of_a_walk_names_its_ends_and_what_is_passed() -> None:
    told = with_reports(CORNER, (0, 7, "in the parlour"), (2, 2, "left: lamp"), (9, 17, "in the hall"))
    draft, why = chosen("vln_navigation", "how to get there", told, Choosing(lambda point: point.kept),
                        lambda brief: guide(brief, Witness()))  # fmt: skip
    assert not why
    assert draft["question"]["text"].startswith(
        "You are in the parlour and face the way to go. How do you get to the hall?"
    )
    first = texts(draft["answer"])[0]
    assert first.startswith("Go straight on for 4.00 m past the lamp on your left, turn left by 90 degrees")
    assert "go straight on for 3.00 m into the hall" in first


@pytest.mark.parametrize("how", ["nothing", "everything", "random", "others"])
@pytest.mark.parametrize("task", sorted(DOMAIN.tasks))
def test_odd_answers_end_in_a_draft_or_in_a_refusal(task: str, how: str) -> None:
    stream = with_reports(CORNER, (0, 7, "in the parlour"), (9, 17, "in the hall")) if "vln" in task else KITCHEN

    def keep(point: ChoicePoint) -> list[str]:
        names = [option.id for option in point.options]
        some = random.Random(point.name)
        return {"nothing": list[str](), "everything": names, "random": [n for n in names if some.random() < 0.5],
                "others": [n for n in names if n not in point.kept]}[how]  # fmt: skip

    draft, why = chosen(task, "make samples of this", stream, Choosing(keep))
    assert bool(draft) != bool(why)
    assert how != "nothing" or why
