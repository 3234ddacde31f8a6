"""What is wrong with the frames of a film: black, frozen, garbled by a decoder that did not notice, blurred.

Each frame gives six numbers; spans come from comparing them along the film, because what is soft or striped in one
film is usual in another. Garbled means what a decoder draws where data is missing: rows repeated down the picture, or
blocks out of place with hard edges on the codec's grid, from one frame to the next until a whole picture arrives again.
Slighter damage (a few blocks, a hue that is off, parts that lag behind) is not recognised.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.pictures import Pixels
from dataclaw.tools.spans import spells

HEIGHT = 256
"""Frames are looked at with so many rows [px]."""
DARK = 24.0
"""Lightness [levels of 256] that 98 of 100 pixels of a black frame stay below."""
FROZEN = 0.8
"""Shortest standstill that is reported [s]; recordings below 30 frames per second repeat frames for shorter times."""
STILL, STILL_SPOT = 0.3, 6.0
"""Mean and largest difference [levels of 256, at 160 x 90] that coding makes of one and the same picture."""
SOFT = 0.5
"""A blurred frame has at most this share of the film's usual detail."""
BLURRED = 0.12
"""Shortest blur that is reported [s]."""
SMEAR, STREAKS = 0.12, 0.02
"""Share of the picture whose rows are repeated that tells damage when it appears at once; share of it in long streaks,
above what was usual before, by which the damage lasts. Measured on the sample clips: 0.24 where damage begins and at
most 0.09 elsewhere; 0.04 to 0.06 while it lasts after 0.00."""
BLOCKS, REMAINS = 1.2, 0.2
"""Hard block edges, per hundred edges of the grid and above what was usual before, that tell damage when they appear at
once, and by which it lasts. Measured on the sample clips: at most 0.12 in camera footage and 0.6 in drawn slides; up
to 7 where bytes of them were overwritten."""
GRID, EDGE, AROUND = 8, 20, 6
"""Edges of blocks [px]; least step across one, and most change beside it [levels of 256]."""
USUAL = 12
"""Frames before a frame that say what is usual."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A span that is damaged, or one that is not ("clean").

    Attributes:
        what: "black", "frozen", "garbled", "blurred", or "clean".
        t0: time of its first frame [s].
        t1: time of its last frame [s].
        score: 0..1, how much of it there is: 1 - lightness, share of the picture smeared (or blocks / 10), share of
            detail lost; 1 of
            what is frozen or clean.
    """

    what: str
    t0: float
    t1: float
    score: float


@dataclass(frozen=True, slots=True)
class Measure:
    """The numbers of a frame.

    Attributes:
        time: when it is shown [s].
        light: lightness that 98 of 100 pixels stay below [levels of 256].
        still: whether it is the frame before once more.
        detail: mean absolute Laplacian by the deviation of lightness.
        smear: share of the picture whose rows repeat where it has upright edges, 0..1.
        streaks: share of the picture in upright streaks of a third of its height, 0..1.
        blocks: hard edges on the codec's grid beyond those beside it, per hundred edges of the grid.
    """

    time: float
    light: float
    still: bool
    detail: float
    smear: float
    streaks: float
    blocks: float


def flaws(frames: Iterable[tuple[float, Pixels]]) -> list[Flaw]:
    """Spans of a film in order of time: its flaws, and "clean" ones with at most blur in between.

    Of two flaws at once the graver is named: black, garbled, frozen, blurred. Blurred spans lie inside clean ones.

    Args:
        frames: `(time [s], picture (height, width, 3) RGB)` in order of time; only their numbers are kept.
    """
    seen = list(measures(frames))
    usual = median(m.detail for m in seen) if seen else 0.0
    blurred = _lasting(seen, [m.detail < SOFT * usual for m in seen], BLURRED)
    states = ["clean"] * len(seen)
    for name, marks in (
        ("frozen", _lasting(seen, [m.still for m in seen], FROZEN)),
        ("garbled", _mark_garbled(seen)),
        ("black", [m.light < DARK for m in seen]),
    ):
        states = [name if mark else state for state, mark in zip(states, marks, strict=True)]
    soft = ["blurred" if b and state == "clean" else "" for b, state in zip(blurred, states, strict=True)]
    scores = {name: [_score(name, m, usual) for m in seen] for name in ("black", "garbled", "blurred")}
    found = [
        Flaw(what, seen[a].time, seen[b].time, round(max(scores.get(what, [1.0] * len(seen))[a : b + 1]), 3))
        for what, a, b in [*runs(states), *runs(soft)]
        if what
    ]
    return sorted(found, key=lambda flaw: (flaw.t0, -flaw.t1))


def runs(states: Sequence[Hashable]) -> list[tuple[Any, int, int]]:
    """`(state, first, last)` of every run of equal states."""
    return [(run.state, run.first, run.end - 1) for run in spells(states, most=len(states))]


