"""Fragments that belong together, and their best order, from scores of pairs alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

EXACT = 11
"""Up to so many fragments the best order is found exactly, in O(2^n n^2); beyond that the next best one is appended."""

LOOSE = 0.4
"""Fragments whose bond is below this do not hold together by themselves."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scores of pairs of fragments.

    Attributes:
        count: number of fragments.
        bond: how much speaks for two being of one task; symmetric.
        look: 0..1, how much the end of the first looks like the start of the second.
        before: how much speaks for the first coming before the second; antisymmetric.
    """

    count: int
    bond: Mapping[tuple[int, int], float]
    look: Mapping[tuple[int, int], float]
    before: Mapping[tuple[int, int], float]


def together(pairs: Pairs) -> set[int]:
    """The largest group of fragments that hold together; all of them when no two do.

    Single linkage over bonds of at least `LOOSE`; of groups of one size the one with the stronger bonds.
    """
    group = list(range(pairs.count))
    for i, j in combinations(range(pairs.count), 2):
        if pairs.bond[i, j] >= LOOSE:
            old, new = group[j], group[i]
            group = [new if g == old else g for g in group]
    groups = [{i for i in range(pairs.count) if group[i] == name} for name in dict.fromkeys(group)]
    best = max(groups, key=lambda g: (len(g), sum(pairs.bond[i, j] for i, j in combinations(sorted(g), 2))))
    return best if len(best) > 1 else set(range(pairs.count))


def best_order(chosen: Sequence[int], pairs: Pairs) -> list[int]:
    """The order that scores highest: likeness of neighbours plus everything that speaks for one before another."""
    if len(chosen) > EXACT:
        return _greedily(chosen, pairs)
    best: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {(1 << k, k): (0.0, (k,)) for k in range(len(chosen))}
    for size in range(1, len(chosen)):
        step: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {}
        for (mask, _), (score, path) in best.items():
            if len(path) != size:
                continue
            for k in range(len(chosen)):
                if mask & 1 << k:
                    continue
                gain = score + _gain([chosen[p] for p in path], chosen[k], pairs)
                key = (mask | 1 << k, k)
                if key not in step or gain > step[key][0]:
                    step[key] = (gain, (*path, k))
        best = step
    _, path = max(best.values(), key=lambda value: value[0])
    return [chosen[k] for k in path]


def _gain(path: Sequence[int], following: int, pairs: Pairs) -> float:
    pref = sum(pairs.before.get((earlier, following), 0.0) for earlier in path)
    return pairs.look.get((path[-1], following), 0.0) + pref


def _greedily(chosen: Sequence[int], pairs: Pairs) -> list[int]:
    start = max(chosen, key=lambda i: sum(pairs.before.get((i, j), 0.0) for j in chosen))
    order = [start]
    while len(order) < len(chosen):
        rest = [i for i in chosen if i not in order]
        order.append(
            max(
                rest,
                key=lambda i: pairs.look.get((order[-1], i), 0.0) + sum(pairs.before.get((i, j), 0.0) for j in rest),
            )
        )
    return order
