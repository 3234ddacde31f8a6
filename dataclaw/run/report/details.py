"""What the page knows about one sample or rejection: the record, its lanes of events, its pictures, its transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from dataclaw.agent.steps import SUBMIT, citations
from dataclaw.run.report.records import (
    AnchorRecord,
    ClipRecord,
    PictureRecord,
    RejectionRecord,
    SampleRecord,
    TraceRecord,
    TurnRecord,
)
from dataclaw.run.report.timeline import lanes
from dataclaw.types import Json

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
    return {"file": f"traces/{key}.json", "attempts": [[_turn(turn) for turn in turns] for turns in attempts]}


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
