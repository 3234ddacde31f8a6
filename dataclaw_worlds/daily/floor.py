"""Houses: a ground plan cut into rooms, doors between them, names, textures, and things along the walls."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.engine import Block, Door, Mesh, Room
from dataclaw_worlds.daily.places import COLOURS, FLOORS, PLANS, ROOMS, THINGS, WALLS

LEAST = 2.9
"""Shortest side of a room [m]."""
OPENING = 1.1
"""Width of a door [m]."""
COUNT = {1: (4, 5), 2: (4, 6), 3: (5, 7), 4: (6, 8), 5: (7, 9)}
"""Fewest and most rooms, by difficulty."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A thing that one can name: "red chair".

    Attributes:
        name: colour and make.
        room: number of its room.
        x: place [m].
        y: place [m].
    """

    name: str
    room: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class House:
    """A house.

    Attributes:
        plan: name of its ground plan.
        rooms: the rooms.
        names: their names.
        doors: the openings.
    """

    plan: str
    rooms: tuple[Room, ...]
    names: tuple[str, ...]
    doors: tuple[Door, ...]

    def beside(self, room: int) -> list[tuple[int, Door]]:
        """The rooms behind the doors of a room."""
        found = [(d.b, d) for d in self.doors if d.a == room]
        return found + [(d.a, d) for d in self.doors if d.b == room]

    def at(self, x: float, y: float) -> int:
        """The number of the room at a position [m]."""
        inside = [k for k, r in enumerate(self.rooms) if r.x0 <= x <= r.x1 and r.y0 <= y <= r.y1]
        return inside[0] if inside else 0


def build_house(spec: SceneSpec) -> House:
    """A house of the spec's split."""
    rng = spec.rng("house")
    plan = rng.choice(spec.pool(PLANS, "layout"))
    count = rng.randint(*COUNT[spec.difficulty])
    boxes = _cut_boxes(count, random.Random(f"{plan}:{count}"))
    names = rng.sample(spec.pool(list(ROOMS), "room"), len(boxes))
    rooms = tuple(Room(*box, rng.choice(WALLS), rng.choice(FLOORS)) for box in boxes)
    return House(plan, rooms, tuple(names), tuple(_doors(rooms, random.Random(f"{plan}:{count}:doors"))))


def _cut_boxes(count: int, rng: random.Random) -> list[tuple[float, float, float, float]]:
    """A rectangle cut into so many rooms, always the largest one next."""
    area = 17.0 * count
    width = math.sqrt(area) * rng.uniform(0.9, 1.4)
    boxes = [(0.0, round(width, 2), 0.0, round(area / width, 2))]
    while len(boxes) < count:
        boxes.sort(key=lambda b: (b[1] - b[0]) * (b[3] - b[2]))
        x0, x1, y0, y1 = boxes.pop()
        share = rng.uniform(0.42, 0.58)
        if x1 - x0 >= y1 - y0:
            middle = round(x0 + share * (x1 - x0), 2)
            boxes += [(x0, middle, y0, y1), (middle, x1, y0, y1)]
        else:
            middle = round(y0 + share * (y1 - y0), 2)
            boxes += [(x0, x1, y0, middle), (x0, x1, middle, y1)]
    return sorted(boxes)


