"""`concept_qa`: the course's own exercises first, then questions that the transcript and the pages answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.education.exercises import exercise_of, passage_for, unfit
from dataclaw.domains.education.intents import MOST, LessonIntent
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import LANGUAGES, Lesson, read_lesson
from dataclaw.domains.education.patterns import PATTERNS
from dataclaw.domains.education.questions import QaPair, pairs_of
from dataclaw.domains.education.ranking import Weights
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.told import ToldOfLesson
from dataclaw.domains.education.words import stems
from dataclaw.errors import PolicyError
from dataclaw.planning import Asking, decline, keep, option, shorten, statement, submit
from dataclaw.types import Anchor, Brief, Json
from dataclaw.words import words_beside

USUAL, WORDS = 6, 150
"""Least number of questions from a transcript where the intent names none, as far as it bears them, and words of
transcript for each further one; exercises are all asked."""

ALIKE = 0.5
"""Questions that share this much of their content words ask the same."""

CLIP = 1000
"""Longest explanation that is quoted [characters]."""

SHORT, THOUGHTS = 140, 6
"""Longest quotation in the reasoning [characters], and most thoughts."""

_SAYS: Mapping[str, str] = words_beside(__file__).tables["says"]
"""What a sentence does, by the kind of question that it answers."""


class ToldQuestions(ToldOfLesson):
    """What is known of what a lesson answers; here, what its stream says."""

    def questions(self, found: Lesson) -> list[CandidateQuestion]:
        """Every question that it gives."""
        return candidates_of(found.exercises, found.sentences, found.language, found.weights)


def ask_concepts(brief: Brief, told: ToldQuestions | None = None) -> Asking[None]:
    """Plan of `concept_qa`."""
    told = told or ToldQuestions()
    found = told.lesson((yield from read_lesson(brief, slides="silent")))
    items = told.questions(found)
    if not items:
        raise _nothing(found, items)
    own = choose_questions(items, found.intent, found.language, count_words(found.sentences))
    options = [
        option(f"q{at}", item.text, item.body["cite"], verb=item.body["kind"], t0=round(item.t0, 2))
        for at, item in enumerate(items)
    ]
    left = {
        f"q{at}": "not_needed" if found.intent.concerns(item.text, found.language) else "other_topic"
        for at, item in enumerate(items)
        if item not in own
    }
    left, _ = yield from keep("education.questions", options, left, "not_needed")
    kept = _once([item for at, item in enumerate(items) if f"q{at}" not in left])
    if not kept:
        raise _nothing(found, items)
    why = {item.body["cite"][0]: left[f"q{at}"] for at, item in enumerate(items) if f"q{at}" in left}
    pairs: list[Json] = [item.body for item in kept]
    yield from submit({"cot": _thoughts(kept), "pairs": pairs, "left_out": _left_out(found, why, kept)})


def _once(items: Sequence[CandidateQuestion]) -> list[CandidateQuestion]:
    """The questions in the order of the lesson, none twice, and of too many the best."""
    once = {(item.body["question"], item.body["answer"]): item for item in items}
    best = sorted(once.values(), key=lambda item: (-item.worth, item.t0))[:MOST]
    return sorted(best, key=lambda item: item.t0)


def _left_out(found: Lesson, left: Mapping[str, str], kept: Sequence[CandidateQuestion]) -> list[Json]:
    why = {**left} | {anchor.id: reason for anchor in found.exercises if (reason := unfit(anchor))}
    reasons = ("no_answer", "needs_picture", "unclear", "other_topic", "not_needed")
    return left_out(
        (cite for item in kept for cite in item.body["cite"]),
        other_time=found.outside,
        **{reason: [name for name, own in why.items() if own == reason] for reason in reasons},
    )


def _thoughts(kept: Sequence[CandidateQuestion]) -> list[Json]:
    """A thought for each of the first questions; parts of one exercise share one."""
    once = {str(thought["text"]): thought for item in kept for thought in [_question_thought(item)]}
    return list(once.values())[:THOUGHTS]


def _question_thought(item: CandidateQuestion) -> dict[str, Json]:
    body = item.body
    question, answer = (shorten(body[key].replace('"', "'"), SHORT) for key in ("question", "answer"))
    if item.own:
        return statement(f'The course asks "{question}" and counts "{answer}" as right.', body["cite"])
    if item.stress:
        said = shorten(item.stress.text.rstrip(".!"), SHORT)
        text = f'"{answer}" {_SAYS[body["kind"]]}, and of it is said "{said}".'
        return statement(text, [*body["cite"], *item.stress.cites])
    return statement(f'"{answer}" {_SAYS[body["kind"]]}: it answers a question by itself.', body["cite"])


def _nothing(found: Lesson, items: Sequence[CandidateQuestion]) -> PolicyError:
    """The error when the lesson gives no question, or none that is wanted."""
    if items:
        about = f'is about "{" ".join(found.intent.topic)}"' if found.intent.topic else "is wanted"
        return decline(
            f"no question of this lesson {about}",
            f"Ask for all of it, or for one of these: {' '.join(str(item.body['question']) for item in items[:3])}",
        )
    if found.cues and not found.sentences:
        reason = "its transcript has no sentence marks, so nothing can be quoted as an answer"
        return decline(reason, "Give a punctuated transcript, or ask for a lecture_summary.")
    if found.sentences and found.language not in PATTERNS:
        asked = " and ".join(LANGUAGES[code] for code in PATTERNS)
        reason = f"questions can be put in {asked}, and this lesson is in {LANGUAGES[found.language]}"
        return decline(reason, "Use a --model, or a transcript in one of these languages.")
    if found.exercises:
        return decline(
            "none of its exercises can be answered in words, without its picture or a program",
            "Add a transcript to it.",
        )
    if found.sentences:
        return decline("no sentence defines, explains or counts something by itself", "Use a --model for this lesson.")
    return decline("it has neither a transcript nor exercises", "Put subtitles beside the video.")


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """A question that a lesson gives, before the choice.

    Attributes:
        body: its entry in the draft.
        t0: its place in the lesson [s].
        worth: rank among the questions; the course's own come first.
        stress: the sentence by which it is said to matter, None where there is none.
    """

    body: dict[str, Json]
    t0: float
    worth: float
    stress: Sentence | None = None

    @property
    def own(self) -> bool:
        """Whether it is an exercise of the course."""
        return self.body["kind"] == "exercise"

    @property
    def text(self) -> str:
        """Question, answer and choices."""
        return " ".join([self.body["question"], self.body["answer"], *self.body.get("choices", [])])


def candidates_of(
    exercises: Sequence[Anchor], sentences: Sequence[Sentence], language: str, weights: Weights
) -> list[CandidateQuestion]:
    """Every question that a lesson gives: its exercises, and those that its sentences answer."""
    items = [item for anchor in exercises if (item := _exercise_candidate(anchor, sentences, language))]
    return items + [candidate_of(pair) for pair in pairs_of(sentences, language, weights)]


def count_words(sentences: Sequence[Sentence]) -> int:
    """Number of words of a lesson's sentences."""
    return sum(sentence.length for sentence in sentences)


