"""Does a draft know at a step only what was seen by then? What is thought with hindsight teaches to guess."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, anchors_of, patterns, rule, score_of
from dataclaw.rewards.prose import holds, quotations
from dataclaw.schema import fields_of, number_of, objects_of, select
from dataclaw.types import Finding, Json

SPOILS = 3.0
"""A third of the steps thought with hindsight make the reasoning worth nothing."""
TYPING = frozenset({"write", "type", "fill", "input", "press", "hotkey"})
"""Events whose text is the user's own: to think of it before is to plan."""
FREE = 0.05
"""An anchor that begins this much later is not later [s]."""


@rule("no_hindsight")
def no_hindsight(
    case: Case,
    *,
    steps: str | Sequence[str] = (),
    fields: Sequence[str] = ("observation", "thought"),
    until: str | Sequence[str] = (),
) -> Score:
    """1 when nothing is thought that was seen only later; 1 - 3 * the share of steps at which something is.

    At a step, a quotation in one of its `fields` must stand in something seen not later than the step. With `until`,
    the input ends there, and a thought of `cot` that cites what begins after it tells the answer: 0. Does not apply
    where no step quotes and nothing is thought.

    Args:
        case: the draft.
        steps: patterns of the steps, objects that cite their event or name their frame.
        fields: their keys whose text is thought or observed at the step.
        until: patterns of the places that say where the input ends: a frame's number or a time [s]; the last counts.
    """
    findings: list[Finding] = []
    quoting = wrong = 0
    for place, step in _objects(case, steps):
        now = _time_of(step, case)
        texts = {key: quotations(str(step.get(key) or "")) for key in fields} if now is not None else {}
        late = [(key, said) for key, found in texts.items() for said in found if not _known_by(said, now or 0.0, case)]
        quoting += any(texts.values())
        wrong += bool(late)
        for key, said in late:
            message = f'"{said[:50]}" is seen only later than {now:.2f} s'
            findings.append(Finding(f"{place}/{key}", message, "no_hindsight", 0.0))
    ends = [_end_of(value, path, case) for path in patterns(until) for _, value in select(case.draft, path)]
    thoughts = objects_of(case.draft, "cot") if ends else []
    telling = [
        finding for at, thought in enumerate(thoughts) for finding in _thoughts_ahead(at, thought, max(ends), case)
    ]
    if not quoting and not thoughts:
        return NOT_APPLICABLE
    return score_of(0.0 if telling else 1.0 - SPOILS * wrong / max(1, quoting), [*findings, *telling])


def _thoughts_ahead(at: int, thought: dict[str, Json], end: float, case: Case) -> Iterator[Finding]:
    """What a thought says of what comes after the end of the input [s]."""
    later = [a.id for a in anchors_of(thought, case) if a.t0 >= end - FREE and a.t1 > end + FREE]
    if later:
        message = f"cites {', '.join(later[:4])}, which comes after the input ends at {end:.2f} s"
        yield Finding(f"/cot/{at}", message, "no_hindsight", 0.0)


def _objects(case: Case, paths: str | Sequence[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    for path in patterns(paths):
        for place, value in select(case.draft, path):
            yield place, fields_of(value)


def _time_of(step: dict[str, Json], case: Case) -> float | None:
    """When a step is taken: at the event that it cites first, else at its frame [s]; the others it looks back on."""
    events = [anchor.t0 for anchor in anchors_of(step, case) if anchor.kind == "event"]
    frame = step.get("frame")
    if not events and isinstance(frame, int) and 0 <= frame < len(case.frame_times):
        events = [case.frame_times[frame]]
    return events[0] if events else None


def _known_by(said: str, now: float, case: Case) -> bool:
    """Whether something seen not later says the words. To think of what one types is to plan."""
    saying = [anchor for anchor in case.anchors.values() if holds(said, [anchor])]
    typed = any(anchor.attrs.get("verb") in TYPING for anchor in saying)
    return not saying or typed or any(anchor.t0 <= now + FREE for anchor in saying)


def _end_of(value: Json, path: str, case: Case) -> float:
    """Where the input ends [s]: what stands under `t0`, `t1` or `time` is a time, anything else a frame."""
    number = number_of(value, math.inf)
    if path.rpartition("/")[2] in ("t0", "t1", "time") or not 0 <= number < len(case.frame_times):
        return number
    return case.frame_times[int(number)]
