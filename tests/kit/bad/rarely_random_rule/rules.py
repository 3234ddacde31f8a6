"""A rule that is wrong once in a hundred times."""

from __future__ import annotations

from collections import Counter
from itertools import count

from dataclaw import Case, Score, rule

CALLS = count()


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    if next(CALLS) % 100 == 99:
        return Score(0.25)
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
