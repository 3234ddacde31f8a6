"""Questions about two states of something that moves: five aspects, four forms, and the answer out of the poses alone.

The two states are shown in an order of their own and without their times. So the same question about the states in
the other order is about the reversed motion, and has another answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from dataclaw.motion.poses import (
    AXES,
    LEAST_SHIFT,
    PoseMoment,
    direction_between,
    grip_between,
    shift_between,
    side_between,
    turn_between,
)

Aspect = Literal["translation", "rotation", "direction", "gripper", "order"]
QuestionForm = Literal["yes_no", "choice", "which", "number"]
FORMS: dict[Aspect, tuple[QuestionForm, ...]] = {
    "translation": ("yes_no", "which", "number"),
    "rotation": ("yes_no", "number"),
    "direction": ("yes_no", "choice"),
    "gripper": ("yes_no", "choice"),
    "order": ("which",),
}
"""The forms in which each aspect is asked about."""
ASPECTS: tuple[Aspect, ...] = tuple(FORMS)
YES_NO, WHICH = ("yes", "no"), ("the first", "the second")
SIGNED_AXES = tuple(f"{sign}{axis}" for axis in AXES for sign in "+-")
SIDES = ("counterclockwise", "clockwise")
GRIP_ACTS = ("opens", "closes", "stays open", "stays closed")
METRES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
DEGREES = (10.0, 20.0, 35.0, 50.0, 75.0, 100.0, 150.0)
"""Edges of the ranges of distances [m] and of turns [degrees]."""
MARGIN = 0.05
"""Numbers nearer to an edge than this share of it are not asked about."""


@dataclass(frozen=True, slots=True)
class MotionQuestion:
    """A question about two states.

    Attributes:
        aspect: what of the motion is asked about.
        form: in which form.
        first: time of the state that is shown first [s, or steps].
        second: time of the state that is shown second; earlier than `first` where the motion is reversed.
        subject: what is asked about: an axis with its sign ("+z"), a side, an act of a gripper; "" for a choice.
        least: from how much on the answer to "by more than" is yes [m or degrees]; 0 in other forms.
        options: what may be answered, in the order shown; exactly one is right.
        answer: the right one.
    """

    aspect: Aspect
    form: QuestionForm
    first: float
    second: float
    subject: str
    least: float
    options: tuple[str, ...]
    answer: str

    def target(self) -> str:
        """The answer as a model gives it: the letter of an option among four, else the option itself."""
        return "ABCD"[self.options.index(self.answer)] if len(self.options) == 4 else self.answer


def right_answer(question: MotionQuestion, first: PoseMoment, second: PoseMoment) -> str:
    """The answer that the poses give, whatever the question says is right; "" where they give no clear one.

    Args:
        question: what is asked.
        first: the state that is shown first.
        second: the state that is shown second.
    """
    found = _ANSWERS[question.aspect](question, first, second)
    return found if found in question.options else ""


def _translation(question: MotionQuestion, a: PoseMoment, b: PoseMoment) -> str:
    shift = shift_between(a, b)
    axis = question.subject[-1:]
    if shift is None or axis not in AXES:
        return ""
    along = shift[AXES.index(axis)]
    signed = -along if question.subject.startswith("-") else along
    if question.form == "number":
        return range_of(along, METRES, "m")
    if question.form == "which":
        return "" if abs(signed) < LEAST_SHIFT else WHICH[signed > 0]
    return _exceeds(signed, question.least)


def _rotation(question: MotionQuestion, a: PoseMoment, b: PoseMoment) -> str:
    turn = turn_between(a, b)
    if turn is None:
        return ""
    if question.form == "number":
        return range_of(turn, DEGREES, "degrees")
    return _exceeds(turn if question.subject == "counterclockwise" else -turn, question.least)


def _exceeds(value: float, least: float) -> str:
    if least <= 0 or abs(value - least) < 2 * MARGIN * least:
        return ""
    return YES_NO[value < least]


def range_of(value: float, edges: tuple[float, ...], unit: str) -> str:
    """The range with its sign in which a number lies, "+0.1 to +0.2 m"; "" outside of all and near to an edge."""
    size, sign = abs(value), "+" if value > 0 else "-"
    for low, high in pairwise(edges):
        if low * (1 + MARGIN) <= size <= high * (1 - MARGIN):
            return f"{sign}{low:g} to {sign}{high:g} {unit}"
    return ""


def opposite(label: str) -> str:
    """The label of the reversed motion: "-z" of "+z", "opens" of "closes", the range of the other sign."""
    pairs = {"opens": "closes", "counterclockwise": "clockwise"}
    known = pairs | {b: a for a, b in pairs.items()}
    return known.get(label) or label.translate(str.maketrans("+-", "-+"))


def _direction(question: MotionQuestion, a: PoseMoment, b: PoseMoment) -> str:
    found = direction_between(a, b)
    if question.form == "choice" or not found:
        return found
    return YES_NO[found != question.subject]


def _gripper(question: MotionQuestion, a: PoseMoment, b: PoseMoment) -> str:
    found = grip_between(a, b)
    if question.form == "choice" or not found:
        return found
    return YES_NO[found != question.subject]


def _order(question: MotionQuestion, a: PoseMoment, b: PoseMoment) -> str:
    earlier, later = (a, b) if a.t < b.t else (b, a)
    told = facts_between(earlier, later)
    if question.subject not in told or a.t == b.t:
        return ""  # what is said of the motion is not true, and so the order cannot be told from it
    return WHICH[a.t > b.t]


def facts_between(earlier: PoseMoment, later: PoseMoment) -> tuple[str, ...]:
    """What tells two moments' order: the direction, the side turned to, and what a gripper does."""
    grip = grip_between(earlier, later)
    found = (direction_between(earlier, later), side_between(earlier, later), grip if grip in GRIP_ACTS[:2] else "")
    return tuple(fact for fact in found if fact)


