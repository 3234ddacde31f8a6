"""The dense action trajectory: every segment with its times, its motion and the recorded state at both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from dataclaw.domains.embodied.episode import (
    HARDLY,
    ObservedEpisode,
    Segment,
    check_substance,
    main_of,
    whole_clip,
)
from dataclaw.domains.embodied.goals import ToldOfEpisode
from dataclaw.domains.embodied.subtasks import divide, keep_subtasks, left_out, longest, subtask_fields
from dataclaw.domains.embodied.wording import PHASE_NAMES, Wording, observe
from dataclaw.planning import CITES, Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json

BRIEF = 1.0
"""A shorter rest is no row of its own [s, or steps]."""
TOUCHING = 1e-3
"""Segments touch when so little time lies between them [s]."""
COLUMNS = 6
"""Most values of a state that are repeated: those that change most over the episode."""


def list_actions(brief: Brief, told: ToldOfEpisode | None = None) -> Asking[None]:
    """Plan of `action_trajectory`."""
    episode, words = yield from observe(brief, told)
    if not episode.numbers:
        raise decline(f"there is no trajectory to list: {episode.without}", "Choose describe_subtask.")
    check_substance(episode)
    kept, dropped = yield from episode.select_segments()
    rows = yield from divide(kept, _rows(kept) if episode.robot else [[segment] for segment in kept])
    rows = [row[k : k + CITES] for row in rows for k in range(0, len(row), CITES)]
    most = episode.intent.count
    if most and most < len(rows):
        rows, _ = yield from keep_subtasks(rows, longest(rows, most), most)
        dropped |= {s.id: "minor" for s in kept if not any(s in row for row in rows)}
        kept = [s for row in rows for s in row]
    if not rows:
        raise decline("none of the segments is wanted", "Ask for all of them.")
    states = yield from _states_of(episode, kept)
    instruction = episode.instruction(kept[0].span[0])
    cited = [] if instruction is None else [instruction.id]
    first = statement(words.phrase("first_segment", words.clause(main_of(rows[0]))), [main_of(rows[0]).id], 480)
    clip = yield from whole_clip(episode, kept)
    question = f"{words.task(instruction)}{_request_text(episode, words, kept)}"
    yield from submit(
        {
            "cot": [*words.task_thought(instruction, kept[0].span[0]), first],
            **clip,
            "segments": [_with_states(row, states) for row in rows],
            "question": statement(question, [*cited, kept[0].id, kept[-1].id]),
            "answer": [_line(words, number, row) for number, row in enumerate(rows, 1)],
            "left_out": left_out(dropped),
        }
    )


def _rows(kept: Sequence[Segment]) -> list[list[Segment]]:
    """Segments as rows of a list: a short rest belongs to what was done before it, the first one to what follows."""
    rows: list[list[Segment]] = []
    for segment in kept:
        joins = bool(rows) and abs(rows[-1][-1].span[1] - segment.span[0]) < TOUCHING
        if joins and (_is_brief(segment) or all(map(_is_brief, rows[-1]))):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return rows


def _is_brief(segment: Segment) -> bool:
    return segment.rests and segment.span[1] - segment.span[0] < BRIEF and float(segment.anchor.attrs["moved"]) < HARDLY


def _line(words: Wording, number: int, row: Sequence[Segment]) -> Json:
    span = (row[0].span[0], row[-1].span[1])
    return statement(words.line(number, main_of(row), span), [segment.id for segment in row], 600)


def _request_text(episode: ObservedEpisode, words: Wording, kept: Sequence[Segment]) -> str:
    """The request: all of the trajectory, or the part of it that the intent wants."""
    intent = episode.intent
    what = words.phrase("trajectory") + words.scope
    if intent.only:
        phases = words.phrase("phase_list").join(phase for phase in PHASE_NAMES if phase in intent.only)
        what = words.phrase("phases_of", phases, what)
    if intent.count and intent.count >= len(kept):
        what = words.phrase("longest")
    if intent.span != episode.brief.window:
        what = words.phrase("between", what, words.span(kept[0].span[0], kept[-1].span[1]))
    return words.phrase("ask_list", what) + _frame_of_reference(words, kept)


def _frame_of_reference(words: Wording, kept: Sequence[Segment]) -> str:
    """What directions and distances refer to, where they are told."""
    if not any(s.anchor.attrs["direction"] for s in kept):
        return ""
    if not kept[0].anchor.attrs["unit"]:
        return words.phrase("no_scale")
    return words.phrase("base") if words.robot else ""


def _states_of(episode: ObservedEpisode, kept: Sequence[Segment]) -> Asking[list[Anchor]]:
    """The recorded rows nearest to the ends of the segments, of the columns that change most."""
    moments = sorted({t for s in kept for t in s.span})
    found: list[Anchor] = []
    columns: list[str] = []
    for start in range(0, len(moments), 40):
        at: list[Json] = [*moments[start : start + 40]]
        asked = columns or list(episode.columns)[:64]
        seen = yield from ask("inspect_state", series=episode.series, columns=asked, at=at)
        if not seen.ok:
            return []
        if not columns:
            columns = _changing(seen.anchors, episode.columns)
            seen = yield from ask("inspect_state", series=episode.series, columns=columns, at=at)
        found += seen.anchors
    return found


def _changing(states: Sequence[Anchor], columns: Sequence[str]) -> list[str]:
    """The columns that change most between the states, in the source's order."""
    rows = [cast("Mapping[str, float | None]", s.attrs["values"]) for s in states]
    ranges = {c: _range([v for row in rows if (v := row.get(c)) is not None]) for c in columns}
    most = sorted(ranges, key=lambda c: -ranges[c])[:COLUMNS]
    return [c for c in columns if c in most]


def _range(values: Sequence[float]) -> float:
    return float(np.ptp(values)) if values else 0.0


def _with_states(row: Sequence[Segment], states: Sequence[Anchor]) -> dict[str, Json]:
    """A row as the schema has it, with the recorded rows nearest to its ends."""
    found = subtask_fields(row)
    found["cite"] = list(dict.fromkeys([*found["cite"], *(s.id for s in row)]))
    for key, moment in (("from_state", row[0].span[0]), ("to_state", row[-1].span[1])):
        nearest = min(states, key=lambda a: (abs(a.t0 - moment), a.t0), default=None)
        if nearest is not None:
            found[key] = _state(nearest)
    return found


def _state(anchor: Anchor) -> dict[str, Json]:
    values = cast("Mapping[str, float | None]", anchor.attrs["values"])
    units = cast("Mapping[str, str]", anchor.attrs["units"])
    return {
        "cite": [anchor.id],
        "time": round(anchor.t0, 3),
        "values": [
            {"column": c, "value": v, "unit": units[c] or "unknown"} for c, v in values.items() if v is not None
        ],
    }
