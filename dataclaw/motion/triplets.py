"""Triplets of questions after the public recipe: a motion, the same motion reversed, and a motion like it.

All three ask the same. The second shows the states in the other order, so its answer is another one. The third shows
the most alike pair of states of the same stream whose answer is not that of the first: a negative by retrieval. A
model that knows only what usually happens, or only one state, cannot get all three right.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import cast

from dataclaw.errors import DataClawError
from dataclaw.motion.poses import (
    PoseMoment,
    direction_between,
    grip_between,
    shift_between,
    side_between,
    turn_between,
)
from dataclaw.motion.questions import (
    ASPECTS,
    AXES,
    DEGREES,
    FORMS,
    GRIP_ACTS,
    LEAST_SHIFT,
    METRES,
    WHICH,
    YES_NO,
    Aspect,
    MotionQuestion,
    QuestionForm,
    facts_between,
    form_problems,
    opposite,
    possible_answers,
    right_answer,
)
from dataclaw.types import Json

Pair = tuple[PoseMoment, PoseMoment]
TRIED = 40
"""Pairs of states that are tried for a question."""
THRESHOLDS: Mapping[str, tuple[float, ...]] = {"translation": METRES[1:], "rotation": DEGREES[:4]}
"""Thresholds of "by more than" [m, degrees]; those of turns are the 10 to 50 degrees of the public recipe."""


@dataclass(frozen=True, slots=True)
class MotionTriplet:
    """Three questions: about a motion, about the same reversed, about one like it.

    Attributes:
        who: what moves, in words: "the hand".
        questions: the three.
    """

    who: str
    questions: tuple[MotionQuestion, MotionQuestion, MotionQuestion]

    def data(self) -> dict[str, Json]:
        """The triplet as plain JSON."""
        return {"who": self.who, "questions": [question_data(q) for q in self.questions]}


def question_data(question: MotionQuestion) -> dict[str, Json]:
    """A question as plain JSON."""
    return {
        "aspect": question.aspect,
        "form": question.form,
        "first": question.first,
        "second": question.second,
        "subject": question.subject,
        "least": question.least,
        "options": list(question.options),
        "answer": question.answer,
    }


def question_of(data: Mapping[str, Json]) -> MotionQuestion:
    """The question that `question_data` wrote.

    Raises:
        ValueError: a field is missing, or of another type.
    """
    texts = [data.get(key) for key in ("aspect", "form", "subject", "answer")]
    numbers = [data.get(key) for key in ("first", "second", "least")]
    options = data.get("options")
    listed = cast("Sequence[Json]", options) if isinstance(options, list | tuple) else ()
    if not all(isinstance(v, str) for v in (*texts, *listed)) or not all(isinstance(v, int | float) for v in numbers):
        raise ValueError(f"no question about motion: {data}")
    aspect, form, subject, answer = cast("list[str]", texts)
    first, second, least = (float(v) for v in cast("list[float]", numbers))
    chosen, asked = cast("Aspect", aspect), cast("QuestionForm", form)
    return MotionQuestion(chosen, asked, first, second, subject, least, tuple(cast("Sequence[str]", listed)), answer)


def triplet_of(data: Mapping[str, Json]) -> MotionTriplet:
    """The triplet that `MotionTriplet.data` wrote.

    Raises:
        ValueError: it has not three questions, or one of them is none.
    """
    rows, who = data.get("questions"), data.get("who")
    found = [question_of(cast("Mapping[str, Json]", row)) for row in cast("list[Json]", rows)
             if isinstance(row, dict)] if isinstance(rows, list) else []  # fmt: skip
    if len(found) != 3 or not isinstance(who, str):
        raise ValueError(f"no triplet: {str(data)[:200]}")
    return MotionTriplet(who, (found[0], found[1], found[2]))


def derive(triplet: MotionTriplet, poses: Sequence[PoseMoment]) -> tuple[str, str, str]:
    """The three answers out of the poses alone; "" where they give no clear one.

    Raises:
        DataClawError: the poses have none at a question's time.
    """
    at = {moment.t: moment for moment in poses}
    for question in triplet.questions:
        for t in (question.first, question.second):
            if t not in at:
                raise DataClawError(f"there is no pose at {t:g} s.", remedy="Give the poses that the triplet is about.")
    one, two, three = (right_answer(q, at[q.first], at[q.second]) for q in triplet.questions)
    return one, two, three


def triplet_problems(triplet: MotionTriplet) -> list[str]:
    """What is wrong with a triplet's form, in words; empty where nothing is."""
    one, two, three = triplet.questions
    found = [f"question {k}: {problem}" for k, q in enumerate(triplet.questions, 1) for problem in form_problems(q)]
    same = [(q.aspect, q.form, q.subject, q.least, set(q.options)) for q in triplet.questions]
    if same[0] != same[1] or same[0] != same[2]:
        found.append("the three do not ask the same")
    if (one.first, one.second) != (two.second, two.first):
        found.append("the second is not about the reversed motion")
    if {three.first, three.second} == {one.first, one.second}:
        found.append("the third is about the same states")
    if one.answer == two.answer or one.answer == three.answer:
        found.append("a negative has the answer of the first")
    return found


