"""A segment of a recording that is worth training video generation on: where most moves, inside one shot, undamaged.

The prompt quotes a given caption and says what was measured: look, motion, text that was read. No tool here knows what
the subject is, so without a caption the prompt calls whatever moves "the subject".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

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
from dataclaw.planning import Asking, ask, capitalise, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json

LENGTH, LEAST = 4.0, 1.0
"""Length of a segment where the intent names none, and the shortest one [s]."""
STAGES = 12
"""Most stretches of motion in the motion plan."""
SURE_TEXT = 0.85
MOST_TEXT = 4


@dataclass(frozen=True, slots=True)
class VideoSegment:
    """The chosen segment.

    Attributes:
        stretch: where it lies.
        motions: its motion from its first frame to its last.
        keys: its key frames, the first and the last frame among them.
        look: how its first frame looks.
        texts: text read in its middle key frame.
    """

    stretch: Stretch
    motions: Sequence[Anchor]
    keys: Sequence[Anchor]
    look: Anchor
    texts: Sequence[Anchor]

    @property
    def ends(self) -> tuple[Anchor, Anchor]:
        """Its first and last frame."""
        return self.keys[0], self.keys[-1]


def video_generation_segment(brief: Brief) -> Asking[None]:
    """Plan of the task."""
    film = yield from watch(brief)
    segment = yield from _choose_segment(film)
    yield from submit(_draft(film, segment))


def _choose_segment(film: Film) -> Asking[VideoSegment]:
    stretches = film.stretches(LEAST)
    if not stretches:
        reason = f"no {LEAST:g} s lie inside one shot without damaged pictures in the span asked for"
        raise decline(reason, "Name another span, or give a longer recording.")
    length = max(LEAST, film.intent.length or LENGTH)
    spans = [(span, stretch) for stretch in stretches for span in places(stretch, length)]
    (t0, t1), stretch = max(spans, key=lambda pair: (round(film.liveliness(*pair[0]), 4), -pair[0][0]))
    ends, motions = yield from moving_frames(t0, t1, 2)
    low, high = _followed_span(motions)
    if (low, high) != (t0, t1) and high - low >= LEAST:
        ends, motions = yield from moving_frames(max(t0, low), min(t1, high), 2)
    if not motions or not moving(motions):
        raise decline("nothing moves in it", "Video generation needs a recording in which something moves.")
    count = min(6, max(2, film.intent.frames or min(4, len(motions) + 1)))
    keys = yield from frames_between(ends[0].t0, ends[-1].t0, count)
    look = yield from ask("picture_look", frames=[keys[0].frame])
    read = yield from ask("read_text", frame=keys[len(keys) // 2].frame, region="full")
    texts = [a for a in read.anchors if a.confidence >= SURE_TEXT and sum(c.isalpha() for c in a.content) >= 3]
    return VideoSegment(stretch, motions[:STAGES], keys, look.anchors[0], texts[:MOST_TEXT] if read.ok else [])


def _followed_span(motions: Sequence[Anchor]) -> tuple[float, float]:
    """The span without the motion at its ends in which the camera could not be followed [s]."""
    sure = [m for m in motions if m.attrs["camera"] != "lost"]
    return (sure[0].t0, sure[-1].t1) if sure else (0.0, 0.0)


def _draft(film: Film, segment: VideoSegment) -> dict[str, Json]:
    first, last = segment.ends
    used = [m.id for m in segment.motions]
    prompt = _prompt(film, segment)
    draft: dict[str, Json] = {
        "cot": in_order([*on_the_recording(film), _choice(film, segment)]),
        "input_video": clip_of(*film.ends),
        "output_video": clip_of(first, last, segment.stretch.shot, segment.stretch.clean, *_livelier(segment.motions)),
        "output_image": frame_entries(segment.keys),
        "prompt": prompt,
        "motion_plan": [stretch_of(m, wording.motion(m, film.size)) for m in segment.motions],
    }
    if segment.texts:
        draft["text_read"] = [{"cite": [t.id], "text": t.content[:200]} for t in segment.texts]
    return draft | {
        "question": _question(film),
        "answer": _answer(segment, prompt),
        "left_out": left_out_parts(film, first.t0, last.t0, used),
    }


def _livelier(motions: Sequence[Anchor], most: int = 4) -> list[Anchor]:
    """The liveliest motions, in order."""
    best = sorted(motions, key=lambda m: -float(m.attrs["energy"]))[:most]
    return [motion for motion in motions if motion in best]


def _choice(film: Film, segment: VideoSegment) -> tuple[float, dict[str, Json]]:
    first, last = segment.ends
    most = max(segment.motions, key=lambda m: float(m.attrs["energy"]))
    text = (
        f"Most moves from {first.t0:.2f} to {last.t0:.2f} s. The liveliest part of it has energy "
        f"{float(most.attrs['energy']):.2f}: {wording.camera(most)}, and {wording.subject(most, film.size)}."
    )
    return timed_thought(text, [first, last, most, segment.stretch.shot, segment.stretch.clean])


def _prompt(film: Film, segment: VideoSegment) -> dict[str, Json]:
    """Given words, look, motion, text; no longer than the schema allows."""
    first, last = segment.ends
    given = [e for e in film.captions if e.t0 <= last.t0 and e.t1 >= first.t0][:1]
    sure = [m for m in segment.motions if m.attrs["camera"] != "lost"]
    liveliest = _livelier(sure or segment.motions, 2)
    parts = [wording.quote(str(e.attrs.get("text") or e.content), 200) for e in given]
    parts.append(f"{capitalise(wording.looks(segment.look))}.")
    parts += wording.motions(liveliest, film.size)
    parts += [f"Text in the picture: {wording.quote(t.content, 60)}." for t in segment.texts[:1]]
    cited = [*given, segment.look, *liveliest, *segment.texts[:1]]
    return statement(" ".join(parts), [anchor.id for anchor in cited], 600)


def _question(film: Film) -> dict[str, Json]:
    given = film.captions[:1]
    about = "".join(f" The {e.attrs['verb']} says: {wording.quote(str(e.attrs.get('text')), 200)}" for e in given)
    text = f"Which part of this recording is worth training video generation on, and with which prompt?{about}"
    return statement(text, [film.ends[0].id, *(e.id for e in given)], 400)


def _answer(segment: VideoSegment, prompt: dict[str, Json]) -> dict[str, Json]:
    first, last = segment.ends
    text = (
        f"The part from {first.t0:.2f} to {last.t0:.2f} s: <video_gen> It lies inside one shot, holds no damaged "
        f"picture, and something moves in it. Prompt: {prompt['text']} "
        f"Key frames, in order: {' '.join('<image_recall>' for _ in segment.keys)}"
    )
    # of what the prompt cites, its look comes last: no number and no quotation needs it
    cites = [name for name in cast("list[str]", prompt["cite"]) if name != segment.look.id]
    proof = [first.id, last.id, segment.stretch.shot.id, segment.stretch.clean.id]
    return statement(text, [*proof, *cites, segment.look.id], 1200)
