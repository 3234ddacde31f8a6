"""Partial and overall against cases computed by hand."""

import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.vqa.scorer import read_answer, score_triplets
from dataclaw.motion import MotionQuestion, MotionTriplet

AXES = ("+x", "-x", "+z", "-z")


def ask(answer: str, aspect: str = "direction", form: str = "choice", options: tuple[str, ...] = AXES):
    return MotionQuestion(aspect, form, 0.0, 1.0, "", 0.0, options, answer)


CHOICE = MotionTriplet("the hand", (ask("+z"), ask("-z"), ask("+x")))
YES = MotionTriplet("the hand", tuple(ask(a, "gripper", "yes_no", ("yes", "no")) for a in ("yes", "no", "no")))


def test_partial_is_a_mean_and_overall_wants_all():
    # 3 of 3, 2 of 3, 1 of 3, 0 of 3: partial 6 / 12, overall 1 / 4.
    said = [("C", "D", "A"), ("C", "D", "B"), ("yes", "yes", "yes"), ("no", "yes", "yes")]
    score = score_triplets([CHOICE, CHOICE, YES, YES], said)
    assert score.right == (3, 2, 1, 0)
    assert score.partial == pytest.approx(0.5)
    assert score.overall == pytest.approx(0.25)
    assert score.by_aspect == pytest.approx({"direction": 5 / 6, "gripper": 1 / 6})
    assert score.unread == 0


def test_one_who_always_says_the_same_gets_no_triplet():
    score = score_triplets([CHOICE, YES], [("C",) * 3, ("no",) * 3])
    assert score.overall == 0.0
    assert score.partial == pytest.approx(0.5)


def test_what_is_no_option_is_wrong_and_counted():
    score = score_triplets([CHOICE, YES], [("C", "E", "sideways"), ("", "no", "B")])
    assert score.right == (1, 1)
    assert score.unread == 4


@pytest.mark.parametrize(
    ("said", "option"),
    [("C", "+z"), ("C.", "+z"), ("(C)", "+z"), ("C. +z", "+z"), ("+z", "+z"), (" -x\n", "-x"), ("c", ""), ("CD", ""),
     ("A motion", ""), ("C or D", "")],
)  # fmt: skip
def test_letters_and_words_are_read(said, option):
    assert read_answer(ask("+z"), said) == option


@pytest.mark.parametrize(
    ("said", "option"),
    [("the first", "the first"), ("First", "the first"), ("The second state.", "the second"), ("both", ""), ("A", "")],
)
def test_which_of_two_is_read(said, option):
    assert read_answer(ask("the first", "order", "which", ("the first", "the second")), said) == option


@pytest.mark.parametrize("said", [[], [("C", "D")], [("C", "D", "A")] * 2])
def test_answers_that_do_not_fit_are_refused(said):
    with pytest.raises(UsageError, match="do not fit"):
        score_triplets([CHOICE], said)


def test_no_triplets_have_no_score():
    with pytest.raises(UsageError):
        score_triplets([], [])
