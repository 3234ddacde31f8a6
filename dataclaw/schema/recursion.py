"""Schemas that refer to themselves: those that no draft can ever fit, and those whose drafts may nest without end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from dataclaw.schema.pointer import get
from dataclaw.schema.walk import subschemas
from dataclaw.types import Json


def endless(root: Mapping[str, Json]) -> str:
    """Pointer of a subschema that needs itself within itself, so that no draft that ends can fit it; "" for none.

    Args:
        root: a schema whose references are known to lead somewhere.
    """
    nodes = dict(subschemas(dict(root)))
    ends: set[int] = set()
    grown = True
    while grown:  # what ends makes more of what needs it end
        found = {id(node) for node in nodes.values() if id(node) not in ends and _ends(node, root, ends)}
        ends |= found
        grown = bool(found)
    return "" if id(nodes[""]) in ends else next((p for p, node in nodes.items() if p and id(node) not in ends), "/")


def _ends(node: Mapping[str, Json], root: Mapping[str, Json], ends: set[int]) -> bool:
    """Whether a value of this subschema can end, given those that are known to."""

    def is_known(sub: Json) -> bool:
        return not isinstance(sub, dict) or id(cast("Json", sub)) in ends

    needed: list[Json] = [*node.get("allOf", ())]
    if "$ref" in node:
        needed.append(get(dict(root), str(node["$ref"])[1:]))
    properties = node.get("properties", {})
    needed += [properties[name] for name in node.get("required", ()) if name in properties]
    if int(node.get("minItems", 0)) > len(node.get("prefixItems", ())):
        needed.append(node.get("items"))
    needed += list(node.get("prefixItems", ()))[: int(node.get("minItems", 0))]
    choices = [node[key] for key in ("anyOf", "oneOf") if node.get(key)]
    return all(map(is_known, needed)) and all(any(map(is_known, choice)) for choice in choices)


def loops(root: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """`(pointer, reference)` of every reference that leads back to something around it."""
    for pointer, node in subschemas(dict(root)):
        target = node.get("$ref")
        if isinstance(target, str) and _leads_back(pointer, target[1:], root):
            yield pointer, target


def _leads_back(pointer: str, target: str, root: Mapping[str, Json]) -> bool:
    waiting, seen = [target], set[str]()
    while waiting:
        place = waiting.pop()
        if pointer == place or pointer.startswith(f"{place}/"):
            return True
        if place in seen:
            continue
        seen.add(place)
        inner = subschemas(get(dict(root), place))
        waiting += [str(node["$ref"])[1:] for _, node in inner if "$ref" in node]
    return False
