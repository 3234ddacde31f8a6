"""`contextual_qa`: what somebody does, what next, with what, where, why, how often, as the narrations answer it.

A question is asked only where the narrations give one answer: an action that is narrated more than once is asked about
by its time. Questions that need more than one narration come first: what is done between two actions, what becomes of
a thing, what it was taken for. The step or the goal that the table gives answers why, or the use of what was taken.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.daily.captions import caption_questions
from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.parts import WITH, ActionParts, histories, last_places, parts_of
from dataclaw.domains.daily.purposes import NEAR, use_of
from dataclaw.domains.daily.questions import (
    Question,
    alone,
    ask_which,
    at,
    between,
    hand_in,
    moment,
    phrase_question,
    quote,
)  # fmt: skip
from dataclaw.domains.daily.reading import PAUSE
from dataclaw.domains.daily.recording import (
    FROM_EVENTS,
    CitedNarration,
    NarratedRecording,
    ToldOfDay,
    clock,
    nothing_requested,
    watch,
)
from dataclaw.domains.daily.sounds import is_sound, sound_scenes
from dataclaw.domains.daily.steps import VAGUE, is_handling, key_of
from dataclaw.domains.daily.wording import clause, object_of, with_pronoun
from dataclaw.planning import CITES, Asking, ask, decline, join_words
from dataclaw.types import Anchor, Brief

KINDS = ("action", "next", "object", "place", "why", "count", "scene", "text")
OFTEN = 8
"""Most repetitions that are counted: each is cited."""
SURE, LETTERS = 0.85, 3
"""Least confidence of a text on the screen that is asked for, and least letters."""


def question_context(brief: Brief, told: ToldOfDay = FROM_EVENTS) -> Asking[None]:
    """Plan of `contextual_qa`."""
    recording = yield from watch(brief, told)
    candidates = narrated_questions(recording)
    anchors: dict[str, Anchor] = {one.id: one.anchor for one in (*recording.narrations, *recording.captions)}
    anchors |= {recording.goal.id: recording.goal} if recording.goal else {}
    candidates += [] if recording.intent.chinese else sound_scenes(recording)
    for caption in recording.captions:
        candidates += caption_questions(caption, chinese=recording.intent.chinese)
    if not recording.narrations and not recording.captions:
        read = (yield from _texts(recording)) if brief.frames else {}
        anchors |= read
        candidates += _of_texts(list(read.values()))
    candidates = _of_kinds(candidates, recording)
    room = CITES if recording.intent.chinese else None
    questions = yield from ask_which(candidates, recording, anchors, room)
    if not questions:
        raise _nothing(recording)
    yield from hand_in(recording, questions, anchors)


def narrated_questions(recording: NarratedRecording) -> list[Question]:
    """The questions of the kinds asked for that the narrations in scope answer."""
    asked = [one for one in recording.in_scope() if one.clause.is_clear and one.relevant and not is_sound(one)]
    asked = [one for one in asked if not one.is_mended]
    return _of_kinds(list(_of_narrations(recording, asked)), recording) if asked else []


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
    count = Counter(keys.values())
    material = _Material(recording, asked, {name: count[key] for name, key in keys.items()})
    yield from _actions(material)
    if recording.intent.chinese:
        yield from _chinese_whys(material)
        for question in (*_parts(material), *_counts(material)):
            yield question if recording.intent.kinds else replace(question, worth=-1)
        return
    yield from _things(material)
    yield from _parts(material)
    yield from _whys(material)
    yield from _counts(material)


def says_more(one: CitedNarration, other: CitedNarration) -> bool:
    """Whether two say different things, so that one may be the other's reason."""
    a, b = key_of(one), key_of(other)
    return len(a & b) < 0.5 * min(len(a), len(b))


