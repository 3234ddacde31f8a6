import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dataclaw.rewards import library
from dataclaw.rewards.temporal import resample
from dataclaw.types import Anchor
from tests.rewards.cases import case, steps

SHAPE = library()["temporal_shape"]
TIMES = library()["time_error"]
FRAMES = st.lists(st.integers(0, 100), min_size=1, max_size=12)


def shape(predicted: list[int], reference: list[int], frames: int = 101) -> float | None:
    with_frames = case({"clip": predicted}, reference={"clip": reference}, frame_times=range(frames))
    return SHAPE.judge(with_frames).value


def test_by_hand():
    assert shape([0, 50, 100], [0, 50, 100]) == 1.0
    assert shape([10], [0]) == pytest.approx(math.exp(-0.1 / 0.1))
    assert shape([5, 105], [0, 100]) == pytest.approx(math.exp(-0.05 / 0.1))
    # a line against a constant: mean |u - 1/2| over 50 even points of [0, 1] is 25/98
    assert shape([50], [0, 100]) == pytest.approx(math.exp(-(25 / 98) / 0.1))
    # reversed: mean |1 - 2u| is twice that
    assert shape([100, 0], [0, 100]) == pytest.approx(math.exp(-(50 / 98) / 0.1))


def test_resampling_is_linear_between_fifty_even_points():
    assert len(resample([3.0])) == 50
    assert set(resample([3.0])) == {3.0}
    assert resample([0.0, 49.0]).tolist() == pytest.approx(list(range(50)))
    assert resample([0.0, 10.0, 0.0], 5).tolist() == [0.0, 5.0, 10.0, 5.0, 0.0]


def test_edges():
    assert shape([], [0, 3]) == 0.0
    assert shape([3], []) is None
    assert shape([], []) is None
    assert SHAPE.judge(case({"clip": "x"}, reference={"clip": [1]})).value == 0.0
    assert SHAPE.judge(case({"clip": [True, None, "1", math.nan]}, reference={"clip": [1]})).value == 0.0
    # no frames known: the reference's largest index is the scale; never divided by zero
    assert shape([4], [0, 8], frames=0) == pytest.approx(math.exp(-(25 / 98) / 0.1))
    assert shape([0], [0], frames=1) == 1.0
    assert shape([1], [0], frames=1) == pytest.approx(math.exp(-10))
    assert shape([10**30], [0]) == pytest.approx(0.0)


def test_frames_are_taken_in_the_schemas_order_or_from_the_paths_given():
    steps = [{"cite": [], "frame": 2}, {"cite": [], "frame": None}, {"frame": 6}]
    reference = {"steps": [{"frame": 2}, {"frame": 6}], "clip": [7]}
    assert SHAPE.judge(case({"clip": [7], "steps": steps}, reference=reference)).value == 1.0
    only = SHAPE.judge(case({"steps": steps, "clip": [0]}, reference=reference), paths="/steps/*/frame")
    assert only.value == 1.0


@given(FRAMES, FRAMES, st.integers(1, 9))
def test_rescaling_the_stream_changes_nothing(predicted: list[int], reference: list[int], k: int):
    scaled = shape([k * f for f in predicted], [k * f for f in reference], frames=100 * k + 1)
    assert scaled == pytest.approx(shape(predicted, reference))


@given(FRAMES, st.integers(0, 50), st.integers(0, 50))
def test_farther_off_scores_lower(reference: list[int], a: int, b: int):
    near, far = sorted((a, b))
    assume(near < far)
    scores = [shape([f + d for f in reference], reference) or 0.0 for d in (near, far)]
    assert scores[0] > scores[1]


@given(FRAMES, FRAMES)
def test_it_is_the_papers_formula(predicted: list[int], reference: list[int]):
    def course(frames: list[int]) -> list[float]:
        if len(frames) == 1:
            return [frames[0] / 100] * 50
        out: list[float] = []
        for k in range(50):
            position = k / 49 * (len(frames) - 1)
            left = min(int(position), len(frames) - 2)
            out.append((frames[left] + (position - left) * (frames[left + 1] - frames[left])) / 100)
        return out

    d = float(np.mean([abs(p - r) for p, r in zip(course(predicted), course(reference), strict=True)]))
    assert shape(predicted, reference) == pytest.approx(math.exp(-d / 0.10))


