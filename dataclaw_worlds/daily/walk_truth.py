"""The truth of a scene of `house`, as its experts read it, and which part of the way a request is about."""

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
class PlaceEvent:
    """The truth about an event: a room or a thing, as the recogniser reports it.

    Attributes:
        id: how it is cited.
        t0: start [s].
        t1: end [s].
        kind: "room" or "thing".
        room: number of the room, -1 for none.
        right: whether that is true.
        name: of the thing, "" for rooms.
        side: "left", "right" or "ahead".
        metres: how far [m].
        text: the recogniser's words.
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
class RoomVisit:
    """A stay in a room [s], and the events that report it."""

    room: int
    t0: float
    t1: float
    detour: bool
    told: tuple[PlaceEvent, ...]


@dataclass(frozen=True, slots=True)
class WalkTruth:
    """A scene's truth."""

    end: float
    names: tuple[str, ...]
    uses: tuple[str, ...]
    visits: tuple[RoomVisit, ...]
    places: tuple[PlaceEvent, ...]

    def things(self) -> list[PlaceEvent]:
        """Reports of things that are there, each where it was nearest, in order of time."""
        best: dict[str, PlaceEvent] = {}
        for place in self.places:
            if (
                place.kind == "thing"
                and place.right
                and (place.name not in best or place.metres < best[place.name].metres)
            ):
                best[place.name] = place
        return sorted(best.values(), key=lambda place: place.t0)


@dataclass(frozen=True, slots=True)
class RoutePart:
    """A part of the way.

    Attributes:
        t0: from this time [s], None from the start.
        t1: up to this time [s], None to the end.
        without: detours left out `(from, to)` [s].
        start: the event where it begins, or None.
        goal: the event where it ends, or None.
    """

    t0: float | None
    t1: float | None
    without: tuple[tuple[float, float], ...]
    start: PlaceEvent | None
    goal: PlaceEvent | None


def walk_truth_of(scene: Scene) -> WalkTruth:
    """Read a scene's facts."""
    facts = scene.facts
    rows = cast("list[dict[str, Any]]", facts["events"])
    places = tuple(PlaceEvent(**row) for row in rows)
    rooms = cast("list[dict[str, Any]]", facts["rooms"])
    visits = tuple(
        RoomVisit(v["room"], v["t0"], v["t1"], v["detour"], tuple(
            p for p in places if p.kind == "room" and p.right and p.room == v["room"]
            and v["t0"] - 0.06 <= p.t0 <= v["t1"]
        ))
        for v in cast("list[dict[str, Any]]", facts["visits"])
    )  # fmt: skip
    return WalkTruth(
        float(facts["end"]), tuple(r["name"] for r in rooms), tuple(r["use"] for r in rooms), visits, places
    )


def as_tools_show(t: float) -> float:
    """A time [s], rounded as tools show it."""
    return float(seconds(t))


def part_of(truth: WalkTruth, meaning: Mapping[str, Json]) -> RoutePart | None:
    """The part of the way that a request means; None where there is none."""
    span = cast("list[float] | None", meaning.get("span"))
    if span is not None:
        rooms = [p for p in truth.places if p.kind == "room" and p.right and p.t0 < span[1] and p.t1 > span[0]]
        ends = (rooms[0], rooms[-1]) if rooms else (None, None)
        return RoutePart(span[0] or None, span[1] if span[1] < truth.end else None, (), *ends)
    if meaning.get("fromthing") is not None:
        return _between_things(truth, meaning)
    start = _visit(truth, cast("int | None", meaning.get("from")), 0)
    first = start if start is not None else truth.visits[0]
    goal = _goal(truth, meaning, first)
    if goal is None or not first.told:
        return None
    low = None if first is truth.visits[0] else as_tools_show(first.told[0].t0)
    high = as_tools_show(goal.t0) if meaning.get("to") is not None or meaning.get("thing") else None
    limits = (low or 0.0, high if high is not None else truth.end)
    return RoutePart(low, high, _cuts(truth, limits) if meaning.get("direct") else (), first.told[0], goal)


def _between_things(truth: WalkTruth, meaning: Mapping[str, Json]) -> RoutePart | None:
    """The part from one thing to another, or to a room."""
    start = next((p for p in truth.things() if p.name == meaning.get("fromthing")), None)
    visit = next((v for v in truth.visits if start and v.t0 <= start.t0 <= v.t1), None)
    goal = _goal(truth, meaning, visit) if visit else None
    if start is None or visit is None or visit.detour or goal is None or goal.t0 <= start.t0:
        return None
    limits = (as_tools_show(start.t0), as_tools_show(goal.t0))
    return RoutePart(*limits, _cuts(truth, limits), start, goal)


def _cuts(truth: WalkTruth, limits: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Detours that lie between two times."""
    return tuple(_cut_span(v) for v in truth.visits if v.detour and v.told and limits[0] < v.t0 and v.t1 < limits[1])


def _cut_span(visit: RoomVisit) -> tuple[float, float]:
    return round(as_tools_show(visit.told[0].t0) - MARGIN, 2), round(as_tools_show(visit.told[-1].t1) + MARGIN, 2)


def _visit(truth: WalkTruth, room: int | None, after: int) -> RoomVisit | None:
    return next((v for v in truth.visits[after:] if v.room == room and not v.detour and v.told), None)


def _goal(truth: WalkTruth, meaning: Mapping[str, Json], first: RoomVisit) -> PlaceEvent | None:
    """The event at the end: the thing, the room where it is entered, or the last room."""
    thing, room = cast("str | None", meaning.get("thing")), cast("int | None", meaning.get("to"))
    if thing is not None:
        return next((p for p in truth.things() if p.name == thing and p.t0 > first.t0), None)
    if room is not None:
        found = _visit(truth, room, truth.visits.index(first) + 1)
        return found.told[0] if found else None
    last = truth.visits[-1]
    return last.told[0] if last.told else None
