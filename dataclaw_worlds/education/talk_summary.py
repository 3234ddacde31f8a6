"""Expert of `lecture_summary` on lectures: the topics as they are announced, each with what matters most."""

from __future__ import annotations

from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import CITES, Asking, decline, said, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import Heard, Transcript, listen, said_at, truths
from dataclaw_worlds.education.scope import Scope, Told, aside, in_order, scope_of, talk_cites
from dataclaw_worlds.education.script import capital
from dataclaw_worlds.education.thoughts import ANNOUNCED, put

KEYS = 3
"""Most sentences of a chapter."""


def summarise(order: ExpertBrief) -> Asking[None]:
    """The summary that was asked for."""
    transcript = yield from listen(order)
    scope = scope_of(order, transcript)
    openers = {h.topic: h for h in transcript.of("opener")}
    titles = [str(topic["title"]) for topic in truths(order, "topics")]
    starts = sorted(h.t0 for h in openers.values())
    ends = {k: next((t for t in starts if t > openers[k].t0), float("inf")) for k in scope.topics}
    chapters = [
        _chapter(openers[k], titles[k], keys_of(scope, k, transcript, ends[k]), transcript) for k in scope.topics
    ]
    if not chapters:
        raise decline("none of what is asked for was understood in the transcript", "Ask for another part.")
    cuts = [(openers[k].t0, _announced(order, openers[k], titles[k])) for k in scope.topics]
    used = {c for chapter in chapters for c in chapter["cite"]} | {c for t in scope.facts for c in t.cites}
    others = [openers[k].cites[0] for k in openers if k not in scope.topics]
    talk = talk_cites(transcript, scope.until)
    left = left_out(used, other_time=others if scope.timed else (), other_topic=others if scope.narrowed else (),
                    talk=talk)  # fmt: skip
    yield from submit({
        "cot": in_order([*cuts, *aside(order, transcript, scope.until, scope.topics)]),
        "title": title_of(order, transcript, scope),
        "chapters": chapters,
        "left_out": left,
    })  # fmt: skip


def keys_of(scope: Scope, topic: int, transcript: Transcript, end: float) -> list[Told]:
    """What matters most of a topic, in cues that begin before the next one [s]: its definition, what is stressed."""
    told = [t for t in scope.of(topic) if transcript.cues[t.cites[0]].t0 < end]
    best = [t for t in told if t.truth["key"] or t.truth["kind"] == "definition"]
    return (best or told)[:KEYS]


def title_of(order: ExpertBrief, transcript: Transcript, scope: Scope) -> dict[str, Json]:
    """What the lecture is called; a part of it by its own topic."""
    course = transcript.of("course")
    titles = truths(order, "topics")
    name = str(order.scene.facts["course"])
    whole = len(scope.topics) > 1 or len(titles) == 1
    cites = transcript.holding(name, course[0]) if course else []
    if cites and (whole and not scope.narrowed):
        return said(name, cites)
    first = min(scope.topics)
    opener = next(h for h in transcript.of("opener") if h.topic == first)
    title = str(titles[first]["title"])
    return said(capital(title), transcript.holding(title, opener))


def _chapter(opener: Heard, title: str, keys: list[Told], transcript: Transcript) -> dict[str, Json]:
    cites = list(dict.fromkeys([opener.cites[0], *transcript.holding(title, opener)]))[:CITES]
    sentences: list[Json] = [said(told.text, told.cites) for told in keys]
    return {"cite": cites, "start": round(opener.t0, 3), "title": capital(title), "sentences": sentences}


def _announced(order: ExpertBrief, opener: Heard, title: str) -> dict[str, Json]:
    return said(put(order, ANNOUNCED, at=said_at(opener), what=title), opener.cites)
