"""A rule that throws dice."""

from __future__ import annotations

import random

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Anything between nothing and all."""
    return Score(random.random() if case.draft else 0.0)
