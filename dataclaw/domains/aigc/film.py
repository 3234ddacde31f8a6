"""A recording as the plans of moving pictures see it: shots, damage, motion, captions; and where something moves.

Everything comes from tools. A stretch lies inside one shot, holds no damaged picture and is what the intent asks for.
How much moves there, and how sure that measurement is, decides which part of it is worth a sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.aigc.intents import MediaIntent, parse_intent
from dataclaw.domains.aigc.requests import sentence
from dataclaw.domains.aigc.wording import camera_of
from dataclaw.planning import Asking, ask, decline, pages, shorten, statement
from dataclaw.tools.operations import exact
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Brief, Json, Observation, Span

GIVEN = frozenset({"caption", "instruction", "narration"})
"""Kinds of events that say in words what is shown."""
WATCHED = 600.0
"""Longest part of a recording that is looked at frame by frame [s]."""
STEP = 0.1
"""How finely places for a segment are tried [s]."""
BEFORE = 1e-3
"""Just before or after a frame [s]."""
WHY = 600
"""Longest reason for a clip [characters]."""
STILLNESS = 0.2
"""How much energy counts where neither camera nor subject moves: there it is noise."""
SWING, SHORT, JERK = 0.25, 1.2, 0.2
"""A camera that pans or tilts by more than this a second [picture widths or heights], or does so for less than so long
[s], is jerked; such motion counts this much."""
LEFT_OUT_CITES = 64


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pictures of one shot without damage.

    Attributes:
        t0: start [s].
        t1: end [s].
        shot: the anchor of its shot.
        clean: the anchor of its clean span.
    """

    t0: float
    t1: float
    shot: Anchor
    clean: Anchor


@dataclass(frozen=True, slots=True)
class Film:
    """What a plan saw of a recording.

    Attributes:
        size: `(width, height)` [px] of its frames.
        window: `(t0, t1)` [s] that the intent asks for, or the liveliest `WATCHED` seconds of it.
        intent: what the intent asks for.
        shots: its shots.
        cuts: changes of shot.
        clean: spans without damage.
        flaws: damaged spans.
        motions: spans of motion over all of it.
        energy: `(time [s], energy 0..1)` along it.
        events: what was logged of it, by id.
        ends: its first and last frame inside `window`.
    """

    size: tuple[int, int]
    window: Span
    intent: MediaIntent
    shots: Sequence[Anchor]
    cuts: Sequence[Anchor]
    clean: Sequence[Anchor]
    flaws: Sequence[Anchor]
    motions: Sequence[Anchor]
    energy: Sequence[tuple[float, float]]
    events: Mapping[str, Anchor]
    ends: tuple[Anchor, Anchor]

    def stretches(self, least: float, *, sharp: bool = True) -> list[Stretch]:
        """Stretches of at least this length [s], in order; without blurred pictures where `sharp` ones are there."""
        blurred = [(f.t0, f.t1) for f in self.flaws if f.attrs["what"] == "blurred"]
        found = list(self._stretches(least, blurred)) if sharp else []
        return found or list(self._stretches(least, []))

    def _stretches(self, least: float, without: Sequence[Span]) -> Iterator[Stretch]:
        for shot in self.shots:
            for clean in self.clean:
                # a shot ends with the first frame of the next one
                end = shot.t1 - BEFORE if any(abs(c.t0 - shot.t1) < BEFORE for c in self.cuts) else shot.t1
                low, high = max(shot.t0, clean.t0, self.window[0]), min(end, clean.t1, self.window[1])
                for t0, t1 in gaps(low, high, without):
                    if t1 - t0 >= least:
                        yield Stretch(t0, t1, shot, clean)

    def liveliness(self, t0: float, t1: float) -> float:
        """Mean energy of a span, weighted by the confidence of its motion, 0..1; blurred or lost motion counts 0."""
        inside = [(t, e) for t, e in self.energy if t0 < t <= t1 + 1e-6]
        return sum(e * self._trust(t) for t, e in inside) / len(inside) if inside else 0.0

    def _trust(self, t: float) -> float:
        blurred = any(f.t0 <= t <= f.t1 for f in self.flaws)
        here = next((m for m in self.motions if m.t0 - 1e-6 <= t <= m.t1 + 1e-6), None)
        if blurred or here is None or here.attrs["camera"] == "lost":
            return 0.0
        worth = 1.0 if moving([here]) else STILLNESS
        return here.confidence * worth * (JERK if is_jerky(here) else 1.0)

    def caption_of(self, t0: float, t1: float) -> Anchor | None:
        """What is said to be shown in most of a span [s], or None."""
        captions = [a for a in self.events.values() if a.attrs.get("verb") in GIVEN]
        shared = [(min(c.t1, t1) - max(c.t0, t0), -c.t0, c) for c in captions]
        overlap, _, best = max(shared, key=lambda pair: pair[:2], default=(0.0, 0.0, None))
        return best if best is not None and overlap >= 0.5 * (t1 - t0) else None


