from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards import library
from dataclaw.rewards.base import Case
from dataclaw.rewards.prose import bearing_ids, distinct, sparing, words
from dataclaw.types import Anchor
from tests.rewards.cases import ANCHORS, DRAFT, case, draft
from tests.schema.test_text import JSON

QUOTES, FIGURES, PLACEHOLDERS = (library()[name] for name in ("quotes", "figures", "placeholders"))
SEEN = {
    "e0": Anchor("e0", "event", 'cue "the area is 12.5"', 1.0, 2.0, attrs={"text": "The area is 12.5 and the"}),
    "e1": Anchor("e1", "event", 'cue "height"', 2.0, 3.0, attrs={"text": "height is 3 metres."}),
    "s1": Anchor("s1", "segment", "moves 0.284 m down", 1.0, 4.4, frame=7, attrs={"moved": 0.284, "unit": "m"}),
}


def prose_case(draft: object) -> Case:
    return Case(text="", draft=draft, schema={}, anchors=SEEN)


def score(rule, text: str, *cite: str) -> float | None:
    return rule.judge(prose_case({"answer": {"cite": list(cite), "text": text}})).value


@pytest.mark.parametrize(
    ("text", "cite", "value"),
    [
        ('It says "the area is 12.5" there', ["e0"], 1.0),
        ("It says “THE  area is 12.5” there", ["e0"], 1.0),
        ('She says "12.5 and the height is 3 metres" in one go', ["e0", "e1"], 1.0),
        ('She says "12.5 and the height is 3 metres" in one go', ["e0"], 0.0),
        ('It says "the area is 12.5" and "the volume"', ["e0"], 0.5),
        ('It says "the area" with nothing cited', [], 0.0),
        ("Nothing is quoted here", ["e0"], None),
        ("「the area is 12.5」 is said", ["e0"], 1.0),
    ],
)
def test_quotations_stand_in_what_is_cited(text, cite, value) -> None:
    assert score(QUOTES, text, *cite) == value


@pytest.mark.parametrize(
    ("text", "cite", "value"),
    [
        ("moves 0.28 m down", ["s1"], 1.0),
        ("moves 0.3 m down", ["s1"], 1.0),
        ("moves 0.29 m down", ["s1"], 0.0),
        ("moves 0.284 m in 3.4 s from frame 7", ["s1"], 1.0),
        ("moves -0.28 m along z", ["s1"], 1.0),
        ("moves 28 cm down", ["s1"], 0.0),
        ("two facts, 2 of them", ["s1", "e0"], 1.0),
        ("no figure at all", ["s1"], None),
        ("at 2:05 the clock", ["s1"], None),
        ("1. Lift it\n2. Put it down <image_recall>", ["s1"], None),
        ('it says "1984" by quotation only', ["s1"], None),
    ],
)
def test_figures_stand_in_what_is_cited(text, cite, value) -> None:
    assert score(FIGURES, text, *cite) == value


def test_what_is_left_out_is_not_prose() -> None:
    draft = {"left_out": [{"cite": ["e0"], "reason": 'a "made up" one'}]}
    assert QUOTES.judge(prose_case(draft)).value is None


@pytest.mark.parametrize(
    ("draft", "value"),
    [
        ({"answer": {"text": "See <video_gen>."}, "output_video": {"start": 0, "end": 3}}, 1.0),
        ({"answer": {"text": "See it."}, "output_video": {"start": 0, "end": 3}}, 0.0),
        ({"answer": [{"text": "a <image_recall>"}, {"text": "b"}], "output_image": [{"frame": 1}]}, 1.0),
        ({"answer": [{"text": "a <image_recall>"}], "output_image": [{"frame": 1}, {"frame": 2}]}, 0.5),
        ({"answer": {"text": "<image_recall>"}}, 0.0),
        ({"answer": {"text": "plain"}, "question": {"text": "<image_recall>?"}}, None),
        ({"answer": 7, "output_image": "x"}, None),
    ],
)
def test_placeholders_agree_with_the_media(draft, value) -> None:
    assert PLACEHOLDERS.judge(prose_case(draft)).value == value


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
