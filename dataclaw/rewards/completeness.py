"""Does a draft say all that counts: every event and value, as much as the material bears, how sure it is?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from dataclaw.rewards.asking import demands_of, restricts
from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, anchors_of, patterns, rule, score_of
from dataclaw.rewards.places import places_of
from dataclaw.rewards.prose import quotations
from dataclaw.rewards.similarity import plain
from dataclaw.rewards.texts import CONTROLS, REST, answer_parts, fold_quotes, telling, tokens
from dataclaw.schema import cited_ids, citing_objects, fields_of, get, integer_of, select
from dataclaw.types import Anchor, Event, Finding, Json

SETTING = frozenset({"write", "type", "select", "input", "fill", "hotkey_text"})
"""Events that set a value: their text is what was set."""
TOUCHING = frozenset({"click", "double_click", "triple_click", "right_click", "drag", "check", "tap", "long_press"})
"""Events whose target is what was chosen."""
WORDS_A_QUESTION = 300
"""Words of material that bear one question."""
HALF, DOUBTFUL = 0.5, 0.3
"""How sure one good anchor makes an inference, each further one halving the doubt; and the doubt that is named."""
ENOUGH = 3
"""So many independent anchors bear an inference out; more add nothing."""
COUNTED = 0.7
"""Least score of a goal that says how many actions it leaves out for its length."""
FEW = 100
"""Material of fewer telling words has no topic that shows."""


@rule("values")
def values(case: Case) -> Score:
    """Share of the actions that set a value, and are told, that say which one.

    "Select options" without the chosen entry cannot be repeated. Does not apply where no such event is cited.
    """
    findings: list[Finding] = []
    count = 0
    for place, item in citing_objects(case.draft):
        if not place.startswith("/cot") and (item.get("verb") or item.get("action") or item.get("code")):
            setting = [a for a in anchors_of(item, case) if a.kind == "event" and a.attrs.get("verb") in SETTING]
            count += len(setting)
            findings += [
                Finding(place, f"{a.id} ({a.content[:40]}) sets a value, and nothing says which", "values", 0.0)
                for a in setting
                if not str(a.attrs.get("text") or "").strip()
            ]
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("whole_goal")
def whole_goal(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Share of what was typed and chosen that the goal says, mean over the goals.

    The goal of a draft stands for the events that the draft's other objects cite, the goal of a fragment (an object
    with `first` and `last`) for its events; a text counts as said when the goal holds it, its last sign or half of its
    words. Controls that only carry on ("Next", "Submit"), and clicks into a field, choose nothing. A goal that says how
    many it leaves out ("and 14 more actions") scores 0.7 at least. Does not apply where nothing was typed or chosen by
    name.

    Args:
        case: the draft.
        paths: patterns of the goals.
    """
    findings: list[Finding] = []
    scores: list[float] = []
    for path in patterns(paths):
        for place, goal in select(case.draft, path):
            names = _names(_events_behind(place, case)) or _names_in_draft(case, place)
            if not isinstance(goal, str) or not names:
                continue
            missing = [name for name in names if not _says(goal, name)]
            score = max(1.0 - len(missing) / len(names), COUNTED if REST.search(goal) else 0.0)
            scores.append(score)
            if missing:
                left = ", ".join(f'"{name[:30]}"' for name in missing[:5])
                findings.append(
                    Finding(place, f"leaves out {left}: {len(missing)} of {len(names)}", "whole_goal", score)
                )
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("ample")
def ample(case: Case, *, path: str = "/pairs/*", per: int = WORDS_A_QUESTION) -> Score:
    """Items found over items that the material bears: one for every 300 words that were said; at most 1.

    A stream of exercises bears one item an exercise. Does not apply to a request that keeps a part of the stream, or
    says how many.

    Args:
        case: the draft.
        path: pattern of the items.
        per: words that bear one item.
    """
    if restricts(case.intent) or demands_of(case.intent).most is not None:
        return NOT_APPLICABLE
    exercises = sum(event.kind == "exercise" for event in case.events)
    words = sum(len(tokens(event.text)) for event in case.events if event.kind != "exercise")
    bears = max(1, exercises, math.floor(words / per))
    found = sum(1 for _ in select(case.draft, path))
    message = f"{found} of the {bears} that {words} words and {exercises} exercises bear"
    score = min(1.0, found / bears)
    return score_of(score, [Finding("", message, "ample", score)] if score < 1.0 else [])


