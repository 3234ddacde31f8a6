"""What the plans know of a recording: its narrations, its goal, its length. Filled by calling tools.

Everything here comes from anchors, so that it can be cited. Captions and messages count as narrations. What a narration
says is done, and to what end, is read off its words, or told by somebody who was there (`ToldOfDay`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from dataclaw.domains.daily.intents import ActivityIntent, parse_intent, stems
from dataclaw.domains.daily.labels import mend_labels
from dataclaw.domains.daily.wording import Clause, clause, object_of
from dataclaw.planning import Asking, ask, decline, join_words, keep, pages, statement
from dataclaw.schema import fields_of
from dataclaw.types import Anchor, Brief, Json

NARRATING = frozenset({"narration", "caption", "message"})
"""Kinds of events in which somebody says what happens."""
IRRELEVANT = frozenset({"irrelevant", "unsure"})
"""What annotators call a stretch that does not serve the goal."""
TIES, TIED = 8, 4
"""Most thoughts that tie narrations to a topic, and how many narrations each of them ties."""
ELSEWHERE = "elsewhere"
"""Why a narration is left out that only a chooser refuses; drafts file it as irrelevant."""
PAGES = 50
"""Most pages of events that are read."""


@dataclass(frozen=True, slots=True)
class ReportedPlace:
    """Where somebody is or what he sees, as a message reports it.

    Attributes:
        name: "kitchen", "red lamp".
        is_room: whether it is a room that is entered; else a thing that comes into view.
        side: "left", "right" or "ahead" of whoever walks; "" for a room.
        metres: how far it is [m].
    """

    name: str
    is_room: bool
    side: str = ""
    metres: float = 0.0


@dataclass(frozen=True, slots=True)
class CitedNarration:
    """Something that somebody says happens.

    Attributes:
        anchor: its event.
        text: the words, as they were written.
        mended: the words without slips of the pen (see `labels`), "" for `text`.
        level: 0 where a table has no levels, 1 for a step, 2 for a part of a step.
        parent: id of the step around it, "" for none.
        relevant: whether it serves the goal, as far as is known.
        order: what is really done, as an order, where that is known beside the words.
        purpose: what it is done for ("to get rid of the sand"), "" for unknown.
        who: who does it.
        aside: why no tutorial tells it, in the words of its schema; "" for no reason.
        place: where somebody is, for messages that say so.
    """

    anchor: Anchor
    text: str
    mended: str = ""
    level: int = 0
    parent: str = ""
    relevant: bool = True
    order: str = ""
    purpose: str = ""
    who: str = "the person"
    aside: str = ""
    place: ReportedPlace | None = None

    @property
    def id(self) -> str:
        """How it is cited."""
        return self.anchor.id

    @property
    def t0(self) -> float:
        """Start [s]."""
        return self.anchor.t0

    @property
    def t1(self) -> float:
        """End [s]."""
        return self.anchor.t1

    @property
    def is_mended(self) -> bool:
        """Whether a word of it was mended, so that it is not there as it was written."""
        return bool(self.mended) and self.mended != " ".join(self.text.split())

    @property
    def optional(self) -> bool:
        """Whether the table says that the goal can do without it."""
        return fields_of(self.anchor.attrs.get("details")).get("relevant") == "optional"

    @property
    def clause(self) -> Clause:
        """What is done, ready to be put into sentences."""
        return clause(self.order or self.mended or self.text, articles=not self.order, order=bool(self.order))


@dataclass(frozen=True, slots=True)
class NarratedRecording:
    """A recording as the plans see it.

    Attributes:
        narrations: what is said to happen, in order of time.
        captions: captions of the whole recording.
        goal: its goal, or None.
        intent: what the intent asks for.
        frames: number of sampled frames.
        window: `(t0, t1)` [s] of the rollout.
        duration: length of the stream [s].
        dropped: why narrations are not asked for, by id.
        by: who chose them: "rules" where the words of the intent did.
        asked: the words of the intent.
        topic: what they ask about by another name, "" for none.
    """

    narrations: tuple[CitedNarration, ...]
    captions: tuple[CitedNarration, ...]
    goal: Anchor | None
    intent: ActivityIntent
    frames: int
    window: tuple[float, float]
    duration: float
    dropped: Mapping[str, str] = field(default_factory=dict[str, str])
    by: str = "rules"
    asked: str = ""
    topic: str = ""

    @property
    def pictures(self) -> bool:
        """Whether frames are there and wanted."""
        return self.frames > 0 and self.intent.pictures

    def in_scope(self) -> list[CitedNarration]:
        """The narrations that the intent asks for."""
        return [one for one in self.narrations if one.id not in self.dropped]


class ToldOfDay(Protocol):
    """What somebody tells about a recording beside its events."""

    def narrate(self, events: Sequence[Anchor]) -> list[CitedNarration]:
        """What each of the events says is done."""
        ...

    def goal_of(self, told: Sequence[CitedNarration]) -> str:
        """What these narrations make, as an order ("make a soup"); "" where only the recording's goal is known."""
        ...

    def name_topic(self) -> str:
        """What the intent asks about, in a name that may be another one than its words; "" for its words."""
        ...