def make_triplets(
    poses: Sequence[PoseMoment], count: int, rng: random.Random, who: str, aspects: Sequence[Aspect] = ASPECTS
) -> list[MotionTriplet]:
    """Triplets about one stream, aspects and forms in turn, none twice; fewer where its motion gives fewer.

    Args:
        poses: the moments, in order of time.
        count: how many.
        rng: draws pairs of states, subjects and the order of options.
        who: what moves, in words.
        aspects: what is asked about.
    """
    pairs = list(combinations(poses, 2))
    kinds: list[tuple[Aspect, QuestionForm]] = [(aspect, form) for aspect in aspects for form in FORMS[aspect]]
    rng.shuffle(kinds)
    found: dict[object, MotionTriplet] = {}
    while kinds and len(found) < count:
        for kind in list(kinds):
            made = next((t for t in _tries(pairs, *kind, rng, who) if _key(t) not in found), None)
            if made is None:
                kinds.remove(kind)
            elif len(found) < count:
                found[_key(made)] = made
    return list(found.values())


def draw_triplets(
    poses: Sequence[PoseMoment], count: int, seed: str, who: str, aspects: Sequence[Aspect] = ()
) -> list[MotionTriplet]:
    """Triplets that other poses or another seed give others of; see `make_triplets`.

    Args:
        poses: the moments, in order of time.
        count: how many.
        seed: any text.
        who: what moves, in words.
        aspects: what is asked about; everything where empty.
    """
    rng = random.Random(f"{seed}:{[pose.data() for pose in poses]}")
    return make_triplets(poses, count, rng, who, aspects or ASPECTS)


def _key(triplet: MotionTriplet) -> object:
    one = triplet.questions[0]
    return one.aspect, one.form, one.first, one.second


def _tries(
    pairs: Sequence[Pair], aspect: Aspect, form: QuestionForm, rng: random.Random, who: str
) -> Iterator[MotionTriplet]:
    """Triplets from pairs drawn at random, each with the pair most alike that has another answer."""
    flips = rng.random() < 0.5  # drawn once, for one sense finds its negatives more easily than the other
    for pair in rng.sample(pairs, min(TRIED, len(pairs))):
        blank = MotionQuestion(aspect, form, 0.0, 0.0, "", 0.0, (), "")
        asked = _ask_about(blank, pair, rng, flips=flips)
        if asked is None:
            continue
        shown = _swap(pair) if aspect == "order" and rng.random() < 0.5 else pair
        one = _about(asked, shown)
        alike = _most_alike(pairs, pair, one) if one else None
        if one is None or alike is None:
            continue
        options = one.options or _four(one.answer, alike.answer)
        three = [_shuffle(replace(q, options=options), rng) for q in (one, _about(asked, _swap(shown)), alike) if q]
        made = MotionTriplet(who, (three[0], three[1], three[2])) if len(three) == 3 else None
        if made and not triplet_problems(made):  # a gripper that stays open does so backwards, too
            yield made


