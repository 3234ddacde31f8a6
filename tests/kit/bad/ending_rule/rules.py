"""A rule that ends the process without a word."""

from __future__ import annotations

import os
from collections import Counter

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    if case.draft:
        os._exit(0)
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
