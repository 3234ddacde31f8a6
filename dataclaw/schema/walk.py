"""Walking JSON Schema 2020-12: its subschemas, its references inside the document, and what is derived from it.

Schemas are treated as immutable once loaded or narrowed; everything derived is remembered by identity.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar, cast

from dataclaw.schema.pointer import get
from dataclaw.types import Json

MAPS = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
LISTS = frozenset({"prefixItems", "anyOf", "oneOf", "allOf"})
SINGLES = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
BRANCHES = ("allOf", "anyOf", "oneOf")

S = TypeVar("S")
T = TypeVar("T")


class Derived(Generic[S, T]):
    """Memo of something derived from a schema, by the schema's identity; the oldest of `size` entries goes first.

    Identity instead of content: hashing a schema costs more than the validation it would save. The memo holds the
    schema, so that its identity cannot be given to another object meanwhile.
    """

    def __init__(self, derive: Callable[[S], T], size: int = 64) -> None:
        self._derive = derive
        self._size = size
        self._entries: dict[int, tuple[S, T]] = {}
        self._lock = threading.Lock()

    def __call__(self, schema: S) -> T:
        """What was derived from the schema; errors of the derivation are raised each time."""
        entry = self._entries.get(id(schema))
        if entry is not None:
            return entry[1]
        value = self._derive(schema)
        with self._lock:
            while len(self._entries) >= self._size:
                del self._entries[next(iter(self._entries))]
            self._entries[id(schema)] = (schema, value)
        return value


def rebuild(schema: Json, change: Callable[[dict[str, Json]], Json]) -> Json:
    """Copy of a schema with `change` applied to every subschema, innermost first; plain values are not walked."""
    if not isinstance(schema, dict):
        return schema
    node: dict[str, Json] = {}
    for key, value in cast("dict[str, Json]", schema).items():
        if key in MAPS and isinstance(value, dict):
            node[key] = {name: rebuild(sub, change) for name, sub in cast("dict[str, Json]", value).items()}
        elif key in LISTS and isinstance(value, list):
            node[key] = [rebuild(sub, change) for sub in cast("list[Json]", value)]
        else:
            node[key] = rebuild(value, change) if key in SINGLES else value
    return change(node)


def subschemas(schema: Json, place: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """Every `(pointer, subschema)` that is an object, outermost first."""
    if not isinstance(schema, dict):
        return
    node = cast("dict[str, Json]", schema)
    yield place, node
    for key, value in node.items():
        if key in SINGLES:
            yield from subschemas(value, f"{place}/{key}")
        elif key in LISTS and isinstance(value, list):
            for index, sub in enumerate(cast("list[Json]", value)):
                yield from subschemas(sub, f"{place}/{key}/{index}")
        elif key in MAPS and isinstance(value, dict):
            for name, sub in cast("dict[str, Json]", value).items():
                yield from subschemas(sub, f"{place}/{key}/{name.replace('~', '~0').replace('/', '~1')}")


def views(node: Json, root: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The schemas that say something about one value: the node, what it refers to, and the branches of each.

    References are followed once each, so that recursive schemas end.
    """
    found: list[dict[str, Json]] = []
    waiting: list[Json] = [node]
    while waiting:
        view = waiting.pop(0)
        if not isinstance(view, dict) or any(view is known for known in found):
            continue
        entries = cast("dict[str, Json]", view)
        found.append(entries)
        if "$ref" in entries:
            waiting.append(get(root, str(entries["$ref"])[1:]))
        waiting.extend(branch for key in BRANCHES for branch in cast("list[Json]", entries.get(key, [])))
    return found


def item_schema(node: Mapping[str, Json], index: int) -> Json:
    """Schema of item `index` of an array, or None when the node does not say."""
    prefix = cast("list[Json]", node.get("prefixItems", []))
    return prefix[index] if index < len(prefix) else node.get("items")
