"""The world `chores`: household procedures woven into each other, narrated as people narrate, half of them filmed.

The truth says which narration belongs to which procedure and step, what is a repeat, a slip, an interruption or a
remark, what was misheard, and what each doing is for.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.domains.daily.context import question_context
from dataclaw.domains.daily.temporal import question_time
from dataclaw.domains.daily.tutorial import teach
from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.daily.chores_requests import find_requests
from dataclaw_worlds.daily.known import experts_of, know
from dataclaw_worlds.daily.narrators import STYLES, Narration, epic_rows, narrate
from dataclaw_worlds.daily.procedures import Procedure, draw_procedures, sources_of
from dataclaw_worlds.daily.script import BREAK, REMARK, USEFUL, Happening, script_happenings
from dataclaw_worlds.words import words

PROCEDURES = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3}
"""How many are done at once, by difficulty."""
FILMED = 0.7
"""Share of scenes that have a video."""
PEOPLE = words("daily/vocabulary.toml").phrases("people")
"""Who may be named."""
GOALS = ("use kitchen", "household work", "cook", "do chores", "busy at home")
"""Vague goals."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the table: a narration, or the heading of a step (`happening` None)."""

    t0: float
    t1: float
    text: str
    level: int
    flag: str
    happening: int | None
    procedure: int = -1
    part: int = -1
    parent: int | None = None


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Write a table of narrations, with a video beside it or without one."""
    rng = spec.rng("scene")
    style = rng.choice(STYLES)
    procedures = draw_procedures(spec, PROCEDURES[spec.difficulty], spec.rng("procedures"))
    people = rng.sample(spec.pool(PEOPLE, "person"), 2)
    count = 2 if style == "named" and len(procedures) > 1 else 1
    row, patterns = script_happenings(spec, procedures, count)
    lines = narrate(spec, style, row, people)
    end = round(max(one.t1 for one in row) + 1.5, 2)
    goal = _goal(procedures, style, rng.random())
    entries = _entries(row, lines, procedures, style, spec)
    if spec.rng("film?").random() < FILMED:
        from dataclaw_worlds.daily.film import film_work

        film_work(spec, row, end, folder / f"{spec.name}.mp4")
    stream = _write(folder, spec.name, style, row, lines, entries, goal, end)
    sources = {**sources_of(procedures), "disturbance": sorted(set(patterns)), "person": people[:count]}
    facts: dict[str, Json] = {
        "style": style,
        "goal": goal,
        "end": end,
        "people": people[:count] if style == "named" else [],
        "procedures": [_fact(p, k % count) for k, p in enumerate(procedures)],
        "rows": [_row(k, entry, row, lines) for k, entry in enumerate(entries)],
    }
    return Scene(spec, folder, stream, sources, facts)


def _goal(procedures: Sequence[Procedure], style: str, dice: float) -> str:
    """The goal that the table names: the main one, a vague one, or ""."""
    if style != "steps" or dice < 0.25:
        return ""
    return procedures[0].goal if dice < 0.5 else GOALS[int(dice * 1000) % len(GOALS)]


def _fact(procedure: Procedure, person: int) -> dict[str, Json]:
    return {
        "goal": procedure.goal,
        "short": procedure.short,
        "kind": procedure.kind,
        "others": list(procedure.others),
        "person": person,
        "parts": [part.name for part in procedure.parts],
    }


def _row(index: int, entry: _Entry, row: Sequence[Happening], lines: Sequence[Narration]) -> dict[str, Json]:
    """The truth about an event of the stream."""
    base: dict[str, Json] = {
        "id": f"e{index}", "t0": entry.t0, "t1": entry.t1, "text": entry.text, "level": entry.level,
        "procedure": entry.procedure, "part": entry.part,
    }  # fmt: skip
    if entry.happening is None:
        return base | {"role": "heading", "order": entry.text, "doing": -1, "purpose": "", "heard": None, "person": 0,
                       "place": ""}  # fmt: skip
    one, line = row[entry.happening], lines[entry.happening]
    return base | {
        "role": one.role, "order": one.order, "doing": one.doing, "purpose": one.purpose if line.purpose else "",
        "heard": list(line.heard) if line.heard else None, "person": one.person, "place": one.place,
    }  # fmt: skip


def _entries(
    row: Sequence[Happening], lines: Sequence[Narration], procedures: Sequence[Procedure], style: str, spec: SceneSpec
) -> list[_Entry]:
    """The rows of the table in the order in which they are read: by start, longer ones first."""
    rng = spec.rng("entries")
    flags = [_flag(one, rng) if style == "steps" else "" for one in row]
    flat = [
        _Entry(one.t0, one.t1, line.text, 1 if style == "steps" else 0, flag, k, one.procedure, one.part)
        for k, (one, line, flag) in enumerate(zip(row, lines, flags, strict=True))
    ]
    if style != "steps":
        return flat
    made: list[_Entry] = []
    for run in _runs(row):
        inner = [flat[k] for k in run]
        if len(run) > 1 and row[run[0]].role in USEFUL:
            first = row[run[0]]
            name = procedures[first.procedure].parts[first.part].name
            start, end = round(max(0.0, first.t0 - 0.1), 2), max(one.t1 for one in inner)
            heading = _Entry(start, end, name, 1, inner[0].flag, None, first.procedure, first.part)
            made.append(heading)
            inner = [
                _Entry(e.t0, e.t1, e.text, 2, e.flag, e.happening, e.procedure, e.part, len(made) - 1) for e in inner
            ]
        made += inner
    return made


def _runs(row: Sequence[Happening]) -> list[list[int]]:
    """Happenings in a row that belong to one step."""
    runs: list[list[int]] = []
    for k, one in enumerate(row):
        last = row[runs[-1][-1]] if runs else None
        if last is not None and one.part >= 0 and (last.procedure, last.part) == (one.procedure, one.part):
            runs[-1].append(k)
        else:
            runs.append([k])
    return runs


def _flag(one: Happening, rng: object) -> str:
    """An annotator's flag of how useful it is; often ""."""
    assert hasattr(rng, "random")
    dice = float(rng.random())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    if one.role in {BREAK, REMARK}:
        return "irrelevant" if dice < 0.5 else "essential" if dice < 0.6 else ""
    return "essential" if dice < 0.75 else "optional" if dice < 0.85 else ""