def _doors(rooms: Sequence[Room], rng: random.Random) -> Iterator[Door]:
    """Doors that connect all rooms, and one or two more."""
    walls = [door for a in range(len(rooms)) for b in range(len(rooms)) if (door := _wall(rooms, a, b))]
    rng.shuffle(walls)
    group = list(range(len(rooms)))
    spare = max(0, len(rooms) // 4)
    for wall in walls:
        joined = group[wall.a] == group[wall.b]
        if joined and spare <= 0:
            continue
        spare -= joined
        old, new = group[wall.b], group[wall.a]
        group = [new if g == old else g for g in group]
        low = round(rng.uniform(wall.low + 0.25, wall.high - 0.25 - OPENING), 2)
        yield Door(wall.a, wall.b, low, round(low + OPENING, 2), wall.upright)


def _wall(rooms: Sequence[Room], a: int, b: int) -> Door | None:
    """The wall between two rooms where it is long enough for a door; b lies east or north of a."""
    one, other = rooms[a], rooms[b]
    if one.x1 == other.x0:
        low, high = max(one.y0, other.y0), min(one.y1, other.y1)
        return Door(a, b, low, high, True) if high - low > OPENING + 0.6 else None
    if one.y1 == other.y0:
        low, high = max(one.x0, other.x0), min(one.x1, other.x1)
        return Door(a, b, low, high, False) if high - low > OPENING + 0.6 else None
    return None


def threshold(house: House, door: Door) -> tuple[float, float]:
    """The middle of a door [m]."""
    middle = (door.low + door.high) / 2
    return (house.rooms[door.a].x1, middle) if door.upright else (middle, house.rooms[door.a].y1)


def furnish(spec: SceneSpec, house: House, way: Sequence[tuple[float, float]]) -> list[Landmark]:
    """Things in the rooms, off the way and away from the doors; every name once."""
    rng = spec.rng("things")
    names = rng.sample(spec.pool(THINGS, "landmark"), min(3 * len(house.rooms), len(spec.pool(THINGS, "landmark"))))
    found: list[Landmark] = []
    makes: set[tuple[int, str]] = set()
    for k, room in enumerate(house.rooms):
        for _ in range(rng.choice([1, 1, 2, 2, 3])):
            name = next((n for n in names if (k, n.split()[1]) not in makes), None)
            place = _place(house, k, way, found, rng)
            if name is None or place is None:
                continue
            names.remove(name)
            makes.add((k, name.split()[1]))
            found.append(Landmark(name, k, *place))
        del room
    return found


def _place(
    house: House, number: int, way: Sequence[tuple[float, float]], others: Sequence[Landmark], rng: random.Random
) -> tuple[float, float] | None:
    room = house.rooms[number]
    doors = [threshold(house, door) for _, door in house.beside(number)]
    for _ in range(60):
        x, y = rng.uniform(room.x0 + 0.6, room.x1 - 0.6), rng.uniform(room.y0 + 0.6, room.y1 - 0.6)
        clear = all(math.hypot(x - a, y - b) > 1.2 for a, b in doors)
        apart = all(math.hypot(x - o.x, y - o.y) > 1.2 for o in others if o.room == number)
        near = min((_distance(x, y, a, b) for a, b in pairwise(way)), default=9.0)
        if clear and apart and near > 0.75:
            return round(x, 2), round(y, 2)
    return None


def _distance(x: float, y: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of a place from a stretch [m]."""
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    share = max(0.0, min(1.0, ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length)) if length else 0.0
    return math.hypot(x - a[0] - share * along[0], y - a[1] - share * along[1])


_PARTS: Mapping[str, Sequence[tuple[float, float, float, float, float, float]]] = {
    "chair": ((0, 0, 0.4, 0.45, 0.45, 0.08), (0, 0.2, 0.48, 0.45, 0.06, 0.5), (-0.18, 0, 0, 0.06, 0.4, 0.4),
              (0.18, 0, 0, 0.06, 0.4, 0.4)),
    "table": ((0, 0, 0.68, 1.1, 0.7, 0.07), (-0.45, 0, 0, 0.08, 0.6, 0.68), (0.45, 0, 0, 0.08, 0.6, 0.68)),
    "sofa": ((0, 0, 0, 1.3, 0.6, 0.4), (0, 0.28, 0.4, 1.3, 0.15, 0.4), (-0.6, 0, 0.4, 0.15, 0.6, 0.2),
             (0.6, 0, 0.4, 0.15, 0.6, 0.2)),
    "bed": ((0, 0, 0, 1.2, 0.9, 0.4), (-0.5, 0, 0.4, 0.2, 0.7, 0.12)),
    "bookcase": ((0, 0, 0, 0.9, 0.35, 0.04), (0, 0, 0.5, 0.9, 0.35, 0.04), (0, 0, 1.0, 0.9, 0.35, 0.04),
                 (0, 0, 1.5, 0.9, 0.35, 0.04), (-0.44, 0, 0, 0.04, 0.35, 1.54), (0.44, 0, 0, 0.04, 0.35, 1.54)),
    "crate": ((0, 0, 0, 0.6, 0.6, 0.6),),
    "lamp": ((0, 0, 0, 0.3, 0.3, 0.05), (0, 0, 0.05, 0.05, 0.05, 1.3), (0, 0, 1.3, 0.4, 0.4, 0.35)),
    "cupboard": ((0, 0, 0, 0.9, 0.45, 1.8),),
    "stool": ((0, 0, 0.45, 0.4, 0.4, 0.08), (0, 0, 0, 0.12, 0.12, 0.45)),
    "bench": ((0, 0, 0.38, 1.3, 0.35, 0.08), (-0.5, 0, 0, 0.08, 0.3, 0.38), (0.5, 0, 0, 0.08, 0.3, 0.38)),
    "piano": ((0, 0, 0, 1.3, 0.5, 1.1), (0, -0.35, 0.65, 1.2, 0.25, 0.08)),
    "trunk": ((0, 0, 0, 0.9, 0.5, 0.45), (0, 0, 0.45, 0.86, 0.46, 0.08)),
    "column": ((0, 0, 0, 0.35, 0.35, 2.3),),
    "armchair": ((0, 0, 0, 0.7, 0.6, 0.4), (0, 0.28, 0.4, 0.7, 0.15, 0.45), (-0.3, 0, 0.4, 0.12, 0.6, 0.2),
                 (0.3, 0, 0.4, 0.12, 0.6, 0.2)),
    "chest": ((0, 0, 0, 0.8, 0.45, 0.9), (0, -0.24, 0.15, 0.6, 0.02, 0.2), (0, -0.24, 0.5, 0.6, 0.02, 0.2)),
    "counter": ((0, 0, 0, 1.4, 0.6, 0.85), (0, 0, 0.85, 1.5, 0.66, 0.06)),
}  # fmt: skip
"""Boxes that things are made of: middle of the foot (along, across, up), size along, across, up [m]."""


def landmark_blocks(landmarks: Sequence[Landmark], rng: random.Random) -> list[Block | Mesh]:
    """The landmarks as boxes."""
    made: list[Block | Mesh] = []
    for mark in landmarks:
        colour, make = mark.name.split()
        heading = rng.choice([0.0, math.pi / 2, math.pi, -math.pi / 2])
        for k, (along, across, up, *size) in enumerate(_PARTS[make]):
            x = mark.x + along * math.cos(heading) - across * math.sin(heading)
            y = mark.y + along * math.sin(heading) + across * math.cos(heading)
            tone = tuple(max(0.0, c * (1.0 if k % 2 == 0 else 0.82)) for c in COLOURS[colour])
            made.append(Block(x, y, up, (size[0], size[1], size[2]), (tone[0], tone[1], tone[2]), heading))
    return made
