"""Rules about questions and answers: one answer each, spans as cited, orders in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from dataclaw.domains.daily.intents import SMALL, ActivityIntent, parse_intent, stems
from dataclaw.domains.daily.reading import PAUSE, SLACK, content_of, gives_away, hull_of, is_narration, likeness
from dataclaw.domains.daily.verbs import base_of
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, nothing_to_judge, rule, score_of
from dataclaw.schema import fields_of, number_of, objects_of
from dataclaw.types import Anchor, Finding, Json

SPANNED = frozenset({"localise", "cut", "camera"})
ORDERED = frozenset({"order", "first", "frame_order", "next"})
FAMILY: Mapping[str, str] = {
    "cut": "localise", "camera": "localise", "first": "order", "frame_order": "order",
}  # fmt: skip
"""The kind of question as intents name it, where that is another word."""
_NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s+")
_LINE = re.compile(r"(?m)^\s*(\d{1,2})[.)]\s+")
_FIGURE = re.compile(r"(?<![\d:.])\d+(?:\.\d+)?(?![\d:])")
_TIME = re.compile(r"\b\d{1,3}:\d\d\b")
_OPTION = re.compile(r"\b([A-F]): (.+?)(?=[;;。] ?[A-F]: |[.。]?\s*$)")


def lines_of(draft: Mapping[str, Json]) -> list[str]:
    """The questions, one each, without their numbers."""
    text = str(fields_of(draft.get("question")).get("text") or "")
    if len(_LINE.findall(text)) < 2:
        return [_NUMBERED.sub("", text)] if text.strip() else []
    return [part.strip() for part in _LINE.split(text)[2::2]]


def answers_of(draft: Mapping[str, Json]) -> list[str]:
    """The answers, one each, without their numbers."""
    return [_NUMBERED.sub("", str(entry.get("text") or "")) for entry in objects_of(draft.get("answer"))]


@rule("daily.questions")
def sound_questions(case: Case) -> Score:
    """Share of questions that have their answer and item, are of a kind asked for, and speak of what is cited.

    Counted are the questions (or answers, or items, whichever are most) plus one for their number: more than the intent
    asks for is a fault, fewer is none, since a recording may not give more; so is a question about nothing but what
    another one tells. A question is sound when its item cites
    what its answer cites (or some of it, or more), its kind is one that the intent names (if it names any), its answer
    is not in its question (options of an order may be), nothing is cited but what proves its kind (`PROOF`), and the
    two share a word with each narration cited, by stem. Where the answer says what is done ("action", "next", "object",
    "place", "why", "scene"), most of its words must be those of what it cites. A count must be the number of narrations
    cited.
    """
    draft = fields_of(case.draft)
    asked, answers, items = lines_of(draft), answers_of(draft), objects_of(draft.get("items"))
    count = max(len(asked), len(answers), len(items))
    if not count:
        return nothing_to_judge("daily.questions")
    intent = parse_intent(case.intent, case.window)
    entries = objects_of(draft.get("answer"))
    findings: list[Finding] = []
    for at in range(count):
        if at >= min(len(asked), len(answers), len(items)):
            message = f"{len(asked)} questions, {len(answers)} answers and {len(items)} items"
            findings.append(Finding("/items", message, "daily.questions", 0.0))
            continue
        problem = _question_problem(asked[at], answers[at], items[at], entries[at], intent, case)
        if problem:
            findings.append(Finding(f"/answer/{at}", problem, "daily.questions", 0.0))
    findings += _repeated_facts(items, entries, case)
    if intent.count and count > intent.count:
        message = f"{count} questions, but {intent.count} asked for"
        findings.append(Finding("/items", message, "daily.questions", 0.0))
    return score_of(1.0 - min(1.0, len(findings) / (count + 1)), findings)


def _repeated_facts(
    items: Sequence[Mapping[str, Json]], entries: Sequence[Mapping[str, Json]], case: Case
) -> list[Finding]:
    """Findings about questions on what is done whose narrations are all among those of another one."""
    facts: list[tuple[int, frozenset[str]]] = []
    for at, (item, entry) in enumerate(zip(items, entries, strict=False)):
        proof = {a.id for a in anchors_of(entry, case)}  # the step around a doing proves why, and is not asked about
        told = [a for a in anchors_of(item, case) if a.kind == "event" and a.id in proof]
        if str(item.get("kind")) in _TELLING and told and all(a.attrs.get("verb") != "caption" for a in told):
            facts.append((at, frozenset(a.id for a in told)))
    findings: list[Finding] = []
    for at, told in facts:
        again = next((k for k, others in facts if k != at and (told < others or (told == others and k < at))), None)
        if again is not None:
            message = f"asks for what question {again + 1} asks for"
            findings.append(Finding(f"/answer/{at}", message, "daily.questions", 0.0))
    return findings


MOSTLY = 0.6
"""Least share of an answer's words that must stand in what it cites."""
_FRAME = frozenset({"person", "is", "are", "they", "keeps", "keep", "place", "part"})
"""Words that every answer may have."""
_TELLING = frozenset({"action", "next", "object", "place", "why", "scene"})
_PLACE = re.compile(
    r"(?i)\W*(?:in|into|inside|out|outside|on|onto|off|at|to|from|under|behind|beside|next|near|over|above|around|between|"
    r"against|across|along|through|back|away|down|up|up|there|here|by|with|off|towards?|within|below|beneath)\b"
)
_DOES = re.compile(r"(?:\d+\. )?The \w+ (?:is )?\w+(?:s|ing)\b")
"""A subject with a verb, whether or not the verb is known."""
_FORMS: Mapping[str, Callable[[str], bool]] = {
    "place": lambda answer: bool(_PLACE.match(answer)),
    "action": lambda answer: (
        bool(_DOES.match(answer)) or any(base_of(word, first=False) for word in re.findall(r"[a-z-]+", answer.lower()))
    ),
}
"""What an answer has, by kind of question: a place its preposition, an action its verb."""
PROOF: Mapping[str, frozenset[str]] = {
    "why": frozenset({"event", "goal"}),
    "text": frozenset({"text"}),
    "localise": frozenset({"event", "motion"}),
    "state_change": frozenset({"event", "motion"}),
    "cut": frozenset({"cut"}),
    "camera": frozenset({"motion"}),
    "frame_order": frozenset({"frame"}),
}
"""Kinds of anchors that prove an answer, by kind of question; of all others, events."""