def _write(
    folder: Path,
    name: str,
    style: str,
    row: Sequence[Happening],
    lines: Sequence[Narration],
    entries: Sequence[_Entry],
    goal: str,
    end: float,
) -> str:
    if style == "steps":
        return _write_steps(folder, name, entries, goal, end)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = epic_rows(name, row, lines)
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    info = f"video_id,duration,fps,resolution\n{name},{end},4.0,192x144\n"
    (folder / "EPIC_100_video_info.csv").write_text(info, encoding="utf-8")
    return f"{name}.csv"


def _write_steps(folder: Path, name: str, entries: Sequence[_Entry], goal: str, end: float) -> str:
    tops: list[dict[str, Json]] = []
    made: dict[int, dict[str, Json]] = {}
    for k, entry in enumerate(entries):
        made[k] = {
            "start_time": entry.t0, "end_time": entry.t1, "step_category": "", "step_description": entry.text,
            "is_continued": False, "is_procedural": True, "is_relevant": entry.flag, "summary": [], "segments": [],
        }  # fmt: skip
        inside: list[Json] = tops if entry.parent is None else made[entry.parent]["segments"]  # pyright: ignore[reportAssignmentType]
        inside.append(made[k])
    video: dict[str, Json] = {
        "video_uid": name, "start_time": 0.0, "end_time": end, "goal_category": "", "goal_description": goal,
        "summary": [], "segments": tops,
    }  # fmt: skip
    document = json.dumps({"version": "1", "videos": [video]}, indent=1)
    (folder / f"{name}.json").write_text(document, encoding="utf-8")
    return f"{name}.json"


WORLD = World(
    name="chores",
    domain="daily",
    summary="Household procedures woven into each other and narrated as people do, filmed by MiniWorld.",
    make=make,
    requests=find_requests,
    experts=experts_of(know, procedural_tutorial=teach, contextual_qa=question_context, temporal_qa=question_time),
    chooser=know,
    seconds=120.0,
    turn=7,
)
