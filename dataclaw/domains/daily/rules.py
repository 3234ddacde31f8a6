"""What the library's rules cannot judge: steps, spans, stated orders, routes, and the intent's scope.

Each works on the draft and the anchors it cites; none reads a picture. Draft and order of arrays may be hostile: what
has not the expected form scores 0 and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.intents import SMALL, stems, wish_of
from dataclaw.domains.daily.scene import TOLD
from dataclaw.rewards.base import Case, Score, judged, rule
from dataclaw.types import Anchor, Finding, Json

SLACK = 0.06
"""Times closer than this are the same [s]; drafts round to hundredths."""


@rule("daily.steps")
def steps(case: Case) -> Score:
    """Share of a tutorial's steps that are sound: one answer each, in order, said in the words told, pictures inside.

    A step is sound when its span is that of the narrations it cites and begins no earlier than the step before, and
    its answer says, of every narration it cites, the verb or the object (by stem). Each picture counts too: its frame
    must lie inside a step whose answer has an `<image_recall>`, in the order of the steps. Steps without an answer, or
    answers without a step, count as wrong.
    """
    draft = _dict(case.draft)
    spans, answers = _entries(draft.get("steps")), _entries(draft.get("answer"))
    count = max(len(spans), len(answers))
    if not count:
        return judged(0.0, [Finding("", "has no steps", "daily.steps", 0.0)])
    findings: list[Finding] = []
    for at in range(count):
        before = spans[at - 1] if 0 < at <= len(spans) else {}
        problem = "has no answer" if at >= len(answers) else "is not among the steps" if at >= len(spans) else ""
        problem = problem or _step_problem(spans[at], answers[at], before, case)
        if problem:
            place = f"/steps/{at}" if at < len(spans) else f"/answer/{at}"
            findings.append(Finding(place, problem, "daily.steps", 0.0))
    pictures = _entries(draft.get("output_image"))
    findings += _picture_problems(pictures, spans, answers, case)
    total = count + len(pictures)
    return judged(1.0 - min(total, len(findings)) / total, findings)


def _step_problem(span: Mapping[str, Json], answer: Mapping[str, Json], before: Mapping[str, Json], case: Case) -> str:
    told = [a for a in _anchors(span, case) if _is_told(a)]
    low, high = _number(span.get("t0")), _number(span.get("t1"))
    if not told or low is None or high is None:
        return "cites no narration"
    start, end = min(a.t0 for a in told), max(a.t1 for a in told)
    if abs(low - start) > SLACK or abs(high - end) > SLACK:
        return f"lies from {low:g} to {high:g} s, but what it cites from {start:.2f} to {end:.2f} s"
    previous = _number(before.get("t0"))
    if previous is not None and low < previous - SLACK:
        return f"begins at {low:g} s, before the step before it at {previous:g} s"
    said = stems(str(answer.get("text") or ""))
    cited = [a for a in _anchors(answer, case) if _is_told(a)]
    if {a.id for a in cited} - {a.id for a in told}:
        return "its answer cites narrations that are not in it"
    silent = [a for a in cited if not said & _content(a)]
    if silent or not cited:
        return f"its answer does not say what {silent[0].id if silent else 'it cites'} tells"
    return ""


def _content(anchor: Anchor) -> frozenset[str]:
    """Stems of the words that a sentence about a narration may use."""
    details = _dict(anchor.attrs.get("details"))
    words = f"{anchor.attrs.get('text', '')} {details.get('verb', '')} {details.get('noun', '')}".replace(":", " ")
    return stems(words.replace("-", " ")) - SMALL


def _picture_problems(
    pictures: Sequence[Mapping[str, Json]], spans: Sequence[Mapping[str, Json]], answers: Sequence[Mapping[str, Json]],
    case: Case,
) -> list[Finding]:  # fmt: skip
    shown = [at for at, answer in enumerate(answers) if "<image_recall>" in str(answer.get("text") or "")]
    findings: list[Finding] = []
    for k, picture in enumerate(pictures):
        span = spans[shown[k]] if k < len(shown) and shown[k] < len(spans) else {}
        low, high, frame = _number(span.get("t0")), _number(span.get("t1")), picture.get("frame")
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
    Spans of measured anchors (motion, cuts, changes) are checked by their middle. Keeping nothing scores 0.
    """
    draft = _dict(case.draft)
    wish = wish_of(case.intent, case.window)
    scores: list[float] = []
    findings: list[Finding] = []
    for place, anchor in _kept(draft, case):
        refused = wish.refuses(_words(anchor), anchor.t0, anchor.t1) if _is_told(anchor) else not _inside(anchor, wish.span)
        scores.append(float(not refused))
        if refused:
            findings.append(Finding(place, f"{anchor.id} is not what the intent asks for", "daily.scope", 0.0))
    for at, entry in enumerate(_entries(draft.get("left_out"))):
        for anchor in _anchors(entry, case) if entry.get("reason") == "not_asked" else ():
            fits = not _is_told(anchor) or wish.refuses(_words(anchor), anchor.t0, anchor.t1)
            scores.append(float(fits))
            if not fits:
                message = f"{anchor.id} is left out, but the intent asks for it"
                findings.append(Finding(f"/left_out/{at}/cite", message, "daily.scope", 0.0))
    return judged(sum(scores) / len(scores), findings) if scores else judged(0.0, [_nothing("daily.scope")])


def _kept(draft: Mapping[str, Json], case: Case) -> Iterator[tuple[str, Anchor]]:
    body = {key: value for key, value in draft.items() if key not in {"cot", "left_out", "title", "question"}}
    for place, entries in _objects(body, ""):
        for anchor in _anchors(entries, case):
            if _is_told(anchor) or anchor.kind in {"motion", "cut", "change"}:
                yield f"{place}/cite", anchor


def _inside(anchor: Anchor, span: tuple[float, float]) -> bool:
    return span[0] <= (anchor.t0 + anchor.t1) / 2 <= span[1]


def _is_told(anchor: Anchor) -> bool:
    return anchor.kind == "event" and str(anchor.attrs.get("verb")) in TOLD


def _words(anchor: Anchor) -> str:
    return str(anchor.attrs.get("text") or anchor.content)


def _nothing(name: str) -> Finding:
    return Finding("", "there is nothing to judge", name, 0.0)


def _dict(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def _entries(value: Json) -> list[dict[str, Json]]:
    """The objects of an array; what is no array has none."""
    items = cast("list[Json]", value) if isinstance(value, list) else []
    return [cast("dict[str, Json]", item) for item in items if isinstance(item, dict)]


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _objects(value: Json, place: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every object of a draft that cites, with its place."""
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from _objects(item, f"{place}/{at}")
    elif isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if "cite" in entries:
            yield place, entries
        for key, item in entries.items():
            yield from _objects(item, f"{place}/{key}")


def _anchors(entries: Mapping[str, Json], case: Case) -> list[Anchor]:
    cite = entries.get("cite")
    ids = cast("list[Json]", cite) if isinstance(cite, list) else []
    return [case.anchors[i] for i in ids if isinstance(i, str) and i in case.anchors]