@rule("covers_time")
def covers_time(case: Case) -> Score:
    """Twice the share of the window that the spans of the cited anchors cover together, at most 1.

    A guide whose steps come from an eighth of the recording leaves most of it out. Does not apply where no cited
    anchor has a length, or to a request that keeps a part of the stream.
    """
    if restricts(case.intent):
        return NOT_APPLICABLE
    spans = sorted((a.t0, a.t1) for part in answer_parts(case) for a in part.anchors if not a.part)
    whole = case.window[1] - case.window[0]
    if not spans or whole <= 0:
        return NOT_APPLICABLE
    covered, end = 0.0, -math.inf
    for t0, t1 in spans:
        covered += max(0.0, t1 - max(t0, end))
        end = max(end, t1)
    if covered <= 0:
        return NOT_APPLICABLE
    score = min(1.0, 2.0 * covered / whole)
    message = f"its steps cover {covered:.0f} of {whole:.0f} s"
    return score_of(score, [Finding("", message, "covers_time", score)] if score < 1.0 else [])


@rule("to_the_topic")
def to_the_topic(case: Case, *, path: str = "/pairs/*", terms: int = 12) -> Score:
    """Share of items that speak of what the material speaks of most: one of its 12 most telling terms.

    Terms are the stems of telling words that occur most often. Does not apply to material of fewer than 100 of them.

    Args:
        case: the draft.
        path: pattern of the items.
        terms: how many terms count.
    """
    counts: dict[str, int] = {}
    for event in case.events:
        for word in telling(event.text):
            counts[word] = counts.get(word, 0) + 1
    if sum(counts.values()) < FEW:
        return NOT_APPLICABLE
    top = set(sorted(counts, key=lambda word: -counts[word])[:terms])
    found = [(place, set(telling(" ".join(_leaves(item))))) for place, item in select(case.draft, path)]
    findings = [
        Finding(place, f"says none of what is said most: {', '.join(sorted(top))}", "to_the_topic", 0.0)
        for place, said in found
        if not said & top
    ]
    return score_of(1.0 - len(findings) / len(found), findings) if found else NOT_APPLICABLE


@rule("sure_enough")
def sure_enough(case: Case, *, paths: str | Sequence[str]) -> Score:
    """How sure the draft's inferences may be, by the number and the confidence of what they rest on; mean over them.

    An inference that rests on independent anchors (of another kind, or at another time) of confidence c1, c2, ... is
    sure by 1 - (1 - c1/2)(1 - c2/2)...: one good anchor 0.5, two 0.75, three 0.88. More than the three surest add
    nothing: to cite everything is no proof.

    Args:
        case: the draft.
        paths: patterns of objects that cite what they infer from.
    """
    findings: list[Finding] = []
    scores: list[float] = []
    for path in patterns(paths):
        for place, value in select(case.draft, path):
            doubt = 1.0
            surest = _independent(anchors_of(value, case))[-ENOUGH:]
            for anchor in surest:
                doubt *= 1.0 - HALF * anchor.confidence
            scores.append(1.0 - doubt)
            if doubt > DOUBTFUL:
                told = ", ".join(f"{a.id} ({a.confidence:.2f})" for a in surest) or "nothing"
                message = f"rests on {told}: sure by {1.0 - doubt:.2f}, at least {1.0 - DOUBTFUL:.2f}"
                findings.append(Finding(place, message, "sure_enough", 1.0 - doubt))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _independent(anchors: Sequence[Anchor]) -> list[Anchor]:
    """One anchor of each kind and second, the surest; the surest of all last."""
    best: dict[tuple[str, str, int], Anchor] = {}
    for anchor in sorted(anchors, key=lambda a: a.confidence):
        best[anchor.kind, anchor.part, round(anchor.t0)] = anchor
    return sorted(best.values(), key=lambda a: a.confidence)


