"""A video of household work by a camera that somebody wears: a room with places to work, and things that come and go.

It shows where somebody works and with what, not what the hands do: the camera goes to the sink, looks down at a thing
on it, and looks away when disturbed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.engine import Block, CameraPose, HouseStage, Mesh, Room
from dataclaw_worlds.daily.forms import object_of
from dataclaw_worlds.daily.script import BREAK, REMARK, Happening

SIZE = (192, 144)
"""Pictures `(width, height)` [px]."""
STATIONS = ("fridge", "counter", "stove", "oven", "sink", "washer")
"""Places along the wall; "table" stands in the room and "shelf" opposite."""
WALLS = ("drywall", "stucco", "brick_wall", "marble", "cinder_blocks", "wood_planks", "concrete")
FLOORS = ("wood", "floor_tiles_bw", "concrete_tiles", "marble", "wood_planks", "concrete", "cardboard")
_STEP = 1.15
"""From one place along the wall to the next [m]."""


def film_work(spec: SceneSpec, row: Sequence[Happening], end: float, file: Path) -> None:
    """Write the video; a long one has fewer pictures a second.

    Raises:
        MissingExtraError: MiniWorld is not installed.
    """
    rng = spec.rng("film")
    order = list(STATIONS)
    rng.shuffle(order)
    width = _STEP * len(order) + 0.6
    room = Room(0, width, 0, 4.6, rng.choice(WALLS), rng.choice(FLOORS))
    places = _places(order, width)
    stage = HouseStage([room], [], list(_furniture(order, width, rng)), SIZE)
    rate = 4 if end < 90 else 2
    try:
        write_video(file, _pictures(stage, places, row, end, rate, rng), rate)
    finally:
        stage.close()


def _places(order: Sequence[str], width: float) -> dict[str, tuple[CameraPose, tuple[float, float, float]]]:
    """Where the person stands at each place, and where a thing lies there."""
    found: dict[str, tuple[CameraPose, tuple[float, float, float]]] = {}
    for k, name in enumerate(order):
        x = 0.9 + _STEP * k
        found[name] = (CameraPose(x, 3.15, math.pi / 2, -28.0), (x, 4.1, 0.92))
    found["table"] = (CameraPose(width / 2, 0.75, math.pi / 2, -30.0), (width / 2, 1.75, 0.76))
    found["shelf"] = (CameraPose(width - 1.2, 1.5, -math.pi / 2, -18.0), (width - 1.2, 0.4, 0.9))
    return found


def _furniture(order: Sequence[str], width: float, rng: random.Random) -> Iterator[Block | Mesh]:
    def tone() -> tuple[float, float, float]:
        return rng.uniform(0.2, 0.95), rng.uniform(0.2, 0.95), rng.uniform(0.2, 0.95)

    wood, top = tone(), tone()
    for k, name in enumerate(order):
        x = 0.9 + _STEP * k
        white = (0.92, 0.92, 0.95)
        if name == "fridge":
            yield Block(x, 4.35, 0, (1.0, 0.4, 1.9), (0.75, 0.8, 0.85))
            yield Block(x, 4.0, 0.8, (0.9, 0.5, 0.1), white)
        else:
            yield Block(x, 4.2, 0, (1.1, 0.7, 0.84), {"oven": (0.15, 0.15, 0.17), "washer": white}.get(name, wood))
            yield Block(x, 4.2, 0.84, (1.12, 0.74, 0.06), top if name in {"counter", "sink"} else (0.3, 0.3, 0.32))
        yield from _details(name, x)
    yield Block(width / 2, 1.9, 0.7, (1.8, 0.9, 0.06), tone())
    for dx, dy in ((-0.8, -0.35), (0.8, -0.35), (-0.8, 0.35), (0.8, 0.35)):
        yield Block(width / 2 + dx, 1.9 + dy, 0, (0.08, 0.08, 0.7), wood)
    for level in (0.4, 0.85, 1.3):
        yield Block(width - 1.2, 0.3, level, (1.6, 0.5, 0.05), wood)
    yield Mesh(rng.choice(["office_chair", "barrel", "medkit"]), 0.6, 0.7, 0.9)


def _details(name: str, x: float) -> Iterator[Block]:
    """The details that tell the places along the wall apart."""
    if name == "stove":
        for dx, dy in ((-0.25, -0.1), (0.25, -0.1), (-0.25, 0.2), (0.25, 0.2)):
            yield Block(x + dx, 4.2 + dy, 0.9, (0.26, 0.26, 0.01), (0.05, 0.05, 0.05))
    elif name == "sink":
        yield Block(x, 4.15, 0.9, (0.7, 0.45, 0.01), (0.55, 0.6, 0.65))
        yield Block(x, 4.45, 0.9, (0.06, 0.06, 0.3), (0.8, 0.8, 0.85))
    elif name == "oven":
        yield Block(x, 3.84, 0.2, (0.8, 0.02, 0.45), (0.45, 0.25, 0.1))
    elif name == "washer":
        yield Block(x, 3.84, 0.25, (0.5, 0.02, 0.45), (0.2, 0.4, 0.7))


def _colour_of(name: str) -> tuple[float, float, float]:
    mixer = random.Random(f"colour:{name}")
    return mixer.uniform(0.1, 1), mixer.uniform(0.1, 1), mixer.uniform(0.1, 1)


def _pictures(
    stage: HouseStage,
    places: dict[str, tuple[CameraPose, tuple[float, float, float]]],
    row: Sequence[Happening],
    end: float,
    rate: int,
    rng: random.Random,
) -> Iterator[NDArray[np.uint8]]:
    """What the camera sees, picture by picture: on the way between two actions, then busy with a thing."""
    at, k = places[row[0].place][0], 0
    aside = [rng.uniform(-1.2, 1.2) for _ in row]
    for n in range(round(end * rate)):
        t = n / rate
        while k + 1 < len(row) and row[k + 1].t0 <= t:
            k += 1
        one = row[k]
        goal, (x, y, z) = places[one.place]
        if one.role in {BREAK, REMARK} and one.t0 <= t:
            goal = CameraPose(goal.x, goal.y - 0.3, goal.heading + aside[k], -5.0)
        share = 0.45 if rate == 4 else 0.7
        turn = math.atan2(math.sin(goal.heading - at.heading), math.cos(goal.heading - at.heading))
        at = CameraPose(at.x + share * (goal.x - at.x), at.y + share * (goal.y - at.y), at.heading + share * turn,
                  at.pitch + share * (goal.pitch - at.pitch))  # fmt: skip
        loose: list[Block | Mesh] = []
        if t >= one.t0 and one.role not in {BREAK, REMARK}:
            name = object_of(one.order) or one.order
            size = 0.14 + 0.12 * (len(name) % 3) / 2
            loose.append(Block(x, y, z, (size, size, size * 0.8), _colour_of(name), 0.3))
            if t <= one.t1:
                sway = 0.12 * math.sin(5.0 * t)
                hand = ((0.1, 0.26, 0.08), (0.85, 0.65, 0.5))
                loose += [Block(x + side * 0.2 + sway, y - 0.1, z + 0.06, *hand) for side in (-1, 1)]
        yield stage.look(at, loose)


def write_video(file: Path, pictures: Iterator[NDArray[np.uint8]], rate: int) -> None:
    """Write pictures `(height, width, 3)` RGB as an H.264 video, the same bytes for the same pictures."""
    import av

    with av.open(str(file), "w", options={"fflags": "+bitexact", "movflags": "+faststart"}) as box:
        stream: Any = box.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.time_base = Fraction(1, rate)
        stream.options = {"preset": "veryfast", "crf": "26", "threads": "1", "g": str(8 * rate)}
        for picture in pictures:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                box.mux(packet)
        for packet in stream.encode():
            box.mux(packet)
