"""The experts of the arena know which deed a request means, and prove it by captions, keys, shots and motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.domains.aigc import film, wording
from dataclaw.planning import Asking, ask, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc.arena_deeds import Fact
from dataclaw_worlds.aigc.arena_lines import SIZE, RecordingLines, left_out_reasons
from dataclaw_worlds.aigc.arena_meanings import RecordingTruth

EDGE = 0.02
"""Distance of a segment's ends from the ends of its deed [s]."""
STEP = 0.05
"""More than the rounding of times, less than the time between two pictures [s]."""
SHORTEST, LONGEST = 0.9, 5.0
"""Length of a segment [s]."""
STAGES = 6
KEYS, BEFORE, AFTER = 4, 3, 3
"""Pictures of a segment, of what is observed, and of what follows."""
Proof: TypeAlias = tuple[list[tuple[Fact, Anchor]], list[Anchor]]
"""Captions with their truth, and lines of the log."""


@dataclass(frozen=True, slots=True)
class RecordingSurvey:
    """The recording as the tools report it.

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
            raise decline("every picture of it is damaged", "Give another recording.")
        return max(found, key=lambda place: (place[1] - place[0], -place[0]))

    def _end(self, shot: Anchor) -> float:
        """The end of a shot, before the first picture of the next one [s]."""
        return shot.t1 if shot is self.shots[-1] else shot.t1 - film.BEFORE

    def proof(self, record: RecordingTruth, deed: int) -> Proof:
        """Captions of a deed, and the keys that were held longest in it."""
        captions = [
            (c, self.events[f"e{c['event']}"]) for c in record.captions(deed) if f"e{c['event']}" in self.events
        ]
        keys = [self.events[f"e{k['event']}"] for k in record.keys(deed) if f"e{k['event']}" in self.events]
        return captions[:2], sorted(keys[:2], key=lambda a: a.t0)

    def proofs(self, record: RecordingTruth, numbers: Sequence[int]) -> list[Proof]:
        """The proof of each deed."""
        return [self.proof(record, number) for number in numbers]

    def has_damage(self, span: Anchor) -> bool:
        """Whether pictures of a shot are damaged."""
        return any(flaw.t0 < span.t1 and flaw.t1 > span.t0 for flaw in self.flaws)


def video_segment(brief: ExpertBrief) -> Asking[None]:
    """The reference of `video_generation_segment`."""
    record = RecordingTruth(brief.scene.facts)
    numbers = _numbers(brief)
    facts = [record.deeds[n] for n in numbers]
    survey = yield from _survey()
    t0, t1, shot, clean = survey.place(float(facts[0]["clear"][0]) + EDGE, float(facts[-1]["clear"][1]) - EDGE)
    keys, motions = yield from _side(t0, min(t1, t0 + LONGEST), KEYS)
    if not film.moving(motions):
        raise decline("nothing moves in the requested part", "Ask for another part.")
    lines, named = RecordingLines(brief), all(map(record.is_named, numbers))
    proofs = survey.proofs(record, numbers)
    cited = _anchors(proofs)
    span = (keys[0].t0, keys[-1].t0)
    prompt = lines.prompt(facts, named)
    general = brief.request.meaning["key"] == "general"
    yield from submit(
        {
            "cot": _thoughts(lines, facts, proofs, (shot, clean, survey), motions),
            "input_video": _whole_recording(survey, brief.brief.frames),
            "output_video": film.clip_of(keys[0], keys[-1], shot, clean, *motions[:4]),
            "output_image": film.frame_entries(keys),
            "prompt": statement(prompt, [a.id for a in (*cited[:3], *motions[:2])], 600),
            "motion_plan": [film.stretch_of(m, wording.motion(m, SIZE)) for m in motions],
            "question": statement(lines.question(facts, named, general), [a.id for a in cited[:2]] or [shot.id], 400),
            "answer": statement(
                lines.answer(span, prompt, len(keys)),
                [keys[0].id, keys[-1].id, *(a.id for a in (*cited[:2], *motions[:2]))],
                1200,
            ),
            "left_out": left_out_reasons(survey.flaws, survey.shots, span),
        }
    )


def _numbers(brief: ExpertBrief) -> list[int]:
    """Numbers of the deeds that the request means, in order."""
    first = int(brief.request.meaning["deed"])
    return list(range(first, int(brief.request.meaning.get("last", first)) + 1))


def _anchors(proofs: Sequence[Proof]) -> list[Anchor]:
    return [anchor for captions, held in proofs for anchor in (*(a for _, a in captions), *held)]


def transition(brief: ExpertBrief) -> Asking[None]:
    """The reference of `world_model_transition`."""
    record, numbers = RecordingTruth(brief.scene.facts), _numbers(brief)
    here, after = [record.deeds[n] for n in numbers], record.deeds[numbers[-1] + 1]
    survey = yield from _survey()
    t0, t1, shot, clean = survey.place(float(here[0]["clear"][0]) + EDGE, float(after["clear"][1]) - EDGE)
    split = float(after["t0"])
    if split - t0 < SHORTEST or t1 - split < SHORTEST:
        raise decline("the two deeds do not lie in one undamaged shot", "Ask for another part.")
    shown, observed = yield from _side(t0, split - EDGE, BEFORE)
    following, predicted = yield from _side(shown[-1].t0 + STEP, t1, AFTER)
    if not film.moving(predicted):
        raise decline("nothing moves in what follows", "Ask for another part.")
    lines = RecordingLines(brief)
    proofs = survey.proofs(record, [*numbers, numbers[-1] + 1])
    cited = [_anchors(proofs[:-1]), _anchors(proofs[-1:])]
    named = [all(map(record.is_named, numbers)), record.is_named(numbers[-1] + 1)]
    thoughts = _thoughts(lines, [after], proofs, (shot, clean, survey), predicted)
    yield from submit(
        {
            "cot": thoughts,
            "input_video": film.clip_of(shown[0], shown[-1], shot, clean, *observed[:4]),
            "input_image": film.frame_entries(shown),
            "output_video": film.clip_of(following[0], following[-1], shot, clean, *predicted[:4]),
            "output_image": film.frame_entries(following),
            "observed": [film.stretch_of(m, wording.motion(m, SIZE)) for m in observed],
            "predicted": [film.stretch_of(m, wording.motion(m, SIZE)) for m in predicted],
            "question": statement(
                lines.next_question(here, named[0]), [a.id for a in cited[0][:2]] or [observed[-1].id], 500
            ),
            "answer": statement(
                lines.next_answer(after, named[1], following),
                [a.id for a in (*cited[1][:1], *following)],
                1200,
            ),
            "left_out": left_out_reasons(survey.flaws, survey.shots, (shown[0].t0, following[-1].t0)),
        }
    )


def _survey() -> Asking[RecordingSurvey]:
    """Captions and keys, shots, damage."""
    events = yield from pages("list_events", 4)
    cuts = yield from ask("find_cuts")
    quality = yield from ask("check_quality")
    return RecordingSurvey(
        {a.id: a for a in events},
        [a for a in cuts.anchors if a.kind == "shot"],
        [a for a in quality.anchors if a.kind == "clean"],
        [a for a in quality.anchors if a.kind == "quality"],
    )


def _side(t0: float, t1: float, count: int) -> Asking[tuple[list[Anchor], list[Anchor]]]:
    """Frames of a span, its first and last among them, and the motion between these."""
    frames = yield from film.frames_between(t0, t1, count)
    if len(frames) < 2 or frames[-1].t0 - frames[0].t0 < 0.4:
        raise decline("the requested part has too few pictures", "Ask for another part.")
    motions = yield from film.motion_between(frames[0], frames[-1])
    if not motions:
        raise decline("its motion cannot be measured", "Ask for another part.")
    return frames, motions[:STAGES]


def _thoughts(
    lines: RecordingLines,
    facts: Sequence[Fact],
    proofs: Sequence[Proof],
    where: tuple[Anchor, Anchor, RecordingSurvey],
    motions: Sequence[Anchor],
) -> list[Json]:
    """What proves each deed, why the span may be cut, and what was measured."""
    shot, clean, survey = where
    thoughts = [film.timed_thought(lines.evidence(*proof), _anchors([proof])) for proof in proofs if _anchors([proof])]
    thoughts.append(film.timed_thought(lines.place(shot, survey.has_damage(shot)), [shot, clean]))
    thoughts.append(film.timed_thought(lines.measurement(facts, motions), _liveliest(motions)))
    return film.in_order(thoughts)


def _liveliest(motions: Sequence[Anchor]) -> list[Anchor]:
    return [max(motions, key=lambda m: float(m.attrs["energy"]))]


def _whole_recording(survey: RecordingSurvey, frames: int) -> dict[str, Json]:
    """All of the recording, from its first to its last shot."""
    ends = list(dict.fromkeys((survey.shots[0].id, survey.shots[-1].id)))
    why = "; ".join(dict.fromkeys((survey.shots[0].content, survey.shots[-1].content)))
    return {"cite": ends, "start": 0, "end": frames - 1, "why": why}
