"""A task's schema made for one stream: what is out of range cannot be decoded, and is caught where it can.

Also the way back: the plain schema that a decoder understands, and the order in which a draft's keys are written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.schema.load import SEEN
from dataclaw.schema.walk import item_schema, rebuild, views
from dataclaw.types import Json, Span

MAX_ENUM = 400
"""Most anchor ids listed one by one; decoders slow down beyond some hundreds of alternatives."""

_ID = re.compile(r"^([A-Za-z0-9_]{1,16}\.)?[a-z][0-9]{1,9}$")


def narrow(
    schema: Mapping[str, Json], *, frames: int, window: Span, anchor_ids: Sequence[str], labels: Sequence[str]
) -> dict[str, Json]:
    """Copy of a checked schema whose `x-ref` values fit one stream and no other.

    Anchor ids become one enum in `$defs/seen_anchors` that every place refers to (above 400 ids a pattern of their
    shape instead; the evidence rule still checks each). Frame indices get 0..frames-1, labels an enum, times the window
    rounded outwards to milliseconds. Where there is nothing to refer to (no frames, no labels, no anchors yet) an array
    gets `maxItems` 0, an optional property goes, and a required one can no longer be filled: such a draft is invalid,
    as it should be.

    Args:
        schema: a schema that `check_schema` accepted.
        frames: number of sampled frames.
        window: `(t0, t1)` [s].
        anchor_ids: ids that may be cited.
        labels: labels of the stream's parts.
    """
    low, high = math.floor(window[0] * 1000) / 1000, math.ceil(window[1] * 1000) / 1000

    def change(node: dict[str, Json]) -> Json:
        match node.get("x-ref"):
            case "anchor":
                return _anchor(node) if anchor_ids else _nothing(node)
            case "label":
                return _enum(node, labels) if labels else _nothing(node)
            case "frame":
                return _between(node, 0, frames - 1) if frames > 0 else _nothing(node)
            case "time":
                return _between(node, low, high)
            case _:
                return _prune(node)

    narrowed = cast("dict[str, Json]", rebuild(schema, change))
    if anchor_ids:
        narrowed["$defs"] = {**narrowed.get("$defs", {}), SEEN: _anchor_id_schema(anchor_ids)}
    return narrowed


def strip_extensions(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Copy of a schema without `x-*` and without what decoders refuse.

    That is anything beside a `$ref`, `items: false` after `prefixItems` (the length is bounded instead), and
    `uniqueItems`, which no grammar can hold (llguidance and xgrammar refuse the whole schema); the draft's validation
    holds it.
    """

    def change(node: dict[str, Json]) -> Json:
        plain = {key: value for key, value in node.items() if not key.startswith("x-") and key != "uniqueItems"}
        if "$ref" in plain:
            plain = {key: value for key, value in plain.items() if key not in {"description", "title"}}
        if plain.get("items") is False and "prefixItems" in plain:
            plain = {key: value for key, value in plain.items() if key != "items"}
            plain["maxItems"] = len(cast("list[Json]", plain["prefixItems"]))
        return plain

    return cast("dict[str, Json]", rebuild(schema, change))


def hoist(schema: Mapping[str, Json], name: str) -> tuple[Json, dict[str, Json]]:
    """A schema to stand somewhere inside another one, and the `$defs` that the other one then needs at its top.

    Args:
        schema: a schema whose references are written from its own top.
        name: what it is called in these `$defs`, where it refers to itself as a whole.
    """
    whole = {"$ref": f"#/$defs/{name}"}
    itself = [False]

    def change(node: dict[str, Json]) -> Json:
        itself[0] = itself[0] or node.get("$ref") == "#"
        return whole if node.get("$ref") == "#" else node

    inner = cast("dict[str, Json]", rebuild(schema, change))
    named = cast("dict[str, Json]", inner.pop("$defs", {}))
    return (whole, {**named, name: inner}) if itself[0] else (inner, named)


def order_keys(value: Json, schema: Mapping[str, Json]) -> Json:
    """Copy of a draft, its keys in the order the schema writes them; unknown keys come last, as found."""
    return _order_keys(value, schema, schema)


