"""Schemas that refer to themselves: what no draft can fit is refused, what may nest without end is found."""

from __future__ import annotations

import pytest

from dataclaw.errors import ConfigError
from dataclaw.schema import check_schema
from dataclaw.schema.recursion import endless, loops
from dataclaw.types import Json

TREE = {"$ref": "#/$defs/node"}


def node(**more: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {"root": TREE},
        "required": ["root"],
        "$defs": {"node": {"type": "object", "properties": {"left": TREE, "right": TREE}, **more}},
    }


def test_what_may_leave_itself_out_ends_and_may_nest() -> None:
    assert endless(node()) == ""
    assert [place for place, _ in loops(node())] == ["/$defs/node/properties/left", "/$defs/node/properties/right"]
    check_schema(node(), "x.json")


@pytest.mark.parametrize(
    "schema",
    [
        node(required=["left"]),
        node(allOf=[TREE]),
        node(anyOf=[{"required": ["left"], "properties": {"left": TREE}}]),
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"$ref": "#"}, "minItems": 1}},
            "required": ["a"],
        },
        {"type": "object", "properties": {"a": {"prefixItems": [{"$ref": "#"}], "minItems": 1}}, "required": ["a"]},
    ],
)
def test_what_needs_itself_is_refused(schema: dict[str, Json]) -> None:
    assert endless(schema)
    with pytest.raises(ConfigError, match="no draft that ends can fit it"):
        check_schema(schema, "x.json")


def test_one_way_out_is_enough() -> None:
    assert endless(node(anyOf=[TREE, {"type": "null"}])) == ""
    lists = {"type": "array", "items": TREE}
    assert endless(node(required=["left"], properties={"left": lists})) == ""


def test_references_that_lead_on_are_no_loop() -> None:
    schema = {"type": "object", "properties": {"a": TREE, "b": TREE}, "$defs": {"node": {"type": "string"}}}
    assert list(loops(schema)) == []
    assert endless(schema) == ""
