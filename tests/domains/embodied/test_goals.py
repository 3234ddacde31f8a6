"""What instructions are about."""

from __future__ import annotations

import pytest

from dataclaw.domains.embodied.goals import goal_of


@pytest.mark.parametrize(
    ("instruction", "kind", "thing", "where"),
    [
        ("put the green block into box", "place", "the green block", "into the box"),
        ("Grab the red cube and place it in the tray.", "place", "the red cube", "in the tray"),
        ("pick up the small spoon on the left", "pick", "the small spoon", ""),
        ("please lift the lid", "pick", "the lid", ""),
        ("rotate knob clockwise to the right", "work", "the knob", ""),
        ("turn handle upright", "work", "the handle", ""),
        ("put the fork and the knife in the drawer", "place", "", ""),
        ("open the drawer, then put the can in it", "place", "", ""),
        ("move the arm", "place", "", ""),
        ("把苹果放到篮子里", "place", "苹果", ""),
        ("拿起杯子", "pick", "杯子", ""),
        ("demonstration 12", "", "", ""),
        ("collect data", "pick", "", ""),
    ],
)
def test_the_thing_and_where_it_shall_go(instruction: str, kind: str, thing: str, where: str) -> None:
    goal = goal_of(instruction)
    assert (goal.kind, goal.thing, goal.where) == (kind, thing, where)
