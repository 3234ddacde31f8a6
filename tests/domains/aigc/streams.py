"""What the tests of this domain share: the domain, runs of its plans, cases for its rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dataclaw import load_domain, tailor
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Event

DOMAIN = load_domain("aigc")
SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def made(path: Path | str, task: str, intent: str = "make training data") -> Any:
    """The one outcome of a run."""
    (outcome,) = tailor(path, intent, domain="aigc", task=task)
    return outcome


def case(draft: Any, anchors: Sequence[Anchor] = (), events: Sequence[Event] = (), **more: Any) -> Case:
    given = {"frame_times": [k / 10 for k in range(100)], "window": (0.0, 10.0), **more}
    return Case("", draft, {}, {a.id: a for a in anchors}, events=events, **given)
