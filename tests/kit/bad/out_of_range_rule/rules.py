"""A rule that is too generous."""

from __future__ import annotations

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """More than all."""
    return Score(1.5 if case.draft else 0.0)
