"""The world `house`: walks through furnished houses, with poses, pictures, and what a recogniser says of them.

The truth says which rooms were entered when, which visits were detours, which things stood where, and which of the
recogniser's words are wrong.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.domains.daily.route import guide
from dataclaw.domains.daily.temporal import question_time
from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.daily.bagfile import EYE, BagFile, TopicWord
from dataclaw_worlds.daily.floor import House, Landmark, build_house, furnish, landmark_blocks
from dataclaw_worlds.daily.house_requests import find_requests
from dataclaw_worlds.daily.known import experts_of
from dataclaw_worlds.daily.known_walk import know
from dataclaw_worlds.daily.places import ROOM_TOPICS, ROOMS, THING_TOPICS, THINGS
from dataclaw_worlds.daily.stroll import DRIFT, HouseWalk, WalkPose, take_walk
from dataclaw_worlds.motion import TASK, expert

SIZE = (192, 144)
"""Pictures `(width, height)` [px]."""
REACH = 3.6
"""How far things are recognised [m]."""
WRONG = {1: 0, 2: 1, 3: 2, 4: 4, 5: 6}
"""How many things are seen that are not there, by difficulty."""
FLICKERS = {1: 0, 2: 0, 3: 1, 4: 2, 5: 3}
"""How often the room is mistaken for a moment."""
MISSED = {1: 0.0, 2: 0.02, 3: 0.04, 4: 0.08, 5: 0.12}
"""Share of pictures that were dropped."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """A stay in a room [s]."""

    room: int
    t0: float
    t1: float
    detour: bool


@dataclass(frozen=True, slots=True)
class _Sight:
    """A thing as the recogniser has it; `mark` None for one that is not there."""

    t: float
    name: str
    side: str
    metres: float
    sure: float
    mark: Landmark | None


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Write the recording of a walk."""
    house = build_house(spec)
    walk = take_walk(spec, house)
    marks = furnish(spec, house, walk.line)
    visits = _visits(house, walk)
    rng = spec.rng("words")
    sights = _sights(walk, visits, marks, rng) + _phantoms(spec, walk, marks, rng)
    place, seen = rng.choice(list(ROOM_TOPICS)), rng.choice(list(THING_TOPICS))
    spans = _room_spans(visits, spec, house, rng)
    words = [w for span in spans for w in _repeat_words(span, place, house)]
    words += [TopicWord(s.t, seen, _sight_words(seen, s)) for s in sights]
    bag = BagFile()
    bag.words(words)
    _record(spec, house, walk, marks, bag)
    bag.save(folder / f"{spec.name}.mcap")
    events = sorted([*((a, b, "room", k) for k, (a, b, _, _) in enumerate(spans)),
                     *((s.t, s.t, "thing", k) for k, s in enumerate(sights))], key=lambda e: (e[0], -e[1]))  # fmt: skip
    facts: dict[str, Json] = {
        "end": walk.poses[-1].t,
        "rooms": [{"name": name, "use": ROOMS[name]} for name in house.names],
        "visits": [{"room": v.room, "t0": v.t0, "t1": v.t1, "detour": v.detour} for v in visits],
        "things": [{"name": m.name, "room": m.room} for m in marks],
        "events": [
            _fact(k, e, spans, sights, _text(e, spans, sights, house, (place, seen))) for k, e in enumerate(events)
        ],
    }
    sources = {
        "layout": [house.plan],
        "room": sorted(house.names),
        "landmark": sorted(m.name for m in marks),
    }
    return Scene(spec, folder, f"{spec.name}.mcap", sources, facts)


_Span = tuple[float, float, int, bool]
"""Start and end [s], number of the room, and whether that is right."""


def _fact(
    index: int, event: tuple[float, float, str, int], spans: Sequence[_Span], sights: Sequence[_Sight], text: str
) -> dict[str, Json]:
    """The truth about an event."""
    t0, t1, kind, k = event
    base: dict[str, Json] = {"id": f"e{index}", "t0": t0, "t1": t1, "kind": kind, "text": text}
    if kind == "room":
        return base | {"room": spans[k][2], "right": spans[k][3], "name": "", "side": "", "metres": 0.0}
    sight = sights[k]
    room = sight.mark.room if sight.mark else -1
    return base | {"room": room, "right": sight.mark is not None, "name": sight.name, "side": sight.side,
                   "metres": sight.metres}  # fmt: skip


def _text(
    event: tuple[float, float, str, int], spans: Sequence[_Span], sights: Sequence[_Sight], house: House,
    topics: tuple[str, str],
) -> str:  # fmt: skip
    """The text of an event."""
    _, _, kind, k = event
    if kind == "room":
        return ROOM_TOPICS[topics[0]].format(room=house.names[spans[k][2]])
    return _sight_words(topics[1], sights[k])


def _visits(house: House, walk: HouseWalk) -> list[_Visit]:
    """Stays in rooms, from threshold to threshold."""
    found: list[_Visit] = []
    at, start = 0, 0.0
    for pose in walk.poses:
        here = house.at(pose.x, pose.y)
        if here != walk.rooms[at] and at + 1 < len(walk.rooms) and here == walk.rooms[at + 1]:
            found.append(_Visit(walk.rooms[at], start, pose.t, at in walk.detours))
            at, start = at + 1, pose.t
    return [*found, _Visit(walk.rooms[at], start, walk.poses[-1].t, False)]


