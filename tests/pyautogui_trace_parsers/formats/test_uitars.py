import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Scroll, TraceError
from pyautogui_trace_parsers.formats import uitars

FIXTURES = Path(__file__).parents[1] / "fixtures" / "uitars"
TEXT = FIXTURES / "steps.txt"
STEPS = FIXTURES / "steps.json"


def test_actions_become_events_in_the_declared_space():
    trace = uitars.parse(TEXT)
    assert [(e.verb, e.point, e.end_point, e.text, e.keys, e.source.line) for e in trace.events] == [
        ("click", (100, 50), None, "", (), 3),
        ("drag", (100, 200), (300, 400), "", (), 7),
        ("write", None, None, 'it\'s "here"', (), 9),
        ("press", None, None, "", ("enter",), 9),
        ("hotkey", None, None, "", ("ctrl", "shift", "up"), 12),
        ("scroll", (20, 30), None, "", (), 12),
        ("wait", None, None, "", (), 12),
        ("other", None, None, "", (), 16),
        ("terminate", None, None, "done", (), 18),
    ]
    assert trace.events[5].scroll == Scroll(0, 5, "clicks")
    assert (trace.events[0].space.kind, trace.events[0].unit_point()) == ("resized_px", (0.1, 0.1))
    assert "no action 'fly'" in trace.problems[0].message


def test_thoughts_are_annotations():
    steps = uitars.parse(TEXT).annotations["steps"]
    assert [step["thought"] for step in steps] == ["I should open the menu.\nIt is at the top.", "Now type."]


def test_an_object_declares_the_space_of_its_steps():
    trace = uitars.parse(STEPS)
    assert [(e.verb, e.unit_point(), e.keys) for e in trace.events] == [
        ("double_click", (0.5, 0.25), ()),
        ("press", None, ("browserback",)),
    ]
    assert trace.annotations["task"] == "Open it"


def test_points_without_a_declared_space_are_refused_with_a_remedy(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("Thought: x\nAction: click(point='<point>5 6</point>')\n")
    assert uitars.refuses(path) is None
    with pytest.raises(TraceError, match="space: permille") as caught:
        uitars.parse(path)
    assert caught.value.line == 1
    path.write_text("Thought: x\nAction: type(content='no point, no space needed')\n")
    assert [e.verb for e in uitars.parse(path).events] == ["write"]


@pytest.mark.parametrize("header", ["space: resized_px", "space: furlongs", "space: px 0x5"])
def test_half_a_declaration_is_refused(tmp_path: Path, header: str):
    (tmp_path / "a.txt").write_text(f"{header}\nAction: wait()\n")
    with pytest.raises(TraceError, match="space"):
        uitars.parse(tmp_path / "a.txt")


def test_text_damage(survives_text_damage):
    survives_text_damage(uitars, TEXT.read_text())


def test_damage(survives_damage):
    survives_damage(uitars, [json.loads(STEPS.read_text())], lambda texts: texts[0].encode())
