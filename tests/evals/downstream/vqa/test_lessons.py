"""Plain questions: right as the log has it, without care for clearness, balance or negatives."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest

from dataclaw.evals.downstream.vqa.lessons import logged_questions, plain_question, random_questions
from dataclaw.motion import MotionQuestion, PoseMoment, form_problems, right_answer
from dataclaw.motion.questions import FORMS

POSES = [
    PoseMoment(float(t), (0.3 * math.cos(t), 0.3 * math.sin(t), 0.02 * t),
               (0.0, 0.0, math.sin(t / 9), math.cos(t / 9)), round(abs(math.sin(t / 3)), 2))
    for t in range(20)
]  # fmt: skip


@pytest.mark.parametrize("ask", [logged_questions, random_questions])
def test_every_aspect_and_form_is_asked_and_what_is_clear_has_its_clear_answer(ask):
    made = list(ask(POSES, random.Random(1)))
    assert {(q.aspect, q.form) for q, _, _ in made} == {(a, f) for a, forms in FORMS.items() for f in forms}
    for question, first, second in made:
        assert not [p for p in form_problems(question) if "threshold" not in p]
        assert right_answer(question, first, second) in ("", question.answer)
    clear = sum(right_answer(question, first, second) != "" for question, first, second in made)
    assert 0 < clear < len(made)


def test_a_log_is_asked_about_in_its_own_order():
    made = list(logged_questions(POSES, random.Random(1)))
    assert {second.t - first.t for _, first, second in made} == {1.0}
    assert Counter(q.answer for q, _, _ in made if q.aspect == "order").keys() == {"the first"}


def test_lots_draw_any_pair_in_any_order_and_the_same_ones_again():
    made = list(random_questions(POSES, random.Random(1)))
    assert made == list(random_questions(POSES, random.Random(1)))
    gaps = {second.t - first.t for _, first, second in made}
    assert min(gaps) < -1 < 1 < max(gaps)


def test_no_distance_is_asked_about_that_the_recording_does_not_have():
    asked = [q.least for q, _, _ in random_questions(POSES, random.Random(2)) if q.aspect == "translation" and q.least]
    assert max(asked) <= 0.6
    near = [replace(pose, place=(0.0, 0.0, 0.001 * pose.t)) for pose in POSES]
    assert {q.least for q, _, _ in random_questions(near, random.Random(2)) if q.aspect == "translation"} == {0.0, 0.1}


@pytest.mark.parametrize(("aspect", "form"), [("translation", "number"), ("direction", "choice"), ("gripper", "choice"),
                                              ("rotation", "number"), ("order", "which")])  # fmt: skip
def test_what_the_log_does_not_have_is_not_asked(aspect, form):
    blank = MotionQuestion(aspect, form, 0.0, 1.0, "x" if aspect == "translation" else "", 0.0, (), "")
    assert plain_question(blank, PoseMoment(0.0), PoseMoment(1.0), random.Random(1)) is None
