"""`concept_qa`: the course's own exercises first, then questions that the transcript and the pages answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.education.exercises import exercise_of, passage_for, unfit
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import LANGUAGES, Lesson, lesson
from dataclaw.domains.education.patterns import PATTERNS
from dataclaw.domains.education.questions import Pair, pairs_of
from dataclaw.domains.education.words import stems
from dataclaw.errors import PolicyError
from dataclaw.planning import CITES, Asking, clipped, decline, said, submit
from dataclaw.types import Anchor, Brief, Json

USUAL = 6
"""Questions from a transcript when the intent does not say how many; exercises are all asked."""

ALIKE = 0.5
"""Questions that share so much of their content words ask the same."""

CLIP, SHORT, THOUGHTS = 1000, 140, 6
"""Longest explanation and longest quotation in the reasoning [characters], and most thoughts."""

_SAYS = {
    "definition": "says what something is",
    "meaning": "says what something means",
    "reason": "gives a reason",
    "number": "gives a number",
    "purpose": "says what something is for",
    "procedure": "says how something is done",
    "condition": "says when something holds",
    "consequence": "says what follows",
    "advice": "says what to do",
    "question": "answers what was asked just before",
}


@dataclass(frozen=True, slots=True)
class Item:
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


def ask_concepts(brief: Brief) -> Asking[None]:
    """Plan of `concept_qa`."""
    found = yield from lesson(brief, slides="silent")
    items = [item for anchor in found.exercises if (item := _given(anchor, found))]
    items += [_told(pair) for pair in pairs_of(found.sentences, found.language, found.weights)]
    fitting = [item for item in items if found.wish.concerns(item.text, found.language)]
    if not fitting:
        raise _nothing(found, items)
    kept = _chosen(fitting, found)
    unfitting = {anchor.id: unfit(anchor) for anchor in found.exercises}
    draft: dict[str, Json] = {
        "cot": [_thought(item) for item in kept[:THOUGHTS]],
        "pairs": [item.body for item in kept],
        "left_out": left_out(
            (cite for item in kept for cite in item.body["cite"]),
            other_time=found.outside,
            no_answer=(name for name, why in unfitting.items() if why == "no_answer"),
            needs_picture=(name for name, why in unfitting.items() if why == "needs_picture"),
            unclear=(name for name, why in unfitting.items() if why == "unclear"),
            other_topic=(item.body["cite"][0] for item in items if item not in fitting),
            not_needed=(item.body["cite"][0] for item in fitting if item not in kept),
        ),
    }
    yield from submit(draft)


def _given(anchor: Anchor, found: Lesson) -> Item | None:
    """An exercise of the course, with the passage that bears its answer out."""
    exercise = exercise_of(anchor)
    if exercise is None or unfit(anchor):
        return None
    body: dict[str, Json] = {"cite": [anchor.id], "kind": "exercise", "question": exercise.question}
    if exercise.choices:
        body["choices"] = list(exercise.choices)
    body["answer"] = exercise.answer
    passage = passage_for(exercise, found.sentences, found.language)
    if passage is not None:
        body["cite"] = [anchor.id, *passage.cites][:CITES]
        body["evidence"] = said(passage.text, passage.cites)
    elif exercise.explanation:
        body["evidence"] = said(exercise.explanation, [anchor.id], CLIP)
    return Item(body, anchor.t0, float("inf"))


def _told(pair: Pair) -> Item:
    """A question that the transcript answers."""
    body: dict[str, Json] = {
        "cite": list(pair.cites),
        "kind": pair.kind,
        "question": pair.question,
        "answer": pair.answer,
        "evidence": said(pair.evidence, pair.cites),
    }
    return Item(body, pair.t0, pair.worth)


def _chosen(items: Sequence[Item], found: Lesson) -> list[Item]:
    """The best ones, no two that ask the same, in the order of the lesson."""
    own = sum(item.own for item in items)
    count = found.wish.count or min(max(USUAL, own), 20)
    kept: list[Item] = []
    for item in sorted(items, key=lambda i: (-i.worth, i.t0)):
        if len(kept) < count and not any(_same(item, other, found.language) for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda i: i.t0)


def _same(a: Item, b: Item, language: str) -> bool:
    if a.own and b.own:
        return (a.body["question"], a.body["answer"]) == (b.body["question"], b.body["answer"])
    one, other = set(stems(a.body["question"], language)), set(stems(b.body["question"], language))
    return len(one & other) / max(1, len(one | other)) >= ALIKE


def _thought(item: Item) -> dict[str, Json]:
    body = item.body
    question, answer = clipped(_unquoted(body["question"]), SHORT), clipped(_unquoted(body["answer"]), SHORT)
    if item.own:
        return said(f'The course asks "{question}" and counts "{answer}" as right.', body["cite"])
    return said(f'"{answer}" {_SAYS[body["kind"]]}: it answers a question by itself.', body["cite"])


def _unquoted(text: str) -> str:
    return text.replace('"', "'")


def _nothing(found: Lesson, items: Sequence[Item]) -> PolicyError:
    """Why there is no question, and what would help."""
    if items:
        topic = " ".join(found.wish.topic)
        return decline(
            f'no question of this lesson is about "{topic}"', "Ask about something else, or about all of it."
        )
    if found.cues and not found.sentences:
        reason = "its transcript has no sentence marks, so that nothing can be quoted as an answer"
        return decline(reason, "Give a punctuated transcript, or ask for a lecture_summary.")
    if found.sentences and found.language not in PATTERNS:
        asked = " and ".join(LANGUAGES[code] for code in PATTERNS)
        reason = f"questions are put in {asked}, and this is in {LANGUAGES[found.language]}"
        return decline(reason, "Use a --model, or a transcript in one of these languages.")
    if found.exercises:
        return decline(
            "none of its exercises can be answered in words, without its picture or a program",
            "Add a transcript to it.",
        )
    if found.sentences:
        return decline("no sentence defines, explains or counts something by itself", "Use a --model for this lesson.")
    return decline("it has neither a transcript nor exercises", "Put subtitles beside the video.")
