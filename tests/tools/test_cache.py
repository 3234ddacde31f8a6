import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.tools import Tool, ToolContext, ToolResult, builtin, tool
from dataclaw.tools.cache import Cache, call, default_folder, key_of
from dataclaw.types import Anchor, Picture
from tests.tools.screens import Screen, click, context, stream

tools = builtin()
text = st.text(st.characters(exclude_categories=()), max_size=30)
number = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | number | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
boxes = st.none() | st.tuples(number, number, number, number)
results = st.builds(
    ToolResult,
    note=text,
    anchors=st.lists(
        st.builds(
            Anchor,
            id=text,
            kind=text,
            content=text,
            t0=number,
            t1=number,
            frame=st.none() | st.integers(0, 300),
            box=boxes,
            point=st.none() | st.tuples(number, number),
            confidence=number,
            attrs=st.dictionaries(text, plain, max_size=3),
        ),
        max_size=3,
    ).map(tuple),
    pictures=st.lists(st.builds(Picture, st.integers(0, 9), boxes, text), max_size=2).map(tuple),
    data=st.dictionaries(text, plain, max_size=3),
)


def counting(calls: list[Mapping[str, object]]) -> Tool:
    @tool("count")
    def count(ctx: ToolContext, *, n: int = 1, words: list[str] = []) -> ToolResult:  # noqa: B006
        """Count calls."""
        calls.append({"n": n})
        if n < 0:
            raise ToolError("negative.")
        return ToolResult(f"n={n}", data={"calls": len(calls)})

    return count


@given(results)
def test_what_comes_out_equals_what_went_in(tmp_path_factory: pytest.TempPathFactory, result: ToolResult):
    cache = Cache(tmp_path_factory.mktemp("cache") / "tools.sqlite")
    cache.put("k", "t", result)
    assert cache.get("k") == result


@pytest.mark.parametrize("name", ["overview", "list_events", "detect_changes", "segment_actions", "sample_frames"])
def test_tools_say_the_same_through_the_cache(tmp_path: Path, name: str):
    screens = [Screen(), Screen(colour=(20, 90, 40)), Screen(ticked=(500, 300))]
    ctx = context(
        stream(screens, [click(i, float(i), 500, 300, window=f"W{i}", attrs={"button": "left"}) for i in range(3)])
    )
    cache = Cache(tmp_path / "c.sqlite")
    first, second = call(tools[name], ctx, {}, cache), call(tools[name], ctx, {}, cache)
    assert first == second == tools[name](ctx, {})
    assert (cache.hits, cache.misses) == (1, 1)


def test_defaults_and_order_of_arguments_do_not_matter(tmp_path: Path):
    calls: list[Mapping[str, object]] = []
    cache, count, ctx = Cache(tmp_path / "c.sqlite"), counting(calls), context(stream())
    for args in ({}, {"n": 1}, {"words": [], "n": 1}, {"n": 1, "words": []}):
        assert call(count, ctx, args, cache).data["calls"] == 1
    assert call(count, ctx, {"n": 2}, cache).data["calls"] == 2


def test_everything_that_decides_a_result_is_in_the_key():
    count, source = counting([]), stream([Screen()] * 3, [click(0, 0.0, 5, 5)])
    ctx = context(source)
    other_grid = replace(source, frames=stream([Screen()] * 3, times=[0.0, 0.5, 2.0]).frames)
    variants = [
        (count, ctx),
        (replace(count, version=2), ctx),
        (replace(count, name="other"), ctx),
        (count, replace(ctx, window=(0.0, 1.0))),
        (count, replace(ctx, ocr="tesseract")),
        (count, replace(ctx, stream=replace(source, id="f" * 16))),
        (count, replace(ctx, stream=other_grid)),
        (count, replace(ctx, stream=replace(source, events=(click(0, 0.1, 5, 5),)))),
        (count, replace(ctx, stream=replace(source, parts={"A": source}))),
        (count, replace(ctx, stream=replace(source, events=(replace(click(0, 0.0, 5, 5), attrs={"outcomes": []}),)))),
    ]
    assert len({key_of(t, c, {}) for t, c in variants}) == len(variants)


def test_what_a_rollout_has_seen_is_not():
    seen = {"t1": Anchor("t1", "text", "x", 0.0, 0.0)}
    ctx = context(stream([Screen()]))
    assert key_of(tools["overview"], ctx, {}) == key_of(tools["overview"], replace(ctx, anchors=seen), {})


def test_uncached_tools_bypass(tmp_path: Path):
    calls: list[Mapping[str, object]] = []
    cache, count = Cache(tmp_path / "c.sqlite"), replace(counting(calls), cached=False)
    for _ in range(3):
        call(count, context(stream()), {}, cache)
    assert len(calls) == 3
    assert not cache.path.exists()


