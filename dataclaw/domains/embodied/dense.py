"""The dense action trajectory: every segment with its times, its motion and the recorded state at both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from dataclaw.domains.embodied.scene import Scene, Segment, survey, whole_clip
from dataclaw.domains.embodied.subtasks import left_out, measured
from dataclaw.domains.embodied.wording import DO, doing, sentence, task_of, when
from dataclaw.planning import Asking, ask, capitalise, decapitalise, decline, statement, submit
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
    states = yield from states_of(scene, kept)
    instruction = scene.instruction(kept[0].span[0])
    told = [] if instruction is None else [instruction.id]
    ids = [s.id for s in kept]
    chinese = scene.wish.chinese
    goal = task_of(instruction, chinese=chinese)
    cot: list[Json] = []
    if instruction is not None and instruction.t0 <= kept[0].span[0]:
        cot.append(statement(goal.strip(), told))
    first = "第一段:{}。" if chinese else "The first segment: {}."
    cot.append(statement(first.format(doing(kept[0], chinese=chinese)), ids[:1], 480))
    clip = yield from whole_clip(scene, kept)
    yield from submit(
        {
            "cot": cot,
            **clip,
            "segments": [with_states(s, states) for s in kept],
            "question": statement(f"{goal}{_asked(scene, kept)}", [*told, ids[0], ids[-1]]),
            "answer": [statement(_line(k, s, scene), [s.id], 600) for k, s in enumerate(kept, 1)],
            "left_out": left_out(dropped),
        }
    )


def _asked(scene: Scene, kept: Sequence[Segment]) -> str:
    """The request: all of the trajectory, or the part of it that the intent wants."""
    wish, chinese = scene.wish, scene.wish.chinese
    what = "动作轨迹" if chinese else "the action trajectory"
    if wish.only:
        phases = [phase for phase in DO if phase in wish.only]
        what = f"{what}中的这些阶段:{'、'.join(phases)}" if chinese else f"the {' and '.join(phases)} in {what}"
    if wish.count and wish.count >= len(kept):
        what = "动作轨迹中最长的几段" if chinese else "the longest segments of the action trajectory"
    if wish.span != scene.brief.window:
        span = when(scene, kept[0].span[0], kept[-1].span[1])
        what += f"({span})" if chinese else f", {span}"
    return f"请按顺序列出{what}。" if chinese else f"List {what}, in order."


def _line(number: int, segment: Segment, scene: Scene) -> str:
    span, told = when(scene, *segment.span), sentence(segment, chinese=scene.wish.chinese)
    if scene.wish.chinese:
        return f"{number}. {span}:{told}"
    return f"{number}. {capitalise(span)}: {decapitalise(told)}"


def states_of(scene: Scene, kept: Sequence[Segment]) -> Asking[list[Anchor]]:
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


def with_states(segment: Segment, states: Sequence[Anchor]) -> dict[str, Json]:
    """A segment as the schema has it, with the recorded rows nearest to its ends."""
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
