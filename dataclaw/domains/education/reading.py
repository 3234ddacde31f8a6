"""Reads drafts for the rules: a draft may be any JSON, and what has another form than expected counts as absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.domains.education.lessons import text_of
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Json


def words_by(anchor: Anchor) -> str:
    """Every text of an anchor."""
    return " . ".join([text_of(anchor), *texts_in(anchor.attrs), anchor.content])


def texts_in(value: Json) -> Iterator[str]:
    """Every text at and below a value, without those of `cite`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Json]", value).items():
            if key != "cite":
                yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Json]", value):
            yield from texts_in(item)


def cited_at(case: Case, place: str) -> list[Anchor]:
    """The anchors that the nearest object around a place cites."""
    parts = place.split("/")[1:]
    objects: list[Json] = [case.draft]
    for part in parts[:-1]:
        inner = objects[-1]
        objects.append(inner[int(part)] if isinstance(inner, list) else cast("dict[str, Json]", inner)[part])
    for value in reversed(objects):
        if isinstance(value, dict) and "cite" in value:
            return anchors_of(case, cast("dict[str, Json]", value)["cite"])
    return []


def kept_anchors(case: Case) -> Iterator[tuple[str, Anchor]]:
    """Every anchor cited outside `cot` and `left_out`, with its place."""
    for key, value in fields_of(case.draft).items():
        if key not in {"cot", "left_out"}:
            yield from citations_in(value, f"/{key}", case)


def citing_objects(value: Json, place: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every object at and below a value that cites, with its place."""
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from citing_objects(item, f"{place}/{at}")
    elif isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if "cite" in entries:
            yield place, entries
        for key, item in entries.items():
            yield from citing_objects(item, f"{place}/{key}")


def citations_in(value: Json, place: str, case: Case) -> Iterator[tuple[str, Anchor]]:
    """Every seen anchor cited at and below a value, with its place."""
    for inner, entries in citing_objects(value, place):
        yield from ((f"{inner}/cite", anchor) for anchor in anchors_of(case, entries["cite"]))


def anchors_of(case: Case, cite: Json) -> list[Anchor]:
    """The seen anchors among the ids of a `cite`."""
    ids = cast("list[Json]", cite) if isinstance(cite, list) else []
    return [case.anchors[name] for name in ids if isinstance(name, str) and name in case.anchors]


def fields_of(value: Json) -> dict[str, Json]:
    """The fields of an object, none of anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def objects_in(value: Json, key: str) -> list[dict[str, Json]]:
    """The objects of an array of an object."""
    items = fields_of(value).get(key)
    found = cast("list[Json]", items) if isinstance(items, list) else []
    return [cast("dict[str, Json]", item) for item in found if isinstance(item, dict)]


def text_or_empty(value: Json) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def number_of(value: Json) -> float:
    """A number, NaN for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def time_of(case: Case, frame: Json) -> float:
    """Time of a frame [s], NaN when there is no such frame."""
    known = isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < len(case.frame_times)
    return float(case.frame_times[frame]) if known else float("nan")
