"""What intents ask for, in the words that users use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.aigc.operations import refusal
from dataclaw.domains.aigc.wishes import ALWAYS, Wish, wish_of

WINDOW = (0.0, 100.0)


@pytest.mark.parametrize(
    ("intent", "wish"),
    [
        ("find a visually dynamic segment for video generation", Wish()),
        ("only the first 10 seconds", Wish(span=(0.0, 10.0))),
        ("the last half a minute, please", Wish(span=(70.0, float("inf")))),
        ("between 0:15 and 1:30", Wish(span=(15.0, 90.0))),
        ("from 5 to 20 s", Wish(span=(5.0, 20.0))),
        ("what happens after 40 s", Wish(span=(40.0, float("inf")))),
        ("everything before 1 minute", Wish(span=(float("-inf"), 60.0))),
        ("前5秒的片段", Wish(span=(0.0, 5.0))),
        ("a 3 second clip with 4 key frames", Wish(length=3.0, frames=4)),
        ("a two-second segment", Wish(length=2.0)),
        ("只保留转场", Wish(kinds=frozenset({"transition"}))),
        ("only the transitions of this sequence", Wish(kinds=frozenset({"transition"}))),
        ("the first 5 shots of this cut", Wish(limit=5, clips=True)),
        ("the first three operations", Wish(limit=3)),
        ("only the audio tracks", Wish(track="audio")),
        ("just the video track, as a cut list", Wish(track="video")),
    ],
)
def test_what_users_say(intent: str, wish: Wish):
    assert wish_of(intent, WINDOW) == wish


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
    assert wish_of(intent, WINDOW) == Wish()


@given(st.text(max_size=200))
def test_any_text_is_read(intent: str):
    wish = wish_of(intent, WINDOW)
    assert wish.span[0] < wish.span[1] or wish.span == ALWAYS or wish.span[0] <= wish.span[1]
    assert wish.limit is None or wish.limit >= 1
    assert wish.frames is None or wish.frames >= 1


@given(st.floats(0, 99, allow_nan=False), st.floats(0, 99, allow_nan=False))
def test_a_span_is_what_overlaps_it(t0: float, length: float):
    wish = Wish(span=(20.0, 40.0))
    assert wish.within(t0, t0 + length) == (t0 + length >= 20 and t0 < 40)


def test_a_number_of_shots_takes_no_gaps() -> None:
    wish = wish_of("the first 2 shots of this cut with in and out points", WINDOW)
    assert refusal("clip", (0.0, 2.0), {}, wish) == ""
    assert refusal("gap", (0.0, 44.0), {}, wish) == "a gap, and a number of shots is asked for"
    assert refusal("gap", (0.0, 44.0), {}, wish_of("the whole cut", WINDOW)) == ""
