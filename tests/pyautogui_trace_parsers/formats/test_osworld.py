import json
import shutil
from pathlib import Path

import pytest

from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.formats import osworld

FIXTURE = Path(__file__).parents[1] / "fixtures" / "osworld"


def test_code_words_and_objects_become_events_at_their_second():
    trace = osworld.parse(FIXTURE)
    assert [(e.t0, e.verb, e.point, e.end_point) for e in trace.events] == [
        (0.0, "click", (100, 200), None),
        (0.0, "wait", None, None),
        (2.5, "right_click", (30, 40), None),
        (4.0, "drag", (30, 40), (300, 400)),
        (5.0, "scroll", (300, 400), None),
        (6.0, "hotkey", None, None),
        (7.0, "wait", None, None),
        (8.0, "other", None, None),
        (9.0, "terminate", None, None),
    ]
    assert trace.events[4].scroll
    assert trace.events[4].scroll.dy == 5, "OSWorld's negative dy scrolls down"
    assert trace.events[5].keys == ("ctrl", "s")
    assert trace.events[-1].text == "success"


def test_the_screen_of_a_step_is_the_picture_of_the_step_before():
    trace = osworld.parse(FIXTURE / "traj.jsonl")
    assert [screen.file for screen in trace.screens] == ["step_1.png"]
    assert [e.screen for e in trace.events[:4]] == [None, None, 0, None]


def test_size_and_result_come_from_the_files_beside_it(tmp_path: Path):
    trace = osworld.parse(FIXTURE)
    assert trace.screen_size == (1920, 1080)
    assert trace.annotations["result"] == "1.0"
    assert trace.annotations["steps"][-1] == {"step_num": 8, "reward": 1, "done": True}
    shutil.copy(FIXTURE / "traj.jsonl", tmp_path)
    alone = osworld.parse(tmp_path)
    assert alone.screen_size is None
    assert alone.events[0].unit_point() is None, "a space of unknown size is not guessed"


def test_code_that_computes_is_kept_unread():
    trace = osworld.parse(FIXTURE)
    assert trace.events[7].raw.startswith("x = 3")
    assert "an assign is not a pyautogui call" in trace.problems[0].message


def test_a_time_that_is_none_is_refused(tmp_path: Path):
    row = {"step_num": 1, "action_timestamp": "yesterday", "action": "DONE", "done": True}
    (tmp_path / "traj.jsonl").write_text(json.dumps(row))
    with pytest.raises(TraceError, match="not like 20240612@101112"):
        osworld.parse(tmp_path)


def test_damage(survives_damage):
    documents = [json.loads(line) for line in (FIXTURE / "traj.jsonl").read_text().splitlines()]
    survives_damage(osworld, documents, lambda texts: "\n".join(texts).encode())
