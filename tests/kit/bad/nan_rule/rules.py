"""A rule that divides nothing by nothing."""

from __future__ import annotations

import math

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """No number at all."""
    return Score(math.nan if case.draft else 0.0)
