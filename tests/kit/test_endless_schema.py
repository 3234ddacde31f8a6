"""References that lead back to what holds them, and those that only share a definition."""

from __future__ import annotations

from typing import Any

import pytest

from dataclaw.kit.endless_schema import endless_places

LEAF: dict[str, Any] = {"type": "string"}


def node(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        (node(a=LEAF), []),
        ({**node(a={"$ref": "#/$defs/x"}, b={"$ref": "#/$defs/x"}), "$defs": {"x": LEAF}}, []),
        (node(a={"$ref": "#"}), ["/properties/a"]),
        (node(a={"type": "array", "items": {"$ref": "#/properties/a"}}), []),
        ({**node(a={"$ref": "#/$defs/x"}), "$defs": {"x": node(b={"$ref": "#/$defs/x"})}}, ["/$defs/x/properties/b"]),
        (
            {
                **node(a={"$ref": "#/$defs/x"}),
                "$defs": {"x": node(b={"$ref": "#/$defs/y"}), "y": node(c={"anyOf": [{"$ref": "#/$defs/x"}, LEAF]})},
            },
            ["/$defs/x/properties/b", "/$defs/y/properties/c/anyOf/0"],
        ),
    ],
)
def test_a_reference_that_leads_back_is_found_where_it_stands(schema: dict[str, Any], places: list[str]) -> None:
    assert [at for at, _ in endless_places(schema)] == places
