"""`contextual_qa`: what somebody does, what next, with what, where, why, how often, as the narrations answer it.

A question is asked only where the narrations give one answer: an action that is narrated more than once is asked about
by its time. The step or the goal that the table gives answers why, or what is done to the same thing right after.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.daily.captions import caption_questions
from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.questions import (
    Question,
    alone,
    at,
    between,
    choose_questions,
    draft_of,
    moment,
    phrase_question,
    question_count,
    quote,
    thoughts_of,
)  # fmt: skip
from dataclaw.domains.daily.recording import CitedNarration, NarratedRecording, clock, nothing_requested, watch
from dataclaw.domains.daily.steps import is_handling, key_of
from dataclaw.domains.daily.tutorial import VAGUE
from dataclaw.domains.daily.wording import DirectObject, clause, object_of
from dataclaw.planning import CITES, Asking, ask, decline, join_words, submit
from dataclaw.types import Anchor, Brief

KINDS = ("action", "next", "object", "place", "why", "count", "scene", "text")
SOON, NEAR = 20.0, 5
"""An action on the same thing says why when it follows within this time [s], among the next few narrations."""
PAUSE = 3.0
"""What comes after a longer pause is not "right after" [s]."""
OFTEN = 8
"""Most repetitions that are counted: each is cited."""
_WITH = frozenset({"with", "using"})
_WHERE = frozenset({"in", "into", "on", "onto", "under", "behind", "inside", "to", "over", "from"})
SURE, LETTERS = 0.85, 3
"""Least confidence of a text on the screen that is asked for, and least letters."""


def question_context(brief: Brief) -> Asking[None]:
    """Plan of `contextual_qa`."""
    recording = yield from watch(brief)
    asked = [one for one in recording.in_scope() if one.clause.has_verb and one.clause.rest and one.relevant]
    candidates: list[Question] = list(_of_narrations(recording, asked)) if asked else []
    anchors: dict[str, Anchor] = {one.id: one.anchor for one in (*recording.narrations, *recording.captions)}
    anchors |= {recording.goal.id: recording.goal} if recording.goal else {}
    for caption in recording.captions:
        candidates += caption_questions(caption, chinese=recording.intent.chinese)
    if not recording.narrations and not recording.captions:
        read = (yield from _texts(recording)) if brief.frames else {}
        anchors |= read
        candidates += _of_texts(list(read.values()))
    candidates = _of_kinds(candidates, recording)
    if not candidates:
        raise _nothing(recording)
    questions = choose_questions(candidates, question_count(recording), CITES if recording.intent.chinese else None)
    yield from submit((yield from draft_of(recording, questions, thoughts_of(questions, anchors))))


def _of_kinds(candidates: Sequence[Question], recording: NarratedRecording) -> list[Question]:
    wanted = [kind for kind in recording.intent.kinds if kind in KINDS]
    fitting = [q for q in candidates if q.kind in wanted or q.kind in {"scene", "text"}]
    return fitting if wanted and fitting else [] if wanted and recording.narrations else list(candidates)


def _nothing(recording: NarratedRecording) -> Exception:
    if not recording.narrations:
        return decline(
            "nothing says what is done in this recording: it has no narrations, no captions and no text to read",
            "Lay a table of narrations or captions.json beside it, choose a model that sees, or ask for temporal_qa.",
        )
    if not any(one.relevant for one in recording.in_scope()):
        return nothing_requested(recording)
    kinds = ", ".join(recording.intent.kinds)
    return decline(f"its narrations answer no question{f' of the kind asked for ({kinds})' if kinds else ''}",
                   "Ask for other questions, or for a wider span.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Material:
    """Everything that candidates are made from.

    Attributes:
        recording: the recording.
        requested: narrations that questions may be about, in order of time.
        same: how many narrations of the recording say the same, by id.
    """

    recording: NarratedRecording
    requested: Sequence[CitedNarration]
    same: Mapping[str, int]

    def once(self, one: CitedNarration) -> bool:
        """Whether no other narration says the same."""
        return self.same[one.id] == 1

    def when(self, one: CitedNarration) -> str:
        """Its time in words where another narration says the same, else ""."""
        return "" if self.once(one) else f" {at(one)}"


def _of_narrations(recording: NarratedRecording, asked: Sequence[CitedNarration]) -> Iterator[Question]:
    keys = {one.id: key_of(one) for one in recording.narrations}
    count: dict[frozenset[str], int] = {}
    for key in keys.values():
        count[key] = count.get(key, 0) + 1
    material = _Material(recording, asked, {name: count[key] for name, key in keys.items()})
    yield from _actions(material)
    yield from _nexts(material)
    if recording.intent.chinese:
        yield from _chinese_whys(material)
        return
    yield from _objects_and_places(material)
    yield from _whys(material)
    yield from _counts(material)


def says_more(one: CitedNarration, other: CitedNarration) -> bool:
    """Whether two say different things, so that one may be the other's reason."""
    a, b = key_of(one), key_of(other)
    return len(a & b) < 0.5 * min(len(a), len(b))


