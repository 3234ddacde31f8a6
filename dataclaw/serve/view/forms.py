"""What a draft's form needs to know of each field: whether a number is a time or a frame, and what may be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from dataclaw.schema import join
from dataclaw.schema.walk import item_schema, views
from dataclaw.types import Json

MAX_CHOICES = 60


def hints(draft: Json, schema: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    """By JSON pointer of a field, what its schema says of it.

    Returns:
        `ref` ("time" or "frame"), `choices` (the values of an enumeration), `number` ("integer" or "number"), each only
        where the schema says it; fields of which it says none of these are not named.
    """
    return {place: hint for place, hint in _walk(draft, "", schema, schema) if hint}


def _walk(value: Json, place: str, node: Json, root: Mapping[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    known = views(node, root)
    yield place, _hint(known)
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Json]", value).items():
            if key == "cite":
                continue
            for view in known:
                sub = cast("dict[str, Json]", view.get("properties", {})).get(key)
                if sub is not None:
                    yield from _walk(inner, join(place, key), sub, root)
                    break
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Json]", value)):
            sub = next((found for view in known if (found := item_schema(view, index)) is not None), None)
            if sub is not None:
                yield from _walk(inner, join(place, index), sub, root)


def _hint(known: list[dict[str, Json]]) -> dict[str, Json]:
    hint: dict[str, Json] = {}
    for view in known:
        if view.get("x-ref") in ("time", "frame"):
            hint["ref"] = view["x-ref"]
        choices = cast("list[Json]", view.get("enum", []))
        if 0 < len(choices) <= MAX_CHOICES and all(isinstance(choice, str) for choice in choices):
            hint["choices"] = choices
        if view.get("type") in ("integer", "number"):
            hint["number"] = view["type"]
    return hint
