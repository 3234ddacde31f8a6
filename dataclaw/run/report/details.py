"""What the page knows about one sample or rejection: the record, its lanes of events, its pictures, its transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from dataclaw.agent.steps import SUBMIT, citations
from dataclaw.run.report.records import (
    AnchorRecord,
    ClipRecord,
    DroppedRecord,
    PictureRecord,
    RejectionRecord,
    SampleRecord,
    TraceRecord,
    TurnRecord,
)
from dataclaw.types import Json, Span

M = TypeVar("M", PictureRecord, ClipRecord, PictureRecord | ClipRecord)
TURN_CHARS = 20_000
"""Longest text of one turn in the page [characters]; the file has all of it."""


def of_sample(sample: SampleRecord, trace: TraceRecord | None) -> dict[str, Json]:
    """A sample as the page draws it; pictures are added later."""
    events = {name: a for name, a in trace.anchors.items() if a.kind == "event"} if trace else {}
    windows = {name: a for name, a in trace.anchors.items() if a.kind == "window"} if trace else {}
    known = {**windows, **events, **sample.anchors}
    cited = {name for pointer, names in sample.evidence.items() if _in_answer(pointer) for name in names}
    record = sample.model_dump(mode="json", exclude={"anchors"})
    return record | {
        "kind": "sample",
        "cited": sorted(cited),
        "anchors": _anchors({**events, **sample.anchors}),
        "lanes": lanes(known, cited, sample.left_out.named, sample.stream.window),
        "pictures": {},
        "clips": [],
    }


def of_rejection(rejection: RejectionRecord, trace: TraceRecord | None) -> dict[str, Json]:
    """A rejection as the page draws it: its best draft, if there was one, with the citations still inside."""
    seen: Mapping[str, AnchorRecord] = trace.anchors if trace else {}
    cited = set(citations(rejection.draft))
    known = {name: a for name, a in seen.items() if a.kind in ("event", "window") or name in cited}
    record = rejection.model_dump(mode="json")
    return record | {
        "kind": "rejected",
        "cited": sorted(cited & set(known)),
        "anchors": _anchors({name: a for name, a in known.items() if a.kind != "window" or name in cited}),
        "lanes": lanes(known, cited, (), rejection.stream.window) if known else [],
        "pictures": {},
    }


def transcript(key: str, trace: TraceRecord) -> dict[str, Json]:
    """The attempts of a rollout, each a list of turns."""
    attempts = [*trace.past, trace.turns]
    told = [[_turn(turn) for turn in turns] for turns in attempts]
    return {"file": f"traces/{key}.json", "attempts": told, "usage": trace.usage.model_dump(exclude_defaults=True)}


def picture_key(picture: PictureRecord) -> str:
    """How the page looks a frame up: `<part>:<frame>`."""
    return f"{picture.part}:{picture.frame}"


def in_turns(groups: Sequence[Sequence[M]]) -> list[tuple[int, M]]:
    """The groups' items, first the first of each, then the second of each...; so that room is shared fairly."""
    ranked = [(rank, i, row) for i, rows in enumerate(groups) for rank, row in enumerate(rows)]
    return [(i, row) for _, i, row in sorted(ranked, key=lambda item: item[:2])]


def _in_answer(pointer: str) -> bool:
    return not pointer.startswith(("/left_out", "/cot"))


def _anchors(anchors: Mapping[str, AnchorRecord]) -> dict[str, Json]:
    return {name: anchor.model_dump(mode="json", exclude_defaults=True) for name, anchor in anchors.items()}


def _turn(turn: TurnRecord) -> dict[str, Json]:
    text = turn.text if turn.action is None else ""
    if len(text) > TURN_CHARS:
        text = f"{text[:TURN_CHARS]}\n... {len(text) - TURN_CHARS} more characters"
    shown: dict[str, Json] = {"role": turn.role, "text": text, "tokens": turn.tokens, "pictures": len(turn.pictures)}
    if turn.action:
        shown |= {"tool": turn.action.tool, "args": turn.action.args, "submit": turn.action.tool == SUBMIT}
    if turn.observation:
        shown["ok"] = turn.observation.ok
    return shown


MAX_EVENTS = 5000


def lanes(
    anchors: Mapping[str, AnchorRecord], cited: set[str], dropped: Sequence[DroppedRecord], window: Span | None
) -> list[dict[str, Json]]:
    """One lane per part of the stream (one for a stream without parts).

    Args:
        anchors: every anchor that is known, by id.
        cited: ids that the answer cites.
        dropped: what was left out.
        window: `(t0, t1)` of the sample, the extent of the lane of a stream without parts.

    Returns:
        Per lane its `part`, its extent `t0`, `t1` [s, or steps], its `windows` (name, t0, t1) and its `events` in order
        of time (id, t0, t1, use = "cited" | "left_out" | "seen", reason), and how many left-out events are `unplaced`.
    """
    reasons = {row.event: row.reason for row in dropped}
    found: dict[str, list[dict[str, Json]]] = {}
    for name, anchor in anchors.items():
        if anchor.kind == "event":
            use = "cited" if name in cited else "left_out" if name in reasons else "seen"
            tick = {"id": name, "t0": anchor.t0, "t1": max(anchor.t0, anchor.t1), "use": use}
            found.setdefault(anchor.part, []).append(tick | {"reason": reasons.get(name, "")})
    unplaced: dict[str, int] = {}
    for name in reasons:
        if name not in anchors:
            part = name.rpartition(".")[0]
            unplaced[part] = unplaced.get(part, 0) + 1
    parts = sorted({*found, *unplaced, *(a.part for a in anchors.values())}) or [""]
    if len(parts) > 1 and "" in parts and not found.get(""):
        parts.remove("")  # facts about the whole set of fragments are in no fragment's time
    return [_lane(part, found.get(part, []), unplaced.get(part, 0), anchors, window) for part in parts]


def _lane(
    part: str,
    ticks: list[dict[str, Json]],
    unplaced: int,
    anchors: Mapping[str, AnchorRecord],
    window: Span | None,
) -> dict[str, Json]:
    own = [anchor for anchor in anchors.values() if anchor.part == part]
    start, end = window if window and not part else (0.0, 0.0)
    start = min([start, *(a.t0 for a in own)])
    end = max([start, end, *(max(a.t0, a.t1) for a in own)])
    windows = [{"name": a.content, "t0": a.t0, "t1": a.t1} for a in own if a.kind == "window"]
    return {
        "part": part,
        "t0": start,
        "t1": end,
        "windows": sorted(windows, key=lambda w: w["t0"])[:200],
        "events": sorted(ticks, key=lambda tick: tick["t0"])[:MAX_EVENTS],
        "unplaced": unplaced,
    }
