"""The plan of an edit: what lies where in a cut, or which nodes a graph runs, in order, with every time and parameter.

Times are the file's own. Clips whose source and record times contradict each other are left out by name, because nobody
can follow both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wordfreq import zipf_frequency

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.intents import MediaIntent, parse_intent
from dataclaw.domains.aigc.wording import lines_of, quote
from dataclaw.planning import Asking, decline, join_words, keep, pages, shorten, statement, submit
from dataclaw.tools.operations import exact
from dataclaw.types import Anchor, Brief, Json

MOST = 150
"""Most operations of one plan; a longer list is told in parts."""
ANSWER = 400
"""Most lines of an answer."""
CITES = 64
_SLACK = 1e-3
"""Shorter overlaps and lengths count as nothing [s]."""
NAME = 60
"""Longest name in the reasoning [characters]."""
_COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SOURCES = 8
"""Most sources that a question lists."""
NAMED = 4
"""Most contradictions that a thought spells out."""
WORD = 1.5
"""Zipf frequency from which letters in a marker are a word."""


@dataclass(frozen=True, slots=True)
class EditOperations:
    """The operations of a stream.

    Attributes:
        events: the operations that are kept, in order.
        dropped: reason by id of the others.
        timed: whether it is a cut, with record times.
        rate: frames per second [1/s].
        there: all operations of the stream, in order.
        beyond: how many more of them than one plan holds.
        is_part: whether it is only a part of a cut.
    """

    events: Sequence[Anchor]
    dropped: Mapping[str, str]
    timed: bool
    rate: float
    there: Sequence[Anchor]
    beyond: int
    is_part: bool

    @property
    def wrong(self) -> list[Anchor]:
        """Clips whose times contradict each other."""
        return [event for event in self.there if self.dropped.get(event.id) == "timecodes_disagree"]

    @property
    def parts(self) -> int:
        """How many plans of this length the list takes."""
        return 1 + -(-self.beyond // MOST)


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
    useless = {a.id: dropped.get(a.id, "not_asked") for a in there if is_filler(a, there)}
    useless |= {name: why for name, why in dropped.items() if why == "timecodes_disagree"}
    dropped, _ = yield from keep("aigc.operations", there, useless | dropped, "not_asked")
    dropped |= useless
    reaches = {a.id: "limit" for a in there if timed and a.id not in dropped and a.t1 > brief.window[1] + _SLACK}
    dropped |= reaches
    kept = [a for a in there if a.id not in dropped]
    if not kept:
        raise decline(f"none of its {len(there)} operations is what the intent asks for", "Ask for all of them.")
    kept, beyond = facts.within_limit(kept, intent, MOST)
    more = sum(why == "limit" for why in beyond.values())
    return EditOperations(kept, dropped | beyond, timed, rate, there, more, bool(reaches) or _is_part(there))


def _is_part(there: Sequence[Anchor]) -> bool:
    """Whether clips come before or after these on one of their tracks."""
    clips = [a for a in there if a.attrs["verb"] == "clip"]
    tracks = {str(facts.details_of(a).get("track")): a for a in clips}
    first = {str(facts.details_of(a).get("track")): a for a in reversed(clips)}
    return any(a.attrs["shot"] > 1 for a in first.values()) or any(
        a.attrs["shot"] < a.attrs["shots"] for a in tracks.values()
    )


def is_filler(event: Anchor, there: Sequence[Anchor]) -> bool:
    """Whether an operation is no content: a gap that nobody sees, or a marker whose letters are no words.

    A gap is seen where it lies between two clips of its track and nothing else of its kind (picture, sound) lies there.
    One that is longer than all clips together is no gap of a cut: the list is an excerpt.
    """
    if event.attrs["verb"] == "marker":
        return is_gibberish(f"{event.attrs.get('text') or ''} {facts.details_of(event).get('comment') or ''}")
    if event.attrs["verb"] != "gap":
        return False
    clips = [a for a in there if a.attrs["verb"] == "clip"]
    own, kind = facts.details_of(event).get("track"), facts.details_of(event).get("track_kind")
    beside = [a for a in clips if facts.details_of(a).get("track") == own]
    inside = any(a.t1 <= event.t0 + _SLACK for a in beside) and any(a.t0 >= event.t1 - _SLACK for a in beside)
    alike = [a for a in clips if facts.details_of(a).get("track_kind") == kind]
    hidden = any(min(a.t1, event.t1) - max(a.t0, event.t0) > _SLACK for a in alike)
    excerpt = event.t1 - event.t0 > sum(a.t1 - a.t0 for a in clips)
    return not inside or hidden or excerpt


def is_gibberish(text: str) -> bool:
    """Whether a text has letters, but no word of any length in them."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return bool(words) and not any(zipf_frequency(word, "en", wordlist="small") >= WORD for word in words)


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
        "question": _question(work),
        "answer": [line for event in work.events for line in _answer_lines(event, work)][:ANSWER],
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
    thoughts += [_contradiction(clip) for clip in work.wrong[:NAMED]]
    if len(work.wrong) > NAMED:
        rest = work.wrong[NAMED:]
        thoughts.append(statement("Other clips contradict themselves in the same way.", [a.id for a in rest]))
    return thoughts


