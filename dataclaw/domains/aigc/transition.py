"""What happens next: a span that is shown, the span that follows it at once, and how the motion goes on.

Both spans lie in one shot without damage. The answer is the second span itself, with its measured motion as data, and
in words only what a caption says of it: it guesses at no causes or intentions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.aigc import wording
from dataclaw.domains.aigc.film import (
    Film,
    Stretch,
    clip_of,
    frame_entries,
    in_order,
    left_out_parts,
    moving,
    moving_frames,
    on_the_recording,
    places,
    stretch_of,
    timed_thought,
    watch,
)
from dataclaw.planning import Asking, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json

OBSERVED, FUTURE = 3.0, 1.5
"""Usual length of the span that is shown and of the one that follows [s]."""
SCALES = (1.0, 0.7, 0.5)
"""Shares of those lengths that are tried; shorter ones need more motion to be chosen."""
LEAST_OBSERVED, LEAST_FUTURE = 0.8, 0.5
SHOWN_FRAMES, FUTURE_FRAMES = 4, 3
STAGES = 6
"""Most stretches of motion of each span."""


@dataclass(frozen=True, slots=True)
class TransitionSide:
    """One of the two spans.

    Attributes:
        frames: frames of it, its first and last among them.
        motions: its motion.
    """

    frames: Sequence[Anchor]
    motions: Sequence[Anchor]


def world_model_transition(brief: Brief) -> Asking[None]:
    """Plan of the task."""
    film = yield from watch(brief)
    stretch, (t0, t1), split = _place(film)
    before = yield from _side(t0, split, SHOWN_FRAMES)
    count = min(4, max(2, film.intent.frames or FUTURE_FRAMES))
    after = yield from _side(split + 1e-4, t1, count)
    if not moving(after.motions):
        raise decline("nothing moves in what follows", "Give a recording in which something happens.")
    yield from submit(_draft(film, stretch, before, after))


def _place(film: Film) -> tuple[Stretch, tuple[float, float], float]:
    """The stretch, the span in it and the time that divides the span, where most moves after the division."""
    stretches = film.stretches(LEAST_OBSERVED + LEAST_FUTURE)
    if not stretches:
        reason = f"no {LEAST_OBSERVED + LEAST_FUTURE:g} s lie inside one shot without damaged pictures"
        raise decline(reason, "Name another span, or give a longer recording.")
    future = max(LEAST_FUTURE, film.intent.length or FUTURE)
    found = [
        (round(film.liveliness(split, t1) * (0.5 + scale / 2), 4), -t0, stretch, (t0, t1), split)
        for stretch in stretches
        for scale in SCALES
        for t0, t1 in places(stretch, max(LEAST_OBSERVED + LEAST_FUTURE, scale * (OBSERVED + future)))
        for split in [t1 - max(LEAST_FUTURE, (t1 - t0) * future / (OBSERVED + future))]
    ]
    _, _, stretch, span, split = max(found, key=lambda place: place[:2])
    return stretch, span, split


def _side(t0: float, t1: float, count: int) -> Asking[TransitionSide]:
    frames, motions = yield from moving_frames(t0, t1, count)
    if not motions:
        raise decline("too few pictures lie there to see motion", "Give a recording with more frames a second.")
    return TransitionSide(frames, motions[:STAGES])


def _draft(film: Film, stretch: Stretch, before: TransitionSide, after: TransitionSide) -> dict[str, Json]:
    proof = (stretch.shot, stretch.clean)
    used = [m.id for side in (before, after) for m in side.motions]
    return {
        "cot": in_order([*on_the_recording(film, before.frames[-1].t0), *_last_motion(film, before)]),
        "input_video": clip_of(before.frames[0], before.frames[-1], *proof, *before.motions[:4]),
        "input_image": frame_entries(before.frames),
        "output_video": clip_of(after.frames[0], after.frames[-1], *proof, *after.motions[:4]),
        "output_image": frame_entries(after.frames),
        "observed": [stretch_of(m, wording.motion(m, film.size)) for m in before.motions],
        "predicted": [stretch_of(m, wording.motion(m, film.size)) for m in after.motions],
        "question": _question(film, before, after),
        "answer": _answer(film, before, after),
        "left_out": left_out_parts(film, before.frames[0].t0, after.frames[-1].t0, used),
    }


def _last_motion(film: Film, before: TransitionSide) -> list[tuple[float, dict[str, Json]]]:
    """The motion at the end of what is shown, from which the future is to be told."""
    last = before.motions[-1]
    return [timed_thought(f"At the end of what is shown: {wording.motion(last, film.size)}", [last])]


def _question(film: Film, before: TransitionSide, after: TransitionSide) -> dict[str, Json]:
    caption = film.caption_of(before.frames[0].t0, before.frames[-1].t0)
    about = f"The clip is said to show {_quotation(caption)} " if caption else ""
    text = f"{about}What happens next, up to {after.frames[-1].t0:.2f} s?"
    return statement(text, [after.frames[-1].id, *([caption.id] if caption else [])], 500)


def _quotation(caption: Anchor) -> str:
    return wording.quote(str(caption.attrs.get("text") or caption.content), 200)


def _answer(film: Film, before: TransitionSide, after: TransitionSide) -> dict[str, Json]:
    """The span that follows and pictures of it, and in words only what is said to be shown there and not before."""
    shown = film.caption_of(before.frames[0].t0, before.frames[-1].t0)
    caption = film.caption_of(after.frames[0].t0, after.frames[-1].t0)
    parts = ["<video_gen>", *("<image_recall>" for _ in after.frames)]
    cites = [frame.id for frame in after.frames]
    if caption and caption is not shown:
        camera = wording.camera_course(after.motions[:3])
        parts.append(f"It shows {_quotation(caption)}{f', while {camera}' if camera else ''}.")
        cites = [caption.id, *(m.id for m in after.motions[:3]), *cites]
    return statement(" ".join(parts), cites, 1200)
