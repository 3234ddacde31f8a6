"""`temporal_qa`: when something happens, in which order, what came first, how a state changed.

Questions come from the narrations, and from measurements: cuts, the camera's motion, what moves in the picture, and the
order of frames, which needs no names. An action that is narrated more than once has no single time, so only questions
that leave one answer are asked about it.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.measured import frame_order, measured_questions
from dataclaw.domains.daily.questions import (
    TABLES,
    Question,
    alone,
    ask_which,
    hand_in,
    phrase_question,
    quote,
    seconds,
)
from dataclaw.domains.daily.reading import likeness
from dataclaw.domains.daily.recording import (
    FROM_EVENTS,
    CitedNarration,
    NarratedRecording,
    ReportedPlace,
    ToldOfDay,
    clock,
    nothing_requested,
    watch,
)
from dataclaw.domains.daily.sounds import is_sound, sound_times
from dataclaw.domains.daily.steps import is_handling, key_of
from dataclaw.domains.daily.wording import object_of
from dataclaw.planning import CITES, Asking, capitalise, decline
from dataclaw.types import Anchor, Brief

ASKS: Mapping[str, tuple[str, ...]] = {
    "localise": ("localise", "cut", "camera"),
    "order": ("order", "first", "frame_order"),
    "state_change": ("state_change",),
}
"""Kinds of this task, by what the intent asks for."""
_FRAMES = re.compile(
    r"\b(?:frames?|pictures?|images?|stills?|photos?|screenshots?)\b|帧|图片|图像|照片|画面", re.IGNORECASE
)
"""Words of an intent that wants pictures put in order."""
LASTING = 5.0
"""How long something lasts is asked from this length on [s]."""
PASSING = frozenset({"open", "on", "uncovered", "unlocked", "unfolded"})
"""States that people often end without a word, so that none of them is sure to last."""
STEADY = 2.0
"""A state that lasts shorter is not asked for [s]."""
TOGETHER = 3
"""Actions that one question puts in order."""
LABELS = "ABCDEF"


def question_time(brief: Brief, told: ToldOfDay = FROM_EVENTS) -> Asking[None]:
    """Plan of `temporal_qa`."""
    recording = yield from watch(brief, told)
    anchors: dict[str, Anchor] = {one.id: one.anchor for one in recording.narrations}
    pictures = recording.frames > 2 and recording.intent.pictures
    shown = pictures and not recording.intent.topics
    sorts = "order" in recording.intent.kinds and _FRAMES.search(brief.intent) is not None
    candidates = (yield from frame_order(recording)) if pictures and sorts else []
    said: list[Question] = []
    if not candidates or not shown:
        candidates = [replace(question, worth=-1) for question in candidates]
        timed = timed_questions(recording)
        said = [] if _doings(recording) or timed else list(_of_messages(recording))
        candidates += timed
        candidates += said if recording.intent.chinese or not any(map(is_sound, recording.narrations)) else []
        candidates += [] if recording.intent.chinese else sound_times(recording, shuffle)
        if shown and brief.kind == "video":
            found, seen = yield from measured_questions(recording)
            candidates += found
            anchors |= seen
    candidates = _of_kinds(candidates, recording)
    room = CITES if recording.intent.chinese or said else None
    questions = yield from ask_which(candidates, recording, anchors, room)
    if not questions:
        raise _nothing(recording)
    yield from hand_in(recording, questions, anchors)


def timed_questions(recording: NarratedRecording) -> list[Question]:
    """The questions of the kinds asked for that the narrations in scope answer."""
    doings = _doings(recording)
    return _of_kinds([*_of_narrations(recording, doings), *_of_places(recording)], recording)


def _doings(recording: NarratedRecording) -> list[CitedNarration]:
    asked = [one for one in recording.in_scope() if one.relevant and not one.place and not is_sound(one)]
    return [one for one in asked if one.clause.is_clear]


def _of_kinds(candidates: Sequence[Question], recording: NarratedRecording) -> list[Question]:
    wanted = [kind for asks in recording.intent.kinds for kind in ASKS.get(asks, ())]
    return [q for q in candidates if not wanted or q.kind in wanted]


def _nothing(recording: NarratedRecording) -> Exception:
    if recording.narrations and not any(one.relevant for one in recording.in_scope()):
        return nothing_requested(recording)
    kinds = ", ".join(kind for kind in recording.intent.kinds if kind in ASKS)
    what = f"of the kind asked for ({kinds}) " if kinds else ""
    if recording.captions and not recording.narrations:
        return decline(
            "one caption of the whole recording tells no times", "Give narrations, or ask for contextual_qa."
        )
    if not recording.narrations:
        remedy = "Lay a table of narrations or of sounds beside it, or choose a model that sees."
        return decline(f"nothing names what happens in this recording, so that no question {what}can be asked", remedy)
    return decline(f"no question {what}has one answer here", "Ask for other questions, or for a wider span.")


def _of_narrations(recording: NarratedRecording, asked: Sequence[CitedNarration]) -> Iterator[Question]:
    keys = [key_of(one) for one in recording.narrations]
    once = [one for one in asked if keys.count(key_of(one)) == 1]
    yield from _spans(recording, once)
    yield from _orders(recording, once)
    yield from _firsts(recording, once)
    yield from _states(recording, asked)


def _of_messages(recording: NarratedRecording) -> Iterator[Question]:
    """When a recogniser or a log reported something, and which of two came first; messages are quoted."""
    asked = [one for one in recording.in_scope() if one.anchor.attrs.get("verb") == "message"]
    texts = [one.text.casefold() for one in recording.narrations]
    once = [one for one in asked if texts.count(one.text.casefold()) == 1 and one.t1 <= recording.window[1]]
    for one in once:
        phrase = "localise-message" if one.t1 - one.t0 >= 0.1 else "localise-moment"
        yield phrase_question(phrase, [one], recording.intent.chinese)
    for pair in pairwise(once):
        if _apart(pair):
            earlier, later = map(quote, pair)
            yield phrase_question("first-message", pair, recording.intent.chinese, earlier=earlier, later=later)


def _of_places(recording: NarratedRecording) -> Iterator[Question]:
    """When somebody is in a room or sees a thing, and which comes first, where messages are known to say so."""
    chinese, verbs = recording.intent.chinese, TABLES["verbs_zh" if recording.intent.chinese else "verbs"]
    known = [one for one in recording.narrations if one.place and one.relevant]
    names = [_place_of(one).name for one in known]
    asked = [one for one in recording.in_scope() if one in known and names.count(_place_of(one).name) == 1]
    for at, one in enumerate(asked):
        place = _place_of(one)
        phrase = "localise-stay" if place.is_room else "localise-sight"
        yield phrase_question(phrase, [one], chinese, None if place.is_room else one.t0, name=place.name)
        row = [one]
        for other in (later for later in asked[at + 1 :] if _place_of(later).is_room == place.is_room):
            fresh = not any(stems(_place_of(other).name) & stems(_place_of(before).name) for before in row)
            row += [other] if len(row) < TOGETHER and fresh and other.t0 > row[-1].t1 else []
        verb = verbs["room" if place.is_room else "thing"]
        if len(row) > 1:
            a, b = (_place_of(each).name for each in row[:2])
            yield phrase_question("first-place", row[:2], chinese, verb=verb, a=a, b=b)
        if len(row) == TOGETHER:
            yield _sorting("order-place", row, [_in_row(each, chinese) for each in row], chinese, verb=verb)


def _place_of(one: CitedNarration) -> ReportedPlace:
    assert one.place is not None
    return one.place


def _in_row(one: CitedNarration, chinese: bool) -> str:
    """A room or a thing among others."""
    return _place_of(one).name if chinese else f"the {_place_of(one).name}"


def _sorting(
    phrase: str, row: Sequence[CitedNarration], names: Sequence[str], chinese: bool, **values: str
) -> Question:
    """A question that puts narrations in order, shown in another one behind letters."""
    mixed = shuffle(row, row[0].text)
    order = tuple(LABELS[mixed.index(one)] for one in row)
    named = [f"{label}: {names[row.index(one)]}" for label, one in zip(LABELS, mixed, strict=False)]
    options, doings = (";" if chinese else "; ").join(named), (",然后" if chinese else ", then ").join(names)
    words = {"options": options, "labels": ", ".join(order), "doings": doings}
    return replace(phrase_question(phrase, row, chinese, **words, **values), order=order)


def _spans(recording: NarratedRecording, once: Sequence[CitedNarration]) -> Iterator[Question]:
    for one in once:
        if one.t1 - one.t0 >= 0.3 and one.t1 <= recording.window[1]:  # else its end is not seen here
            phrase = "localise-long" if one.t1 - one.t0 >= LASTING and not recording.intent.chinese else "localise"
            length = seconds(round(one.t1 - one.t0, 1))
            question = phrase_question(phrase, [one], recording.intent.chinese, length=length)
            yield replace(question, worth=int(one.t1 - one.t0 >= LASTING or not is_handling(one.clause)))


def _apart(narrations: Sequence[CitedNarration]) -> bool:
    """Whether each one has ended when the next begins, and has words of its own."""
    ended = all(a.t1 <= b.t0 + 0.3 for a, b in pairwise(narrations))
    return ended and not any(key_of(a) <= key_of(b) or key_of(b) <= key_of(a) for a, b in pairwise(narrations))


def _name_of(one: CitedNarration, chinese: bool) -> str:
    """An action as questions about an order name it."""
    return quote(one) if chinese else one.clause.phrase("gerund")


def _orders(recording: NarratedRecording, once: Sequence[CitedNarration]) -> Iterator[Question]:
    """Neighbouring triples, one after the other without overlap."""
    chinese = recording.intent.chinese
    plain = [one for one in once if alone(one, recording.narrations)]
    for start in range(0, len(plain) - TOGETHER + 1, TOGETHER):
        three = plain[start : start + TOGETHER]
        if not _apart(three) or len({one.level for one in three}) > 1:
            continue
        names = [_name_of(one, chinese) for one in three]
        if all(
            max(three, key=lambda one, n=name: likeness(stems(n), one.anchor)) is own
            for name, own in zip(names, three, strict=True)
        ):  # else two of them read alike
            yield _sorting("order", three, names, chinese)


def shuffle(items: Sequence[CitedNarration], seed: str) -> list[CitedNarration]:
    """The items in another order, the same each time."""
    mixed = list(items)
    mixer = random.Random(f"{seed}/{len(items)}")
    while len(items) > 1 and mixed == list(items):
        mixer.shuffle(mixed)
    return mixed


def _firsts(recording: NarratedRecording, once: Sequence[CitedNarration]) -> Iterator[Question]:
    """Which of two came first; the earlier one is named first every other time."""
    chinese = recording.intent.chinese
    plain = [one for one in once if alone(one, recording.narrations)]
    for number, pair in enumerate(pairwise(plain)):
        if _apart(pair) and pair[0].level == pair[1].level:
            earlier, later = (_name_of(one, chinese) for one in pair)
            a, b = (earlier, later) if number % 2 else (later, earlier)
            yield phrase_question("first", pair, chinese, a=a, b=b, answer=earlier)


@dataclass(frozen=True, slots=True)
class _Change:
    """A narration after which a thing is in another state than before: "turn on the tap" leaves it on.

    Attributes:
        one: the narration.
        thing: the thing, by its stems.
        name: the thing, with its article.
        are: "is", or "are" of several.
        before: the state before.
        after: the state after.
    """

    one: CitedNarration
    thing: frozenset[str]
    name: str
    are: str
    before: str
    after: str


def _states(recording: NarratedRecording, asked: Sequence[CitedNarration]) -> Iterator[Question]:
    """In which state a thing is at a time between two changes that undo each other, and at the end."""
    if recording.intent.chinese:
        return
    allowed = {one.id for one in asked}
    changes = [change for one in recording.narrations if (change := _change(one)) is not None]
    for one in asked:
        told = _change(one) or _change(one, TABLES["becomes"])
        if told is not None and one.t1 - one.t0 >= 0.3:
            values = {"name": told.name, "one": told.after, "other": told.before, "is": told.are, "done": clock(one.t1)}
            yield replace(phrase_question("state_change-by", [one], **values), tells=(one.id,), worth=-1)
    for k, change in enumerate(changes):
        one, later = change.one, [c for c in changes[k + 1 :] if c.thing == change.thing]
        if one.id not in allowed:
            continue
        values = {"name": change.name, "one": change.after, "other": change.before}
        values |= {
            "are": capitalise(change.are),
            "does": one.clause.phrase("report"),
            "since": clock(math.ceil(one.t1)),
        }
        if later and later[0].before == change.after and later[0].one.id in allowed:
            undone = later[0].one
            at = (one.t1 + undone.t0) / 2
            if undone.t0 - one.t1 >= STEADY:
                values |= {"time": clock(at), "until": clock(undone.t0), "undoes": undone.clause.phrase("report")}
                yield replace(phrase_question("state_change", [one, undone], **values), tells=(one.id, undone.id))
        elif not later and change.after not in PASSING and not _is_handled_again(change, recording):
            yield replace(phrase_question("state_change-end", [one], **values), tells=(one.id,))


def _change(one: CitedNarration, table: Mapping[str, tuple[str, str]] = TABLES["states"]) -> _Change | None:
    """What an action changes in the state of its thing; None where it says nothing of that."""
    action, thing = one.clause, object_of(one.clause)
    if thing is None or not action.is_clear:
        return None
    particles = action.words[min(action.verbs) + 1 : thing.first]
    after = action.words[thing.end : thing.end + 1]
    states = table.get(" ".join((action.verb, *particles))) or table.get(" ".join((action.verb, *after)))
    if states is None or (particles and f"{action.verb} {particles[0]}" not in table):
        return None
    name = " ".join(action.words[thing.first : thing.end])
    return _Change(one, stems(thing.name) - SMALL, name, "are" if thing.several else "is", *states)


def _is_handled_again(change: _Change, recording: NarratedRecording) -> bool:
    """Whether anything is narrated of the thing after the change."""
    return any(one.t0 >= change.one.t1 and change.thing & stems(one.text) for one in recording.narrations)