class FromEvents:
    """What the events themselves tell."""

    def narrate(self, events: Sequence[Anchor]) -> list[CitedNarration]:
        """What each says in its own words, mended; what belongs to an irrelevant step is irrelevant, too."""
        found = [narration_of(anchor) for anchor in events]
        mended = mend_labels([one.text for one in found])
        aside = {one.id for one in found if not one.relevant}
        return [
            replace(one, mended=text, relevant=one.relevant and one.parent not in aside)
            for one, text in zip(found, mended, strict=True)
        ]

    def goal_of(self, told: Sequence[CitedNarration]) -> str:
        """Nothing."""
        del told
        return ""

    def name_topic(self) -> str:
        """Nothing."""
        return ""


FROM_EVENTS = FromEvents()


def watch(brief: Brief, told: ToldOfDay = FROM_EVENTS) -> Asking[NarratedRecording]:
    """Look at the stream: overview, goal, all narrations."""
    overview = yield from ask("overview")
    goal = yield from ask("told_goal")
    events = yield from pages("list_events", PAGES)
    found = told.narrate([anchor for anchor in events if str(anchor.attrs.get("verb")) in NARRATING])
    captions = tuple(one for one in found if _covers(one, brief.window))
    narrations = tuple(one for one in found if one not in captions)
    intent = parse_intent(brief.intent, brief.window).narrow_to(one.text for one in found)
    dropped = {one.id: "not_asked" for one in narrations if intent.refuses(one.text, one.t0, one.t1)}
    by = "rules"
    if narrations:
        dropped, by = yield from keep("daily.narrations", [one.anchor for one in narrations], dropped, ELSEWHERE)
    return NarratedRecording(
        narrations=narrations,
        captions=captions,
        goal=next(iter(goal.anchors), None),
        intent=intent,
        frames=brief.frames,
        window=brief.window,
        duration=float(cast("float", overview.data.get("duration", brief.window[1]))),
        dropped=dropped,
        by=by,
        asked=brief.intent,
        topic=told.name_topic(),
    )


def narration_of(anchor: Anchor) -> CitedNarration:
    """A narration as its event has it."""
    details = cast("Mapping[str, Json]", anchor.attrs.get("details") or {})
    parent, level = details.get("parent"), details.get("level")
    return CitedNarration(
        anchor,
        str(anchor.attrs.get("text") or anchor.content),
        level=level if isinstance(level, int) else 0,
        parent=f"e{parent}" if isinstance(parent, int) else "",
        relevant=str(details.get("relevant") or "") not in IRRELEVANT,
    )


def _covers(one: CitedNarration, window: tuple[float, float]) -> bool:
    """Whether a caption is about the recording as a whole."""
    caption = one.anchor.attrs.get("verb") == "caption"
    return caption and one.t0 <= window[0] + 0.5 and one.t1 >= window[1] - 0.5


