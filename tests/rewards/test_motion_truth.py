"""The rule of triplets: full marks for what the poses give, none for anything else, whatever is handed in."""

import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.kit.fixtures import FixtureSession, fixtures_of
from dataclaw.plugins import load_domain
from dataclaw.rewards import Case
from dataclaw.rewards.motion_truth import motion_truth
from dataclaw.types import Anchor

DOMAINS = ("embodied", "daily")


@cache
def rows(name):
    domain = load_domain(name)
    return [
        (FixtureSession(domain.task(row.task), row), row)
        for row in fixtures_of(domain)
        if row.task == "motion_triplets"
    ]


def gold():
    return rows("embodied")[0]


def test_gold_has_full_marks_and_each_wrong_answer_none():
    for name in DOMAINS:
        assert len(rows(name)) == 2
        for session, row in rows(name):
            assert session.judge(row.gold).total == pytest.approx(1.0)
            for wrong in row.wrong:
                verdict = session.judge(wrong.draft)
                assert verdict.total == 0.0, wrong.why
                assert "motion_truth" in verdict.held, wrong.why


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("questions", 0, "first"), 7.77, "there is no pose"),
        (("questions", 0, "aspect"), "order", "is not asked as"),
        (("questions", 1, "subject"), "sideways", "not what this form asks about"),
        (("questions", 2, "cite"), [], "does not cite the poses"),
        (("question", "cite"), [], "poses of all three"),
        (("answer", 0, "text"), "1. maybe", "words it otherwise"),
        (("answer",), [], "other parts"),
        (("cot", 1, "text"), "It moves.", "words it otherwise"),
        (("questions",), [], "no three questions"),
    ],
)
def test_each_part_is_judged(path, value, said):
    session, row = gold()
    draft = copy.deepcopy(row.gold)
    node = draft
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    case = Case("", draft, {}, anchors=session.state.anchors)
    score = motion_truth.judge(case)
    assert score.value == 0.0
    assert any(said in finding.message for finding in score.findings)


def test_every_other_option_is_refused():
    session, row = gold()
    for at, question in enumerate(row.gold["questions"]):
        for option in question["options"]:
            draft = copy.deepcopy(row.gold)
            draft["questions"][at]["answer"] = option
            assert (motion_truth.judge(Case("", draft, {}, anchors=session.state.anchors)).value == 1.0) == (
                option == question["answer"]
            )


def test_only_what_the_request_names_is_asked():
    session, row = gold()
    aspect = row.gold["questions"][0]["aspect"]
    other = next(a for a in ("gripper", "rotation") if a != aspect)
    for intent, value in ((f"only about the {aspect}", 1.0), (f"only about the {other}", 0.0), (f"the {other}", 1.0)):
        case = Case("", row.gold, {}, anchors=session.state.anchors, intent=intent)
        assert motion_truth.judge(case).value == value


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_anything_may_be_handed_in(data):
    session, row = gold()
    draft = copy.deepcopy(row.gold)
    part = data.draw(st.sampled_from(["questions", "cot", "answer", "question", "input_image"]))
    value = data.draw(JSON)
    if part in draft and isinstance(draft[part], list) and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(draft[part]) - 1))
        draft[part][at][data.draw(st.sampled_from(sorted(draft[part][at])))] = value
    else:
        draft[part] = value
    score = motion_truth.judge(Case("", draft, {}, anchors=session.state.anchors))
    assert score.value == (1.0 if draft == row.gold else 0.0)
    assert bool(score.findings) == (score.value == 0.0)


def test_nothing_is_judged_without_poses():
    _, row = gold()
    for anchors in ({}, {"m1": Anchor("m1", "pose", "damaged", 0.0, 0.0, attrs={"t": "now"})}):
        assert motion_truth.judge(Case("", row.gold, {}, anchors=anchors)).value == 0.0
