"""Intervals and permutation tests."""

from __future__ import annotations

import numpy as np
import pytest

from dataclaw.evals.stats import EXACT, estimate, paired_test


def test_no_value_has_no_mean() -> None:
    assert estimate([], []) is None
    assert paired_test([], [], []) is None


def test_equal_values_have_no_spread() -> None:
    found = estimate([0.5] * 6, list("aabbcc"))
    assert found is not None
    assert (found.mean, found.low, found.high, found.n, found.streams) == (0.5, 0.5, 0.5, 6, 3)


def test_items_of_one_stream_count_as_one_draw() -> None:
    rng = np.random.default_rng(1)
    values = [float(value) for value in rng.random(8).repeat(25)]
    apart = estimate(values, [str(at) for at in range(200)])
    together = estimate(values, [str(at // 25) for at in range(200)])
    assert apart is not None
    assert together is not None
    assert apart.mean == pytest.approx(together.mean)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        values = [float(value) for value in rng.random(40)]
        found = estimate(values, [str(at) for at in range(40)], resamples=400)
        assert found is not None
        hits += found.low <= 0.5 <= found.high
    assert 180 <= hits <= 199


def test_the_exact_permutation_test_is_worked_out_by_hand() -> None:
    # Four streams that all rise by the same: of 16 sign flips the two whole ones are as large.
    found = paired_test([0.0] * 4, [1.0] * 4, list("abcd"))
    assert found is not None
    assert (found.difference.mean, found.p, found.flips, found.exact) == (1.0, 2 / 16, 16, True)
    # Two items of one stream flip together.
    found = paired_test([0.0] * 4, [1.0] * 4, list("aabb"))
    assert found is not None
    assert found.p == 2 / 4


def test_no_difference_has_p_1_and_many_streams_are_sampled() -> None:
    streams = [str(at) for at in range(EXACT + 8)]
    same = paired_test([0.3] * len(streams), [0.3] * len(streams), streams)
    assert same is not None
    assert (same.p, same.exact) == (1.0, False)
    risen = paired_test([0.3] * len(streams), [0.4] * len(streams), streams)
    assert risen is not None
    assert risen.p < 0.001
    assert paired_test([0.3] * len(streams), [0.4] * len(streams), streams) == risen
