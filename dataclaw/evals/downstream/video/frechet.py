"""The Frechet distance of two sets of features, which FVD is when the features are those of I3D.

    |mu_r - mu_g|^2 + Tr(S_r + S_g - 2 (S_r S_g)^(1/2))

It is the squared 2-Wasserstein distance of two Gaussians (Dowson and Landau 1982; Heusel et al. 2017 for pictures,
Unterthiner et al. 2018 for video). No root of a matrix is taken: where `S = A^T A`, the trace of the root is the sum of
the singular values of `A_r A_g^T`. That is real by construction, and holds for covariances without full rank.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dataclaw.errors import UsageError

Matrix = NDArray[np.float64]


def frechet_distance(real: ArrayLike, made: ArrayLike) -> float:
    """The distance of the Gaussians that fit two sets of features, at least 0.

    Covariances divide by N - 1, as `numpy.cov` does and published FVD code with it. Sets of N <= D features have
    covariances without full rank. The distance of those is still exact; as an estimate for the sources of the features
    it is biased, more so the smaller N is, and compares only with distances at the same N and D.

    Args:
        real: features `(N_r, D)` of the reference.
        made: features `(N_g, D)` that are compared with it.

    Raises:
        UsageError: fewer than two features in a set, another D, or a number that is not finite.
    """
    (first, mean_r), (second, mean_g) = _moments(real, "real"), _moments(made, "made")
    _check_equal_width(mean_r, mean_g)
    return _distance(mean_r, first, mean_g, second)


def gaussian_frechet_distance(mean_r: ArrayLike, cov_r: ArrayLike, mean_g: ArrayLike, cov_g: ArrayLike) -> float:
    """The same distance of two Gaussians whose moments are known, at least 0.

    Args:
        mean_r: mean `(D,)` of the reference.
        cov_r: its covariance `(D, D)`, symmetric and positive semi-definite.
        mean_g: mean `(D,)` of what is compared with it.
        cov_g: its covariance.

    Raises:
        UsageError: shapes do not agree, a covariance is none, or a number is not finite.
    """
    means = [np.atleast_1d(np.asarray(mean, np.float64)) for mean in (mean_r, mean_g)]
    _check_equal_width(*means)
    roots = [_factor(np.atleast_2d(np.asarray(cov, np.float64)), means[0].size) for cov in (cov_r, cov_g)]
    return _distance(means[0], roots[0], means[1], roots[1])


def _distance(mean_r: Matrix, first: Matrix, mean_g: Matrix, second: Matrix) -> float:
    """Of means `(D,)` and factors `A` `(rows, D)` of covariances `A^T A`."""
    apart = mean_r - mean_g
    shared = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    return max(0.0, float(apart @ apart + (first**2).sum() + (second**2).sum() - 2 * shared))


def _moments(features: ArrayLike, name: str) -> tuple[Matrix, Matrix]:
    """A factor of the covariance of features, and their mean."""
    rows = np.asarray(features, np.float64)
    if rows.ndim != 2 or len(rows) < 2:
        raise UsageError(
            f"features are an array (N, D) with N >= 2, and these are {rows.shape}.",
            place=name,
            remedy="Give the features of at least two clips.",
        )
    _check_finite(rows, name)
    mean = rows.mean(0)
    return (rows - mean) / np.sqrt(len(rows) - 1), mean


def _factor(covariance: Matrix, width: int) -> Matrix:
    """A matrix `A` with `A^T A` = the covariance."""
    _check_finite(covariance, "covariance")
    if covariance.shape != (width, width) or not np.allclose(covariance, covariance.T):
        raise UsageError(
            f"a covariance of {width} features is a symmetric matrix ({width}, {width}).",
            place=f"shape {covariance.shape}",
            remedy="Compute it with numpy.cov(features, rowvar=False).",
        )
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-8 * max(1.0, values[-1]):
        raise UsageError(
            f"a covariance has no negative eigenvalue, and this one has {values[0]:.3g}.",
            remedy="Compute it with numpy.cov(features, rowvar=False).",
        )
    return np.sqrt(values.clip(0))[:, None] * vectors.T


def _check_finite(numbers: Matrix, place: str) -> None:
    if not np.isfinite(numbers).all():
        raise UsageError("a feature is not a finite number.", place=place, remedy="Check the extractor and its clips.")


def _check_equal_width(mean_r: Matrix, mean_g: Matrix) -> None:
    if mean_r.shape != mean_g.shape or mean_r.ndim != 1:
        raise UsageError(
            f"the two sets have features of {mean_r.shape} and {mean_g.shape} numbers.",
            remedy="Use one extractor for both.",
        )
