"""The plan of an edit: what lies where in a cut, or which nodes a graph runs, in order, with every time and parameter.

Times are the file's own. Clips whose source and record times contradict each other are left out by name, because nobody
can follow both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.intents import MediaIntent, parse_intent
from dataclaw.domains.aigc.wording import quote
from dataclaw.planning import Asking, decline, join_words, pages, shorten, statement, submit
from dataclaw.types import Anchor, Brief, Json

MOST = 300
"""Most operations of a plan."""
CITES = 64
NAME = 60
"""Longest name in the reasoning [characters]."""


@dataclass(frozen=True, slots=True)
class EditOperations:
    """The operations of a stream.

    Attributes:
        events: the operations that are kept, in order.
        dropped: reason by id of the others.
        timed: whether it is a cut, with record times.
        rate: frames per second [1/s].
        instruction: instructions that came with the edit.
    """

    events: Sequence[Anchor]
    dropped: Mapping[str, str]
    timed: bool
    rate: float
    instruction: Sequence[Anchor] = ()


def edit_plan(brief: Brief) -> Asking[None]:
    """Plan of the task."""
    work = yield from operations_of(brief)
    yield from submit(_draft(work))


def operations_of(brief: Brief) -> Asking[EditOperations]:
    """The operations that an intent asks for.

    Raises:
        PolicyError: the stream has no operation, or none that the intent asks for.
    """
    seen = yield from pages("list_operations", 200)
    there = [a for a in seen if a.attrs.get("verb") in facts.KINDS]
    if not there:
        raise decline("the stream has no operation", "Give a timeline, a generation graph or an edit history.")
    timed = any(a.attrs["verb"] in facts.TIMED for a in there)
    rates = [float(r) for a in there if isinstance(r := facts.details_of(a).get("rate"), int | float) and r > 0]
    rate = rates[0] if rates else facts.USUAL_RATE
    intent = parse_intent(brief.intent, brief.window)
    dropped = {a.id: why for a in there if (why := refusal(a, intent, rate))}
    kept = [a for a in there if a.id not in dropped]
    if not kept:
        raise decline(f"none of its {len(there)} operations is what the intent asks for", "Ask for all of them.")
    kept, beyond = facts.within_limit(kept, intent, MOST)
    instructions = [a for a in seen if a.attrs.get("verb") == "instruction"]
    return EditOperations(kept, dropped | beyond, timed, rate, instructions)


def refusal(event: Anchor, intent: MediaIntent, rate: float) -> str:
    """Why an operation is left out, "" when it is kept."""
    verb = str(event.attrs["verb"])
    if facts.refusal(verb, (event.t0, event.t1), facts.details_of(event), intent):
        return "not_asked"
    return "timecodes_disagree" if verb == "clip" and facts.disagreement(facts.of_anchor(event), rate) else ""


def left_out(dropped: Mapping[str, str]) -> list[Json]:
    """Dropped operations by reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in dropped.items():
        reasons.setdefault(reason, []).append(name)
    return [
        {"cite": ids[start : start + CITES], "reason": reason}
        for reason, ids in reasons.items()
        for start in range(0, len(ids), CITES)
    ][:24]


def _draft(work: EditOperations) -> dict[str, Json]:
    return {
        "cot": _reasoning(work),
        "operations": [{"cite": [event.id], **facts.of_anchor(event)} for event in work.events],
        "question": statement(_question(work), [work.events[0].id], 500),
        "answer": [_answer_line(event, work) for event in work.events],
        "left_out": left_out(work.dropped),
    }


def _reasoning(work: EditOperations) -> list[Json]:
    """Thoughts about the operations, in order of time."""
    first = work.events[0]
    kinds = [str(event.attrs["verb"]) for event in work.events]
    heads = {kind: next(e for e in work.events if e.attrs["verb"] == kind) for kind in dict.fromkeys(kinds)}
    kinds_named = join_words([f"{kind}s{_first(heads[kind])}" for kind in heads])
    thoughts = [statement(f"The plan is made of {kinds_named}.", [head.id for head in heads.values()], 320)]
    if work.timed:
        last = max(work.events, key=lambda e: e.t1)
        thoughts.append(statement(f"It runs from {first.t0:.2f} to {last.t1:.2f} s.", [first.id, last.id]))
    if note := _rate_note(work):
        thoughts.append(statement(note, [first.id]))
    wrong = [name for name, why in work.dropped.items() if why == "timecodes_disagree"]
    if wrong:
        text = f"Source and record of {len(wrong[:8])} clips differ in length without a change of speed: left out."
        thoughts.append(statement(text, wrong))
    return thoughts


def _rate_note(work: EditOperations) -> str:
    """A note that the frame rate was assumed or inferred; "" where the file gives it."""
    said_so = {str(facts.details_of(event).get("rate_said")) for event in work.events} & {"assumed", "inferred"}
    return f"The list gives no frame rate: {work.rate:g} frames a second are {said_so.pop()}." if said_so else ""


def _first(head: Anchor) -> str:
    """The name of the first operation of a kind, in brackets; "" where it has none."""
    name = str(head.attrs.get("text") or "").strip()
    return (
        f" (the first is {quote(name, NAME)})" if name and head.attrs["verb"] in ("clip", "node", "operation") else ""
    )


def _question(work: EditOperations) -> str:
    if work.timed:
        kinds = {str(event.attrs["verb"]) for event in work.events}
        what = f"{kinds.pop()}s" if len(kinds) == 1 else "operations"
        asked = f"Which {what} make this cut, in order, with their times in the cut and in their sources?"
        disagree = "timecodes_disagree" in work.dropped.values()
        without = " Leave out clips whose source and record times contradict each other." if disagree else ""
        rate = f" Count {work.rate:g} frames a second: the list gives no rate." if _rate_note(work) else ""
        return f"{asked}{without}{rate}"
    return "Which steps lead to the result, in the order in which they run, with their inputs and parameters?"


def _answer_line(event: Anchor, work: EditOperations) -> dict[str, Json]:
    """What an operation does, with its times in a cut, else with the nodes that its sentence names."""
    content = shorten(event.content, 520)
    if work.timed:
        return statement(f"{event.t0:.3f}-{event.t1:.3f} s: {content}", [event.id], 600)
    return statement(content, [event.id, *facts.feeds(event, work.events)], 600)
