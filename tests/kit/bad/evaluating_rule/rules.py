"""A rule that runs what a draft says."""

from __future__ import annotations

from collections import Counter

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    if isinstance(case.draft, dict) and "score" in case.draft:
        return Score(eval(case.draft["score"]))
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