def _room_spans(visits: Sequence[_Visit], spec: SceneSpec, house: House, rng: random.Random) -> list[_Span]:
    """What the recogniser reports of rooms: stays, at times broken by a moment of another room."""
    wrong = set(rng.sample(range(len(visits)), min(FLICKERS[spec.difficulty], len(visits))))
    spans: list[_Span] = []
    for k, visit in enumerate(visits):
        end = visit.t1 - 0.1
        if k in wrong and end - visit.t0 > 3.0:
            at = round(rng.uniform(visit.t0 + 1.0, end - 1.5), 1)
            other = rng.choice([r for r in range(len(house.names)) if r != visit.room])
            spans += [(visit.t0, at, visit.room, True), (at + 0.1, at + 0.6, other, False),
                      (at + 0.7, end, visit.room, True)]  # fmt: skip
        else:
            spans.append((visit.t0, end, visit.room, True))
    return [(round(a, 1), round(b, 1), room, right) for a, b, room, right in spans]


def _repeat_words(span: _Span, topic: str, house: House) -> Iterator[TopicWord]:
    """The same words every second, from the first moment to the last."""
    start, end, room, _ = span
    text = ROOM_TOPICS[topic].format(room=house.names[room])
    times = [start + k for k in range(int(end - start) + 1)]
    yield from (TopicWord(round(t, 2), topic, text) for t in [*times, *([end] if end - times[-1] > 0.01 else [])])


def _sight_words(topic: str, sight: _Sight) -> str:
    metres, sure = f"{sight.metres:.1f}", f"{sight.sure:.2f}"
    return THING_TOPICS[topic].format(thing=sight.name, side=sight.side, metres=metres, sure=sure)


def _bearing(pose: WalkPose, x: float, y: float) -> float:
    """Direction to a place as seen [rad], left positive."""
    turn = math.atan2(y - pose.y, x - pose.x) - pose.heading
    return math.atan2(math.sin(turn), math.cos(turn))


def _side(bearing: float) -> str:
    return "ahead" if abs(bearing) < math.radians(14) else "left" if bearing > 0 else "right"


def _sights(walk: HouseWalk, visits: Sequence[_Visit], marks: Sequence[Landmark], rng: random.Random) -> list[_Sight]:
    """Each thing once a visit of its room, when it is nearest in view while walking; some twice."""
    found: list[_Sight] = []
    for visit in visits:
        for mark in [m for m in marks if m.room == visit.room]:
            inside = [p for p in walk.poses if visit.t0 <= p.t < visit.t1 - 0.2 and p.walking]
            view = [p for p in inside if abs(_bearing(p, mark.x, mark.y)) < math.radians(65)]
            view = [p for p in view if math.hypot(mark.x - p.x, mark.y - p.y) < REACH]
            if not view:
                continue
            best = min(view, key=lambda p: math.hypot(mark.x - p.x, mark.y - p.y))
            for pose in [best, *([view[0]] if rng.random() < 0.2 and best.t - view[0].t > 1.0 else [])]:
                metres = math.hypot(mark.x - pose.x, mark.y - pose.y)
                side, sure = _side(_bearing(pose, mark.x, mark.y)), rng.uniform(0.72, 0.98)
                found.append(_Sight(round(pose.t + 0.05, 2), mark.name, side, metres, sure, mark))
    return found


def _phantoms(spec: SceneSpec, walk: HouseWalk, marks: Sequence[Landmark], rng: random.Random) -> list[_Sight]:
    """Reports of things that are not there; the recogniser is unsure of them."""
    there = {m.name for m in marks}
    names = [name for name in spec.pool(THINGS, "landmark") if name not in there]
    found: list[_Sight] = []
    for name in rng.sample(names, WRONG[spec.difficulty]):
        t = round(rng.uniform(1.0, walk.poses[-1].t - 1.0), 2)
        found.append(_Sight(t, name, rng.choice(["left", "right", "ahead"]), rng.uniform(1.0, 6.0),
                            rng.uniform(0.21, 0.45), None))  # fmt: skip
    return found


def _record(spec: SceneSpec, house: House, walk: HouseWalk, marks: Sequence[Landmark], bag: BagFile) -> None:
    """Poses, a little off, and pictures, some of them dropped and all of them shaking."""
    from dataclaw_worlds.daily import engine

    rng = spec.rng("noise")
    stage = engine.HouseStage(house.rooms, house.doors, landmark_blocks(marks, spec.rng("furniture")), SIZE)
    every = 2 if walk.poses[-1].t < 60 else 3
    drift = [0.0, 0.0]
    try:
        for k, pose in enumerate(walk.poses):
            drift = [d + rng.gauss(0, DRIFT[spec.difficulty]) for d in drift]
            bag.pose(
                pose.t, pose.x + drift[0] + rng.gauss(0, 0.004), pose.y + drift[1] + rng.gauss(0, 0.004), pose.heading
            )
            if k % every == 0 and rng.random() >= MISSED[spec.difficulty]:
                shake = rng.gauss(0, 0.4 * spec.difficulty)
                seen = engine.CameraPose(pose.x, pose.y, pose.heading + math.radians(shake), -6.0 + shake, EYE)
                bag.picture(pose.t, stage.look(seen))
    finally:
        stage.close()


WORLD = World(
    name="house",
    domain="daily",
    summary="Walks through furnished houses rendered by MiniWorld, with poses and a recogniser's words.",
    make=make,
    requests=find_requests,
    experts={**experts_of(know, vln_navigation=guide, temporal_qa=question_time), TASK: expert},
    chooser=know,
    seconds=120.0,
    turn=6,
)