def _events_behind(place: str, case: Case) -> list[Event]:
    """The events that a goal stands for."""
    around = fields_of(get(case.draft, place.rpartition("/")[0]))
    first, last = integer_of(around.get("first")), integer_of(around.get("last"))
    if first is not None and last is not None:
        return [event for event in case.events if first <= event.index <= last]
    outer = "/" + place.split("/")[1]
    cited = {
        name
        for at, item in citing_objects(case.draft)
        if not at.startswith((outer, "/cot", "/left_out"))
        for name in cited_ids(item)
    }
    return [event for event in case.events if f"e{event.index}" in cited]


def _names(events: Sequence[Event]) -> list[str]:
    """What was typed and chosen, each once, in order."""
    found: dict[str, str] = {}
    for event in events:
        said = event.text if event.kind in SETTING else _choice_of(event) if event.kind in TOUCHING else ""
        said = said or "".join(key for key in event.keys if len(key) == 1 and len(event.keys) == 1)
        if said.strip():
            found.setdefault(plain(said), said.strip())
    return list(found.values())


def _choice_of(event: Event) -> str:
    """What a touch chose by name; nothing where it only carries a form or a page on, or gives a field the focus."""
    field = event.role.casefold().startswith(("input_text", "textbox", "edit", "textarea", "searchbox"))
    return "" if field or _is_control(event.target) else event.target


def _is_control(name: str) -> bool:
    """Whether a name is that of a control which only carries on."""
    words = set(tokens(name))
    return bool(words) and words <= CONTROLS


def _names_in_draft(case: Case, place: str) -> list[str]:
    """What the draft's own steps name, where the events name nothing: targets, and quotations in what is done."""
    outer = "/" + place.split("/")[1]
    found: dict[str, str] = {}
    for at, item in citing_objects(case.draft):
        if not at.startswith((outer, "/cot", "/left_out")):
            for said in [str(item.get("target") or ""), *quotations(str(item.get("action") or ""))]:
                if said.strip() and not _is_control(said):
                    found.setdefault(plain(said), said.strip())
    return list(found.values())


def _says(goal: str, name: str) -> bool:
    text, wanted = plain(fold_quotes(goal)), plain(fold_quotes(name))
    if wanted in text:
        return True
    words = set(tokens(name))
    return bool(words) and 2 * len(words & set(tokens(goal))) >= len(words)


def _leaves(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, Json]", value).values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in cast("list[Json]", value):
            yield from _leaves(item)


LEFT_OUT = "left_out"
REASONING = "cot"
MAX_EVENTS = 100_000


@rule("coverage")
def coverage(case: Case) -> Score:
    """Share of the window's events that are cited by a kept item or by `left_out`, and not by both.

    A cited anchor with the attributes `first` and `last` (indices of events, both included), such as a segment, stands
    for the events from one to the other; a cited window stands for its events in `left_out` only. What only the
    reasoning (`cot`) cites is not kept, nor what only a goal or title beside a list of items cites. Keeping nothing
    scores 0: leaving everything out is no sample. Does not apply to streams without events.
    """
    events = [event.index for event in case.events]
    if not events:
        return NOT_APPLICABLE
    kept, dropped = _kept_and_left_out(case)
    if not kept.intersection(events):
        return score_of(0.0, [Finding("", f"keeps none of the {len(events)} events", "coverage", 0.0)])
    missing = [index for index in events if index not in kept and index not in dropped]
    both = [index for index in events if index in kept and index in dropped]
    findings: list[Finding] = []
    if missing:
        message = f"{_events_text(missing)} neither kept nor in left_out"
        findings.append(Finding("", message, "coverage", 1.0 - len(missing) / len(events)))
    if both:
        message = f"{_events_text(both)} also kept"
        findings.append(Finding(f"/{LEFT_OUT}", message, "coverage", 1.0 - len(both) / len(events)))
    return score_of(1.0 - (len(missing) + len(both)) / len(events), findings)


