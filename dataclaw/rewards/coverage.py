"""Is every event of the window accounted for: kept, or left out by name? And do fragments divide them without a gap?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.places import places_of
from dataclaw.schema import select
from dataclaw.types import Anchor, Finding, Json

LEFT_OUT = "left_out"
REASONING = "cot"
MAX_EVENTS = 100_000


@rule("coverage")
def coverage(case: Case) -> Score:
    """Share of the window's events that are cited by a kept item or by `left_out`, and not by both.

    A cited segment stands for its events (`first`..`last`), a cited window stands for its own in `left_out` only. What
    only the reasoning (`cot`) cites is not kept. Keeping nothing scores 0: leaving everything out is no sample. Does
    not apply to streams without events.
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
            findings.append(Finding(place, f"{first}..{last} is no range inside {_span(events)}", "partition", 0.0))
    wrong = {"in no fragment": [i for i in events if not held[i]], "in several": [i for i in events if held[i] > 1]}
    broken = len(findings)
    for what, indices in wrong.items():
        if indices:
            findings.append(Finding("", f"{_events_text(indices)} {what}", "partition", 1 - len(indices) / len(events)))
    return score_of(1.0 - (sum(map(len, wrong.values())) + broken) / (len(events) + broken), findings)


def _kept_and_left_out(case: Case) -> tuple[set[int], set[int]]:
    """Indices of the events that kept items cite, and of those that `left_out` cites."""
    kept: set[int] = set()
    dropped: set[int] = set()
    for citation in places_of(case).citations:
        top = _top(citation.pointer)
        for anchor in citation.anchors if top != REASONING else ():
            (dropped if top == LEFT_OUT else kept).update(_stands_for(anchor, windows=top == LEFT_OUT))
    return kept, dropped


@lru_cache(maxsize=4096)
def _top(pointer: str) -> str:
    return pointer[1:].partition("/")[0]


@lru_cache(maxsize=4096)
def _index(event_id: str) -> Sequence[int]:
    number = event_id.rpartition(".")[2][1:]
    return (int(number),) if number.isdecimal() and len(number) < 10 else ()


def _stands_for(anchor: Anchor, *, windows: bool) -> Sequence[int]:
    if anchor.kind == "event":
        return _index(anchor.id)
    ends: Json = None
    if anchor.kind == "segment":
        ends = [anchor.attrs.get("first"), anchor.attrs.get("last")]
    elif anchor.kind == "window" and windows:
        ends = anchor.attrs.get("events")
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