_ANSWERS = {
    "translation": _translation,
    "rotation": _rotation,
    "direction": _direction,
    "gripper": _gripper,
    "order": _order,
}


def question_text(question: MotionQuestion, who: str) -> str:
    """The question in words; its options stand behind it.

    Args:
        question: what is asked.
        who: what moves: "the hand".
    """
    text = _TEXTS[question.aspect, question.form] if question.aspect != "order" else _fact_text(question.subject)
    asked = text.format(who=who, subject=question.subject, axis=question.subject[-1:], least=f"{question.least:g}")
    if len(question.options) != 4:
        return f"{asked} Answer {question.options[0]} or {question.options[1]}."
    listed = " ".join(f"{letter}. {option}" for letter, option in zip("ABCD", question.options, strict=True))
    return f"{asked} {listed}"


_WAY = "From the first state to the second"
_TEXTS: dict[tuple[Aspect, QuestionForm], str] = {
    ("translation", "yes_no"): f"{_WAY}, does {{who}} move by more than {{least}} m along {{subject}}?",
    ("translation", "which"): "In which of the two states is {who} farther along {subject}?",
    ("translation", "number"): f"{_WAY}, by how much does the {{axis}} of {{who}} change?",
    ("rotation", "yes_no"): f"{_WAY}, does {{who}} turn {{subject}} about z by more than {{least}} degrees?",
    ("rotation", "number"): f"{_WAY}, by how much does {{who}} turn about z, counterclockwise being positive?",
    ("direction", "yes_no"): f"{_WAY}, does {{who}} move mainly along {{subject}}?",
    ("direction", "choice"): f"{_WAY}, along which axis does {{who}} mainly move?",
    ("gripper", "yes_no"): f"{_WAY}, is it true that the gripper {{subject}}?",
    ("gripper", "choice"): f"{_WAY}, what does the gripper do?",
}


def _fact_text(fact: str) -> str:
    if fact in GRIP_ACTS:
        return f"Between the two states the gripper {fact}. Which of them came first?"
    does = "turns {subject} about z" if "clockwise" in fact else "moves mainly along {subject}"
    return f"Between the two states {{who}} {does}. Which of them came first?"


def possible_answers(aspect: Aspect, form: QuestionForm) -> tuple[str, ...]:
    """Every answer that a question of this form may have."""
    if form in ("yes_no", "which"):
        return YES_NO if form == "yes_no" else WHICH
    if aspect == "gripper":
        return GRIP_ACTS
    if aspect == "direction":
        return SIGNED_AXES
    edges, unit = (METRES, "m") if aspect == "translation" else (DEGREES, "degrees")
    middles = [math.sqrt(low * high) for low, high in pairwise(edges)]
    return tuple(range_of(sign * v, edges, unit) for v in middles for sign in (1, -1))


def possible_subjects(aspect: Aspect, form: QuestionForm) -> tuple[str, ...]:
    """Everything that a question of this form may be about; "" where it names nothing."""
    if form == "choice" or (aspect, form) == ("rotation", "number"):
        return ("",)
    if aspect == "translation" and form == "number":
        return AXES
    if aspect == "order":
        return (*SIGNED_AXES, *SIDES, *GRIP_ACTS[:2])
    return {"rotation": SIDES, "gripper": GRIP_ACTS[:2]}.get(aspect, SIGNED_AXES)


def form_problems(question: MotionQuestion) -> list[str]:
    """What is wrong with a question's form, in words; empty where nothing is."""
    aspect, form = question.aspect, question.form
    if form not in FORMS.get(aspect, ()):
        return [f"{aspect!r} is not asked as {form!r}"]
    answers = possible_answers(aspect, form)
    exceeds = form == "yes_no" and aspect in ("translation", "rotation")
    checks = [
        (
            len(set(question.options)) == len(question.options) == min(4, len(answers)),
            "options are missing or repeated",
        ),
        (set(question.options) <= set(answers), "options are not those of this form"),
        (question.answer in question.options, f"{question.answer!r} is not one of the options"),
        (question.first != question.second, "both states are one moment"),
        ((question.least > 0) == exceeds, f"{question.least:g} is no threshold of this form"),
        (question.subject in possible_subjects(aspect, form), f"{question.subject!r} is not what this form asks about"),
    ]
    return [problem for good, problem in checks if not good]
