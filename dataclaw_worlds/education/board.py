"""Derivations on a board that fills line by line, while a teacher says what is done and why, and where it is hard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.education.blackboard import BoardLesson, BoardMark, lesson_of
from dataclaw_worlds.education.board_draw import hand_of, hands, shots_of
from dataclaw_worlds.education.board_known import EXPERTS, KnownBoard
from dataclaw_worlds.education.board_requests import find_requests
from dataclaw_worlds.education.media import write_video
from dataclaw_worlds.education.voice import CueStyle, Format, SpokenSentence, cues_of, set_times, write_cues

FPS = 2.0
"""Frames per second of the videos [1/s]."""
AFTER = 1.2
"""Time from the start of a sentence until its line stands on the board [s]."""


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Make a lesson at the board."""
    session = lesson_of(spec)
    rng = spec.rng("board")
    said = set_times([(s.text, s.pause) for s in session.spoken], rng.uniform(2.1, 2.8))
    end = round(said[-1].t1 + 2.0, 2)
    marks = _mark_times(session.marks, said)
    hand = hand_of(rng.choice(spec.pool(hands(), "hand")))
    figures = [problem.figure for problem in session.problems]
    write_video(folder / f"{spec.name}.mp4", shots_of(marks, hand, figures, rng.randrange(10**6)), end, FPS)
    hard = spec.difficulty
    cutting = CueStyle(
        width=rng.choice((64, 84, 110)),
        running=False,
        late=rng.choice((0.0, 0.3, 0.7)) if hard > 1 else 0.0,
        jitter=0.2 * (hard - 1),
        overlap=0.06 * (hard - 1),
    )
    kind: Format = rng.choice(("srt", "vtt", "dfxp"))
    write_cues(folder / f"{spec.name}.{kind}", cues_of(said, cutting, spec.rng("cues")), kind)
    sources = {"family": session.families, "hand": [hand.name], "digression": session.stories}
    return Scene(spec, folder, f"{spec.name}.mp4", sources, _truth(session, said, marks))


def _mark_times(marks: Sequence[BoardMark], said: Sequence[SpokenSentence]) -> list[tuple[float, BoardMark]]:
    """Marks with their times [s]: lines while the teacher says them, wipes just before the next sentence."""
    found: list[tuple[float, BoardMark]] = []
    for mark in marks:
        sentence = said[mark.sentence]
        time = sentence.t0 - 1.5 if mark.deed == "wipe" else sentence.t0 + min(AFTER, (sentence.t1 - sentence.t0) / 2)
        if mark.deed in {"erase", "box", "note"}:
            time = sentence.t1
        found.append((round(max(time, found[-1][0] + 0.6 if found else 0.6), 2), mark))
    return found


def _truth(
    session: BoardLesson, said: Sequence[SpokenSentence], marks: Sequence[tuple[float, BoardMark]]
) -> dict[str, Json]:
    lines: list[Json] = [
        {"t0": one.t0, "t1": one.t1, "text": line.text, "role": line.role, "topic": line.problem, "fact": line.step,
         "label": line.label}
        for line, one in zip(session.spoken, said, strict=True)
    ]  # fmt: skip
    problems: list[Json] = [
        {"kind": p.kind, "statement": p.statement, "goal": p.goal, "stuck": stuck, "steps": [
            {"line": s.line, "move": s.move, "reason": s.reason, "sort": s.sort} for s in p.steps]}
        for p, stuck in zip(session.problems, session.stuck, strict=True)
    ]  # fmt: skip
    written: list[Json] = [
        {"t": time, "deed": m.deed, "text": m.text, "problem": m.problem, "step": m.step, "wrong": m.wrong}
        for time, m in marks
    ]  # fmt: skip
    return {"said": lines, "problems": problems, "marks": written}


WORLD = World(
    name="board",
    domain="education",
    summary="Worked problems written line by line on a board, with told reasons, hard steps, slips that are wiped off.",
    make=make,
    requests=find_requests,
    experts=EXPERTS,
    chooser=KnownBoard,
    seconds=60.0,
    turn=8,
)
