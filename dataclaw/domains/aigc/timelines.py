"""The plan of an edit: what lies where in a cut, or which nodes a graph runs, in order, with every time and parameter.

Times are the file's own. Clips whose source and record times contradict each other are left out by name, because nobody
can follow both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from wordfreq import zipf_frequency

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.domains.aigc.requests import language_of, sentence
from dataclaw.domains.aigc.telling import (
    NAME,
    NAMED,
    ToldOfEdit,
    count_of,
    kinds_of,
    lines_about,
    names_of,
    question_of_steps,
    thought_of,
)
from dataclaw.domains.aigc.wording import quote
from dataclaw.planning import Asking, ask, decline, keep, pages, statement, submit
from dataclaw.tools.operations import exact
from dataclaw.types import Anchor, Brief, Json

MOST = 150
"""Most operations of one plan; a longer list is told in parts."""
ANSWER = 400
"""Most lines of an answer."""
CITES = 64
_SLACK = 1e-3
"""Shorter overlaps and lengths count as nothing [s]."""
PAGE = 40
"""Most operations whose fields are read in one call."""
SOURCES = 8
"""Most sources that a question lists."""
WRONG = 4
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
        some: whether the kept ones were chosen from more of their kinds that could be told.
    """

    events: Sequence[Anchor]
    dropped: Mapping[str, str]
    timed: bool
    rate: float
    there: Sequence[Anchor]
    beyond: int
    is_part: bool
    some: bool

    @property
    def wrong(self) -> list[Anchor]:
        """Clips whose times contradict each other."""
        return [event for event in self.there if self.dropped.get(event.id) == "timecodes_disagree"]

    @property
    def parts(self) -> int:
        """How many plans of this length the list takes."""
        return 1 + -(-self.beyond // MOST)

    @property
    def rate_said(self) -> str:
        """How the frame rate came about where the file gives none: "assumed" or "inferred"; else ""."""
        said = {str(facts.details_of(event).get("rate_said")) for event in self.events} & {"assumed", "inferred"}
        return min(said, default="")


def edit_plan(brief: Brief, told: ToldOfEdit | None = None) -> Asking[None]:
    """Plan of the task; `told` is what is known beside the stream."""
    work = yield from operations_of(brief)
    yield from read_fully(work.events)
    yield from submit(_draft(work, told or ToldOfEdit(), language_of(brief.intent)))


def read_fully(operations: Sequence[Anchor]) -> Asking[None]:
    """Read every field of operations: a page of the list shows times to a tenth of a second, and no media."""
    for start in range(0, len(operations), PAGE):
        yield from ask("list_operations", events=[int(a.id[1:]) for a in operations[start : start + PAGE]])


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
    # whoever chooses, these cannot be told
    useless = {a.id: "limit" for a in there if timed and a.t1 > brief.window[1] + _SLACK}
    useless |= {a.id: "not_asked" for a in there if is_filler(a, there)}
    clips = [a for a in there if a.attrs["verb"] == "clip"]
    useless |= {a.id: "timecodes_disagree" for a in clips if facts.disagreement(facts.of_anchor(a), rate)}
    refused = {a.id: "not_asked" for a in there if facts.refusal_of(a, intent)} | useless
    _, beyond = facts.within_limit([a for a in there if a.id not in refused], intent, len(there))
    options = [a for a in there if a.id not in refused] if intent.traits or intent.kinds else there
    dropped, by = yield from keep("aigc.operations", options, refused | beyond, "not_asked")
    reasons = refused | (dropped if by == "rules" else dict.fromkeys(dropped, "not_asked"))
    dropped = {a.id: reasons[a.id] for a in there if a.id in reasons}
    kept = [a for a in there if a.id not in dropped]
    if not kept:
        raise decline(f"none of its {len(there)} operations is what the intent asks for", "Ask for all of them.")
    is_part = "limit" in dropped.values() or _is_part(there)
    beyond = {a.id: "limit" for a in kept[MOST:]}
    kinds = {a.attrs["verb"] for a in kept}
    some = any(dropped.get(a.id) == "not_asked" and a.id not in useless and a.attrs["verb"] in kinds for a in there)
    return EditOperations(kept[:MOST], dropped | beyond, timed, rate, there, len(beyond), is_part, some)


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


def _draft(work: EditOperations, told: ToldOfEdit, language: str) -> dict[str, Json]:
    lines = (line for event in work.events for line in lines_about(event, work.events, told, language))
    return {
        "cot": _reasoning(work, told, language),
        "operations": [{"cite": [event.id], **facts.of_anchor(event)} for event in work.events],
        "question": _question(work, told, language),
        "answer": list(islice(lines, ANSWER)),
        "left_out": left_out(work.dropped),
    }


def _reasoning(work: EditOperations, told: ToldOfEdit, language: str) -> list[Json]:
    """What is kept, and why; what the list does not say; what contradicts itself."""
    thoughts = thought_of(work.events, told, {event.id: event for event in work.there}, language)
    if said := work.rate_said:
        thoughts.append(statement(sentence("rate", language, rate=f"{work.rate:g}", said=said), [work.events[0].id]))
    thoughts += [_contradiction(clip, language) for clip in work.wrong[:WRONG]]
    if len(work.wrong) > WRONG:
        thoughts.append(statement(sentence("others", language), [a.id for a in work.wrong[WRONG:]]))
    return thoughts


def _contradiction(clip: Anchor, language: str) -> dict[str, Json]:
    """Why a clip is left out."""
    entry = facts.of_anchor(clip)
    more = entry["source_out"] - entry["source_in"] > entry["record_out"] - entry["record_in"]
    name = quote(str(clip.attrs.get("text") or ""), NAME)
    key = "longer" if more else "shorter"
    return statement(sentence(key, language, name=name, t0=f"{clip.t0:.3f}", t1=f"{clip.t1:.3f}"), [clip.id], 320)


def _question(work: EditOperations, told: ToldOfEdit, language: str) -> dict[str, Json]:
    """The request, with the sources that a cut is made of where they can be listed."""
    latest = max(work.events, key=lambda event: event.t1)
    ends = [work.events[0].id, work.events[-1].id][: 1 if work.parts == 1 else 2]
    ends = list(dict.fromkeys([*(event.id for event in work.events[:NAMED]), *ends])) if work.some else ends
    ends += [latest.id] if work.is_part and latest.id not in ends else []
    if not work.timed:
        return statement(
            question_of_steps(work.events, told, language, some=work.some) + _part(work, language), ends, 500
        )
    kinds = kinds_of(work.events, language)
    key = "cut_asked" if told.asked else "cut_some" if work.some else "cut"
    text = sentence(key, language, asked=told.asked, kinds=kinds, names=names_of(work.events, language))
    text += sentence("without", language) if work.wrong else ""
    text += sentence("rate_asked", language, rate=f"{work.rate:g}") if work.rate_said else ""
    text += _part(work, language)
    sources, cited = _sources(work, language)
    if not sources or len(text) + len(sources) > 500 or len(set(cited) | set(ends)) > SOURCES:
        return statement(text, ends, 500)
    return statement(text + sources, [*cited, *ends], 500)


def _part(work: EditOperations, language: str) -> str:
    """Which part of a cut or of a long list is asked for; "" where it is all of it."""
    if work.is_part and work.parts == 1:
        first, last = work.events[0].t0, max(event.t1 for event in work.events)
        return sentence("from_to", language, t0=f"{first:.3f}", t1=f"{last:.3f}")
    if work.parts == 1:
        return ""
    last = work.events[-1]
    end = quote(str(last.attrs.get("text") or last.attrs["verb"]), NAME)
    end += (
        f" {'' if language == 'zh' else 'at '}{last.t0:.3f} {'秒' if language == 'zh' else 's'}" if work.timed else ""
    )
    return sentence("first_part", language, count=count_of(work.parts), end=end)


def _sources(work: EditOperations, language: str) -> tuple[str, list[str]]:
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
    return sentence("sources", language, sources=", ".join(named)), cited