def _ask_about(blank: MotionQuestion, pair: Pair, rng: random.Random, *, flips: bool) -> MotionQuestion | None:
    """What is asked, so that it has a clear answer about a pair; None where it has none."""
    subjects = [s for s in _subjects(blank, pair) if s or blank.form in ("choice", "number")]
    if not subjects:
        return None
    subject = rng.choice(subjects)
    if blank.aspect != "order" and blank.form in ("yes_no", "which") and flips:
        subject = opposite(subject)
    fixed = {"yes_no": YES_NO, "which": WHICH}.get(blank.form, ())
    if blank.aspect == "gripper" and blank.form == "choice":
        fixed = GRIP_ACTS
    least = _threshold(blank, pair, subject, rng)
    return None if least is None else replace(blank, subject=subject, options=fixed, least=least)


def _subjects(blank: MotionQuestion, pair: Pair) -> Sequence[str]:
    if blank.form == "choice":
        return ("",)
    if blank.aspect == "translation":
        shift = shift_between(*pair) or ()
        signs = [("-" if v < 0 else "+") + axis for v, axis in zip(shift, AXES, strict=False) if abs(v) >= LEAST_SHIFT]
        return [s[-1] for s in signs] if blank.form == "number" else signs
    if blank.aspect == "rotation":
        return ("",) if blank.form == "number" else (side_between(*pair),)
    if blank.aspect == "order":
        return facts_between(*pair)
    if blank.aspect == "direction":
        return (direction_between(*pair),)
    grip = grip_between(*pair)
    return (grip,) if grip in GRIP_ACTS[:2] else ()


def _threshold(blank: MotionQuestion, pair: Pair, subject: str, rng: random.Random) -> float | None:
    """A threshold that the motion exceeds clearly; 0 in forms without one; None where it exceeds none."""
    if blank.form != "yes_no" or blank.aspect not in THRESHOLDS:
        return 0.0
    shift, turn = shift_between(*pair), turn_between(*pair)
    size = abs(shift[AXES.index(subject[-1])]) if blank.aspect == "translation" and shift else abs(turn or 0.0)
    fitting = [least for least in THRESHOLDS[blank.aspect] if size > 1.1 * least]
    return rng.choice(fitting[-2:]) if fitting else None


def _about(asked: MotionQuestion, pair: Pair) -> MotionQuestion | None:
    """The question about a pair of states, with its answer; None where the poses give no clear one."""
    a, b = pair
    # A number's or an axis' options are not known yet, and any answer of the poses is one.
    open_ended = replace(
        asked, first=a.t, second=b.t, options=asked.options or possible_answers(asked.aspect, asked.form)
    )
    answer = right_answer(open_ended, a, b)
    return replace(open_ended, answer=answer, options=asked.options) if answer else None


def _four(answer: str, other: str) -> tuple[str, ...]:
    """Four options, each right for somebody: two answers and those of their reversed motions."""
    return answer, opposite(answer), other, opposite(other)


def _most_alike(pairs: Sequence[Pair], pair: Pair, one: MotionQuestion) -> MotionQuestion | None:
    """The same question about the most alike other pair whose answer is another one; None where there is none."""
    asked = replace(one, answer="")
    near = sorted((_unlike(pair, other), k) for k, other in enumerate(pairs) if other != pair)
    for _, k in near:
        for shown in (pairs[k], _swap(pairs[k])) if one.aspect == "order" else (pairs[k],):
            found = _about(asked, shown)
            if found and found.answer not in (one.answer, "" if one.options else opposite(one.answer)):
                return found
    return None


def _swap(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _unlike(a: Pair, b: Pair) -> float:
    """How unlike two motions are: in length, in turn, in time."""
    lengths = [math.hypot(*(shift_between(*pair) or (0.0,))) + 0.02 for pair in (a, b)]
    turns = [abs(turn_between(*pair) or 0.0) for pair in (a, b)]
    times = [pair[1].t - pair[0].t for pair in (a, b)]
    return abs(math.log(lengths[0] / lengths[1])) + abs(turns[0] - turns[1]) / 30 + abs(math.log(times[0] / times[1]))


def _shuffle(question: MotionQuestion, rng: random.Random) -> MotionQuestion:
    options = list(question.options)
    if len(options) == 4:
        rng.shuffle(options)
    return replace(question, options=tuple(options))
