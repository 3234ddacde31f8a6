"""Are operations, regions and time codes those of the events and changes that a draft cites?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import cast

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.intents import MediaIntent, parse_intent, part_of
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, rule, score_of
from dataclaw.rewards.asking import TALK, unsaid_words
from dataclaw.rewards.similarity import as_numbers, is_number, overlap
from dataclaw.rewards.texts import tokens
from dataclaw.schema import cited_ids, fields_of, select
from dataclaw.types import Event, Finding, Json

REACH = 0.5
"""Least overlap (intersection over union) of a region with the change it cites."""
LONGEST = 1900
"""A quoted instruction of this length may be cut at its end [characters]."""
_OPTIONAL = ("kind", "inputs", "track")
"""Fields that an operation may leave out."""
DISAGREE = "timecodes_disagree"
"""Why a clip is left out whose times contradict each other."""
_TIMES = ("record_in", "record_out", "source_in", "source_out")
"""Fields that `aigc.timecodes` judges."""


@rule("aigc.operations")
def operations(case: Case) -> Score:
    """Is each operation what its event says, are all told in order, and is none missing that the intent asks for?

    Mean over: each operation (share of its fields that equal the event's; a field that the event has and the operation
    lacks counts as wrong; 0 when it cites no event, several, or one that was already told), each event of the window
    that is asked for (1 when told or in `left_out`), and each pair of neighbours (1 when in the events' order); 0 for
    each operation that is told although the intent does not ask for it.
    A change that was measured may stand for an event. Regions and times have rules of their own. Does not apply where
    there is neither an operation nor an event that is one.
    """
    events = {e.index: e for e in case.events if e.kind in facts.KINDS}
    findings: list[Finding] = []
    scores: list[float] = []
    listed: list[int] = []
    intent = parse_intent(case.intent, case.window)
    for place, value in select(case.draft, "/operations/*"):
        index = _index(value, events)
        changes = [a for a in anchors_of(value, case) if a.kind == "change"]
        if index is None and len(changes) == 1:
            scores.append(_same(place, fields_of(value), facts.of_change(changes[0]), changes[0].id, findings))
            continue
        if index is None or index in listed or len(set(_indices(value))) + len(changes) > 1:
            why = "cites no operation of the stream and no change" if index is None else _repeat_problem(index, listed)
            findings.append(Finding(place, why, "aigc.operations", 0.0))
            scores.append(0.0)
            continue
        scores += _order(listed, index, place, findings)
        scores += _check_requested(events[index], intent, place, findings)
        listed.append(index)
        scores.append(_same(place, fields_of(value), facts.of_event(events[index]), f"e{index}", findings))
    scores += _missing(case, events, listed, findings)
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("aigc.part")
def fit_to_part(case: Case) -> Score:
    """Is a request for a part met by a part? Where all is told, the share of it that has most words of what tells it.

    "Just the exposure steps" wants those in which "exposure" is said, "the nodes that load an image" those that say
    both words, where one does. 1 where operations of the kinds that are told are
    left out as not asked for. Words of the task's declaration tell no part. Does not apply to a request that names no
    part, or one that facts decide, nor to drafts of less than two events.
    """
    words = [word for word in dict.fromkeys(tokens(part_of(case.intent))) if word not in TALK and len(word) > 1]
    part = unsaid_words(words, case.vocabulary)
    told = {a.id: a for _, value in select(case.draft, "/operations/*") for a in anchors_of(value, case)}
    events = [anchor for anchor in told.values() if anchor.kind == "event"]
    if not part or parse_intent(case.intent, case.window).traits:
        return NOT_APPLICABLE
    kinds = {str(anchor.attrs.get("verb")) for anchor in events}
    there = {event.index for event in case.events if event.kind in kinds}
    out = (v for _, v in select(case.draft, "/left_out/*") if fields_of(v).get("reason") == "not_asked")
    if any(index in there for value in out for index in _indices(value)):
        return score_of(1.0)
    if len(events) < 2:
        return NOT_APPLICABLE
    unsaid = [len(unsaid_words(part, [anchor.content])) for anchor in events]
    fitting = sum(count == min(unsaid) < len(part) for count in unsaid)
    message = f"tells all {len(events)} though a part is asked for: {', '.join(map(repr, part[:8]))} fits {fitting}"
    score = fitting / len(events)
    return score_of(score, [Finding("/operations", message, "aigc.part", score)] if score < 1 else [])


@rule("aigc.instruction")
def instruction(case: Case) -> Score:
    """Do the instruction's words stand in the event that it cites, word for word: its text, or one of its inputs?

    White space at the ends and line breaks do not count. Does not apply to drafts without an instruction.
    """
    given = fields_of(fields_of(case.draft).get("instruction"))
    if not given:
        return NOT_APPLICABLE
    said = " ".join(str(given.get("text", "")).split())
    there = [" ".join(text.split()) for index in _indices(given) for text in _texts(case.events, index)]
    if said and any(text == said or (len(said) >= LONGEST and text.startswith(said)) for text in there):
        return score_of(1.0)
    message = f'"{_short(said)}" is not what the cited event says'
    return score_of(0.0, [Finding("/instruction/text", message, "aigc.instruction", 0.0)])


@rule("aigc.told")
def answer_lines(case: Case) -> Score:
    """Does the answer tell every operation, in their order? Mean over operations and over neighbouring lines.

    A line tells what it cites first, and every change that it cites. An operation counts when a line tells it;
    neighbouring lines that tell operations count when they tell them in order. Nodes and steps need not be told where a
    picture is the answer to an instruction. Does not apply to drafts without operations.
    """
    names = [_first_cite(value) for _, value in select(case.draft, "/operations/*")]
    if not names:
        return NOT_APPLICABLE
    places = {name: at for at, name in enumerate(names) if name}
    lines = [(place, _told_in(value, case, places)) for place, value in select(case.draft, "/answer/*")]
    told = {name for _, ids in lines for name in ids}
    draft = fields_of(case.draft)
    shown = "instruction" in draft and bool(draft.get("output_image")) and told <= _changes(case)
    wanted = [name for name in names if name in _changes(case)] if shown else names
    scores = [float(name in told) for name in wanted]
    silent = [name for name, score in zip(wanted, scores, strict=True) if not score]
    findings = [Finding("/answer", f"no line tells {name}", "aigc.told", 0.0) for name in silent]
    there = [(place, places[ids[0]], places[ids[-1]]) for place, ids in lines if ids]
    for (_, _, before), (place, after, _) in pairwise(there):
        scores.append(float(before <= after))
        if before > after:
            message = f"tells {names[after]} after {names[before]}"
            findings.append(Finding(place, message, "aigc.told", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _changes(case: Case) -> set[str]:
    """Ids of the measured changes that the draft's operations cite."""
    cited = (a for _, value in select(case.draft, "/operations/*") for a in anchors_of(value, case))
    return {a.id for a in cited if a.kind == "change"}


def _told_in(line: Json, case: Case, places: Mapping[str, int]) -> list[str]:
    """The operations that a line tells: the one that it cites first, and the changes that it cites."""
    first = _first_cite(line)
    ids = [first, *(a.id for a in anchors_of(line, case) if a.kind == "change" and a.id != first)]
    return [name for name in ids if name in places]


@rule("aigc.regions")
def regions(case: Case) -> Score:
    """Share of regions that overlap a change cited for them by half or more (intersection over union).

    Does not apply to drafts without regions.
    """
    count = 0
    findings: list[Finding] = []
    for place, value in select(case.draft, "/operations/*"):
        operation = fields_of(value)
        if "region" not in operation:
            continue
        count += 1
        box = as_numbers(operation["region"], 4)
        boxes = [a.box for a in anchors_of(operation, case) if a.box is not None]
        best = max((overlap((box[0], box[1], box[2], box[3]), b) for b in boxes), default=0.0) if box else 0.0
        if best < REACH:
            message = f"overlaps the change cited for it by {best:.2f} (IoU)" if boxes else "cites no change with a box"
            findings.append(Finding(f"{place}/region", message, "aigc.regions", best))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("aigc.timecodes")
def timecodes(case: Case) -> Score:
    """Share of times that agree with the cited event to half a frame, and of clips whose source fits their record.

    Record times are the event's own; source times its `source_in` and `source_out`. A clip whose source is longer or
    shorter than its record at its speed, by more than a frame, contradicts itself. Does not apply to drafts without
    times.
    """
    events = {e.index: e for e in case.events}
    scores: list[float] = []
    findings: list[Finding] = []
    for place, value in select(case.draft, "/operations/*"):
        operation = fields_of(value)
        if not any(name in operation for name in _TIMES):
            continue
        index = _index(value, events)
        event = events[index] if index is not None else None
        rate = _rate(event)
        for name in (n for n in _TIMES if n in operation):
            problem = _time_problem(operation[name], name, event, rate)
            scores.append(float(not problem))
            if problem:
                findings.append(Finding(f"{place}/{name}", problem, "aigc.timecodes", 0.0))
        if all(is_number(operation.get(n, 0)) for n in (*_TIMES, "speed")):
            problem = facts.disagreement(operation, rate)
            scores.append(float(not problem))
            if problem:
                findings.append(Finding(place, problem, "aigc.timecodes", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _repeat_problem(index: int, listed: Sequence[int]) -> str:
    return f"e{index} was already told" if index in listed else "cites more than one operation"


def _order(listed: Sequence[int], index: int, place: str, findings: list[Finding]) -> Iterator[float]:
    if listed:
        yield float(index > listed[-1])
        if index < listed[-1]:
            findings.append(Finding(place, f"tells e{index} after e{listed[-1]}", "aigc.operations", 0.0))


def _same(
    place: str, operation: Mapping[str, Json], fact: Mapping[str, Json], name: str, findings: list[Finding]
) -> float:
    """Share of the fields that equal the fact's; a field that the fact does not have counts as wrong.

    An operation may leave out its kind, its links and its track, and may say that it is in force.
    """
    wanted = {k: v for k, v in fact.items() if k not in (*_TIMES, "region") and (k in operation or k not in _OPTIONAL)}
    extra = set(operation) - set(fact) - {"cite", "region", *_TIMES}
    extra -= {"enabled"} if operation.get("enabled") is True else set()
    wrong = [k for k in wanted if operation.get(k) != wanted[k]] + sorted(extra)
    for key in wrong:
        message = f"is {_short(operation.get(key))}; {name} says {_short(fact.get(key))}"
        findings.append(Finding(f"{place}/{key}", message, "aigc.operations", 0.0))
    return 1.0 - len(wrong) / max(1, len(wanted) + len(extra))


def _check_requested(event: Event, intent: MediaIntent, place: str, findings: list[Finding]) -> Iterator[float]:
    why = facts.refusal(event.kind, (event.t0, event.t1), event.attrs, intent)
    if why:
        findings.append(Finding(place, f"e{event.index} is {why}", "aigc.operations", 0.0))
        yield 0.0


def _missing(
    case: Case, events: Mapping[int, Event], listed: Sequence[int], findings: list[Finding]
) -> Iterator[float]:
    """1 or 0 for each event that the intent asks for, by whether the draft has it; 0 for each beyond the number."""
    intent = parse_intent(case.intent, case.window)
    left = {
        i: fields_of(v).get("reason") for _, v in select(case.draft, "/left_out/*") for i in _indices(v) if i in events
    }
    out = {index for index, reason in left.items() if reason != DISAGREE or _disagrees(events[index])}
    for index in left.keys() - out:
        message = f"e{index} is left out as {DISAGREE}, but its times agree"
        findings.append(Finding("/left_out", message, "aigc.operations", 0.0))
        yield 0.0
    for index, event in events.items():
        if facts.refusal(event.kind, (event.t0, event.t1), event.attrs, intent):
            continue
        yield float(index in listed or index in out)
        if index not in listed and index not in out:
            findings.append(Finding("/operations", f"e{index} is neither told nor left out", "aigc.operations", 0.0))
    for index in listed[facts.first_of([events[i].kind for i in listed], intent) :]:
        findings.append(Finding("/operations", f"e{index} is beyond the number asked for", "aigc.operations", 0.0))
        yield 0.0


def _disagrees(event: Event) -> bool:
    """Whether the times of a clip contradict each other."""
    made = facts.operation(event.kind, event.text, (event.t0, event.t1), event.attrs)
    return bool(facts.disagreement(made, _rate(event)))


def _time_problem(value: Json, name: str, event: Event | None, rate: float) -> str:
    if event is None:
        return "the operation cites no event"
    given: Json = {"record_in": event.t0, "record_out": event.t1}.get(name, event.attrs.get(name))
    if not is_number(given):
        return f"e{event.index} says no {name}"
    if not is_number(value):
        return f"{_short(value)} is no time"
    off = abs(value - given) * rate
    return f"is {value:g} s; e{event.index} says {given:g} s, {off:.1f} frames off" if off > facts.HALF else ""


def _texts(events: Sequence[Event], index: int) -> Iterator[str]:
    """The words of an event: an instruction's text, or those among a node's inputs."""
    for event in events:
        if event.index == index:
            if event.kind not in facts.KINDS:
                yield event.text
            inputs = event.attrs.get("inputs")
            if isinstance(inputs, Mapping):
                yield from (v for v in cast("Mapping[str, Json]", inputs).values() if isinstance(v, str))


def _first_cite(value: Json) -> str:
    cite = fields_of(value).get("cite")
    return str(cast("list[Json]", cite)[0]) if isinstance(cite, list) and cite else ""


def _rate(event: Event | None) -> float:
    rate = event.attrs.get("rate") if event else None
    return float(rate) if is_number(rate) and rate > 0 else facts.USUAL_RATE


def _index(value: Json, events: Mapping[int, Event]) -> int | None:
    """The operation's event: the first that it cites."""
    return next((i for i in _indices(value) if i in events), None)


def _indices(value: Json) -> list[int]:
    """The events that an object cites."""
    return [int(name[1:]) for name in cited_ids(value) if re.fullmatch(r"e\d{1,8}", name)]


def _short(value: Json) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
