"""A schema as a few lines of type notation: what a policy reads instead of the JSON, at a quarter of the tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from dataclaw.schema.load import SEEN
from dataclaw.schema.narrow import key_order
from dataclaw.schema.pointer import get
from dataclaw.types import Json

_INDENT = "  "


@dataclass(slots=True)
class _Writer:
    """Renders one schema; definitions that refer to themselves are named and written at the end."""

    root: Mapping[str, Json]
    open: list[str] = field(default_factory=list[str])
    named: dict[str, str] = field(default_factory=dict[str, str])

    def type_of(self, node: Json, depth: int) -> str:
        """Type notation of one subschema at a nesting depth."""
        if not isinstance(node, dict):
            return "never" if node is False else "any"
        entries = cast("dict[str, Json]", node)
        if "x-ref" in entries:
            return _reference(entries)
        if "$ref" in entries:
            return self.definition(str(entries["$ref"]), depth)
        if "const" in entries or "enum" in entries:
            return "|".join(_literal(value) for value in entries.get("enum", [entries.get("const")]))
        for key in ("anyOf", "oneOf"):
            if key in entries:
                return " | ".join(self.type_of(branch, depth) for branch in entries[key])
        kinds = entries.get("type", "object" if "properties" in entries else "any")
        names = cast("list[str]", kinds if isinstance(kinds, list) else [kinds])
        return "|".join(self.plain(name, entries, depth) for name in names)

    def plain(self, kind: str, node: Mapping[str, Json], depth: int) -> str:
        """Notation of one JSON type."""
        match kind:
            case "object":
                return self.object(node, depth)
            case "array":
                return self.array(node, depth)
            case "integer" | "number":
                return ("int" if kind == "integer" else "number") + _bounds(node, "minimum", "maximum")
            case "string":
                return "string" + _bounds(node, "minLength", "maxLength")
            case _:
                return kind

    def array(self, node: Mapping[str, Json], depth: int) -> str:
        """Notation of an array: `type[1..8]`, or `[a, b]` for positions."""
        if "prefixItems" in node:
            return f"[{', '.join(self.type_of(item, depth) for item in node['prefixItems'])}]"
        item: Json = node.get("items", True)
        inner = self.type_of(item, depth)
        if "|" in inner and (not inner.startswith("{") or "anyOf" in item or "oneOf" in item):
            inner = f"({inner})"
        return f"{inner}[{_bounds(node, 'minItems', 'maxItems').strip()}]"

    def object(self, node: Mapping[str, Json], depth: int) -> str:
        """Notation of an object, one property a line, descriptions as comments."""
        properties = cast("dict[str, Json]", node.get("properties", {}))
        required = cast("list[str]", node.get("required", []))
        pad = _INDENT * (depth + 1)
        lines: list[str] = []
        for key in key_order(node):
            sub = properties[key]
            optional = "" if key in required else "?"
            lines.append(f"{pad}{key}{optional}: {self.type_of(sub, depth + 1)}{_comment(sub)}")
        return "\n".join(["{", *lines, f"{_INDENT * depth}}}"]) if lines else "{}"

    def definition(self, target: str, depth: int) -> str:
        """What a reference stands for: written in place, or by name inside itself."""
        name = "Draft" if target == "#" else target.rpartition("/")[2]
        if name == SEEN:
            return "anchor"
        if target in self.open:
            self.named[name] = target
            return name
        self.open.append(target)
        text = self.type_of(get(self.root, target[1:]), depth)
        self.open.pop()
        return text


def outline(schema: Mapping[str, Json]) -> str:
    """A schema in type notation, keys in the order they are written, descriptions as comments.

    `anchor`, `frame`, `time` and `label` stand for values with that `x-ref`; `[1..8]` and `(0..100)` are lengths and
    ranges; `?` marks what may be left out.
    """
    writer = _Writer(schema)
    writer.open.append("#")
    text = writer.type_of(schema, 0)
    for name, target in sorted(writer.named.items()):
        if target == "#":
            text = f"{name} = {text}"
        else:
            text += f"\n{name} = {_Writer(schema, open=[target]).type_of(get(schema, target[1:]), 0)}"
    return text


def _reference(node: Mapping[str, Json]) -> str:
    nullable = isinstance(node.get("type"), list) and "null" in node["type"]
    return f"{node['x-ref']}{'|null' if nullable else ''}"


def _literal(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bounds(node: Mapping[str, Json], low: str, high: str) -> str:
    if low not in node and high not in node:
        return ""
    inner = f"{node.get(low, '')}..{node.get(high, '')}"
    if low in node and node.get(low) == node.get(high):
        inner = str(node[low])
    return inner if low == "minItems" else f"({inner})"


def _comment(node: Json) -> str:
    if not isinstance(node, dict):
        return ""
    text = " ".join(str(cast("dict[str, Json]", node).get("description", "")).split())
    return f"  // {text}" if text else ""
