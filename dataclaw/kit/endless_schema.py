"""Does a schema let a draft nest without limit? Where a reference leads back to what holds it, nothing ends a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dataclaw.schema.pointer import get
from dataclaw.schema.walk import subschemas
from dataclaw.types import Json


def endless_places(schema: Mapping[str, Json]) -> list[tuple[str, str]]:
    """`(pointer of a reference, what it refers to)` for each reference that leads back to a schema around it."""
    inside = {"#": set(_references(schema, ""))} | {
        f"#/$defs/{name}": set(_references(node, f"/$defs/{name}")) for name, node in schema.get("$defs", {}).items()
    }
    found: list[tuple[str, str]] = []
    for owner, references in inside.items():
        found += [(at, target) for at, target in sorted(references) if _leads_to(target, owner, inside, schema)]
    return found


def _references(node: Json, place: str) -> Iterator[tuple[str, str]]:
    """`(pointer, target)` of the references in a schema; definitions are looked at one by one."""
    for at, one in subschemas(node, place):
        if "$ref" in one and not at.startswith(f"{place}/$defs/"):
            yield at, str(one["$ref"])


def _leads_to(target: str, owner: str, inside: dict[str, set[tuple[str, str]]], schema: Mapping[str, Json]) -> bool:
    """Whether who follows a reference may come back to where it stands."""
    waiting, seen = [target], set[str]()
    while waiting:
        name = waiting.pop()
        if name == owner:
            return True
        if name not in seen:
            seen.add(name)
            known = inside.get(name)
            further = known if known is not None else _references(get(schema, name[1:]), name[1:])
            waiting += [one for _, one in further]
    return False
