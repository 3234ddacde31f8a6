"""Intervals over trainings and streams: as wide as what they are drawn from, and no difference out of noise."""

from __future__ import annotations

import numpy as np
import pytest

from dataclaw.evals.downstream.spread import spread_between, spread_of

STREAMS = [f"s{number // 3}" for number in range(300)]


def rows(seed: int, *shares: float) -> list[list[float]]:
    dice = np.random.default_rng(seed)
    return [(dice.random(len(STREAMS)) < share).astype(float).tolist() for share in shares]


def test_a_mean_is_over_seeds_and_items() -> None:
    found = spread_of([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], ["a", "a", "b"])
    assert found is not None
    assert found.mean == pytest.approx(5 / 6)
    assert found.low <= found.mean <= found.high
    assert spread_of([], []) is None


def test_trainings_that_differ_widen_an_interval() -> None:
    alike, apart = spread_of(rows(1, 0.5, 0.5, 0.5), STREAMS), spread_of(rows(1, 0.3, 0.5, 0.7), STREAMS)
    assert alike is not None
    assert apart is not None
    assert apart.high - apart.low > 2 * (alike.high - alike.low)


def test_the_interval_of_three_trainings_holds_their_mean_as_often_as_it_says() -> None:
    inside = 0
    for trial in range(120):
        dice = np.random.default_rng(trial)
        found = spread_of(rows(trial + 500, *np.clip(dice.normal(0.5, 0.1, 3), 0, 1)), STREAMS)
        assert found is not None
        inside += found.low <= 0.5 <= found.high
    assert 0.75 <= inside / 120 <= 1.0  # three trainings tell their own spread roughly


def test_a_difference_out_of_two_trainings_alone_is_none() -> None:
    same = spread_between(rows(1, 0.40, 0.50, 0.60), rows(2, 0.45, 0.52, 0.62), STREAMS)
    clear = spread_between(rows(1, 0.40, 0.42, 0.41), rows(2, 0.60, 0.62, 0.61), STREAMS)
    assert same is not None
    assert clear is not None
    assert same.p > 0.2
    assert clear.p < 0.01
    assert clear.low > 0.1
    back = spread_between(rows(2, 0.60, 0.62, 0.61), rows(1, 0.40, 0.42, 0.41), STREAMS)
    assert back is not None
    assert back.mean == pytest.approx(-clear.mean)