def _actions(material: _Material) -> Iterator[Question]:
    """What is done between two actions, right after one, right before one; at a time, where nothing else is left."""
    allowed = {one.id: one for one in material.requested}
    pairs = [
        (one, other)
        for one, other in following(material.recording.narrations)
        if one.id in allowed and other.id in allowed and key_of(one) != key_of(other) and one.who == other.who
    ]
    chinese, after = material.recording.intent.chinese, {one.id: other for one, other in pairs}
    for one, other in pairs:
        third = after.get(other.id)
        if third is not None and _frames(material, one, third, other):
            yield replace(_between(one, other, third, chinese), worth=2)
        if material.once(one) and not _is_guessable(one, other):
            answer = {"report": other.clause.phrase("report"), "next": quote(other)}
            yield replace(phrase_question("next", [one, other], chinese, **answer), tells=(other.id,))
        if material.once(other) and not chinese and not _is_guessable(other, one):
            words = {"after": other.clause.phrase("gerund"), "report": one.clause.phrase("report")}
            yield replace(phrase_question("action-before", [one, other], **words), tells=(one.id,))
    yield from _across(material, {other.id for _, other in pairs if other.id in after})
    if chinese or material.recording.pictures:
        for one in material.requested:
            if alone(one, material.recording.narrations):
                when = _chinese_time(one) if chinese else at(one)
                yield replace(phrase_question("action", [one], chinese, when=when), tells=(one.id,), worth=0)


def _across(material: _Material, told: Set[str]) -> Iterator[Question]:
    """What is done between two actions where all that lies beside it there serves nothing.

    Args:
        material: what questions are made from.
        told: ids of actions that are asked about already.
    """
    allowed, chinese = {one.id for one in material.requested}, material.recording.intent.chinese
    plain = [one for one in material.recording.narrations if one.relevant and one.clause.is_clear]
    for three in zip(plain, plain[1:], plain[2:], strict=False):
        one, other, third = three
        alike = len({n.level for n in three}) == len({n.who for n in three}) == 1
        if other.id in told or not alike or not {n.id for n in three} <= allowed or not material.once(other):
            continue
        if _frames(material, one, third, other):
            yield replace(_between(one, other, third, chinese), worth=-1)


def _between(one: CitedNarration, other: CitedNarration, third: CitedNarration, chinese: bool) -> Question:
    words = {"before": _name_of(one, chinese), "after": _name_of(third, chinese), "done": quote(other)}
    question = phrase_question(
        "action-between", [one, other, third], chinese, report=other.clause.phrase("report"), **words
    )
    return replace(question, tells=(other.id,))


def _frames(material: _Material, one: CitedNarration, third: CitedNarration, other: CitedNarration) -> bool:
    """Whether two actions enclose a third that they do not give away."""
    told_once = material.once(one) and material.once(third) and key_of(one) != key_of(third)
    return told_once and not any(_is_guessable(known, other) for known in (one, third))


def _is_guessable(known: CitedNarration, other: CitedNarration) -> bool:
    """Whether an action follows from another without looking: what is opened is closed, what is taken is put down."""
    thing, own = object_of(known.clause), object_of(other.clause)
    if key_of(known) == key_of(other):
        return True
    if thing is None or own is None or not (is_handling(known.clause) or is_handling(other.clause)):
        return False
    return own.name == thing.name or (is_handling(other.clause) and stems(own.name) - SMALL <= key_of(known))


def _name_of(one: CitedNarration, chinese: bool) -> str:
    return quote(one) if chinese else one.clause.phrase("gerund")


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


def _things(material: _Material) -> Iterator[Question]:
    """What becomes of a thing, with what it is done, and where it goes."""
    narrations = material.recording.narrations
    allowed = {one.id for one in material.requested}
    for told in histories(narrations):
        thing = object_of(told[0].clause)
        if thing is None or not {one.id for one in told} <= allowed or len({one.who for one in told}) > 1:
            continue
        name = " ".join(told[0].clause.words[thing.first : thing.end])
        doings = [told[0].clause.phrase("report"), *(with_pronoun(one.clause, "report") for one in told[1:])]
        question = phrase_question("action-history", told, thing=name, doings=join_words(doings))
        yield replace(question, tells=question.cites, worth=2)
    for first, last in last_places(narrations):
        if last.one.id in allowed:
            question = phrase_question("place-end", [last.one], thing=last.what, by=last.by, other=last.other)
            yield replace(question, behind=(first.id,), tells=question.cites, worth=2)


