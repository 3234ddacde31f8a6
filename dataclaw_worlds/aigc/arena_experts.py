"""The experts of the arena: they know which deed is meant, and prove it by captions, keys, shots and motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.domains.aigc import film, wording
from dataclaw.planning import Asking, ask, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc.arena_deeds import Fact
from dataclaw_worlds.aigc.arena_lines import SIZE, Lines, reasons
from dataclaw_worlds.aigc.arena_wishes import Record

EDGE = 0.02
"""How far inside a deed its pictures are taken [s]."""
STEP = 0.05
"""Longer than frames are held apart by rounding, shorter than from one picture to the next [s]."""
SHORTEST, LONGEST = 0.9, 5.0
"""Length of a segment [s]."""
STAGES = 6
KEYS, BEFORE, AFTER = 4, 3, 3
"""Pictures of a segment, of what is observed, and of what follows."""
Proof: TypeAlias = tuple[list[tuple[Fact, Anchor]], list[Anchor]]
"""Captions with what is true of them, and lines of the log."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The recording as the tools tell it.

    Attributes:
        events: captions and keys by id.
        shots: its shots.
        clean: spans without damage.
        flaws: damaged spans.
    """

    events: dict[str, Anchor]
    shots: Sequence[Anchor]
    clean: Sequence[Anchor]
    flaws: Sequence[Anchor]

    def place(self, t0: float, t1: float) -> tuple[float, float, Anchor, Anchor]:
        """The longest part of a span inside one shot and one clean span, with their anchors."""
        found = [
            (max(t0, shot.t0, clean.t0), min(t1, self._end(shot), clean.t1), shot, clean)
            for shot in self.shots
            for clean in self.clean
        ]
        if not found:
            raise decline("no picture of it is whole", "Give another recording.")
        return max(found, key=lambda place: (place[1] - place[0], -place[0]))

    def _end(self, shot: Anchor) -> float:
        """A shot ends before the first picture of the next one [s]."""
        return shot.t1 if shot is self.shots[-1] else shot.t1 - film.BEFORE

    def proof(self, record: Record, deed: int) -> Proof:
        """Captions of a deed, and the keys that were held longest in it."""
        captions = [
            (c, self.events[f"e{c['event']}"]) for c in record.captions(deed) if f"e{c['event']}" in self.events
        ]
        keys = [self.events[f"e{k['event']}"] for k in record.keys(deed) if f"e{k['event']}" in self.events]
        return captions[:2], sorted(keys[:2], key=lambda a: a.t0)

    def proofs(self, record: Record, numbers: Sequence[int]) -> list[Proof]:
        """What is told of each deed."""
        return [self.proof(record, number) for number in numbers]

    def damaged(self, span: Anchor) -> bool:
        """Whether pictures of a shot are damaged."""
        return any(flaw.t0 < span.t1 and flaw.t1 > span.t0 for flaw in self.flaws)


def video_segment(order: ExpertBrief) -> Asking[None]:
    """The reference of `video_generation_segment`."""
    record = Record(order.scene.facts)
    numbers = _numbers(order)
    facts = [record.deeds[n] for n in numbers]
    sight = yield from _look()
    t0, t1, shot, clean = sight.place(float(facts[0]["clear"][0]) + EDGE, float(facts[-1]["clear"][1]) - EDGE)
    keys, motions = yield from _side(t0, min(t1, t0 + LONGEST), KEYS)
    if not film.moving(motions):
        raise decline("nothing moves in the part that is meant", "Ask for another part.")
    lines, named = Lines(order), all(map(record.named, numbers))
    proofs = sight.proofs(record, numbers)
    told = _told(proofs)
    span = (keys[0].t0, keys[-1].t0)
    prompt = lines.prompt(facts, named)
    general = order.request.meaning["key"] == "general"
    yield from submit(
        {
            "cot": _thoughts(lines, facts, proofs, (shot, clean, sight), motions),
            "input_video": _whole(sight, order.brief.frames),
            "output_video": film.clip_of(keys[0], keys[-1], shot, clean, *motions[:4]),
            "output_image": film.frame_entries(keys),
            "prompt": said(prompt, [a.id for a in (*told[:3], *motions[:2])], 600),
            "motion_plan": [film.stretch_of(m, wording.motion(m, SIZE)) for m in motions],
            "question": said(lines.question(facts, named, general), [a.id for a in told[:2]] or [shot.id], 400),
            "answer": said(
                lines.answer(span, prompt, len(keys)),
                [keys[0].id, keys[-1].id, *(a.id for a in (*told[:2], *motions[:2]))],
                1200,
            ),
            "left_out": reasons(sight.flaws, sight.shots, span),
        }
    )


def _numbers(order: ExpertBrief) -> list[int]:
    """The deeds that are meant, in order."""
    first = int(order.request.meaning["deed"])
    return list(range(first, int(order.request.meaning.get("last", first)) + 1))


def _told(proofs: Sequence[Proof]) -> list[Anchor]:
    return [anchor for captions, held in proofs for anchor in (*(a for _, a in captions), *held)]


def transition(order: ExpertBrief) -> Asking[None]:
    """The reference of `world_model_transition`."""
    record, numbers = Record(order.scene.facts), _numbers(order)
    here, after = [record.deeds[n] for n in numbers], record.deeds[numbers[-1] + 1]
    sight = yield from _look()
    t0, t1, shot, clean = sight.place(float(here[0]["clear"][0]) + EDGE, float(after["clear"][1]) - EDGE)
    split = float(after["t0"])
    if split - t0 < SHORTEST or t1 - split < SHORTEST:
        raise decline("the change of what is done is not inside one undamaged shot", "Ask for another part.")
    shown, observed = yield from _side(t0, split - EDGE, BEFORE)
    following, predicted = yield from _side(shown[-1].t0 + STEP, t1, AFTER)
    if not film.moving(predicted):
        raise decline("nothing moves in what follows", "Ask for another part.")
    lines = Lines(order)
    proofs = sight.proofs(record, [*numbers, numbers[-1] + 1])
    told = [_told(proofs[:-1]), _told(proofs[-1:])]
    named = [all(map(record.named, numbers)), record.named(numbers[-1] + 1)]
    thoughts = _thoughts(lines, [after], proofs, (shot, clean, sight), predicted)
    yield from submit(
        {
            "cot": thoughts,
            "input_video": film.clip_of(shown[0], shown[-1], shot, clean, *observed[:4]),
            "input_image": film.frame_entries(shown),
            "output_video": film.clip_of(following[0], following[-1], shot, clean, *predicted[:4]),
            "output_image": film.frame_entries(following),
            "observed": [film.stretch_of(m, wording.motion(m, SIZE)) for m in observed],
            "predicted": [film.stretch_of(m, wording.motion(m, SIZE)) for m in predicted],
            "question": said(lines.asked_next(here, named[0]), [a.id for a in told[0][:2]] or [observed[-1].id], 500),
            "answer": said(
                lines.follows(after, named[1], following),
                [a.id for a in (*told[1][:1], *following)],
                1200,
            ),
            "left_out": reasons(sight.flaws, sight.shots, (shown[0].t0, following[-1].t0)),
        }
    )


def _look() -> Asking[Sight]:
    """Captions and keys, shots, damage."""
    events = yield from pages("list_events", 4)
    cuts = yield from ask("find_cuts")
    quality = yield from ask("check_quality")
    return Sight(
        {a.id: a for a in events},
        [a for a in cuts.anchors if a.kind == "shot"],
        [a for a in quality.anchors if a.kind == "clean"],
        [a for a in quality.anchors if a.kind == "quality"],
    )


def _side(t0: float, t1: float, count: int) -> Asking[tuple[list[Anchor], list[Anchor]]]:
    """Frames of a span, its first and last among them, and the motion between these."""
    frames = yield from film.frames_between(t0, t1, count)
    if len(frames) < 2 or frames[-1].t0 - frames[0].t0 < 0.4:
        raise decline("too few pictures lie in the part that is meant", "Ask for another part.")
    motions = yield from film.motion_between(frames[0], frames[-1])
    if not motions:
        raise decline("its motion cannot be measured", "Ask for another part.")
    return frames, motions[:STAGES]


def _thoughts(
    lines: Lines,
    facts: Sequence[Fact],
    proofs: Sequence[Proof],
    where: tuple[Anchor, Anchor, Sight],
    motions: Sequence[Anchor],
) -> list[Json]:
    """What is told of each deed, why the span may be cut, and what was measured."""
    shot, clean, sight = where
    thoughts = [_thought(lines.evidence(*proof), _told([proof])) for proof in proofs if _told([proof])]
    thoughts.append(_thought(lines.place(shot, sight.damaged(shot)), [shot, clean]))
    thoughts.append(_thought(lines.measured(facts, motions), _liveliest(motions)))
    return film.in_order(thoughts)


def _thought(text: str, cites: Sequence[Anchor]) -> tuple[float, dict[str, Json]]:
    return film.timed_thought(text, cites)


def _liveliest(motions: Sequence[Anchor]) -> list[Anchor]:
    return [max(motions, key=lambda m: float(m.attrs["energy"]))]


def _whole(sight: Sight, frames: int) -> dict[str, Json]:
    """All of the recording, from its first to its last shot."""
    ends = list(dict.fromkeys((sight.shots[0].id, sight.shots[-1].id)))
    why = "; ".join(dict.fromkeys((sight.shots[0].content, sight.shots[-1].content)))
    return {"cite": ends, "start": 0, "end": frames - 1, "why": why}
