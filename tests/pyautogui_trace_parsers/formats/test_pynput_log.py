import json
from pathlib import Path

import pytest

from pyautogui_trace_parsers.formats import pynput_log

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pynput_log"
RECORDING = FIXTURES / "recording.json"
LISTENER = FIXTURES / "listener.jsonl"


def test_an_openadapt_recording_is_reduced_with_its_own_double_click():
    trace = pynput_log.parse(RECORDING)
    assert [(e.verb, pytest.approx(e.t0, abs=1e-6), e.text, e.keys) for e in trace.events] == [
        ("click", 0.0, "", ()),
        ("click", 0.4, "", ()),
        ("write", 1.0, "a", ()),
        ("hotkey", 2.1, "", ("ctrl", "c")),
    ]
    assert trace.screen_size == (800, 600)
    assert trace.annotations == {"task": "Type"}


def test_a_listener_log_is_read_in_pynputs_own_words():
    trace = pynput_log.parse(LISTENER)
    assert [(e.verb, e.text, e.scroll and e.scroll.dy) for e in trace.events] == [
        ("write", "x y", None),
        ("scroll", "", -1),
    ]
    assert [p.source.line for p in trace.problems] == [5]


def test_damage(survives_damage):
    survives_damage(pynput_log, [json.loads(RECORDING.read_text())], lambda texts: texts[0].encode())


def test_listener_damage(survives_damage):
    documents = [json.loads(line) for line in LISTENER.read_text().splitlines()]
    survives_damage(pynput_log, documents, lambda texts: "\n".join(texts).encode())