def measures(frames: Iterable[tuple[float, Pixels]]) -> Iterator[Measure]:
    """The numbers of each frame."""
    before: NDArray[np.float32] | None = None
    for time, picture in frames:
        grey = _grey(picture)
        little = np.asarray(cv2.resize(grey, (160, 90), interpolation=cv2.INTER_AREA), dtype=np.float32)
        change = np.abs(little - before) if before is not None else None
        still = change is not None and float(change.mean()) < STILL and float(change.max()) < STILL_SPOT
        detail = float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean()) / max(4.0, float(grey.std()))
        light = float(np.percentile(little, 98))
        yield Measure(time, light, still, detail, *_smear(grey), _blocks(picture))
        before = little


def _grey(picture: Pixels) -> NDArray[np.float32]:
    """The picture `(HEIGHT, width)`, its width a multiple of 16 px."""
    width = max(16, round(picture.shape[1] * HEIGHT / picture.shape[0] / 16) * 16)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (width, HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _smear(grey: NDArray[np.float32]) -> tuple[float, float]:
    """`(smear, streaks)` of a frame, see `Measure`."""
    across = np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    down = np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    repeated = (down < 1.0) & (np.asarray(cv2.blur(across, (15, 1))) > 2.0)
    x, y = _tiles(across), _tiles(down)
    return _opened_share(repeated, 16), _opened_share((x > 4 * y) & (x > 1.5), 5)


def _blocks(picture: Pixels) -> float:
    """Hard edges of blocks of a picture at the size it was coded in, see `Measure`."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.int16)
    rows, columns = grey.shape[0] // GRID, grey.shape[1] // GRID
    if min(rows, columns) < 2:
        return 0.0
    found = _edges(grey) + _edges(np.ascontiguousarray(grey.T))
    return 100 * found / (2 * rows * columns)


def _edges(grey: NDArray[np.int16]) -> float:
    """Upright hard edges as long as a block: those on the grid less the mean of those at three places beside it."""
    beside = [_hard(grey, left) for left in (1, 3, 5)]
    return _hard(grey, GRID - 1) - sum(beside) / len(beside)


def _hard(grey: NDArray[np.int16], left: int) -> int:
    """Hard edges right of every column `left + GRID * k`, a block's height long."""
    last = grey.shape[1] - 2
    a, b, c, d = (grey[:, at : last + at - left + 1 : GRID] for at in range(left - 1, left + 3))
    columns = min(part.shape[1] for part in (a, b, c, d))
    a, b, c, d = (part[:, :columns] for part in (a, b, c, d))
    hard = (np.abs(c - b) > EDGE) & (np.abs(b - a) <= AROUND) & (np.abs(d - c) <= AROUND)
    height = hard.shape[0] // GRID * GRID
    return int((hard[:height].reshape(-1, GRID, columns).sum(axis=1) >= GRID - 1).sum())


def _opened_share(mask: NDArray[np.bool_], rows: int) -> float:
    """Share of a mask that is left of runs of so many rows."""
    line = np.ones((rows, 1), np.uint8)
    return float(np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, line)).mean())


def _tiles(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over tiles 8 px wide and 16 px high."""
    rows, columns = values.shape
    return values.reshape(rows // 16, 16, columns // 8, 8).mean(axis=(1, 3))


def _lasting(seen: Sequence[Measure], marks: Sequence[bool], least: float) -> list[bool]:
    """The marks whose run lasts at least so long [s]."""
    kept = [False] * len(marks)
    for mark, first, last in runs(marks):
        if mark and seen[last].time - seen[max(0, first - 1)].time >= least:
            kept[first : last + 1] = [True] * (last + 1 - first)
    return kept


def _mark_garbled(seen: Sequence[Measure]) -> list[bool]:
    """From a smear or hard blocks that appear at once until there are no more streaks and blocks than before."""
    marks: list[bool] = []
    streaks = blocks = 0.0
    for at, measure in enumerate(seen):
        before = seen[max(0, at - USUAL) : at]
        if marks and marks[-1]:
            marks.append(measure.streaks > streaks + STREAKS or measure.blocks > blocks + REMAINS)
            continue
        smeared = bool(before) and measure.smear - median(m.smear for m in before) > SMEAR
        blocky = bool(before) and measure.blocks - median(m.blocks for m in before) > BLOCKS
        if smeared or blocky:
            streaks, blocks = median(m.streaks for m in before), median(m.blocks for m in before)
        marks.append(smeared or blocky)
    return marks


def _score(what: str, measure: Measure, usual: float) -> float:
    if what == "black":
        return 1 - measure.light / 255
    if what == "garbled":
        return min(1.0, max(measure.smear, measure.streaks, measure.blocks / 10))
    return max(0.0, 1 - measure.detail / max(1e-9, usual))
