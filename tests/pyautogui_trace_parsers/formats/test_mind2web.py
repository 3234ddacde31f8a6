import json
from pathlib import Path
from typing import Any

import pytest

from pyautogui_trace_parsers import Target, TraceError
from pyautogui_trace_parsers.formats import mind2web

FIXTURE = Path(__file__).parents[1] / "fixtures" / "mind2web" / "tasks.json"


def tasks() -> list[dict[str, Any]]:
    return json.loads(FIXTURE.read_text())


def test_operations_become_events():
    assert mind2web.refuses(FIXTURE) is None
    trace = next(mind2web.parse_many(FIXTURE))
    assert [(e.verb, e.text, e.keys) for e in trace.events] == [
        ("write", "bees", ()),
        ("press", "", ("enter",)),
        ("select", "Price", ()),
        ("move", "", ()),
        ("click", "", ()),
    ]
    assert trace.annotations == {"task": "Find a book on bees"}
    assert trace.context == {"website": "shop", "domain": "Shopping", "subdomain": "Books"}
    assert all(event.clock == "index" and event.space.origin == "page" for event in trace.events)


def test_the_original_target_gives_the_box_and_the_representation_its_name():
    events = next(mind2web.parse_many(FIXTURE)).events
    assert events[0].target == Target("Search books", "textbox", (100, 20, 400, 60), '[backend_node_id="12"]')
    assert events[1].target == Target("Go", "button", (410, 20, 460, 60), '[backend_node_id="14"]')
    assert events[1].box == (410, 20, 460, 60)
    assert events[2].box is None, "-1,-1,-1,-1 is an element that is not shown"


def test_without_representations_the_attributes_name_the_element():
    _, second = mind2web.parse_many(FIXTURE)
    target = second.events[0].target
    assert target is not None
    assert (target.name, target.role, target.box) == ("", "a", (5.5, 900.25, 25.5, 910.25))


def test_an_action_without_an_element_is_kept_and_reported():
    trace = next(mind2web.parse_many(FIXTURE))
    assert trace.events[4].target is None
    assert [problem.message for problem in trace.problems] == ["action 'u4' has no element; it was kept without one"]


def test_one_task_need_not_stand_in_a_list(tmp_path: Path):
    path = tmp_path / "task.json"
    path.write_text(json.dumps(tasks()[1]))
    assert mind2web.parse(path).annotations["task"] == "Open the help page"


@pytest.mark.parametrize("rectangle", ["1,2,3", "a,b,c,d", "nan,1,1,1", "inf,0,1,1"])
def test_a_broken_rectangle_is_an_error(tmp_path: Path, rectangle: str):
    task = tasks()[1]
    task["actions"][0]["pos_candidates"][0]["attributes"] = json.dumps({"bounding_box_rect": rectangle})
    path = tmp_path / "task.json"
    path.write_text(json.dumps(task))
    with pytest.raises(TraceError, match="bounding_box_rect"):
        mind2web.parse(path)


def test_damage(survives_damage):
    survives_damage(mind2web, [tasks()], lambda texts: texts[0].encode())
