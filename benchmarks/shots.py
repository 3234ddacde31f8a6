"""How well and how fast changes of shot are found, beside PySceneDetect (where installed), on films drawn here.

    python benchmarks/shots.py [--rounds 3] [--seconds 120]

The first film is long: 720p30, grainy, hand-held, seven hard cuts. The others are short and have hard cuts, dissolves,
flashes and whips of the camera at known frames. Every round runs every finder once on the same files, in turn; the
table gives each one's fastest round. A change is found when one is told within two frames of a cut, or inside a fade.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dataclaw.streams import open_stream
from dataclaw.tools.shot_search import shots_of
from dataclaw.types import Span

Pixels = NDArray[np.uint8]
Finder = Callable[[Path], list[float]]
RATE = 30
CLOSE = 2.5 / RATE
"""How far from a cut a change may be told [s]."""


@dataclass(frozen=True)
class Film:
    """A file and its changes of shot.

    Attributes:
        path: the file.
        changes: `(first frame that changes, first frame of the new shot)` of each [s]; equal for a cut.
    """

    path: Path
    changes: Sequence[Span]


def scene(dice: np.random.Generator, count: int, size: tuple[int, int], *, whip: bool = False) -> Iterator[Pixels]:
    """One shot: shapes, a camera held by hand and one thing that moves; a whip crosses the place in half a second."""
    width, height = size
    place = np.empty((height * 2, width * 3, 3), np.float32)
    place[:] = dice.integers(40, 215, 3)
    for _ in range(140):
        w, h = int(dice.integers(width // 30, width // 4)), int(dice.integers(height // 30, height // 4))
        x, y = int(dice.integers(0, 3 * width - w)), int(dice.integers(0, 2 * height - h))
        place[y : y + h, x : x + w] = dice.integers(0, 255, 3)
    drift = dice.uniform(-0.4, 0.4, 2)
    left, top, thing = width * 0.7, height * 0.5, dice.uniform(0, width * 0.8)
    for k in range(count):
        swift = width * 1.2 / (RATE / 2) if whip and count // 2 <= k < count // 2 + RATE // 2 else 0.0
        left = float(np.clip(left + drift[0] + dice.normal(0, 0.8) + swift, 0, 2 * width))
        top = float(np.clip(top + drift[1] + dice.normal(0, 0.8), 0, height))
        frame = place[round(top) : round(top) + height, round(left) : round(left) + width].copy()
        thing = (thing + 3) % (width * 0.8)
        frame[height // 3 : height // 2, round(thing) : round(thing) + width // 8] = (250, 240, 30)
        yield frame.astype(np.uint8)


def grainy(frames: Iterable[Pixels], dice: np.random.Generator, strength: float) -> Iterator[Pixels]:
    """Frames with noise of their own each; `strength` is its standard deviation (0..255)."""
    tile: NDArray[np.int16] | None = None
    for frame in frames:
        if tile is None:
            tile = np.round(dice.normal(0, strength, (frame.shape[0] + 64, frame.shape[1] + 64, 3))).astype(np.int16)
        y, x = (int(n) for n in dice.integers(0, 64, 2))
        noisy = frame + tile[y : y + frame.shape[0], x : x + frame.shape[1]] * int(dice.choice((-1, 1)))
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def save(path: Path, frames: Iterable[Pixels], size: tuple[int, int]) -> None:
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        track.width, track.height, track.pix_fmt = *size, "yuv420p"
        for picture in frames:
            container.mux(track.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        container.mux(track.encode(None))


def long_film(path: Path, seconds: int) -> Film:
    """720p with eight shots of uneven length."""
    dice = np.random.default_rng(18)
    edges = [round(RATE * seconds * part) for part in (0.0, 0.11, 0.23, 0.4, 0.46, 0.61, 0.75, 0.9, 1.0)]
    size = (1280, 720)
    shots = (scene(dice, end - start, size) for start, end in pairwise(edges))
    save(path, grainy((frame for shot in shots for frame in shot), dice, 12.0), size)
    return Film(path, [(edge / RATE, edge / RATE) for edge in edges[1:-1]])


def short_film(path: Path, seed: int) -> Film:
    """Nine shots of 640 x 360: cuts and dissolves between them; flashes and whips of the camera inside."""
    dice, size = np.random.default_rng(seed), (640, 360)
    made: list[Pixels] = []
    changes: list[Span] = []
    for number in range(9):
        shot = list(scene(dice, int(dice.integers(60, 150)), size, whip=number % 3 == 1))
        if number % 4 == 2:
            shot[len(shot) // 3] = np.full_like(shot[0], 245)
        fade = int(dice.integers(15, 40)) if made and dice.random() < 0.35 else 0
        for k in range(fade):
            share = (k + 1) / (fade + 1)
            at = len(made) - fade + k
            made[at] = (made[at] * (1 - share) + shot[k] * share).astype(np.uint8)
        if made:
            changes.append(((len(made) - fade) / RATE, len(made) / RATE))
        made += shot[fade:]
    save(path, grainy(made, dice, 6.0), size)
    return Film(path, changes)


def ours(path: Path) -> list[float]:
    stream = open_stream(path)
    assert stream.frames is not None
    return [(change.t0 + change.t1) / 2 for change in shots_of(stream.frames, (0.0, stream.duration))]


def pyscenedetect(path: Path) -> list[float]:
    """With the detector that it recommends, at its own settings."""
    from scenedetect import AdaptiveDetector, detect  # type: ignore[import-not-found]

    return [start.seconds for start, _ in detect(str(path), AdaptiveDetector())[1:]]


def score(film: Film, told: Sequence[float]) -> tuple[int, int, int]:
    """`(found, missed, false)`."""
    left = list(told)
    found = 0
    for start, end in film.changes:
        near = [t for t in left if start - CLOSE <= t <= end + CLOSE]
        found += bool(near)
        left = [t for t in left if t not in near]
    return found, len(film.changes) - found, len(left)


def cpu() -> float:
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=120, help="length of the long film")
    parser.add_argument("--films", type=Path, help="folder in which the films are kept")
    asked = parser.parse_args()
    finders: dict[str, Finder] = {"DataClaw": ours}
    if importlib.util.find_spec("scenedetect"):
        finders["PySceneDetect"] = pyscenedetect
    else:
        print("PySceneDetect is not installed (pip install scenedetect): DataClaw alone.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        films = make_films(asked.films or Path(folder), asked.seconds)
        for title, some in (("the long film", films[:1]), ("the short films", films[1:])):
            best: dict[str, tuple[float, float]] = {}
            told: dict[str, list[list[float]]] = {}
            for _ in range(asked.rounds):
                for name, finder in finders.items():
                    wall, before = time.perf_counter(), cpu()
                    told[name] = [finder(film.path) for film in some]
                    best[name] = min(best.get(name, (1e9, 0.0)), (time.perf_counter() - wall, cpu() - before))
            for name, (wall, spent) in best.items():
                found, missed, false = (sum(row) for row in zip(*map(score, some, told[name]), strict=True))
                f1 = 2 * found / max(1, 2 * found + missed + false)
                print(f"{title:16} {name:14} {wall:6.2f} s, {spent:6.2f} s CPU, {wall / best['DataClaw'][0]:5.2f} x; "
                      f"found {found}, missed {missed}, false {false}, F1 {f1:.3f}")  # fmt: skip


def make_films(folder: Path, seconds: int) -> list[Film]:
    folder.mkdir(parents=True, exist_ok=True)
    return [long_film(folder / "long.mp4", seconds), *(short_film(folder / f"short{n}.mp4", n) for n in range(6))]


if __name__ == "__main__":
    main()