def is_jerky(motion: Anchor) -> bool:
    """Whether a camera is swung about, and not led: too fast, or for a moment only."""
    if not camera_of(motion.attrs).startswith(("pan", "tilt")):
        return False
    lasts = max(motion.t1 - motion.t0, 1e-6)
    speed = max(abs(float(motion.attrs[name])) for name in ("pan", "tilt")) / lasts
    return speed > SWING or lasts < SHORT


def gaps(low: float, high: float, without: Sequence[Span]) -> Iterator[Span]:
    """The parts of a span [s] outside other spans, which are in order."""
    for t0, t1 in without:
        if t1 < low or t0 > high:
            continue
        yield low, t0 - BEFORE
        low = t1 + BEFORE
    yield low, high


def watch(brief: Brief) -> Asking[Film]:
    """Look at a recording.

    Raises:
        PolicyError: it has fewer than two frames, or one of the tools cannot read it.
    """
    overview = yield from ask("overview")
    if brief.frames < 2:
        raise decline("the stream has fewer than two pictures", "Give a recording.")
    intent = parse_intent(brief.intent, brief.window)
    window = (max(brief.window[0], intent.span[0]), min(brief.window[1], intent.span[1]))
    if window[1] <= window[0]:
        raise decline("the span asked for lies outside the recording", "Name a span inside it.")
    seen = yield from _motion(window)
    asked, window = window, liveliest(window, energy_of(seen))
    if window != asked:
        seen = yield from _motion(window)
    cuts = yield from _look("find_cuts", window)
    quality = yield from _look("check_quality", window)
    listed = yield from pages("list_events", 20)
    ends = yield from frames_between(*window, 2)
    if len(ends) < 2:
        raise decline("fewer than two pictures lie in the span asked for", "Name a longer span.")
    size = cast("Sequence[int]", overview.data["size"])
    return Film(
        size=(int(size[0]), int(size[1])),
        window=window,
        intent=intent,
        shots=[a for a in cuts if a.kind == "shot"],
        cuts=[a for a in cuts if a.kind == "cut"],
        clean=[a for a in quality if a.kind == "clean"],
        flaws=[a for a in quality if a.kind == "quality"],
        motions=seen.anchors,
        energy=energy_of(seen),
        events={a.id: a for a in listed},
        ends=(ends[0], ends[-1]),
    )


def _motion(window: Span) -> Asking[Observation]:
    seen = yield from ask("track_motion", t0=window[0], t1=window[1])
    if not seen.ok:
        raise decline(f"track_motion cannot measure its motion: {seen.note}", "Give a recording with a clock.")
    return seen


def energy_of(seen: Observation) -> list[tuple[float, float]]:
    """`(time [s], energy 0..1)` along what was tracked."""
    pairs = cast("Sequence[Sequence[float]]", seen.data.get("energy", []))
    return [(float(t), float(e)) for t, e in pairs]


def liveliest(window: Span, energy: Sequence[tuple[float, float]]) -> Span:
    """The `WATCHED` seconds of a longer window in which most moves; tools decode every frame of them."""
    if window[1] - window[0] <= WATCHED:
        return window
    starts = [t for t, _ in energy if t + WATCHED <= window[1]] or [window[0]]
    best = max(starts, key=lambda t: (sum(e for at, e in energy if t < at <= t + WATCHED), -t))
    return best, best + WATCHED


def _look(tool: str, window: Span) -> Asking[Sequence[Anchor]]:
    seen = yield from ask(tool, t0=window[0], t1=window[1])
    if not seen.ok:
        raise decline(f"{tool} cannot read it: {seen.note}", "Give a recording that decodes.")
    return seen.anchors


def frames_between(t0: float, t1: float, count: int) -> Asking[list[Anchor]]:
    """At most `count` sampled frames of a span [s], the first and the last of it among them."""
    seen = yield from ask("sample_frames", mode="uniform", count=count, t0=t0, t1=t1)
    return list(seen.anchors) if seen.ok else []


def moving_frames(t0: float, t1: float, count: int) -> Asking[tuple[list[Anchor], list[Anchor]]]:
    """At most `count` frames of a span [s], and the motion from the first of them to the last."""
    frames = yield from frames_between(t0, t1, count)
    motions = (yield from motion_between(frames[0], frames[-1])) if len(frames) > 1 else []
    return frames, motions


