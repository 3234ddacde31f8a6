import json
import shutil
from pathlib import Path

import pytest

from pyautogui_trace_parsers import parse
from pyautogui_trace_parsers.formats import screenagent

FIXTURE = Path(__file__).parents[1] / "fixtures" / "screenagent"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "gui" / "screenagent"
TURN = "2024-01-03_10-00-10-500000_translate.json"


def test_executed_actions_become_events_at_their_turn():
    trace = screenagent.parse(FIXTURE)
    assert [(e.verb, e.point, e.end_point, e.text, e.keys) for e in trace.events] == [
        ("double_click", (10, 20), None, "", ()),
        ("drag", (10, 20), (30, 40), "", ()),
        ("scroll", (30, 40), None, "", ()),
        ("write", None, None, "字", ()),
        ("hotkey", None, None, "", ("ctrl", "a")),
        ("hotkey", None, None, "", ("ctrl", "s")),
        ("press", None, None, "", ("enter",)),
        ("wait", None, None, "1.5", ()),
        ("other", None, None, "", ()),
    ]
    assert {(e.t0, e.clock, e.screen) for e in trace.events} == {(10.5, "wall", 1)}
    assert trace.events[2].scroll
    assert trace.events[2].scroll.dy == -2
    assert trace.screen_size == (640, 480)


def test_plans_corrections_and_negatives_are_annotations():
    trace = screenagent.parse(FIXTURE)
    assert trace.annotations["task"] == "Write a word"
    assert trace.annotations["turns"][0]["corrected_en"] == "better plan"
    (negative,) = trace.annotations["negatives"]
    assert (negative["kind"], negative["response"]) == ("plan", "worse")


def test_an_unknown_action_is_a_problem():
    (problem,) = screenagent.parse(FIXTURE).problems
    assert (problem.source.file, problem.source.line) == (TURN, 8)


def test_damage(tmp_path: Path, survives_damage):
    folder = tmp_path / "trace"
    shutil.copytree(FIXTURE, folder)
    document = json.loads((FIXTURE / TURN).read_text())
    survives_damage(screenagent, [document], lambda texts: texts[0].encode(), folder, folder / TURN)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data beside the checkout")
@pytest.mark.parametrize(
    ("session", "verbs", "negatives"),
    [
        ("task008", "click write click click write click press click", 11),
        ("b7f271b7af4641dc89a2903d3c4d8a81", "double_click move right_click click double_click right_click click", 9),
        (
            "c4492c200c8a48ed835cd7885bc74a15",
            "double_click write press write press write press write press",
            0,
        ),
        (
            "435eea5cb01349269731b2c0a6787120",
            "click" + " write press" * 8 + " write click wait wait hotkey",
            0,
        ),
    ],
)
def test_sessions(session: str, verbs: str, negatives: int):
    trace = parse(SHARED / session)
    assert [e.verb for e in trace.events] == verbs.split()
    assert len(trace.annotations["negatives"]) == negatives
    assert trace.problems == ()
    assert trace.screen_size == (1024, 768)
    assert len(trace.screens) == len(list((SHARED / session / "images").iterdir()))
    assert all(e.screen is not None and trace.screens[e.screen].t == e.t0 for e in trace.events)
