"""A question about motion as the small base model reads it: in words, for it reads no figures and has no eyes.

What differs between the two states is told quantity by quantity: which way it changes, and by how much in steps of
half a range. That stands in for two pictures. What follows from it for the question is for the model to learn: which
way is the longest, whether it is longer than what is asked for, and which option says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dataclaw.choosing import ChoicePoint
from dataclaw.motion import MotionQuestion, PoseMoment
from dataclaw.motion.poses import AXES, shift_between, swing_between
from dataclaw.motion.questions import DEGREES, GRIP_ACTS, METRES, SIDES
from dataclaw.planning import OPTION
from dataclaw.types import Anchor

POINT = "vqa.answer"
LETTERS = "abcdfghjklmnpqrtuvwxyz"
"""Names of sizes, the smallest first; none makes an ending of English that is cut off."""
TENTHS = tuple(k / 10 for k in range(1, 10))
_LOWER = {"metres": (0.0125, 0.025), "degrees": (2.5, 5.0)}


def _steps(lower: Sequence[float], edges: Sequence[float]) -> tuple[float, ...]:
    """Edges of sizes: those of the ranges that are asked about, smaller ones, and one within each."""
    whole = [*lower, *edges]
    return tuple(sorted([*whole, *((a * b) ** 0.5 for a, b in pairwise(whole))]))


STEPS = {"metres": _steps(_LOWER["metres"], METRES), "degrees": _steps(_LOWER["degrees"], DEGREES), "share": TENTHS}


def motion_point(task: str, question: MotionQuestion, first: PoseMoment, second: PoseMoment) -> ChoicePoint:
    """The question with its options `o0`, `o1`, ...; each option carries what changes of that which it is about.

    Args:
        task: name of the task.
        question: what is asked.
        first: the state that is shown first.
        second: the state that is shown second.
    """
    seen = dict(_changes(first, second))
    asked = [question.aspect, question.form.replace("_", ""), _sign_word(question.subject), _limit(question)]
    options = [
        Anchor(
            f"o{k}",
            OPTION,
            _option(option, question.subject),
            float(k),
            float(k),
            attrs={"seen": _words_on(seen, option, question)},
        )
        for k, option in enumerate(question.options)
    ]
    intent = " ".join([*filter(None, asked), *seen.values()])
    return ChoicePoint(POINT, task, intent, options, (), "one")


def right_option(question: MotionQuestion) -> str:
    """Id of the option that is right."""
    return f"o{question.options.index(question.answer)}"


def _changes(a: PoseMoment, b: PoseMoment) -> Iterator[tuple[str, str]]:
    """Each quantity that both states have, and in words how it differs."""
    for axis, change in zip(AXES, shift_between(a, b) or (), strict=False):
        yield axis, _change(axis, change, "metres")
    if (swing := swing_between(a, b)) is not None:
        yield "turn", _change("turn", swing, "degrees")
    if a.opening is not None and b.opening is not None:
        was, now = (_size("share", opening) for opening in (a.opening, b.opening))
        yield "grip", f"{_change('grip', b.opening - a.opening, 'share')} was{was} now{now}"


def _change(quantity: str, value: float, unit: str) -> str:
    return f"{quantity}g{'up' if value > 0 else 'dn' if value < 0 else 'no'} {quantity}{_size(unit, abs(value))}"


def _size(unit: str, value: float) -> str:
    return f"by{LETTERS[bisect_right(STEPS[unit], value)]}"


def _sign_word(subject: str) -> str:
    """The word for an axis with its sign, a side, or what a gripper does: that of the change that it names."""
    if subject in SIDES:
        return "turngup" if subject == SIDES[0] else "turngdn"
    if subject in GRIP_ACTS:
        return {"opens": "gripgup", "closes": "gripgdn"}.get(subject, subject)
    return f"{subject[-1]}g{'dn' if subject[0] == '-' else 'up'}" if len(subject) > 1 else subject


def _limit(question: MotionQuestion) -> str:
    unit = "degrees" if question.aspect == "rotation" else "metres"
    return f"over{_size(unit, question.least)}" if question.least else ""


def _option(option: str, axis: str) -> str:
    """An option in words: "+0.2 to +0.4 m" of x is "xgup rangebyh"."""
    if option[0] not in "+-":
        return option if option not in GRIP_ACTS[:2] else f"{option} {_sign_word(option)}"
    if " to " not in option:
        return _sign_word(option)
    low, _, _, unit = option.split()
    size = _size("metres" if unit == "m" else "degrees", abs(float(low)))
    return f"{axis or 'turn'}g{'dn' if low[0] == '-' else 'up'} range{size}"


def _words_on(seen: dict[str, str], option: str, question: MotionQuestion) -> str:
    """What changes of the quantity that an option names, or else the question."""
    named = option if question.aspect == "direction" and question.form == "choice" else question.subject
    if question.aspect == "rotation" or named in SIDES:
        return seen.get("turn", "")
    if question.aspect == "gripper" or named in GRIP_ACTS:
        return seen.get("grip", "")
    return seen.get(named[-1:], "")
