"""A schema with everything that drafts use, and one draft that fits it."""

from copy import deepcopy
from typing import Any

CITE = {"type": "array", "maxItems": 4, "items": {"type": "string", "x-ref": "anchor"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cot", "steps"],
    "x-order": ["cot", "steps", "order", "clip", "left_out"],
    "properties": {
        "steps": {
            "type": "array",
            "description": "what was done",
            "minItems": 1,
            "maxItems": 40,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["cite", "verb"],
                "x-order": ["cite", "verb", "frame", "point", "text"],
                "properties": {
                    "verb": {"enum": ["click", "write"], "x-support": "verb"},
                    "cite": CITE,
                    "frame": {"type": ["integer", "null"], "x-ref": "frame", "description": "frame before"},
                    "text": {"type": "string", "maxLength": 200, "x-support": ["text", "target"]},
                    "point": {
                        "type": "array",
                        "items": {"type": "number"},
                        "minItems": 2,
                        "maxItems": 2,
                        "x-support": "point",
                    },
                },
            },
        },
        "cot": {"type": "array", "maxItems": 8, "items": {"$ref": "#/$defs/thought"}},
        "order": {"type": "array", "items": {"type": "string", "x-ref": "label"}},
        "clip": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number", "x-ref": "time"}},
        "left_out": {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "object", "properties": {"why": {"const": "noise"}, "note": {"type": "string"}}},
                    {"type": "object", "properties": {"why": {"const": "twice"}, "of": {"type": "integer"}}},
                ]
            },
        },
    },
    "$defs": {
        "thought": {
            "type": "object",
            "additionalProperties": False,
            "required": ["cite"],
            "properties": {
                "cite": CITE,
                "text": {"type": "string"},
                "sub": {"type": "array", "items": {"$ref": "#/$defs/thought"}},
            },
        }
    },
}
DRAFT: dict[str, Any] = {
    "cot": [{"cite": ["e1"], "text": "opens it", "sub": [{"cite": ["e2"]}]}],
    "steps": [{"cite": ["e1", "f0"], "verb": "click", "frame": 0, "point": [3, 4.5], "text": "Cart"}],
    "order": ["B", "A"],
    "clip": [0.0, 9.5],
    "left_out": [{"why": "twice", "of": 2}],
}


def schema() -> dict[str, Any]:
    return deepcopy(SCHEMA)


def draft() -> dict[str, Any]:
    return deepcopy(DRAFT)
