"""What annotators that do not tailor ask about a recording: plain questions, answered by what the log shows.

A plain question has the form of one of a triplet and is right, too. But nobody sees to it that its answer is clear,
that each answer is right as often as another, that the reversed motion is asked about, or the most alike one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from dataclaw.motion import MotionQuestion, PoseMoment
from dataclaw.motion.poses import AXES, GRIPS, shift_between, swing_between
from dataclaw.motion.questions import (
    ASPECTS,
    DEGREES,
    FORMS,
    GRIP_ACTS,
    METRES,
    SIDES,
    SIGNED_AXES,
    WHICH,
    YES_NO,
    possible_answers,
    possible_subjects,
)
from dataclaw.motion.triplets import THRESHOLDS

AskedPair = tuple[MotionQuestion, PoseMoment, PoseMoment]
"""A question with the two states that it is about."""


def logged_questions(poses: Sequence[PoseMoment], dice: random.Random) -> Iterator[AskedPair]:
    """Every moment and the next one, in the log's order, each asked about in every aspect and form."""
    for first, second in pairwise(poses):
        yield from _all_about(first, second, _reach(poses), dice)


def random_questions(poses: Sequence[PoseMoment], dice: random.Random) -> Iterator[AskedPair]:
    """As many pairs of moments, drawn by lot in any order, each asked about in every aspect and form."""
    for _ in poses[1:]:
        first, second = dice.sample(list(poses), 2)
        yield from _all_about(first, second, _reach(poses), dice)


def _reach(poses: Sequence[PoseMoment]) -> float:
    """The longest way along an axis from any moment to any other [m]; distances beyond it are not asked about."""
    places = [pose.place for pose in poses if pose.place is not None]
    return max((max(axis) - min(axis) for axis in zip(*places, strict=True)), default=0.0)


def _all_about(first: PoseMoment, second: PoseMoment, reach: float, dice: random.Random) -> Iterator[AskedPair]:
    for aspect in ASPECTS:
        for form in FORMS[aspect]:
            subject = dice.choice(possible_subjects(aspect, form))
            limits = THRESHOLDS.get(aspect, ()) if form == "yes_no" else ()
            limits = [limit for limit in limits if aspect != "translation" or limit <= max(reach, METRES[1])]
            least = dice.choice(limits) if limits else 0.0
            blank = MotionQuestion(aspect, form, first.t, second.t, subject, least, (), "")
            if question := plain_question(blank, first, second, dice):
                yield question, first, second


def plain_question(
    blank: MotionQuestion, first: PoseMoment, second: PoseMoment, dice: random.Random
) -> MotionQuestion | None:
    """A question with its options and the answer that the poses give without any margin; None where they give none.

    Args:
        blank: what is asked, without options and answer; what a question of order tells is drawn anew.
        first: the state that is shown first.
        second: the state that is shown second.
        dice: draws the other options, and their order where there are four.
    """
    if blank.aspect == "order":
        facts = _facts(*sorted((first, second), key=lambda moment: moment.t))
        if not facts:
            return None
        asked, answer = replace(blank, subject=dice.choice(facts)), WHICH[first.t > second.t]
    else:
        asked, answer = blank, _answer(blank, first, second)
    possible = possible_answers(asked.aspect, asked.form)
    if answer not in possible:
        return None
    if len(possible) == 2:
        return replace(asked, options=possible, answer=answer)
    options = [answer, *dice.sample([other for other in possible if other != answer], 3)]
    dice.shuffle(options)
    return replace(asked, options=tuple(options), answer=answer)


def _answer(asked: MotionQuestion, first: PoseMoment, second: PoseMoment) -> str:
    if asked.aspect == "gripper":
        act = _act(first, second)
        return act if asked.form == "choice" or not act else YES_NO[act != asked.subject]
    if asked.aspect == "direction":
        way = _way(first, second)
        return way if asked.form == "choice" or not way else YES_NO[way != asked.subject]
    turning = asked.aspect == "rotation"
    value = swing_between(first, second) if turning else _along(asked.subject[-1:], first, second)
    if value is None:
        return ""
    if asked.form == "number":
        return _range(value, DEGREES if turning else METRES, "degrees" if turning else "m")
    signed = -value if asked.subject in (SIDES[1], *SIGNED_AXES[1::2]) else value
    if asked.form == "which":
        return "" if not signed else WHICH[signed > 0]
    return YES_NO[signed < asked.least]


def _along(axis: str, first: PoseMoment, second: PoseMoment) -> float | None:
    shift = shift_between(first, second)
    return None if shift is None else shift[AXES.index(axis)]


def _range(value: float, edges: Sequence[float], unit: str) -> str:
    sign = "+" if value > 0 else "-"
    return next((f"{sign}{a:g} to {sign}{b:g} {unit}" for a, b in pairwise(edges) if a <= abs(value) < b), "")


def _way(first: PoseMoment, second: PoseMoment) -> str:
    shift = shift_between(first, second)
    if shift is None or not any(shift):
        return ""
    main = max(range(3), key=lambda k: abs(shift[k]))
    return f"{'+' if shift[main] > 0 else '-'}{AXES[main]}"


def _act(first: PoseMoment, second: PoseMoment) -> str:
    if first.opening is None or second.opening is None:
        return ""
    if abs(second.opening - first.opening) >= GRIPS:
        return GRIP_ACTS[first.opening > second.opening]
    return GRIP_ACTS[2 if first.opening + second.opening >= 1.0 else 3]


def _facts(earlier: PoseMoment, later: PoseMoment) -> list[str]:
    """What a log says of a motion: the way, the side, and what a gripper does."""
    swing, act = swing_between(earlier, later), _act(earlier, later)
    facts = [_way(earlier, later), SIDES[swing < 0] if swing else "", act if act in GRIP_ACTS[:2] else ""]
    return [fact for fact in facts if fact]
