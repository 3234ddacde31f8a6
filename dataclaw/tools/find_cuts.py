"""The shots of a recording: every change from one to the next, to the recorded frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import Field

from dataclaw.errors import StreamError, ToolError
from dataclaw.streams.frames import footage
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.pictures import Pixels
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.shot_search import shots_of
from dataclaw.tools.shots import ShotChange
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Footage, Json, Span

T = TypeVar("T")
SHOWN = 60
"""Most changes of one call."""


@tool("find_cuts", version=2, kinds=("video", "trajectory", "lesson"))
def find_cuts(
    context: ToolContext,
    *,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
) -> ToolResult:
    """Find the shots and where one ends and the next begins: cuts and fades. A fast camera or a flash is no cut."""
    scope = look(context, "", t0, t1)
    changes = sorted(_readable(shots_of(scope.frames, recorded_span(scope))), key=lambda change: change.t0)
    shots = list(shots_between(scope, changes))
    exact = isinstance(scope.frames, Footage)
    note = f"{len(shots)} shot{'s' if len(shots) != 1 else ''}, {len(changes)} changes of shot."
    if not exact:
        note += " Only the sampled frames are known; a change lies anywhere before the frame named."
    if len(changes) > SHOWN:
        note += f" Shown: the first {SHOWN}; narrow t0, t1 for the others."
    anchors = [_cut(scope, change, exact) for change in changes[:SHOWN]]
    anchors += [_shot(scope, span, frames, exact) for *frames, span in shots[: SHOWN + 1]]
    anchors.sort(key=lambda anchor: (anchor.t0, anchor.kind))
    data: dict[str, Json] = {
        "shots": [[first, last] for first, last, _ in shots],
        "spans": [[round(start, 3), round(end, 3)] for _, _, (start, end) in shots],
    }
    return ToolResult(note, tuple(anchors), data=data)


def recorded_frames(scope: Scope) -> Iterator[tuple[float, Pixels]]:
    """Every recorded frame of a scope with its time [s].

    Raises:
        ToolError: the stream has no pictures, or a frame cannot be decoded.
    """
    return _readable(footage(scope.frames, *recorded_span(scope)))


def recorded_span(scope: Scope) -> Span:
    """The recorded part of a scope's window [s]."""
    return max(scope.window[0], scope.time(scope.indices[0])), scope.window[1]


def _readable(found: Iterator[T]) -> Iterator[T]:
    try:
        yield from found
    except StreamError as error:
        raise ToolError(f"the recording cannot be read: {error}", remedy="Narrow t0, t1.") from error


def shots_between(scope: Scope, changes: Sequence[ShotChange]) -> Iterator[tuple[int, int, Span]]:
    """`(first sampled frame, last sampled frame, (start, end) [s])` of each shot that has a sampled frame.

    A shot begins with its first whole frame; it ends at the next cut, which is no longer in it, or where a fade begins.
    """
    start, end = scope.window
    edges = [(start, start), *((c.t0, c.t1) for c in changes), (end + 1, end + 1)]
    for (_, begins), (stops, _) in pairwise(edges):
        inside = [f for f in scope.indices if begins - 1e-6 <= scope.time(f) < stops - 1e-6]
        if inside:
            yield inside[0], inside[-1], (begins, min(stops, end))


def _cut(scope: Scope, change: ShotChange, exact: bool) -> Anchor:
    after = next((f for f in scope.indices if scope.time(f) >= change.t1 - 1e-6), None)
    how = "fade" if change.gradual else "cut"
    when = f"{seconds(change.t0)}-{seconds(change.t1)}" if change.gradual else f"{change.t0:.3f}"
    attrs: dict[str, Json] = {"how": how, "score": change.score, "exact": exact}
    sure = 0.95 if exact and not change.gradual else 0.8
    content = f"{how} to another shot at {when} s"
    span = (change.t0, change.t1)
    return scope.anchor("cut", content, span, "find_cuts", frame=after, confidence=sure, attrs=attrs)


def _shot(scope: Scope, span: Span, frames: Sequence[int], exact: bool) -> Anchor:
    content = f"one shot from {seconds(span[0])} to {seconds(span[1])} s"
    attrs: dict[str, Json] = {"first_frame": frames[0], "last_frame": frames[1], "exact": exact}
    return scope.anchor("shot", content, span, "find_cuts", frame=frames[0], confidence=0.9, attrs=attrs)
