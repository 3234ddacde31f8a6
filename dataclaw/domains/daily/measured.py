"""Questions about time that need no names: from cuts, camera motion, motion in the picture and the frames themselves.

What is damaged (`check_quality`) is not asked about: a picture that cannot be made out has no place in an order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dataclaw.domains.daily.questions import Question, seconds
from dataclaw.domains.daily.recording import NarratedRecording
from dataclaw.planning import Asking, ask
from dataclaw.types import Anchor

PICTURES = 4
"""Pictures whose order is asked for."""
SURE = 0.5
"""Least confidence of a motion that is asked about."""
LONG = 0.7
"""Shortest motion that is asked about [s]."""
CLEAR, BRIEF, DIRECTIONS = 0.6, 3.0, 2
"""A direction in the picture is asked for at this confidence, up to this length [s], and so often at most."""
NEAR = 0.3
"""Cuts this close to a damaged stretch are its edges [s]."""
CAMERA = {
    "pan left": "pan to the left", "pan right": "pan to the right", "tilt up": "tilt up", "tilt down": "tilt down",
    "forward": "move or zoom forward", "backward": "move or zoom back", "roll left": "roll to the left",
    "roll right": "roll to the right",
}  # fmt: skip
CAMERA_ZH = {
    "pan left": "向左摇", "pan right": "向右摇", "tilt up": "向上摇", "tilt down": "向下摇", "forward": "推近",
    "backward": "拉远", "roll left": "向左旋转", "roll right": "向右旋转",
}  # fmt: skip


def span_of(recording: NarratedRecording) -> tuple[float, float]:
    """What of the recording is asked about [s]."""
    low, high = recording.intent.span
    return max(low, recording.window[0]), min(high, recording.window[1])


def frame_order(recording: NarratedRecording) -> Asking[list[Question]]:
    """A question about the order of a few pictures from all over the span; [] where too few are clean."""
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
    listed = ", ".join(f"{{{k}}}" for k in order)
    if recording.intent.chinese:
        text, answer = "图 {所有} 被打乱了顺序。按时间先后排列它们。", f"{listed}。"
    else:
        text, answer = "Pictures {all} are shuffled. Put them in the order in which they were taken.", f"{listed}."
    cites = tuple(a.id for a in picked)
    return [Question("frame_order", text, answer, cites, picked[0].t0, picked[-1].t0, order, shown)]


def measured_questions(recording: NarratedRecording) -> Asking[tuple[list[Question], dict[str, Anchor]]]:
    """Questions about cuts and motion, and the anchors that they cite."""
    t0, t1 = span_of(recording)
    damaged = yield from _damaged_spans(t0, t1)
    cuts = yield from ask("find_cuts", t0=t0, t1=t1)
    motions = yield from ask("track_motion", t0=t0, t1=t1)
    found = [a for seen in (cuts, motions) if seen.ok for a in seen.anchors if a.kind in {"cut", "motion"}]
    broken = [d for d in damaged if d.attrs.get("what") != "frozen"]  # where nothing moves, that is what was measured
    sound = [a for a in found if not any(_touch(a, d) for d in broken)]
    questions = [*_cuts([a for a in sound if a.kind == "cut"], recording.intent.chinese)]
    moving = [a for a in sound if a.kind == "motion"]
    questions += [*_camera(moving, recording.intent.chinese), *_subject(moving, recording.intent.chinese)]
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
        cut = cuts[0]
        text, answer = "When does the recording change to another shot?", f"At {seconds(cut.t0)} s."
        if chinese:
            text, answer = "镜头在什么时候切换?", f"在 {seconds(cut.t0)} 秒。"
        yield Question("cut", text, answer, (cut.id,), cut.t0, cut.t1)
    for number, (cut, following) in enumerate(pairwise(cuts), 1):
        text = f"How long does the shot after cut number {number} last?"
        if not chinese and number <= 3:
            answer = f"From {seconds(cut.t0)} s to {seconds(following.t0)} s."
            yield Question("cut", text.replace("How long does", "From when to when does"), answer,
                           (cut.id, following.id), cut.t0, following.t0)  # fmt: skip


def _camera(motions: Sequence[Anchor], chinese: bool) -> Iterator[Question]:
    """When the camera does something that it does once."""
    kinds = [str(a.attrs.get("camera")) for a in motions]
    for anchor, kind in zip(motions, kinds, strict=True):
        clear = anchor.confidence >= SURE and anchor.t1 - anchor.t0 >= LONG
        if kind in CAMERA and kinds.count(kind) == 1 and clear:
            text = f"From when to when does the camera {CAMERA[kind]}?"
            answer = f"From {seconds(anchor.t0)} s to {seconds(anchor.t1)} s."
            if chinese:
                text, answer = (
                    f"镜头什么时候{CAMERA_ZH[kind]}?",
                    f"从 {seconds(anchor.t0)} 秒到 {seconds(anchor.t1)} 秒。",
                )
            yield Question("camera", text, answer, (anchor.id,), anchor.t0, anchor.t1)


def _subject(motions: Sequence[Anchor], chinese: bool) -> Iterator[Question]:
    """When the one lively stretch is, and where what moves goes, while the camera stands still."""
    still = [a for a in motions if a.attrs.get("camera") == "static"]
    lively = [a for a in motions if a.attrs.get("subject") == "active"]
    if len(motions) > 1 and len(lively) == 1 and lively[0].t1 - lively[0].t0 >= LONG and len(still) == len(motions):
        one = lively[0]
        text = "The camera stands still. When does most of the motion in the picture take place?"
        answer = f"From {seconds(one.t0)} s to {seconds(one.t1)} s."
        if chinese:
            text, answer = (
                "镜头不动。画面里的主要运动发生在什么时候?",
                f"从 {seconds(one.t0)} 秒到 {seconds(one.t1)} 秒。",
            )
        yield Question("localise", text, answer, (one.id,), one.t0, one.t1)
    ways = [a for a in still if _goes_somewhere(a)]
    for one in sorted(ways, key=lambda a: -a.confidence)[:DIRECTIONS] if not chinese else ():
        way = str(one.attrs["subject_direction"])
        text = f"In which direction does what moves in the picture go from {seconds(one.t0)} s to {seconds(one.t1)} s?"
        answer = f"{way[:1].upper()}{way[1:]}; the camera stands still."
        yield Question("state_change", text, answer, (one.id,), one.t0, one.t1)


def _goes_somewhere(motion: Anchor) -> bool:
    """Whether what moves goes one way, for long enough to be seen and not so long that it may go several."""
    way = bool(motion.attrs.get("subject_direction")) and not motion.attrs.get("oscillation")
    return way and motion.confidence >= CLEAR and LONG <= motion.t1 - motion.t0 <= BRIEF