def _question_problem(
    asked: str, answer: str, item: Mapping[str, Json], entry: Mapping[str, Json], intent: ActivityIntent, case: Case
) -> str:
    kind, shown, proof = str(item.get("kind")), anchors_of(item, case), anchors_of(entry, case)
    ours, theirs = {a.id for a in shown}, {a.id for a in proof}
    if not ours or not theirs or not (ours <= theirs or theirs <= ours):
        return "the answer cites other things than its item"
    known = [k for k in intent.kinds if k in _allowed_kinds(case)]
    if known and FAMILY.get(kind, kind) not in known and kind not in {"scene", "text"}:
        return f"asks for {kind}, but the intent for {', '.join(known)}"
    if not asked or not answer:
        return "is empty"
    if kind not in ORDERED - {"next"} and gives_away(asked, answer):
        return "the question gives the answer away"
    return proof_problem(kind, asked, answer, list({a.id: a for a in (*shown, *proof)}.values()))


def proof_problem(kind: str, asked: str, answer: str, anchors: Sequence[Anchor]) -> str:
    """What is wrong with what an answer cites or says, "" for nothing."""
    wrong = [a for a in anchors if a.kind not in PROOF.get(kind, frozenset({"event"}))]
    if wrong:
        return f"{wrong[0].id} ({wrong[0].kind}) proves nothing about it"
    narrations = [a for a in anchors if is_narration(a) or a.kind == "goal"]
    silent = [
        a for a in narrations if not (stems(asked) | stems(answer)) & content_of(a) and not _quotes(asked + answer, [a])
    ]
    if silent:
        return f"speaks of nothing that {silent[0].id} tells"
    if kind in _TELLING and _telling_share(answer, narrations) < MOSTLY and not _quotes(answer, narrations):
        return "most words of the answer are not those of what is cited"
    if kind in _FORMS and answer.isascii() and not _FORMS[kind](answer):
        return f"answers no question of the kind {kind}"
    if kind == "count":
        said = re.match(r"\d+", answer)
        if not said or int(said[0]) != len(narrations):
            return f"says {said[0] if said else 'no number'}, but cites {len(narrations)}"
    return ""


def _allowed_kinds(case: Case) -> frozenset[str]:
    """Kinds of questions that the schema of the task allows, as intents name them."""
    node: Json = case.schema
    for key in ("properties", "items", "items", "properties", "kind"):
        node = fields_of(node).get(key)
    enum = fields_of(node).get("enum")
    kinds = [str(kind) for kind in cast("list[Json]", enum)] if isinstance(enum, list) else []
    return frozenset(FAMILY.get(kind, kind) for kind in kinds)


