"""Expert of `concept_qa` on lectures: the course's exercises, then stressed facts, definitions and other facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.domains.education.exercises import exercise_of, unfit
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.words import tokens
from dataclaw.planning import Asking, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import Transcript, Truth, listen, look_over, said_at, truths
from dataclaw_worlds.education.scope import ClearFact, RequestScope, aside_thoughts, clear_facts, in_order, scope_of
from dataclaw_worlds.education.thoughts import plain, put
from dataclaw_worlds.words import upper_first

USUAL = 6
"""Number of questions where the request does not say."""


def ask_concepts(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested questions."""
    kinds = yield from look_over()
    transcript = yield from listen(brief)
    given = (yield from pages("list_events", kinds=["exercise"])) if kinds.get("exercise") else []
    scope = scope_of(brief, transcript)
    count = int(brief.request.meaning.get("count") or 0)
    everything = clear_facts(truths(brief, "topics"), transcript)
    own = _exercises(brief, given, scope, everything)
    own = own[: count or len(own)]
    asked = {tokens_of(str(pair["question"])) for pair in own}
    left = [t for t in scope.facts if tokens_of(str(t.truth["question"])) not in asked]
    wanted = (count or max(USUAL, len(own))) - len(own)
    chosen = best(left, max(0, wanted))
    pairs = [_pair(told) for told in chosen] + own
    if not pairs:
        raise decline("the transcript holds no clear fact about the request", "Ask for another part.")
    bad = {anchor.id: unfit(anchor) for anchor in given}
    others = [h.cites[0] for h in transcript.of("opener") if h.topic not in scope.topics]
    used = {c for pair in pairs for c in cast("list[str]", pair["cite"])}
    yield from submit({
        "cot": in_order([
            *_why(brief, chosen, transcript),
            *aside_thoughts(brief, transcript, scope.until, scope.topics),
        ]),
        "pairs": cast("Json", pairs),
        "left_out": left_out(
            used,
            other_time=others if scope.timed else (),
            no_answer=[k for k, why in bad.items() if why == "no_answer"],
            needs_picture=[k for k, why in bad.items() if why == "needs_picture"],
            other_topic=others if scope.narrowed else (),
            unclear=[c for t in _unclear(brief, transcript) for c in t],
        ),
    })  # fmt: skip


def best(told: Sequence[ClearFact], count: int) -> list[ClearFact]:
    """The best `count` facts in order of time: stressed ones first, then definitions, then the rest."""
    ranked = sorted(told, key=lambda t: (not t.truth["key"], t.truth["kind"] != "definition", t.heard.t0))
    return sorted(ranked[:count], key=lambda t: t.heard.t0)


def tokens_of(text: str) -> str:
    """A text in the form in which texts are compared."""
    return " ".join(tokens(text))


def _pair(told: ClearFact) -> dict[str, Json]:
    truth = told.truth
    answer = upper_first(str(truth["answer"]))
    return {
        "cite": list(told.cites),
        "kind": truth["kind"],
        "question": truth["question"],
        "answer": answer if truth["kind"] == "number" else f"{answer}.",
        "evidence": statement(told.text, told.cites),
    }


def _exercises(
    brief: ExpertBrief, given: Sequence[Anchor], scope: RequestScope, told: Sequence[ClearFact]
) -> list[dict[str, Json]]:
    """The exercises in scope, each with the sentence that proves it."""
    known = {tokens_of(str(fact["question"])): fact for fact in truths(brief, "exercises")}
    found: list[dict[str, Json]] = []
    for anchor in given:
        exercise = exercise_of(anchor)
        truth = known.get(tokens_of(exercise.question)) if exercise else None
        if exercise is None or truth is None or unfit(anchor) or truth["topic"] not in scope.topics or scope.timed:
            continue
        body: dict[str, Json] = {"cite": [anchor.id], "kind": "exercise", "question": exercise.question}
        if exercise.choices:
            body["choices"] = list(exercise.choices)
        body["answer"] = exercise.answer
        passage = next((t for t in told if _bears(t, truth)), None)
        if passage:
            body["evidence"] = statement(passage.text, passage.cites)
        elif exercise.explanation:
            body["evidence"] = statement(exercise.explanation, [anchor.id])
        found.append(body)
    return found


def _bears(told: ClearFact, truth: Truth) -> bool:
    return told.heard.topic == truth["topic"] and told.heard.fact == truth["fact"]


def _why(
    brief: ExpertBrief, chosen: Sequence[ClearFact], transcript: Transcript
) -> list[tuple[float, dict[str, Json]]]:
    """Thoughts about why facts are worth a question: stressed by the lecturer, or announced for the exam."""
    found: list[tuple[float, dict[str, Json]]] = []
    stressed = {(h.topic, h.fact): h for h in transcript.of("emphasis")}
    examined = {(h.topic, h.fact): h for h in transcript.of("exam")}
    for told in chosen:
        key = (told.heard.topic, told.heard.fact)
        if mark := stressed.get(key):
            text = put(brief, "stressed", at=said_at(mark), to=said_at(told.heard), what=plain(str(mark.truth["text"])))
            found.append((mark.t0, statement(text, [*mark.cites, *told.cites])))
        elif exam := examined.get(key):
            text = put(brief, "exam", at=said_at(told.heard), what=plain(str(exam.truth["text"])))
            found.append((told.heard.t0, statement(text, [*told.cites, *exam.cites])))
    return found[:5]


def _unclear(brief: ExpertBrief, transcript: Transcript) -> list[tuple[str, ...]]:
    topics = truths(brief, "topics")
    return [h.cites for h in transcript.of("fact") if topics[h.topic]["facts"][h.fact]["unclear"]]