def nothing_requested(recording: NarratedRecording) -> Exception:
    """The error to raise when the intent leaves no narration."""
    if recording.in_scope():
        return decline("no narration serves the goal, as the table says", "Choose another recording.")
    wanted = ", ".join(sorted(recording.intent.topics))
    if recording.intent.topics:
        things = [thing.name for one in recording.narrations if (thing := object_of(one.clause))]
        there = f" Its narrations name, among others: {', '.join(list(dict.fromkeys(things))[:8])}." if things else ""
        return decline(f"no narration is about {wanted}", f"Ask about something else.{there}")
    low, high = recording.intent.span
    if recording.intent.has_span:
        start, end = recording.narrations[0].t0, max(one.t1 for one in recording.narrations)
        return decline(
            f"no narration lies between {max(0.0, low):.0f} s and {min(high, recording.duration):.0f} s",
            f"Ask about a span from {start:.0f} s to {end:.0f} s.",
        )
    return decline("the intent leaves out every narration", "Leave out fewer things.")


def ties_to_topic(cited: Sequence[CitedNarration], recording: NarratedRecording) -> list[tuple[float, Json]]:
    """Thoughts, with their times [s], that what names no topic of the intent belongs to it."""
    topics = recording.intent.topics
    untold = [one for one in cited if topics and not topics & stems(one.text)]
    named = recording.topic if topics & stems(recording.topic) else max(sorted(topics), key=len, default="")
    name = named if named.split(" ")[0].endswith("ing") else f"the {named}"
    found: list[tuple[float, Json]] = []
    for start in range(0, min(len(untold), TIES * TIED), TIED):
        some = untold[start : start + TIED]
        doings = join_words([one.clause.phrase("gerund") for one in some])
        found.append((some[0].t0, statement(f"Part of {name}: {doings}.", ids(some), 300)))
    return found


def clock(seconds: float) -> str:
    """A time as people read it: 1:05, or 1:02:03."""
    whole = int(seconds + 1e-9)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def ids(items: Sequence[CitedNarration]) -> list[str]:
    """The ids by which narrations are cited."""
    return [one.id for one in items]


def span_fields(t0: float, t1: float, recording: NarratedRecording) -> dict[str, Json]:
    """A span as drafts have it: in hundredths of a second, inside the window."""
    low, high = recording.window
    return {"t0": min(max(round(t0, 2), low), high), "t1": min(max(round(t1, 2), low), high)}


FILED = {"housekeeping": "minor", "other_work": "irrelevant", ELSEWHERE: "irrelevant"}
"""Reasons that the schemas file under another name."""


def left_out_entries(dropped: Mapping[str, str]) -> list[Json]:
    """The `left_out` of a draft, from reasons by id: at most 64 ids an entry and 24 entries."""
    return [
        {"cite": list(names[start : start + 64]), "reason": reason}
        for reason, names in by_reason({name: FILED.get(why, why) for name, why in dropped.items()}).items()
        for start in range(0, len(names), 64)
    ][:24]


def by_reason(dropped: Mapping[str, str]) -> dict[str, list[str]]:
    """Ids by reason, those of events in order of time."""
    found: dict[str, list[str]] = {}
    for name, reason in dropped.items():
        found.setdefault(reason, []).append(name)
    return {reason: sorted(names, key=lambda name: (len(name), name)) for reason, names in found.items()}


def span_of(recording: NarratedRecording) -> tuple[float, float]:
    """The span of the recording that questions are about [s]."""
    low, high = recording.intent.span
    return max(low, recording.window[0]), min(high, recording.window[1])


def frames_inside(t0: float, t1: float) -> Asking[list[Anchor]]:
    """Three frames of a span [s] at most; a sampled frame that shows the state before the span is left out."""
    seen = yield from ask("sample_frames", mode="uniform", count=3, t0=t0, t1=t1)
    return [a for a in seen.anchors if t0 <= a.t0 <= t1] if seen.ok else []
