"""What differs between two pictures of one scene: a change of the whole picture's tone, and places that changed.

First the change of tone that most pixels share is found, an affine map of RGB fitted to the pixels that follow it best;
what the map does not explain are the places. Compression noise and shifts by a pixel are not differences: a cell is
changed when it lies outside what its neighbourhood in the other picture covers. No model, nothing tuned to one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.boxes import mask_box
from dataclaw.tools.colours import Tone, tone
from dataclaw.tools.pictures import CELLS, Pixels
from dataclaw.types import Box

WEAK, STRONG = 18.0, 40.0
"""A cell is changed above WEAK [levels of 256]; a place needs one above STRONG."""

SMALLEST = 0.0004
"""Changed cells of the smallest place, as a share of all."""

GLOBAL = 0.6
"""Share of the picture's 64 fields that are touched by a change of all of it."""

_KEPT = 0.6
"""Share of the pixels that the map of tone is fitted to: a local edit may cover the rest."""

_ROUNDS = 12
_SAMPLES = 12_000
"""Pixels that the map of tone is fitted to."""

_PULL = 40.0
"""Weight [levels^2] that holds the map near identity where a picture has too few colours to tell."""

_TONE_WORTH = 3.0
"""Least mean change [levels] that makes a change of tone."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Place:
    """A connected place that changed.

    Attributes:
        box: bounding box, shares of the picture's width and height.
        share: changed cells as a share of all.
        mask: `(rows, columns)` its changed cells.
    """

    box: Box
    share: float
    mask: Mask


@dataclass(frozen=True, slots=True)
class PictureComparison:
    """What differs.

    Attributes:
        places: what changed beside the tone, the largest first.
        ratio: changed share of the picture, 0..1, a change of tone aside.
        spread: share of its 64 fields (8 x 8) in which something changed.
        tone: how the tone of the unchanged rest differs, or None when it does not.
        small: the two pictures as they were compared `(rows, columns, 3)` RGB.
    """

    places: tuple[Place, ...]
    ratio: float
    spread: float
    tone: Tone | None
    small: tuple[Pixels, Pixels]

    @property
    def whole(self) -> bool:
        """Whether the change is one of the whole picture rather than of places in it."""
        return self.spread >= GLOBAL


def compare(before: Pixels, after: Pixels) -> PictureComparison:
    """Compare two pictures `(height, width, 3)` RGB; the second is taken to the size of the first."""
    small = _reduce(before), _reduce(after, _reduce(before).shape[:2])
    mapped, shifted = _same_tone(small[0], small[1])
    level = _levels(mapped, small[1])
    places = _places(level)
    changed = np.zeros(level.shape, np.bool_)
    for place in places:
        changed |= place.mask
    rest = ~changed
    shift = tone(small[0][rest], small[1][rest]) if shifted and rest.mean() > 0.05 else None
    return PictureComparison(tuple(places), float(changed.mean()), _spread(changed), shift, small)


def _reduce(picture: Pixels, shape: tuple[int, ...] | None = None) -> Pixels:
    """About `CELLS` cells, or so many rows and columns; averaging over a cell takes most of the noise away."""
    height, width = picture.shape[:2]
    scale = min(1.0, sqrt(CELLS / max(1, width * height)))
    rows, columns = shape or (max(1, round(height * scale)), max(1, round(width * scale)))
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.uint8)


def _same_tone(before: Pixels, after: Pixels) -> tuple[NDArray[np.float32], bool]:
    """The first picture in the tone of the second, and whether that differs from its own.

    Least trimmed squares: the affine map of RGB is fitted again and again to the pixels that it explained best
    (Rousseeuw and Van Driessen's concentration steps, 2006), beginning with those that differ least.
    """
    x = before.reshape(-1, 3).astype(np.float64)
    y = after.reshape(-1, 3).astype(np.float64)
    step = max(1, len(x) // _SAMPLES) | 1  # odd, so that the columns of most pictures are all met
    some, others = x[::step], y[::step]
    starts = [_fit(some, others, np.abs(some - others).sum(axis=1)), _fit(some, others, np.zeros(len(some)))]
    best = min(starts, key=lambda found: found[1])[0]
    plain = np.quantile(np.abs(x - y).max(axis=1), _KEPT)
    mapped = x @ best[:3] + best[3]
    moved = float(np.abs(mapped - x).mean())
    explained = np.quantile(np.abs(mapped - y).max(axis=1), _KEPT)
    if moved < _TONE_WORTH or explained > plain * 0.6 or explained > WEAK:
        return before.astype(np.float32), False
    return mapped.reshape(before.shape).astype(np.float32), True


def _fit(
    x: NDArray[np.float64], y: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """The map `(4, 3)` after its concentration steps, and the summed error of the pixels it is fitted to."""
    count = max(1, int(len(x) * _KEPT))
    design = np.column_stack([x, np.ones(len(x))])
    identity: NDArray[np.float64] = np.vstack([np.eye(3), np.zeros((1, 3))])
    matrix = identity
    for _ in range(_ROUNDS):
        kept = np.argsort(error, kind="stable")[:count] if error.any() else np.arange(len(x))
        rows = design[kept]
        pull = _PULL * np.eye(4)
        solved = np.linalg.solve(rows.T @ rows / len(rows) + pull, rows.T @ y[kept] / len(rows) + pull @ identity)
        matrix = solved.astype(np.float64)
        error = ((design @ matrix - y) ** 2).sum(axis=1)
    return matrix, float(np.sort(error)[:count].sum())


def _levels(before: NDArray[np.float32], after: Pixels) -> NDArray[np.float32]:
    """By how many levels each cell lies outside what the cells around it cover in the other picture."""
    a, b = before.astype(np.float32), after.astype(np.float32)
    return np.maximum(_outside(a, b), _outside(b, a))


def _outside(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    kernel = np.ones((3, 3), np.uint8)
    low, high = np.asarray(cv2.erode(b, kernel)), np.asarray(cv2.dilate(b, kernel))
    return np.maximum(np.maximum(a - high, low - a), 0.0).max(axis=2)


def _places(level: NDArray[np.float32]) -> list[Place]:
    rows, columns = level.shape
    mask = (level > WEAK).astype(np.uint8)
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))  # single cells are noise
    reach = max(3, round(max(rows, columns) * 0.02)) | 1
    joined = cv2.dilate(solid, np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    found = [_place(level, np.asarray((labels == k) & (solid > 0))) for k in range(1, count)]
    return sorted((place for place in found if place is not None), key=lambda place: (-place.share, place.box))


def _place(level: NDArray[np.float32], mask: Mask) -> Place | None:
    if float(mask.mean()) < SMALLEST or float(level[mask].max()) < STRONG:
        return None
    box = mask_box(mask)
    return Place(box, float(mask.mean()), mask) if box else None


def _spread(changed: Mask) -> float:
    fields: Sequence[Mask] = [part for row in np.array_split(changed, 8) for part in np.array_split(row, 8, axis=1)]
    return sum(bool(field.mean() > 0.02) for field in fields if field.size) / 64
