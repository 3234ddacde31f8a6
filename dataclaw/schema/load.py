"""Reading a draft's schema, and refusing everything that could surprise later: remote references, unknown extensions.

Extensions of ours, beside plain JSON Schema 2020-12:
    x-ref: what a value refers to: "anchor" (id of a seen anchor), "frame" (index of a sampled frame), "time" [s inside
        the window], "label" (label of a part). `narrow` turns it into an enum or a range for one stream.
    x-order: order in which an object's keys are written; a permutation of `properties`, whose own order is the default.
    x-support: how the anchors of the nearest `cite` must support a value; see `dataclaw.rewards.evidence`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import jsonschema_rs

from dataclaw.errors import ConfigError, UsageError
from dataclaw.schema.check import validator
from dataclaw.schema.pointer import dotted_path, get
from dataclaw.schema.recursion import endless
from dataclaw.schema.text import parse_json
from dataclaw.schema.walk import subschemas
from dataclaw.types import Json

MAX_BYTES = 256 * 1024
MAX_DEPTH = 48
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SEEN = "seen_anchors"
"""Name in `$defs` that `narrow` gives the ids that may be cited."""

SUPPORTS = ("point", "box", "text", "target", "window", "first_window", "time", "frame", "verb", "keys")
_TYPES = {"anchor": {"string"}, "label": {"string"}, "frame": {"integer"}, "time": {"number", "integer"}}
_FORBIDDEN = ("$dynamicRef", "$dynamicAnchor", "$anchor", "$recursiveRef", "$vocabulary")


def load_schema(path: Path, *, thorough: bool = False) -> dict[str, Json]:
    """Read a draft's schema from a file and check it.

    Args:
        path: the file.
        thorough: as for `check_schema`.

    Raises:
        ConfigError: file missing, too large, not JSON, or not a schema that `check_schema` accepts.
    """
    place = str(path)
    try:
        if not path.is_file():
            raise ConfigError("no such schema file.", place=place, remedy="Check the path in domain.toml.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"schema is larger than {MAX_BYTES} bytes.", place=place, remedy="Make it smaller.")
        schema = parse_json(raw.decode("utf-8"), max_depth=MAX_DEPTH)
    except ConfigError:
        raise
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}.", place=place, remedy="Save it as UTF-8.") from None
    except (UsageError, OSError) as error:
        raise ConfigError(f"cannot be read: {error}", place=place, remedy="Correct the file.") from None
    return check_schema(schema, place, thorough=thorough)


def check_schema(schema: Json, place: str, *, thorough: bool = False) -> dict[str, Json]:
    """Check that a value is a schema of a draft: plain 2020-12, an object at the top, references inside itself.

    Args:
        schema: the value.
        place: file or plugin to name in errors.
        thorough: ask `jsonschema` for a second judgement, as `dataclaw domain check` does. It takes 50 ms a schema,
            where `jsonschema_rs` takes 0.05 ms.

    Raises:
        ConfigError: what is wrong, with the place inside the schema.
    """
    if not isinstance(schema, dict):
        raise ConfigError("a schema must be a JSON object.", place=place)
    root = cast("dict[str, Json]", schema)
    if root.get("$schema", DIALECT) != DIALECT:
        raise ConfigError(f"$schema must be {DIALECT}.", place=place, remedy="Change or drop it.")
    if thorough or not jsonschema_rs.meta.is_valid(root):
        _check_slowly(root, place)
    if root.get("type") != "object":
        raise ConfigError('a draft is an object: the schema needs "type": "object" at its top.', place=place)
    refers = False
    for pointer, node in subschemas(root):
        _check_node(pointer, node, root, place)
        refers = refers or "$ref" in node
    if refers and (needy := endless(root)):
        message = f"{dotted_path(needy)}: needs itself within itself, so that no draft that ends can fit it."
        raise ConfigError(message, place=place, remedy="Take the reference out of what is required.")
    try:
        validator(root)
    except ValueError as error:
        _check_slowly(root, place)
        raise ConfigError(f"the validator refuses it: {str(error)[:200]}.", place=place) from None
    return root


def schema_hash(schema: Mapping[str, Json]) -> str:
    """Hash of a schema (16 hex digits); the order of its keys counts, since drafts are written in it."""
    return hashlib.sha256(json.dumps(schema, ensure_ascii=False).encode()).hexdigest()[:16]


def _check_slowly(root: dict[str, Json], place: str) -> None:
    """Raise what `jsonschema` has against a schema: it names the place, as `jsonschema_rs` does not."""
    import jsonschema  # 70 ms that only a wrong schema and `domain check` need

    try:
        jsonschema.Draft202012Validator.check_schema(root)
    except jsonschema.SchemaError as error:
        where = "".join(f"[{t}]" if isinstance(t, int) else f".{t}" for t in error.absolute_path)
        raise ConfigError(f"not a JSON Schema: ${where}: {error.message[:200]}.", place=place) from None


def _check_node(pointer: str, node: Mapping[str, Json], root: Mapping[str, Json], place: str) -> None:
    problem = _keyword(pointer, node) or _reference(node, root) or _extension(node)
    if problem:
        raise ConfigError(f"{dotted_path(pointer)}: {problem}.", place=place)


def _keyword(pointer: str, node: Mapping[str, Json]) -> str:
    for key in _FORBIDDEN:
        if key in node:
            return f'{key} is not supported; use "$ref": "#/$defs/name"'
    if pointer and ("$id" in node or "$schema" in node):
        return "$id and $schema may only stand at the top"
    if not pointer and SEEN in node.get("$defs", {}):
        return f"the name $defs/{SEEN} is reserved"
    return ""


def _reference(node: Mapping[str, Json], root: Mapping[str, Json]) -> str:
    target = node.get("$ref")
    if target is None:
        return ""
    if target != "#" and not str(target).startswith("#/"):
        return f'"{target}" is outside the document; only "#/..." is followed'
    try:
        found = get(root, target[1:])
    except KeyError:
        return f'"{target}" does not exist'
    if not isinstance(found, dict | bool):
        return f'"{target}" is not a schema'
    return "" if not _circular(target, root) else f'"{target}" refers to itself'


def _circular(target: Json, root: Mapping[str, Json]) -> bool:
    seen: set[Json] = set()
    while isinstance(target, str):
        if target in seen:
            return True
        seen.add(target)
        try:
            node = get(root, target[1:])
        except KeyError:
            return False
        target = cast("dict[str, Json]", node).get("$ref") if isinstance(node, dict) else None
    return False


def _extension(node: Mapping[str, Json]) -> str:
    for key in node:
        if key.startswith("x-") and key not in {"x-ref", "x-order", "x-support"}:
            return f"unknown extension {key}; there are x-ref, x-order and x-support"
    return _ref_problem(node) or _order_problem(node) or _support_problem(node)


def _ref_problem(node: Mapping[str, Json]) -> str:
    if "x-ref" not in node:
        return ""
    allowed = _TYPES.get(str(node["x-ref"]))
    if allowed is None:
        return f'x-ref must be one of {", ".join(_TYPES)}, not "{node["x-ref"]}"'
    kinds = node.get("type")
    stated = set(cast("list[str]", kinds if isinstance(kinds, list) else [kinds])) - {"null"}
    if not stated or not stated <= allowed:
        return f'x-ref "{node["x-ref"]}" needs "type": "{min(allowed, key=len)}" beside it (on the item, not the array)'
    return ""


def _order_problem(node: Mapping[str, Json]) -> str:
    if "x-order" not in node:
        return ""
    order, names = node["x-order"], list(cast("dict[str, Json]", node.get("properties", {})))
    if not isinstance(order, list) or sorted(map(str, cast("list[Json]", order))) != sorted(names):
        return f"x-order must list each of {', '.join(names)} once"
    return ""


def _support_problem(node: Mapping[str, Json]) -> str:
    if "x-support" not in node:
        return ""
    value = node["x-support"]
    kinds = cast("list[Json]", value if isinstance(value, list) else [value])
    wrong = [str(kind) for kind in kinds if kind not in SUPPORTS]
    if wrong or not kinds:
        return f"x-support must be of {', '.join(SUPPORTS)}, not {', '.join(wrong) or 'empty'}"
    return ""
