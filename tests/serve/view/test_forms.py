from __future__ import annotations

from dataclaw.serve.view.forms import hints

SCHEMA = {
    "type": "object",
    "properties": {
        "input": {"$ref": "#/$defs/span"},
        "steps": {
            "type": "array",
            "items": {
                "properties": {
                    "kind": {"enum": ["cut", "fade"]},
                    "time": {"type": "number", "x-ref": "time"},
                    "a/b": {"anyOf": [{"type": "null"}, {"type": "integer", "x-ref": "frame"}]},
                    "cite": {"items": {"enum": ["e1"]}},
                }
            },
        },
        "free": {},
    },
    "$defs": {"span": {"properties": {"start": {"type": "integer", "x-ref": "frame"}}}},
}


def test_a_field_is_told_as_its_schema_says_it():
    draft = {
        "input": {"start": 3},
        "steps": [{"kind": "cut", "time": 1.5, "a/b": 2, "cite": ["e1"]}, {"kind": "odd"}],
        "free": {"deep": 1},
        "unknown": 2,
    }
    assert hints(draft, SCHEMA) == {
        "/input/start": {"ref": "frame", "number": "integer"},
        "/steps/0/kind": {"choices": ["cut", "fade"]},
        "/steps/0/time": {"ref": "time", "number": "number"},
        "/steps/0/a~1b": {"ref": "frame", "number": "integer"},
        "/steps/1/kind": {"choices": ["cut", "fade"]},
    }


def test_junk_has_no_hints():
    assert hints({"steps": "none", "input": [1]}, SCHEMA) == {}
    assert hints([1, 2], SCHEMA) == {}
