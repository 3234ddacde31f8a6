import json
from pathlib import Path
from typing import Any

import pytest

from pyautogui_trace_parsers import Scroll, TraceError
from pyautogui_trace_parsers.formats import androidcontrol

FIXTURE = Path(__file__).parents[1] / "fixtures" / "androidcontrol" / "episode.json"


def episode() -> dict[str, Any]:
    return json.loads(FIXTURE.read_text())


def test_actions_become_events():
    assert androidcontrol.refuses(FIXTURE) is None
    trace = androidcontrol.parse(FIXTURE)
    assert [(e.verb, e.point, e.text, e.keys) for e in trace.events] == [
        ("open_app", None, "Clock", ()),
        ("click", (540.0, 2000.0), "", ()),
        ("write", None, "7", ()),
        ("scroll", None, "", ()),
        ("wait", None, "", ()),
        ("press", None, "", ("browserback",)),
        ("press", None, "", ("browserhome",)),
        ("long_press", (100.0, 300.0), "", ()),
        ("click", (10.0, 20.0), "", ()),
        ("write", None, "tea", ()),
        ("press", None, "", ("enter",)),
    ]
    assert trace.events[3].scroll == Scroll(0.0, 1.0, "fraction")
    assert trace.events[1].unit_point() == (0.5, pytest.approx(2000 / 2400))
    assert (trace.trace_id, trace.screen_size) == ("7", (1080, 2400))
    assert trace.annotations["task"] == "Set an alarm for 7"
    assert trace.annotations["step_instructions"][0] == "Open the clock"
    assert trace.problems == ()


def write(folder: Path, record: dict[str, Any], pictures: int) -> Path:
    (folder / "screenshots").mkdir()
    for index in range(pictures):
        (folder / "screenshots" / f"{index}.png").write_bytes(b"png")
    path = folder / "episode.json"
    path.write_text(json.dumps(record))
    return path


def test_a_folder_of_one_picture_more_than_actions_gives_the_screens_in_number_order(tmp_path: Path):
    ten = episode() | {"actions": [{"action_type": "wait"}] * 11, "step_instructions": ["wait"] * 11}
    trace = androidcontrol.parse(write(tmp_path, ten, 12))
    assert [screen.file for screen in trace.screens] == [f"screenshots/{i}.png" for i in range(12)]
    assert [event.screen for event in trace.events] == list(range(11))


def test_listed_pictures_that_are_missing_leave_their_action_without_a_screen(tmp_path: Path):
    names = ["screenshots/0.png", "screenshots/gone.png", "../secret.png", "screenshots/1.png"]
    three = episode() | {"actions": [{"action_type": "wait"}] * 3, "step_instructions": ["w"] * 2, "screenshots": names}
    trace = androidcontrol.parse(write(tmp_path, three, 2))
    assert [screen.file for screen in trace.screens] == ["screenshots/0.png", "screenshots/1.png"]
    assert [event.screen for event in trace.events] == [0, None, None]
    assert len(trace.problems) == 3


def test_an_unknown_action_is_kept_in_its_own_words(tmp_path: Path):
    path = write(tmp_path, episode() | {"actions": [{"action_type": "shake"}]}, 0)
    event = androidcontrol.parse(path).events[0]
    assert (event.verb, event.raw) == ("other", "{'action_type': 'shake'}")


def test_a_scroll_without_a_known_direction_is_an_error(tmp_path: Path):
    path = write(tmp_path, episode() | {"actions": [{"action_type": "scroll", "direction": "in"}]}, 0)
    with pytest.raises(TraceError, match="not up, down, left or right"):
        androidcontrol.parse(path)


def test_jsonl_holds_many_episodes(tmp_path: Path):
    path = tmp_path / "episodes.jsonl"
    path.write_text("".join(json.dumps(episode() | {"episode_id": i}) + "\n" for i in range(3)))
    assert [trace.trace_id for trace in androidcontrol.parse_many(path)] == ["0", "1", "2"]


def test_damage(survives_damage):
    survives_damage(androidcontrol, [episode()], lambda texts: texts[0].encode())
