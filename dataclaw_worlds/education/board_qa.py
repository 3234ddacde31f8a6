"""Expert of `concept_qa` at the board: why each step is done, the hard steps first."""

from __future__ import annotations

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.questions import answers
from dataclaw.planning import Asking, decline, statement, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.board_summary import exercises_of
from dataclaw_worlds.education.evidence import HeardSentence, Truth, listen, look_over, said_at, truths
from dataclaw_worlds.education.scope import aside_thoughts, in_order
from dataclaw_worlds.education.thoughts import FORMS, plain, put

USUAL = 6
"""Number of questions where the request does not say."""


def ask_reasons(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested questions."""
    yield from look_over()
    transcript = yield from listen(brief)
    scope = exercises_of(brief, transcript)
    told = [h for h in transcript.of("move") if h.topic in scope.numbers and has_reason(_step(brief, h))]
    told = [h for h in told if transcript.begins_before(h.cites, scope.until)]
    hard = {(h.topic, h.fact): h for h in transcript.of("stuck")}
    ranked = sorted(told, key=lambda h: ((h.topic, h.fact) not in hard, h.t0))
    chosen = sorted(ranked[: int(brief.request.meaning.get("count") or USUAL)], key=lambda h: h.t0)
    if not chosen:
        raise decline("no requested step has a reason to ask for", "Ask for another part.")
    why: list[tuple[float, dict[str, Json]]] = []
    for heard in chosen:
        if mark := hard.get((heard.topic, heard.fact)):
            text = put(brief, "hard", to=said_at(heard), what=plain(str(mark.truth["text"])))
            why.append((mark.t0, statement(text, [*mark.cites, *heard.cites])))
    used = [c for heard in chosen for c in heard.cites]
    yield from submit({
        "cot": in_order([*why, *aside_thoughts(brief, transcript, scope.until, scope.numbers)]),
        "pairs": [_pair(brief, heard) for heard in chosen],
        "left_out": left_out(used, other_time=scope.other_time, other_topic=scope.other_topic),
    })  # fmt: skip


def _step(brief: ExpertBrief, heard: HeardSentence) -> Truth:
    return truths(brief, "problems")[heard.topic]["steps"][heard.fact]


def _texts(brief: ExpertBrief, heard: HeardSentence) -> tuple[str, str]:
    """Question and answer about a step; the question does not depend on the request."""
    step = _step(brief, heard)
    form = brief.scene.spec.rng("why", str(heard.topic), str(heard.fact)).choice(FORMS.phrases("why"))
    return form.format(move=step["move"]), f"Because {step['reason']}."


def has_reason(step: Truth) -> bool:
    """Whether the reason of a step says more than what is done in it."""
    return answers(FORMS.phrases("why")[0].format(move=step["move"]), f"Because {step['reason']}.", "en")


def _pair(brief: ExpertBrief, heard: HeardSentence) -> Json:
    question, answer = _texts(brief, heard)
    evidence = statement(str(heard.truth["text"]), heard.cites)
    return {"cite": list(heard.cites), "kind": "reason", "question": question, "answer": answer, "evidence": evidence}
