import copy
import gzip
import json
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from pyautogui_trace_parsers import Event, Outcome, Target, TraceError, detect
from pyautogui_trace_parsers.dom import SELECTED
from pyautogui_trace_parsers.formats import miniwob

FIXTURE = Path(__file__).parents[1] / "fixtures" / "miniwob" / "send-note.json"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "gui" / "miniwob_demos"


def demonstration() -> dict[str, Any]:
    return json.loads(FIXTURE.read_text())


def write(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "demo.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def test_every_input_counts_once_and_becomes_an_action(tmp_path: Path):
    path = write(tmp_path, demonstration())
    assert detect(path) == detect(FIXTURE) == "miniwob"
    trace = miniwob.parse(path)
    assert [(e.verb, e.point, e.text) for e in trace.events] == [
        ("click", (50, 70), ""),
        ("write", None, "A2"),
        ("click", (30, 95), ""),
        ("click", (40, 130), ""),
    ]
    assert (trace.events[0].t0, trace.events[0].t1) == (0.5, 0.6)
    plain = miniwob.parse(FIXTURE)
    assert [e.target for e in trace.events] == [e.target for e in plain.events], "packed or not"


def test_the_task_area_is_the_space():
    trace = miniwob.parse(FIXTURE)
    assert trace.screen_size == (160, 210)
    assert trace.context["area_declared_by"] == "#wrap"
    assert trace.events[0].unit_point() == (50 / 160, 70 / 210)


def test_events_name_the_element_under_the_point_or_with_the_focus():
    targets = [event.target for event in miniwob.parse(FIXTURE).events]
    assert targets == [
        Target("who", "INPUT_text", (10, 60, 110, 80), "#who"),
        Target("who", "INPUT_text", (10, 60, 110, 80), "#who"),
        Target("Bees", "LABEL", (10, 90, 70, 102), ""),
        Target("Done", "BUTTON", (10, 120, 70, 140), "#go"),
    ]


def test_a_checkbox_is_named_by_the_label_around_it(tmp_path: Path):
    document = demonstration()
    for state in document["states"]:
        action = state["action"]
        if action and action.get("x") == 30:
            action["x"] = 15
    target = miniwob.parse(write(tmp_path, document)).events[2].target
    assert target == Target("Bees", "INPUT_checkbox", (10, 90, 22, 102), "#ch0")


def page(*nodes: dict[str, Any]) -> dict[str, Any]:
    """A state's DOM: the given nodes inside a task area."""
    placed = [{"left": 5, "top": 60 + 20 * k, "width": 40, "height": 15, "id": "", **n} for k, n in enumerate(nodes)]
    wrap = {"tag": "DIV", "left": 0, "top": 0, "width": 160, "height": 210, "id": "wrap", "children": placed}
    return {"tag": "BODY", "left": 0, "top": 0, "width": 800, "height": 210, "children": [wrap]}


def pressed(t: int, kind: str, dom: dict[str, Any], x: float = 10, y: float = 65) -> dict[str, Any]:
    return {"time": t, "dom": dom, "action": {"type": kind, "x": x, "y": y, "timing": 1}}


def clicks(*pages: dict[str, Any], apart: int = 150, y: float = 65) -> list[dict[str, Any]]:
    """A click on each page in turn, and a last state that shows the last page."""
    states = [{"time": 0, "dom": pages[0], "action": None}]
    for k, dom in enumerate(pages[:-1]):
        start = 1000 + apart * k
        states += [pressed(start, "mousedown", dom, y=y), pressed(start + 40, "mouseup", dom, y=y)]
    return [*states, {"time": 9000, "dom": pages[-1], "action": None}]


def events(folder: Path, states: list[dict[str, Any]]) -> tuple[Event, ...]:
    return miniwob.parse(write(folder, {"utterance": "do it", "states": states})).events


def test_quick_clicks_that_each_have_their_effect_are_single_clicks(tmp_path: Path):
    months = [
        page({"tag": "SPAN", "text": "Prev"}, {"tag": "SPAN", "text": month}) for month in ("May", "April", "March")
    ]
    assert [e.verb for e in events(tmp_path, clicks(*months))] == ["click", "click"]
    still = [months[0]] * 3
    assert [e.verb for e in events(tmp_path, clicks(*still))] == ["double_click"]


def test_what_a_click_leaves_in_fields_and_boxes_is_its_outcome(tmp_path: Path):
    day = {"tag": "A", "text": "15"}
    before, after = (
        page(day, {"tag": "SPAN", "text": "Date:"}, {"tag": "INPUT_text", "id": "dp", "value": value},
             {"tag": "LABEL", "children": [
                 {"tag": "INPUT_checkbox", "id": "b", "value": ticked, "left": 5, "top": 120, "width": 9, "height": 9},
                 {"tag": "t", "text": "Weekly", "left": 15, "top": 120, "width": 30, "height": 9}]})
        for value, ticked in (("", False), ("09/15/2016", True))
    )  # fmt: skip
    (event,) = events(tmp_path, clicks(before, after))
    assert event.outcomes == (Outcome("value", "Date", "09/15/2016"), Outcome("checked", "Weekly"))


def test_the_marked_option_is_what_was_chosen(tmp_path: Path):
    def listing(chosen: str) -> dict[str, Any]:
        options = [
            {"tag": "OPTION", "text": name, "left": 5, "top": 80, "width": 30, "height": 9,
             "bgColor": SELECTED if name == chosen else "rgba(0, 0, 0, 0)"}
            for name in ("Ann", "Bob")
        ]  # fmt: skip
        return page({"tag": "SELECT", "id": "names", "recordingTarget": True, "children": options})

    states = [pressed(500, "mouseup", listing("Ann")), {"time": 900, "dom": listing("Bob"), "action": None}]
    (event,) = events(tmp_path, states)
    assert (event.verb, event.text, event.outcomes) == ("select", "Bob", (Outcome("value", "names", "Bob"),))


@pytest.mark.parametrize(
    ("node", "name", "role"),
    [
        ({"tag": "SPAN", "classes": "trash"}, "trash", "icon"),
        ({"tag": "SPAN", "classes": "ui-icon ui-icon-triangle-1-n"}, "up arrow", "icon"),
        ({"tag": "SPAN", "id": "send-reply"}, "send reply", "icon"),
        ({"tag": "DIV", "bgColor": "rgb(250, 5, 5)"}, "red box", "DIV"),
        ({"tag": "INPUT_text", "id": "tt", "value": "7n4"}, "", "INPUT_text"),
        ({"tag": "INPUT_text", "id": "city", "value": "Ely"}, "city", "INPUT_text"),
        ({"tag": "DIV", "id": "area"}, "", "DIV"),
        ({"tag": "BUTTON", "text": "Go"}, "Go", "BUTTON"),
    ],
)
def test_an_element_is_called_what_a_person_would_call_it(tmp_path: Path, node: dict[str, Any], name: str, role: str):
    (event,) = events(tmp_path, clicks(page(node), page(node)))
    assert event.target
    assert (event.target.name, event.target.role) == (name, role)


def test_dragging_while_the_page_scrolls_is_the_scroll_bar(tmp_path: Path):
    here = page({"tag": "DIV", "id": "main"})
    states = [
        pressed(100, "mousedown", here), pressed(200, "scroll", here), pressed(300, "mouseup", here, y=120),
        {"time": 900, "dom": here, "action": None},
    ]  # fmt: skip
    (event,) = events(tmp_path, states)
    assert event.verb == "drag"
    assert event.target == Target("scroll bar", "scrollbar")


@pytest.mark.parametrize(("reward", "said"), [(-1, "its own reward is -1"), (0, "its own reward is 0"), (0.7, None)])
def test_a_demonstration_that_failed_says_so(tmp_path: Path, reward: float, said: str | None):
    here = page({"tag": "BUTTON", "text": "Go"})
    trace = miniwob.parse(write(tmp_path, {"utterance": "", "reward": reward, "states": clicks(here, here)}))
    assert trace.context.get("failed") == said


def test_ground_truth_is_kept_apart():
    trace = miniwob.parse(FIXTURE)
    assert trace.annotations == {
        "task": "Write A2 and send it.",
        "task_name": "send-note",
        "fields": {"text": "A2"},
        "reward": 0.5,
        "raw_reward": 1,
    }
    assert "send-note" not in json.dumps(dict(trace.context))


def test_texts_are_given_when_they_change():
    states = miniwob.parse(FIXTURE).context["dom_texts"]
    assert [[text["text"] for text in state["texts"]] for state in states] == [
        ["Bees", "Send"],
        ["A", "Bees", "Send"],
        ["A2", "Bees", "Send"],
        ["A2", "Bees", "Done"],
    ]
    assert [round(state["t"], 3) for state in states] == [0.0, 1.001, 1.201, 2.9]
    assert states[0]["texts"][0]["box"] == [24, 90, 64, 102]


def test_texts_are_bounded(tmp_path: Path):
    document = demonstration()
    button = {"tag": "BUTTON", "left": 1, "top": 60, "width": 9, "height": 9, "children": []}
    first = copy.deepcopy(document["states"][0])
    document["states"] = []
    for number in range(80):
        state = copy.deepcopy(first) | {"time": number}
        state["dom"]["children"] = [button | {"text": f"{number} {i}"} for i in range(300)]
        document["states"].append(state)
    states = miniwob.parse(write(tmp_path, document)).context["dom_texts"]
    assert len(states) == 50
    assert {len(state["texts"]) for state in states} == {200}


def test_an_input_without_meaning_is_a_problem():
    assert [p.message for p in miniwob.parse(FIXTURE).problems] == [
        "'scroll' says nothing about what was done; it was left out"
    ]


def test_without_a_wrap_the_area_is_the_convention(tmp_path: Path):
    document = demonstration()
    for state in document["states"]:
        state["dom"] = state["dom"]["children"][0]["children"][0]
    trace = miniwob.parse(write(tmp_path, document))
    assert trace.screen_size == (160, 210)
    assert trace.context["area_declared_by"] != "#wrap"


def test_a_broken_node_names_its_state(tmp_path: Path):
    document = demonstration()
    del document["states"][3]["dom"]["children"][0]["left"]
    with pytest.raises(TraceError, match="left") as caught:
        miniwob.parse(write(tmp_path, document))
    assert caught.value.line == 3


def test_damage_packed(survives_damage):
    survives_damage(miniwob, [demonstration()], lambda texts: gzip.compress(texts[0].encode(), 1))


def test_damage_plain(survives_damage):
    survives_damage(miniwob, [demonstration()], lambda texts: texts[0].encode())


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the sample data")
def test_all_real_demonstrations():
    paths = sorted(SHARED.glob("*/*/*"))
    assert len(paths) == 37
    traces = [miniwob.parse(path) for path in paths]
    assert {detect(path) for path in paths} == {"miniwob"}
    events = [event for trace in traces for event in trace.events]
    assert all(trace.events for trace in traces)
    assert 3 <= mean(len(trace.events) for trace in traces) <= 6
    assert Counter(trace.annotations["raw_reward"] for trace in traces) == {1: 30, -1: 7}
    clicks = [event for event in events if event.verb.endswith("click")]
    assert len(clicks) > 100
    for click in clicks:
        assert click.point
        assert click.target
        assert click.target.box
        x0, y0, x1, y1 = click.target.box
        assert x0 - 1 <= click.point[0] <= x1 + 1
        assert y0 - 1 <= click.point[1] <= y1 + 1
    assert sum(bool(click.target and click.target.name) for click in clicks) / len(clicks) > 0.8
    written = {trace.annotations["task_name"]: [e.text for e in trace.events if e.verb == "write"] for trace in traces}
    assert written["enter-date"] == ["02082019"]
    assert written["book-flight-nodelay"] == ["Ely, MN", "KWN"]


def test_a_click_after_which_the_page_is_the_same_says_so_but_for_the_last(tmp_path: Path):
    document = demonstration()
    first = next(state for state in document["states"] if state["action"])
    stray = [{**first, "time": first["time"] - 200 + 10 * at, "action": {**first["action"], "type": kind, "x": 150,
              "y": 200, "timing": timing}} for at, (kind, timing) in
             enumerate([("mousedown", 1), ("mousedown", 3), ("mouseup", 1), ("mouseup", 3)])]  # fmt: skip
    at = document["states"].index(first)
    document["states"][at:at] = stray
    events = miniwob.parse(write(tmp_path, document)).events
    assert [o.kind for o in events[0].outcomes] == ["unchanged"]
    assert not events[-1].outcomes
