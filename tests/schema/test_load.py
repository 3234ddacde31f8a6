import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import ConfigError
from dataclaw.schema import check_schema, load_schema
from dataclaw.types import Json
from tests.schema.drafts import schema

_KEYWORDS = ["type", "minimum", "minLength", "pattern", "required", "enum", "properties", "items", "anyOf", "format"]
_TEXTS = ["string", "object", "text", "(", "^a+$", "(a)\\1"]
_VALUES = st.sampled_from(
    [*_TEXTS, 1, 1.0, -1, 2.5, None, [], {}, [{}], ["a", "a"], {"a": {}}, {"a": 3}, [{"type": "a"}]]
)
NODES = st.dictionaries(st.sampled_from(_KEYWORDS), _VALUES, max_size=3)
"""Subschemas, most of them wrong."""


def test_a_checked_schema_comes_back_from_its_file(tmp_path: Path):
    file = tmp_path / "steps.json"
    file.write_text(json.dumps(schema()), encoding="utf-8")
    assert load_schema(file) == schema()


def obj(**node: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": node}}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "must be a JSON object"),
        ({}, '"type": "object"'),
        ({"type": "objekt"}, "$.type"),
        (obj(minimum="3"), "$.properties.a.minimum"),
        (obj(**{"$ref": "https://example.com/x.json"}), "outside the document"),
        (obj(**{"$ref": "other.json#/a"}), "outside the document"),
        (obj(**{"$ref": "file:///etc/passwd"}), "outside the document"),
        (obj(**{"$ref": "#/$defs/nothing"}), "does not exist"),
        (obj(**{"$ref": "#/type"}), "not a schema"),
        (obj(**{"$ref": "#/properties/a"}), "refers to itself"),
        (obj(**{"$dynamicRef": "#x"}), "$dynamicRef is not supported"),
        (obj(**{"$id": "https://example.com/"}), "may only stand at the top"),
        ({"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}, "2020-12"),
        ({"type": "object", "$defs": {"seen_anchors": {}}}, "reserved"),
        (obj(**{"x-rref": "anchor"}), "unknown extension x-rref"),
        (obj(**{"x-ref": "box", "type": "string"}), 'not "box"'),
        (obj(**{"x-ref": "anchor"}), 'needs "type": "string"'),
        (obj(**{"x-ref": "anchor", "type": "array"}), "on the item"),
        (obj(**{"x-ref": "frame", "type": ["integer", "string"]}), 'needs "type": "integer"'),
        (obj(**{"x-ref": "frame", "type": "null"}), 'needs "type": "integer"'),
        (obj(type="object", properties={"b": {}, "c": {}}, **{"x-order": ["b"]}), "x-order must list each of b, c"),
        (obj(**{"x-support": "colour"}), "not colour"),
        (obj(**{"x-support": []}), "empty"),
        (obj(type="string", pattern="("), "$.properties.a.pattern: '(' is not a 'regex'"),
        (obj(type="string", pattern="(a)\\1"), "validator refuses"),
        (obj(type="string", pattern="^(?=a)b"), "validator refuses"),
    ],
)
def test_what_would_surprise_later_is_refused_with_its_place(value: Any, says: str):
    with pytest.raises(ConfigError) as caught:
        check_schema(value, "steps.json")
    assert says in str(caught.value)
    assert str(caught.value).startswith("steps.json: ")


@pytest.mark.parametrize(("thorough", "imported"), [(False, False), (True, True)])
def test_only_a_thorough_check_of_a_good_schema_takes_the_slow_library(thorough: bool, imported: bool):
    code = (
        "import sys; from dataclaw.schema import check_schema;"
        f"check_schema({schema()!r}, 's', thorough={thorough}); print('jsonschema' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == str(imported)


@given(node=NODES)
@settings(max_examples=300, deadline=None)
def test_the_quick_check_refuses_what_the_thorough_one_refuses(node: dict[str, Any]):
    quick, thorough = (_refusal(obj(**node), thorough) for thorough in (False, True))
    assert quick == thorough


def _refusal(value: Json, thorough: bool) -> str:
    try:
        check_schema(value, "s", thorough=thorough)
    except ConfigError as error:
        return str(error)
    return ""


def test_names_of_properties_are_not_taken_for_keywords():
    check_schema({"type": "object", "properties": {"$id": {}, "x-odd": {}, "$ref": {"type": "string"}}}, "s")
    check_schema({"type": "object", "default": {"x-odd": 1}, "enum": [{"$anchor": "a"}]}, "s")


def test_files_that_cannot_be_schemas_are_refused(tmp_path: Path):
    cases: dict[str, bytes] = {
        "large.json": b'{"type": "object", "description": "' + b"a" * 300_000 + b'"}',
        "latin.json": '{"type": "object", "title": "é"}'.encode("latin-1"),
        "broken.json": b'{"type": ',
        "twice.json": b'{"type": "object", "type": "object"}',
        "deep.json": b'{"not": ' * 60 + b"{}" + b"}" * 60,
    }
    for name, raw in cases.items():
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(ConfigError, match=name):
            load_schema(tmp_path / name)
    with pytest.raises(ConfigError, match="no such schema"):
        load_schema(tmp_path / "absent.json")
    with pytest.raises(ConfigError, match="no such schema"):
        load_schema(tmp_path)
