"""The reasoning about a way: where it starts and ends, which rooms it leads through, what is not relied on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.planning import statement
from dataclaw.types import Json
from dataclaw.worlds.base import Request
from dataclaw_worlds.daily.forms import clock
from dataclaw_worlds.daily.route_words import RouteLeg
from dataclaw_worlds.daily.walk_truth import PlaceEvent, RoutePart, WalkTruth
from dataclaw_worlds.words import words

SHORT = 0.8
"""A room that is reported for a shorter time is a mistake of the recogniser [s]."""
MOST = 10
_WORDS = words("daily/route.toml")

Thought = tuple[float, int, dict[str, Json]]
"""Its time [s], its rank (0 is most important), and the thought."""


@dataclass(frozen=True, slots=True)
class RouteThinker:
    """Writes the thoughts about one way."""

    truth: WalkTruth
    part: RoutePart
    request: Request
    rng: random.Random

    def thoughts(self, legs: Sequence[RouteLeg], told: Sequence[PlaceEvent]) -> list[Json]:
        """At most ten thoughts, in order of time."""
        found = [*self._ends(), *self._rooms(legs), *self._detours(), *self._doubts(told)]
        kept = sorted(sorted(found, key=lambda one: one[1])[:MOST], key=lambda one: one[0])
        return [thought for _, _, thought in kept]

    def _ends(self) -> Iterator[Thought]:
        start, goal = self.part.start, self.part.goal
        if start is not None:
            name = start.name or self.truth.names[start.room]
            yield start.t0, 0, statement(self._start(start, name), [start.id])
        if goal is None or goal is start:
            return
        name = goal.name or self.truth.names[goal.room]
        if goal.kind == "thing":
            text = f"{clock(goal.t0)}: the {goal.name} is reached, so the way ends here."
        elif self.request.meaning.get("to") is not None:
            text = f"The {name} is {self._by_use(goal.room)}entered at {clock(goal.t0)}: the way ends at its door."
        else:
            return
        yield goal.t0, 0, statement(text, [goal.id])

    def _start(self, start: PlaceEvent, name: str) -> str:
        at = clock(start.t0)
        if self.request.meaning.get("span"):
            return f"In the {name} from {at} on, when the time asked for begins."
        if start.kind == "thing":
            return f"The {name} is passed at {at}: from there on."
        if self.request.meaning.get("from") is not None:
            return f"The {name} is {self._by_use(start.room)}entered at {at}: the way begins there."
        return f"The walk begins in the {name}, at {at}."

    def _by_use(self, room: int) -> str:
        """The use of the room, where the request names that instead of the room."""
        if self.truth.uses[room] in self.request.intent:
            return f"the room {self.truth.uses[room]}; it is "
        return ""

    def _rooms(self, legs: Sequence[RouteLeg]) -> Iterator[Thought]:
        for place in {p.id: p for leg in legs for p in leg.passed if p.kind == "room"}.values():
            if place not in (self.part.start, self.part.goal) or (
                place is self.part.goal and self.request.meaning.get("to") is None
            ):
                form = self.rng.choice(_WORDS.phrases("entered"))
                text = form.format(at=clock(place.t0), room=self.truth.names[place.room])
                yield place.t0, 2, statement(text, [place.id])

    def _detours(self) -> Iterator[Thought]:
        for visit in self.truth.visits:
            if visit.detour and any(low <= visit.t0 <= high for low, high in self.part.without):
                text = self.rng.choice(_WORDS.phrases("detour")).format(
                    room=self.truth.names[visit.room], a=clock(visit.t0), b=clock(visit.t1)
                )
                yield visit.told[0].t0, 1, statement(text, [visit.told[0].id])

    def _doubts(self, told: Sequence[PlaceEvent]) -> Iterator[Thought]:
        """Mistakes of the recogniser on this part of the way."""
        low, high = self.part.t0 or 0.0, self.part.t1 if self.part.t1 is not None else self.truth.end
        cuts = self.part.without
        for place in [p for p in told if not p.right and low < p.t0 < high]:
            if any(a <= place.t0 <= b for a, b in cuts):
                continue
            if place.kind == "room" and place.t1 - place.t0 < SHORT:
                text = f"The {self.truth.names[place.room]} at {clock(place.t0)} is told for a moment only: a mistake."
            elif place.kind == "thing":
                text = f"The {place.name} at {clock(place.t0)} is told with little confidence: not relied on."
            else:
                continue
            yield place.t0, 1, statement(text, [place.id])


def question(request: Request, truth: WalkTruth, part: RoutePart, rng: random.Random) -> str:
    """The question that the way answers."""
    start, goal = (name_of(truth, place) for place in (part.start, part.goal))
    if request.language == "zh":
        way = f"怎样从 {start} 走到 {goal}?" if start and goal else "这一段路怎么走?"
        return way + rng.choice(_WORDS.phrases("form_zh"))
    span = cast("list[float] | None", request.meaning.get("span"))
    if span:
        inside = f" inside the {start}" if start == goal else f" from the {start} into the {goal}"
        way = f"Which way is walked from {clock(span[0])} to {clock(span[1])}{inside if start and goal else ''}?"
    elif not start or not goal:
        way = "How do I walk this part of the way?"
    elif request.meaning.get("whole"):
        way = f"Which way was walked from the {start} to the {goal}, detours among it?"
    else:
        asking = rng.choice(_WORDS.phrases("asking"))
        if part.start is not None and part.start.kind == "thing":
            asking = asking.replace("I am in the", "I stand by the")
        way = asking.format(a=start, b=goal, c=", without the detours" if part.without else "")
    form = rng.choice(_WORDS.phrases("form"))
    return f"{way} {form}"


def name_of(truth: WalkTruth, place: PlaceEvent | None) -> str:
    """What a question calls a place; "" for none."""
    return (place.name or truth.names[place.room]) if place else ""