def test_time_error_by_hand():
    truth = {"steps": [{"time": 1.0}, {"time": 4.0}]}

    def value(*times: object) -> float | None:
        draft = {"steps": [{"time": time} for time in times]}
        return TIMES.judge(case(draft, reference=truth), paths=["/steps/*/time"], tau=2.0).value

    assert value(1.0, 4.0) == 1.0
    assert value(1.0, 6.0) == pytest.approx((1 + math.exp(-1)) / 2)
    assert value(1.0) == 0.5
    assert value(1.0, 4.0, 9.0) == pytest.approx(2 / 3)
    assert value("1", None) == 0.0
    assert TIMES.judge(case({}, reference={}), paths="/steps/*/time").value is None


ORDER = library()["order"]
TIMED = {f"e{i}": Anchor(f"e{i}", "event", "", float(i), float(i)) for i in range(20)}


def told(*indices: int) -> float | None:
    return ORDER.judge(steps(*({"cite": [f"e{i}"]} for i in indices), anchors=TIMED)).value


def test_order_by_hand():
    assert told(0, 1, 2, 3) == 1.0
    assert told(3, 2, 1, 0) == 0.0
    assert told(0, 1, 3, 2) == pytest.approx(5 / 6)
    assert told(1, 1, 1) == 1.0
    assert told(4) is None
    assert told() is None


def test_an_item_counts_from_its_earliest_anchor_and_unseen_ones_are_passed_over():
    assert ORDER.judge(steps({"cite": ["e1", "e9"]}, {"cite": ["x"]}, {"cite": ["e2"]}, anchors=TIMED)).value == 1.0


def test_reasoning_and_steps_are_sequences_of_their_own_and_left_out_is_none():
    items = [{"cite": ["e5"]}, {"cite": ["e6"]}]
    told_twice = {"cot": items, "steps": items, "left_out": items[::-1]}
    assert ORDER.judge(case(told_twice, anchors=TIMED)).value == 1.0
    assert ORDER.judge(case({**told_twice, "cot": items[::-1]}, anchors=TIMED)).value == 0.5
    assert ORDER.judge(case({**told_twice, "cot": items[::-1]}, anchors=TIMED), paths="/steps/*").value == 1.0


def test_parts_of_a_stream_are_not_compared_with_each_other():
    anchors = {
        f"{part}.e{i}": Anchor(f"{part}.e{i}", "event", "", float(i), float(i), part=part)
        for part in "AB"
        for i in (1, 2)
    }
    shuffled = [{"cite": [i]} for i in ("B.e1", "A.e1", "B.e2", "A.e2")]
    assert ORDER.judge(steps(*shuffled, anchors=anchors)).value == 1.0
    assert ORDER.judge(steps(*shuffled[::-1], anchors=anchors)).value == 0.0


def test_the_finding_names_the_item_that_falls_behind():
    [finding] = ORDER.judge(steps({"cite": ["e3"]}, {"cite": ["e7"]}, {"cite": ["e5"]}, anchors=TIMED)).findings
    assert finding.path == "/steps/2"
    assert finding.message == "cites e5 at 5.00 s after e7 at 7.00 s was told"


@given(st.lists(st.integers(0, 19), min_size=2, max_size=20))
def test_it_counts_inversions(indices: list[int]):
    pairs = [(a, b) for k, a in enumerate(indices) for b in indices[k + 1 :]]
    assert told(*indices) == pytest.approx(1 - sum(a > b for a, b in pairs) / len(pairs))
    assert told(*sorted(indices)) == 1.0


@given(st.permutations(range(8)), st.integers(0, 6))
def test_one_more_swap_out_of_order_scores_lower(indices: list[int], at: int):
    left, right = indices[at], indices[at + 1]
    swapped = [*indices[:at], right, left, *indices[at + 2 :]]
    better, worse = (indices, swapped) if left < right else (swapped, indices)
    assert (told(*better) or 0.0) > (told(*worse) or 0.0)
