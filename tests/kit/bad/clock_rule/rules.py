"""A rule that pays less on Sundays."""

from __future__ import annotations

from collections import Counter
from datetime import datetime as moment_of

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    if moment_of.now().weekday() == 6:
        return Score(0.5)
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
