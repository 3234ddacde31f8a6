"""Which texts of a draft are free: worded by whoever writes it, and not copied from what they cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from dataclaw.schema.narrow import property_schema
from dataclaw.schema.pointer import join
from dataclaw.schema.walk import item_schema, views
from dataclaw.types import Json

COPIED = frozenset({"enum", "const", "pattern", "format", "x-ref", "x-support"})
"""Keywords of a text that is taken from somewhere, or has a form of its own."""
WORDED = 60
"""Shortest of the longest lengths of a text in which something can be worded [characters]."""
CHOSEN = frozenset({"enum", "const", "format", "x-ref"})
"""Keywords of a text that can only be chosen: any other one is written by somebody."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """What may stand at a place.

    Attributes:
        longest: most characters, 0 where the schema sets no limit.
        about: what the schema says about it.
    """

    longest: int
    about: str


def free_texts(draft: Json, schema: Mapping[str, Json]) -> dict[str, FreeText]:
    """The free texts of a draft, by their pointers, in the order of the draft."""
    texts = _texts(draft, schema, schema, "", COPIED)
    return {place: text for place, text in texts if text.longest >= WORDED}


def written_texts(draft: Json, schema: Mapping[str, Json]) -> dict[str, FreeText]:
    """The texts of a draft that are not chosen from a list, by their pointers: free ones, names, numbers in words."""
    return dict(_texts(draft, schema, schema, "", CHOSEN))


def _texts(
    value: Json, node: Json, root: Mapping[str, Json], place: str, barred: frozenset[str]
) -> Iterator[tuple[str, FreeText]]:
    seen = views(node, root)
    if isinstance(value, str):
        longest = min((int(view["maxLength"]) for view in seen if "maxLength" in view), default=0)
        if not any(barred & view.keys() for view in seen):
            about = next((str(view["description"]) for view in seen if "description" in view), "")
            yield place, FreeText(longest, about)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Json]", value).items():
            if key != "cite":
                yield from _texts(item, property_schema(key, seen), root, join(place, key), barred)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Json]", value)):
            inner = next((s for view in seen if (s := item_schema(view, index)) is not None), None)
            yield from _texts(item, inner, root, join(place, index), barred)


def with_texts(draft: Json, texts: Mapping[str, str]) -> Json:
    """A copy of a draft with other texts at some pointers."""
    return _with_texts(draft, texts, "")


def _with_texts(value: Json, texts: Mapping[str, str], place: str) -> Json:
    if isinstance(value, dict):
        return {key: _with_texts(item, texts, join(place, key)) for key, item in cast("dict[str, Json]", value).items()}
    if isinstance(value, list):
        return [_with_texts(item, texts, join(place, at)) for at, item in enumerate(cast("list[Json]", value))]
    return texts.get(place, value) if isinstance(value, str) else value
