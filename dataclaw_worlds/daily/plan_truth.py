"""What is true of a scene of `house`, as its experts read it, and what of the way a wish asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from dataclaw.tools.view import seconds
from dataclaw.types import Json
from dataclaw.worlds.base import Scene

MARGIN = 0.5
"""A detour is cut this long before its room is entered and after it is left [s]: still before the door."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is true of an event: a room or a thing, as the recogniser has it.

    Attributes:
        id: how it is cited.
        t0: start [s].
        t1: end [s].
        kind: "room" or "thing".
        room: number of the room, -1 for none.
        right: whether it is so.
        name: of the thing, "" for rooms.
        side: "left", "right" or "ahead".
        metres: how far [m].
        text: as told.
    """

    id: str
    t0: float
    t1: float
    kind: str
    room: int
    right: bool
    name: str
    side: str
    metres: float
    text: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay in a room, and the events that tell it."""

    room: int
    t0: float
    t1: float
    detour: bool
    told: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A scene's truth."""

    end: float
    names: tuple[str, ...]
    uses: tuple[str, ...]
    visits: tuple[Visit, ...]
    places: tuple[Place, ...]

    def things(self) -> list[Place]:
        """Things seen that are there, each when it was nearest, in order of time."""
        best: dict[str, Place] = {}
        for place in self.places:
            if (
                place.kind == "thing"
                and place.right
                and (place.name not in best or place.metres < best[place.name].metres)
            ):
                best[place.name] = place
        return sorted(best.values(), key=lambda place: place.t0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the way.

    Attributes:
        t0: from this time [s], None from the start.
        t1: up to this time [s], None to the end.
        without: detours left out `(from, to)` [s].
        start: what tells where it begins, or None.
        goal: what tells where it ends, or None.
    """

    t0: float | None
    t1: float | None
    without: tuple[tuple[float, float], ...]
    start: Place | None
    goal: Place | None


def plan_of(scene: Scene) -> Plan:
    """Read a scene's facts."""
    facts = scene.facts
    rows = cast("list[dict[str, Any]]", facts["events"])
    places = tuple(Place(**row) for row in rows)
    rooms = cast("list[dict[str, Any]]", facts["rooms"])
    visits = tuple(
        Visit(v["room"], v["t0"], v["t1"], v["detour"], tuple(
            p for p in places if p.kind == "room" and p.right and p.room == v["room"]
            and v["t0"] - 0.06 <= p.t0 <= v["t1"]
        ))
        for v in cast("list[dict[str, Any]]", facts["visits"])
    )  # fmt: skip
    return Plan(float(facts["end"]), tuple(r["name"] for r in rooms), tuple(r["use"] for r in rooms), visits, places)


def shown(t: float) -> float:
    """A time as tools show it."""
    return float(seconds(t))


def part_of(plan: Plan, wish: Mapping[str, Json]) -> Part | None:
    """The part of the way that a wish means; None where there is none."""
    span = cast("list[float] | None", wish.get("span"))
    if span is not None:
        rooms = [p for p in plan.places if p.kind == "room" and p.right and p.t0 < span[1] and p.t1 > span[0]]
        ends = (rooms[0], rooms[-1]) if rooms else (None, None)
        return Part(span[0] or None, span[1] if span[1] < plan.end else None, (), *ends)
    if wish.get("fromthing") is not None:
        return _between_things(plan, wish)
    start = _visit(plan, cast("int | None", wish.get("from")), 0)
    first = start if start is not None else plan.visits[0]
    goal = _goal(plan, wish, first)
    if goal is None or not first.told:
        return None
    low = None if first is plan.visits[0] else shown(first.told[0].t0)
    high = shown(goal.t0) if wish.get("to") is not None or wish.get("thing") else None
    limits = (low or 0.0, high if high is not None else plan.end)
    return Part(low, high, _cuts(plan, limits) if wish.get("direct") else (), first.told[0], goal)


def _between_things(plan: Plan, wish: Mapping[str, Json]) -> Part | None:
    """From where one thing is passed to where another is, or a room is entered."""
    start = next((p for p in plan.things() if p.name == wish.get("fromthing")), None)
    visit = next((v for v in plan.visits if start and v.t0 <= start.t0 <= v.t1), None)
    goal = _goal(plan, wish, visit) if visit else None
    if start is None or visit is None or visit.detour or goal is None or goal.t0 <= start.t0:
        return None
    limits = (shown(start.t0), shown(goal.t0))
    return Part(*limits, _cuts(plan, limits), start, goal)


def _cuts(plan: Plan, limits: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Detours that lie between two times."""
    return tuple(_cut(v) for v in plan.visits if v.detour and v.told and limits[0] < v.t0 and v.t1 < limits[1])


def _cut(visit: Visit) -> tuple[float, float]:
    return round(shown(visit.told[0].t0) - MARGIN, 2), round(shown(visit.told[-1].t1) + MARGIN, 2)


def _visit(plan: Plan, room: int | None, after: int) -> Visit | None:
    return next((v for v in plan.visits[after:] if v.room == room and not v.detour and v.told), None)


def _goal(plan: Plan, wish: Mapping[str, Json], first: Visit) -> Place | None:
    """What tells the end: the thing, the room when it is entered, or the last room."""
    thing, room = cast("str | None", wish.get("thing")), cast("int | None", wish.get("to"))
    if thing is not None:
        return next((p for p in plan.things() if p.name == thing and p.t0 > first.t0), None)
    if room is not None:
        found = _visit(plan, room, plan.visits.index(first) + 1)
        return found.told[0] if found else None
    last = plan.visits[-1]
    return last.told[0] if last.told else None
