from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards.thrift import bearing_ids, distinct, sparing, words
from tests.rewards.cases import ANCHORS, DRAFT, case, draft
from tests.schema.test_text import JSON


def test_the_right_draft_says_each_thing_once_and_cites_what_it_needs() -> None:
    assert distinct.judge(case()).value == 1.0
    assert sparing.judge(case()).value == 1.0


def test_repeated_items_cost_their_share() -> None:
    twice = draft()
    twice["steps"] = [step for step in twice["steps"] for _ in range(2)]
    score = distinct.judge(case(twice))
    assert score.value == pytest.approx(1 - 4 / 11)
    assert score.findings[0].path == "/steps"
    assert score.findings[0].message == "number 1 repeats number 0"


def test_case_and_white_space_make_no_difference() -> None:
    said = {"cot": [{"cite": ["e0"], "text": "a search"}, {"cite": ["e0"], "text": "A  Search"}]}
    assert distinct.judge(case(said)).value == 0.5


def test_a_sentence_said_over_and_over_is_found() -> None:
    sentence = "The shop is in front from the start to the end."
    said = {"cot": [{"cite": ["e0"], "text": " ".join([sentence] * 4)}]}
    assert distinct.judge(case(said)).value == pytest.approx(1 - 3 / 5)
    short = {"cot": [{"cite": ["e0"], "text": "Yes. Yes. Yes."}]}
    assert distinct.judge(case(short)).value == 1.0


def test_nothing_listed_is_nothing_to_judge() -> None:
    assert distinct.judge(case({"clip": [1, 1]})).value is None
    assert sparing.judge(case({"clip": [1, 1]})).value is None


def test_citing_everything_for_everything_costs() -> None:
    spam = draft()
    for step in spam["steps"]:
        step["cite"] = list(ANCHORS)
    score = sparing.judge(case(spam))
    assert score.value is not None
    assert score.value < 0.8
    assert "cited anchors prove nothing here" in score.findings[0].message


def test_two_idle_citations_are_let_pass_and_left_out_may_cite_at_will() -> None:
    some = draft()
    some["steps"][1]["cite"] = ["e1", "s1", "t1"]
    some["left_out"] = [{"cite": list(ANCHORS), "reason": "idle"}]
    assert sparing.judge(case(some)).value == 1.0
    assert sparing.judge(case(some), free=0).value < 1.0  # type: ignore[operator]


def test_prose_needs_what_it_names_by_id_word_or_number() -> None:
    def said(text: str) -> float | None:
        return sparing.judge(case({"cot": [{"cite": ["e0", "e1", "e3"], "text": text}]}), free=0).value

    assert said("from e0 to e3") == pytest.approx(2 / 3)
    assert said('The "blue mug" goes into the cart') == pytest.approx(2 / 3)
    assert said("nothing of the kind") == 0.0


def test_words_of_scripts_without_spaces_are_pairs() -> None:
    assert words("放入购物车 then 2.5") == {"放入", "购物", "then", "2.5"}


@given(JSON)
def test_any_draft_is_judged(value: Any) -> None:
    for judged in (distinct.judge(case(value)), sparing.judge(case(value))):
        assert judged.value is None or 0 <= judged.value <= 1


@given(st.integers(1, 4))
def test_more_repetition_never_scores_higher(times: int) -> None:
    less, more = copy.deepcopy(DRAFT), copy.deepcopy(DRAFT)
    less["steps"] *= times
    more["steps"] *= times + 1
    assert distinct.judge(case(more)).value < distinct.judge(case(less)).value  # type: ignore[operator]


def test_each_field_keeps_what_bears_it_out():
    item = {"cite": ["e0", "e1", "t1"], "text": "blue mug", "target": "Search", "note": 'then "Your cart holds 1 item"'}
    found = dict(bearing_ids(case({"steps": [item]})))
    assert found == {
        "/steps/0/text": ["e1"],
        "/steps/0/target": ["e0"],
        "/steps/0/note": ["t1"],
    }
    vague = {"cite": ["e0", "e1"], "note": "it goes on"}
    assert dict(bearing_ids(case({"steps": [vague]}))) == {"/steps/0/note": ["e0", "e1"]}
