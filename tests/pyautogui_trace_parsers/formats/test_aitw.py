import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Scroll, Target, TraceError
from pyautogui_trace_parsers.formats import aitw

FIXTURE = Path(__file__).parents[1] / "fixtures" / "aitw" / "steps.jsonl"


def steps() -> list[dict[str, object]]:
    return [json.loads(line) for line in FIXTURE.read_text().splitlines()]


def test_steps_become_actions_in_the_order_of_step_id():
    assert aitw.refuses(FIXTURE) is None
    first, second = aitw.parse_many(FIXTURE)
    assert [e.verb for e in first.events] == ["press", "click", "scroll", "write", "press", "press", "terminate"]
    assert [e.keys for e in first.events if e.verb == "press"] == [("browserhome",), ("enter",), ("browserback",)]
    assert first.events[3].text == "rain tomorrow"
    assert first.events[-1].text == "success"
    assert first.annotations == {"task": "What is the weather tomorrow?"}
    assert first.context == {"platform": "android", "device_type": "emulator"}
    assert first.screen_size == (540, 1080)
    assert [e.source.line for e in first.events] == [2, 1, 3, 4, 5, 6, 7]
    assert (second.trace_id, second.events[0].text) == ("e2", "failure")


def test_points_are_turned_from_y_x_into_x_y():
    event = next(aitw.parse_many(FIXTURE)).events[1]
    assert event.point == (0.5, 0.1)
    assert event.unit_point() == (0.5, 0.1)
    assert event.target == Target("Search", "TEXT", pytest.approx((0.25, 0.05, 0.75, 0.15))), (
        "the smallest element under the point"
    )


def test_a_finger_that_moves_up_scrolls_down():
    scroll = next(aitw.parse_many(FIXTURE)).events[2].scroll
    assert scroll == Scroll(pytest.approx(0.0), pytest.approx(0.6), "fraction")


@pytest.mark.parametrize(("lift_x", "verb"), [(0.539, "click"), (0.541, "scroll")])
def test_a_touch_is_a_tap_up_to_the_published_distance(tmp_path: Path, lift_x: float, verb: str):
    path = tmp_path / "one.json"
    step = steps()[0] | {"results/yx_touch": [0.5, 0.5], "results/yx_lift": [0.5, lift_x]}
    path.write_text(json.dumps([step]))
    assert aitw.parse(path).events[0].verb == verb


def test_a_picture_that_is_missing_is_a_problem_and_no_screen(tmp_path: Path):
    path = tmp_path / "steps.json"
    (tmp_path / "0.png").write_bytes(b"png")
    there, gone, outside = ({**steps()[0], "image_path": name} for name in ("0.png", "1.png", "../2.png"))
    path.write_text(json.dumps([there, gone, outside]))
    trace = aitw.parse(path)
    assert [screen.file for screen in trace.screens] == ["0.png"]
    assert [event.screen for event in trace.events] == [0, None, None]
    assert [problem.source.line for problem in trace.problems] == [1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"results/action_type": 99}, "not an action"),
        ({"results/yx_touch": [0.5, 1.5]}, "outside 0..1"),
        ({"results/yx_lift": [0.5]}, "1 numbers, not 2"),
        ({"image/ui_annotations_text": ["one"]}, "differ in length"),
    ],
)
def test_a_broken_step_is_named(tmp_path: Path, change: dict[str, object], message: str):
    path = tmp_path / "steps.json"
    path.write_text(json.dumps([steps()[1], steps()[0] | change]))
    with pytest.raises(TraceError, match=message) as caught:
        aitw.parse(path)
    assert caught.value.line == 1


def test_parse_wants_one_episode():
    with pytest.raises(TraceError, match="several"):
        aitw.parse(FIXTURE)


def test_damage(survives_damage):
    survives_damage(aitw, steps(), lambda texts: "\n".join(texts).encode())
