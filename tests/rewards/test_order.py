import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards import library
from dataclaw.types import Anchor
from tests.rewards.cases import case, steps

RULE = library()["order"]
TIMED = {f"e{i}": Anchor(f"e{i}", "event", "", float(i), float(i)) for i in range(20)}


def told(*indices: int) -> float | None:
    return RULE.judge(steps(*({"cite": [f"e{i}"]} for i in indices), anchors=TIMED)).value


def test_by_hand():
    assert told(0, 1, 2, 3) == 1.0
    assert told(3, 2, 1, 0) == 0.0
    assert told(0, 1, 3, 2) == pytest.approx(5 / 6)
    assert told(1, 1, 1) == 1.0
    assert told(4) is None
    assert told() is None


def test_an_item_counts_from_its_earliest_anchor_and_unseen_ones_are_passed_over():
    assert RULE.judge(steps({"cite": ["e1", "e9"]}, {"cite": ["x"]}, {"cite": ["e2"]}, anchors=TIMED)).value == 1.0


def test_reasoning_and_steps_are_sequences_of_their_own_and_left_out_is_none():
    items = [{"cite": ["e5"]}, {"cite": ["e6"]}]
    told_twice = {"cot": items, "steps": items, "left_out": items[::-1]}
    assert RULE.judge(case(told_twice, anchors=TIMED)).value == 1.0
    assert RULE.judge(case({**told_twice, "cot": items[::-1]}, anchors=TIMED)).value == 0.5
    assert RULE.judge(case({**told_twice, "cot": items[::-1]}, anchors=TIMED), paths="/steps/*").value == 1.0


def test_parts_of_a_stream_are_not_compared_with_each_other():
    anchors = {
        f"{part}.e{i}": Anchor(f"{part}.e{i}", "event", "", float(i), float(i), part=part)
        for part in "AB"
        for i in (1, 2)
    }
    shuffled = [{"cite": [i]} for i in ("B.e1", "A.e1", "B.e2", "A.e2")]
    assert RULE.judge(steps(*shuffled, anchors=anchors)).value == 1.0
    assert RULE.judge(steps(*shuffled[::-1], anchors=anchors)).value == 0.0


def test_the_finding_names_the_item_that_falls_behind():
    [finding] = RULE.judge(steps({"cite": ["e3"]}, {"cite": ["e7"]}, {"cite": ["e5"]}, anchors=TIMED)).findings
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
