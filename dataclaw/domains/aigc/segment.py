"""A segment of a recording that is worth training video generation on: where most moves, inside one shot, undamaged.

The prompt quotes what is said to be shown there, or writing that was read, and says what the camera does. No tool here
knows what a picture shows: where nothing names it, a prompt would fit any recording, and the plan declines, unless the
motion of the camera is all that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wordfreq import zipf_frequency

from dataclaw.domains.aigc import wording
from dataclaw.domains.aigc.film import (
    Film,
    Stretch,
    clip_of,
    frame_entries,
    frames_between,
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
from dataclaw.domains.aigc.intents import asks_for_camera
from dataclaw.planning import Asking, ask, capitalise, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json, Span

LENGTH, LEAST = 4.0, 1.0
"""Length of a segment where the intent names none, and the shortest one [s]."""
STAGES = 12
"""Most stretches of motion in the motion plan."""
SURE_TEXT, MOST_TEXT = 0.85, 4
"""Least confidence of text that is told, and most lines of it."""
WORD, LETTERS = 3.0, 4
"""Zipf frequency and letters from which what was read is a word."""
FOLLOWED = 0.6
"""Least confidence of a camera's motion that is a prompt by itself."""


@dataclass(frozen=True, slots=True)
class VideoSegment:
    """The chosen segment.

    Attributes:
        stretch: where it lies.
        motions: its motion from its first frame to its last.
        keys: its key frames, the first and the last frame among them.
        caption: what is said to be shown in it, or None.
        texts: text read in its middle key frame.
    """

    stretch: Stretch
    motions: Sequence[Anchor]
    keys: Sequence[Anchor]
    caption: Anchor | None
    texts: Sequence[Anchor]

    @property
    def ends(self) -> tuple[Anchor, Anchor]:
        """Its first and last frame."""
        return self.keys[0], self.keys[-1]


def video_generation_segment(brief: Brief) -> Asking[None]:
    """Plan of the task."""
    film = yield from watch(brief)
    segment = yield from _choose_segment(film)
    if segment.caption is None and not segment.texts:
        _check_camera(brief.intent, segment.motions)
    yield from submit(_draft(film, segment))


def _check_camera(intent: str, motions: Sequence[Anchor]) -> None:
    """Whether the camera's motion alone makes a prompt.

    Raises:
        PolicyError: it is not what is asked for, or was not followed well enough.
    """
    moves = [m for m in motions if wording.camera_of(m.attrs) not in ("static", "lost")]
    if not asks_for_camera(intent) or not moves or min(m.confidence for m in moves) < FOLLOWED:
        reason = "no caption, narration or legible text says what it shows, and a prompt must"
        raise decline(reason, "Put a caption beside it, or let a model that sees choose (--model).")


