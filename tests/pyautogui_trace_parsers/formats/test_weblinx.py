import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pyautogui_trace_parsers import Scroll, Target, TraceError, detect
from pyautogui_trace_parsers.formats import weblinx

FIXTURE = Path(__file__).parents[1] / "fixtures" / "weblinx" / "replay.json"


def replay() -> dict[str, Any]:
    return json.loads(FIXTURE.read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    demo = tmp_path / "abc"
    (demo / "screenshots").mkdir(parents=True)
    (demo / "screenshots" / "screenshot-1-0.png").write_bytes(b"png")
    shutil.copy(FIXTURE, demo / "replay.json")
    (demo / "form.json").write_text('{"description": "Buy tea"}')
    return demo


def test_turns_become_events(folder: Path):
    assert detect(folder) == detect(FIXTURE) == "weblinx"
    trace = weblinx.parse(folder)
    assert [(e.verb, e.text, e.point) for e in trace.events] == [
        ("navigate", "https://shop.test/", None),
        ("click", "", (120, 40)),
        ("write", "red tea", None),
        ("other", "", None),
        ("scroll", "", None),
        ("scroll", "", None),
        ("select", "Price", None),
        ("move", "", (15, 400)),
        ("right_click", "", (15, 400)),
        ("other", "", None),
        ("other", "4.50", None),
    ]
    assert [e.t0 for e in trace.events[:3]] == [2.5, 4.5, 6.0], "from the first turn, which is before the recording"
    assert trace.events[1].unit_point() == (0.12, 0.08)
    assert trace.events[1].target == Target("Search", "INPUT", (100, 30, 300, 50), "//input[1]")
    assert trace.events[7].target == Target("Help", "A", (10, 390, 50, 410), "//a[1]")
    assert [e.raw for e in trace.events if e.verb == "other"] == ["submit", "tabswitch", "copy 4.50"]
    assert trace.screen_size == (1000, 500)
    assert trace.trace_id == "abc"


def test_scroll_positions_become_distances():
    assert [e.scroll for e in weblinx.parse(FIXTURE).events if e.scroll] == [Scroll(0, 300, "px"), Scroll(0, -50, "px")]


def test_a_page_that_a_form_opens_is_a_window_and_no_action():
    trace = weblinx.parse(FIXTURE)
    assert [(w.text, w.t0) for w in trace.windows] == [
        ("https://shop.test/", 2.5),
        ("https://shop.test/find?q=red", 7.0),
    ]


def test_only_pictures_that_are_there_are_screens(folder: Path):
    trace = weblinx.parse(folder)
    assert [screen.file for screen in trace.screens] == ["screenshots/screenshot-1-0.png"]
    assert trace.events[1].screen == 0
    assert trace.events[4].screen is None
    assert {p.message for p in trace.problems} == {
        "picture 'screenshots/screenshot-6-0.png' is not there; the turn has no screen"
    }


def test_what_was_said_is_ground_truth(folder: Path):
    assert weblinx.parse(folder).annotations["task"] == "Buy tea"
    alone = weblinx.parse(FIXTURE).annotations
    assert alone["task"] == "Find red tea."
    assert alone["chat"][1] == {"t": 2.0, "speaker": "navigator", "text": "Sure."}


def test_a_video_without_a_start_is_reported(folder: Path):
    (folder / "video.mp4").write_bytes(b"mp4")
    trace = weblinx.parse(folder)
    assert trace.video is None
    assert any("video.mp4" in problem.message for problem in trace.problems)


def test_turns_may_stand_on_lines(tmp_path: Path):
    path = tmp_path / "turns.jsonl"
    path.write_text("".join(json.dumps(turn) + "\n" for turn in replay()["data"]))
    assert detect(path) == "weblinx"
    assert len(weblinx.parse(path).events) == 11


def test_a_turn_without_a_time_is_named(tmp_path: Path):
    document = replay()
    document["data"][4]["timestamp"] = "late"
    path = tmp_path / "replay.json"
    path.write_text(json.dumps(document))
    with pytest.raises(TraceError, match="timestamp") as caught:
        weblinx.parse(path)
    assert caught.value.line == 4


def test_damage(survives_damage):
    survives_damage(weblinx, [replay()], lambda texts: texts[0].encode())
