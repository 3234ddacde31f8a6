"""Means with their uncertainty. Items of one stream are not independent, so streams are what is drawn.

Everything random is seeded: equal numbers give equal intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dataclaw.types import Json

RESAMPLES = 2_000
PERMUTATIONS = 10_000
EXACT = 12
"""Most streams for which every permutation is tried."""
SEED = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over items, with its 95 % interval from resampled streams.

    Attributes:
        mean: over items.
        low: 2.5 % of the resampled means lie below.
        high: 2.5 % of them lie above.
        n: items.
        streams: streams that they are about.
    """

    mean: float
    low: float
    high: float
    n: int
    streams: int

    def to_json(self) -> dict[str, Json]:
        """Plain JSON, to six digits."""
        return {key: round(value, 6) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A paired permutation test of two runs over the same items.

    Attributes:
        difference: second minus first, with its interval.
        p: share of sign flips, by stream, whose difference is as large or larger; two-sided.
        flips: sign flips tried.
        exact: whether these are all there are.
    """

    difference: Estimate
    p: float
    flips: int
    exact: bool

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        return {
            "difference": self.difference.to_json(),
            "p": round(self.p, 6),
            "flips": self.flips,
            "exact": self.exact,
        }


def estimate(values: Sequence[float], streams: Sequence[str], *, resamples: int = RESAMPLES) -> Estimate | None:
    """The mean of values with its bootstrap interval; None without a value.

    Args:
        values: one number an item.
        streams: which stream each is about.
        resamples: how often streams are drawn again.
    """
    if not values:
        return None
    sums, counts = _by_stream(values, streams)
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (resamples, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(sums.sum() / counts.sum()), float(low), float(high), len(values), len(sums))


def paired_test(first: Sequence[float], second: Sequence[float], streams: Sequence[str]) -> PairedTest | None:
    """Whether two runs differ over the same items; None without an item.

    Args:
        first: one number an item, of the first run.
        second: of the second run, aligned.
        streams: which stream each item is about.
    """
    differences = [b - a for a, b in zip(first, second, strict=True)]
    found = estimate(differences, streams)
    if found is None:
        return None
    sums, _ = _by_stream(differences, streams)
    exact = len(sums) <= EXACT
    if exact:
        signs: NDArray[np.float64] = np.array(list(product((1.0, -1.0), repeat=len(sums))))
    else:
        signs = np.random.default_rng(SEED).choice((1.0, -1.0), (PERMUTATIONS, len(sums)))
    as_large = int((np.abs(signs @ sums) >= abs(float(sums.sum())) - 1e-12).sum())
    p = as_large / len(signs) if exact else (as_large + 1) / (len(signs) + 1)
    return PairedTest(found, p, len(signs), exact)


def _by_stream(values: Sequence[float], streams: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    names = {name: at for at, name in enumerate(dict.fromkeys(streams))}
    sums, counts = np.zeros(len(names)), np.zeros(len(names))
    for value, stream in zip(values, streams, strict=True):
        sums[names[stream]] += value
        counts[names[stream]] += 1
    return sums, counts
