"""What is true of two poses, computed by hand, and what is not clear enough to be asked."""

import math

import pytest

from dataclaw.motion import MotionQuestion, PoseMoment, form_problems, question_text, right_answer, state_words
from dataclaw.motion.poses import (
    direction_between,
    grip_between,
    moment_of,
    round_moment,
    side_between,
    turn_between,
)
from dataclaw.motion.questions import DEGREES, GRIP_ACTS, METRES, WHICH, YES_NO, range_of


def turned(degrees: float, about: int = 2) -> tuple[float, float, float, float]:
    half = math.radians(degrees) / 2
    axis = [math.sin(half) if k == about else 0.0 for k in range(3)]
    return axis[0], axis[1], axis[2], math.cos(half)


LOW = PoseMoment(1.0, (0.3, 0.0, 0.1), turned(20), 1.0)
HIGH = PoseMoment(2.0, (0.3, 0.05, 0.35), turned(60), 0.1)


def ask(aspect, form, subject="", least=0.0, options=(), shown=(LOW, HIGH)):
    fixed = {"yes_no": YES_NO, "which": WHICH}.get(form, options)
    return MotionQuestion(aspect, form, shown[0].t, shown[1].t, subject, least, fixed, "")


def test_a_change_is_measured_between_two_poses():
    assert direction_between(LOW, HIGH) == "+z"
    assert direction_between(HIGH, LOW) == "-z"
    assert turn_between(LOW, HIGH) == pytest.approx(40.0)
    assert side_between(HIGH, LOW) == "clockwise"
    assert grip_between(LOW, HIGH) == "closes"


@pytest.mark.parametrize(
    ("place", "direction"),
    [((0.34, 0.0, 0.1), ""), ((0.4, 0.06, 0.1), ""), ((0.4, 0.05, 0.1), "+x"), ((0.3, -0.2, 0.1), "-y")],
)
def test_a_way_has_a_direction_from_five_centimetres_on_and_twice_as_long_as_along_others(place, direction):
    assert direction_between(LOW, PoseMoment(2.0, place)) == direction


def test_turns_go_the_shorter_way_round_and_about_z_only():
    assert turn_between(PoseMoment(0.0, turned=turned(170)), PoseMoment(1.0, turned=turned(-150))) == pytest.approx(40)
    assert turn_between(PoseMoment(0.0, turned=turned(0)), PoseMoment(1.0, turned=turned(40, about=0))) is None
    assert side_between(PoseMoment(0.0, turned=turned(0)), PoseMoment(1.0, turned=turned(9))) == ""
    assert side_between(PoseMoment(0.0, turned=turned(0)), PoseMoment(1.0, turned=turned(170))) == ""


@pytest.mark.parametrize(
    ("before", "after", "act"),
    [(1.0, 0.5, "closes"), (0.2, 0.8, "opens"), (0.9, 0.7, "stays open"), (0.0, 0.3, "stays closed"), (0.4, 0.6, "")],
)
def test_a_gripper_acts_when_its_opening_changes_by_half_its_range(before, after, act):
    assert grip_between(PoseMoment(0.0, opening=before), PoseMoment(1.0, opening=after)) == act


@pytest.mark.parametrize(
    ("question", "forward", "backward"),
    [
        (ask("translation", "yes_no", "+z", 0.2), "yes", "no"),
        (ask("translation", "yes_no", "-z", 0.2), "no", "yes"),
        (ask("translation", "which", "+z"), "the second", "the first"),
        (ask("translation", "which", "-y"), "the first", "the second"),
        (ask("rotation", "yes_no", "counterclockwise", 20.0), "yes", "no"),
        (ask("rotation", "yes_no", "clockwise", 20.0), "no", "yes"),
        (ask("direction", "yes_no", "+z"), "yes", "no"),
        (ask("direction", "yes_no", "-z"), "no", "yes"),
        (ask("direction", "choice", options=("+x", "-z", "+z", "-x")), "+z", "-z"),
        (ask("gripper", "yes_no", "closes"), "yes", "no"),
        (ask("gripper", "choice", options=GRIP_ACTS), "closes", "opens"),
        (ask("order", "which", "+z"), "the first", "the second"),
        (ask("order", "which", "counterclockwise"), "the first", "the second"),
        (ask("order", "which", "closes"), "the first", "the second"),
    ],
)
def test_the_reversed_motion_has_another_answer(question, forward, backward):
    assert right_answer(question, LOW, HIGH) == forward
    assert right_answer(question, HIGH, LOW) == backward


