"""Can the sample's question be answered from what the sample carries, is it a question of its own, in one language?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.prose import quotations, without_quotations
from dataclaw.rewards.similarity import alike
from dataclaw.rewards.texts import CJK, NUMBERED, POINTING, RECALL, answer_parts, inner_questions
from dataclaw.schema import fields_of
from dataclaw.types import Finding, Json

PICTURES = ("input_video", "input_image", "input_parts")
OPEN = 0.5
"""Score of a question whose source is named but not carried."""
SAME = 0.8
"""Likeness (see `alike`) from which a question is the user's own request."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@rule("answerable")
def answerable(case: Case) -> Score:
    """Does the sample carry what its questions need? Mean over its questions.

    A question that points at a picture ("the graph", "shown below") needs a picture among the inputs and scores 0
    without one. Any other scores 1 when the sample has an input (video, pictures or text), or when choices or the
    passage that answers it stand beside it; else 0.5: its source is only named. Does not apply where the inputs are
    not known.
    """
    if case.inputs is None:
        return NOT_APPLICABLE
    seen = any(case.inputs.get(key) for key in PICTURES)
    carried = seen or bool(case.inputs.get("input_text")) or bool(_order(case))
    seen = seen or bool(case.inputs.get("output_image") or case.inputs.get("output_video"))
    findings: list[Finding] = []
    scores: list[float] = []
    for place, text, beside in _questions(case):
        points = POINTING["at_a_picture"].search(without_quotations(text))
        score = 1.0 if carried or beside else OPEN
        if points and not seen:
            score = 0.0
            message = f'"{points[0]}" is not carried: the sample has no picture'
            findings.append(Finding(place, message, "answerable", score))
        elif score < 1.0:
            message = "the sample carries neither picture nor text to answer from"
            findings.append(Finding(place, message, "answerable", score))
        scores.append(score)
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _order(case: Case) -> bool:
    """Whether the question holds the instruction that its picture follows: a prompt needs no other input."""
    said = str(fields_of(fields_of(case.draft).get("instruction")).get("text", ""))
    return bool(said and (case.inputs or {}).get("output_image")) and " ".join(said.split())[:80] in case.question


@rule("own_question")
def own_question(case: Case) -> Score:
    """1 when the sample asks a question of its own; 0 when its question is the user's request to this program.

    "Make good data from these" is no question for a model. Does not apply where the question is not known.
    """
    if not case.question:
        return NOT_APPLICABLE
    if alike(case.question, case.intent) < SAME:
        return Score(1.0)
    message = "the question is the user's request: ask what the answer answers"
    return score_of(0.0, [Finding("/question", message, "own_question", 0.0)])


@rule("deep_questions")
def deep_questions(case: Case) -> Score:
    """1 - 0.7 * the share of questions for a fact which a label gives: how many, when, who, what is done at 0:07.

    A question is one of the draft's inner ones, or a numbered line of its question. Does not apply to a single
    question without a number.
    """
    lines = [line for line in case.question.splitlines() if NUMBERED.match(line)]
    asked = [(place, str(fields["question"])) for place, fields in inner_questions(case) if not fields.get("choices")]
    asked = asked or [("/question", line) for line in lines]
    findings = [
        Finding(place, f'"{text[:60]}" asks for what a label says', "deep_questions", 0.3)
        for place, text in asked
        if RECALL.search(text)
    ]
    return score_of(1.0 - 0.7 * len(findings) / len(asked), findings) if asked else NOT_APPLICABLE


@rule("one_language")
def one_language(case: Case) -> Score:
    """Share of the question and the parts of the answer that are written in the language of the intent's script.

    Where a draft carries an instruction of the stream, to which its picture is the answer, that one's script counts.
    What stands in quotation marks is the stream's; a question that mostly is one quotation in another script counts
    half. Scripts: Chinese, Japanese and Korean characters against Latin letters.
    """
    given = fields_of(fields_of(case.draft).get("instruction"))
    wanted = (_script(str(given.get("text", ""))) if given.get("role") == "instruction" else "") or _script(case.intent)
    texts = [("/question", case.question), *((part.pointer, part.text) for part in answer_parts(case))]
    findings: list[Finding] = []
    scores: list[float] = []
    for place, text in texts:
        own = _script(without_quotations(text))
        if not own:
            continue
        score = 1.0 if not wanted or own == wanted else 0.0
        if score and place == "/question" and _script(" ".join(quotations(text))) not in ("", own):
            score = 0.5
        if score < 1.0:
            findings.append(Finding(place, "two languages: say it in the one of the intent", "one_language", score))
        scores.append(score)
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _questions(case: Case) -> list[tuple[str, str, bool]]:
    """`(pointer, text, whether its choices or passage stand beside it)` of the inner questions, else the outer one."""
    inner = [(f"{at}/question", str(fields["question"]), _answers(fields)) for at, fields in inner_questions(case)]
    return inner or ([("/question", case.question, False)] if case.question else [])


def _answers(fields: Mapping[str, Json]) -> bool:
    return bool(fields.get("choices") or fields_of(fields.get("evidence")).get("text"))


def _script(text: str) -> str:
    """The script that a text is in: "cjk", "latin" or "" for too little text."""
    cjk, latin = len(CJK.findall(text)), len(_LATIN.findall(text))
    if 2 * cjk > latin and cjk > 1:
        return "cjk"
    return "latin" if latin > 2 else ""