def _parts(material: _Material) -> Iterator[Question]:
    """With what, onto what and where something is done."""
    allowed = {one.id for one in material.requested}
    everything = [parts for one in material.recording.narrations if (parts := parts_of(one))]
    if not material.recording.intent.chinese:
        yield from _groups([parts for parts in everything if parts.one.id in allowed], everything)
    for parts in everything:
        if parts.one.id in allowed:
            yield from _of_parts(parts, everything, material)


def _groups(parts: Sequence[ActionParts], everything: Sequence[ActionParts]) -> Iterator[Question]:
    """What all is put into, or taken out of, one thing; in order."""
    groups: dict[tuple[str, str, str], list[ActionParts]] = {}
    for one in parts:
        groups.setdefault((one.doing, one.by, one.other), []).append(one)
    for (doing, by, other), group in groups.items():
        rivals = sum((one.doing, one.by, one.other) == (doing, by, other) for one in everything)
        things = list(dict.fromkeys(one.what for one in group))
        shared = by in WITH or len({one.one.who for one in group}) > 1
        if shared or not 2 <= len(things) == len(group) == rivals <= OFTEN:
            continue
        question = phrase_question("object-all", [one.one for one in group], doing=doing, by=by, other=other,
                                   things=join_words(things, ", then "))  # fmt: skip
        yield replace(question, tells=question.cites, worth=2)


def _of_parts(parts: ActionParts, everything: Sequence[ActionParts], material: _Material) -> Iterator[Question]:
    one, chinese = parts.one, material.recording.intent.chinese
    rivals = [p for p in everything if p.one.clause.verb == one.clause.verb]
    words = {"doing": parts.doing, "what": parts.what, "by": parts.by, "other": parts.other}
    if parts.by in WITH:
        again = sum(p.thing.name == parts.thing.name and p.by in WITH for p in rivals) > 1
        yield _part_question("object-tool", one, again, words, chinese)
        return
    if not chinese:
        again = sum((p.by, p.other) == (parts.by, parts.other) for p in rivals) > 1
        yield _part_question("object", one, again, words, chinese)
    again = material.same[one.id] > 1 or sum(p.thing.name == parts.thing.name for p in rivals) > 1
    where = "Where" if parts.by != "from" else "From where"
    yield _part_question("place", one, again, words | {"where": where}, chinese)


def _part_question(phrase: str, one: CitedNarration, again: bool, words: Mapping[str, str], chinese: bool) -> Question:
    """A question about a part of one narration, with its time where others are like it."""
    when = "" if not again else f"在 {_chinese_time(one)} " if chinese else f" {at(one)}"
    question = phrase_question(phrase, [one], chinese, when=when, **words)
    return replace(question, tells=(one.id,), worth=int(not again))


def _whys(material: _Material) -> Iterator[Question]:
    by_id = {one.id: one for one in material.recording.narrations}
    goal = _goal_question(material)
    if goal is not None:
        yield goal
    for k, one in enumerate(material.requested):
        parent = by_id.get(one.parent)
        if one.purpose:
            question = phrase_question("why", [one], when=material.when(one), reason=one.purpose)
            yield replace(question, tells=(one.id,), worth=2)
        elif parent is not None and parent.clause.is_clear and says_more(parent, one):
            reason = f"as part of {parent.clause.phrase('gerund')}"
            question = phrase_question("why", [one], when=material.when(one), reason=reason)
            yield replace(question, behind=(parent.id,), tells=(one.id,))
        elif parent is None and (other := use_of(one, material.requested[k + 1 : k + 1 + NEAR])):
            reason = f"to {other.clause.phrase('bare')}"
            question = phrase_question("why", [one, other], when=material.when(one), reason=reason)
            yield replace(question, tells=(other.id,), worth=2)


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
    return replace(question, behind=(recording.goal.id,), tells=(one.id,))


def _counts(material: _Material) -> Iterator[Question]:
    allowed = {one.id for one in material.requested}
    chinese = material.recording.intent.chinese
    groups: dict[frozenset[str], list[CitedNarration]] = {}
    for one in material.recording.narrations:
        groups.setdefault(key_of(one) | {one.who}, []).append(one)
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
        times = join_words([moment(one.t0, one.t1) for one in inside], "、" if chinese else " and ")
        question = phrase_question("count", inside, chinese, limits=limits, count=str(len(inside)), times=times)
        yield replace(question, tells=question.cites)


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
