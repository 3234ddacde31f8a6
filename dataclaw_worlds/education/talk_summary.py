"""Expert of `lecture_summary` on lectures: the topics as they are announced, each with what matters most."""

from __future__ import annotations

from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import CITES, Asking, decline, statement, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, listen, said_at, truths
from dataclaw_worlds.education.scope import ClearFact, RequestScope, aside_thoughts, in_order, scope_of, talk_cites
from dataclaw_worlds.education.thoughts import put
from dataclaw_worlds.words import upper_first

KEYS = 3
"""Most sentences of a chapter."""


def summarise(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested summary."""
    transcript = yield from listen(brief)
    scope = scope_of(brief, transcript)
    openers = {h.topic: h for h in transcript.of("opener")}
    titles = [str(topic["title"]) for topic in truths(brief, "topics")]
    starts = sorted(h.t0 for h in openers.values())
    ends = {k: next((t for t in starts if t > openers[k].t0), float("inf")) for k in scope.topics}
    chapters = [
        _chapter(openers[k], titles[k], keys_of(scope, k, transcript, ends[k]), transcript) for k in scope.topics
    ]
    if not chapters:
        raise decline("the transcript announces none of the requested topics", "Ask for another part.")
    cuts = [(openers[k].t0, _opening_thought(brief, openers[k], titles[k])) for k in scope.topics]
    used = {c for chapter in chapters for c in chapter["cite"]} | {c for t in scope.facts for c in t.cites}
    others = [openers[k].cites[0] for k in openers if k not in scope.topics]
    talk = talk_cites(transcript, scope.until)
    left = left_out(used, other_time=others if scope.timed else (), other_topic=others if scope.narrowed else (),
                    talk=talk)  # fmt: skip
    yield from submit({
        "cot": in_order([*cuts, *aside_thoughts(brief, transcript, scope.until, scope.topics)]),
        "title": title_of(brief, transcript, scope),
        "chapters": chapters,
        "left_out": left,
    })  # fmt: skip


def keys_of(scope: RequestScope, topic: int, transcript: Transcript, end: float) -> list[ClearFact]:
    """The facts of a topic that matter most: its definition and stressed ones, in cues before its end [s]."""
    told = [t for t in scope.of(topic) if transcript.cues[t.cites[0]].t0 < end]
    best = [t for t in told if t.truth["key"] or t.truth["kind"] == "definition"]
    return (best or told)[:KEYS]


def title_of(brief: ExpertBrief, transcript: Transcript, scope: RequestScope) -> dict[str, Json]:
    """The title of the lecture, or of the topic where the request is about one."""
    course = transcript.of("course")
    titles = truths(brief, "topics")
    name = str(brief.scene.facts["course"])
    whole = len(scope.topics) > 1 or len(titles) == 1
    cites = transcript.holding(name, course[0]) if course else []
    if cites and (whole and not scope.narrowed):
        return statement(name, cites)
    first = min(scope.topics)
    opener = next(h for h in transcript.of("opener") if h.topic == first)
    title = str(titles[first]["title"])
    return statement(upper_first(title), transcript.holding(title, opener))


def _chapter(opener: HeardSentence, title: str, keys: list[ClearFact], transcript: Transcript) -> dict[str, Json]:
    cites = list(dict.fromkeys([opener.cites[0], *transcript.holding(title, opener)]))[:CITES]
    sentences: list[Json] = [statement(told.text, told.cites) for told in keys]
    return {"cite": cites, "start": round(opener.t0, 3), "title": upper_first(title), "sentences": sentences}


def _opening_thought(brief: ExpertBrief, opener: HeardSentence, title: str) -> dict[str, Json]:
    return statement(put(brief, "announced", at=said_at(opener), what=title), opener.cites)
