from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards import Score, library
from dataclaw.rewards.fragments import kendall
from tests.rewards.cases import case

RULE, EXACT = library()["fragments"], library()["fragments_exact"]
TRUTH = {"ordered_fragment_labels": ["B", "A", "C"]}


def judge(labels: Any, reference: Any = None) -> Score:
    return RULE.judge(case({"ordered_fragment_labels": labels}, labels=["A", "B", "C", "D"], reference=reference))


def test_without_a_reference_labels_must_exist_and_stand_there_once():
    assert judge(["C", "A"]).value == 1.0
    assert judge(["C", "A", "C", "X"]).value == 0.5
    assert judge([]).value == judge(None).value == judge("CAB").value == 0.0
    assert RULE.judge(case({}, labels=["A"])).value == 0.0
    assert judge([["A"], {}, 3]).value == 0.0
    assert [f.path for f in judge(["A", "A", "X"]).findings] == [f"/ordered_fragment_labels/{i}" for i in (1, 2)]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["B", "A", "C"], 1.0),
        (["C", "A", "B"], 0.0),
        (["A", "B", "C"], 2 / 3),  # one of three pairs inverted: tau 1/3
        (["B", "A", "C", "D"], 6 / 7),  # a distractor: F1 = 2*3/7
        (["B", "A"], 4 / 5),
        (["B", "A", "C", "C"], 6 / 7),
        (["D"], 0.0),
        ([], 0.0),
    ],
)
def test_with_a_reference_by_hand(labels: list[str], expected: float):
    assert judge(labels, TRUTH).value == pytest.approx(expected)
    assert EXACT.judge(case({"ordered_fragment_labels": labels}, reference=TRUTH)).value == (expected == 1.0)


@given(st.permutations("ABCDEF"), st.permutations("ABCDEF"))
def test_tau_is_kendalls(labels: list[str], truth: list[str]):
    pairs = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :]]
    agree = sum(truth.index(a) < truth.index(b) for a, b in pairs)
    assert kendall(labels, truth) == pytest.approx((agree - (len(pairs) - agree)) / len(pairs))
    assert kendall(labels, labels[::-1]) == -1.0


@given(st.permutations("BAC"), st.lists(st.sampled_from("ABCDX"), min_size=1, max_size=3))
def test_adding_distractors_or_repetitions_never_helps(labels: list[str], extra: list[str]):
    assert (judge([*labels, *extra], TRUTH).value or 0.0) <= (judge(labels, TRUTH).value or 0.0)
