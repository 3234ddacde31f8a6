"""`temporal_qa`: when something happens, in which order, what came first, how a state changed.

From what was told where something was; beside it, or instead, from what is measured: cuts, the camera's motion, what
moves in the picture, and the order of frames, which needs no names. Something told more than once has no one time, so
it is asked about only in words that leave one answer.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from dataclaw.domains.daily.context import key_of
from dataclaw.domains.daily.measured import frame_order, measured_questions
from dataclaw.domains.daily.questions import (
    Question,
    alone,
    choose_questions,
    draft_of,
    question_count,
    quote,
    seconds,
    thoughts_of,
)
from dataclaw.domains.daily.recording import NarratedRecording, Narration, clock, nothing_requested, see
from dataclaw.domains.daily.wording import PERSON, object_of, sentence
from dataclaw.planning import CITES, Asking, decline, submit
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
"""What is sorted where frames are."""
TOGETHER = 3
"""Doings that are put in order in one question."""
LABELS = "ABCDEF"
STATES: Mapping[str, tuple[str, str]] = {
    "open": ("closed", "open"), "close": ("open", "closed"), "shut": ("open", "closed"),
    "turn on": ("off", "on"), "switch on": ("off", "on"), "turn off": ("on", "off"), "switch off": ("on", "off"),
    "uncover": ("covered", "uncovered"), "unlock": ("locked", "unlocked"), "lock": ("unlocked", "locked"),
    "unwrap": ("wrapped", "unwrapped"), "unfold": ("folded", "unfolded"), "fold": ("unfolded", "folded"),
    "peel": ("unpeeled", "peeled"), "empty": ("not yet emptied", "empty"), "fill": ("not yet filled", "filled"),
}  # fmt: skip
"""What a thing is before and after something is done to it, where the doing itself says so."""


def question_time(brief: Brief) -> Asking[None]:
    """Plan of `temporal_qa`."""
    recording = yield from see(brief)
    asked = [one for one in recording.in_scope() if one.clause.has_verb and one.clause.rest and one.relevant]
    anchors: dict[str, Anchor] = {one.id: one.anchor for one in recording.narrations}
    shown = recording.frames > 2 and recording.intent.pictures and not recording.intent.topics
    sorts = "order" in recording.intent.kinds and _FRAMES.search(brief.intent) is not None
    candidates = (yield from frame_order(recording)) if shown and sorts else []
    said: list[Question] = []
    if not candidates:
        candidates = list(_of_narrations(recording, asked))
        said = [] if asked else list(_of_messages(recording))
        candidates += said
        if shown and brief.kind == "video":
            found, seen = yield from measured_questions(recording)
            candidates += found
            anchors |= seen
    candidates = _of_kinds(candidates, recording)
    if not candidates and shown and not sorts:  # beside other questions the recording itself would show the order
        candidates = _of_kinds((yield from frame_order(recording)), recording)
    if not candidates:
        raise _nothing(recording)
    questions = choose_questions(
        candidates, question_count(recording), CITES if recording.intent.chinese or said else None
    )
    yield from submit((yield from draft_of(recording, questions, thoughts_of(questions, anchors))))


def _of_kinds(candidates: Sequence[Question], recording: NarratedRecording) -> list[Question]:
    wanted = [kind for asks in recording.intent.kinds for kind in ASKS.get(asks, ())]
    return [q for q in candidates if not wanted or q.kind in wanted]


def _nothing(recording: NarratedRecording) -> Exception:
    if recording.narrations and not any(one.relevant for one in recording.in_scope()):
        return nothing_requested(recording)
    kinds = ", ".join(kind for kind in recording.intent.kinds if kind in ASKS)
    what = f"of the kind asked for ({kinds}) " if kinds else ""
    return decline(f"no question {what}has one answer here", "Ask for other questions, or for a wider span.")


def _of_narrations(recording: NarratedRecording, asked: Sequence[Narration]) -> Iterator[Question]:
    keys = [key_of(one) for one in recording.narrations]
    once = [one for one in asked if keys.count(key_of(one)) == 1]
    yield from _spans(recording, once)
    yield from _orders(recording, once)
    yield from _firsts(recording, once)
    yield from _states(recording, asked)


def _of_messages(recording: NarratedRecording) -> Iterator[Question]:
    """When a recogniser or a log said something that names no doing, and which of two it said first; quoted."""
    asked = [one for one in recording.in_scope() if one.anchor.attrs.get("verb") == "message"]
    texts = [one.text.casefold() for one in recording.narrations]
    once = [one for one in asked if texts.count(one.text.casefold()) == 1 and one.t1 <= recording.window[1]]
    for one in once:
        start, end = seconds(one.t0), seconds(one.t1)
        lasting = one.t1 - one.t0 >= 0.1
        answer = f"From {start} s to {end} s." if lasting else f"At {start} s."
        text = f"When is {quote(one)} reported?"
        if recording.intent.chinese:
            text = f"{quote(one)}是什么时候报告的?"
            answer = f"从 {start} 秒到 {end} 秒。" if lasting else f"在 {start} 秒。"
        yield Question("localise", text, answer, (one.id,), one.t0, one.t1)
    for one, other in pairwise(once):
        if _apart([one, other]):
            text = f"Which is reported first, {quote(other)} or {quote(one)}?"
            if recording.intent.chinese:
                text = f"哪一个先报告:{quote(other)}还是{quote(one)}?"
            yield Question("first", text, f"{quote(one)}.", (one.id, other.id), one.t0, other.t1)


def _spans(recording: NarratedRecording, once: Sequence[Narration]) -> Iterator[Question]:
    for one in once:
        if one.t1 - one.t0 < 0.3 or one.t1 > recording.window[1]:  # its end is not seen here
            continue
        start, end = seconds(one.t0), seconds(one.t1)
        if recording.intent.chinese:
            yield Question(
                "localise", f"{quote(one)}发生在什么时候?", f"从 {start} 秒到 {end} 秒。", (one.id,), one.t0, one.t1
            )
            continue
        text = f"From when to when does {PERSON} {one.clause.phrase('bare')}?"
        yield Question("localise", text, f"From {start} s to {end} s.", (one.id,), one.t0, one.t1)


def _apart(told: Sequence[Narration]) -> bool:
    """Whether each one has ended when the next begins, and is told in words of its own."""
    ended = all(a.t1 <= b.t0 + 0.3 for a, b in pairwise(told))
    return ended and not any(key_of(a) <= key_of(b) or key_of(b) <= key_of(a) for a, b in pairwise(told))


def _orders(recording: NarratedRecording, once: Sequence[Narration]) -> Iterator[Question]:
    """Neighbouring triples, one after the other without overlap."""
    plain = [one for one in once if alone(one, recording.narrations)]
    for start in range(0, len(plain) - TOGETHER + 1, TOGETHER):
        told = plain[start : start + TOGETHER]
        if not _apart(told) or len({one.level for one in told}) > 1:
            continue
        mixed = shuffle(told, told[0].text)
        order = tuple(LABELS[mixed.index(one)] for one in told)
        cites = tuple(one.id for one in told)
        t0, t1 = told[0].t0, told[-1].t1
        if recording.intent.chinese:
            options = ";".join(f"{LABELS[k]}: {quote(one)}" for k, one in enumerate(mixed))
            yield Question(
                "order",
                f"把下面的动作按发生的先后排序:{options}。",
                f"{', '.join(order)}:先{',然后'.join(map(quote, told))}。",
                cites,
                t0,
                t1,
                order,
            )
            continue
        options = "; ".join(f"{LABELS[k]}: {one.clause.phrase('gerund')}" for k, one in enumerate(mixed))
        text = f"Put these in the order in which they are done: {options}."
        answer = f"{', '.join(order)}: first {', then '.join(one.clause.phrase('gerund') for one in told)}."
        yield Question("order", text, answer, cites, t0, t1, order)


def shuffle(items: Sequence[Narration], seed: str) -> list[Narration]:
    """The items in another order, the same each time."""
    mixed = list(items)
    mixer = random.Random(f"{seed}/{len(items)}")
    while len(items) > 1 and mixed == list(items):
        mixer.shuffle(mixed)
    return mixed


def _firsts(recording: NarratedRecording, once: Sequence[Narration]) -> Iterator[Question]:
    """Which of two came first; the earlier one is named first every other time."""
    plain = [one for one in once if alone(one, recording.narrations)]
    for number, (one, other) in enumerate(pairwise(plain)):
        if not _apart([one, other]) or one.level != other.level:
            continue
        pair = (one, other) if number % 2 else (other, one)
        cites = (one.id, other.id)
        if recording.intent.chinese:
            text = f"哪一个先发生:{quote(pair[0])}还是{quote(pair[1])}?"
            yield Question("first", text, f"{quote(one)}。", cites, one.t0, other.t1)
            continue
        a, b = (x.clause.phrase("gerund") for x in pair)
        answer = sentence(one.clause.phrase("gerund"))
        yield Question("first", f"Which comes first, {a} or {b}?", answer, cites, one.t0, other.t1)


def _states(recording: NarratedRecording, asked: Sequence[Narration]) -> Iterator[Question]:
    """How a thing changes in a doing that says so: "turn on the tap" finds it off and leaves it on."""
    if recording.intent.chinese:
        return
    for one in asked:
        told, thing = one.clause, object_of(one.clause)
        if thing is None:
            continue
        particles = told.words[min(told.verbs) + 1 : thing.first]
        after = told.words[thing.end : thing.end + 1]
        states = STATES.get(" ".join((told.verb, *particles))) or STATES.get(" ".join((told.verb, *after)))
        if states is None or (particles and f"{told.verb} {particles[0]}" not in STATES):
            continue
        name = " ".join(told.words[thing.first : thing.end])
        are = "are" if thing.several else "is"
        text = f"How does the state of {name} change from {clock(one.t0)} to {clock(math.ceil(one.t1))}?"
        answer = (
            f"At first {name} {are} {states[0]}; then {PERSON} {told.phrase('report')}, so that it ends up {states[1]}."
        )
        yield Question("state_change", text, answer.replace(" it ends", " they end" if thing.several else " it ends"),
                       (one.id,), one.t0, one.t1)  # fmt: skip
