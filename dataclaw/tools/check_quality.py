"""Spans of a recording that no training sample should show: black, frozen, garbled, blurred."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.find_cuts import recorded_frames
from dataclaw.tools.picture_quality import Flaw, flaws
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json

SHOWN = 60
"""Most spans of one call."""

SURE = {"clean": 0.85, "black": 0.95, "frozen": 0.95, "garbled": 0.85, "blurred": 0.8}
_WORDS = {
    "clean": "clean pictures",
    "black": "black",
    "frozen": "the picture stands still",
    "garbled": "garbled picture",
    "blurred": "blurred",
}


@tool("check_quality", version=2, kinds=("video", "trajectory", "lesson"))
def check_quality(
    context: ToolContext,
    *,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
) -> ToolResult:
    """Find spans with damaged pictures (black, frozen 0.8 s or more, garbled by a decoder, blurred) and clean ones."""
    scope = look(context, "", t0, t1)
    found = flaws(recorded_frames(scope))
    damaged = [flaw for flaw in found if flaw.what != "clean"]
    lasts = {w: sum(f.t1 - f.t0 for f in damaged if f.what == w) for w in dict.fromkeys(f.what for f in damaged)}
    said = ", ".join(f"{what} {seconds(length)} s" for what, length in lasts.items())
    note = f"{len(damaged)} damaged span{'s' if len(damaged) != 1 else ''}: {said}." if damaged else "No damage."
    if len(found) > SHOWN:
        note += f" Shown: the first {SHOWN} spans; narrow t0, t1 for the others."
    spans: list[Json] = [[f.what, round(f.t0, 3), round(f.t1, 3)] for f in found]
    return ToolResult(note, tuple(_anchor(scope, flaw) for flaw in found[:SHOWN]), data={"spans": spans})


def _anchor(scope: Scope, flaw: Flaw) -> Anchor:
    inside = scope.frames_between(flaw.t0, flaw.t1)
    content = f"{_WORDS[flaw.what]} from {seconds(flaw.t0)} to {seconds(flaw.t1)} s"
    attrs: dict[str, Json] = {"what": flaw.what, "score": flaw.score, "frames": inside[:1] + inside[-1:]}
    kind, first = "clean" if flaw.what == "clean" else "quality", inside[0] if inside else None
    span, sure = (flaw.t0, flaw.t1), SURE[flaw.what]
    return scope.anchor(kind, content, span, "check_quality", frame=first, confidence=sure, attrs=attrs)
