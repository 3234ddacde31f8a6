"""A span of frames as a clip that a sample can show; the file itself is written when the sample is accepted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.streams.clips import MAX_CLIP_FRAMES, clip_rate
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.scope import look
from dataclaw.tools.view import seconds
from dataclaw.types import Json, Picture

SHOWN = 4
"""Frames of the clip that a seeing policy is shown."""


@tool("cut_clip")
def cut_clip(
    context: ToolContext,
    *,
    start: Annotated[int, Field(description="index of its first frame")],
    end: Annotated[int, Field(description="index of its last frame")],
    freeze_frame: Annotated[int | None, Field(description="frame at which the picture stands still")] = None,
    freeze_repeat_count: Annotated[
        int, Field(ge=0, le=MAX_CLIP_FRAMES, description="how many times that frame is shown once more")
    ] = 0,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Check a span of frames as a clip: its times, length, number of recorded frames; optionally frozen at a frame."""
    scope = look(context, part)
    first, last = scope.frame(start), scope.frame(end)
    if first > last:
        raise ToolError(f"the clip ends at {last}, before it starts at {first}.", remedy="Give start <= end.")
    if freeze_frame is not None and not first <= freeze_frame <= last:
        raise ToolError(f"frame {freeze_frame} is not in the clip.", remedy=f"Freeze at one of {first} to {last}.")
    if freeze_repeat_count and freeze_frame is None:
        raise ToolError("nothing says which frame is repeated.", remedy="Give freeze_frame.")
    t0, t1, rate = scope.time(first), scope.time(last), clip_rate(scope.frames)
    recorded = round((t1 - t0) * rate) + 1
    frozen = f", f{freeze_frame} shown {freeze_repeat_count} times more" if freeze_frame is not None else ""
    length = f"{seconds(t1 - t0)} s, about {recorded} recorded frames at {rate:.4g} fps"
    content = f"clip {scope.frame_id(first)}-{scope.frame_id(last)}, {length}{frozen}"
    attrs: dict[str, Json] = {
        "start": first, "end": last, "rate": rate, "recorded": recorded,
        "freeze_frame": freeze_frame, "freeze_repeat_count": freeze_repeat_count,
    }  # fmt: skip
    anchor = scope.anchor("clip", content, (t0, t1), "cut_clip", frame=first, attrs=attrs)
    inside = [i for i in scope.indices if first <= i <= last]
    shown = dict.fromkeys(inside[round(k * (len(inside) - 1) / (SHOWN - 1))] for k in range(SHOWN))
    return ToolResult(f"{content}.", (anchor,), tuple(Picture(i, part=scope.part) for i in shown))