def motion_between(first: Anchor, last: Anchor) -> Asking[list[Anchor]]:
    """The motion from one frame to another, in order."""
    seen = yield from ask("track_motion", t0=first.t0, t1=last.t0)
    return list(seen.anchors) if seen.ok else []


def places(stretch: Stretch, length: float) -> list[Span]:
    """Spans of a length [s] inside a stretch, or all of it where it is shorter."""
    length = min(length, stretch.t1 - stretch.t0)
    count = int((stretch.t1 - stretch.t0 - length) / STEP + 1e-6)
    return [(stretch.t0 + k * STEP, stretch.t0 + k * STEP + length) for k in range(count + 1)]


def moving(motions: Iterable[Anchor]) -> bool:
    """Whether the camera or the subject moves anywhere in it."""
    return any(camera_of(m.attrs) != "static" or m.attrs["subject"] != "still" for m in motions)


def stretch_of(motion: Anchor, text: str) -> dict[str, Json]:
    """A stretch of motion as drafts list it."""
    attrs = motion.attrs
    return {
        "cite": [motion.id],
        "start": attrs["first_frame"],
        "end": attrs["last_frame"],
        "camera": camera_of(attrs),
        "subject": attrs["subject"],
        "text": text,
    }


def frame_entries(frames: Iterable[Anchor]) -> list[Json]:
    """Frames as drafts list them."""
    return [{"cite": [frame.id], "frame": frame.frame} for frame in frames]


def clip_of(first: Anchor, last: Anchor, *proof: Anchor) -> dict[str, Json]:
    """A clip from one frame to another, with what proves that it may be cut there."""
    why = "; ".join(anchor.content for anchor in proof or (first, last))
    reason = statement(shorten(why, WHY), [first.id, last.id, *(anchor.id for anchor in proof)])
    return {"cite": reason["cite"], "start": first.frame, "end": last.frame, "why": reason["text"]}


def timed_thought(text: str, anchors: Sequence[Anchor]) -> tuple[float, dict[str, Json]]:
    """A thought with the time of the earliest fact that it cites [s], for sorting."""
    cited = anchors[:8]
    return min(anchor.t0 for anchor in cited), statement(text, [anchor.id for anchor in cited], 320)


def in_order(thoughts: Iterable[tuple[float, dict[str, Json]]]) -> list[Json]:
    """Thoughts in order of what they cite."""
    return [thought for _, thought in sorted(thoughts, key=lambda pair: pair[0])]


def on_the_recording(film: Film, language: str, until: float = float("inf")) -> list[tuple[float, dict[str, Json]]]:
    """Thoughts about the recording up to a time [s]: its shots, its damage."""
    thoughts = [timed_thought(sentence("one_shot", language), film.shots[:1])]
    cuts = [cut for cut in film.cuts if cut.t1 <= until][:6]
    if film.cuts:
        unit = "秒" if language == "zh" else "s"
        times = sentence("and", language).join(f"{exact(cut.t0)} {unit}" for cut in cuts)
        thoughts = [timed_thought(sentence("shots", language, times=times), cuts)] if cuts else []
    flaws = [flaw for flaw in film.flaws if flaw.t1 <= until]
    for what in dict.fromkeys(str(flaw.attrs["what"]) for flaw in flaws):
        damaged = [flaw for flaw in flaws if flaw.attrs["what"] == what][:4]
        key = "flawed" if what != "blurred" else "blurred"
        parts = [sentence("span", language, t0=seconds(flaw.t0), t1=seconds(flaw.t1)) for flaw in damaged]
        spans = sentence("and", language).join(parts)
        thoughts.append(timed_thought(sentence(key, language, what=what, spans=spans), damaged))
    return thoughts


def left_out_parts(film: Film, t0: float, t1: float, used: Iterable[str]) -> list[Json]:
    """The `left_out` of a span, by reason: damage, other shots, stillness, less motion."""
    kept = set(used)
    reasons: dict[str, list[str]] = {}
    for flaw in film.flaws:
        reasons.setdefault(str(flaw.attrs["what"]), []).append(flaw.id)
    for shot in film.shots:
        if shot.t1 <= t0 or shot.t0 >= t1:
            reasons.setdefault("other_shot", []).append(shot.id)
    for motion in film.motions:
        if motion.id not in kept and (motion.t1 <= t0 + STEP or motion.t0 >= t1 - STEP):
            inside = film.intent.within(motion.t0, motion.t1)
            why = "not_asked" if not inside else "less_dynamic" if moving([motion]) else "still"
            reasons.setdefault(why, []).append(motion.id)
    return [{"cite": ids[:LEFT_OUT_CITES], "reason": reason} for reason, ids in reasons.items()]
