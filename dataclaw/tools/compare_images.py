"""What changed between two pictures of one scene: where, how much, and in which colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

import cv2
import numpy as np
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.boxes import scale_box
from dataclaw.tools.colours import colours, tone
from dataclaw.tools.comparison import Mask, PictureComparison, compare
from dataclaw.tools.pictures import read
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import percent
from dataclaw.types import Anchor, Box, Json, Picture

MEASURED = ("ratio", "brightness", "contrast", "saturation", "hue")
SIDES = ("colour_before", "colour_after")
PLACES = 8
"""Most places of one comparison."""


@tool("compare_images")
def compare_images(
    context: ToolContext,
    *,
    before: Annotated[int | None, Field(ge=0, description="frame before; left out: the one the stream says")] = None,
    after: Annotated[int | None, Field(ge=0, description="frame after; left out: the one the stream says")] = None,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Compare two pictures of one scene: boxes that changed, changes of the whole picture's tone, colours before/after.

    Each change is an anchor with attrs ratio (changed share of the picture), kind (local or global), brightness,
    contrast, saturation (differences as shares) and hue (degrees), colour_before, colour_after.
    """
    scope = look(context, part)
    pair = (_frame(scope, "before", before), _frame(scope, "after", after))
    if pair[0] == pair[1]:
        raise ToolError(f"frame {pair[0]} cannot be compared with itself.", remedy="Name two frames.")
    first, second = read(scope, pair)
    found = compare(first, second)
    anchors = tuple(_anchors(scope, found, pair))
    pictures = (Picture(pair[0], part=scope.part), Picture(pair[1], part=scope.part))
    data: dict[str, Json] = {
        "before": pair[0],
        "after": pair[1],
        "ratio": round(found.ratio, 4),
        "places": len(found.places),
        "global": found.whole or found.tone is not None,
    }
    note = "\n".join([_note(scope, found, pair), *(_measures(k, anchor) for k, anchor in enumerate(anchors, start=1))])
    return ToolResult(note, anchors, pictures, data)


def _measures(number: int, anchor: Anchor) -> str:
    """What was measured of a change, exactly."""
    said = [f"{name} {anchor.attrs[name]}" for name in MEASURED if name in anchor.attrs]
    colours = " to ".join("+".join(cast("list[str]", anchor.attrs[side])) or "none" for side in SIDES)
    return f"change {number}: {', '.join([*said, f'colours {colours}'])}"


def _frame(scope: Scope, role: str, given: int | None) -> int:
    """The frame that was named, or the one of that role.

    Raises:
        ToolError: neither is there.
    """
    if given is not None:
        return scope.frame(given)
    roles = cast("Mapping[str, int]", scope.stream.meta.get("roles") or {})
    _ = scope.frames
    if not isinstance(roles.get(role), int):
        raise ToolError(f"the stream does not say which frame is the one {role}.", remedy="Name the frames to compare.")
    return scope.frame(roles[role])


def _anchors(scope: Scope, found: PictureComparison, pair: tuple[int, int]) -> list[Anchor]:
    everything = np.ones(found.small[0].shape[:2], np.bool_)
    anchors: list[Anchor] = []
    if found.whole:
        changed = np.logical_or.reduce([place.mask for place in found.places])
        anchors.append(_anchor(scope, found, pair, (changed, (0.0, 0.0, 1.0, 1.0), "global")))
    elif found.tone is not None:
        rest = everything.copy()
        for place in found.places:
            rest &= ~place.mask
        anchors.append(_anchor(scope, found, pair, (rest, (0.0, 0.0, 1.0, 1.0), "tone")))
    if not found.whole:
        anchors += [_anchor(scope, found, pair, (place.mask, place.box, "local")) for place in found.places[:PLACES]]
    return anchors


def _anchor(scope: Scope, found: PictureComparison, pair: tuple[int, int], what: tuple[Mask, Box, str]) -> Anchor:
    mask, box, kind = what
    core = _core(mask)
    pixels = found.small[0][core], found.small[1][core]
    names = [list(colours(side)) for side in pixels]
    shift = tone(*pixels)
    ratio = float(mask.mean())
    attrs: dict[str, Json] = {
        "ratio": round(ratio, 4),
        "kind": "local" if kind == "local" else "global",
        "tone_only": kind == "tone",
        **shift.data(),
        "colour_before": names[0],
        "colour_after": names[1],
        "before": pair[0],
        "after": pair[1],
    }
    t0, t1 = sorted((scope.time(pair[0]), scope.time(pair[1])))
    content, place = _content(kind, ratio, names, shift.words(2)), scale_box(box, scope.frames.size)
    return scope.anchor("change", content, (t0, t1), "compare_images", frame=pair[1], box=place, attrs=attrs)


def _core(mask: Mask) -> Mask:
    """The mask without its rim, whose cells are half of what is around; all of it where little else is left."""
    inner = np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.bool_)
    return inner if inner.sum() * 3 >= mask.sum() else mask


def _content(kind: str, ratio: float, names: list[list[str]], words: str) -> str:
    what = {
        "local": f"{percent(ratio)} of the picture changed",
        "global": f"{percent(ratio)} of the picture changed, all over",
        "tone": "the whole picture's tone changed",
    }[kind]
    before, after = (" and ".join(side[:2]) for side in names)
    colour = f"{before} became {after}" if before != after else f"still {after}"
    return "; ".join(part for part in (what, colour if kind != "tone" else "", words) if part)


def _note(scope: Scope, found: PictureComparison, pair: tuple[int, int]) -> str:
    names = " and ".join(scope.frame_id(frame) for frame in pair)
    if not found.places and found.tone is None:
        return f"{names} do not differ beyond the noise of compression."
    tones = f" The tone of the rest: {found.tone.words() or 'another colour cast'}." if found.tone else ""
    if found.whole:
        return f"{names} differ all over: {percent(found.ratio)} of the picture changed.{tones}"
    more = f" Shown: the {PLACES} largest." if len(found.places) > PLACES else ""
    count = len(found.places)
    return f"{names} differ in {count} place{'' if count == 1 else 's'}, {percent(found.ratio)} of it.{more}{tones}"
