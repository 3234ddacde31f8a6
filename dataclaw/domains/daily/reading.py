"""Reads drafts that may be anything, for the rules: what has not the expected form is passed over, never a crash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import NARRATING
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Finding, Json, Span

SLACK = 0.06
"""Times closer than this are the same [s]; drafts round to hundredths."""


def is_narration(anchor: Anchor) -> bool:
    """Whether somebody told it: a narration or a caption."""
    return anchor.kind == "event" and str(anchor.attrs.get("verb")) in NARRATING


def words_of(anchor: Anchor) -> str:
    """What was told, or what was found."""
    return str(anchor.attrs.get("text") or anchor.content)


def content_of(anchor: Anchor) -> frozenset[str]:
    """Stems of the words that a sentence about something told may use."""
    details = fields_of(anchor.attrs.get("details"))
    words = f"{words_of(anchor)} {details.get('verb', '')} {details.get('noun', '')}"
    return stems(words.replace(":", " ").replace("-", " ")) - SMALL


def hull_of(anchors: Sequence[Anchor], window: Span) -> Span:
    """From the first start to the last end [s], inside the rollout's window; at least one anchor."""
    start, end = min(a.t0 for a in anchors), max(a.t1 for a in anchors)
    return max(start, window[0]), min(end, window[1])


def nothing_to_judge(name: str) -> Finding:
    """That there is nothing to judge."""
    return Finding("", "there is nothing to judge", name, 0.0)


def fields_of(value: Json) -> dict[str, Json]:
    """The object, or an empty one for what is none."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def entries_of(value: Json) -> list[dict[str, Json]]:
    """The objects of an array; what is no array has none."""
    items = cast("list[Json]", value) if isinstance(value, list) else []
    return [cast("dict[str, Json]", item) for item in items if isinstance(item, dict)]


def number_or_none(value: Json) -> float | None:
    """The number, or None for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def citing_objects(value: Json, place: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every object of a draft that cites, with its place."""
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from citing_objects(item, f"{place}/{at}")
    elif isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if "cite" in entries:
            yield place, entries
        for key, item in entries.items():
            yield from citing_objects(item, f"{place}/{key}")


def anchors_of(entries: Mapping[str, Json], case: Case) -> list[Anchor]:
    """The anchors seen among what an object cites."""
    cite = entries.get("cite")
    ids = cast("list[Json]", cite) if isinstance(cite, list) else []
    return [case.anchors[i] for i in ids if isinstance(i, str) and i in case.anchors]
