"""Triplets: three times the same question, and nothing but the poses says what is true."""

import math
import random
from dataclasses import replace

import pytest

from dataclaw.errors import DataClawError
from dataclaw.motion import PoseMoment, derive, make_triplets, round_moment, triplet_of, triplet_problems
from dataclaw.motion.questions import FORMS


@pytest.fixture(scope="module")
def poses() -> list[PoseMoment]:
    """A hand that circles, rises, turns and grips."""
    found = []
    for k in range(40):
        heading = math.radians(80 * math.sin(k / 6)) / 2
        place = (0.3 * math.cos(k / 4), 0.3 * math.sin(k / 4), 0.012 * k)
        found.append(round_moment(k / 10, place, (0.0, 0.0, math.sin(heading), math.cos(heading)), float(k // 10 % 2)))
    return found


@pytest.fixture(scope="module")
def triplets(poses):
    return make_triplets(poses, 60, random.Random(3), "the hand")


def test_every_aspect_and_form_is_asked(triplets):
    asked = {(t.questions[0].aspect, t.questions[0].form) for t in triplets}
    assert asked == {(aspect, form) for aspect, forms in FORMS.items() for form in forms}
    assert len(triplets) == 60


def test_every_answer_follows_from_the_poses(triplets, poses):
    for triplet in triplets:
        assert derive(triplet, poses) == tuple(q.answer for q in triplet.questions)
        assert triplet_problems(triplet) == []


def test_answers_are_derived_and_not_read(triplets, poses):
    for triplet in triplets:
        lies = [replace(q, answer=next(o for o in q.options if o != q.answer)) for q in triplet.questions]
        assert derive(replace(triplet, questions=tuple(lies)), poses) == derive(triplet, poses)


def test_poses_that_are_mirrored_have_other_answers(triplets, poses):
    mirrored = [replace(p, place=(-p.place[0], -p.place[1], -p.place[2])) for p in poses]
    moved = [t for t in triplets if t.questions[0].aspect in ("translation", "direction")]
    assert moved
    for triplet in moved:
        assert derive(triplet, mirrored)[0] != triplet.questions[0].answer


def test_the_same_seed_gives_the_same_triplets(poses, triplets):
    assert make_triplets(poses, 60, random.Random(3), "the hand") == triplets
    assert make_triplets(poses, 60, random.Random(4), "the hand") != triplets


def test_what_does_not_move_gives_no_triplets(poses):
    still = [replace(poses[0], t=k / 10) for k in range(20)]
    assert make_triplets(still, 10, random.Random(0), "the hand") == []
    assert make_triplets([], 10, random.Random(0), "the hand") == []


def test_triplets_survive_json(triplets):
    assert [triplet_of(t.data()) for t in triplets] == triplets
    for damaged in ({}, {"who": "it", "questions": []}, {"who": "it", "questions": [{"aspect": 1}] * 3}):
        with pytest.raises(ValueError, match=r"no triplet|no question"):
            triplet_of(damaged)


def test_a_negative_that_is_none_is_found(triplets):
    one, two, three = triplets[0].questions
    same = replace(triplets[0], questions=(one, one, three))
    assert "the second is not about the reversed motion" in triplet_problems(same)
    assert "a negative has the answer of the first" in triplet_problems(same)
    assert "the third is about the same states" in triplet_problems(replace(triplets[0], questions=(one, two, two)))
    other = replace(three, subject="+x" if three.subject != "+x" else "-x")
    assert "the three do not ask the same" in triplet_problems(replace(triplets[0], questions=(one, two, other)))


def test_missing_poses_are_named(triplets, poses):
    with pytest.raises(DataClawError, match="there is no pose at"):
        derive(triplets[0], poses[:1])
