"""`concept_qa`: the course's own exercises first, then questions that the transcript and the pages answer."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.education.asking import CandidateQuestion, candidates_of, choose_questions
from dataclaw.domains.education.exercises import unfit
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import LANGUAGES, Lesson, read_lesson
from dataclaw.domains.education.patterns import PATTERNS
from dataclaw.errors import PolicyError
from dataclaw.planning import Asking, clipped, decline, said, submit
from dataclaw.types import Brief, Json

SHORT, THOUGHTS = 140, 6
"""Longest quotation in the reasoning [characters], and most thoughts."""

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


def ask_concepts(brief: Brief) -> Asking[None]:
    """Plan of `concept_qa`."""
    found = yield from read_lesson(brief, slides="silent")
    items = candidates_of(found.exercises, found.sentences, found.language, found.weights)
    kept = choose_questions(items, found.intent, found.language)
    if not kept:
        raise _nothing(found, items)
    draft: dict[str, Json] = {
        "cot": _thoughts(kept),
        "pairs": [item.body for item in kept],
        "left_out": _left_out(found, items, kept),
    }
    yield from submit(draft)


def _left_out(found: Lesson, items: Sequence[CandidateQuestion], kept: Sequence[CandidateQuestion]) -> list[Json]:
    about = [item for item in items if found.intent.concerns(item.text, found.language)]
    why = {anchor.id: unfit(anchor) for anchor in found.exercises}
    return left_out(
        (cite for item in kept for cite in item.body["cite"]),
        other_time=found.outside,
        no_answer=(name for name, reason in why.items() if reason == "no_answer"),
        needs_picture=(name for name, reason in why.items() if reason == "needs_picture"),
        unclear=(name for name, reason in why.items() if reason == "unclear"),
        other_topic=(item.body["cite"][0] for item in items if item not in about),
        not_needed=(item.body["cite"][0] for item in about if item not in kept),
    )


def _thoughts(kept: Sequence[CandidateQuestion]) -> list[Json]:
    """One for each of the first questions; parts of one exercise are thought of once."""
    once = {str(thought["text"]): thought for item in kept for thought in [_question_thought(item)]}
    return list(once.values())[:THOUGHTS]


def _question_thought(item: CandidateQuestion) -> dict[str, Json]:
    body = item.body
    question, answer = clipped(_single_quotes(body["question"]), SHORT), clipped(_single_quotes(body["answer"]), SHORT)
    if item.own:
        return said(f'The course asks "{question}" and counts "{answer}" as right.', body["cite"])
    return said(f'"{answer}" {_SAYS[body["kind"]]}: it answers a question by itself.', body["cite"])


def _single_quotes(text: str) -> str:
    return text.replace('"', "'")


def _nothing(found: Lesson, items: Sequence[CandidateQuestion]) -> PolicyError:
    """Why there is no question, and what would help."""
    if items:
        topic = " ".join(found.intent.topic)
        return decline(
            f'no question of this lesson is about "{topic}"',
            f"Ask for all of it, or for one of these: {' '.join(str(item.body['question']) for item in items[:3])}",
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
