"""Questions: what they need is carried, they are questions, and in one language."""

from dataclasses import replace
from typing import Any

import pytest

from dataclaw.rewards import Case, library

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
