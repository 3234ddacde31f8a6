"""The Frechet distance against closed forms, to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.video.frechet import frechet_distance, gaussian_frechet_distance

NEAR = 1e-6


def with_moments(mean: np.ndarray, root: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Features whose sample mean and covariance `root^T root` are exactly these."""
    rows = np.random.default_rng(seed).normal(size=(count, len(mean)))
    rows -= rows.mean(0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(rows, rowvar=False))).T)
    return white @ root + mean


def test_in_one_dimension_it_is_the_difference_of_means_and_of_deviations_squared():
    real = with_moments(np.array([1.0]), np.array([[2.0]]), 40, 0)
    made = with_moments(np.array([4.0]), np.array([[0.5]]), 25, 1)
    assert frechet_distance(real, made) == pytest.approx(9 + 1.5**2, abs=NEAR)


def test_two_numbers_by_hand():
    # means 1 and 5, variances ((0-1)^2 + (2-1)^2) / 1 = 2 and 18: 16 + (sqrt 18 - sqrt 2)^2 = 16 + 8
    assert frechet_distance([[0.0], [2.0]], [[2.0], [8.0]]) == pytest.approx(24, abs=NEAR)


def test_equal_covariances_leave_the_distance_of_the_means():
    root = np.random.default_rng(3).normal(size=(6, 6))
    real, made = (with_moments(np.full(6, at), root, 50, seed) for at, seed in ((0.0, 1), (0.5, 2)))
    assert frechet_distance(real, made) == pytest.approx(6 * 0.25, abs=NEAR)


def test_diagonal_gaussians_add_up_their_dimensions():
    one, other = np.array([1.0, 2.0, 3.0, 0.0]), np.array([2.0, 0.5, 3.0, 1.0])
    found = gaussian_frechet_distance(np.zeros(4), np.diag(one**2), np.ones(4), np.diag(other**2))
    assert found == pytest.approx(4 + ((one - other) ** 2).sum(), abs=NEAR)


def test_commuting_covariances_are_compared_along_their_common_axes():
    axes, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))
    one, other = np.array([4.0, 1.0, 0.25, 9.0, 2.0]), np.array([1.0, 1.0, 4.0, 0.01, 3.0])
    real = with_moments(np.zeros(5), np.sqrt(one)[:, None] * axes.T, 60, 1)
    made = with_moments(np.zeros(5), np.sqrt(other)[:, None] * axes.T, 80, 2)
    assert frechet_distance(real, made) == pytest.approx(((np.sqrt(one) - np.sqrt(other)) ** 2).sum(), abs=NEAR)


def test_it_agrees_with_the_root_of_the_product_where_that_is_defined():
    rng = np.random.default_rng(7)
    real, made = rng.normal(size=(200, 8)) @ rng.normal(size=(8, 8)), rng.normal(size=(150, 8)) + 1
    cov_r, cov_g = np.cov(real, rowvar=False), np.cov(made, rowvar=False)
    apart = real.mean(0) - made.mean(0)
    expected = apart @ apart + np.trace(cov_r + cov_g - 2 * np.real(sqrtm(cov_r @ cov_g)))
    assert frechet_distance(real, made) == pytest.approx(expected, abs=NEAR)
    by_moments = gaussian_frechet_distance(real.mean(0), cov_r, made.mean(0), cov_g)
    assert by_moments == pytest.approx(expected, abs=NEAR)


def test_fewer_features_than_dimensions_are_measured_exactly():
    # two lines at right angles in five dimensions: nothing is shared, so both variances add up
    real, made = np.zeros((2, 5)), np.zeros((2, 5))
    real[:, 0], made[:, 3] = (-1, 1), (-3, 3)
    assert frechet_distance(real, made) == pytest.approx(2 + 18, abs=NEAR)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(2, 12), st.integers(1, 9))
def test_it_is_symmetric_not_negative_and_zero_for_equal_sets(seed: int, first: int, second: int, width: int):
    rng = np.random.default_rng(seed)
    real, made = rng.normal(size=(first, width)) * 10, rng.normal(size=(second, width))
    found = frechet_distance(real, made)
    assert found >= 0
    assert found == pytest.approx(frechet_distance(made, real), abs=NEAR)
    assert frechet_distance(real, real[::-1]) == pytest.approx(0, abs=NEAR)
    assert frechet_distance(real + 3, made + 3) == pytest.approx(found, abs=NEAR)


@pytest.mark.parametrize(
    ("real", "made", "says"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0], [2.0, 3.0]], "N >= 2"),
        ([1.0, 2.0], [[1.0], [2.0]], "N >= 2"),
        ([[1.0], [2.0]], [[1.0, 2.0], [2.0, 3.0]], "one extractor"),
        ([[1.0], [float("nan")]], [[1.0], [2.0]], "not a finite number"),
    ],
)
def test_what_cannot_be_compared_is_refused(real: list[float], made: list[float], says: str):
    with pytest.raises(UsageError, match=says):
        frechet_distance(real, made)


def test_a_matrix_that_is_no_covariance_is_refused():
    with pytest.raises(UsageError, match="negative eigenvalue"):
        gaussian_frechet_distance([0, 0], [[1, 2], [2, 1]], [0, 0], np.eye(2))
    with pytest.raises(UsageError, match="symmetric"):
        gaussian_frechet_distance([0, 0], [[1, 2], [0, 1]], [0, 0], np.eye(2))
