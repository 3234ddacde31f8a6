"""Questions about motion: triplets out of poses, each answer derivable again from the poses alone."""

from dataclaw.motion.drafts import TOLD, aspects_named, triplet_answers, triplet_question, triplet_thoughts
from dataclaw.motion.poses import PoseMoment, moment_of, round_moment, state_words
from dataclaw.motion.questions import MotionQuestion, form_problems, question_text, right_answer
from dataclaw.motion.triplets import (
    MotionTriplet,
    derive,
    draw_triplets,
    make_triplets,
    question_data,
    question_of,
    triplet_of,
    triplet_problems,
)

__all__ = [
    "TOLD",
    "MotionQuestion",
    "MotionTriplet",
    "PoseMoment",
    "aspects_named",
    "derive",
    "draw_triplets",
    "form_problems",
    "make_triplets",
    "moment_of",
    "question_data",
    "question_of",
    "question_text",
    "right_answer",
    "round_moment",
    "state_words",
    "triplet_answers",
    "triplet_of",
    "triplet_problems",
    "triplet_question",
    "triplet_thoughts",
]
