"""Two rules that can never both be pleased."""

from __future__ import annotations

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """The more moments the better."""
    return Score(min(1.0, len(case.draft["moments"]) / 10))


@rule("shop.brief")
def brief(case: Case) -> Score:
    """The fewer moments the better."""
    return Score(1.0 - min(1.0, len(case.draft["moments"]) / 10))
