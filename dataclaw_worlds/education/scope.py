"""Which topics and facts of a lecture a request is about, and thoughts about what it is not about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dataclaw.domains.education.intents import parse_intent
from dataclaw.planning import statement
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, Truth, said_at, truths
from dataclaw_worlds.education.thoughts import put

THOUGHTS = 8
"""Most thoughts that the schemas allow."""


@dataclass(frozen=True, slots=True)
class ClearFact:
    """A fact that the transcript holds without a mistake.

    Attributes:
        truth: the fact.
        heard: the sentence that says it.
        cites: the cues that hold it.
    """

    truth: Truth
    heard: HeardSentence
    cites: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its sentence."""
        return str(self.truth["sentence"])


@dataclass(frozen=True, slots=True)
class RequestScope:
    """The part of a lecture that a request is about.

    Attributes:
        topics: numbers of the topics.
        facts: facts of these topics that may be used, in order of time.
        until: before which time [s].
        narrowed: whether the intent names a topic that the domain understands.
        timed: whether the intent names a stretch of time.
    """

    topics: tuple[int, ...]
    facts: tuple[ClearFact, ...]
    until: float
    narrowed: bool
    timed: bool

    def of(self, topic: int) -> list[ClearFact]:
        """The facts of a topic."""
        return [told for told in self.facts if told.heard.topic == topic]


def scope_of(brief: ExpertBrief, transcript: Transcript) -> RequestScope:
    """The part of the lecture that the request is about."""
    meaning = brief.request.meaning
    topics = truths(brief, "topics")
    asked = meaning.get("topics")
    chosen = [k for k in range(len(topics)) if asked is None or k in asked]
    until = float(meaning.get("until") or float("inf"))
    read = parse_intent(brief.request.intent, brief.brief.window)
    openers = {h.topic: h for h in transcript.of("opener")}
    chosen = [k for k in chosen if k in openers and transcript.begins_before(openers[k].cites, until)]
    facts = [told for told in clear_facts(topics, transcript) if told.heard.topic in chosen]
    facts = [told for told in facts if transcript.begins_before(told.cites, until)]
    if meaning.get("exam"):
        facts = [told for told in facts if told.truth["exam"]]
        chosen = [k for k in chosen if any(told.heard.topic == k for told in facts)]
    if kind := meaning.get("kind"):
        facts = [told for told in facts if told.truth["kind"] == kind]
    timed = read.span != (float("-inf"), float("inf"))
    return RequestScope(tuple(chosen), tuple(facts), until, bool(read.topic), timed)


def clear_facts(topics: Sequence[Truth], transcript: Transcript) -> list[ClearFact]:
    """The facts that were said and recognised without a mistake."""
    found: list[ClearFact] = []
    for heard in transcript.of("fact"):
        truth: Truth = topics[heard.topic]["facts"][heard.fact]
        cites = transcript.holding(str(truth["sentence"]), heard)
        if cites and not truth["unclear"]:
            found.append(ClearFact(truth, heard, tuple(cites)))
    return found


def aside_thoughts(
    brief: ExpertBrief, transcript: Transcript, until: float = float("inf"), topics: Collection[int] | None = None
) -> list[tuple[float, dict[str, Json]]]:
    """Thoughts about what is not used: stories, announcements and slips, each with its time [s].

    Args:
        brief: the request, and its scene.
        transcript: the transcript.
        until: before which time [s].
        topics: only asides during these topics; all by default.
    """
    found: list[tuple[float, dict[str, Json]]] = []
    seen = ""
    for heard in transcript.heard:
        if heard.role not in {"digression", "notice"} or heard.t0 >= until or _elsewhere(heard, topics):
            seen = ""
            continue
        label = str(heard.truth["label"])
        if label != seen:
            what = "a story" if heard.role == "digression" else "an announcement"
            text = put(brief, "aside", at=said_at(heard), what=f"{what} about {label}")
            found.append((heard.t0, statement(text, heard.cites)))
        seen = label
    slips = {(h.topic, h.fact): h for h in transcript.of("slip")}
    for heard in transcript.of("fact"):
        slip = slips.get((heard.topic, heard.fact))
        if slip is not None and slip.t0 < until and not _elsewhere(slip, topics):
            text = put(brief, "slip", at=said_at(slip), to=said_at(heard))
            found.append((slip.t0, statement(text, [slip.cites[0], *heard.cites])))
    return found


def _elsewhere(heard: HeardSentence, topics: Collection[int] | None) -> bool:
    return topics is not None and heard.topic not in topics


def in_order(thoughts: Sequence[tuple[float, dict[str, Json]]], most: int = THOUGHTS) -> list[Json]:
    """The first `most` of the thoughts, in order of time."""
    return [thought for _, thought in sorted(thoughts[:most], key=lambda pair: pair[0])]


def talk_cites(transcript: Transcript, until: float = float("inf")) -> list[str]:
    """Cues of stories and announcements."""
    return [c for h in transcript.heard if h.role in {"digression", "notice"} and h.t0 < until for c in h.cites]