def choose_questions(
    items: Sequence[CandidateQuestion], intent: LessonIntent, language: str, words: int
) -> list[CandidateQuestion]:
    """The best questions about the topic, no two that ask the same, in the order of the lesson.

    Args:
        items: every question that the lesson gives.
        intent: what is asked for.
        language: of the lesson.
        words: its length.
    """
    fitting = [item for item in items if intent.concerns(item.text, language)]
    own = sum(item.own for item in fitting)
    count = intent.count or min(max(USUAL, own, words // WORDS), MOST)
    kept: list[CandidateQuestion] = []
    for item in sorted(fitting, key=lambda i: (-i.worth, i.t0)):
        if len(kept) < count and not any(_same(item, other, language) for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda i: i.t0)


def _exercise_candidate(anchor: Anchor, sentences: Sequence[Sentence], language: str) -> CandidateQuestion | None:
    """An exercise of the course, with the passage that supports its answer."""
    exercise = exercise_of(anchor)
    if exercise is None or unfit(anchor):
        return None
    body: dict[str, Json] = {"cite": [anchor.id], "kind": "exercise", "question": exercise.question}
    if exercise.choices:
        body["choices"] = list(exercise.choices)
    body["answer"] = exercise.answer
    passage = passage_for(exercise, sentences, language)
    if passage is not None:
        body["evidence"] = statement(passage.text, passage.cites)
    elif exercise.explanation:
        body["evidence"] = statement(exercise.explanation, [anchor.id], CLIP)
    return CandidateQuestion(body, anchor.t0, float("inf"))


def candidate_of(pair: QaPair, stress: Sentence | None = None) -> CandidateQuestion:
    """A question that the transcript answers, with the sentence by which it is said to matter."""
    body: dict[str, Json] = {
        "cite": list(pair.cites),
        "kind": pair.kind,
        "question": pair.question,
        "answer": pair.answer,
        "evidence": statement(pair.evidence, pair.cites),
    }
    return CandidateQuestion(body, pair.t0, pair.worth, stress)


def _same(a: CandidateQuestion, b: CandidateQuestion, language: str) -> bool:
    if a.own and b.own:
        return (a.body["question"], a.body["answer"]) == (b.body["question"], b.body["answer"])
    if a.body["cite"] == b.body["cite"] and not a.own:
        return True
    one, other = set(stems(a.body["question"], language)), set(stems(b.body["question"], language))
    return len(one & other) / max(1, len(one | other)) >= ALIKE
