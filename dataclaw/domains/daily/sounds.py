"""Questions about sounds that a table tells with onset and offset: when, in which order, how often, during what.

A label is quoted, for nobody says how to put it into a sentence. A sound that is heard more than once has no one time:
it is counted, or its first or longest time is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from dataclaw.domains.daily.questions import Question, moment, phrase_question, quote, seconds
from dataclaw.domains.daily.reading import PAUSE
from dataclaw.domains.daily.recording import CitedNarration, NarratedRecording
from dataclaw.planning import join_words
from dataclaw.schema import fields_of

LEAST = 2
"""One sound alone needs no listening."""
LONGER = 1.5
"""The longest time of a sound is so many times the next longest."""
MEANWHILE, OFTEN = 2, 8
"""Most sounds that are named as heard during another one, and most times that are counted."""
LABELS = "ABC"


def is_sound(one: CitedNarration) -> bool:
    """Whether a narration is a label of something heard."""
    return fields_of(one.anchor.attrs.get("details")).get("sound") is True


def _groups(recording: NarratedRecording) -> dict[str, list[CitedNarration]]:
    """All times of each sound that is asked about, by label, in order of its first."""
    asked = {one.text.casefold() for one in recording.in_scope() if is_sound(one)}
    found: dict[str, list[CitedNarration]] = {}
    for one in recording.narrations:
        if is_sound(one) and one.text.casefold() in asked:
            found.setdefault(one.text.casefold(), []).append(one)
    return found


def sound_times(
    recording: NarratedRecording, shuffle: Callable[[Sequence[CitedNarration], str], list[CitedNarration]]
) -> Iterator[Question]:
    """When sounds are heard, and in which order they come first.

    Args:
        recording: the recording.
        shuffle: puts options into another order, the same each time.
    """
    groups, allowed = _groups(recording), {one.id for one in recording.in_scope()}
    if sum(map(is_sound, recording.narrations)) < LEAST:
        return
    for times in groups.values():
        by_length = sorted((one for one in times if one.id in allowed), key=lambda one: one.t0 - one.t1)
        if not by_length or by_length[0].t1 - by_length[0].t0 < 0.1:
            continue
        longest, length = by_length[0], seconds(round(by_length[0].t1 - by_length[0].t0, 1))
        if len(times) == 1:
            yield phrase_question("localise-sound", [longest], length=length)
        elif (longest.t1 - longest.t0) > LONGER * (by_length[1].t1 - by_length[1].t0 if len(by_length) > 1 else 0.0):
            yield phrase_question("localise-longest", [longest], length=length)
    firsts = [times[0] for times in groups.values() if times[0].id in allowed]
    for pair in pairwise(firsts):
        if pair[0].t1 <= pair[1].t0 + 0.3:
            earlier, later = map(quote, pair)
            yield phrase_question("first-sound", pair, earlier=earlier, later=later)
    for at in range(0, len(firsts) - 2, 3):
        three = firsts[at : at + 3]
        mixed = shuffle(three, three[0].text)
        order = tuple(LABELS[mixed.index(one)] for one in three)
        options = "; ".join(f"{label}: {quote(one)}" for label, one in zip(LABELS, mixed, strict=True))
        labels, heard = ", ".join(order), ", then ".join(map(quote, three))
        yield replace(phrase_question("order-sound", three, options=options, labels=labels, heard=heard), order=order)


def sound_scenes(recording: NarratedRecording) -> Iterator[Question]:
    """How often a sound is heard, what is heard during it and after it, and all that is heard."""
    groups, allowed = _groups(recording), {one.id for one in recording.in_scope()}
    sounds = [one for one in recording.narrations if is_sound(one)]
    for times in groups.values():
        if 2 <= len(times) <= OFTEN and {one.id for one in times} <= allowed:
            told = join_words([moment(one.t0, one.t1) for one in times])
            question = phrase_question("count-sound", times, count=str(len(times)), times=told)
            yield replace(question, tells=question.cites, worth=2)
    for times in groups.values():
        if len(times) == 1 and times[0].id in allowed:
            yield from _around(times[0], sounds)
    firsts = [times[0] for times in groups.values()]
    if 3 <= len(firsts) <= OFTEN and {one.id for one in firsts} <= allowed:
        question = phrase_question("scene-sounds", firsts, heard=join_words([quote(one) for one in firsts], ", then "))
        yield replace(question, tells=question.cites, worth=2)


def _around(one: CitedNarration, sounds: Sequence[CitedNarration]) -> Iterator[Question]:
    """What is heard during a sound, and right after it."""
    inside = [s for s in sounds if s is not one and s.t0 < one.t1 and s.t1 > one.t0]
    whole = [s for s in inside if one.t0 <= s.t0 and s.t1 <= one.t1]
    labels = {s.text.casefold() for s in whole}
    if whole and len(whole) == len(inside) == len(labels) <= MEANWHILE:
        heard = join_words([quote(s) for s in whole])
        question = phrase_question("scene-during", [one, *whole], False, one.t1, sound=quote(one), heard=heard)
        yield replace(question, tells=tuple(s.id for s in whole), worth=2)
    later = [s for s in sounds if s.t0 >= one.t1 - 0.1]
    alone = later and (len(later) == 1 or later[1].t0 > later[0].t0 + 0.3)
    if alone and later[0].t0 - one.t1 <= PAUSE and later[0].text.casefold() != one.text.casefold():
        yield replace(phrase_question("next-sound", [one, later[0]], next=quote(later[0])), tells=(later[0].id,))
