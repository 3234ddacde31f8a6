import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyautogui_trace_parsers import (
    Event,
    Scroll,
    Source,
    Space,
    Trace,
    TraceError,
    detect,
    parse,
    to_agentnet_jsonl,
    to_pyautogui,
    to_uitars,
)
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.model import NO_SPACE, PERMILLE, UNIT

SOURCE = Source("f", 1)
KEY = st.sampled_from(["enter", "ctrl", "shift", "a", "f5", "'", "\\", "pageup", "+", "ü"]).map(canonical_key)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def event(verb: str, **facts: object) -> Event:
    return Event(verb, None, None, SOURCE, clock="index", **facts)  # type: ignore[arg-type]


def events_in(space: Space, number: st.SearchStrategy[float]) -> st.SearchStrategy[list[Event]]:
    point = st.tuples(number, number)
    amount = st.integers(-50, 50).filter(bool).map(float)

    def place(verb: str) -> st.SearchStrategy[Event]:
        return point.map(lambda p: event(verb, point=p, space=space))

    pointer = ["move", "click", "double_click", "triple_click", "right_click", "middle_click", "mouse_down", "mouse_up"]
    return st.lists(
        st.one_of(
            st.sampled_from(pointer).flatmap(place),
            st.builds(lambda p, q: event("drag", point=p, end_point=q, space=space), point, point),
            st.builds(
                lambda p, n: event("scroll", point=p, scroll=Scroll(0.0, n, "clicks"), space=space), point, amount
            ),
            st.builds(
                lambda p, n: event("scroll", point=p, scroll=Scroll(n, 0.0, "clicks"), space=space), point, amount
            ),
            TEXT.map(lambda text: event("write", text=text)),
            KEY.map(lambda key: event("press", keys=(key,))),
            st.lists(KEY, min_size=2, max_size=3).map(lambda keys: event("hotkey", keys=tuple(keys))),
            KEY.map(lambda key: event("key_down", keys=(key,))),
            st.sampled_from(["", "1", "0.25"]).map(lambda text: event("wait", text=text)),
            TEXT.map(lambda text: event("terminate", text=text)),
        ),
        max_size=8,
    )


def said(events: tuple[Event, ...] | list[Event]) -> list[Event]:
    """The events without their place in the file."""
    return [replace(e, source=SOURCE, raw="", screen=None) for e in events]


QUICK = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FRACTION = st.floats(0, 1)


@QUICK
@given(events=events_in(UNIT, FRACTION))
def test_a_script_in_fractions_comes_back_as_it_was(tmp_path: Path, events: list[Event]):
    (tmp_path / "a.py").write_text(to_pyautogui(events), encoding="utf-8")
    assert said(parse(tmp_path / "a.py").events) == events


@QUICK
@given(events=events_in(Space("px", 800.0, 600.0), st.integers(-900, 2000).map(float) | st.floats(0, 600)))
def test_a_script_in_pixels_comes_back_as_it_was(tmp_path: Path, events: list[Event]):
    trace = Trace("x", "/", tuple(events), screen_size=(800, 600))
    (tmp_path / "a.py").write_text(to_pyautogui(trace, "px"), encoding="utf-8")
    assert said(parse(tmp_path / "a.py").events) == events


@QUICK
@given(events=events_in(UNIT, FRACTION), task=TEXT, name=TEXT)
def test_agentnet_jsonl_comes_back_as_it_was(tmp_path: Path, events: list[Event], task: str, name: str):
    line = to_agentnet_jsonl(Trace("x", "/", tuple(events), trace_id=name, annotations={"task": task}))
    assert line.count("\n") == 1
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    trace = parse(tmp_path / "a.jsonl")
    assert (trace.format, trace.trace_id, trace.annotations["task"]) == ("agentnet", name, task)
    assert said(trace.events) == events


def uitars_can(e: Event) -> bool:
    """What UI-TARS can say at all: no lone buttons or keys, no length of a wait, scrolls of its one size."""
    unsayable = e.verb in ("triple_click", "middle_click", "mouse_down", "mouse_up", "key_down")
    return not (
        unsayable or "\0" in e.text or (e.text.endswith("\n") and e.verb == "write") or (e.verb == "wait" and e.text)
    )


