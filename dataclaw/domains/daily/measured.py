"""Questions about time that need no names: from cuts, camera motion and the frames themselves.

What moves in the picture is not asked about: without a name for it a question says nothing.

Damaged pictures (`check_quality`) are left out: nobody can put in order what cannot be made out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from dataclaw.domains.daily.questions import TABLES, Question, phrase_question
from dataclaw.domains.daily.recording import NarratedRecording, span_of
from dataclaw.planning import Asking, ask
from dataclaw.types import Anchor

PICTURES = 4
"""Pictures whose order is asked for."""
SURE = 0.5
"""Least confidence of a motion that is asked about."""
LONG = 0.7
"""Shortest motion that is asked about [s]."""
NEAR = 0.3
"""Cuts this close to a damaged stretch are its edges [s]."""


def frame_order(recording: NarratedRecording) -> Asking[list[Question]]:
    """A question about the order of a few pictures across the span; [] where too few are clean."""
    t0, t1 = span_of(recording)
    if t1 <= t0:
        return []
    damaged = yield from _damaged_spans(t0, t1)
    seen = yield from ask("sample_frames", mode="uniform", count=12, t0=t0, t1=t1)
    clean = [a for a in (seen.anchors if seen.ok else ()) if not any(d.t0 <= a.t0 <= d.t1 for d in damaged)]
    if len(clean) < 3:
        return []
    picked = [clean[round(k * (len(clean) - 1) / (PICTURES - 1))] for k in range(PICTURES)] if len(clean) > 3 else clean
    numbers = list(range(len(picked)))
    mixer = random.Random(f"{picked[0].t0}/{picked[-1].t0}/{recording.duration}")
    while numbers == sorted(numbers):
        mixer.shuffle(numbers)
    shown = tuple(picked[k] for k in numbers)
    order = tuple(str(numbers.index(k)) for k in range(len(picked)))
    pictures = ", ".join(f"{{{k}}}" for k in order)
    scene, behind = _scene(recording)
    phrase = "frame_order-scene" if scene and not recording.intent.chinese else "frame_order"
    end = picked[-1].t0
    question = phrase_question(phrase, picked, recording.intent.chinese, end, pictures=pictures, scene=scene)
    return [replace(question, order=order, shown=shown, behind=behind)]


def _scene(recording: NarratedRecording) -> tuple[str, tuple[str, ...]]:
    """What the pictures show, in the words of a caption or of the goal, and the id of what says so; "" for unknown."""
    if recording.captions:
        return recording.captions[0].text.strip(" ."), (recording.captions[0].id,)
    if recording.goal is not None:
        return recording.goal.content.strip(" ."), (recording.goal.id,)
    return "", ()


def measured_questions(recording: NarratedRecording) -> Asking[tuple[list[Question], dict[str, Anchor]]]:
    """Questions about cuts and motion, and the anchors that they cite."""
    t0, t1 = span_of(recording)
    damaged = yield from _damaged_spans(t0, t1)
    cuts = yield from ask("find_cuts", t0=t0, t1=t1)
    motions = yield from ask("track_motion", t0=t0, t1=t1)
    found = [a for seen in (cuts, motions) if seen.ok for a in seen.anchors if a.kind in {"cut", "motion"}]
    broken = [d for d in damaged if d.attrs.get("what") != "frozen"]  # "frozen" is what a still picture measures
    sound = [a for a in found if not any(_touch(a, d) for d in broken)]
    questions = [*_cuts([a for a in sound if a.kind == "cut"], recording.intent.chinese)]
    moving = [a for a in sound if a.kind == "motion"]
    questions += _camera(moving, recording.intent.chinese)
    return questions, {a.id: a for a in sound}


def _damaged_spans(t0: float, t1: float) -> Asking[list[Anchor]]:
    seen = yield from ask("check_quality", t0=t0, t1=t1)
    return [a for a in seen.anchors if a.attrs.get("what") != "clean"] if seen.ok else []


def _touch(anchor: Anchor, damaged: Anchor) -> bool:
    """Whether a finding lies at, or mostly in, a damaged stretch."""
    if anchor.t0 == anchor.t1:
        return damaged.t0 - NEAR <= anchor.t0 <= damaged.t1 + NEAR
    shared = min(anchor.t1, damaged.t1) - max(anchor.t0, damaged.t0)
    return shared > 0.3 * (anchor.t1 - anchor.t0)


def _cuts(cuts: Sequence[Anchor], chinese: bool) -> Iterator[Question]:
    if len(cuts) == 1:
        yield phrase_question("cut", cuts, chinese)
    for number, pair in enumerate(pairwise(cuts), 1):
        if not chinese and number <= 3:
            yield phrase_question("cut-shot", pair, False, pair[1].t0, number=str(number))


def _camera(motions: Sequence[Anchor], chinese: bool) -> Iterator[Question]:
    """When the camera does something that it does once."""
    names: Mapping[str, str] = TABLES["camera_zh" if chinese else "camera_en"]
    kinds = [str(a.attrs.get("camera")) for a in motions]
    for anchor, kind in zip(motions, kinds, strict=True):
        clear = anchor.confidence >= SURE and anchor.t1 - anchor.t0 >= LONG
        if kind in names and kinds.count(kind) == 1 and clear:
            yield phrase_question("camera", [anchor], chinese, does=names[kind])
