import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.schema import get, is_valid, narrow, problems
from dataclaw.schema.check import validator
from tests.schema.drafts import draft, schema
from tests.schema.test_text import JSON

NARROW = narrow(schema(), frames=4, window=(0.0, 10.0), anchor_ids=["e1", "e2", "f0"], labels=["A", "B"])
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.floats(-3, 12)
    | st.sampled_from(["e1", "e2", "f0", "A", "B", "click", "write", "noise", "twice", "a" * 300, "é" * 200])
)


def leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [place, *(leaf for key in value for leaf in leaves(value[key], (*place, key)))]
    if isinstance(value, list):
        return [place, *(leaf for index, item in enumerate(value) for leaf in leaves(item, (*place, index)))]
    return [place]


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """A fitting draft with a few places replaced, dropped or doubled: near the border of validity on either side."""
    value: Any = {"top": draft()}
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from([leaf for leaf in leaves(value) if leaf]))
        parent = value
        for token in way:
            parent = parent[token]
        match draw(st.sampled_from(["replace", "drop", "double", "add"])):
            case "drop" if parent is not value:
                del parent[last]
            case "double" if isinstance(parent, list):
                parent.append(parent[last])
            case "add" if isinstance(parent[last], dict):
                parent[last][draw(st.sampled_from(["text", "zz", "cite", "why"]))] = draw(SCALARS)
            case _:
                parent[last] = draw(SCALARS | st.lists(SCALARS, max_size=3))
    return value["top"]


REFERENCE = jsonschema.Draft202012Validator(NARROW)


@settings(max_examples=400, deadline=None)
@given(mutants() | JSON)
def test_the_fast_engine_judges_as_jsonschema_does(value: Any):
    expected = REFERENCE.is_valid(value)
    assert is_valid(value, NARROW) == expected
    found = problems(value, NARROW)
    assert (not found) == expected
    for pointer, message in found:
        get(value, pointer)
        assert message
        assert len(message) < 400


def node_schemas() -> st.SearchStrategy[dict[str, Any]]:
    number = st.integers(-3, 5)
    base = st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "array", "object", "null", ["integer", "null"]]),
            "minimum": number,
            "exclusiveMaximum": number,
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(0, 3),
            "pattern": st.sampled_from(["^a+$", "b", "^[a-z]{2}$"]),
            "enum": st.lists(st.sampled_from([1, 1.0, "a", None, True, [1], {"a": 1}]), min_size=1, max_size=3),
            "const": st.sampled_from([0, "a", False, None, 2.0]),
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "required": st.lists(st.sampled_from(["a", "b"]), unique=True),
            "maxProperties": st.integers(0, 2),
            "additionalProperties": st.booleans(),
        },
    )
    return st.recursive(
        base,
        lambda inner: st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
                "items": inner,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "anyOf": st.lists(inner, min_size=1, max_size=3),
                "oneOf": st.lists(inner, min_size=1, max_size=3),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "not": inner,
                "if": inner,
                "then": inner,
                "additionalProperties": inner | st.booleans(),
            },
        ),
        max_leaves=6,
    )


SMALL = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2, 2.5, -3, "", "a", "aa", "ab", "abcd", "é😀"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(node_schemas(), SMALL)
def test_the_fast_engine_judges_as_jsonschema_does_on_any_schema(node: dict[str, Any], value: Any):
    assert is_valid(value, node) == jsonschema.Draft202012Validator(node).is_valid(value)
    assert (problems(value, node) == []) == is_valid(value, node)


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"steps": []}, "/steps", "has 0 item(s), at least 1 allowed"),
        ({"order": ["C"]}, "/order/0", 'is "C", must be one of "A", "B"'),
        ({"clip": [0, 11]}, "/clip/1", "is 11, must be at most 10.0"),
        ({"steps": [{"cite": ["e9"], "verb": "click"}]}, "/steps/0/cite/0", 'is "e9", must be one of "e1", "e2", "f0"'),
        ({"steps": [{"cite": [], "verb": "click", "zz": 1}]}, "/steps/0", 'has unknown key(s) "zz"'),
        ({"steps": [{"cite": []}]}, "/steps/0", 'lacks "verb"'),
        ({"left_out": [{"why": "twice", "of": "x"}]}, "/left_out/0/of", 'is "x", must be integer'),
        ({"cot": "because"}, "/cot", 'is "because", must be array'),
    ],
)
def test_a_problem_says_where_and_what_in_a_few_words(change: dict[str, Any], pointer: str, message: str):
    assert problems({**draft(), **change}, NARROW) == [(pointer, message)]


def test_a_wrong_citation_among_many_is_told_the_nearest():
    many = narrow(
        schema(), frames=1, window=(0, 1), anchor_ids=[f"e{i}" for i in range(100)] + ["t7"], labels=["A", "B"]
    )
    [(pointer, message)] = problems({"cot": [{"cite": ["t71"]}], "steps": [{"cite": [], "verb": "click"}]}, many)
    assert pointer == "/cot/0/cite/0"
    assert message.startswith('is "t71", which is none of the 101 allowed values (nearest: t7')


def test_what_is_not_json_is_a_problem_and_not_an_exception():
    for value in ({1: 2}, "\ud800", {"a": b"x"}, object()):
        assert not is_valid(value, {"type": "integer"})
        assert problems(value, {"type": "integer"})


def test_long_lists_of_problems_are_cut_and_values_are_shortened():
    found = problems([{"a": "x" * 10_000}] * 1000, {"items": {"type": "integer"}})
    assert len(found) == 50
    assert max(len(message) for _, message in found) < 120


def test_a_pattern_cannot_make_validation_explode():
    start = time.perf_counter()
    assert not is_valid("a" * 50_000 + "!", {"type": "string", "pattern": "^(a+)+$"})
    assert time.perf_counter() - start < 1


def test_a_validator_is_compiled_once_for_a_schema_and_never_for_another():
    first = {"type": "integer"}
    assert validator(first) is validator(first)
    for number in range(600):
        assert is_valid(number, {"const": number})
        assert not is_valid(number + 1, {"const": number})
    assert is_valid(3, first)
