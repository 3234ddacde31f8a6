"""The questions that a lesson gives, and which of them are asked: for the plan that asks and the rule that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.education.exercises import exercise_of, passage_for, unfit
from dataclaw.domains.education.intents import MOST, LessonIntent
from dataclaw.domains.education.questions import QaPair, pairs_of
from dataclaw.domains.education.ranking import Weights
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.words import stems
from dataclaw.planning import said
from dataclaw.types import Anchor, Json

USUAL = 6
"""Questions from a transcript when the intent does not say how many; exercises are all asked."""

ALIKE = 0.5
"""Questions that share so much of their content words ask the same."""

CLIP = 1000
"""Longest explanation that is quoted [characters]."""


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """A question that may be kept.

    Attributes:
        body: as it stands in the draft.
        t0: where in the lesson it belongs [s].
        worth: how good a question it is beside others; the course's own come before all others.
    """

    body: dict[str, Json]
    t0: float
    worth: float

    @property
    def own(self) -> bool:
        """Whether the course itself asks it."""
        return self.body["kind"] == "exercise"

    @property
    def text(self) -> str:
        """Everything that it says."""
        return " ".join([self.body["question"], self.body["answer"], *self.body.get("choices", [])])


def candidates_of(
    exercises: Sequence[Anchor], sentences: Sequence[Sentence], language: str, weights: Weights
) -> list[CandidateQuestion]:
    """Every question that a lesson gives: its exercises, and what its sentences answer."""
    items = [item for anchor in exercises if (item := _exercise_candidate(anchor, sentences, language))]
    return items + [_pair_candidate(pair) for pair in pairs_of(sentences, language, weights)]


def choose_questions(
    items: Sequence[CandidateQuestion], intent: LessonIntent, language: str
) -> list[CandidateQuestion]:
    """The best ones about the topic, no two that ask the same, in the order of the lesson."""
    fitting = [item for item in items if intent.concerns(item.text, language)]
    own = sum(item.own for item in fitting)
    count = intent.count or min(max(USUAL, own), MOST)
    kept: list[CandidateQuestion] = []
    for item in sorted(fitting, key=lambda i: (-i.worth, i.t0)):
        if len(kept) < count and not any(_same(item, other, language) for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda i: i.t0)


def _exercise_candidate(anchor: Anchor, sentences: Sequence[Sentence], language: str) -> CandidateQuestion | None:
    """An exercise of the course, with the passage that bears its answer out."""
    exercise = exercise_of(anchor)
    if exercise is None or unfit(anchor):
        return None
    body: dict[str, Json] = {"cite": [anchor.id], "kind": "exercise", "question": exercise.question}
    if exercise.choices:
        body["choices"] = list(exercise.choices)
    body["answer"] = exercise.answer
    passage = passage_for(exercise, sentences, language)
    if passage is not None:
        body["evidence"] = said(passage.text, passage.cites)
    elif exercise.explanation:
        body["evidence"] = said(exercise.explanation, [anchor.id], CLIP)
    return CandidateQuestion(body, anchor.t0, float("inf"))


def _pair_candidate(pair: QaPair) -> CandidateQuestion:
    """A question that the transcript answers."""
    body: dict[str, Json] = {
        "cite": list(pair.cites),
        "kind": pair.kind,
        "question": pair.question,
        "answer": pair.answer,
        "evidence": said(pair.evidence, pair.cites),
    }
    return CandidateQuestion(body, pair.t0, pair.worth)


def _same(a: CandidateQuestion, b: CandidateQuestion, language: str) -> bool:
    if a.own and b.own:
        return (a.body["question"], a.body["answer"]) == (b.body["question"], b.body["answer"])
    one, other = set(stems(a.body["question"], language)), set(stems(b.body["question"], language))
    return len(one & other) / max(1, len(one | other)) >= ALIKE
