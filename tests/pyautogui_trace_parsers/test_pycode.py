import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyautogui_trace_parsers import BrokenTrace, Event, Space
from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.model import UNIT


def read(code: str, reader: CodeReader | None = None) -> list[Event]:
    return (reader or CodeReader(UNIT, "a.py")).read(code)


def brief(code: str) -> list[tuple[object, ...]]:
    """Verb and whatever else the event says."""
    facts = (
        (e.verb, e.point, e.end_point, e.text, e.keys, e.scroll and (e.scroll.dx, e.scroll.dy)) for e in read(code)
    )
    return [tuple(value for value in fact if value) for fact in facts]


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("pyautogui.click(3, 4)", [("click", (3, 4))]),
        ("pyautogui.click(x=3, y=4, clicks=2)", [("double_click", (3, 4))]),
        ("pyautogui.click(3, 4, 3, 0.1, 'left')", [("triple_click", (3, 4))]),
        ("pyautogui.click((3, 4), button='right')", [("right_click", (3, 4))]),
        ("pyautogui.click(3, 4, clicks=4)", [("click", (3, 4))] * 4),
        ("pyautogui.doubleClick(3, 4)", [("double_click", (3, 4))]),
        ("computer.triple_click(x=3, y=4)", [("triple_click", (3, 4))]),
        ("pyautogui.middleClick(3, 4)", [("middle_click", (3, 4))]),
        ("pyautogui.moveTo(3, 4)", [("move", (3, 4))]),
        ("pyautogui.moveTo(3, 4); pyautogui.moveRel(-1, 2)", [("move", (3, 4)), ("move", (2, 6))]),
        ("pyautogui.moveTo(3, 4)\npyautogui.dragTo(5, 6, duration=1)", [("drag", (3, 4), (5, 6))]),
        ("pyautogui.moveTo(3, 4)\npyautogui.dragRel(1, 1)", [("drag", (3, 4), (4, 5))]),
        ("pyautogui.moveTo(3, 4)\npyautogui.scroll(-5)", [("scroll", (3, 4), (0, 5))]),
        ("pyautogui.moveTo(3, 4)\npyautogui.click()", [("click", (3, 4))]),
        ("pyautogui.moveTo(3, 4)\npyautogui.click(5, 6)", [("move", (3, 4)), ("click", (5, 6))]),
        ("pyautogui.click(3, 4)\npyautogui.rightClick()", [("click", (3, 4)), ("right_click", (3, 4))]),
        ("pyautogui.click(3, 4)\npyautogui.click(y=9)", [("click", (3, 4)), ("click", (3, 9))]),
        ("pyautogui.scroll(2, 3, 4)", [("scroll", (3, 4), (0, -2))]),
        ("pyautogui.hscroll(2)", [("scroll", (2, 0))]),
        ("pyautogui.typewrite('a\\nb', interval=0.1)", [("write", "a\nb")]),
        ("pyautogui.write(['a', 'Return'])", [("press", ("a",)), ("press", ("enter",))]),
        ("pyautogui.press('Esc', presses=2)", [("press", ("esc",))] * 2),
        ("pyautogui.hotkey('ctrl', 'shift', 'T')", [("hotkey", ("ctrl", "shift", "t"))]),
        ("pyautogui.hotkey(['ctrl', 'c'])", [("hotkey", ("ctrl", "c"))]),
        ("pyautogui.keyDown('shift')\npyautogui.keyUp('shift')", [("key_down", ("shift",)), ("key_up", ("shift",))]),
        ("pyautogui.mouseDown(3, 4)\npyautogui.mouseUp(5, 6)", [("mouse_down", (3, 4)), ("mouse_up", (5, 6))]),
        ("import pyautogui, time\n'a note'\ntime.sleep(0.5)\npyautogui.sleep(2)", [("wait", "0.5"), ("wait", "2")]),
        ("computer.wait()", [("wait",)]),
        ("computer.terminate(status='failure')", [("terminate", "failure")]),
        ("", []),
    ],
)
def test_calls_become_events(code: str, events: list[tuple[object, ...]]):
    assert brief(code) == events


def test_the_cursor_is_remembered_between_blocks():
    reader = CodeReader(Space("px", 800, 600), "a.jsonl")
    read("pyautogui.moveTo(3, 4)", reader)
    (event,) = reader.read("pyautogui.scroll(-1)", 9)
    assert (event.point, event.source.line, event.space.width) == ((3, 4), 9, 800)


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "import pyautogui as p",
        "from time import sleep",
        "__import__('os').system('true')",
        "x = 3",
        "open('a')",
        "pyautogui.screenshot()",
        "pyautogui.click.__class__()",
        "time.click(1, 2)",
        "pyautogui.terminate('success')",
        "pyautogui.click(10**10**10, 1)",
        "pyautogui.click([i for i in range(9)])",
        "pyautogui.click(x=y)",
        "pyautogui.click('button.png')",
        "pyautogui.click(True, 1)",
        "pyautogui.click(1e999, 1)",
        "pyautogui.click(1, 2, button='elbow')",
        "pyautogui.click(1, 2, button=['left'])",
        "pyautogui.click(*[1, 2])",
        "pyautogui.click(**{'x': 1})",
        "pyautogui.click(1, 2, z=3)",
        "pyautogui.click(1, 2, clicks=1.5)",
        "pyautogui.write(f'{1}')",
        "pyautogui.write(b'a')",
        "pyautogui.write('a' * 10)",
        "pyautogui.press('a', presses=10**9)",
        "pyautogui.press([])",
        "pyautogui.moveRel(1, 1)",
        "time.sleep(-1)",
        "while True: pass",
        "lambda: 0",
        "(" * 300,
        "-" * 100_000 + "1",
        "a" + ".a" * 100_000 + "()",
        "pyautogui.click(" + "9" * 5000 + ", 1)",
        "\0",
        "\ud800",
    ],
)
def test_everything_else_is_refused_with_its_line_and_quickly(code: str):
    start = time.monotonic()
    with pytest.raises(BrokenTrace) as caught:
        read("pyautogui.sleep(1)\n" + code)
    assert caught.value.path == "a.py"
    assert caught.value.line in (2, None)
    assert time.monotonic() - start < 2


def test_a_refused_step_can_be_kept_with_its_problem():
    events, (problem,) = CodeReader(UNIT, "a.jsonl").read_step("print('x')", 5)
    assert [(e.verb, e.raw) for e in events] == [("other", "print('x')")]
    assert problem.source.line == 5


def test_an_invalid_escape_warns_nobody():
    assert brief(r"pyautogui.write('\d')") == [("write", r"\d")]


TOKENS = ["pyautogui", ".", "click", "(", ")", "1", "'a'", ",", "=", "x", "[", "]", "\n", "-", "**", "import", "#"]
words = st.sampled_from([*TOKENS, "time", ";", "hotkey", "write", "\\"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(words, max_size=20).map("".join)))
def test_any_text_parses_or_is_a_broken_trace(code: str):
    with contextlib.suppress(BrokenTrace):
        read(code)


@given(st.text(max_size=12))
def test_canonical_keys_stay_as_they_are(name: str):
    assert canonical_key(canonical_key(name)) == canonical_key(name)


def test_key_names_of_many_tools():
    names = ["Return", "Key.ctrl_l", "Control_R", "Super_L", "ArrowUp", "Page_Down", "A", " ", "alt_gr", "F5"]
    assert [canonical_key(name) for name in names] == [
        "enter", "ctrl", "ctrl", "win", "up", "pagedown", "a", "space", "altgr", "f5"
    ]  # fmt: skip
