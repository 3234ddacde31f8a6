"""What is wrong with the frames of a film: black, frozen, garbled by a decoder that did not notice, blurred.

Each frame gives six numbers; spans come from comparing them along the film, because what is soft or striped in one
film is usual in another. Garbled means what a decoder draws where data is missing: rows repeated down the picture, or
blocks out of place with hard edges on the codec's grid, from one frame to the next until a whole picture arrives again.
Slighter damage (a few blocks, a hue that is off, parts that lag behind) is not recognised.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
BESIDE = (1, 3, 5)
"""Columns right of which edges are no edges of blocks, by their place in the grid."""
EVERY, UNLIKE = 4, (SMEAR / 3, STREAKS / 2, REMAINS / 2)
"""Damage lasts until a whole picture arrives: every fourth frame is looked at for it, and those between two that differ
by more than this in smear, streaks or blocks."""
_DARKER = round(0.98 * 160 * 90)
"""So many of a small picture's pixels are darker than its light."""
USUAL = 12
"""Frames before a frame that say what is usual."""


Damage = tuple[float, float, float]
"""Smear, streaks and blocks of a frame, see `Measure`."""


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
    """The numbers of each frame; those that tell damage of every `EVERY`-th, and of all where these differ."""
    before: NDArray[np.float32] | None = None
    last: Damage = (0.0, 0.0, 0.0)
    waiting: list[tuple[Measure, NDArray[np.float32], Pixels]] = []
    for number, (time, picture) in enumerate(frames):
        grey = _grey(picture)
        little = np.asarray(cv2.resize(grey, (160, 90), interpolation=cv2.INTER_AREA), dtype=np.float32)
        change = cv2.absdiff(little, before) if before is not None else None
        still = change is not None and float(change.mean()) < STILL and float(change.max()) < STILL_SPOT
        detail = float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean()) / max(4.0, float(grey.std()))
        light = float(np.partition(little, _DARKER, axis=None)[_DARKER])
        before = little
        seen = Measure(time, light, still, detail, *last)
        if number % EVERY:
            waiting.append((seen, grey, picture))
            continue
        damage = _damage(grey, picture)
        if waiting and any(abs(x - y) > unlike for x, y, unlike in zip(damage, last, UNLIKE, strict=True)):
            waiting = [(replace(one, **_by_name(_damage(small, whole))), small, whole) for one, small, whole in waiting]
        yield from (one for one, *_ in waiting)
        yield replace(seen, **_by_name(damage))
        last, waiting = damage, []
    yield from (replace(one, **_by_name(_damage(small, whole))) for one, small, whole in waiting)


def _grey(picture: Pixels) -> NDArray[np.float32]:
    """The picture `(HEIGHT, width)`, its width a multiple of 16 px."""
    width = max(16, round(picture.shape[1] * HEIGHT / picture.shape[0] / 16) * 16)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    how = (
        cv2.INTER_AREA if picture.shape[0] >= 2 * HEIGHT else cv2.INTER_LINEAR
    )  # to less than half, both mix neighbours
    return np.asarray(cv2.resize(grey, (width, HEIGHT), interpolation=how), dtype=np.float32)


def _damage(grey: NDArray[np.float32], picture: Pixels) -> Damage:
    """`(smear, streaks, blocks)` of a frame, see `Measure`."""
    return (*_smear(grey), _blocks(picture))


def _by_name(damage: Damage) -> dict[str, float]:
    return dict(zip(("smear", "streaks", "blocks"), damage, strict=True))


def _smear(grey: NDArray[np.float32]) -> tuple[float, float]:
    """`(smear, streaks)` of a frame, see `Measure`."""
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :-1] = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    down[:-1] = cv2.absdiff(grey[1:], grey[:-1])
    repeated = (down < 1.0) & (np.asarray(cv2.blur(across, (15, 1))) > 2.0)
    x, y = _tiles(across), _tiles(down)
    return _opened_share(repeated, 16), _opened_share((x > 4 * y) & (x > 1.5), 5)


def _blocks(picture: Pixels) -> float:
    """Hard edges of blocks of a picture at the size it was coded in, see `Measure`."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    rows, columns = grey.shape[0] // GRID, grey.shape[1] // GRID
    if min(rows, columns) < 2:
        return 0.0
    found = _edges(grey) + _edges(np.ascontiguousarray(grey.T))
    return 100 * found / (2 * rows * columns)


def _edges(grey: NDArray[np.uint8]) -> float:
    """Upright hard edges as long as a block: those on the grid less the mean of those at three places beside it."""
    step = np.asarray(cv2.absdiff(grey[:, 1:], grey[:, :-1]))
    calm = step <= AROUND
    hard = (
        (step[:, 1:-1] > EDGE) & calm[:, :-2] & calm[:, 2:]
    )  # column k: the edge right of column k + 1 of the picture
    height = hard.shape[0] // GRID * GRID
    long = hard[:height].view(np.uint8).reshape(-1, GRID, hard.shape[1]).sum(axis=1, dtype=np.uint8) >= GRID - 1
    count = long.sum(axis=0, dtype=np.int64)
    return float(count[GRID - 2 :: GRID].sum()) - sum(float(count[left - 1 :: GRID].sum()) for left in BESIDE) / len(
        BESIDE
    )


def _opened_share(mask: NDArray[np.bool_], rows: int) -> float:
    """Share of a mask that is left of runs of so many rows."""
    line = np.ones((rows, 1), np.uint8)
    return float(np.asarray(cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, line)).mean())


def _tiles(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over tiles 8 px wide and 16 px high."""
    rows, columns = values.shape
    return np.asarray(cv2.resize(values, (columns // 8, rows // 16), interpolation=cv2.INTER_AREA), dtype=np.float32)


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