@rule("partition")
def partition(case: Case, *, path: str = "/fragments/*", first: str = "first", last: str = "last") -> Score:
    """Share of events that lie in exactly one fragment: fragments are continuous, non-overlapping and complete.

    Events = those of the window; a fragment holds the events `first`..`last`. A fragment that is turned round or names
    events outside the window counts as one more event that is wrong.

    Args:
        case: the draft.
        path: pattern of the fragments, objects with two event indices.
        first: key of a fragment's first event.
        last: key of its last event.
    """
    events = [event.index for event in case.events]
    if not events:
        return NOT_APPLICABLE
    held: Counter[int] = Counter()
    findings: list[Finding] = []
    for place, fragment in select(case.draft, path):
        entries = cast("dict[str, Json]", fragment) if isinstance(fragment, dict) else {}
        span = _range(entries.get(first), entries.get(last), events)
        held.update(span)
        if not span:
            said = f"{str(entries.get(first))[:12]}..{str(entries.get(last))[:12]}"
            findings.append(Finding(place, f"{said} is no range inside {_span(events)}", "partition", 0.0))
    wrong = {"in no fragment": [i for i in events if not held[i]], "in several": [i for i in events if held[i] > 1]}
    broken = len(findings)
    for what, indices in wrong.items():
        if indices:
            findings.append(Finding("", f"{_events_text(indices)} {what}", "partition", 1 - len(indices) / len(events)))
    return score_of(1.0 - (sum(map(len, wrong.values())) + broken) / (len(events) + broken), findings)


def _kept_and_left_out(case: Case) -> tuple[set[int], set[int]]:
    """Indices of the events that kept items cite, and of those that `left_out` cites.

    Where there are lists, what a goal or a title beside them cites is not kept by that: it sums up what the items say.
    """
    kept: set[int] = set()
    dropped: set[int] = set()
    citations = [one for one in places_of(case).citations if _top(one.pointer) != REASONING]
    listed = any(_is_item(one.pointer) and _top(one.pointer) != LEFT_OUT for one in citations)
    for citation in citations:
        top = _top(citation.pointer)
        if top == LEFT_OUT or _is_item(citation.pointer) or not listed:
            for anchor in citation.anchors:
                (dropped if top == LEFT_OUT else kept).update(covered_events(anchor, windows=top == LEFT_OUT))
    return kept, dropped


@lru_cache(maxsize=4096)
def _is_item(pointer: str) -> bool:
    """Whether a place lies in an item of a list at the top."""
    return pointer[1:].partition("/")[2].partition("/")[0].isdecimal()


@lru_cache(maxsize=4096)
def _top(pointer: str) -> str:
    return pointer[1:].partition("/")[0]


@lru_cache(maxsize=4096)
def _index(event_id: str) -> Sequence[int]:
    number = event_id.rpartition(".")[2][1:]
    return (int(number),) if number.isdecimal() and len(number) < 10 else ()


def covered_events(anchor: Anchor, *, windows: bool = False) -> Sequence[int]:
    """Indices of the events for which an anchor stands: an event's own, and `first`..`last` of its attributes.

    Args:
        anchor: what is cited.
        windows: a window stands for its events, too.
    """
    if anchor.kind == "event":
        return _index(anchor.id)
    ends: Json = [anchor.attrs.get("first"), anchor.attrs.get("last")]
    if anchor.kind == "window":
        ends = anchor.attrs.get("events") if windows else None
    if isinstance(ends, list | tuple) and len(ends := cast("Sequence[Json]", ends)) == 2:
        low, high = ends
        if isinstance(low, int) and isinstance(high, int) and high - low < MAX_EVENTS:
            return range(low, high + 1)
    return []


def _range(low: Json, high: Json, events: Sequence[int]) -> Sequence[int]:
    known = set(events)
    whole = isinstance(low, int) and isinstance(high, int) and low in known and high in known
    return range(low, high + 1) if whole else []


def _span(events: Sequence[int]) -> str:
    return f"e{events[0]}..e{events[-1]}"


def _events_text(indices: Sequence[int]) -> str:
    shown = ", ".join(f"e{index}" for index in indices[:8])
    return f"{len(indices)} event(s) ({shown}{', ...' if len(indices) > 8 else ''}) are"
