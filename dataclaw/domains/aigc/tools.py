"""A tool that measures how a picture looks: lightness, contrast, colours by name, and not what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.colours import colours
from dataclaw.tools.pictures import Pixels, cut, inside, read
from dataclaw.tools.scope import Scope, look
from dataclaw.types import Anchor, Box, Json

SIZE = (96, 54)
"""Pictures are averaged to this size first [px]."""
LIGHT = ((0.12, "very dark"), (0.3, "dark"), (0.6, "medium light"), (0.8, "bright"), (1.01, "very bright"))
CONTRAST = ((0.12, "low contrast"), (0.25, "medium contrast"), (1.01, "high contrast"))


@tool("picture_look", kinds=("video", "edit", "trajectory", "lesson", "gui"))
def picture_look(
    context: ToolContext,
    *,
    frames: Annotated[list[int], Field(min_length=1, max_length=16, description="frames to look at")],
    box: Annotated[
        list[float], Field(max_length=4, description="[x0, y0, x1, y1] px of a region; all of it by default")
    ] = [],  # noqa: B006 - read only
) -> ToolResult:
    """Measure how frames look: lightness, contrast and colours by name with their share of the picture."""
    scope = look(context)
    indices = [scope.frame(index) for index in frames]
    region = inside(box, scope.frames) if box else None
    anchors: list[Anchor] = []
    for index in indices:
        (picture,) = read(scope, [index])
        shown = cut(picture, region) if region else picture
        small = np.asarray(cv2.resize(shown, SIZE, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        anchors.append(_anchor(scope, index, small, region))
    return ToolResult(f"{len(anchors)} frame{'s' if len(anchors) > 1 else ''} looked at.", tuple(anchors))


def _anchor(scope: Scope, frame: int, picture: Pixels, region: Box | None) -> Anchor:
    light, contrast = lightness(picture)
    shares = colours(picture.reshape(-1, 3)).items()
    named = ", ".join(f"{name} {share:.0%}" for name, share in shares)
    words = f"{word_for(light, LIGHT)}, {word_for(contrast, CONTRAST)}" + (f"; {named}" if named else "")
    attrs: dict[str, Json] = {
        "brightness": round(light, 2),
        "contrast": round(contrast, 2),
        "light": word_for(light, LIGHT),
        "contrast_word": word_for(contrast, CONTRAST),
        "colours": [{"name": name, "percent": round(100 * share)} for name, share in shares],
    }
    t = scope.time(frame)
    return Anchor("", "look", words, t, t, frame=frame, box=region, source="picture_look", attrs=attrs)


def lightness(picture: Pixels) -> tuple[float, float]:
    """`(mean, standard deviation)` of lightness, 0..1."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float64) / 255
    return float(grey.mean()), float(grey.std())


def word_for(value: float, words: Sequence[tuple[float, str]]) -> str:
    """The word of the first limit that a value lies below."""
    return next(word for limit, word in words if value < limit)