def five_clicks(scroll: Scroll) -> Scroll:
    return Scroll(
        math.copysign(5, scroll.dx) if scroll.dx else 0.0, math.copysign(5, scroll.dy) if scroll.dy else 0.0, "clicks"
    )


@QUICK
@given(events=events_in(PERMILLE, st.integers(0, 1000).map(float)))
def test_uitars_actions_come_back_as_they_were(tmp_path: Path, events: list[Event]):
    events = [e for e in events if uitars_can(e)]
    events = [replace(e, scroll=five_clicks(e.scroll)) if e.scroll else e for e in events]
    (tmp_path / "a.txt").write_text(to_uitars(events), encoding="utf-8", newline="")
    if events:
        assert detect(tmp_path / "a.txt") == "uitars"
    assert said(parse(tmp_path / "a.txt", "uitars").events) == events


def test_points_are_converted_between_spaces():
    px = event("click", point=(400.0, 150.0), space=Space("px", 800.0, 600.0))
    assert to_pyautogui([px]).splitlines()[-1] == "pyautogui.click(x=0.5, y=0.25)"
    assert to_pyautogui([px], "px").splitlines()[-1] == "pyautogui.click(x=400, y=150)"
    unit = event("click", point=(0.5, 0.25), space=UNIT)
    assert to_pyautogui([unit], "px", (800, 600)).splitlines()[-1] == "pyautogui.click(x=400, y=150)"
    assert "'<point>500 250</point>'" in to_uitars([px])
    assert "resized_px 80x60" in to_uitars([px], (80, 60))
    assert "'<point>40 15</point>'" in to_uitars([px], (80, 60))


def test_a_point_in_a_space_of_unknown_size_is_not_guessed():
    lost = event("click", point=(400.0, 150.0), space=Space("px"))
    tiny = event("click", point=(400.0, 150.0), space=Space("px", 1e-320, 5.0))
    for write in (to_pyautogui, to_uitars):
        for one in (lost, tiny):
            with pytest.raises(TraceError, match="unknown size"):
                write([one])
    assert "x=400" in to_pyautogui([lost], "px")
    with pytest.raises(TraceError, match="size is not known"):
        to_pyautogui([event("click", point=(0.5, 0.5), space=UNIT)], "px")


def test_what_pyautogui_cannot_do_is_a_comment():
    code = to_pyautogui([event("navigate", text="https://a.example/\nimport os")])
    assert code.splitlines()[2:] == ["# not a pyautogui action: navigate {'text': 'https://a.example/\\nimport os'}"]
    swipe = event("scroll", scroll=Scroll(0, 0.5, "fraction"), space=NO_SPACE)
    assert to_pyautogui([swipe]).splitlines()[-1].startswith("# not a pyautogui action: scroll")


def test_what_uitars_cannot_say_is_an_error():
    with pytest.raises(TraceError, match="no action for 'mouse_down'"):
        to_uitars([event("mouse_down", point=(0.1, 0.1), space=UNIT)])
    with pytest.raises(TraceError, match="NUL"):
        to_uitars([event("write", text="a\0")])


def test_modifiers_held_during_a_click_are_pressed_around_it():
    held = event("click", point=(0.5, 0.5), space=UNIT, keys=("ctrl",))
    assert to_pyautogui([held]).splitlines()[2:] == [
        "pyautogui.keyDown('ctrl')",
        "pyautogui.click(x=0.5, y=0.5)",
        "pyautogui.keyUp('ctrl')",
    ]


def test_agentnet_steps_name_their_pictures(tmp_path: Path):
    from pyautogui_trace_parsers import Screen

    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"x")
    trace = Trace("x", str(tmp_path), (event("wait", screen=0),), screens=(Screen("images/a.png"),))
    line = to_agentnet_jsonl(trace)
    assert json.loads(line)["traj"][0]["image"] == "images/a.png"
    (tmp_path / "a.jsonl").write_text(line)
    assert parse(tmp_path / "a.jsonl").screens == trace.screens
