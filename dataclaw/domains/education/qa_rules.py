"""Rules of `concept_qa`: is each question answered by what it cites, and are there as many as the lesson gives?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.education.exercises import exercise_of
from dataclaw.domains.education.intents import parse_intent
from dataclaw.domains.education.lessons import text_of
from dataclaw.domains.education.qa import candidates_of, choose_questions, count_words
from dataclaw.domains.education.questions import answers
from dataclaw.domains.education.ranking import weights_of
from dataclaw.domains.education.reading import text_or_empty, words_by
from dataclaw.domains.education.sentences import CitedCue, has_sentence_marks, sentences_of
from dataclaw.domains.education.words import language_of, plain, stems, tokens
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, rule, score_of
from dataclaw.schema import objects_of
from dataclaw.types import Anchor, Event, Finding, Json

SPOKEN_OF = 0.5
"""Least share of a question's content words that its passage has to hold."""


@rule("education.answerable")
def answerable(case: Case) -> Score:
    """Is each question answered by what it cites? Mean over the pairs of three checks.

    The answer of a cited exercise is all its right choices, or one of its right answers, and its choices are the
    exercise's; of other pairs, half of the question's content words stand in the passage, and the question asks. The
    answer says something that the question does not. No question is asked twice, and an exercise is called one.
    """
    pairs = objects_of(case.draft, "pairs")
    if not pairs:
        return score_of(0.0, [Finding("/pairs", "nothing is asked", "education.answerable", 0.0)])
    asked: set[tuple[str, ...]] = set()
    scores: list[float] = []
    findings: list[Finding] = []
    for at, pair in enumerate(pairs):
        problems = _pair_problems(pair, anchors_of(pair, case), asked)
        asked.add((*tokens(text_or_empty(pair.get("question"))), "/", *tokens(text_or_empty(pair.get("answer")))))
        scores.append(1.0 - min(1.0, len(problems) / 2))
        findings += [Finding(f"/pairs/{at}", problem, "education.answerable", 0.0) for problem in problems]
    return score_of(sum(scores) / len(scores), findings)


@rule("education.enough")
def enough(case: Case) -> Score:
    """Questions asked, as a share of those that the intent names or the lesson gives, whichever are fewer; at most 1.

    The lesson gives its exercises that have an answer, and what defining, explaining or counting sentences of its
    transcript and pages answer. Does not apply to a stream without such events.
    """
    if "given" not in case.memo:
        case.memo["given"] = _expected_count(case)
    expected = int(case.memo["given"])
    if not expected:
        return NOT_APPLICABLE
    count = len(objects_of(case.draft, "pairs"))
    message = f"{count} asked, and the lesson gives {expected}"
    findings = [Finding("/pairs", message, "education.enough", count / expected)] if count < expected else []
    return score_of(min(1.0, count / expected), findings)


def _expected_count(case: Case) -> int:
    """The number of questions that the plan itself would ask about the events."""
    intent = parse_intent(case.intent, case.window)
    inside = [event for event in case.events if intent.within(event.t0)]
    cues = [_cue(event) for event in inside if event.kind == "cue"]
    pages = [_cue(event) for event in inside if event.kind == "page"]
    language = language_of([cue.text for cue in (*cues, *pages)] or [event.text for event in inside])
    sentences = sentences_of(cues) if has_sentence_marks(cues) else []
    sentences += [sentence for page in pages for sentence in sentences_of([page])]
    exercises = [_anchor(event) for event in inside if event.kind == "exercise"]
    return len(
        choose_questions(
            candidates_of(exercises, sentences, language, weights_of(sentences, language)),
            intent,
            language,
            count_words(sentences),
        )
    )


def _cue(event: Event) -> CitedCue:
    return CitedCue(f"e{event.index}", event.text, event.t0, event.t1)


def _anchor(event: Event) -> Anchor:
    attrs = {"verb": event.kind, "text": event.text, "details": dict(event.attrs)}
    return Anchor(f"e{event.index}", "event", event.text, event.t0, event.t1, attrs=attrs)


def _pair_problems(pair: Mapping[str, Json], anchors: Sequence[Anchor], asked_: set[tuple[str, ...]]) -> list[str]:
    question, answer = text_or_empty(pair.get("question")), text_or_empty(pair.get("answer"))
    exercises = [made for a in anchors if a.attrs.get("verb") == "exercise" and (made := exercise_of(a))]
    problems: list[str] = []
    if (pair.get("kind") == "exercise") != bool(exercises):
        problems.append("is called an exercise, and none is cited" if not exercises else "is an exercise of the course")
    if exercises:
        made = exercises[0]
        if answer != made.answer and (made.choices or answer not in made.answers):
            problems += [f'"{answer[:60]}" is not what the exercise counts as right ("{made.answer[:60]}")'] * 2
        if tokens(question) not in (tokens(made.question), tokens(plain(text_of(made.anchor)))):  # short, or whole
            problems.append("the question is not the exercise's")
        if list(made.choices) != cast("list[Json]", pair.get("choices") or []):
            problems.append("the choices are not the exercise's")
    else:
        language = language_of([question, answer, *(words_by(a) for a in anchors)])
        passage = {stem for a in anchors for stem in stems(words_by(a), language)}
        wanted = set(stems(question, language))
        if wanted and len(wanted & passage) / len(wanted) < SPOKEN_OF:
            problems += ["what is cited does not speak of what is asked"] * 2
        if not question.rstrip().endswith(("?", "？")):
            problems.append("the question asks nothing")
        if not answers(question, answer, language):
            problems += ["the answer says nothing that the question does not"] * 2
    if (*tokens(question), "/", *tokens(answer)) in asked_:
        problems += ["is asked twice"] * 2
    return problems
