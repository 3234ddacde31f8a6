"""A closer look at a region of a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.facts import frame_anchor
from dataclaw.tools.pictures import inside
from dataclaw.tools.scope import look
from dataclaw.types import Picture

LEAST = 4.0
"""Narrowest region [px]."""


@tool("crop")
def crop(
    context: ToolContext,
    *,
    frame: Annotated[int, Field(description="index of the frame")],
    box: Annotated[list[float], Field(min_length=4, max_length=4, description="[x0, y0, x1, y1] px of the frame")],
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Look closely at a region of a frame."""
    scope = look(context, part)
    checked = scope.frame(frame)
    region = inside(box, scope.frames, LEAST)
    anchor = replace(frame_anchor(scope, checked, "crop"), box=region)
    size = f"{region[2] - region[0]:.0f}x{region[3] - region[1]:.0f} px"
    return ToolResult(f"{size} of {scope.frame_id(checked)}.", (anchor,), (Picture(checked, region, scope.part),))
