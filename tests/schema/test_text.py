import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import UsageError
from dataclaw.schema import parse_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_plain_json_comes_back_unchanged_with_and_without_a_fence(value: object):
    text = json.dumps(value)
    assert parse_json(text) == value
    assert parse_json(f"```json\n{text}\n```") == value
    assert parse_json(f"\n ```\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```  \n") == value


@given(st.text())
def test_any_text_gives_a_value_or_a_usage_error(text: str):
    with contextlib.suppress(UsageError):
        json.dumps(parse_json(text), ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": NaN}', "NaN"),
        ("[Infinity]", "Infinity"),
        ("[-Infinity]", "-Infinity"),
        ("1e999", "too large"),
        ("1" * 5000, "too large"),
        ('{"a": 1, "b": 2, "a": 3}', '"a" occurs twice'),
        ("[" * 65 + "]" * 65, "deeper than 64"),
        ("[" * 100_000 + "]" * 100_000, "deeper than 64"),
        (r'{"a": "\ud83d"}', "surrogate"),
        ('"\ud83d"', "surrogate"),
        ("{} {}", "line 1 column 4"),
        ('{"a": 1,}', "line 1"),
        ("", "line 1 column 1"),
        ("[1]" + " " * 2_000_000, "characters"),
        ("here it is: ```json\n{}\n```", "line 1 column 1"),
        ('["a\nb"]', "control character"),
    ],
)
def test_what_is_not_plain_json_is_refused_with_the_reason(text: str, says: str):
    with pytest.raises(UsageError, match=r"not valid JSON") as caught:
        parse_json(text)
    assert says in str(caught.value)


def test_whole_characters_outside_the_basic_plane_and_many_flat_brackets_pass():
    assert parse_json(r'"\ud83d\ude00"') == "😀"
    assert parse_json("[" + "[]," * 500 + "[]]") == [[]] * 501
    assert parse_json("[" * 64 + "]" * 64)
    assert parse_json(json.dumps("[" * 100)) == "[" * 100