def test_numbers_are_told_as_ranges_with_their_sign():
    turns = ("+35 to +50 degrees", "-35 to -50 degrees", "+20 to +35 degrees", "-20 to -35 degrees")
    assert right_answer(ask("rotation", "number", options=turns), LOW, HIGH) == "+35 to +50 degrees"
    assert right_answer(ask("rotation", "number", options=turns), HIGH, LOW) == "-35 to -50 degrees"
    assert range_of(0.25, METRES, "m") == "+0.2 to +0.4 m"
    assert range_of(-0.15, METRES, "m") == "-0.1 to -0.2 m"


@pytest.mark.parametrize("value", [0.0, 0.01, 0.201, -0.199, 30.0])
def test_a_number_near_an_edge_or_outside_has_no_range(value):
    assert range_of(value, METRES, "m") == ""


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (ask("translation", "yes_no", "+z", 0.25), "0.25 m is the threshold itself"),
        (ask("translation", "which", "+x"), "x does not change"),
        (ask("rotation", "yes_no", "counterclockwise", 38.0), "within a tenth of the threshold"),
        (ask("order", "which", "-z"), "it did not go down"),
        (ask("order", "which", "opens"), "it did not open"),
        (ask("direction", "choice", options=("+x", "-x", "+y", "-y")), "the truth is no option"),
    ],
)
def test_what_is_not_clear_has_no_answer(question, why):
    assert right_answer(question, LOW, HIGH) == "", why


def test_unknown_poses_give_no_answer():
    blind = PoseMoment(1.0), PoseMoment(2.0)
    for aspect, form, subject in (("translation", "which", "+x"), ("direction", "yes_no", "+x"),
                                  ("gripper", "yes_no", "opens"), ("order", "which", "+x")):  # fmt: skip
        assert right_answer(ask(aspect, form, subject, shown=blind), *blind) == ""
    assert right_answer(ask("rotation", "yes_no", "clockwise", 20.0), *blind) == ""


def test_a_state_is_told_without_its_time_and_without_what_changes():
    assert state_words(LOW) == "at x 0.300 m, y 0.000 m, z 0.100 m, heading 20.0 degrees, gripper 1.00 open"


def test_questions_read_like_questions():
    choice = MotionQuestion("direction", "choice", 1.0, 2.0, "", 0.0, ("+x", "-z", "+z", "-x"), "+z")
    assert question_text(choice, "the hand") == (
        "From the first state to the second, along which axis does the hand mainly move? A. +x B. -z C. +z D. -x"
    )
    assert choice.target() == "C"
    order = MotionQuestion("order", "which", 1.0, 2.0, "closes", 0.0, WHICH, "the first")
    assert question_text(order, "the hand") == (
        "Between the two states the gripper closes. Which of them came first? Answer the first or the second."
    )
    assert form_problems(choice) == form_problems(order) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"form": "number"}, "not asked as"),
        ({"options": ("+x", "+x", "+z", "-x")}, "missing or repeated"),
        ({"options": ("+x", "up", "+z", "-x")}, "not those of this form"),
        ({"answer": "+y"}, "not one of the options"),
        ({"second": 1.0}, "one moment"),
        ({"least": 0.1}, "no threshold"),
        ({"subject": "+x"}, "not what this form asks"),
    ],
)
def test_a_malformed_question_is_found(changed, said):
    right = {"aspect": "direction", "form": "choice", "first": 1.0, "second": 2.0, "subject": "", "least": 0.0,
             "options": ("+x", "-z", "+z", "-x"), "answer": "+z"}  # fmt: skip
    assert any(said in problem for problem in form_problems(MotionQuestion(**(right | changed))))


def test_moments_survive_json_and_damaged_ones_do_not():
    pose = round_moment(1.23456, (0.30004, -0.00001, 0.1), turned(20), 0.333)
    assert moment_of(pose.data()) == pose
    assert pose.t == 1.235
    assert pose.place == (0.3, 0.0, 0.1)
    for damaged in ({}, {"t": "1"}, {"t": 1.0, "place": [1, 2]}, {"t": 1.0, "turned": [1, 2, 3, math.nan]}):
        with pytest.raises(ValueError, match=r"moment|numbers"):
            moment_of(damaged)


def test_edges_rise():
    assert list(METRES) == sorted(METRES)
    assert list(DEGREES) == sorted(DEGREES)