def key_order(node: Mapping[str, Json]) -> list[str]:
    """Order in which an object's keys are written: `x-order`, else the order of `properties`."""
    return list(cast("Sequence[str]", node.get("x-order") or node.get("properties", {})))


def _order_keys(value: Json, node: Json, root: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        fitting = [view for view in views(node, root) if not _contradicts(entries, view)]
        order = dict.fromkeys(key for view in fitting for key in key_order(view) if key in entries)
        return {key: _order_keys(entries[key], property_schema(key, fitting), root) for key in [*order, *entries]}
    if isinstance(value, list):
        seen = views(node, root)
        return [
            _order_keys(item, next((s for v in seen if (s := item_schema(v, i)) is not None), None), root)
            for i, item in enumerate(cast("list[Json]", value))
        ]
    return value


def property_schema(key: str, fitting: Sequence[Mapping[str, Json]]) -> Json:
    """Schema of a property in the first of some schemas that has it, None where none has."""
    return next((view["properties"][key] for view in fitting if key in view.get("properties", {})), None)


def _contradicts(entries: Mapping[str, Json], view: Mapping[str, Json]) -> bool:
    """Whether a branch of anyOf or oneOf names another constant than the object holds."""
    for key, sub in cast("dict[str, Json]", view.get("properties", {})).items():
        if isinstance(sub, dict) and "const" in sub and key in entries and entries[key] != sub["const"]:
            return True
    return False


def _nullable(node: Mapping[str, Json]) -> bool:
    return isinstance(node.get("type"), list) and "null" in node["type"]


def _nothing(node: Mapping[str, Json]) -> Json:
    return {"type": "null"} if _nullable(node) else False


def _anchor(node: dict[str, Json]) -> Json:
    rest = {key: value for key, value in node.items() if key != "type"}
    if _nullable(node):
        return {**rest, "anyOf": [{"$ref": f"#/$defs/{SEEN}"}, {"type": "null"}]}
    return {**rest, "$ref": f"#/$defs/{SEEN}"}


def _enum(node: dict[str, Json], allowed: Sequence[str]) -> Json:
    return {**node, "enum": [*allowed, *([None] if _nullable(node) else [])]}


def _between(node: dict[str, Json], low: float, high: float) -> Json:
    return {**node, "minimum": max(low, node.get("minimum", low)), "maximum": min(high, node.get("maximum", high))}


def _anchor_id_schema(anchor_ids: Sequence[str]) -> dict[str, Json]:
    if len(anchor_ids) <= MAX_ENUM:
        return {"type": "string", "enum": list(anchor_ids)}
    if not all(map(_ID.match, anchor_ids)):
        return {"type": "string", "maxLength": max(map(len, anchor_ids))}
    letters = "".join(sorted({anchor_id.rpartition(".")[2][0] for anchor_id in anchor_ids}))
    digits = max(len(anchor_id.rpartition(".")[2]) - 1 for anchor_id in anchor_ids)
    parts = sorted({anchor_id.partition(".")[0] for anchor_id in anchor_ids if "." in anchor_id})
    prefix = f"(({'|'.join(parts)})[.])" + ("" if all("." in i for i in anchor_ids) else "?") if parts else ""
    return {"type": "string", "pattern": f"^{prefix}[{letters}][0-9]{{1,{digits}}}$"}


def _prune(node: dict[str, Json]) -> Json:
    """Take out what has become impossible inside a node: optional properties, and the items of arrays."""
    if isinstance(node.get("properties"), dict):
        required = cast("list[str]", node.get("required", []))
        properties = {k: s for k, s in node["properties"].items() if s is not False or k in required}
        node = {**node, "properties": properties}
        if "x-order" in node:
            node["x-order"] = [key for key in node["x-order"] if key in properties]
    if node.get("items", True) is False and "prefixItems" not in node:
        node = {**{key: value for key, value in node.items() if key != "items"}, "maxItems": 0}
    return node
