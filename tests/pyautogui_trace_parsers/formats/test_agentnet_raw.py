import json
import shutil
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Target, TraceError, Video, parse
from pyautogui_trace_parsers.formats import agentnet_raw

FIXTURE = Path(__file__).parents[1] / "fixtures" / "agentnet_raw"
SAMPLE = Path(__file__).parents[3].parent / "shared" / "data" / "gui" / "agentnet_raw_windows_settings"
NAMES = {"click": {1: {"left": "click", "right": "right_click"}, 2: {"left": "double_click"}}}


def test_low_level_events_become_actions_on_the_video_clock():
    trace = agentnet_raw.parse(FIXTURE)
    assert [(e.verb, pytest.approx(e.t0), pytest.approx(e.t1), e.source.line) for e in trace.events] == [
        ("double_click", 1.0, 1.4, 3),
        ("write", 3.1, 3.3, 8),
        ("press", 3.6, 3.6, 11),
        ("scroll", 5.0, 5.4, 12),
        ("drag", 6.0, 7.0, 14),
    ]
    assert trace.events[1].text == "Hi"
    assert trace.events[3].scroll
    assert trace.events[3].scroll.dy == 2, "pynput's negative dy scrolls down"
    assert trace.screen_size == (800, 600)


def test_a_click_knows_the_element_under_it():
    event = agentnet_raw.parse(FIXTURE).events[0]
    assert event.target == Target("Save", "ButtonControl", (20, 20, 60, 40))


def test_quick_clicks_on_a_stepper_are_single_clicks(tmp_path: Path):
    folder = tmp_path / "trace"
    shutil.copytree(FIXTURE, folder)
    text = (folder / "element.jsonl").read_text()
    (folder / "element.jsonl").write_text(text.replace('"Save"', '"Next month"'))
    assert [e.verb for e in agentnet_raw.parse(folder).events[:3]] == ["click", "click", "write"]


def test_what_is_as_large_as_a_window_names_nothing(tmp_path: Path):
    folder = tmp_path / "trace"
    shutil.copytree(FIXTURE, folder)
    text = (folder / "element.jsonl").read_text()
    (folder / "element.jsonl").write_text(text.replace('"right": 60, "bottom": 40', '"right": 700, "bottom": 500'))
    assert agentnet_raw.parse(folder).events[0].target is None


def test_points_outside_the_screen_are_kept_with_a_problem():
    trace = agentnet_raw.parse(FIXTURE)
    assert trace.events[-1].end_point == (300, 650)
    assert [p.source.line for p in trace.problems] == [1, 14]


def test_labels_are_annotations_and_windows_are_events():
    trace = agentnet_raw.parse(FIXTURE)
    assert trace.annotations["task"] == "Save the note"
    assert trace.annotations["reduced_events"] == [
        {"action": "click", "start_time": 101.0, "end_time": 101.4, "coordinate": {"x": 40, "y": 30}}
    ]
    assert [(w.text, w.t0) for w in trace.windows] == [("explorer", 0.0), ("notepad", 1.5)]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path):
    folder = tmp_path / "trace"
    shutil.copytree(FIXTURE, folder)
    (tmp_path / "secret.jsonl").write_text('{"time_stamp": 1, "top_window_name": "secret"}\n')
    (folder / "top_window.jsonl").unlink()
    (folder / "top_window.jsonl").symlink_to(tmp_path / "secret.jsonl")
    assert agentnet_raw.parse(folder).windows == ()
    (folder / "events.jsonl").unlink()
    (folder / "events.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with pytest.raises(TraceError, match="leaves the trace"):
        agentnet_raw.parse(folder)


@pytest.mark.parametrize("name", ["events.jsonl", "metadata.json", "element.jsonl", "top_window.jsonl"])
def test_damage(name: str, tmp_path: Path, survives_damage):
    folder = tmp_path / "trace"
    shutil.copytree(FIXTURE, folder)
    documents = [json.loads(line) for line in (FIXTURE / name).read_text().splitlines()]
    survives_damage(agentnet_raw, documents, lambda texts: "\n".join(texts).encode(), folder, folder / name)


@pytest.mark.shared
@pytest.mark.skipif(not SAMPLE.is_dir(), reason="no sample data beside the checkout")
def test_every_action_that_the_annotators_kept_is_found():
    trace = parse(SAMPLE)
    start = 30673.6036902
    found = {(e.verb, round(e.t0 or 0, 6)): e for e in trace.events}
    labels = trace.annotations["reduced_events"]
    assert len(labels) == 14
    for label in labels:
        verb = NAMES["click"][label["click_type"]][label["button"]] if label["action"] == "click" else label["action"]
        event = found[verb, round(label["start_time"] - start, 6)]
        if label["action"] != "scroll":
            assert event.point == (label["coordinate"]["x"], label["coordinate"]["y"])
            assert event.t1 == pytest.approx(label["end_time"] - start)
        if label["action"] == "click" and label.get("target") and event.target:
            assert event.target.name == label["target"]["title"]
    named = [event.target.name for event in trace.events if event.target and event.target.name]
    assert {"Close", "Settings", "Projecting to this PC"} & set(named) == set(), "stale once the display has changed"
    assert len(named) == 7
    assert len(trace.events) == 27, (
        "14 kept, 8 clicks and 4 scrolls dropped as redundant, and the key that stops the recorder"
    )
    assert trace.events[-1].keys == ("ctrl", "alt", "t")
    assert trace.video == Video("screen_2024-11-05_18-56-31.mp4")
    assert all("outside the screen" in problem.message for problem in trace.problems)
    assert len(trace.problems) == 8
