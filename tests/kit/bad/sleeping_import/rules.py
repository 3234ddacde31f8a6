"""A module that waits when it is imported."""

from __future__ import annotations

import time
from collections import Counter

from dataclaw import Case, Score, rule

time.sleep(1e6)


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
