"""Choosing the words that an ask is put in, so that loose ones are as frequent as wanted in either half."""

from __future__ import annotations

import random
from collections.abc import Sequence

from dataclaw.worlds import wording
from dataclaw.worlds.base import Lot


def frame(lot: Lot, plain: Sequence[str], fuzzy: Sequence[str], share: float, rng: random.Random) -> str:
    """A template that the lot's split may use: a fuzzy one by chance, where its half has any.

    Args:
        lot: whose split counts.
        plain: templates of whole sentences.
        fuzzy: templates of loose talk.
        share: how often a fuzzy one is wanted, 0..1.
        rng: what is drawn from.
    """
    allowed = lot.pool((*plain, *fuzzy), wording.TEMPLATE)
    loose = [t for t in allowed if t in fuzzy]
    wanted = loose if loose and rng.random() < share else [t for t in allowed if t not in fuzzy]
    return rng.choice(wanted or allowed)
