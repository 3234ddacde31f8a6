"""A walk through a house: which rooms, with detours, pauses and looks around, as poses over time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.engine import towards
from dataclaw_worlds.daily.floor import House, threshold

RATE = 10.0
"""Poses per second [1/s]."""
DETOURS = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2}
PAUSES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}
LOOKS = {1: 0, 2: 1, 3: 2, 4: 2, 5: 3}
DRIFT = {1: 0.0, 2: 0.002, 3: 0.004, 4: 0.006, 5: 0.008}
"""Random walk of the measured position [m per pose]."""
_TURN = 1.6
"""How fast one turns on the spot [rad/s]."""
_INSIDE = 0.7
"""How far before and behind a door one walks straight [m]."""


@dataclass(frozen=True, slots=True)
class WalkPose:
    """A position and a heading.

    Attributes:
        t: time [s].
        x: place [m].
        y: place [m].
        heading: direction of view [rad].
        walking: False while turning, waiting or looking around.
    """

    t: float
    x: float
    y: float
    heading: float
    walking: bool


@dataclass(frozen=True, slots=True)
class HouseWalk:
    """A walk.

    Attributes:
        rooms: rooms in the order in which they are entered.
        detours: positions in `rooms` of rooms that the walk enters and leaves again at once.
        line: corners of the way [m].
        poses: the poses, `RATE` a second.
    """

    rooms: tuple[int, ...]
    detours: tuple[int, ...]
    line: tuple[tuple[float, float], ...]
    poses: tuple[WalkPose, ...]


def take_walk(spec: SceneSpec, house: House) -> HouseWalk:
    """A walk from one room to a distant one."""
    rng = spec.rng("walk")
    rooms, detours = _with_detours(house, _longest(house, rng), DETOURS[spec.difficulty], rng)
    line = _line(house, rooms, detours, rng)
    return HouseWalk(tuple(rooms), tuple(detours), tuple(line), tuple(_poses(line, spec, rng)))


def _longest(house: House, rng: random.Random) -> list[int]:
    """A way through many rooms, each once; the ends are among the farthest."""
    found: list[list[int]] = []
    for start in range(len(house.rooms)):
        waiting = [[start]]
        while waiting:
            way = waiting.pop()
            found.append(way)
            waiting += [[*way, room] for room, _ in house.beside(way[-1]) if room not in way]
    most = max(len(way) for way in found)
    return rng.choice([way for way in found if len(way) >= max(min(3, most), most - 1)])


def _with_detours(house: House, way: list[int], count: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """The way with looks into rooms beside it."""
    rooms = list(way)
    places: list[int] = []
    fitting = [
        (k, room)
        for k in range(len(way) - 1)
        for room, _ in house.beside(way[k])
        if room not in way[max(0, k - 1) : k + 2]
    ]
    for k, room in sorted(rng.sample(fitting, min(count, len(fitting))), reverse=True):
        rooms[k + 1 : k + 1] = [room, way[k]]
        places = [k + 1, *(place + 2 for place in places)]
    return rooms, places


def _line(house: House, rooms: Sequence[int], detours: Sequence[int], rng: random.Random) -> list[tuple[float, float]]:
    """Corners of the way: straight through each door, some way into where it ends and turns back."""
    line = [_spot(house, rooms[0], rng)]
    for k in range(len(rooms) - 1):
        door = next(d for room, d in house.beside(rooms[k]) if room == rooms[k + 1])
        x, y = threshold(house, door)
        ahead = 1.0 if door.a == rooms[k] else -1.0
        dx, dy = (ahead * _INSIDE, 0.0) if door.upright else (0.0, ahead * _INSIDE)
        line += [(x - dx, y - dy), (x + dx, y + dy)]
        if k + 1 in detours:
            line.append(_spot(house, rooms[k + 1], rng))
    line.append(_spot(house, rooms[-1], rng))
    return [point for at, point in enumerate(line) if not at or math.dist(point, line[at - 1]) > 0.15]


def _spot(house: House, room: int, rng: random.Random) -> tuple[float, float]:
    box = house.rooms[room]
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return x + rng.uniform(-0.2, 0.2) * (box.x1 - box.x0), y + rng.uniform(-0.2, 0.2) * (box.y1 - box.y0)


def _poses(line: Sequence[tuple[float, float]], spec: SceneSpec, rng: random.Random) -> list[WalkPose]:
    """Walk the line: turn at its corners, wait and look around now and then."""
    stops = list(range(1, len(line) - 1))
    pauses = set(rng.sample(stops, min(PAUSES[spec.difficulty], len(stops))))
    looks = set(rng.sample(stops, min(LOOKS[spec.difficulty], len(stops))))
    steps: list[WalkPose] = []
    heading = towards(*line[0], *line[1])
    t = 0.0

    def stand(x: float, y: float, goal: float, seconds: float) -> None:
        nonlocal heading, t
        start = heading
        count = max(1, round(seconds * RATE))
        for k in range(1, count + 1):
            heading = start + (goal - start) * k / count
            steps.append(WalkPose(round(t, 3), x, y, heading, False))
            t += 1 / RATE

    for k, ((ax, ay), (bx, by)) in enumerate(pairwise(line)):
        if k in pauses:
            stand(ax, ay, heading, rng.uniform(1.0, 2.5))
        if k in looks:
            side = rng.choice([-1, 1]) * rng.uniform(0.7, 1.3)
            before = heading
            stand(ax, ay, before + side, 0.8)
            stand(ax, ay, before, 0.8)
        goal = towards(ax, ay, bx, by)
        goal = heading + math.atan2(math.sin(goal - heading), math.cos(goal - heading))
        if abs(goal - heading) > 0.05:
            stand(ax, ay, goal, abs(goal - heading) / _TURN)
        speed = rng.uniform(0.8, 1.1)
        count = max(1, round(math.hypot(bx - ax, by - ay) / speed * RATE))
        for n in range(1, count + 1):
            share = n / count
            steps.append(WalkPose(round(t, 3), ax + share * (bx - ax), ay + share * (by - ay), heading, True))
            t += 1 / RATE
    stand(*line[-1], heading, 1.0)
    return steps
