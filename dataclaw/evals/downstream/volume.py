"""Equal volumes: of every annotator as many samples, with as many words, so that only what they say differs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.rows import LearnedRow

EQUAL = 0.01
"""Most that the words of two annotators' samples may differ, in shares."""


def equal_subsets(rows: Mapping[str, Sequence[LearnedRow]], samples: int, seed: int) -> dict[str, list[LearnedRow]]:
    """As many rows of each annotator with nearly as many words: drawn at random, then exchanged one by one.

    The number of words is the one nearest to what random draws have that all can reach.

    Args:
        rows: the rows, by annotator.
        samples: rows to take of each; fewer where one has fewer.
        seed: of the draws.

    Raises:
        UsageError: nobody can have as many words with so many rows: what one writes is too long for another.
    """
    count = min(samples, *map(len, rows.values()))
    if not count:
        empty = ", ".join(name for name, some in rows.items() if not some)
        raise UsageError(f"annotators without a row: {empty}.", remedy="Give more streams.")
    sizes = {name: sorted(row.size() for row in some) for name, some in rows.items()}
    least, most = max(sum(s[:count]) for s in sizes.values()), min(sum(s[-count:]) for s in sizes.values())
    if least > most:
        short = min(sizes, key=lambda name: sum(sizes[name][-count:]))
        long = max(sizes, key=lambda name: sum(sizes[name][:count]))
        raise UsageError(
            f"{count} rows of {long} have {least} words and more, of {short} {most} and fewer.",
            remedy="Take fewer samples.",
        )
    usual = sum(sum(s) / len(s) for s in sizes.values()) / len(sizes) * count
    target = round(min(max(usual, least), most))
    return {name: _subset(some, count, target, random.Random(f"{seed}:{name}")) for name, some in rows.items()}


def _subset(rows: Sequence[LearnedRow], count: int, target: int, dice: random.Random) -> list[LearnedRow]:
    """So many rows with so many words."""
    order = list(rows)
    dice.shuffle(order)
    taken, left = order[:count], order[count:]
    has = sum(row.size() for row in taken)
    for _ in range(20 * len(order)):
        if abs(has - target) <= EQUAL * target / 4 or not left:
            break
        a, b = dice.randrange(len(taken)), dice.randrange(len(left))
        change = left[b].size() - taken[a].size()
        if abs(has + change - target) < abs(has - target):
            taken[a], left[b] = left[b], taken[a]
            has += change
    return _exchange(taken, left, has, target)


def _exchange(taken: list[LearnedRow], left: list[LearnedRow], has: int, target: int) -> list[LearnedRow]:
    """The longest for the shortest, or the other way round, where exchanges at random did not get there."""
    sign = 1 if has < target else -1
    taken.sort(key=lambda row: sign * row.size())
    left.sort(key=lambda row: -sign * row.size())
    for at in range(min(len(taken), len(left))):
        if abs(has - target) <= EQUAL * target / 4:
            break
        change = left[at].size() - taken[at].size()
        if abs(has + change - target) >= abs(has - target):
            break
        taken[at], left[at] = left[at], taken[at]
        has += change
    return taken
