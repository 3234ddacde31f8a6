from pathlib import Path

import pytest

from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.formats import pyautogui_script

FIXTURE = Path(__file__).parents[1] / "fixtures" / "pyautogui_script" / "note.txt"


def test_calls_become_events_at_their_line():
    trace = pyautogui_script.parse(FIXTURE)
    assert [(e.verb, e.point, e.text, e.keys, e.source.line) for e in trace.events] == [
        ("click", (100, 200), "", (), 6),
        ("write", None, "hello", (), 7),
        ("wait", None, "0.25", (), 8),
        ("hotkey", None, "", ("ctrl", "s"), 9),
    ]
    assert trace.screen_size == (800, 600)
    assert trace.annotations == {"task": "Write a note"}


def test_pixels_of_an_undeclared_screen_have_no_fraction(tmp_path: Path):
    (tmp_path / "a").write_text("import pyautogui\npyautogui.click(1, 2)\n")
    (event,) = pyautogui_script.parse(tmp_path / "a").events
    assert (event.space.kind, event.space.width, event.unit_point()) == ("px", None, None)


def test_a_script_that_does_more_is_refused_at_its_line(tmp_path: Path):
    (tmp_path / "a").write_text("import pyautogui\nimport os\n")
    with pytest.raises(TraceError, match=r"note|a:2: an import"):
        pyautogui_script.parse(tmp_path / "a")


def test_text_damage(survives_text_damage):
    survives_text_damage(pyautogui_script, FIXTURE.read_text())
