"""The dense action trajectory: every segment with its times, its motion and the recorded state at both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from dataclaw.domains.embodied.episode import ObservedEpisode, Segment, check_substance, survey, whole_clip
from dataclaw.domains.embodied.subtasks import left_out, segment_fields
from dataclaw.domains.embodied.wording import PHASE_NAMES, Wording, wording_of
from dataclaw.planning import Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json

COLUMNS = 6
"""Most values of a state that are repeated: those that change most over the episode."""


def list_actions(brief: Brief) -> Asking[None]:
    """Plan of `action_trajectory`."""
    episode = yield from survey(brief)
    if not episode.numbers:
        raise decline(f"there is no trajectory to list: {episode.without}", "Choose describe_subtask.")
    check_substance(episode)
    kept, dropped = episode.select_segments()
    if episode.intent.count and episode.intent.count < len(kept):
        longest = sorted(kept, key=lambda s: s.span[0] - s.span[1])[: episode.intent.count]
        dropped |= {s.id: "minor" for s in kept if s not in longest}
        kept = [s for s in kept if s in longest]
    states = yield from states_of(episode, kept)
    instruction = episode.instruction(kept[0].span[0])
    words, ids = wording_of(episode), [segment.id for segment in kept]
    goal, told = words.task(instruction), [] if instruction is None else [instruction.id]
    first = statement(words.phrase("first_segment", words.clause(kept[0])), ids[:1], 480)
    clip = yield from whole_clip(episode, kept)
    yield from submit(
        {
            "cot": [*words.task_thought(instruction, kept[0].span[0]), first],
            **clip,
            "segments": [with_states(s, states) for s in kept],
            "question": statement(f"{goal}{_request_text(episode, kept)}", [*told, ids[0], ids[-1]]),
            "answer": [statement(words.line(k, s), [s.id], 600) for k, s in enumerate(kept, 1)],
            "left_out": left_out(dropped),
        }
    )


def _request_text(episode: ObservedEpisode, kept: Sequence[Segment]) -> str:
    """The request: all of the trajectory, or the part of it that the intent wants."""
    intent, words = episode.intent, wording_of(episode)
    what = words.phrase("trajectory")
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


def states_of(episode: ObservedEpisode, kept: Sequence[Segment]) -> Asking[list[Anchor]]:
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


def with_states(segment: Segment, states: Sequence[Anchor]) -> dict[str, Json]:
    """A segment as the schema has it, with the recorded rows nearest to its ends."""
    found = segment_fields(segment)
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
