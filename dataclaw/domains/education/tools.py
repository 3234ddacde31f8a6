"""A tool that finds the steps of a derivation on a board: where ink was added while everything else stayed.

A line written below another and an angle marked in a figure are steps; a new slide and a scrolled page are not. What
was written is for `read_text` to say. Works on light and dark boards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.pictures import Pixels, small
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Box, Json

SHOWN = 60
"""Most steps of one call."""

INK, DARK = 22, 100
"""Least difference of a stroke from the board around it, and median lightness of a dark board, in levels of 255."""

MOVED = 0.03
"""Share of the frame that lost or gained ink from which a view is another one: scrolled, or a new slide."""

LEAST, MOST = 0.0006, 0.04
"""Share of the frame that a step adds: a short word or an arc at least; more is a page that appears."""

KEPT = 0.3
"""Most ink that may vanish per ink added: a pen's pointer, a tool bar."""

SPECK = 6
"""Cells of ink that make a stroke; fewer are noise."""

PAUSE = 2
"""Frames within which ink that is added belongs to the same step."""

Mask: TypeAlias = NDArray[np.bool_]


DIM, AROUND = 0.85, 3
"""A frame is dimmed below this share of the median light of so many frames on either side."""


@dataclass(frozen=True, slots=True)
class InkStep:
    """Ink that was added between two frames of the same view.

    Attributes:
        before: the last frame without it.
        after: the first frame with all of it.
        box: around it, in shares of the frame.
        share: how much of the frame it covers, 0..1.
    """

    before: int
    after: int
    box: Box
    share: float


@tool("board_steps", version=2, kinds=("lesson", "video"))
def board_steps(
    context: ToolContext,
    *,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
) -> ToolResult:
    """Find the steps written or drawn on a board: the frame before and after each, and the box of what was added."""
    scope = look(context, "", t0, t1)
    steps = steps_of(scope)
    shown = sorted(sorted(steps, key=lambda s: (-s.share, s.before))[:SHOWN], key=lambda s: s.before)
    note = f"{len(steps)} steps added to a board over {len(scope.indices)} frames."
    if len(shown) < len(steps):
        note += f" Shown: the {SHOWN} largest; narrow t0, t1 for the others."
    return ToolResult(note, tuple(_anchor(scope, step) for step in shown), data={"steps": len(steps)})


def steps_of(scope: Scope) -> list[InkStep]:
    """The steps of a scope, in order of time.

    Raises:
        ToolError: no pictures.
    """
    pictures = small(scope, scope.indices) if scope.frames else {}
    clear = _clear(scope.indices, pictures)
    ink = {index: ink_of(pictures[index]) for index in clear}
    return [step for view in _views(clear, ink) for step in _steps(view, ink)]


def _clear(indices: Sequence[int], pictures: Mapping[int, Pixels]) -> list[int]:
    """The frames that are not dimmed for a moment, as when a program takes a picture of the board or opens a menu."""
    light = np.array([float(pictures[index][..., 0].mean()) for index in indices])
    around = [float(np.median(light[max(0, k - AROUND) : k + AROUND + 1])) for k in range(len(light))]
    return [index for index, own, usual in zip(indices, light, around, strict=True) if own >= DIM * usual]


def ink_of(picture: Pixels) -> Mask:
    """Where a small picture `(rows, columns, 2)` differs from the board around it: mask `(rows, columns)`.

    Colour counts against the board's own, which may be blue or brown.
    """
    light = picture[..., 0]
    if float(np.median(light)) < DARK:  # chalk on a dark board
        light = np.asarray(255 - light, dtype=np.uint8)
    board = np.asarray(cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), dtype=np.int16)
    tint = picture[..., 1].astype(np.int16)
    coloured = np.abs(tint - np.int16(np.median(tint))) > INK
    return np.asarray((board - light > INK) | coloured, dtype=np.bool_)


def _views(indices: Sequence[int], ink: Mapping[int, Mask]) -> list[list[int]]:
    """Runs of frames that show the same board, unmoved."""
    views = [[indices[0]]] if indices else []
    for a, b in pairwise(indices):
        gone, come = _added_ink(ink[b], ink[a]), _added_ink(ink[a], ink[b])
        if max(float(gone.mean()), float(come.mean())) > MOVED:
            views.append([])
        views[-1].append(b)
    return views


def _steps(view: Sequence[int], ink: Mapping[int, Mask]) -> list[InkStep]:
    """Stretches of a view in which ink is added without a longer pause."""
    grown = [k for k in range(1, len(view)) if float(_added_ink(ink[view[k - 1]], ink[view[k]]).mean()) >= LEAST / 3]
    stretches: list[list[int]] = []
    for at in grown:
        if stretches and at - stretches[-1][1] <= PAUSE:
            stretches[-1][1] = at
        else:
            stretches.append([at - 1, at])
    found = [_step(view[before], view[after], ink) for before, after in stretches]
    return [step for step in found if step]


def _step(before: int, after: int, ink: Mapping[int, Mask]) -> InkStep | None:
    added, gone = _added_ink(ink[before], ink[after]), _added_ink(ink[after], ink[before])
    share = float(added.mean())
    if before == after or not LEAST <= share <= MOST or float(gone.mean()) > KEPT * share:
        return None
    rows, columns = np.flatnonzero(added.any(axis=1)), np.flatnonzero(added.any(axis=0))
    height, width = added.shape
    box = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    return InkStep(before, after, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), share)


def _added_ink(a: Mask, b: Mask) -> Mask:
    """Ink of `b` that does not lie at or beside ink of `a`, specks left out."""
    around = cv2.dilate(a.astype(np.uint8), np.ones((5, 5), np.uint8))
    fresh = np.asarray(b & (np.asarray(around) == 0), dtype=np.uint8)
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(fresh, connectivity=8)
    labels, stats = np.asarray(parts, dtype=np.int32), np.asarray(sizes, dtype=np.int32)
    large = stats[:, cv2.CC_STAT_AREA] >= SPECK
    large[0] = False  # the background
    return np.asarray(large[labels], dtype=np.bool_)


def _anchor(scope: Scope, step: InkStep) -> Anchor:
    width, height = scope.frames.size
    x0, y0, x1, y1 = step.box
    box = (x0 * width, y0 * height, x1 * width, y1 * height)
    start, end = scope.time(step.before), scope.time(step.after)
    content = f"{place_of(step.box)}: ink added between f{step.before} ({seconds(start)} s) and f{step.after}"
    attrs: dict[str, Json] = {"before": step.before, "after": step.after, "share": round(step.share, 5)}
    return Anchor("", "change", content, start, end, frame=step.after, box=box, source="board_steps", attrs=attrs)


def place_of(box: Box) -> str:
    """Where on the frame a box (in shares of it) lies, in words: "lower left", "middle"."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    row = "upper" if y < 0.36 else "lower" if y > 0.64 else ""
    column = "left" if x < 0.36 else "right" if x > 0.64 else ""
    return " ".join(word for word in (row, column) if word) or "middle"
