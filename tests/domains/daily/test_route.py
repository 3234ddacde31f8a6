"""Ways as actions: executed, they lead where the poses lead; what is no walk is declined with the reason."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.domains.daily.tools import simplify, turn_between
from dataclaw.kit.fixture_form import DescribedStream
from tests.domains.daily.streams import draft_of, narrated, played, texts, walk

TASK, INTENT = "vln_navigation", "a navigation instruction for this way"


def end_of(actions: list[dict[str, Any]]) -> tuple[float, float]:
    """Where the actions lead from (0, 0), facing along x."""
    x = y = heading = 0.0
    for action in actions:
        if action["action"] == "FORWARD":
            x, y = x + action["amount"] * math.cos(heading), y + action["amount"] * math.sin(heading)
        elif action["action"] != "STOP":
            heading += math.radians(action["amount"]) * (1 if action["action"] == "TURN_LEFT" else -1)
    return x, y


def test_a_way_with_two_turns() -> None:
    draft = draft_of(TASK, INTENT, walk((4, 0), (3, 90), (2, 45)))
    assert [(a["action"], a["amount"]) for a in draft["actions"]] == [
        ("FORWARD", 4.0), ("TURN_LEFT", 90), ("FORWARD", 3.0), ("TURN_RIGHT", 45), ("FORWARD", 2.0), ("STOP", 0),
    ]  # fmt: skip
    assert texts(draft["answer"])[0].startswith("Go straight on for 4.00 m, turn left by 90 degrees")
    assert "TURN_RIGHT 45 deg" in texts(draft["answer"])[1]


def test_chinese_and_spans() -> None:
    draft = draft_of(TASK, "前 15 秒的路线,用动作表示", walk((4, 0), (3, 90), (2, 45)))
    assert texts(draft["answer"])[0] == "向前走 4.00 米,向左转 90 度,向前走 3.00 米,向右转 45 度,然后停下。"
    assert draft["left_out"][0]["reason"] == "not_asked"


@given(st.lists(st.tuples(st.floats(1.0, 5.0), st.floats(-150, 150)), min_size=1, max_size=7))
@settings(max_examples=30, deadline=None)
def test_executed_actions_end_where_the_way_ends(legs: list[tuple[float, float]]) -> None:
    headings = np.cumsum([0.0, *(turn for _, turn in legs[1:])])
    stream = walk(*((metres, float(heading)) for (metres, _), heading in zip(legs, headings, strict=True)))
    done = played(TASK, INTENT, stream)
    if not done.is_accepted:
        assert "stays within" in done.why
        return
    values = stream.series["pose"].values
    first = done.draft["actions"][0]["amount"]
    x, y = end_of(done.draft["actions"])
    extent = float(np.linalg.norm(np.ptp(np.array(values, dtype=float)[:, :2], axis=0)))
    truth = math.hypot(float(values[-1][0] or 0), float(values[-1][1] or 0))
    assert first > 0
    assert abs(math.hypot(x, y) - truth) <= 0.1 * extent + 0.05 * len(legs)


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=2, max_size=60), st.floats(0.01, 3))
def test_a_simplified_line_stays_within_its_tolerance(points: list[tuple[float, float]], tolerance: float) -> None:
    line = np.array(points)
    corners = simplify(line, tolerance)
    assert corners[0] == 0
    assert corners[-1] == len(line) - 1
    for first, last in pairwise(corners):
        for point in line[first : last + 1]:
            along = line[last] - line[first]
            length = float(along @ along)
            share = min(1.0, max(0.0, float((point - line[first]) @ along) / length)) if length else 0.0
            assert np.linalg.norm(point - line[first] - share * along) <= tolerance + 1e-9


def test_turns_are_left_positive() -> None:
    assert turn_between(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(90)
    assert turn_between(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(-90)


def test_what_is_no_walk_is_declined() -> None:
    assert "goes up and down" in played(TASK, INTENT, walk((4, 0), (3, 90), up=0.3)).why
    assert "stays within" in played(TASK, INTENT, walk((0.05, 0))).why
    hand = walk((4, 0)).model_dump()
    hand["meta"]["roles"]["gripper"] = [["pose", "x"]]
    assert "robot's hand" in played(TASK, INTENT, DescribedStream.model_validate(hand)).why


def test_recordings_without_poses_are_declined_with_what_their_camera_does() -> None:
    assert "neither poses nor pictures" in played(TASK, INTENT, narrated((0, 1, "walk"))).why
    frames = [{"t": 0.2 * k, "shapes": [{"box": [20, 20, 90, 90], "color": "#a04040"}]} for k in range(8)]
    still = {"kind": "video", "duration": 1.6, "pictures": {"size": [320, 180], "frames": frames}}
    assert "the camera stands still" in played(TASK, INTENT, DescribedStream.model_validate(still)).why
