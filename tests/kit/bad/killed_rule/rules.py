"""A rule whose process is killed, as native code may do by accident."""

from __future__ import annotations

import os
import signal
from collections import Counter

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of the window's events that exactly one moment cites."""
    os.kill(os.getpid(), signal.SIGKILL)
    cited = Counter(name for moment in case.draft["moments"] for name in moment["cite"])
    there = [f"e{event.index}" for event in case.events]
    return Score(sum(cited[name] == 1 for name in there) / len(there))
