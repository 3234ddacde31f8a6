"""What requests about a walk mean: rooms and things by name, by use, by number, or by other rooms and things."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from dataclaw.types import Json
from dataclaw_worlds.daily.requests import Meant
from dataclaw_worlds.daily.walk_truth import PlaceEvent, RoomVisit, WalkTruth
from dataclaw_worlds.words import words

_NTH = words("daily/house_requests.toml").table("nth")

Find: TypeAlias = Callable[[WalkTruth, random.Random], Meant | None]
"""Draws something that a request may be about; None where a scene has no such thing."""


def find_meaning(meaning: str, truth: WalkTruth, rng: random.Random) -> Meant | None:
    """A request of that meaning in this house; None where nothing fits."""
    if meaning in {"whole", "direct", "span", "all"}:
        return ({"direct": True} if meaning == "direct" else {"whole": True} if meaning == "whole" else {}), {}
    if meaning in {"rooms", "things"}:
        return {"only": meaning.removesuffix("s")}, {}
    maker = MAKERS.get(meaning)
    return maker(truth, rng) if maker else _way(meaning, truth, rng)


def _first_stays(truth: WalkTruth) -> list[RoomVisit]:
    """The first stay in each room, without detours."""
    stays = [v for v in truth.visits if not v.detour and v.told]
    return list({v.room: v for v in reversed(stays)}.values())[::-1]


def _way(meaning: str, truth: WalkTruth, rng: random.Random) -> Meant | None:
    """A way between rooms, or to a thing."""
    rooms = [v.room for v in _first_stays(truth)]
    if len(rooms) < 3:
        return None
    at, to = sorted(rng.sample(range(len(rooms)), 2))
    a, b = rooms[at], rooms[to]
    things = [p for p in truth.things() if p.room in rooms[at + 1 :]]
    thing = rng.choice(things).name if things else ""
    words = {
        "a": truth.names[a], "b": truth.names[b], "thing": thing, "ause": truth.uses[a], "buse": truth.uses[b],
    }  # fmt: skip
    if meaning in {"thing", "tothing"} and not thing:
        return None
    wanted: dict[str, Json] = {"direct": True}
    wanted |= {"from": a} if meaning in {"thing", "room", "use", "fromroom"} and at else {}
    wanted |= {"to": b} if meaning in {"room", "use", "toroom"} else {"thing": thing} if "thing" in meaning else {}
    return (wanted, words) if wanted.keys() - {"direct"} else None


def _by_number(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """From one room to another by their numbers; no detour comes before."""
    rooms: list[int] = []
    for visit in truth.visits:
        if visit.detour or not visit.told or visit.room in rooms:
            break
        rooms.append(visit.room)
    if not len(rooms) >= 3:
        return None
    nth, zh = _NTH["en"], _NTH["zh"]
    at, to = sorted(rng.sample(range(min(len(rooms), len(nth))), 2))
    wanted: dict[str, Json] = {"direct": True, "to": rooms[to]} | ({"from": rooms[at]} if at else {})
    return wanted, {"nth": nth[at], "mth": nth[to], "nzh": zh[at], "mzh": zh[to]}


def _neighbours(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """From the room after one to the room before another."""
    rooms = [v.room for v in _first_stays(truth)]
    whole = [v.room for v in truth.visits if not v.detour]
    if len(rooms) < 4 or len(set(whole)) < len(whole):
        return None
    at = rng.randrange(len(rooms) - 3)
    to = rng.randrange(at + 3, len(rooms))
    words = {"pa": truth.names[rooms[at]], "qb": truth.names[rooms[to]]}
    return {"direct": True, "from": rooms[at + 1], "to": rooms[to - 1]}, words


def _by_thing(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """Rooms by the things in them."""
    rooms = [v.room for v in _first_stays(truth)]
    things = {room: [p for p in truth.things() if p.room == room] for room in rooms}
    known = [room for room in rooms if things[room]]
    if len(known) < 2 or len(rooms) < 3:
        return None
    a, b = sorted(rng.sample(known, 2), key=rooms.index)
    words = {"at": rng.choice(things[a]).name, "bt": rng.choice(things[b]).name}
    return {"direct": True, "to": b} | ({"from": a} if rooms.index(a) else {}), words


def _from_thing(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """From a thing to another, or to a room."""
    things = [p for p in truth.things() if any(v.t0 <= p.t0 <= v.t1 and not v.detour for v in truth.visits)]
    if len(things) < 2:
        return None
    one, other = sorted(rng.sample(things, 2), key=lambda p: p.t0)
    return {"fromthing": one.name, "thing": other.name, "direct": True}, {"at": one.name, "bt": other.name}


def _inside(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """The things in one room."""
    rooms = [v for v in truth.visits if v.told and sum(_within(p, v) for p in truth.things()) > 1]
    rooms = [v for v in rooms if sum(v.room == other.room for other in truth.visits) == 1]
    if not rooms:
        return None
    visit = rng.choice(rooms)
    words = {"a": truth.names[visit.room], "ause": truth.uses[visit.room]}
    return {"only": "thing", "between": [visit.t0, visit.t1]}, words


def _within(place: PlaceEvent, visit: RoomVisit) -> bool:
    return visit.t0 <= place.t0 <= visit.t1


def _stretch(truth: WalkTruth, rng: random.Random) -> Meant | None:
    """What comes into view from one thing to another."""
    things = truth.things()
    if len(things) < 5:
        return None
    at = rng.randrange(len(things) - 4)
    to = rng.randrange(at + 3, len(things))
    return {"only": "thing", "between": [things[at].t0, things[to].t1]}, {"at": things[at].name, "bt": things[to].name}


def _by_name(count: int, kind: str) -> Find:
    """Things or rooms by name; the intent has them in no order of time."""

    def find(truth: WalkTruth, rng: random.Random) -> Meant | None:
        rooms = [truth.names[stay.room] for stay in _first_stays(truth)]
        names = [p.name for p in truth.things()] if kind == "thing" else rooms
        uses = dict(zip(truth.names, truth.uses, strict=True))
        found: list[str] = []
        for name in rng.sample(names, len(names)):
            if len(found) < count and all(not set(name.split()) & set(other.split()) for other in found):
                found.append(name)
        if len(found) < count:
            return None
        kinds: dict[int, Sequence[str]] = {1: ("localise",), 2: ("first",), 3: ("order",)}
        words = dict(zip(("x", "y", "z"), found, strict=False))
        words |= {"xuse": uses.get(found[0], ""), "yuse": uses.get(found[1], "") if count > 1 else ""}
        return {"names": list(found), "most": 1, "kinds": list(kinds[count])}, words

    return find


MAKERS: Mapping[str, Find] = {
    "counted": _by_number, "neighbours": _neighbours, "bything": _by_thing, "fromthing": _from_thing, "inside": _inside,
    "stretch": _stretch, "when1": _by_name(1, "room"), "first2": _by_name(2, "thing"), "room2": _by_name(2, "room"),
    "order3": _by_name(3, "thing"), "rooms3": _by_name(3, "room"),
}  # fmt: skip
WEIGHTS: Mapping[str, float] = {
    "whole": 0.5, "direct": 1.0, "span": 0.4, "tothing": 0.7, "toroom": 0.7, "fromroom": 1.2, "thing": 1.5, "room": 1.2,
    "use": 3.0, "counted": 3.0, "neighbours": 3.0, "bything": 3.0, "fromthing": 2.5, "all": 0.5, "rooms": 0.7,
    "things": 0.7, "inside": 3.0, "stretch": 3.0, "when1": 2.0, "first2": 2.0, "room2": 2.0, "order3": 2.5,
    "rooms3": 2.0,
}  # fmt: skip
"""How readily a meaning is drawn; those that name places by others, or need two of them, come first."""
