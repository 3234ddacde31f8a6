"""Points as numbers: any anchors and any words can be encoded, and words that both have are found."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.choosing import ChoicePoint
from dataclaw.choosing.encode import BUCKETS, FIGURES, INTENT, MATCHES, OPTION, PARTS, RELATIONS, encode
from dataclaw.types import Anchor
from tests.choosing.points import point

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
KEYS = st.sampled_from(["verb", "text", "details", "window", "phase"])
ATTRS = st.dictionaries(KEYS, JSON | st.dictionaries(st.text(max_size=3), JSON))
TEXT = st.text(max_size=40)
ANCHORS = st.builds(Anchor, TEXT, TEXT, TEXT, NUMBERS, NUMBERS, confidence=NUMBERS, attrs=ATTRS)


def test_shapes_and_matches():
    e = encode(point("only the drone shots", ["shot of a drone", "interview"], kept=["e1"]))
    asked = e.intent.shape[0]
    assert e.intent.shape == (2 + 4, PARTS)
    assert e.options.shape == (2, 5, PARTS)
    assert e.matches.shape == (2, asked, MATCHES)
    assert e.figures.shape == (2, FIGURES)
    assert e.matches[0, :, 0].tolist() == [0, 0, 0, 0, 1, 1]  # <point>, <task>, only, the, drone, shots: by their stems
    assert e.matches[1, :, 0].sum() == 0
    assert e.figures[:, 0].tolist() == [0.0, 1.0]


def test_forms_of_a_word_have_the_same_hash():
    shot, shots = (encode(point(word, ["x"])).intent[-1] for word in ("shot", "shots"))
    assert shot.tolist() == shots.tolist()


def test_numbers_are_words():
    e = encode(point("order 40217, from 1:20", ["order 40217", "order 40218"]))
    assert e.matches[:, -3, 0].tolist() == [1, 0]  # 40217
    assert len({*map(tuple, e.options[:, 2].tolist())}) == 2


def test_options_are_related_by_rare_words_and_by_place():
    e = encode(point("x", ["order 7", "order 8", "order 9", "invoice 7"]))
    assert e.relations.shape == (4, 4, RELATIONS)
    assert e.relations[0, 3, 0] > e.relations[0, 1, 0]
    assert e.relations[:3, :3, 1].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert not encode(replace(point("x", "abc"), how="order")).relations[:, :, 1:3].any()


def test_options_of_one_kind_are_ranked_from_both_ends_and_by_length():
    spans = [("clip", 4.0), ("gap", 9.0), ("clip", 2.0), ("clip", 7.0)]
    shots = [Anchor(f"e{at}", "event", "", 10 * at, 10 * at + long, attrs={"verb": kind}) for at, (kind, long) in
             enumerate(spans)]  # fmt: skip
    e = encode(ChoicePoint("a.b", "c", "the last two, longer than 3 s", shots, ()))
    ranks, over = e.figures[:, -24:-12], e.figures[:, -12:]
    assert (1 / ranks[[0, 2, 3], 4:8]).round().tolist() == [[1, 3, 2, 2], [2, 2, 3, 1], [3, 1, 1, 3]]  # clips
    assert (1 / ranks[1, :8]).round().tolist() == [2, 3, 1, 4, 1, 1, 1, 1]
    assert (over[[0, 2, 3], 5] <= 1.0).tolist() == [False, True, True]  # the last two clips
    assert (e.figures[:, -25] > 0).tolist() == [True, True, False, True]  # longer than 3 s
    assert not ranks[:, 8:].any()  # the intent names none of them
    assert not encode(ChoicePoint("a.b", "c", "from 1:20 on", shots, ())).figures[:, -12:].any()


def test_of_those_that_the_intent_names_each_has_its_rank():
    e = encode(point("the second drone shot", ["shot of a drone", "an interview", "another drone shot"]))
    assert e.figures[:, -16].tolist() == [1.0, 0.0, 0.5]
    assert e.figures[:, -4].tolist() == [0.5, 0.0, 1.0]


@pytest.mark.parametrize("said", ["longer than 4 s", "longer than four seconds", "比4秒长", "长于四秒的"])
def test_a_length_may_be_a_word(said: str):
    shots = [Anchor("e0", "event", "", 0, 3), Anchor("e1", "event", "", 3, 8)]
    assert (encode(ChoicePoint("a.b", "c", said, shots, ())).figures[:, -25] > 0).tolist() == [False, True]


def test_options_of_one_kind_and_of_one_place_look_at_each_other():
    tracks = [Anchor(f"e{at}", "event", "", at, at, attrs={"verb": "clip", "details": {"track": name}}) for at, name in
              enumerate("ABA")]  # fmt: skip
    found = encode(ChoicePoint("a.b", "c", "x", tracks, ())).relations
    assert found[..., 3].all()
    assert found[..., 4].tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


@given(st.text(max_size=300), st.lists(ANCHORS, min_size=1, max_size=5))
def test_whatever_anchors_say_the_numbers_are_finite(intent: str, options: list[Anchor]):
    e = encode(ChoicePoint("a.b", "c", intent, options, ()))
    assert e.intent.shape[0] <= INTENT
    assert e.options.shape[1] <= OPTION
    assert 0 <= e.options.min() <= e.options.max() < BUCKETS
    assert np.isfinite(e.figures).all()
    assert np.isfinite(e.relations).all()
    assert not math.isnan(e.matches.sum())
