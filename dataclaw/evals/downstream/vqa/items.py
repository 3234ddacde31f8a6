"""Triplets of streams, and what a model is asked that sees no pictures: both states in numbers, and the question."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.errors import StreamError
from dataclaw.motion import (
    TOLD,
    MotionQuestion,
    MotionTriplet,
    PoseMoment,
    make_triplets,
    moment_of,
    question_text,
    state_words,
    triplet_of,
)
from dataclaw.tools.read_poses import moments_of, mover_of
from dataclaw.types import Json, Stream

MOMENTS = 40
"""Moments of a stream between which motion is asked about."""


@dataclass(frozen=True, slots=True)
class TripletItem:
    """A triplet with the poses that it is about.

    Attributes:
        scene: name of its stream.
        triplet: the three questions.
        poses: the poses at its moments, in order of time.
    """

    scene: str
    triplet: MotionTriplet
    poses: Sequence[PoseMoment]

    def data(self) -> dict[str, Json]:
        """The item as plain JSON."""
        return {"scene": self.scene, **self.triplet.data(), "poses": [pose.data() for pose in self.poses]}

    def prompts(self) -> tuple[str, str, str]:
        """The three questions as a model without eyes reads them, states before them."""
        one, two, three = (text_prompt(question, self.triplet.who, self.poses) for question in self.triplet.questions)
        return one, two, three

    def targets(self) -> tuple[str, str, str]:
        """The three right answers, as a model gives them."""
        one, two, three = (question.target() for question in self.triplet.questions)
        return one, two, three


def item_of(data: Mapping[str, Json]) -> TripletItem:
    """The item that `TripletItem.data` wrote.

    Raises:
        ValueError: a field is missing, or of another type.
    """
    poses = data.get("poses")
    listed = cast("list[Json]", poses) if isinstance(poses, list) else []
    rows = [cast("Mapping[str, Json]", row) for row in listed if isinstance(row, dict)]
    return TripletItem(str(data.get("scene")), triplet_of(data), [moment_of(row) for row in rows])


def text_prompt(question: MotionQuestion, who: str, poses: Sequence[PoseMoment]) -> str:
    """A question with its two states in numbers; times are left out, for they would tell the order.

    Args:
        question: what is asked.
        who: what moves.
        poses: poses, those at the question's moments among them.
    """
    at = {pose.t: pose for pose in poses}
    states = [f"{name} state: {who} {state_words(at[t])}." for name, t in
              (("First", question.first), ("Second", question.second))]  # fmt: skip
    return "\n".join([TOLD, *states, question_text(question, who)])


def triplets_of_stream(stream: Stream, count: int, seed: str) -> list[TripletItem]:
    """Triplets about a trajectory; fewer where it moves in fewer ways.

    Args:
        stream: a trajectory with poses.
        count: how many.
        seed: draws the same triplets again.

    Raises:
        StreamError: the stream has no poses.
    """
    poses = moments_of(stream, (0.0, stream.duration), MOMENTS)
    if len(poses) < 2:
        raise StreamError(
            "has no poses to ask about.",
            place=stream.path,
            remedy="Give a trajectory with places in metres, rotations or a gripper.",
        )
    made = make_triplets(poses, count, random.Random(f"{stream.name}:{seed}"), mover_of(stream))
    return [TripletItem(stream.name, triplet, _those_of(triplet, poses)) for triplet in made]


def _those_of(triplet: MotionTriplet, poses: Sequence[PoseMoment]) -> list[PoseMoment]:
    wanted = {t for question in triplet.questions for t in (question.first, question.second)}
    return [pose for pose in poses if pose.t in wanted]
