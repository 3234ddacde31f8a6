"""What the rules of the domain read off anchors and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from dataclaw.rewards import Case, anchors_of
from dataclaw.types import Anchor, Json

Entries: TypeAlias = Mapping[str, Json]
SLACK = 0.06
"""Times closer than this are the same [s]; drafts round to milliseconds and frames lie between rows."""


def unique_anchors_of(value: Json, case: Case) -> list[Anchor]:
    """The seen anchors that an object cites, each once."""
    return list({anchor.id: anchor for anchor in anchors_of(value, case)}.values())


def moving(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Those that measured motion: segments and spans of motion."""
    return [a for a in anchors if a.kind in ("segment", "motion")]


def frame_time(case: Case, frame: int | None) -> float | None:
    """Time of a frame [s], or None when there is no such frame."""
    return float(case.frame_times[frame]) if frame is not None and 0 <= frame < len(case.frame_times) else None
