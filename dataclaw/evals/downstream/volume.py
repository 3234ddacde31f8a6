"""Equal volumes: of every annotator as many samples, with as many words, so that only what they say differs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import product

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.rows import LearnedRow

Sized = tuple[int, LearnedRow]
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
        UsageError: they cannot have nearly as many words with so many rows: what one writes is too long for another.
    """
    count = min(samples, *map(len, rows.values()))
    if not count:
        empty = ", ".join(name for name, some in rows.items() if not some)
        raise UsageError(f"annotators without a row: {empty}.", remedy="Give more streams.")
    sized = {name: [(row.size(), row) for row in some] for name, some in rows.items()}
    sizes = {name: sorted(size for size, _ in some) for name, some in sized.items()}
    least, most = max(sum(s[:count]) for s in sizes.values()), min(sum(s[-count:]) for s in sizes.values())
    if least > (1.0 + EQUAL) * most:
        short = min(sizes, key=lambda name: sum(sizes[name][-count:]))
        long = max(sizes, key=lambda name: sum(sizes[name][:count]))
        raise UsageError(
            f"{count} rows of {long} have {least} words and more, of {short} {most} and fewer.",
            remedy="Take fewer samples.",
        )
    usual = sum(sum(s) / len(s) for s in sizes.values()) / len(sizes) * count
    target = round(min(max(usual, least), most))
    drawn = {name: _subset(some, count, target, random.Random(f"{seed}:{name}")) for name, some in sized.items()}
    words = {name: sum(size for size, _ in some) for name, some in drawn.items()}
    if max(words.values()) - min(words.values()) > EQUAL * max(words.values()):
        raise UsageError(f"no draw of {count} rows has nearly as many words: {words}.", remedy="Take more samples.")
    return {name: [row for _, row in some] for name, some in drawn.items()}


def _subset(rows: Sequence[Sized], count: int, target: int, dice: random.Random) -> list[Sized]:
    """So many rows with so many words."""
    order = list(rows)
    dice.shuffle(order)
    taken, left = order[:count], order[count:]
    has = sum(size for size, _ in taken)
    for _ in range(20 * len(order)):
        if abs(has - target) <= EQUAL * target / 4 or not left:
            break
        a, b = dice.randrange(len(taken)), dice.randrange(len(left))
        change = left[b][0] - taken[a][0]
        if abs(has + change - target) < abs(has - target):
            taken[a], left[b] = left[b], taken[a]
            has += change
    return _exchange(taken, left, has, target)


def _exchange(taken: list[Sized], left: list[Sized], has: int, target: int) -> list[Sized]:
    """The one exchange after the other that helps most, where exchanges at random did not get there."""
    while abs(has - target) > EQUAL * target / 4 and left:
        inside = {size: at for at, (size, _) in enumerate(taken)}
        outside = {size: at for at, (size, _) in enumerate(left)}
        out, into = min(product(inside, outside), key=lambda pair: abs(has - pair[0] + pair[1] - target))
        if abs(has - out + into - target) >= abs(has - target):
            break
        a, b = inside[out], outside[into]
        taken[a], left[b] = left[b], taken[a]
        has += into - out
    return taken
