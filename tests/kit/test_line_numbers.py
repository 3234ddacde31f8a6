"""Lines of keys, pointers and functions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.kit.line_numbers import function_line, json_line, toml_line
from dataclaw.schema.pointer import join

TOML = """\
name = "shop"  # [not.a.table]
tools = ["a", "b"]

[tasks.list]
summary = "what = 5"
intents = [
  "one, [two]",
  # a comment, with "quotes"
  "three",
]
rules = [
  { rule = "json", params = { a = [1, 2] } },
  { rule = "order" },
]

[tasks."other one".budget]
steps = 3

[[rules]]
rule = "json"
[[rules]]  # another
rule = "order"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("tools",), 2),
        (("tools", 1), 2),
        (("tasks", "list"), 4),
        (("tasks", "list", "summary"), 5),
        (("tasks", "list", "what"), 4),
        (("tasks", "list", "intents", 0), 7),
        (("tasks", "list", "intents", 1), 9),
        (("tasks", "list", "rules", 0), 12),
        (("tasks", "list", "rules", 1, "rule"), 13),
        (("tasks", "other one", "budget", "steps"), 17),
        (("rules",), 19),
        (("rules", 0, "rule"), 20),
        (("rules", 1), 21),
        (("rules", 1, "term"), 21),
        (("nowhere",), 1),
    ],
)
def test_lines_of_toml_keys(path: tuple[str | int, ...], line: int) -> None:
    assert toml_line(TOML, path) == line


@given(st.text(max_size=80), st.lists(st.one_of(st.text(max_size=5), st.integers(0, 9)), max_size=4))
def test_any_text_has_a_line(text: str, path: list[str | int]) -> None:
    assert 1 <= toml_line(text, path) <= text.count("\n") + 1
    assert 1 <= json_line(text, "/a/0") <= text.count("\n") + 1


def pointers(value: Any, pointer: str = "") -> list[str]:
    if isinstance(value, dict):
        return [pointer, *(p for key, item in value.items() for p in pointers(item, join(pointer, key)))]
    if isinstance(value, list):
        return [pointer, *(p for index, item in enumerate(value) for p in pointers(item, join(pointer, index)))]
    return [pointer]


VALUES = st.recursive(
    st.integers() | st.text(max_size=4) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_each_value_is_found_on_its_own_line(value: Any) -> None:
    text = json.dumps(value, indent=1)
    for pointer in pointers(value):
        line = text.splitlines()[json_line(text, pointer) - 1]
        key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        found = value
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
        shown = json.dumps(found)[0]
        assert shown in line, (pointer, key)


def test_lines_of_json_pointers() -> None:
    text = '{\n "a": [1,\n  {"b": true}],\n "c/d": "}"\n}'
    assert [json_line(text, p) for p in ("", "/a", "/a/1", "/a/1/b", "/c~1d", "/a/7", "/x")] == [1, 2, 3, 3, 4, 2, 1]
    assert json_line("{ broken", "/a") == 1


def test_lines_of_functions() -> None:
    assert function_line(test_lines_of_functions) > 90
    assert function_line(len) == 0
