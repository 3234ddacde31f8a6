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
from dataclaw.domains.aigc.requests import language_of, sentence
from dataclaw.domains.aigc.spans import ToldOfFilm, choose_span
from dataclaw.planning import Asking, ask, capitalise, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json, Span

LENGTH, LEAST, LONGEST = 4.0, 1.0, 5.0
"""Length of a segment where the intent names none, the shortest one, and the longest where a chooser takes it [s]."""
SHORTEST = 0.8
"""Shortest time from the first to the last frame of a segment [s]."""
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
        shown: what it shows, "" where nobody says.
        proof: what proves that.
        texts: text read in its middle key frame.
        told: what is known beside the measurements.
        language: the language of the intent.
    """

    stretch: Stretch
    motions: Sequence[Anchor]
    keys: Sequence[Anchor]
    shown: str
    proof: Sequence[Anchor]
    texts: Sequence[Anchor]
    told: ToldOfFilm
    language: str

    @property
    def ends(self) -> tuple[Anchor, Anchor]:
        """Its first and last frame."""
        return self.keys[0], self.keys[-1]

    @property
    def named(self) -> list[Anchor]:
        """What says what it shows."""
        return [*self.proof, *self.texts[:2]]

    @property
    def camera(self) -> str:
        """What the camera does, "" where that is not sure."""
        return self.told.course(self.motions, self.language)

    @property
    def led(self) -> list[Anchor]:
        """The motion that a prompt tells of."""
        return list(self.motions) if self.camera or not self.named else []


def video_generation_segment(brief: Brief, told: ToldOfFilm | None = None) -> Asking[None]:
    """Plan of the task; `told` is what is known beside the measurements."""
    film = yield from watch(brief)
    segment = yield from _choose_segment(film, told or ToldOfFilm(), language_of(brief.intent))
    if not segment.named:
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


def _choose_segment(film: Film, told: ToldOfFilm, language: str) -> Asking[VideoSegment]:
    (t0, t1), stretch = _liveliest_part(film)
    (t0, t1), other = yield from choose_span(film, "aigc.span", (t0, t1), LEAST)
    t1 = t1 if other is None else min(t1, t0 + max(LONGEST, film.intent.length or 0.0))
    ends, motions = yield from moving_frames(t0, t1, 2)
    low, high = _followed_span(motions)
    if other is None and (low, high) != (t0, t1) and high - low >= LEAST:
        ends, motions = yield from moving_frames(max(t0, low), min(t1, high), 2)
    if not motions or not moving(motions):
        raise decline("nothing moves in it", "Video generation needs a recording in which something moves.")
    if ends[-1].t0 - ends[0].t0 < SHORTEST:
        raise decline("too few pictures of it were sampled", "Name a longer span.")
    count = min(6, max(2, film.intent.frames or min(4, len(motions) + 1)))
    keys = yield from frames_between(ends[0].t0, ends[-1].t0, count)
    read = yield from ask("read_text", frame=keys[len(keys) // 2].frame, region="full")
    texts = [a for a in read.anchors if a.confidence >= SURE_TEXT and has_words(a.content)] if read.ok else []
    shown, proof = told.shows(film, t0, t1)
    return VideoSegment(other or stretch, motions[:STAGES], keys, shown, proof, texts[:MOST_TEXT], told, language)


def _liveliest_part(film: Film) -> tuple[Span, Stretch]:
    """The part in which most moves, of those that are captioned where any is, and its stretch."""
    stretches = film.stretches(LEAST)
    if not stretches:
        reason = f"no {LEAST:g} s lie inside one shot without damaged pictures in the span asked for"
        raise decline(reason, "Name another span, or give a longer recording.")
    length = max(LEAST, film.intent.length or LENGTH)
    spans = [(span, stretch) for stretch in stretches for span in places(stretch, length)]
    captioned = [(span, stretch) for span, stretch in spans if film.caption_of(*span)]
    return max(captioned or spans, key=lambda pair: (round(film.liveliness(*pair[0]), 4), -pair[0][0]))


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
        "cot": in_order([*on_the_recording(film, segment.language), *_choice(film, segment)]),
        "input_video": clip_of(*film.ends),
        "output_video": clip_of(first, last, segment.stretch.shot, segment.stretch.clean, *_livelier(segment.motions)),
        "output_image": frame_entries(segment.keys),
        "prompt": prompt,
        "motion_plan": [stretch_of(m, wording.motion(m, film.size)) for m in segment.motions],
    }
    if segment.texts:
        draft["text_read"] = [{"cite": [t.id], "text": t.content[:200]} for t in segment.texts]
    return draft | {
        "question": _question(film, segment),
        "answer": _answer(segment, prompt),
        "left_out": left_out_parts(film, first.t0, last.t0, used),
    }


def _livelier(motions: Sequence[Anchor], most: int = 4) -> list[Anchor]:
    """The liveliest motions, in order."""
    best = sorted(motions, key=lambda m: -float(m.attrs["energy"]))[:most]
    return [motion for motion in motions if motion in best]


def _choice(film: Film, segment: VideoSegment) -> list[tuple[float, dict[str, Json]]]:
    """What speaks for the segment."""
    first, last = segment.ends
    key = ("known" if segment.told.sure else "said") if segment.shown else "lively"
    t0, t1 = f"{first.t0:.2f}", f"{last.t0:.2f}"
    text = sentence(key, segment.language, t0=t0, t1=t1, shown=segment.shown)
    cited = [first, last, *(segment.proof[:3] or (segment.stretch.shot, segment.stretch.clean))]
    more = segment.told.evidence(film.events, first.t0, last.t0)
    return [timed_thought(text, cited), *(timed_thought(why, proof) for why, proof in more)]


def _prompt(segment: VideoSegment) -> dict[str, Json]:
    """What it shows, writing, and all that the camera does."""
    zh = segment.language == "zh"
    parts = [f"{segment.told.style}{segment.shown}"] if segment.shown else []
    for line in segment.texts[:2]:
        with_ = "with " if parts else ""
        parts.append(sentence("with_text", segment.language, with_=with_, text=wording.quote(line.content, 60)))
    camera = segment.camera
    camera = sentence("meanwhile", segment.language, camera=camera) if camera and parts else camera
    text = capitalise((",", ", ")[not zh].join([*parts, *([camera] if camera else [])]))
    end = "" if text.endswith('."') else "。" if zh else "."
    return statement(f"{text}{end}", [anchor.id for anchor in segment.named + segment.led], 600)


def _question(film: Film, segment: VideoSegment) -> dict[str, Json]:
    key = "part_asked" if segment.told.asked else "part_best" if segment.named else "part_camera"
    proof = segment.proof[:2] if segment.told.asked else film.ends[:1]
    text = sentence(key, segment.language, asked=segment.told.asked)
    return statement(text, [anchor.id for anchor in proof or film.ends[:1]], 400)


def _answer(segment: VideoSegment, prompt: dict[str, Json]) -> dict[str, Json]:
    first, last = segment.ends
    pictures = " ".join("<image_recall>" for _ in segment.keys)
    t0, t1 = f"{first.t0:.2f}", f"{last.t0:.2f}"
    text = sentence("part_answer", segment.language, t0=t0, t1=t1, pictures=pictures, prompt=str(prompt["text"]))
    return statement(text, [a.id for a in (first, last, *segment.named, *segment.led)], 1200)
