"""How far a mean would move with other trainings and other test streams: both are drawn anew.

Two trainings from the same rows differ more than many annotators do, so an interval over test streams alone is far too
narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 4_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean over seeds and items, or the difference of two, with its 95 % interval.

    Attributes:
        mean: over all.
        low: 2.5 % of the draws lie below.
        high: 2.5 % of them lie above.
        p: twice the share of the draws on the other side of zero, or on it (0..1).
    """

    mean: float
    low: float
    high: float
    p: float


def spread_of(values: Sequence[Sequence[float]], streams: Sequence[str]) -> Spread | None:
    """The mean of values by seed and item; None of no items.

    Args:
        values: `(seeds, items)`.
        streams: the stream of each item.
    """
    return _spread([values], [1.0], streams)


def spread_between(
    first: Sequence[Sequence[float]], second: Sequence[Sequence[float]], streams: Sequence[str]
) -> Spread | None:
    """The second mean less the first one over the same items: streams are drawn together, trainings are not."""
    return _spread([first, second], [-1.0, 1.0], streams)


def _spread(
    tables: Sequence[Sequence[Sequence[float]]], signs: Sequence[float], streams: Sequence[str]
) -> Spread | None:
    if not streams:
        return None
    dice = np.random.default_rng(SEED)
    names, member = np.unique(np.array(streams), return_inverse=True)
    counts = np.bincount(member).astype(np.float64)
    drawn = dice.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS).astype(np.float64)
    mean, draws = 0.0, np.zeros(DRAWS)
    for values, sign in zip(tables, signs, strict=True):
        sums = np.stack([np.bincount(member, weights=np.array(some)) for some in values])
        weights = _trainings(len(values), dice)
        mean += sign * float(sums.sum()) / (len(values) * len(streams))
        draws += sign * np.einsum("ds,sk,dk->d", weights, sums, drawn) / (drawn @ counts)
    low, high = (float(v) for v in np.percentile(draws, (2.5, 97.5)))
    side = min(float((draws <= 0).mean()), float((draws >= 0).mean()))
    return Spread(mean, low, high, min(1.0, max(2 * side, 1 / DRAWS)))


def _trainings(count: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Weights `(DRAWS, count)` of the trainings in each draw.

    One fewer is drawn than there are: so the spread of their mean is that of other trainings, not too small
    (Rao and Wu, "Resampling inference with complex survey data", 1988).
    """
    if count == 1:
        return np.ones((DRAWS, 1))
    return dice.multinomial(count - 1, np.full(count, 1 / count), size=DRAWS) / (count - 1)
