"""Results in memory: those that came with a stream, those that were computed since."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from dataclaw.corpus.packs.tool_results import COMPUTED, PackedResults, read_calls, short
from dataclaw.errors import StreamError, ToolError
from dataclaw.tools import ToolResult
from dataclaw.tools.cache import encode_result
from dataclaw.types import Anchor, Picture
from tests.tools.test_cache import results

KEY = "ab" * 32
NO_NUMBER = ToolResult("n", data={"x": float("nan")})


def packed(result: ToolResult) -> ToolResult | str:
    return read_calls(json.dumps([{"key": short(KEY), "tool": "t", "result": encode_result(result)}]), "p")[short(KEY)]


@given(results)
def test_results_come_back_as_the_cache_gives_them(result: ToolResult) -> None:
    text = encode_result(result)
    if not any(half in text for half in ("\\ud8", "\\ud9", "\\uda", "\\udb", "\\udc", "\\udd", "\\ude", "\\udf")):
        assert packed(result) == result


def test_whole_numbers_stay_whole() -> None:
    anchor = Anchor("", "text", "a", 1, 2, 3, (0, 0, 4, 5), (1, 2), attrs={"n": 1})
    back = packed(ToolResult("n", (anchor,), (Picture(1, (0, 0, 1, 1)),), {"x": [1, 1.5]}))
    assert isinstance(back, ToolResult)
    found = back.anchors[0]
    assert [type(v) for v in (found.t0, *(found.box or ()), *(found.point or ()))] == [int] * 7


def test_failures_fail_again_in_the_same_words() -> None:
    known = read_calls(json.dumps([{"key": short(KEY), "tool": "t", "error": "no text there. Try another."}]), "p")
    cache = PackedResults(known)
    with pytest.raises(ToolError) as caught:
        cache.get(KEY)
    assert str(caught.value) == "no text there. Try another."
    assert (cache.hits, cache.misses) == (1, 0)


def test_computed_results_are_kept_up_to_a_number() -> None:
    cache = PackedResults({})
    assert cache.get("0") is None
    for i in range(COMPUTED + 1):
        cache.put(str(i), "t", ToolResult(str(i)))
    assert cache.get("0") is None
    assert cache.get("1") == ToolResult("1")
    cache.put("new", "t", ToolResult("new"))
    assert cache.get("1") is not None  # used last
    assert cache.get("2") is None


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[1]",
        "[",
        json.dumps([{"key": "../x", "tool": "t"}]),
        json.dumps([{"key": short(KEY), "tool": "t", "result": "{}"}]),
        json.dumps([{"key": short(KEY), "tool": "t"}]),
        json.dumps(
            [{"key": short(KEY), "tool": "t", "result": encode_result(ToolResult("n", data={"x": float("nan")}))}]
        ),
        json.dumps([{"key": short(KEY), "tool": "t", "result": '{"note": "' + "a" * 10}]),
    ],
)
def test_damaged_results_are_refused(text: str) -> None:
    with pytest.raises(StreamError, match="is damaged"):
        read_calls(text, "stream/calls.json")
