"""Ways by rooms and things: parts of a way, detours left out, and sides that have to be told."""

from dataclasses import replace
from typing import Any

import pytest

from dataclaw.domains.daily.route_rules import route
from dataclaw.domains.daily.tools import trace_route
from dataclaw.errors import ToolError
from dataclaw.kit.fixtures import stream_of
from dataclaw.rewards.base import Case
from dataclaw.tools.base import ToolContext
from dataclaw.types import Anchor
from tests.domains.daily.streams import walk

LOOP = walk((4, 0), (3, 90), (3, 270), (4, 0), (2, 90))
"""4 m on, 3 m into a room on the left and out again, on, and left: 0.1 m in 0.2 s."""


def moves(**args: Any) -> list[tuple[str, float]]:
    stream = stream_of(LOOP)
    found = trace_route(ToolContext(stream, (0.0, stream.duration)), args).anchors
    return [(str(a.attrs["action"]), float(a.attrs["amount"])) for a in found]


def test_a_detour_can_be_left_out() -> None:
    assert moves(without=[(8.1, 19.9)]) == [("FORWARD", 8.0), ("TURN_LEFT", 90.0), ("FORWARD", 2.0)]


def test_a_part_of_the_way_can_be_asked_for() -> None:
    assert moves(t0=20.0) == [("FORWARD", 4.0), ("TURN_LEFT", 90.0), ("FORWARD", 2.0)]
    stream = stream_of(LOOP)
    found = trace_route(ToolContext(stream, (0.0, stream.duration)), {"t0": 20.0}).anchors
    assert {a.attrs["way"] for a in found} == {"from 20 s"}


def test_what_leads_somewhere_else_is_no_detour() -> None:
    with pytest.raises(ToolError, match=r"ends \d\.\d+ m from where it began"):
        moves(without=[(8.1, 14.0)])


def judged(words: str, *told: str) -> float | None:
    attrs = {"action": "TURN_LEFT", "amount": 90, "unit": "deg"}
    ahead = {"action": "FORWARD", "amount": 2.0, "unit": "m"}
    seen = {
        "m1": Anchor("m1", "motion", "turns left", 1, 1, attrs=attrs),
        "m2": Anchor("m2", "motion", "goes on", 1, 3, attrs=ahead),
        "m3": Anchor("m3", "motion", "goes on", 1, 4, attrs=ahead | {"way": "from 1 s"}),
    }
    seen |= {
        f"e{k}": Anchor(f"e{k}", "event", text, 2, 2, attrs={"verb": "message", "text": text})
        for k, text in enumerate(told)
    }
    actions = [
        {"cite": ["m1"], "action": "TURN_LEFT", "amount": 90, "unit": "deg"},
        {"cite": ["m2"], "action": "FORWARD", "amount": 2.0, "unit": "m"},
        {"cite": ["m2"], "action": "STOP", "amount": 0, "unit": ""},
    ]
    answer = [
        {"cite": [*seen], "text": words},
        {"cite": ["m1", "m2"], "text": "TURN_LEFT 90 deg\nFORWARD 2.00 m\nSTOP"},
    ]
    case = Case("", {"actions": actions, "answer": answer}, {}, seen)
    return route.judge(replace(case, window=(0.0, 5.0))).value


def test_what_is_on_a_side_turns_nobody_but_has_to_be_told() -> None:
    words = "Turn left and go 2 m past the barrel on your right."
    assert judged(words, "sees a red barrel, right, 1.2 m") == 1.0
    assert (judged(words, "sees a red barrel, left, 1.2 m") or 0) < 1.0
    assert (judged(words) or 0) < 1.0


@pytest.mark.parametrize(
    "words", ["Turn to the left, then go 2 m.", "Bear left, the barrel is on your left-hand side."]
)
def test_turns_to_a_side_are_counted(words: str) -> None:
    assert judged(words, "sees a red barrel, left, 1.2 m") == 1.0


def test_a_turn_in_words_alone_is_refused() -> None:
    assert (judged("Turn left and right.", "nothing") or 0) < 1.0
