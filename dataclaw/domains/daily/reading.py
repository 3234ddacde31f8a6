"""Reads drafts for the rules: a draft may be any JSON, and what has another form than expected counts as absent."""

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
    """Whether an anchor is a narration, a caption or a message."""
    return anchor.kind == "event" and str(anchor.attrs.get("verb")) in NARRATING


def words_of(anchor: Anchor) -> str:
    """The words of a narration, or what a tool found."""
    return str(anchor.attrs.get("text") or anchor.content)


def content_of(anchor: Anchor) -> frozenset[str]:
    """Stems of the words that a sentence about a narration may use."""
    details = fields_of(anchor.attrs.get("details"))
    words = f"{words_of(anchor)} {details.get('verb', '')} {details.get('noun', '')}"
    return stems(words.replace(":", " ").replace("-", " ")) - SMALL


def hull_of(anchors: Sequence[Anchor], window: Span) -> Span:
    """From the first start to the last end [s], inside the rollout's window; at least one anchor."""
    start, end = min(a.t0 for a in anchors), max(a.t1 for a in anchors)
    return max(start, window[0]), min(end, window[1])


def nothing_to_judge(name: str) -> Finding:
    """The finding of a draft that has nothing to judge."""
    return Finding("", "there is nothing to judge", name, 0.0)


def fields_of(value: Json) -> dict[str, Json]:
    """The fields of an object, none for anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def entries_of(value: Json) -> list[dict[str, Json]]:
    """The objects of an array, none for anything else."""
    items = cast("list[Json]", value) if isinstance(value, list) else []
    return [cast("dict[str, Json]", item) for item in items if isinstance(item, dict)]


def number_or_none(value: Json) -> float | None:
    """A number, None for anything else."""
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
    """The anchors that an object cites, those that were seen."""
    cite = entries.get("cite")
    ids = cast("list[Json]", cite) if isinstance(cite, list) else []
    return [case.anchors[i] for i in ids if isinstance(i, str) and i in case.anchors]