def _contradiction(clip: Anchor) -> dict[str, Json]:
    """Why a clip is left out."""
    entry = facts.of_anchor(clip)
    more = entry["source_out"] - entry["source_in"] > entry["record_out"] - entry["record_in"]
    name = quote(str(clip.attrs.get("text") or ""), NAME)
    how = f"its source is {'longer' if more else 'shorter'} than its place in the cut, without a change of speed"
    return statement(f"{name} from {clip.t0:.3f} to {clip.t1:.3f} s is left out: {how}.", [clip.id], 320)


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


def _question(work: EditOperations) -> dict[str, Json]:
    """The request, with the sources that a cut is made of where they can be listed."""
    latest = max(work.events, key=lambda event: event.t1)
    ends = [work.events[0].id, work.events[-1].id][: 1 if work.parts == 1 else 2]
    ends += [latest.id] if work.is_part and latest.id not in ends else []
    if not work.timed:
        asked = "Which operations, in order, make up this workflow, and with which inputs and parameters?"
        if any(event.attrs["verb"] == "operation" for event in work.events):
            asked = "Which steps does this editing history list, in order, and with which parameters?"
        return statement(asked + _part(work), ends, 500)
    kinds = list(dict.fromkeys(f"{event.attrs['verb']}s" for event in work.events))
    asked = f"Which {join_words(kinds)} make this cut, in order, with their times in the cut and in their sources?"
    without = " Leave out clips whose source and record times contradict each other." if work.wrong else ""
    rate = f" Count {work.rate:g} frames a second: the list gives no rate." if _rate_note(work) else ""
    text = f"{asked}{without}{rate}{_part(work)}"
    sources, cited = _sources(work)
    if not sources or len(text) + len(sources) > 500 or len(set(cited) | set(ends)) > SOURCES:
        return statement(text, ends, 500)
    return statement(text + sources, [*cited, *ends], 500)


def _part(work: EditOperations) -> str:
    """Which part of a cut or of a long list is asked for; "" where it is all of it."""
    if work.is_part and work.parts == 1:
        first, last = work.events[0].t0, max(event.t1 for event in work.events)
        return f" Only what lies whole in the part from {first:.3f} to {last:.3f} s."
    if work.parts == 1:
        return ""
    count = _COUNTS[work.parts - 2] if work.parts - 2 < len(_COUNTS) else "many"
    last = work.events[-1]
    end = f"{quote(str(last.attrs.get('text') or last.attrs['verb']), NAME)}"
    until = f"{end} at {last.t0:.3f} s" if work.timed else end
    return f" The list is long: give the first of its {count} parts, up to {until}."


def _sources(work: EditOperations) -> tuple[str, list[str]]:
    """The sources of a cut, each with the span that it is used from, and what says so; "" where they are many."""
    spans: dict[str, list[float]] = {}
    cited: list[str] = []
    for clip in (event for event in work.events if event.attrs["verb"] == "clip"):
        entry = facts.of_anchor(clip)
        if "source_in" not in entry:
            continue
        spans.setdefault(str(entry["name"]), []).extend((entry["source_in"], entry["source_out"]))
        cited.append(clip.id)
    if not spans or len(cited) > SOURCES:
        return "", []
    named = [f"{quote(name, NAME)} {exact(min(ends))}-{exact(max(ends))} s" for name, ends in spans.items()]
    return f" Sources: {', '.join(named)}.", cited


def _answer_lines(event: Anchor, work: EditOperations) -> list[Json]:
    """What an operation does, with its times in a cut, else with the nodes that its sentence names."""
    if work.timed:
        when = f"{event.t0:.3f} s" if event.t1 - event.t0 < _SLACK else f"{event.t0:.3f}-{event.t1:.3f} s"
        return [statement(f"{when}: {shorten(event.content, 520)}", [event.id], 600)]
    cites = [event.id, *facts.feeds(event, work.events)]
    return [statement(text, cites) for text in lines_of(event.content)]
