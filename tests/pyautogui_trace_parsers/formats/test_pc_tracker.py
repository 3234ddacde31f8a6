import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Scroll, Target, TraceError
from pyautogui_trace_parsers.formats import pc_tracker

FIXTURE = Path(__file__).parents[1] / "fixtures" / "pc_tracker" / "log.jsonl"


def test_words_become_events():
    trace = pc_tracker.parse(FIXTURE)
    assert [(e.t0, e.verb, e.point, e.end_point, e.text, e.keys) for e in trace.events] == [
        (0, "click", (100, 200), None, "", ()),
        (3, "write", None, None, "hello, world", ()),
        (4, "drag", (1, 2), (3, 4), "", ()),
        (5, "scroll", None, None, "", ()),
        (6, "hotkey", None, None, "", ("ctrl", "c")),
        (7, "other", None, None, "", ()),
        (8, "terminate", None, None, "success", ()),
    ]
    assert trace.events[0].target == Target("Start", box=(90, 190, 110, 210))
    assert trace.events[3].scroll == Scroll(0, 2, "clicks")
    assert trace.problems[0].source.line == 6


def test_time_does_not_run_backwards(tmp_path: Path):
    lines = FIXTURE.read_text().splitlines()
    (tmp_path / "a").write_text("\n".join(reversed(lines)))
    with pytest.raises(TraceError, match="earlier than the line before"):
        pc_tracker.parse(tmp_path / "a")


def test_damage(survives_damage):
    documents = [json.loads(line) for line in FIXTURE.read_text().splitlines()]
    survives_damage(pc_tracker, documents, lambda texts: "\n".join(texts).encode())
