import pytest

from dataclaw.errors import ToolError
from dataclaw.tools import builtin
from tests.tools.screens import context, stream

validate = builtin()["validate"]
SCHEMA = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "object", "properties": {"t": {"type": "number"}}}}},
    "required": ["steps"],
    "additionalProperties": False,
}


def check(draft: object, schema: object = SCHEMA):
    return validate(context(stream(), schema=schema), {"draft": draft})


def test_fits():
    assert check({"steps": [{"t": 1}]}).note == "The draft fits the schema."


def test_problems_by_pointer():
    result = check({"steps": [{"t": 1}, {"t": "soon"}], "x/y": 1})
    assert [p["path"] for p in result.data["problems"]] == ["", "/steps/1/t"]
    assert "'soon' is not of type 'number'" in result.note


def test_a_long_instance_is_not_quoted_whole():
    result = check({"steps": [{"t": "x" * 5000}]})
    assert len(result.note) < 300


def test_a_long_enum_is_counted():
    schema = {"properties": {"a": {"enum": [f"e{i}" for i in range(400)]}}}
    assert "not one of the 400 allowed values" in check({"a": "e999"}, schema).note


def test_no_schema():
    with pytest.raises(ToolError, match="submit"):
        check({}, None)


def test_nothing_is_fetched():
    from referencing.exceptions import Unresolvable

    with pytest.raises(Exception) as caught:  # noqa: PT011 - the library wraps it
        check({"a": 1}, {"properties": {"a": {"$ref": "http://127.0.0.1:9/never.json"}}})
    assert isinstance(caught.value, Unresolvable)


def test_a_deep_draft_is_refused():
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(ToolError, match="nested"):
        check(deep, {"$defs": {"n": {"properties": {"a": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"})
