"""A triplet as a sample: its question, its reasoning and its answers in words, each of them fixed by the triplet.

The words are fixed so that they can be judged: a question that is worded otherwise is not the one whose answer is
derived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataclaw.motion.poses import AXES, PoseMoment, shift_between, state_words, turn_between
from dataclaw.motion.questions import Aspect, MotionQuestion, question_text
from dataclaw.motion.triplets import MotionTriplet

TOLD = (
    "Axes are those of the recording; heading counts counterclockwise about z; motion is net, from where something is "
    "in one state to where it is in the other, turns the shorter way round."
)
"""What every question needs to be understood."""
_NAMED: Mapping[Aspect, re.Pattern[str]] = {
    "translation": re.compile(r"\b(translations?|distances?|how far)\b"),
    "rotation": re.compile(r"\b(rotations?|turns?|turning|heading)\b"),
    "direction": re.compile(r"\bdirections?\b"),
    "gripper": re.compile(r"\bgrippers?\b"),
    "order": re.compile(r"\b(order|came first|temporal order)\b"),
}
_ABOUT = re.compile(r"\b(only|just|nothing but|about|did|came first)\b")
"""Words of an intent that says what is asked about; "from the gripper's poses" says only what it is seen by."""


def aspects_named(intent: str) -> frozenset[Aspect]:
    """The aspects that an intent wants to be asked about ("about the turns", "the gripper only"); empty for any."""
    text = intent.lower()
    return frozenset(aspect for aspect, named in _NAMED.items() if _ABOUT.search(text) and named.search(text))


def triplet_question(triplet: MotionTriplet, at: Mapping[float, PoseMoment]) -> str:
    """The three questions as one text: four states in numbers, then what is asked about which of them.

    Args:
        triplet: the three questions.
        at: the poses by time, those of the questions among them.
    """
    one, _, three = triplet.questions
    states = [
        f"State {name}: {triplet.who} {state_words(at[t])}."
        for name, t in zip("WXYZ", (one.first, one.second, three.first, three.second), strict=True)
    ]
    asked = [
        f"{number}. First state {shown[0]}, second state {shown[1]}. {question_text(question, triplet.who)}"
        for number, (shown, question) in enumerate(zip(("WX", "XW", "YZ"), triplet.questions, strict=True), 1)
    ]
    return "\n".join([TOLD, *states, *asked])


def triplet_answers(triplet: MotionTriplet) -> tuple[str, ...]:
    """The three answers, numbered as the questions are."""
    return tuple(f"{number}. {_answer_words(q)}" for number, q in enumerate(triplet.questions, 1))


def _answer_words(question: MotionQuestion) -> str:
    target = question.target()
    return target if target == question.answer else f"{target}. {question.answer}"


def triplet_thoughts(triplet: MotionTriplet, at: Mapping[float, PoseMoment]) -> tuple[str, ...]:
    """What changes from state to state, for each question: the numbers from which its answer follows."""
    return tuple(
        f"{number}. From the first state to the second, {triplet.who} changes by "
        f"{change_words(at[q.first], at[q.second])}."
        for number, q in enumerate(triplet.questions, 1)
    )


def change_words(a: PoseMoment, b: PoseMoment) -> str:
    """What changes from one state to another, in numbers with their signs."""
    shift, turn = shift_between(a, b), turn_between(a, b)
    said = [f"{axis} {v:+.3f} m" for axis, v in zip(AXES, shift or (), strict=False)]
    if turn is not None:
        said.append(f"heading {turn:+.1f} degrees")
    if a.opening is not None and b.opening is not None:
        said.append(f"gripper {b.opening - a.opening:+.2f}")
    return ", ".join(said) or "nothing that is measured"
