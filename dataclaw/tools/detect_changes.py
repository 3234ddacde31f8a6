"""Where and when the screen changed, and when it returned to a state it had before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.boxes import hull, scale_box
from dataclaw.tools.difference import Acts, Region, regions, restless_places, worth
from dataclaw.tools.pictures import Pixels, small
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import percent
from dataclaw.types import Anchor, Box, Event, Json, Point

SHOWN = 40
"""Most changes of one call."""

REGIONS = 4
"""Most regions named for one change."""


@dataclass(frozen=True, slots=True)
class ScreenChange:
    """What happened between two consecutive sampled frames.

    Attributes:
        before: earlier frame.
        after: later frame.
        regions: what changed, small changes of the screen's own left out; empty when nothing did.
    """

    before: int
    after: int
    regions: tuple[Region, ...]

    @property
    def ratio(self) -> float:
        """Changed share of the frame, 0..1."""
        return min(1.0, sum(r.share for r in self.regions))

    def box(self, size: tuple[int, int]) -> Box:
        """Box around all regions, pixels of a frame of `size`."""
        return scale_box(hull([r.box for r in self.regions]), size)


@tool("detect_changes")
def detect_changes(
    context: ToolContext,
    *,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Find where consecutive frames differ, after which event, and frames that look the same as an earlier one."""
    scope = look(context, part, t0, t1)
    changes = changes_of(scope)
    states = states_of(scope, changes)
    found = [c for c in changes if c.regions]
    all_anchors = [_anchor(scope, change, states) for change in found]
    anchors = _telling(all_anchors)
    returns = sum(1 for a in all_anchors if a.attrs["same_as"] is not None)
    note = (
        f"{len(found)} changes over {len(scope.indices)} frames, {len(set(states.values()))} different screens, "
        f"{returns} returns to an earlier one."
    )
    if len(anchors) < len(found):
        note += f" Shown: {len(anchors)}, those right after an event and the largest; narrow t0, t1 for the others."
    return ToolResult(note, anchors, data={"states": {str(f): s for f, s in states.items()}})


def changes_of(scope: Scope) -> list[ScreenChange]:
    """Changes between the consecutive frames of a scope, those without regions included.

    Raises:
        ToolError: no pictures.
    """
    indices = scope.indices
    pictures = small(scope, indices) if scope.frames else {}
    pairs = list(pairwise(indices))
    found = [(regions(pictures[a], pictures[b]), acts_between(scope, a, b)) for a, b in pairs]
    restless = restless_places(found)
    return [
        ScreenChange(a, b, tuple(worth(seen, acts, restless)))
        for (a, b), (seen, acts) in zip(pairs, found, strict=True)
    ]


def states_of(scope: Scope, changes: Sequence[ScreenChange]) -> dict[int, int]:
    """Number of the screen that each frame shows; frames that look practically the same share one.

    A frame shows the earliest screen from which it does not differ; after a reported change it never counts as the
    screen just left.
    """
    pictures = small(scope, scope.indices)
    coarse = {f: _coarse(pictures[f]) for f in scope.indices}
    changed = {c.after for c in changes if c.regions}
    firsts: list[int] = []
    states: dict[int, int] = {}
    for position, frame in enumerate(scope.indices):
        before = states[scope.indices[position - 1]] if position else None
        if before is not None and frame not in changed:
            states[frame] = before
            continue
        close = [k for k, f in enumerate(firsts) if k != before and _close(coarse[f], coarse[frame])]
        same = (k for k in close if _same(scope, pictures, firsts[k], frame))
        states[frame] = next(same, len(firsts))
        if states[frame] == len(firsts):
            firsts.append(frame)
    return states


def acts_between(scope: Scope, before: int, after: int) -> Acts:
    """What the user did between two frames, as `worth` wants it."""
    start, end = scope.time(before), scope.time(after)
    inside = [e for e in scope.events if start <= e.t0 < end]
    last = [e for e in scope.events if e.t0 < start][-1:]
    following = [e for e in scope.events if e.t0 >= end][:1]
    keys = any(e.point is None for e in inside)
    return Acts(_points(scope, inside), _points(scope, last + following), keys)


def _telling(anchors: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """The first change after each event, then the largest, `SHOWN` at most, in order of time."""
    events = [a.attrs["event"] for a in anchors]
    direct = [e is not None and e not in events[:k] for k, e in enumerate(events)]
    order = sorted(range(len(anchors)), key=lambda k: (not direct[k], -anchors[k].attrs["ratio"], k))
    return tuple(anchors[k] for k in sorted(order[:SHOWN]))


def _points(scope: Scope, events: Sequence[Event]) -> tuple[Point, ...]:
    width, height = scope.frames.size
    points = [p for e in events for p in (e.point, e.end_point) if p is not None]
    return tuple((x / width, y / height) for x, y in points)


def _same(scope: Scope, pictures: dict[int, Pixels], first: int, frame: int) -> bool:
    elsewhere = acts_between(scope, first, first).elsewhere + acts_between(scope, frame, frame).elsewhere
    return not worth(regions(pictures[first], pictures[frame]), Acts(elsewhere=elsewhere))


def _coarse(picture: Pixels) -> NDArray[np.int16]:
    return np.asarray(cv2.resize(picture, (20, 12), interpolation=cv2.INTER_AREA), dtype=np.int16)


def _close(a: NDArray[np.int16], b: NDArray[np.int16]) -> bool:
    """Whether two screens may be the same: a pointer and a clock touch a dozen of the 240 places, a new page most."""
    return int((np.abs(a - b).max(axis=-1) > 6).sum()) <= 12


def _anchor(scope: Scope, change: ScreenChange, states: dict[int, int]) -> Anchor:
    time = scope.time(change.after)
    event = _last_before(scope.events, change.after, time)
    state = states[change.after]
    earlier = [f for f, s in states.items() if s == state and f < change.after]
    same_as = earlier[0] if earlier else None
    size = scope.frames.size
    box = change.box(size)
    largest = sorted(change.regions, key=lambda r: (-r.share, r.box))[:REGIONS]
    attrs: dict[str, Json] = {
        "ratio": round(change.ratio, 4),
        "before": change.before,
        "after": change.after,
        "event": event,
        "same_as": same_as,
        "regions": [list(scale_box(r.box, size)) for r in largest],
    }
    after = "" if event is None else f" after {scope.event_id(event)}"
    back = "" if same_as is None else f", same as {scope.frame_id(same_as)}"
    content = f"{percent(change.ratio)} changed{after}{back}"
    span = (scope.time(change.before), time)
    return scope.anchor("change", content, span, "detect_changes", frame=change.after, box=box, attrs=attrs)


def _last_before(events: Sequence[Event], frame: int, time: float) -> int | None:
    """Index of the last event that had begun when the frame was taken."""
    begun = [e.index for e in events if (e.frame < frame if e.frame is not None else e.t0 < time) and e.t0 <= time]
    return begun[-1] if begun else None
