"""What the user asked for is done, or named as not done."""

from typing import Any

import pytest

from dataclaw.rewards import Case, library
from dataclaw.rewards.request import Demands, demands_of, language_of, unused_words
from dataclaw.rewards.texts import tokens
from dataclaw.types import Event

RULES = library()
ENGLISH = ["Click the button and then wait for the window.", "Open the menu and choose the second entry of the list."]
GERMAN = [
    "Klicken Sie auf den Knopf und warten Sie dann auf das Fenster.",
    "Öffnen Sie das Menü und wählen Sie den Eintrag.",
]


def case(intent: str, texts: list[str], **given: Any) -> Case:
    known = frozenset(tokens("a tutorial for a person, the ordered actions with coordinates"))
    return Case("", {"steps": [{"text": text} for text in texts]}, {}, intent=intent, vocabulary=known, **given)


@pytest.mark.parametrize(
    ("intent", "wanted"),
    [
        ("a tutorial in at most 5 steps", Demands(most=5)),
        ("the first three actions", Demands(most=3)),
        ("exactly 4 questions about the film", Demands(most=4, least=4)),
        ("a tutorial in German", Demands(language="de")),
        ("用中文写一份教程", Demands(language="zh")),
        ("only the first 20 seconds", Demands()),
        ("make training data from this", Demands()),
    ],
)
def test_demands_are_read_off_the_request(intent: str, wanted: Demands):
    assert demands_of(intent) == wanted


@pytest.mark.parametrize(
    ("intent", "texts", "score"),
    [
        ("at most 1 step", ENGLISH, 0.5),
        ("at most 2 steps", ENGLISH, 1.0),
        ("exactly 3 steps", ENGLISH, 0.9),
        ("a tutorial in German", ENGLISH, 0.0),
        ("a tutorial in German", GERMAN, 1.0),
        ("a tutorial", ENGLISH, None),
    ],
)
def test_number_and_language_are_obeyed(intent: str, texts: list[str], score: float | None):
    assert RULES["obeys_request"].judge(case(intent, texts)).value == score


def test_words_that_nothing_used_are_named():
    log = (Event(0, "click", 0.0, 0.0, target="Weather report"),)
    asked = case("what is the weather in Paris", ENGLISH, events=log)
    assert unused_words(asked) == ("paris",)
    assert RULES["uses_request"].judge(asked).value == 0.5
    assert RULES["uses_request"].judge(case("a tutorial for me", ENGLISH)).value == 1.0
    assert RULES["uses_request"].judge(case("make good data from these", ENGLISH)).value is None


def test_languages_are_told_by_their_words():
    assert [language_of(" ".join(texts)) for texts in (ENGLISH, GERMAN)] == ["en", "de"]
    assert language_of("点击按钮,然后等待窗口出现。") == "zh"
    assert language_of("OK") == ""