def test_errors_are_not_remembered(tmp_path: Path):
    calls: list[Mapping[str, object]] = []
    cache, count, ctx = Cache(tmp_path / "c.sqlite"), counting(calls), context(stream())
    for _ in range(2):
        with pytest.raises(ToolError, match="negative"):
            call(count, ctx, {"n": -1}, cache)
    assert len(calls) == 2
    with pytest.raises(ToolError, match="Arguments: n, words"):
        call(count, ctx, {"m": 1}, cache)


@pytest.mark.parametrize("column", ["value = 'rubbish'", "value = replace(value, 'n=1', 'n=2')", "checksum = 5"])
def test_a_damaged_entry_is_computed_again(tmp_path: Path, caplog: pytest.LogCaptureFixture, column: str):
    calls: list[Mapping[str, object]] = []
    cache, count, ctx = Cache(tmp_path / "c.sqlite"), counting(calls), context(stream())
    call(count, ctx, {}, cache)
    connection = sqlite3.connect(cache.path)
    connection.execute(f"UPDATE results SET {column}")
    connection.commit()
    connection.close()
    assert call(count, ctx, {}, cache).data["calls"] == 2
    assert "damaged entry" in caplog.text
    assert call(count, ctx, {}, cache).data["calls"] == 2


@pytest.mark.parametrize("rubbish", [b"this is not a database " * 500, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_damaged_file_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture, rubbish: bytes):
    calls: list[Mapping[str, object]] = []
    cache, count, ctx = Cache(tmp_path / "c.sqlite"), counting(calls), context(stream())
    cache.path.write_bytes(rubbish)
    assert call(count, ctx, {}, cache).note == "n=1"
    assert call(count, ctx, {}, cache).data["calls"] == 1
    assert "moved aside" in caplog.text
    assert [p.read_bytes() for p in tmp_path.glob("c.sqlite.damaged-*")] == [rubbish]


def test_a_file_with_names_that_are_no_text_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    calls: list[Mapping[str, object]] = []
    count, ctx, whole = counting(calls), context(stream()), Cache(tmp_path / "a.sqlite")
    call(count, ctx, {}, whole)
    damaged = Cache(tmp_path / "b.sqlite")
    damaged.path.write_bytes(whole.path.read_bytes().replace(b"sqlite_sequence", b"sqlite_sequenc\xe5", 1))
    assert call(count, ctx, {}, damaged).note == "n=1"
    assert "moved aside" in caplog.text


def test_a_cache_that_cannot_be_written_leaves_the_call_uncached(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    calls: list[Mapping[str, object]] = []
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file" / "c.sqlite", tmp_path):
        caplog.clear()
        assert call(counting(calls), context(stream()), {}, Cache(place)).note == "n=1"
        assert any(r.levelno == logging.WARNING for r in caplog.records)


def test_the_oldest_are_dropped(tmp_path: Path):
    cache = Cache(tmp_path / "c.sqlite", limit=20_000)
    for i in range(100):
        cache.put(f"k{i}", "t", ToolResult("x" * 1000))
    kept = [i for i in range(100) if cache.get(f"k{i}")]
    assert kept == list(range(kept[0], 100))
    assert 15 <= len(kept) <= 22


def test_an_entry_larger_than_the_limit_is_not_kept(tmp_path: Path):
    cache = Cache(tmp_path / "c.sqlite", limit=1000)
    cache.put("small", "t", ToolResult("x"))
    cache.put("large", "t", ToolResult("x" * 2000))
    assert cache.get("large") is None
    assert cache.get("small") == ToolResult("x")


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    Cache().put("k", "t", ToolResult("kept"))
    assert [p.suffix for p in (tmp_path / "mine").iterdir()] == [".sqlite"]
    monkeypatch.delenv("DATACLAW_CACHE")
    assert default_folder().name == "dataclaw"


WORKER = """
import sys
from pathlib import Path
from dataclaw.tools import ToolResult
from dataclaw.tools.cache import Cache

cache, worker = Cache(Path(sys.argv[1])), sys.argv[2]
for i in range(30):
    cache.put(f"{worker}-{i}", "t", ToolResult(f"{worker} {i}"))
    cache.put("shared", "t", ToolResult("the same for all"))
    assert cache.get(f"{worker}-{i}") == ToolResult(f"{worker} {i}")
"""


def test_several_processes_share_one_file(tmp_path: Path):
    path = tmp_path / "c.sqlite"
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(path), str(n)]) for n in range(3)]
    assert [w.wait(60) for w in workers] == [0, 0, 0]
    cache = Cache(path)
    assert all(cache.get(f"{n}-{i}") == ToolResult(f"{n} {i}") for n in range(3) for i in range(30))


def test_values_are_json(tmp_path: Path):
    cache = Cache(tmp_path / "c.sqlite")
    call(tools["overview"], context(stream([Screen()])), {}, cache)
    connection = sqlite3.connect(cache.path)
    (value,) = connection.execute("SELECT value FROM results").fetchone()
    connection.close()
    assert json.loads(value)["data"]["frames"] == 1
