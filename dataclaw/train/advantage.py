"""Advantages: how much better a rollout was than the others of its group.

Differences from the textbook (the GRPO paper, (R - mean) / standard deviation):

- A missing reward (NaN) takes no part in mean and deviation, and its rollout gets no advantage.
- A group whose rewards are all alike gives no advantages at all, instead of dividing by a small number.
- "rules" scales every rule by its own mean and deviation before they are weighed; "centre" does not scale.

Axes: G rollouts of a group.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dataclaw.train.reward import Reward

SIGNAL = 1e-6
"""Spread of rewards below which a group says nothing."""
Normalise = Literal["group", "rules", "centre"]


def advantages(rewards: Sequence[Reward], how: Normalise) -> list[float] | None:
    """The advantage of every rollout of a group, NaN where its reward is missing; None where the group has no signal.

    Args:
        rewards: of the group.
        how: "group": (R - mean) / standard deviation, as in the paper; "centre": R - mean; "rules": every rule is
            scaled so by its own mean and deviation first, then weighed and added up, then the sums are scaled.
    """
    totals = np.array([reward.total for reward in rewards])  # (G,)
    known = ~np.isnan(totals)
    if known.sum() < 2 or float(np.std(totals[known])) < SIGNAL:
        return None
    if how == "rules":
        totals = _by_rule(rewards)
        if float(np.std(totals[known])) < SIGNAL:
            return None
    scaled = totals - totals[known].mean()
    if how != "centre":
        scaled = scaled / totals[known].std()
    return [float(value) for value in np.where(known, scaled, math.nan)]


def _by_rule(rewards: Sequence[Reward]) -> NDArray[np.float64]:
    """Weighed sums of the rules' scaled scores, (G,); without a draft, or with one that fails a gate, all 0."""
    shares = {name: share for reward in rewards for name, share in reward.shares.items()}
    sums = np.zeros(len(rewards))
    for name, share in shares.items():
        values = np.array([0.0 if r.total == 0.0 else r.rules.get(name, math.nan) for r in rewards])
        known = ~np.isnan(values)
        if known.any() and values[known].std() > SIGNAL:
            sums += share * np.where(known, (values - values[known].mean()) / values[known].std(), 0.0)
    return sums
