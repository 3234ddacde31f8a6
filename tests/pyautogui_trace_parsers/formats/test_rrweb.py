import json
from pathlib import Path
from typing import Any

import pytest

from pyautogui_trace_parsers import Scroll, Target, TraceError, detect
from pyautogui_trace_parsers.formats import rrweb

FIXTURE = Path(__file__).parents[1] / "fixtures" / "rrweb" / "session.json"


def session() -> list[dict[str, Any]]:
    return json.loads(FIXTURE.read_text())


def write(folder: Path, events: list[dict[str, Any]]) -> Path:
    path = folder / "session.json"
    path.write_text(json.dumps(events))
    return path


def interaction(t: float, kind: int, x: float = 10, y: float = 10) -> dict[str, Any]:
    return {"type": 3, "timestamp": t, "data": {"source": 2, "type": kind, "id": 1, "x": x, "y": y}}


def field(t: float, text: str, **more: Any) -> dict[str, Any]:
    return {"type": 3, "timestamp": t, "data": {"source": 5, "id": 5, "text": text, "isChecked": False, **more}}


def test_a_session_becomes_events():
    assert detect(FIXTURE) == "rrweb"
    trace = rrweb.parse(FIXTURE)
    assert [(e.verb, e.text, e.point, e.target.name if e.target else "") for e in trace.events] == [
        ("click", "", (200, 40), "Search"),
        ("write", "tea", None, "Search"),
        ("click", "", (300, 45), "Go"),
        ("scroll", "", None, ""),
        ("double_click", "", (30, 100), "Green tea"),
        ("select", "Large", None, "Size"),
        ("click", "", (10, 300), "Gift"),
        ("write", " Bee", None, "note"),
        ("right_click", "", (300, 45), "Again"),
        ("long_press", "", (30, 100), "Green tea"),
    ]
    assert [(e.t0, e.t1) for e in trace.events[:2]] == [(0.5, 0.6), (1.0, 1.4)]
    assert trace.events[2].target == Target("Go", "button", None, "#go"), "as it was before the page changed"
    assert trace.events[8].target == Target("Again", "button", None, "#again")


def test_scroll_positions_become_one_distance_from_the_initial_offset():
    event = rrweb.parse(FIXTURE).events[3]
    assert event.scroll == Scroll(0, 250, "px")
    assert (event.t0, event.t1) == (3.0, 3.1)


def test_each_event_has_the_viewport_of_its_time():
    trace = rrweb.parse(FIXTURE)
    assert trace.screen_size == (1000, 500)
    assert trace.events[0].unit_point() == (0.2, 0.08)
    assert trace.events[-1].unit_point() == (0.06, 100 / 900)


def test_addresses_are_windows():
    assert [(w.text, w.t0) for w in rrweb.parse(FIXTURE).windows] == [
        ("https://shop.test/", 0.0),
        ("https://shop.test/tea", 11.0),
    ]


def test_other_containers(tmp_path: Path):
    lines = tmp_path / "session.jsonl"
    lines.write_text("".join(json.dumps(event) + "\n" for event in session()))
    wrapped = tmp_path / "wrapped.json"
    wrapped.write_text(json.dumps({"events": session()}))
    for path in (lines, wrapped):
        assert detect(path) == "rrweb"
        assert len(rrweb.parse(path).events) == 10


def test_clicks_count_when_presses_were_not_recorded(tmp_path: Path):
    trace = rrweb.parse(write(tmp_path, [interaction(1, 2), interaction(5000, 2, 30, 40)]))
    assert [(e.verb, e.point) for e in trace.events] == [("click", (10, 10)), ("click", (30, 40))]


def test_a_click_that_the_page_makes_itself_does_not_count(tmp_path: Path):
    trace = rrweb.parse(write(tmp_path, [interaction(1, 1), interaction(2, 0), interaction(3, 2), interaction(900, 2)]))
    assert [e.verb for e in trace.events] == ["click"]


def test_a_press_released_elsewhere_is_a_drag(tmp_path: Path):
    event = rrweb.parse(write(tmp_path, [interaction(1, 1), interaction(400, 0, 90, 10)])).events[0]
    assert (event.verb, event.point, event.end_point) == ("drag", (10, 10), (90, 10))


@pytest.mark.parametrize(
    ("texts", "events"),
    [
        (["a", "ab", "a", "ac"], [("write", "ac")]),
        (["a", ""], []),
        (["****"], [("write", "****")]),
    ],
)
def test_typing_is_what_the_field_gained(tmp_path: Path, texts: list[str], events: list[tuple[str, str]]):
    trace = rrweb.parse(write(tmp_path, [field(i, text) for i, text in enumerate(texts)]))
    assert [(e.verb, e.text) for e in trace.events] == events


def test_taking_back_what_was_there_is_no_writing(tmp_path: Path):
    trace = rrweb.parse(write(tmp_path, [field(1, "abc"), interaction(2, 1), interaction(3, 0), field(4, "a")]))
    assert [e.verb for e in trace.events] == ["write", "click", "other"]
    assert trace.events[2].raw == "the field holds 'a', before 'abc'"


def test_what_a_script_fills_in_is_not_written(tmp_path: Path):
    trace = rrweb.parse(write(tmp_path, [field(1, "auto", userTriggered=False), field(2, "auto!")]))
    assert [(e.verb, e.text) for e in trace.events] == [("write", "!")]


def test_a_broken_event_is_named(tmp_path: Path):
    with pytest.raises(TraceError, match="'x'") as caught:
        rrweb.parse(write(tmp_path, [interaction(1, 1), interaction(2, 1, x="left")]))  # pyright: ignore
    assert caught.value.line == 1


def test_damage(survives_damage):
    survives_damage(rrweb, [session()], lambda texts: texts[0].encode())
