"""A rule that holds the interpreter: a regular expression that never ends."""

from __future__ import annotations

import re
from collections import Counter

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    re.fullmatch("(a|a)*b", "a" * 60)
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
