"""What an annotator makes of a demonstration: an instruction and the events that follow it; then rows to learn."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataclaw.evals.downstream.gui.demonstrations import Demonstration, Element, PageStep
from dataclaw.evals.downstream.gui.moves import Situation, element_of, moves_of
from dataclaw.evals.downstream.gui.step_score import CLEAN, PUBLIC, StepAction
from dataclaw.evals.downstream.rows import HeldRow, LearnedRow

KEPT = 0.5
"""How probable it is that the random annotator keeps an event."""
_CODE = re.compile(r"^/answer/steps/(\d+)/code$")
_END = "computer.terminate"
"""The code that ends a trajectory; what it cites is why that is the end, and no further action."""


@dataclass(frozen=True, slots=True)
class GuiLesson:
    """A demonstration as somebody tells it.

    Attributes:
        instruction: what is to be done, in words.
        events: indices of the events that do it, in order.
    """

    instruction: str
    events: Sequence[int]


def as_logged(demonstration: Demonstration) -> GuiLesson:
    """The log as it is: every event, under the words of the log."""
    events = [step.event for step in demonstration.steps if step.event >= 0]
    return GuiLesson(_words_of(demonstration, events), events)


def at_random(demonstration: Demonstration, seed: int) -> GuiLesson:
    """Some events, drawn by lot, under their words of the log."""
    dice = random.Random(f"{seed}:{demonstration.path.name}")
    events = [step.event for step in demonstration.steps if step.event >= 0 and dice.random() < KEPT]
    return GuiLesson(_words_of(demonstration, events), events)


def by_truth(demonstration: Demonstration) -> GuiLesson | None:
    """The person's own task and everything that was done, where the reward says that it worked; else None."""
    events = [step.event for step in demonstration.steps if step.event >= 0]
    return GuiLesson(demonstration.task, events) if demonstration.won else None


def by_sample(sample: Mapping[str, Any]) -> GuiLesson:
    """What a sample of `navigation_sft` says: its instruction, and the event that each step's code cites."""
    steps = sample["answer"]["steps"]
    cited = [
        ids for place, ids in sample["evidence"].items()
        if (found := _CODE.match(place)) and not steps[int(found[1])]["code"].startswith(_END)
    ]  # fmt: skip
    events = [next((int(name[1:]) for name in ids if re.fullmatch(r"e\d+", name)), -1) for ids in cited]
    return GuiLesson(str(sample["answer"]["instruction"]["text"]), [at for at in events if at >= 0])


def _words_of(demonstration: Demonstration, events: Sequence[int]) -> str:
    steps = {step.event: step for step in demonstration.steps}
    told: list[str] = []
    for at in events:
        done = steps[at].done
        if done is not None:
            target = element_of(done, Situation("", steps[at].elements, demonstration.size))
            name = f'"{target.name}" {target.role}' if target else ""
            told.append(" ".join(filter(None, (done.kind, name, f'"{done.text}"' if done.text else "", *done.keys))))
    return ", ".join(told)


def learned_rows(demonstration: Demonstration, lesson: GuiLesson) -> Iterator[LearnedRow]:
    """A row for every step of the lesson that an agent can be asked for, and one for its end."""
    by_event = {step.event: step for step in demonstration.steps}
    steps = [*(by_event[at] for at in lesson.events if at in by_event), by_event[-1]]
    for number, (step, scene) in enumerate(_situations(lesson.instruction, steps, demonstration.size)):
        if step.done is not None:
            moves = moves_of(scene)
            wanted = moves.fitting(step.done)
            if wanted:
                name = f"{demonstration.family}/{demonstration.path.name}"
                yield LearnedRow(f"{name}#{number}", name, moves.point, wanted)


def held_rows(demonstration: Demonstration) -> Iterator[HeldRow]:
    """A row for every step of a demonstration, under the person's own task; scored as AgentNetBench does."""
    for step, scene in _situations(demonstration.task, demonstration.steps, demonstration.size):
        if step.done is not None:
            moves = moves_of(scene)

            def judge(
                option: str, actions: Mapping[str, StepAction] = moves.actions, done: StepAction = step.done
            ) -> dict[str, float]:
                predicted = [actions[option]] if option else []
                return {"clean": CLEAN.score(predicted, [[done]]), "public": PUBLIC.score(predicted, [[done]])}

            name = f"{demonstration.family}/{demonstration.path.name}"
            yield HeldRow(name, name, moves.point, judge)


def _situations(task: str, steps: Sequence[PageStep], size: tuple[int, int]) -> Iterator[tuple[PageStep, Situation]]:
    past: list[tuple[StepAction, Element | None]] = []
    for step in steps:
        scene = Situation(task, step.elements, size, tuple(past))
        yield step, scene
        if step.done is not None:
            past.append((step.done, element_of(step.done, scene)))
