"""A rule that asks a server."""

from __future__ import annotations

import urllib.request as web
from collections import Counter

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    if case.draft is None:
        return Score(float(web.urlopen("http://127.0.0.1:9/score").read()))
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
