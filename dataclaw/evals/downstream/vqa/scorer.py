"""Partial and overall: how much of a triplet is right, and whether all of it is.

Overall is the share of triplets whose three answers are all right, partial the mean over triplets of right / 3. An
answer that is none of the options is wrong, and is counted as an error of form beside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.errors import UsageError
from dataclaw.motion import MotionQuestion, MotionTriplet

_LETTER = re.compile(r"\(?([A-D])\)?(?:[.):]|$)")
_EDGES = " \t\n.!\"'`*"


@dataclass(frozen=True, slots=True)
class TripletScore:
    """What answers to triplets are worth.

    Attributes:
        right: how many of its three answers are right, triplet by triplet.
        unread: how many answers are none of their options.
        by_aspect: partial of each aspect's triplets, 0 to 1.
    """

    right: tuple[int, ...]
    unread: int
    by_aspect: Mapping[str, float]

    @property
    def partial(self) -> float:
        """Mean over triplets of right / 3, 0 to 1."""
        return sum(self.right) / (3 * len(self.right))

    @property
    def overall(self) -> float:
        """Share of triplets that are right as a whole, 0 to 1."""
        return sum(count == 3 for count in self.right) / len(self.right)


def read_answer(question: MotionQuestion, said: str) -> str:
    """The option that an answer means, by its letter or its words; "" where it means none.

    Args:
        question: what was asked.
        said: what a model wrote: "B", "B. closes", "closes", "Yes.", "first".
    """
    text = said.strip(_EDGES)
    letter = _LETTER.match(text)
    if letter and len(question.options) == 4:
        return question.options["ABCD".index(letter[1])]
    plain = " ".join(text.casefold().split()).removesuffix(" state").removeprefix("the ")
    return next((option for option in question.options if option.removeprefix("the ") == plain), "")


def score_triplets(triplets: Sequence[MotionTriplet], said: Sequence[Sequence[str]]) -> TripletScore:
    """Score answers.

    Args:
        triplets: what was asked, one or more.
        said: three answers for each, in its order.

    Raises:
        UsageError: there is no triplet, or not three answers for each.
    """
    if not triplets or len(said) != len(triplets) or any(len(answers) != 3 for answers in said):
        raise UsageError(
            f"{len(said)} rows of answers do not fit {len(triplets)} triplets.",
            remedy="Give three answers for each triplet, in the order of its questions.",
        )
    read = [
        [read_answer(question, text) for question, text in zip(triplet.questions, answers, strict=True)]
        for triplet, answers in zip(triplets, said, strict=True)
    ]
    right = tuple(
        sum(found == q.answer for found, q in zip(row, t.questions, strict=True))
        for row, t in zip(read, triplets, strict=True)
    )
    sums, counts = Counter[str](), Counter[str]()
    for triplet, count in zip(triplets, right, strict=True):
        sums[triplet.questions[0].aspect] += count
        counts[triplet.questions[0].aspect] += 3
    return TripletScore(
        right, sum(found == "" for row in read for found in row), {name: sums[name] / counts[name] for name in counts}
    )
