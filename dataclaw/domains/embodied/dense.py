"""The dense action trajectory: every segment with its times, its motion and the recorded state at both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from dataclaw.domains.embodied.scene import Scene, Segment, survey, whole_clip
from dataclaw.domains.embodied.subtasks import left_out, measured
from dataclaw.domains.embodied.wording import sentence, task_of, when
from dataclaw.planning import Asking, ask, decline, said, submit
from dataclaw.types import Anchor, Brief, Json

COLUMNS = 6
"""Most values of a state that are repeated: those that change most over the episode."""


def list_actions(brief: Brief) -> Asking[None]:
    """Plan of `action_trajectory`."""
    scene = yield from survey(brief)
    if not scene.numbers:
        raise decline(f"there is no trajectory to list: {scene.without}", "Choose describe_subtask.")
    kept, dropped = scene.wanted()
    if scene.wish.count and scene.wish.count < len(kept):
        longest = sorted(kept, key=lambda s: s.span[0] - s.span[1])[: scene.wish.count]
        dropped |= {s.id: "minor" for s in kept if s not in longest}
        kept = [s for s in kept if s in longest]
    states = yield from _states(scene, kept)
    instruction = scene.instruction(kept[0].span[0])
    told = [] if instruction is None else [instruction.id]
    ids = [s.id for s in kept]
    asked = "请列出完整的动作轨迹。" if scene.wish.chinese else "List the whole action trajectory."
    cot: list[Json] = []
    if instruction is not None and instruction.t0 <= kept[0].span[0]:
        cot.append(said(task_of(instruction).strip(), told))
    cot.append(said(f"The segments {when(scene, kept[0].span[0], kept[-1].span[1])}, in order.", [ids[0], ids[-1]]))
    first, last = (sentence(s) for s in (kept[0], kept[-1]))
    answer = f"First: {first} Last: {last}" if len(kept) > 1 else first
    clip = yield from whole_clip(scene, kept)
    yield from submit(
        {
            "cot": cot,
            **clip,
            "segments": [_with_states(s, states) for s in kept],
            "question": said(f"{task_of(instruction)}{asked}", [*told, *ids[:1]]),
            "answer": said(answer, [kept[0].id, kept[-1].id]),
            "left_out": left_out(dropped),
        }
    )


def _states(scene: Scene, kept: Sequence[Segment]) -> Asking[list[Anchor]]:
    """The recorded rows nearest to the ends of the segments, of the columns that change most."""
    moments = sorted({t for s in kept for t in s.span})
    found: list[Anchor] = []
    columns: list[str] = []
    for start in range(0, len(moments), 40):
        seen = yield from ask(
            "inspect_state",
            series=scene.series,
            columns=columns or list(scene.columns)[:64],
            at=moments[start : start + 40],
        )
        if not seen.ok:
            return []
        if not columns:
            columns = _changing(seen.anchors, scene.columns)
            seen = yield from ask("inspect_state", series=scene.series, columns=columns, at=moments[start : start + 40])
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


def _with_states(segment: Segment, states: Sequence[Anchor]) -> dict[str, Json]:
    found = measured(segment)
    for key, moment in (("from_state", segment.span[0]), ("to_state", segment.span[1])):
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
