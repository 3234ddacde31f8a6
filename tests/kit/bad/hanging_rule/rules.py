"""A rule that never comes back."""

from __future__ import annotations

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Waits for a draft to change."""
    while case.draft is not None:
        pass
    return Score(0.0)
