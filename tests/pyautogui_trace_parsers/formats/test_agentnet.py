import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Screen, parse
from pyautogui_trace_parsers.formats import agentnet, agentnetbench

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "gui"
TASKS = FIXTURES / "agentnet" / "tasks.jsonl"
BENCH = FIXTURES / "agentnetbench" / "task.json"


def test_steps_become_events_with_the_picture_before_them():
    first, second = agentnet.parse_many(TASKS)
    assert [(e.verb, e.point, e.end_point, e.text, e.screen) for e in first.events] == [
        ("click", (0.5, 0.25), None, "", 0),
        ("drag", (0.1, 0.2), (0.3, 0.4), "", None),
        ("other", None, None, "", 0),
        ("terminate", None, None, "success", 0),
    ]
    assert first.screens == (Screen("images/a.png"),)
    assert first.events[0].space.kind == "unit"
    assert (second.trace_id, second.events[0].source.line) == ("note-2", 2)


def test_code_that_is_no_trace_is_kept_unread_with_its_reason():
    trace = next(agentnet.parse_many(TASKS))
    assert trace.events[2].raw == "for i in range(3): print(i)"
    assert [problem.message.split(";")[0] for problem in trace.problems] == [
        "a for is not a pyautogui call",
        "picture 'gone.png' is not beside the trace",
    ]


def test_thoughts_and_scores_are_annotations():
    trace = next(agentnet.parse_many(TASKS))
    assert trace.annotations["task"] == "Write a note"
    assert trace.annotations["task_completed"] is True
    assert trace.annotations["steps"][0] == {"thought": "Open the editor.", "last_step_correct": True}
    assert "Open the editor." not in str(trace.events)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + TASKS.read_bytes())
    assert [trace.trace_id for trace in agentnet.parse_many(path)] == ["note-1", "note-2"]
    assert agentnet.refuses(path) is None


def test_a_point_outside_0_1_is_a_problem(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    step = {"index": 0, "value": {"code": "pyautogui.click(x=512, y=0.5)"}}
    path.write_text(json.dumps({"task_id": "a", "traj": [step]}))
    trace = agentnet.parse(path)
    assert trace.events[0].point == (512, 0.5)
    assert "not in 0..1" in trace.problems[0].message


def test_agentnetbench_answers_are_annotations():
    trace = agentnetbench.parse(BENCH)
    assert [(e.verb, e.point, e.text) for e in trace.events] == [("click", (0.5, 0.5), ""), ("write", None, "a.txt")]
    assert trace.events[0].target is None, "the accepted box is an answer, not something the stream says"
    assert trace.annotations["steps"][0]["milestone"] is True
    assert trace.annotations["task"] == "Open the file"


def test_damage(survives_damage):
    documents = [json.loads(line) for line in TASKS.read_text().splitlines()]
    survives_damage(agentnet, documents, lambda texts: "\n".join(texts).encode())


def test_bench_damage(survives_damage):
    survives_damage(agentnetbench, [json.loads(BENCH.read_text())], lambda texts: texts[0].encode())


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data beside the checkout")
def test_the_trajectory_and_the_recording_of_one_task_agree():
    """The published code was made from the recording, in fractions of its 1366x768 screen, rounded to 4 places."""
    code = parse(SHARED / "agentnet_pyautogui_settings" / "raw_example.jsonl")
    recording = parse(SHARED / "agentnet_raw_windows_settings")
    assert len(code.screens) == 15
    assert code.problems == ()
    recorded = iter(recording.events)
    for event in code.events[:-2]:
        same = next(e for e in recorded if e.verb == event.verb and close(e.unit_point(), event.point))
        assert close(same.unit_end_point(), event.end_point)
        assert same.scroll == event.scroll
    assert [e.verb for e in code.events[-2:]] == ["click", "terminate"]


def close(a: tuple[float, float] | None, b: tuple[float, float] | None) -> bool:
    return a is b is None or (a is not None and b is not None and max(abs(a[0] - b[0]), abs(a[1] - b[1])) < 6e-5)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data beside the checkout")
def test_agentnetbench_sample():
    trace = parse(SHARED / "agentnetbench_s_a96285eb665bef92" / "s_a96285eb665bef92.json")
    assert [e.verb for e in trace.events] == ["click"] * 7 + ["write", "click", "terminate"]
    assert len(trace.screens) == 10
    assert trace.problems == ()
    for event, step in zip(trace.events, trace.annotations["steps"], strict=True):
        for answer in step["ground_truth_actions"]:
            if answer["type"] == "click":
                x, y, width, height = answer["metadata"]["bboxes"][0]["rel_bbox"]
                assert event.point
                assert x <= event.point[0] <= x + width
                assert y <= event.point[1] <= y + height
