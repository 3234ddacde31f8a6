"""Questions carry what they need, are questions and in one language; requests are met, or named as not met."""

from dataclasses import replace
from typing import Any

import pytest

from dataclaw.rewards import Case, library
from dataclaw.rewards.asking import Demands, demands_of, language_of, unused_words
from dataclaw.rewards.texts import tokens
from dataclaw.types import Event

RULES = library()
VIDEO = {"input_video": [0, 9]}
TEXT = {"input_text": "0.00 s click"}


def judge(
    name: str, question: str, *, inputs: Any = None, draft: Any = None, intent: str = "list the steps"
) -> float | None:
    case = Case("", draft or {"answer": "Rinse the pan."}, {}, question=question, inputs=inputs, intent=intent)
    return RULES[name].judge(case).value


@pytest.mark.parametrize(
    ("question", "inputs", "score"),
    [
        ("What does the person put into the rack?", VIDEO, 1.0),
        ("What does the person put into the rack?", TEXT, 1.0),
        ("What does the person put into the rack?", {}, 0.5),
        ("What do the high points of the graph stand for?", {}, 0.0),
        ("What do the high points of the graph stand for?", TEXT, 0.0),
        ("What do the high points of the graph stand for?", {"input_image": [3]}, 1.0),
        ("In the field below, enter a name.", TEXT, 0.0),
        ('Which step comes after "the picture"?', TEXT, 1.0),
        ("图片里有什么?", {}, 0.0),
    ],
)
def test_a_question_needs_what_it_points_at(question: str, inputs: Any, score: float):
    assert judge("answerable", question, inputs=inputs) == score


def test_inner_questions_count_one_by_one():
    pairs = [
        {"question": "Which animal migrates?", "choices": ["tern", "bear"], "answer": "tern"},
        {"question": "What is an eigenvalue?", "answer": "A factor.", "evidence": {"text": "It is the factor."}},
        {"question": "What is shown above?", "answer": "A lever."},
        {"question": "Who is it?", "answer": "Doc"},
    ]
    assert judge("answerable", "Which questions?", inputs={}, draft={"pairs": pairs}) == pytest.approx(
        (1 + 1 + 0 + 0.5) / 4
    )
    assert judge("answerable", "Which questions?", inputs=None, draft={"pairs": pairs}) is None


def test_the_request_is_no_question():
    assert judge("own_question", "make good data from these", intent="Make good data from these") == 0.0
    assert judge("own_question", "Which clicks were made, and where?", intent="clean ordered actions") == 1.0


def test_a_label_answers_no_deep_question():
    asked = "1. What is the person doing at 0:07?\n2. Why is the oil opened?\n3. How many eggs are there?"
    assert judge("deep_questions", asked) == pytest.approx(1 - 0.7 * 2 / 3)
    assert judge("deep_questions", "Which steps make the salad?") is None


def test_text_has_the_script_of_the_intent():
    case = Case(
        "",
        {"answer": [{"text": "点击按钮"}, {"text": "Wait for it"}]},
        {},
        question="怎么做?",
        intent="给人看的操作教程",
    )
    assert RULES["one_language"].judge(case).value == pytest.approx(2 / 3)
    quoted = replace(
        case, draft={"answer": 'Click "计算器".'}, intent="steps", question='Do as "将图像转换为漫画风格。" says.'
    )
    assert RULES["one_language"].judge(quoted).value == pytest.approx(0.75)


ENGLISH = ["Click the button and then wait for the window.", "Open the menu and choose the second entry of the list."]
GERMAN = [
    "Klicken Sie auf den Knopf und warten Sie dann auf das Fenster.",
    "Öffnen Sie das Menü und wählen Sie den Eintrag.",
]


def asked(intent: str, texts: list[str], **given: Any) -> Case:
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
    assert RULES["obeys_request"].judge(asked(intent, texts)).value == score


def test_words_that_nothing_used_are_named():
    log = (Event(0, "click", 0.0, 0.0, target="Weather report"),)
    paris = asked("what is the weather in Paris", ENGLISH, events=log)
    assert unused_words(paris) == ("paris",)
    assert RULES["uses_request"].judge(paris).value == 0.5
    assert RULES["uses_request"].judge(asked("a tutorial for me", ENGLISH)).value == 1.0
    assert RULES["uses_request"].judge(asked("make good data from these", ENGLISH)).value is None


def test_a_request_that_is_met_in_other_forms_is_not_punished():
    log = (Event(0, "node", 0.0, 0.0, text="ImageOnlyCheckpointLoader"), Event(1, "node", 1.0, 1.0, text="svd_decoder"))
    assert unused_words(asked("the first two nodes that load or decode", ENGLISH, events=log)) == ()
    assert unused_words(asked("the two nodes that sharpen", ENGLISH, events=log)) == ("sharpen",)


def test_languages_are_told_by_their_words():
    assert [language_of(" ".join(texts)) for texts in (ENGLISH, GERMAN)] == ["en", "de"]
    assert language_of("点击按钮,然后等待窗口出现。") == "zh"
    assert language_of("OK") == ""
