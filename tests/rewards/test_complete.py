"""Everything that is there is told once: worked by hand, and never more for a policy that looked less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dataclaw.rewards.complete import complete
from dataclaw.types import Anchor
from tests.rewards.cases import ANCHORS, case, draft

WRITTEN = {"kinds": ["click", "write", "hotkey"], "paths": "/steps/*"}


def motion(name: str, t0: float, t1: float, camera: str = "forward") -> Anchor:
    return Anchor(name, "motion", f"camera {camera}", t0, t1, attrs={"camera": camera})


DRIVE = {a.id: a for a in (motion("r1", 0, 4), motion("r2", 4, 8, "pan left"), motion("r3", 8, 12, "lost"))}
MOTIONS = {"kinds": "motion", "paths": ["/first", "/next/*"], "where": {"camera": ["forward", "pan left"]}}


def judge(body: Any, params: dict[str, Any], **given: Any) -> tuple[float | None, list[str]]:
    score = complete.judge(case(body, **given), **params)
    return score.value, [f"{found.path}: {found.message}" for found in score.findings]


def test_all_told_once_is_one_and_each_that_is_missing_or_told_again_takes_its_share() -> None:
    assert judge(draft(), WRITTEN) == (1.0, [])
    short = draft()
    del short["steps"][1]
    assert judge(short, WRITTEN) == (0.75, ["/steps: e1 (write at 1.00) is cited 0 times"])
    double = draft()
    double["steps"].append(double["steps"][0])
    assert judge(double, WRITTEN) == (0.75, ["/steps: e0 (click at 0.00) is cited 2 times"])


def test_what_is_of_their_kind_and_is_none_of_them_counts_and_other_kinds_do_not() -> None:
    spam = draft()
    spam["steps"][0]["cite"] = ["e0", "e4", "t1", "w1", "e99"]
    assert judge(spam, WRITTEN) == (0.8, ["/steps/0: e4 (scroll (500,100)) is none of what is to be told"])


def test_what_the_policy_did_not_look_at_is_missed_all_the_same_and_told_by_what_it_is() -> None:
    seen = {name: anchor for name, anchor in ANCHORS.items() if name != "e3"}
    there = {"e0": ANCHORS["e0"], "unseen:1": replace(ANCHORS["e3"], id="unseen:1")}
    short = draft()
    short["steps"] = short["steps"][:1]
    value, said = judge(short, {"kinds": "click", "paths": "/steps/*"}, anchors=seen, there=there)
    assert value == 0.5
    assert said == ["/steps: a click at 3.00 that was not looked at (click (500,100)) is cited 0 times"]


def test_a_stream_without_such_things_has_nothing_to_judge_whatever_was_seen() -> None:
    value, said = judge({"first": {"cite": ["r1"]}, "next": []}, MOTIONS, anchors=DRIVE, there={})
    assert (value, said) == (0.0, [": there is nothing to judge"])


def test_attributes_say_which_and_several_places_tell() -> None:
    told = {"first": {"cite": ["r1"]}, "next": [{"cite": ["r2"]}]}
    assert judge(told, MOTIONS, anchors=DRIVE, there=DRIVE) == (1.0, [])
    lost = {"first": {"cite": ["r1"]}, "next": [{"cite": ["r2"]}, {"cite": ["r3"]}]}
    value, said = judge(lost, MOTIONS, anchors=DRIVE, there=DRIVE)
    assert value == pytest.approx(2 / 3)
    assert said == ["/next/1: r3 (camera lost) is none of what is to be told"]
    having = {"kinds": "event", "paths": "/steps/*", "having": ["text", "target"]}
    assert judge(draft(), having)[0] == 0.75, "the hotkey has neither and is told"


def test_the_same_thing_measured_again_is_too_much_and_what_lies_elsewhere_counts_neither_way() -> None:
    again = {**DRIVE, "r4": motion("r4", 1, 3)}
    told = {"first": {"cite": ["r1"]}, "next": [{"cite": ["r2"]}, {"cite": ["r4"]}]}
    value, said = judge(told, MOTIONS, anchors=again, there=DRIVE)
    assert value == pytest.approx(2 / 3)
    assert said == ["/next/1: r4 is r1 (motion at 0.00) again, measured in another way"]
    beyond = {**DRIVE, "r4": motion("r4", 13, 14)}
    assert judge(told, MOTIONS, anchors=beyond, there=DRIVE) == (1.0, [])
    twice = {"first": {"cite": ["r1"]}, "next": [{"cite": ["r2"]}, {"cite": ["r4"]}, {"cite": ["r4"]}]}
    assert judge(twice, MOTIONS, anchors=beyond, there=DRIVE)[0] == pytest.approx(2 / 3)


def test_only_the_first_so_many_must_be_told() -> None:
    told = {"first": {"cite": ["r1"]}, "next": []}
    assert judge(told, {**MOTIONS, "most": 1}, anchors=DRIVE, there=DRIVE) == (1.0, [])
    assert judge(told, {**MOTIONS, "most": 2}, anchors=DRIVE, there=DRIVE)[0] == 0.5
    double = {"first": {"cite": ["r1"]}, "next": [{"cite": ["r2", "r2"]}]}
    assert judge(double, {**MOTIONS, "most": 1}, anchors=DRIVE, there=DRIVE)[0] == 0.5
