"""What the library's rules cannot judge: steps, spans, stated orders, routes, and the intent's scope.

Each works on the draft and the anchors it cites; none reads a picture. A draft may be any JSON: what has another form
than expected scores 0 and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from dataclaw.domains.daily.intents import parse_intent, stems
from dataclaw.domains.daily.question_rules import localise, needs_stream, sequence, sound_questions
from dataclaw.domains.daily.reading import SLACK, content_of, hull_of, is_narration, words_of
from dataclaw.domains.daily.route_rules import route
from dataclaw.rewards import Case, Score, anchors_of, nothing_to_judge, rule, score_of
from dataclaw.schema import citing_objects, fields_of, number_of, objects_of
from dataclaw.types import Anchor, Finding, Json

MEASURED = frozenset({"motion", "cut", "change", "frame", "text"})
"""Kinds of anchors that show a moment without words about what is done."""


@rule("daily.steps")
def steps(case: Case) -> Score:
    """Share of a tutorial's steps that are sound: one answer each, in order, said in the words told, pictures inside.

    A step is sound when its span is that of the narrations its answer cites and begins no earlier than the step
    before, and the answer says, of every narration it cites, the verb or the object (by stem). Each picture counts
    too: its frame must lie inside a step whose answer has an `<image_recall>`, in the order of the steps. Steps without
    an answer, or answers without a step, count as wrong.
    """
    draft = fields_of(case.draft)
    spans, answers = objects_of(draft.get("steps")), objects_of(draft.get("answer"))
    count = max(len(spans), len(answers))
    if not count:
        return score_of(0.0, [Finding("", "has no steps", "daily.steps", 0.0)])
    findings: list[Finding] = []
    for at in range(count):
        before = spans[at - 1] if 0 < at <= len(spans) else {}
        problem = "has no answer" if at >= len(answers) else "is not among the steps" if at >= len(spans) else ""
        problem = problem or _step_problem(spans[at], answers[at], before, case)
        if problem:
            place = f"/steps/{at}" if at < len(spans) else f"/answer/{at}"
            findings.append(Finding(place, problem, "daily.steps", 0.0))
    pictures = objects_of(draft.get("output_image"))
    findings += _picture_problems(pictures, spans, answers, case)
    total = count + len(pictures)
    return score_of(1.0 - min(total, len(findings)) / total, findings)


def _step_problem(span: Mapping[str, Json], answer: Mapping[str, Json], before: Mapping[str, Json], case: Case) -> str:
    narrations = [a for a in anchors_of(answer, case) if is_narration(a)]
    low, high = number_of(span.get("t0")), number_of(span.get("t1"))
    if not narrations or low is None or high is None:
        return "cites no narration"
    if {a.id for a in anchors_of(span, case)} - {a.id for a in narrations}:
        return "cites narrations that its answer does not"
    start, end = hull_of(narrations, case.window)
    if abs(low - start) > SLACK or abs(high - end) > SLACK:
        return f"lies from {low:g} to {high:g} s, but what its answer cites from {start:.2f} to {end:.2f} s"
    previous = number_of(before.get("t0"))
    if previous is not None and low < previous - SLACK:
        return f"begins at {low:g} s, before the step before it at {previous:g} s"
    said = stems(str(answer.get("text") or ""))
    silent = [a for a in narrations if not said & content_of(a)]
    return f"its answer does not say what {silent[0].id} tells" if silent else ""


def _picture_problems(
    pictures: Sequence[Mapping[str, Json]], spans: Sequence[Mapping[str, Json]], answers: Sequence[Mapping[str, Json]],
    case: Case,
) -> list[Finding]:  # fmt: skip
    shown = [at for at, answer in enumerate(answers) if "<image_recall>" in str(answer.get("text") or "")]
    findings: list[Finding] = []
    for k, picture in enumerate(pictures):
        at = shown[k] if k < len(shown) else len(spans)
        span: Mapping[str, Json] = spans[at] if at < len(spans) else {}
        low, high, frame = number_of(span.get("t0")), number_of(span.get("t1")), picture.get("frame")
        known = isinstance(frame, int) and 0 <= frame < len(case.frame_times)
        time = case.frame_times[cast("int", frame)] if known else None
        if time is None or low is None or high is None or not low - SLACK <= time <= high + SLACK:
            where = f"{time:.2f} s" if time is not None else "no time"
            message = f"frame at {where} is not inside its step, {low} to {high} s"
            findings.append(Finding(f"/output_image/{k}/frame", message, "daily.steps", 0.0))
    return findings


@rule("daily.scope")
def scope(case: Case) -> Score:
    """Share of cited narrations that the intent's span and topics allow, and of left-out ones that they refuse.

    Kept are the narrations cited outside `cot` and `left_out`; of `left_out` only the reason "not_asked" is checked.
    A narration belongs to a topic when it has a word of it, or when a thought or the step around it ties it to the
    topic (see `tied_to_topics`); the topics of a route are the places that it leads by. Measured anchors (motion, cuts,
    frames, texts) are checked by their middle. Keeping nothing scores 0.
    """
    draft = fields_of(case.draft)
    texts = [words_of(anchor) for anchor in case.anchors.values() if is_narration(anchor)]
    intent = parse_intent(case.intent, case.window).narrow_to(texts)
    if objects_of(draft.get("actions")):  # topics of a route are places that it leads from, to or by
        intent = replace(intent, topics=frozenset[str](), without=frozenset[str]())
    bound = tied_to_topics(intent.topics, draft, case) if intent.topics else frozenset[str]()
    scores: list[float] = []
    findings: list[Finding] = []
    for place, anchor in _kept_anchors(draft, case):
        free = replace(intent, topics=frozenset[str]()) if anchor.id in bound else intent
        refused = (
            free.refuses(words_of(anchor), anchor.t0, anchor.t1)
            if is_narration(anchor)
            else not _inside(anchor, intent.span)
        )
        scores.append(float(not refused))
        if refused:
            findings.append(Finding(place, f"{anchor.id} is not what the intent asks for", "daily.scope", 0.0))
    for at, entry in enumerate(objects_of(draft.get("left_out"))):
        for anchor in anchors_of(entry, case) if entry.get("reason") == "not_asked" else ():
            fits = not is_narration(anchor) or intent.refuses(words_of(anchor), anchor.t0, anchor.t1)
            scores.append(float(fits))
            if not fits:
                message = f"{anchor.id} is left out, but the intent asks for it"
                findings.append(Finding(f"/left_out/{at}/cite", message, "daily.scope", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else nothing_to_judge("daily.scope")


def tied_to_topics(topics: frozenset[str], draft: Mapping[str, Json], case: Case) -> frozenset[str]:
    """Ids of the narrations that are tied to one of the topics.

    Nobody narrates "chop the onion for the soup". A draft that keeps such a narration under the intent "only the soup"
    has to say that it belongs there. Either a thought of its reasoning names the topic and cites the narration, or the
    table has a step around it that names the topic.

    Args:
        topics: stems, as `intents.ActivityIntent` has them.
        draft: the draft; a thought of its `cot` may tie a narration.
        case: the draft with the anchors that were seen.
    """
    found = {
        a.id
        for t in objects_of(draft.get("cot"))
        if topics & stems(str(t.get("text") or ""))
        for a in anchors_of(t, case)
    }
    narrations = [anchor for anchor in case.anchors.values() if is_narration(anchor)]
    heads = {anchor.id for anchor in narrations if topics & stems(words_of(anchor))} | found
    for anchor in narrations:
        parent = fields_of(anchor.attrs.get("details")).get("parent")
        if isinstance(parent, int) and f"e{parent}" in heads:
            found.add(anchor.id)
    return frozenset(found)


def _kept_anchors(draft: Mapping[str, Json], case: Case) -> Iterator[tuple[str, Anchor]]:
    body = {key: value for key, value in draft.items() if key not in {"cot", "left_out", "title", "question"}}
    for place, entries in citing_objects(body, ""):
        for anchor in anchors_of(entries, case):
            if is_narration(anchor) or anchor.kind in MEASURED:
                yield f"{place}/cite", anchor


def _inside(anchor: Anchor, span: tuple[float, float]) -> bool:
    return span[0] <= (anchor.t0 + anchor.t1) / 2 <= span[1]


__all__ = ["localise", "needs_stream", "route", "scope", "sequence", "sound_questions", "steps"]
