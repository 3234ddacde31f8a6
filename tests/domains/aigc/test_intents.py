"""What intents ask for, in the words that users use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.aigc.intents import ALWAYS, MediaIntent, parse_intent
from dataclaw.domains.aigc.operations import refusal

WINDOW = (0.0, 100.0)


@pytest.mark.parametrize(
    ("intent", "asked"),
    [
        ("find a visually dynamic segment for video generation", MediaIntent()),
        ("only the first 10 seconds", MediaIntent(span=(0.0, 10.0))),
        ("the last half a minute, please", MediaIntent(span=(70.0, float("inf")))),
        ("between 0:15 and 1:30", MediaIntent(span=(15.0, 90.0))),
        ("from 5 to 20 s", MediaIntent(span=(5.0, 20.0))),
        ("what happens after 40 s", MediaIntent(span=(40.0, float("inf")))),
        ("everything before 1 minute", MediaIntent(span=(float("-inf"), 60.0))),
        ("前5秒的片段", MediaIntent(span=(0.0, 5.0))),
        ("a 3 second clip with 4 key frames", MediaIntent(length=3.0, frames=4)),
        ("a two-second segment", MediaIntent(length=2.0)),
        ("只保留转场", MediaIntent(kinds=frozenset({"transition"}))),
        ("only the transitions of this sequence", MediaIntent(kinds=frozenset({"transition"}))),
        ("the first 5 shots of this cut", MediaIntent(limit=5, clips=True)),
        ("the first three operations", MediaIntent(limit=3)),
        ("only the audio tracks", MediaIntent(track="audio")),
        ("just the video track, as a cut list", MediaIntent(track="video")),
    ],
)
def test_what_users_say(intent: str, asked: MediaIntent):
    assert parse_intent(intent, WINDOW) == asked


@pytest.mark.parametrize(
    "intent",
    [
        "video generation training data from this footage",
        "a clean shot without cuts and glitches for a diffusion video model",
        "observed frames and the frames that follow them",
        "describe this ComfyUI graph step by step with its parameters",
        "编辑指令数据",
    ],
)
def test_what_names_no_limit_restricts_nothing(intent: str):
    assert parse_intent(intent, WINDOW) == MediaIntent()


@given(st.text(max_size=200))
def test_any_text_is_read(intent: str):
    asked = parse_intent(intent, WINDOW)
    assert asked.span[0] < asked.span[1] or asked.span == ALWAYS or asked.span[0] <= asked.span[1]
    assert asked.limit is None or asked.limit >= 1
    assert asked.frames is None or asked.frames >= 1


@given(st.floats(0, 99, allow_nan=False), st.floats(0, 99, allow_nan=False))
def test_a_span_is_what_overlaps_it(t0: float, length: float):
    asked = MediaIntent(span=(20.0, 40.0))
    assert asked.within(t0, t0 + length) == (t0 + length >= 20 and t0 < 40)


def test_a_number_of_shots_takes_no_gaps() -> None:
    asked = parse_intent("the first 2 shots of this cut with in and out points", WINDOW)
    assert refusal("clip", (0.0, 2.0), {}, asked) == ""
    assert refusal("gap", (0.0, 44.0), {}, asked) == "a gap, and a number of shots is asked for"
    assert refusal("gap", (0.0, 44.0), {}, parse_intent("the whole cut", WINDOW)) == ""