def _choose_segment(film: Film) -> Asking[VideoSegment]:
    stretches = film.stretches(LEAST)
    if not stretches:
        reason = f"no {LEAST:g} s lie inside one shot without damaged pictures in the span asked for"
        raise decline(reason, "Name another span, or give a longer recording.")
    length = max(LEAST, film.intent.length or LENGTH)
    spans = [(span, stretch) for stretch in stretches for span in places(stretch, length)]
    told = [(span, stretch) for span, stretch in spans if film.caption_of(*span)]
    (t0, t1), stretch = max(told or spans, key=lambda pair: (round(film.liveliness(*pair[0]), 4), -pair[0][0]))
    ends, motions = yield from moving_frames(t0, t1, 2)
    low, high = _followed_span(motions)
    if (low, high) != (t0, t1) and high - low >= LEAST:
        ends, motions = yield from moving_frames(max(t0, low), min(t1, high), 2)
    if not motions or not moving(motions):
        raise decline("nothing moves in it", "Video generation needs a recording in which something moves.")
    count = min(6, max(2, film.intent.frames or min(4, len(motions) + 1)))
    keys = yield from frames_between(ends[0].t0, ends[-1].t0, count)
    read = yield from ask("read_text", frame=keys[len(keys) // 2].frame, region="full")
    texts = [a for a in read.anchors if a.confidence >= SURE_TEXT and has_words(a.content)] if read.ok else []
    return VideoSegment(stretch, motions[:STAGES], keys, film.caption_of(t0, t1), texts[:MOST_TEXT])


def has_words(text: str) -> bool:
    """Whether a line that was read holds a word that people know, so that it is no scrap."""
    words = re.findall(rf"[^\W\d_]{{{LETTERS},}}|[\u4e00-\u9fff]{{2,}}", text)
    return any(not word.isascii() or zipf_frequency(word, "en", wordlist="small") >= WORD for word in words)


def _followed_span(motions: Sequence[Anchor]) -> Span:
    """The span without the motion at its ends in which the camera could not be followed [s]."""
    sure = [m for m in motions if m.attrs["camera"] != "lost"]
    return (sure[0].t0, sure[-1].t1) if sure else (0.0, 0.0)


def _draft(film: Film, segment: VideoSegment) -> dict[str, Json]:
    first, last = segment.ends
    used = [m.id for m in segment.motions]
    prompt = _prompt(segment)
    draft: dict[str, Json] = {
        "cot": in_order([*on_the_recording(film), _choice(segment)]),
        "input_video": clip_of(*film.ends),
        "output_video": clip_of(first, last, segment.stretch.shot, segment.stretch.clean, *_livelier(segment.motions)),
        "output_image": frame_entries(segment.keys),
        "prompt": prompt,
        "motion_plan": [stretch_of(m, wording.motion(m, film.size)) for m in segment.motions],
    }
    if segment.texts:
        draft["text_read"] = [{"cite": [t.id], "text": t.content[:200]} for t in segment.texts]
    return draft | {
        "question": statement(_question(segment), [film.ends[0].id], 400),
        "answer": _answer(segment, prompt),
        "left_out": left_out_parts(film, first.t0, last.t0, used),
    }


def _livelier(motions: Sequence[Anchor], most: int = 4) -> list[Anchor]:
    """The liveliest motions, in order."""
    best = sorted(motions, key=lambda m: -float(m.attrs["energy"]))[:most]
    return [motion for motion in motions if motion in best]


def _choice(segment: VideoSegment) -> tuple[float, dict[str, Json]]:
    first, last = segment.ends
    text = f"Much moves from {first.t0:.2f} to {last.t0:.2f} s, and the camera is led, not swung about."
    cited = [first, last, segment.stretch.shot, segment.stretch.clean]
    if segment.caption:
        said = _quotation(segment.caption, 160)
        text = f"From {first.t0:.2f} to {last.t0:.2f} s the recording is said to show {said}."
        cited.insert(2, segment.caption)
    return timed_thought(text, cited)


def _quotation(caption: Anchor, limit: int) -> str:
    return wording.quote(str(caption.attrs.get("text") or caption.content), limit)


def _prompt(segment: VideoSegment) -> dict[str, Json]:
    """Given words, writing, and all that the camera does."""
    moves = list(segment.motions)
    parts = [_quotation(segment.caption, 240)] if segment.caption else []
    parts += [f"{'with ' if parts else ''}the text {wording.quote(t.content, 60)}" for t in segment.texts[:2]]
    camera = wording.camera_course(moves)
    camera = f"while {camera}" if camera and parts else camera
    text = capitalise(", ".join([*parts, *([camera] if camera else [])]))
    cited = [*([segment.caption] if segment.caption else []), *segment.texts[:2], *moves]
    return statement(text if text.endswith('."') else f"{text}.", [anchor.id for anchor in cited], 600)


def _question(segment: VideoSegment) -> str:
    if segment.caption is None and not segment.texts:
        return "Which part of this recording has a camera motion worth training video generation on, and which is it?"
    return "Which part of this recording is worth training video generation on, and with which prompt?"


def _answer(segment: VideoSegment, prompt: dict[str, Json]) -> dict[str, Json]:
    first, last = segment.ends
    text = (
        f"The part from {first.t0:.2f} to {last.t0:.2f} s: <video_gen> "
        f"{' '.join('<image_recall>' for _ in segment.keys)} Prompt: {prompt['text']}"
    )
    named = [*([segment.caption] if segment.caption else []), *segment.texts[:2]]
    return statement(text, [first.id, last.id, *(a.id for a in named), *(m.id for m in segment.motions)], 1200)
