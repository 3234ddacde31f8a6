from __future__ import annotations

import pytest

from dataclaw.rewards import library
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor

QUOTES, FIGURES, PLACEHOLDERS = (library()[name] for name in ("quotes", "figures", "placeholders"))
SEEN = {
    "e0": Anchor("e0", "event", 'cue "the area is 12.5"', 1.0, 2.0, attrs={"text": "The area is 12.5 and the"}),
    "e1": Anchor("e1", "event", 'cue "height"', 2.0, 3.0, attrs={"text": "height is 3 metres."}),
    "s1": Anchor("s1", "segment", "moves 0.284 m down", 1.0, 4.4, frame=7, attrs={"moved": 0.284, "unit": "m"}),
}


def case(draft: object) -> Case:
    return Case(text="", draft=draft, schema={}, anchors=SEEN)


def score(rule, text: str, *cite: str) -> float | None:
    return rule.judge(case({"answer": {"cite": list(cite), "text": text}})).value


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
    assert QUOTES.judge(case(draft)).value is None


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
    assert PLACEHOLDERS.judge(case(draft)).value == value
