"""Frames worth a look: spread over time, one per screen, after the largest changes, or before events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.detect_changes import changes_of, states_of
from dataclaw.tools.facts import frame_anchor
from dataclaw.tools.scope import Scope, look
from dataclaw.types import Picture

Mode = Literal["uniform", "keyframe", "change", "events"]


@tool("sample_frames")
def sample_frames(
    context: ToolContext,
    *,
    mode: Annotated[
        Mode,
        Field(description="uniform in time, keyframe = one per screen, change = after large changes, or before events"),
    ] = "uniform",
    count: Annotated[int, Field(ge=1, le=16, description="at most so many")] = 8,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Pick frames to look at: spread in time, one per screen, after the largest changes, or before events."""
    scope = look(context, part, t0, t1)
    _ = scope.frames  # no pictures: say so before choosing
    chosen = sorted(_MODES[mode](scope, count))
    anchors = tuple(frame_anchor(scope, f, "sample_frames") for f in chosen)
    note = f"{len(chosen)} of {len(scope.indices)} frames ({mode})."
    if not chosen:
        note += " Nothing changed." if mode == "change" else " No event has a frame."
    pictures = tuple(Picture(f, part=scope.part) for f in chosen)
    return ToolResult(note, anchors, pictures, {"frames": list(chosen)})


def spread(times: Sequence[float], count: int) -> list[int]:
    """Positions of at most `count` times that lie far apart: first, last, then always into the widest gap."""
    if count >= len(times):
        return list(range(len(times)))
    if count == 1:
        middle = (times[0] + times[-1]) / 2
        return [min(range(len(times)), key=lambda i: (abs(times[i] - middle), i))]
    chosen = [0, len(times) - 1]
    while len(chosen) < count:
        free = [i for i in range(len(times)) if i not in chosen]
        chosen.append(max(free, key=lambda i: (min(abs(times[i] - times[c]) for c in chosen), -i)))
    return sorted(chosen)


def _uniform(scope: Scope, count: int) -> list[int]:
    return [scope.indices[i] for i in spread([scope.time(f) for f in scope.indices], count)]


def _keyframes(scope: Scope, count: int) -> list[int]:
    """First frame of each screen; the screens that are longest in view when there are too many."""
    states = states_of(scope, changes_of(scope))
    ends = [scope.time(f) for f in scope.indices[1:]] + [scope.window[1]]
    shown: dict[int, float] = {}
    firsts: dict[int, int] = {}
    for frame, end in zip(scope.indices, ends, strict=True):
        state = states[frame]
        firsts.setdefault(state, frame)
        shown[state] = shown.get(state, 0.0) + max(0.0, end - scope.time(frame))
    best = sorted(shown, key=lambda s: (-shown[s], s))[:count]
    return [firsts[s] for s in best]


def _after_changes(scope: Scope, count: int) -> list[int]:
    changes = sorted((c for c in changes_of(scope) if c.regions), key=lambda c: (-c.ratio, c.after))
    return [c.after for c in changes[:count]]


def _before_events(scope: Scope, count: int) -> list[int]:
    frames = sorted({e.frame for e in scope.events if e.frame is not None and e.frame in scope.indices})
    return [frames[i] for i in spread([scope.time(f) for f in frames], count)]


_MODES: dict[Mode, Callable[[Scope, int], list[int]]] = {
    "uniform": _uniform,
    "keyframe": _keyframes,
    "change": _after_changes,
    "events": _before_events,
}
