import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Scroll, TraceError
from pyautogui_trace_parsers.formats import showui

FIXTURE = Path(__file__).parents[1] / "fixtures" / "showui" / "answers.txt"
ROW = {"action": "CLICK", "value": None, "position": [0.1, 0.2]}


def test_literals_become_events():
    trace = showui.parse(FIXTURE)
    assert [(e.verb, e.point, e.end_point, e.text, e.keys, e.source.line) for e in trace.events] == [
        ("click", (0.49, 0.42), None, "", (), 1),
        ("write", (0.49, 0.42), None, "it's", (), 2),
        ("press", None, None, "", ("enter",), 2),
        ("scroll", None, None, "", (), 3),
        ("drag", (0.1, 0.9), (0.1, 0.2), "", (), 4),
        ("other", None, None, "", (), 5),
        ("terminate", None, None, "yes", (), 6),
    ]
    assert trace.events[3].scroll == Scroll(0, 1, "fraction")
    assert len(trace.problems) == 1


def test_json_rows_are_read_too(tmp_path: Path):
    (tmp_path / "a").write_text(json.dumps([ROW, ROW]))
    assert [e.source.line for e in showui.parse(tmp_path / "a").events] == [0, 1]


@pytest.mark.parametrize(
    "line", ["{'action': open('x')}", "__import__('os')", "{" * 300, "{1: 2}", "[" * 99_999, "1" * 5000]
)
def test_anything_but_literals_is_refused(tmp_path: Path, line: str):
    (tmp_path / "a").write_text(FIXTURE.read_text() + line)
    with pytest.raises(TraceError) as caught:
        showui.parse(tmp_path / "a")
    assert caught.value.line == 7


def test_text_damage(survives_text_damage):
    survives_text_damage(showui, FIXTURE.read_text())


def test_damage(survives_damage):
    survives_damage(
        showui, [ROW, {**ROW, "action": "SWIPE", "position": [[0, 0], [1, 1]]}], lambda t: "\n".join(t).encode()
    )
