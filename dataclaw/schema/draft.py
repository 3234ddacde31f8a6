"""Reading a draft, which may hold anything: its fields, the objects that cite, and what their citations prove.

For rules, for plans, and for whoever lifts the evidence out of a draft. A value without the expected form counts
as absent, so that no rule raises on a junk draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

from dataclaw.schema.pointer import join
from dataclaw.types import Json

CITE = "cite"
LARGEST = 1e12
"""Numbers of at least this size are junk, and would overflow what is computed with them."""

D = TypeVar("D")


def fields_of(value: Json) -> dict[str, Json]:
    """The fields of an object; {} for anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def objects_of(value: Json, key: str = "") -> list[dict[str, Json]]:
    """The items of an array, or of the array in an object's field `key`, as `fields_of` gives each; else []."""
    value = fields_of(value).get(key) if key else value
    return [fields_of(item) for item in cast("list[Json]", value)] if isinstance(value, list) else []


def number_of(value: Json, missing: D = None) -> float | D:
    """A number below 1e12 in size as a float; `missing` for anything else, true and false included."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
    return float(cast("float", value)) if good else missing


def integer_of(value: Json) -> int | None:
    """An integer; None for anything else, true and false included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def cited_ids(value: Json) -> list[str]:
    """The anchor ids in an object's own `cite`, as written; [] where it cites nothing."""
    ids = fields_of(value).get(CITE)
    return [name for name in cast("list[Json]", ids) if isinstance(name, str)] if isinstance(ids, list) else []


def citing_objects(value: Json, pointer: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """`(JSON pointer, object)` of every object that has a `cite`, in the order written; outer before inner ones.

    Args:
        value: a draft, or a part of one.
        pointer: where the part stands in its draft.
    """
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Json]", value)):
            yield from citing_objects(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        if CITE in fields:
            yield pointer, fields
        for key, item in fields.items():
            if key != CITE:
                yield from citing_objects(item, join(pointer, key))


def citations(value: Json) -> list[str]:
    """Every anchor id that is cited at and below a value, in the order written, each once."""
    return list(dict.fromkeys(name for _, fields in citing_objects(value) for name in cited_ids(fields)))


def evidence_of(value: Json, pointer: str = "") -> Iterator[tuple[str, list[str]]]:
    """`(JSON pointer, anchor ids)` of every field that a `cite` beside it proves.

    A `cite` proves the fields of its own object; an inner object with evidence of its own brings that instead.
    """
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Json]", value)):
            yield from evidence_of(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        cite = cast("list[str]", fields_of(value).get(CITE) or [])
        for key, inner in cast("dict[str, Json]", value).items():
            if key == CITE:
                continue
            deeper = list(evidence_of(inner, join(pointer, key)))
            if deeper:
                yield from deeper
            elif cite and inner not in (None, "", []):
                yield join(pointer, key), list(cite)


def without_citations(value: Json) -> Json:
    """A copy of a value without any `cite`: what a sample is trained on."""
    if isinstance(value, list):
        return [without_citations(item) for item in cast("list[Json]", value)]
    if isinstance(value, dict):
        return {k: without_citations(v) for k, v in cast("dict[str, Json]", value).items() if k != CITE}
    return value
