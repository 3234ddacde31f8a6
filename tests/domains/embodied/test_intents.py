"""How intents are read: families, phases, spans, counts, language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.embodied.intents import FAMILIES, parse_intent
from tests.domains.embodied.episodes import DOMAIN

WINDOW = (0.0, 10.0)


@pytest.mark.parametrize(
    ("intent", "family"),
    [
        ("make a hesitation loop", "hesitation_loop"),
        ("the hand goes back and forth", "hesitation_loop"),
        ("unstable grasp right after the gripper closes", "unstable_grasp"),
        ("the object slips", "unstable_grasp"),
        ("early stagnation", "early_stagnation"),
        ("an approach stall", "approach_stall"),
        ("机器人来回犹豫", "hesitation_loop"),
        ("抓取不稳", "unstable_grasp"),
        ("make fault and recovery data", ""),
        ("describe the grasp", ""),
    ],
)
def test_families(intent: str, family: str) -> None:
    assert parse_intent(intent, WINDOW).family == family


@pytest.mark.parametrize(
    ("intent", "span"),
    [
        ("the first 3 seconds", (0, 3)),
        ("between 2 and 5 s", (2, 5)),
        ("from 2.5 to 4 seconds", (2.5, 4)),
        ("the last 2 s", (8, 10)),
        ("only after 6 s", (6, 10)),
        ("until 4 s", (0, 4)),
        ("the second half", (5, 10)),
        ("前3秒", (0, 3)),
        ("第2秒到第5秒", (2, 5)),
        ("between 20 and 30 s", WINDOW),
        ("all of it", WINDOW),
        ("the last 5 steps", WINDOW),
    ],
)
def test_spans(intent: str, span: tuple[float, float]) -> None:
    assert parse_intent(intent, WINDOW).span == span


def test_phases_wanted_and_refused() -> None:
    only = parse_intent("only the grasp and the lift", WINDOW)
    assert only.only == {"grasp", "lift"}
    assert only.refuses("approach", 0, 1) == "not_asked"
    assert only.refuses("lift", 3, 4) == ""
    without = parse_intent("everything without the retreat", WINDOW)
    assert without.refuses("retreat", 8, 9) == "not_asked"
    assert without.refuses("grasp", 3, 4) == ""
    early = parse_intent("only the first 3 seconds", WINDOW)
    assert early.refuses("grasp", 4, 5) == "outside_time"
    assert early.refuses("grasp", 2, 3) == ""


def test_counts_moments_and_language() -> None:
    assert parse_intent("a tutorial in 4 steps", WINDOW).count == 4
    assert parse_intent("in three steps", WINDOW).count == 3
    assert parse_intent("分成5个步骤", WINDOW).count == 5
    assert parse_intent("what happens at 3.5 s", WINDOW).at == 3.5
    assert parse_intent("what happens next", WINDOW).at is None
    assert parse_intent("预测下一步", WINDOW).chinese
    assert not parse_intent("predict", WINDOW).chinese
    half = parse_intent("given the first half, what is next", WINDOW)
    assert (half.given, half.span) == (5.0, WINDOW)
    assert parse_intent("given the first 3 seconds, what is next", WINDOW).given == 3.0


def test_no_template_narrows_what_it_does_not_say() -> None:
    for task in DOMAIN.tasks.values():
        for template in task.manifest.intents:
            intent = parse_intent(template, WINDOW)
            assert intent.span == WINDOW, template
            assert bool(intent.only) == ("only the" in template), template


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    intent = parse_intent(text, WINDOW)
    assert WINDOW[0] <= intent.span[0] < intent.span[1] <= WINDOW[1]
    assert intent.family in ("", *FAMILIES)
    assert intent.count >= 0
