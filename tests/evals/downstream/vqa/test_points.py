"""What the small base model reads of a question: changes in words, no figures, and never the answer itself."""

import math
import re
from dataclasses import replace

import pytest

from dataclaw.evals.downstream.vqa.points import LETTERS, STEPS, motion_point, right_option
from dataclaw.motion import MotionQuestion, PoseMoment

HERE = PoseMoment(1.0, (0.1, 0.2, 0.3), (0.0, 0.0, 0.0, 1.0), 1.0)
THERE = PoseMoment(4.0, (0.4, 0.2, 0.23), (0.0, 0.0, math.sin(0.3), math.cos(0.3)), 0.2)


def ask(aspect, form, subject="", least=0.0, options=("yes", "no")):
    return MotionQuestion(aspect, form, 1.0, 4.0, subject, least, options, options[0])


def point(question, first=HERE, second=THERE):
    return motion_point("motion_triplets", question, first, second)


def test_changes_are_told_by_way_and_size_and_the_reverse_is_another_text():
    question = ask("direction", "yes_no", "-z")
    one, other = point(question), point(question, THERE, HERE)
    assert (
        one.intent == "direction yesno zgdn xgup xbym ygno ybya zgdn zbyg turngup turnbyk gripgdn gripbyk wasbyl nowbyc"
    )
    assert (
        other.intent
        == "direction yesno zgdn xgdn xbym ygno ybya zgup zbyg turngdn turnbyk gripgup gripbyk wasbyc nowbyl"
    )


def test_no_figure_and_no_time_is_read():
    question = ask("translation", "yes_no", "+x", 0.2)
    shown = [option.content + str(option.attrs) for option in point(question).options]
    assert not re.search(r"\d", " ".join([point(question).intent, *shown]))
    later = [replace(pose, t=pose.t + 7) for pose in (HERE, THERE)]
    assert point(question, *later) == point(question)


@pytest.mark.parametrize(
    ("question", "contents", "seen"),
    [
        (ask("translation", "yes_no", "-x", 0.2), ["yes", "no"], ["xgup xbym"] * 2),
        (ask("order", "which", "clockwise", options=("the first", "the second")), ["the first", "the second"],
         ["turngup turnbyk"] * 2),
        (ask("direction", "choice", options=("+x", "-z")), ["xgup", "zgdn"], ["xgup xbym", "zgdn zbyg"]),
        (ask("translation", "number", "x", options=("+0.2 to +0.4 m", "-0.2 to -0.4 m")),
         ["xgup rangebyl", "xgdn rangebyl"], ["xgup xbym"] * 2),
        (ask("rotation", "number", options=("-20 to -35 degrees", "+20 to +35 degrees")),
         ["turngdn rangebyj", "turngup rangebyj"], ["turngup turnbyk"] * 2),
        (ask("gripper", "choice", options=("closes", "stays open")), ["closes gripgdn", "stays open"],
         ["gripgdn gripbyk wasbyl nowbyc"] * 2),
    ],
)  # fmt: skip
def test_an_option_carries_what_changes_of_that_which_it_is_about(question, contents, seen):
    found = point(question)
    assert [option.content for option in found.options] == contents
    assert [option.attrs["seen"] for option in found.options] == seen


def test_which_answer_is_right_is_not_in_the_point():
    question = ask("translation", "which", "+x", options=("the first", "the second"))
    other = replace(question, answer="the second")
    assert point(question) == point(other)
    assert (right_option(question), right_option(other)) == ("o0", "o1")


def test_a_quantity_that_a_recording_lacks_is_not_told():
    bare = [replace(pose, turned=None, opening=None) for pose in (HERE, THERE)]
    assert point(ask("direction", "yes_no", "+x"), *bare).intent == "direction yesno xgup xgup xbym ygno ybya zgdn zbyg"


def test_every_size_has_a_name():
    assert all(len(edges) < len(LETTERS) for edges in STEPS.values())
    assert all(list(edges) == sorted(set(edges)) for edges in STEPS.values())