def _actions(material: _Material) -> Iterator[Question]:
    chinese = material.recording.intent.chinese
    for one in material.requested:
        if alone(one, material.recording.narrations):
            yield phrase_question("action", [one], chinese, when=_chinese_time(one) if chinese else at(one))


def _chinese_time(one: CitedNarration) -> str:
    low, high = clock(math.ceil(one.t0 - 1e-6)), clock(one.t1)
    return f"{low} 到 {high} 之间" if one.t1 - one.t0 >= 2 else f"{moment(one.t0, one.t1)} 时"


def following(narrations: Sequence[CitedNarration]) -> Iterator[tuple[CitedNarration, CitedNarration]]:
    """Each narration with the one right after it, of the same level and step, that does not lie inside it."""
    for k, one in enumerate(narrations):
        for other in narrations[k + 1 :]:
            if other.level == one.level and other.parent == one.parent:
                if other.t0 >= one.t1 - 0.5 and other.t0 - one.t1 <= PAUSE:
                    yield one, other
                break


def _nexts(material: _Material) -> Iterator[Question]:
    allowed = {one.id for one in material.requested}
    for one, other in following(material.recording.narrations):
        if {one.id, other.id} <= allowed and material.once(one) and key_of(one) != key_of(other):
            answer = {"report": other.clause.phrase("report"), "next": quote(other)}
            yield phrase_question("next", [one, other], material.recording.intent.chinese, **answer)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of an action: "put the pot | in | the cupboard"."""

    one: CitedNarration
    thing: DirectObject
    what: str
    by: str
    other: str


def _parts(one: CitedNarration) -> _Parts | None:
    """Verb, object, preposition and one other thing of an action; None where it is not so simple."""
    action = one.clause
    thing = object_of(action)
    if thing is None or thing.end >= len(action.words):
        return None
    by, other = action.words[thing.end], action.words[thing.end + 1 :]
    simple = 1 <= len(other) <= 5 and not (set(other) & (_WITH | _WHERE | {"and", "of", "for", "up", "down"}))
    named = other[:1] and other[0] in {"the", "a", "an"} and len(other) > 1
    if by not in _WITH | _WHERE or not simple or not named:
        return None
    return _Parts(one, thing, " ".join(action.words[thing.first : thing.end]), by, " ".join(other))


def _objects_and_places(material: _Material) -> Iterator[Question]:
    everything = [parts for one in material.recording.narrations if (parts := _parts(one))]
    allowed = {one.id for one in material.requested}
    for parts in everything:
        one = parts.one
        if one.id not in allowed:
            continue
        verb, particles = one.clause.verb, one.clause.words[min(one.clause.verbs) + 1 : parts.thing.first]
        doing = " ".join((verb, *particles))
        rivals = [p for p in everything if p.one.clause.verb == verb]
        words = {"doing": doing, "what": parts.what, "by": parts.by, "other": parts.other}
        if parts.by in _WITH:
            when = f" {at(one)}" if sum(p.what == parts.what and p.by in _WITH for p in rivals) > 1 else ""
            yield phrase_question("object-tool", [one], when=when, **words)
            continue
        when = f" {at(one)}" if sum((p.by, p.other) == (parts.by, parts.other) for p in rivals) > 1 else ""
        yield phrase_question("object", [one], when=when, **words)
        when = f" {at(one)}" if material.same[one.id] > 1 or sum(p.what == parts.what for p in rivals) > 1 else ""
        where = "Where" if parts.by != "from" else "From where"
        yield phrase_question("place", [one], when=when, where=where, **words)


def _whys(material: _Material) -> Iterator[Question]:
    by_id = {one.id: one for one in material.recording.narrations}
    goal = _goal_question(material)
    if goal is not None:
        yield goal
    for k, one in enumerate(material.requested):
        parent = by_id.get(one.parent)
        if parent is not None and parent.clause.has_verb and says_more(parent, one):
            reason = f"as part of {parent.clause.phrase('gerund')}"
            yield replace(phrase_question("why", [one], when=material.when(one), reason=reason), behind=(parent.id,))
        elif (
            parent is None and is_handling(one.clause) and (use := _use(one, material.requested[k + 1 : k + 1 + NEAR]))
        ):
            other, reason = use
            yield phrase_question("why", [one, other], when=material.when(one), reason=reason)


def _goal_question(material: _Material) -> Question | None:
    """Why the longest step is done: for the goal; None without a goal that says something."""
    recording = material.recording
    goal = clause(recording.goal.content, articles=False) if recording.goal else None
    if (
        recording.goal is None
        or goal is None
        or not goal.has_verb
        or stems(" ".join(goal.rest)) - SMALL <= VAGUE
        or not goal.rest
    ):
        return None
    steps = [
        one for one in material.requested if one.level <= 1 and not stems(recording.goal.content) - SMALL <= key_of(one)
    ]
    steps = [one for one in steps if material.once(one) and not is_handling(one.clause)]
    if not steps:
        return None
    one = max(steps, key=lambda step: step.t1 - step.t0)
    question = phrase_question("why", [one], when="", reason=f"to {goal.phrase('bare')}")
    return replace(question, behind=(recording.goal.id,))


def _use(one: CitedNarration, later: Sequence[CitedNarration]) -> tuple[CitedNarration, str] | None:
    """What a thing is taken or opened for: the next action with it, to it, or out of it."""
    thing = object_of(one.clause)
    if thing is None or one.clause.verb not in {"take", "get", "grab", "pick", "fetch", "open"}:
        return None
    for other in later:
        if other.t0 - one.t1 > SOON:
            return None
        if (parts := _parts(other)) and _is_thing(parts.other, thing):
            taking = one.clause.verb == "open" and parts.by in {"from", "in", "into"}
            if taking or (one.clause.verb != "open" and parts.by in _WITH):
                return other, f"to {other.clause.phrase('bare')}"
        own = object_of(other.clause)
        if own is not None and own.name == thing.name:
            return None if is_handling(other.clause) else (other, f"to {other.clause.phrase('bare')}")
    return None


def _is_thing(words: str, thing: DirectObject) -> bool:
    return stems(words) - SMALL == stems(thing.name) - SMALL


def _counts(material: _Material) -> Iterator[Question]:
    allowed = {one.id for one in material.requested}
    groups: dict[frozenset[str], list[CitedNarration]] = {}
    for one in material.recording.narrations:
        groups.setdefault(key_of(one), []).append(one)
    order = [one.id for one in material.recording.narrations]
    for group in groups.values():
        inside = [one for one in group if one.id in allowed]
        if not 2 <= len(inside) <= OFTEN or (len(inside) < len(group) and not material.recording.intent.has_span):
            continue
        if any(order.index(b.id) - order.index(a.id) < 2 for a, b in pairwise(inside)):
            continue  # two in a row may be one action in two rows of a table, or two
        low, high = (
            max(0.0, material.recording.intent.span[0]),
            min(material.recording.intent.span[1], material.recording.duration),
        )
        limits = f" {between(low, high)}" if material.recording.intent.has_span else ""
        times = join_words([moment(one.t0, one.t1) for one in inside])
        yield phrase_question("count", inside, limits=limits, count=str(len(inside)), times=times)


def _chinese_whys(material: _Material) -> Iterator[Question]:
    """The step that an action is a part of; other reasons need the grammar of the quoted words."""
    by_id = {one.id: one for one in material.recording.narrations}
    for one in material.requested:
        parent = by_id.get(one.parent)
        if parent is not None and says_more(parent, one) and material.once(one):
            yield replace(phrase_question("why", [one], True, parent=quote(parent)), behind=(parent.id,))


def _texts(recording: NarratedRecording) -> Asking[dict[str, Anchor]]:
    """What can be read on a few frames, by id."""
    seen = yield from ask("sample_frames", mode="uniform", count=3, t0=recording.window[0], t1=recording.window[1])
    found: dict[str, Anchor] = {}
    for shown in seen.anchors if seen.ok else ():
        read = yield from ask("read_text", frame=shown.frame, region="full")
        found |= {a.id: a for a in (read.anchors if read.ok else ()) if _readable(a)}
    return found


def _readable(text: Anchor) -> bool:
    letters = sum(c.isalpha() for c in text.content)
    return text.confidence >= SURE and letters >= LETTERS and letters >= 0.6 * len(text.content.replace(" ", ""))


def _of_texts(texts: Sequence[Anchor]) -> Iterator[Question]:
    by_time: dict[float, list[Anchor]] = {}
    for text in texts:
        by_time.setdefault(text.t0, []).append(text)
    for t, lines in by_time.items():
        answer = ", ".join(f'"{line.content}"' for line in lines[:4])
        yield phrase_question("text", lines[:4], False, t, time=clock(t), answer=answer)
