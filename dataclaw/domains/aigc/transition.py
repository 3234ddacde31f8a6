"""What happens next: a span that is shown, the span that follows it at once, and how the motion goes on.

Both spans lie in one shot without damage. The answer is the second span itself, with its measured motion as data, and
in words only what a caption says of it: it guesses at no causes or intentions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from dataclaw.domains.aigc.requests import language_of, sentence
from dataclaw.domains.aigc.spans import ToldOfFilm, choose_span
from dataclaw.planning import Asking, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json

OBSERVED, FUTURE = 3.0, 1.5
"""Usual length of the span that is shown and of the one that follows [s]."""
SCALES = (1.0, 0.7, 0.5)
"""Shares of those lengths that are tried; shorter ones need more motion to be chosen."""
LEAST_OBSERVED, LEAST_FUTURE, LONGEST = 0.8, 0.5, 5.0
"""Shortest span that is shown, shortest one that follows, and longest of each [s]."""
SHORTEST = 0.4
"""Shortest time from the first to the last frame of what follows [s]."""
GAP = 0.3
"""How much later than what is shown what follows may begin: the first goes on until then [s]."""
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


def world_model_transition(brief: Brief, told: ToldOfFilm | None = None) -> Asking[None]:
    """Plan of the task; `told` is what is known beside the measurements."""
    film = yield from watch(brief)
    stretch, (t0, t1), split = _place(film)
    seen, other = yield from choose_span(film, "aigc.span", (t0, split), LEAST_OBSERVED)
    if other is not None:
        lasts = t1 - split
        stretch, split = other, min(seen[1], other.t1 - 2 * LEAST_FUTURE)
        t0, t1 = max(seen[0], split - LONGEST), min(other.t1, split + lasts)
        if split - t0 < LEAST_OBSERVED:
            raise decline("too little of it lies before its end", "Ask for an earlier part.")
    rest = replace(stretch, t0=split, t1=max(t1, stretch.t1))
    follows, later = yield from choose_span(film, "aigc.future", (split, t1), LEAST_FUTURE, rest)
    if later is not None:
        split = min(follows[0], split + GAP)
        t1 = min(follows[1], split + LONGEST)
    before = yield from _side(t0, split, SHOWN_FRAMES)
    count = min(4, max(2, film.intent.frames or FUTURE_FRAMES))
    after = yield from _side(split + 1e-4, t1, count)
    if after.frames[-1].t0 - after.frames[0].t0 < SHORTEST:
        raise decline("too few pictures of what follows were sampled", "Give a shorter recording.")
    if not moving(after.motions):
        raise decline("nothing moves in what follows", "Give a recording in which something happens.")
    yield from submit(_draft(film, stretch, (before, after), told or ToldOfFilm(), language_of(brief.intent)))


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


def _draft(
    film: Film, stretch: Stretch, sides: tuple[TransitionSide, TransitionSide], told: ToldOfFilm, language: str
) -> dict[str, Json]:
    proof = (stretch.shot, stretch.clean)
    before, after = sides
    used = [m.id for side in sides for m in side.motions]
    return {
        "cot": in_order(_thoughts(film, before, told, language)),
        "input_video": clip_of(before.frames[0], before.frames[-1], *proof, *before.motions[:4]),
        "input_image": frame_entries(before.frames),
        "output_video": clip_of(after.frames[0], after.frames[-1], *proof, *after.motions[:4]),
        "output_image": frame_entries(after.frames),
        "observed": [stretch_of(m, wording.motion(m, film.size)) for m in before.motions],
        "predicted": [stretch_of(m, wording.motion(m, film.size)) for m in after.motions],
        "question": _question(film, before, after, told, language),
        "answer": _answer(film, before, after, told, language),
        "left_out": left_out_parts(film, before.frames[0].t0, after.frames[-1].t0, used),
    }


def _thoughts(
    film: Film, before: TransitionSide, told: ToldOfFilm, language: str
) -> list[tuple[float, dict[str, Json]]]:
    """The recording up to the end of what is shown, and the motion there, from which the future is to be told."""
    t0, t1, last = before.frames[0].t0, before.frames[-1].t0, before.motions[-1]
    course = f"{wording.camera_course([last], language)}。" if language == "zh" else wording.motion(last, film.size)
    thoughts = [timed_thought(text, proof) for text, proof in told.evidence(film.events, t0, t1)]
    if not thoughts or told.course([last], language):
        thoughts.append(timed_thought(sentence("at_the_end", language, motion=course), [last]))
    return [*on_the_recording(film, language, t1), *thoughts]


def _question(
    film: Film, before: TransitionSide, after: TransitionSide, told: ToldOfFilm, language: str
) -> dict[str, Json]:
    shown, proof = told.shows(film, before.frames[0].t0, before.frames[-1].t0)
    last = after.frames[-1]
    key = ("next_known" if told.sure else "next_said") if shown else "next"
    text = sentence(key, language, shown=shown, t1=f"{last.t0:.2f}")
    return statement(text, [last.id, *(anchor.id for anchor in proof)], 500)


def _answer(
    film: Film, before: TransitionSide, after: TransitionSide, told: ToldOfFilm, language: str
) -> dict[str, Json]:
    """The span that follows and pictures of it, and in words only what is known to be shown there and not before."""
    shown, _ = told.shows(film, before.frames[0].t0, before.frames[-1].t0)
    follows, proof = told.shows(film, after.frames[0].t0, after.frames[-1].t0)
    parts = ["<video_gen>", *("<image_recall>" for _ in after.frames)]
    cites = [frame.id for frame in after.frames]
    if follows and follows != shown:
        camera = told.course(after.motions[:3], language)
        camera = (f",{camera}" if language == "zh" else f", while {camera}") if camera else ""
        parts.append(sentence("shows_known" if told.sure else "shows_said", language, shown=follows, camera=camera))
        cites = [*(anchor.id for anchor in (*proof[:2], *(after.motions[:3] if camera else ()))), *cites]
    return statement(" ".join(parts), cites, 1200)
