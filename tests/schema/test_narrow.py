import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.schema import is_valid, narrow, order_keys, strip_extensions
from tests.schema.drafts import draft, schema

WHOLE: dict[str, Any] = {"frames": 4, "window": (0.0, 9.99961), "anchor_ids": ["e1", "e2", "f0"], "labels": ["A", "B"]}


def test_a_draft_inside_the_stream_fits_and_the_original_schema_is_left_alone():
    original = schema()
    assert is_valid(draft(), narrow(original, **WHOLE))
    assert original == schema()


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        (("steps", 0, "frame"), [0, 3, None], [-1, 4, 1.5]),
        (("steps", 0, "cite", 0), ["e1", "f0"], ["e3", "", None]),
        (("cot", 0, "sub", 0, "cite", 0), ["e2"], ["e3"]),
        (("order", 1), ["A"], ["C", "a"]),
        (("clip", 1), [0, 9.99961, 10.0], [-0.001, 10.001]),
    ],
)
def test_references_are_bound_to_the_stream(place: tuple[Any, ...], good: list[Any], bad: list[Any]):
    bound = narrow(schema(), **WHOLE)
    for value in [*good, *bad]:
        changed = draft()
        parent: Any = changed
        for token in place[:-1]:
            parent = parent[token]
        parent[place[-1]] = value
        assert is_valid(changed, bound) == (value in good), value


def test_bounds_that_are_already_tighter_stay():
    tight = {"type": "object", "properties": {"f": {"type": "integer", "x-ref": "frame", "minimum": 2, "maximum": 90}}}
    bound = narrow(tight, **WHOLE)["properties"]["f"]
    assert (bound["minimum"], bound["maximum"]) == (2, 3)


def test_where_there_is_nothing_to_refer_to_nothing_can_be_said():
    bare = narrow(schema(), frames=0, window=(0, 1), anchor_ids=[], labels=[])
    kept = {"cot": [{"cite": []}], "steps": [{"cite": [], "verb": "click", "frame": None}], "order": []}
    assert is_valid(kept, bare)
    assert not is_valid({**kept, "order": ["A"]}, bare)
    assert not is_valid({**kept, "cot": [{"cite": ["e0"]}]}, bare)
    assert not is_valid({**kept, "steps": [{"cite": [], "verb": "click", "frame": 0}]}, bare)
    single = {"type": "object", "properties": {"f": {"type": "integer", "x-ref": "frame"}}, "x-order": ["f"]}
    assert narrow(single, frames=0, window=(0, 1), anchor_ids=[], labels=[])["properties"] == {}
    required = narrow({**single, "required": ["f"]}, frames=0, window=(0, 1), anchor_ids=[], labels=[])
    assert not is_valid({}, required)
    assert not is_valid({"f": 0}, required)


@settings(deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from(["", "A.", "B."]), st.sampled_from("eft"), st.integers(0, 9999)), min_size=1).map(
        lambda ids: [f"{part}{kind}{number}" for part, kind, number in sorted(ids)]
    )
)
def test_beyond_400_ids_a_pattern_takes_their_place_that_admits_them_all(ids: list[str]):
    many = [*ids, *(f"e{number}" for number in range(10_000, 10_401))]
    bound = narrow(schema(), frames=4, window=(0, 10), anchor_ids=many, labels=["A", "B"])
    assert "enum" not in bound["$defs"]["seen_anchors"]
    for anchor_id in many:
        assert is_valid({"cot": [{"cite": [anchor_id]}], "steps": [{"cite": [], "verb": "click"}]}, bound)
    for other in ("q1", "e", "e1x", "C.e1", "e1234567", "e1\n"):
        assert not is_valid({"cot": [{"cite": [other]}], "steps": [{"cite": [], "verb": "click"}]}, bound)


def test_narrowed_and_stripped_schemas_are_plain_json_schema():
    for bound in (narrow(schema(), **WHOLE), narrow(schema(), frames=0, window=(0, 1), anchor_ids=[], labels=[])):
        plain = strip_extensions(bound)
        jsonschema.Draft202012Validator.check_schema(plain)
        assert "x-" not in json.dumps(plain)
        assert is_valid(draft(), plain) == is_valid(draft(), bound)


def test_stripping_keeps_properties_that_are_called_like_extensions():
    plain = strip_extensions({"type": "object", "properties": {"x-ref": {"type": "string", "x-support": "text"}}})
    assert plain == {"type": "object", "properties": {"x-ref": {"type": "string"}}}


def test_keys_follow_x_order_then_properties_and_unknown_keys_come_last():
    mixed = {
        "zz": 1,
        "left_out": [{"of": 2, "why": "twice"}, {"note": "", "why": "noise"}],
        "steps": [{"text": "Cart", "odd": 0, "verb": "click", "cite": []}],
        "cot": [{"sub": [{"text": "", "cite": []}], "text": "", "cite": []}],
    }
    ordered = order_keys(mixed, schema())
    assert ordered == mixed
    assert list(ordered) == ["cot", "steps", "left_out", "zz"]
    assert list(ordered["steps"][0]) == ["cite", "verb", "text", "odd"]
    assert list(ordered["cot"][0]) == ["cite", "text", "sub"]
    assert list(ordered["cot"][0]["sub"][0]) == ["cite", "text"]
    assert [list(item) for item in ordered["left_out"]] == [["why", "of"], ["why", "note"]]


def test_ordering_any_json_changes_nothing_but_the_order():
    for garbage in (None, 3, [], [[{"b": 1, "a": 2}]], {"steps": "no", "cot": {"a": 1}}):
        assert order_keys(garbage, schema()) == garbage


def test_a_closed_tuple_is_bounded_instead_for_decoders():
    number = {"type": "number"}
    plain = strip_extensions({"type": "array", "prefixItems": [number, number], "items": False, "x-support": "point"})
    assert plain == {"type": "array", "prefixItems": [number, number], "maxItems": 2}


def test_what_no_grammar_can_hold_is_left_to_the_validator():
    labels = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    plain = strip_extensions({"type": "object", "properties": {"uniqueItems": labels}})
    assert plain == {"type": "object", "properties": {"uniqueItems": {"type": "array", "items": {"type": "string"}}}}
