import copy
import gzip
import json
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from pyautogui_trace_parsers import Target, TraceError, detect
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
