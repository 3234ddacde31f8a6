"""Chosen points in a rollout: asked by a plan, answered by the chooser, part of the transcript."""

import pytest

from dataclaw.choosing import BY_RULES, ChoicePoint, Chosen, point_of
from dataclaw.planning import arrange, keep, option, pick
from dataclaw.types import Anchor, Intent, Observation

ANCHORS = {f"e{at}": Anchor(f"e{at}", "event", "", at, at) for at in range(3)}
ARGS = {"point": "a.b", "options": ["e0", "e1", "e2"], "kept": ["e1"]}


def test_rules_keep_what_the_plan_keeps():
    point = point_of(ARGS, ANCHORS, "t", Intent("words"))
    assert point == ChoicePoint("a.b", "t", "words", list(ANCHORS.values()), ["e1"])
    assert BY_RULES.choose(point) == Chosen(["e1"], "rules")
    assert BY_RULES.choose(point).note() == "rules keep 1: e1"
    assert Chosen(["e0"], "learned", {"e0": 0.934, "e1": 0.1}).note() == "learned keeps 1: e0 (0.93)"


WRONG = [
    {},
    *({**ARGS, **wrong} for wrong in ({"options": ["e9"]}, {"options": []}, {"kept": 3}, {"options": [["e0"]]})),
]


@pytest.mark.parametrize("args", WRONG)
def test_what_is_no_choice_is_refused(args: dict[str, object]):
    with pytest.raises(ValueError, match="not a choice"):
        point_of(args, ANCHORS, "t", Intent("words"))


def test_a_plan_hears_why_options_are_left_out_and_who_chose():
    asking = keep("a.b", list(ANCHORS.values()), {"e0": "noise", "e2": "undone"}, "minor")
    action = next(asking)
    assert (action.tool, action.args) == ("choose", ARGS)
    with pytest.raises(StopIteration) as told:
        asking.send(Observation("", data={"kept": ["e2"], "by": "learned"}))
    assert told.value.value == ({"e0": "noise", "e1": "minor"}, "learned")


def test_where_nobody_chooses_the_rules_do():
    asking = keep("a.b", list(ANCHORS.values()), {"e0": "noise"}, "minor")
    next(asking)
    with pytest.raises(StopIteration) as told:
        asking.send(Observation("nobody", ok=False))
    assert told.value.value == ({"e0": "noise"}, "rules")


PARTS = [option(label, f"part {label}", ["e0"], at=number) for number, label in enumerate("ABC")]


@pytest.mark.parametrize(("asking", "answer", "wanted"), [
    (arrange("a.parts", PARTS, ["A", "B", "C"]), ["C", "A"], (["C", "A"], "truth")),
    (pick("a.one", PARTS, "A"), ["B"], ("B", "truth")),
])  # fmt: skip
def test_options_of_the_plan_are_told_whole_and_chosen(asking, answer, wanted):
    action = next(asking)
    point = point_of(action.args, {}, "t", Intent("words"))
    assert list(point.options) == PARTS
    assert point.how == ("one" if wanted[0] == "B" else "order")
    assert BY_RULES.choose(point).kept == list(point.kept)
    with pytest.raises(StopIteration) as told:
        asking.send(Observation("", data={"kept": answer, "by": "truth"}))
    assert told.value.value == wanted


def test_one_of_them_is_one():
    action = next(pick("a.one", PARTS, "D"))
    with pytest.raises(ValueError, match="not a choice"):
        point_of(action.args, {}, "t", Intent("words"))