def _telling_share(answer: str, anchors: Sequence[Anchor]) -> float:
    """Share of an answer's telling words that stand, by stem, in what it cites; 0 when it has none."""
    content = frozenset(stem for anchor in anchors for stem in content_of(anchor))
    telling = [stems(word) for word in re.findall(r"[^\W\d_]+", answer.casefold()) if word not in SMALL | _FRAME]
    return sum(bool(found & content) for found in telling) / len(telling) if telling else 0.0


def _quotes(text: str, anchors: Sequence[Anchor]) -> bool:
    plain = text.casefold()
    return any(str(a.attrs.get("text") or a.content).casefold().strip(" .") in plain for a in anchors)


@rule("daily.needs_stream")
def needs_stream(case: Case) -> Score:
    """1 - 0.7 * the share of questions that only word one narration anew: what is done, or with what, at a named time.

    A question needs the stream when its answer rests on several narrations, or when the one has to be found among the
    others because no time gives it away. Does not apply to questions about captions or pictures.
    """
    draft = fields_of(case.draft)
    items, entries = objects_of(draft.get("items")), objects_of(draft.get("answer"))
    findings: list[Finding] = []
    count = 0
    for at, (line, item, entry) in enumerate(zip(lines_of(draft), items, entries, strict=False)):
        told = {a.id: a for a in (*anchors_of(item, case), *anchors_of(entry, case)) if is_narration(a)}
        if not told or any(a.attrs.get("verb") == "caption" for a in told.values()):
            continue
        count += 1
        if len(told) == 1 and str(item.get("kind")) in _TELLING and _TIME.search(line):
            message = f'"{line[:60]}" only words {next(iter(told))} anew'
            findings.append(Finding(f"/answer/{at}", message, "daily.needs_stream", 0.3))
    return score_of(1.0 - 0.7 * len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("daily.localise")
def localise(case: Case) -> Score:
    """Mean intersection over union of the spans that are asked for with what their items cite, and their figures.

    For each question of the kinds "localise", "cut" and "camera": IoU of the item's `[t0, t1]` with the span of the
    cited anchors from the first start to the last end (moments must agree within 0.06 s); 0 where the first figures of
    the answer are not that span to 0.06 s. Of the other kinds, the span must hold every cited span (all or nothing).
    Does not apply to drafts without items.
    """
    draft = fields_of(case.draft)
    items, answers, entries = objects_of(draft.get("items")), answers_of(draft), objects_of(draft.get("answer"))
    scores: list[float] = []
    findings: list[Finding] = []
    for at, item in enumerate(items):
        low, high = number_of(item.get("t0")), number_of(item.get("t1"))
        entry = entries[at] if at < len(entries) else {}
        anchors = [a for a in (*anchors_of(item, case), *anchors_of(entry, case)) if a.kind != "goal"]
        if low is None or high is None or not anchors:
            scores.append(0.0)
            continue
        start, end = hull_of(anchors, case.window)
        if str(item.get("kind")) in SPANNED:
            score = _overlap((low, high), (start, end))
            answer = answers[at] if at < len(answers) else ""
            said = [float(v) for v in _FIGURE.findall(answer)][: 2 if high - low > SLACK else 1]
            right = [low, high][: len(said)]
            agrees = bool(said) and all(abs(a - b) <= SLACK for a, b in zip(said, right, strict=True))
            score *= float(agrees)
        else:
            score = float(low <= start + SLACK and high >= start - SLACK)
        scores.append(score)
        if score < 1:
            message = f"from {low:g} to {high:g} s, cited is {start:.2f} to {end:.2f} s"
            findings.append(Finding(f"/items/{at}", message, "daily.localise", score))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union of two spans; moments agree or do not. Within rounding it is 1."""
    if abs(a[0] - b[0]) <= SLACK and abs(a[1] - b[1]) <= SLACK:
        return 1.0
    shared = min(a[1], b[1]) - max(a[0], b[0])
    union = max(a[1], b[1]) - min(a[0], b[0])
    return max(0.0, shared / union) if union > 0 else 0.0


@rule("daily.sequence")
def sequence(case: Case) -> Score:
    """Share of stated orders that are the orders of time of what is cited.

    "order": the options of the question, by the words that they share with the cited narrations, are named in order of
    time, in the item and in the answer alike. "first": the answer names the earlier of two. "next": what the answer
    names starts when the other has ended, and nothing else of its level lies between. "frame_order": the numbers are
    those of the item's pictures, in order of their frames' times, and the pictures are not shown in that order already;
    no `input_video` shows it either.
    Does not apply to drafts without such questions.
    """
    draft = fields_of(case.draft)
    asked, answers, items = lines_of(draft), answers_of(draft), objects_of(draft.get("items"))
    findings: list[Finding] = []
    count = 0
    for at, item in enumerate(items):
        kind = str(item.get("kind"))
        if kind not in ORDERED:
            continue
        count += 1
        line, answer = (texts[at] if at < len(texts) else "" for texts in (asked, answers))
        check = {"order": _options, "first": _first, "next": _next, "frame_order": _frames}[kind]
        problem = check(line, answer, item, case)
        if problem:
            findings.append(Finding(f"/items/{at}", problem, "daily.sequence", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def _order(item: Mapping[str, Json]) -> list[str]:
    order = item.get("order")
    return [str(label) for label in cast("list[Json]", order)] if isinstance(order, list) else []


def _options(line: str, answer: str, item: Mapping[str, Json], case: Case) -> str:
    options = {label: stems(text) for label, text in _OPTION.findall(line)}
    order, narrations = _order(item), [a for a in anchors_of(item, case) if is_narration(a)]
    if not options or sorted(order) != sorted(options) or len(narrations) != len(options):
        return f"orders {', '.join(order) or 'nothing'} of the options {', '.join(options) or 'none'}"
    if re.findall(r"\b[A-F]\b", answer)[: len(order)] != order:
        return "the answer gives another order than the item"
    found = {label: max(narrations, key=lambda a: likeness(words, a)) for label, words in options.items()}
    if len({a.id for a in found.values()}) < len(narrations):
        return "two options are the same narration"
    times = [found[label].t0 for label in order]
    return "" if all(a <= b + SLACK for a, b in pairwise(times)) else f"{', '.join(order)} is not the order of time"


def _first(line: str, answer: str, item: Mapping[str, Json], case: Case) -> str:
    pair = sorted((a for a in anchors_of(item, case) if is_narration(a)), key=lambda a: a.t0)
    if len(pair) != 2:
        return "needs two narrations"
    words = stems(answer)
    early, late = (likeness(words, a) for a in pair)
    del line
    return "" if early > late else f"names {pair[1].id}, which comes later than {pair[0].id}"


def _next(line: str, answer: str, item: Mapping[str, Json], case: Case) -> str:
    pair = [a for a in anchors_of(item, case) if is_narration(a)]
    if len(pair) != 2:
        return "needs two narrations"
    one, other = pair
    if likeness(stems(answer), other) < likeness(stems(line), other) and not _quotes(answer, [other]):
        return f"the answer does not name {other.id}"
    if other.t0 < one.t1 - 0.5 - SLACK:
        return f"{other.id} starts before {one.id} has ended"
    if other.t0 - one.t1 > PAUSE + SLACK:
        return f"{other.id} comes {other.t0 - one.t1:.1f} s after {one.id}, which is not right after it"
    level = fields_of(other.attrs.get("details")).get("level")
    between = [
        a
        for a in case.anchors.values()
        if is_narration(a) and a.id not in {one.id, other.id} and one.t1 <= a.t0 < other.t0 - SLACK
        if a.t1 <= other.t0 + SLACK and fields_of(a.attrs.get("details")).get("level") == level
    ]
    return f"{between[0].id} lies between {one.id} and {other.id}" if between else ""


def _frames(line: str, answer: str, item: Mapping[str, Json], case: Case) -> str:
    del line
    pictures = item.get("pictures")
    numbers = [n for n in cast("list[Json]", pictures) if isinstance(n, int)] if isinstance(pictures, list) else []
    images = objects_of(fields_of(case.draft).get("input_image"))
    order = _order(item)
    if (
        sorted(order) != sorted(f"P{n}" for n in numbers)
        or any(not 1 <= n <= len(images) for n in numbers)
        or not numbers
    ):
        return "orders other pictures than the question shows"
    if re.findall(r"P\d+", answer) != order:
        return "the answer gives another order than the item"
    frames = [images[int(n[1:]) - 1].get("frame") for n in order]
    times = [case.frame_times[f] for f in frames if isinstance(f, int) and 0 <= f < len(case.frame_times)]
    if len(times) != len(order) or any(a >= b for a, b in pairwise(times)):
        return f"{', '.join(order)} is not the order of time"
    if "input_video" in fields_of(case.draft):
        return "the recording that is shown beside the pictures gives their order away"
    return "the pictures are shown in order already" if order == sorted(order, key=lambda n: int(n[1:])) else ""
