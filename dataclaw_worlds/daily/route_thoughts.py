"""The reasoning of a way: what the request names, where that is, which rooms are led through, what is not relied on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.planning import said
from dataclaw.types import Json
from dataclaw.worlds.base import Request
from dataclaw_worlds.daily.forms import clock
from dataclaw_worlds.daily.plan_truth import Part, Place, Plan
from dataclaw_worlds.daily.route_words import Leg

SHORT = 0.8
"""A room told for less long is a mistake of the recogniser [s]."""
MOST = 10
_ENTERED = ("At {at} the {room} is entered.", "The {room} comes at {at}.", "{at}: on into the {room}.",
            "Then the {room}, at {at}.")  # fmt: skip
_DETOUR = ("The {room} from {a} to {b} is a detour; left out.",
           "From {a} to {b} somebody looks into the {room} and comes back: a detour, left out.",
           "The {room} ({a} to {b}) leads nowhere; the way goes on without it.")  # fmt: skip

Thought = tuple[float, int, dict[str, Json]]
"""When, how little it may be missed (0 most), and the thought."""


@dataclass(frozen=True, slots=True)
class Thinker:
    """Thinks about one way."""

    plan: Plan
    part: Part
    ask: Request
    rng: random.Random

    def thoughts(self, legs: Sequence[Leg], told: Sequence[Place]) -> list[Json]:
        """At most ten, in order of time."""
        found = [*self._ends(), *self._rooms(legs), *self._detours(), *self._doubts(told)]
        kept = sorted(sorted(found, key=lambda one: one[1])[:MOST], key=lambda one: one[0])
        return [thought for _, _, thought in kept]

    def _ends(self) -> Iterator[Thought]:
        start, goal = self.part.start, self.part.goal
        if start is not None:
            name = start.name or self.plan.names[start.room]
            yield start.t0, 0, said(self._start(start, name), [start.id])
        if goal is None or goal is start:
            return
        name = goal.name or self.plan.names[goal.room]
        if goal.kind == "thing":
            text = f"{clock(goal.t0)}: the {goal.name} is reached, so the way ends here."
        elif self.ask.meaning.get("to") is not None:
            text = f"The {name} is {self._meant(goal.room)}entered at {clock(goal.t0)}: the way ends at its door."
        else:
            return
        yield goal.t0, 0, said(text, [goal.id])

    def _start(self, start: Place, name: str) -> str:
        at = clock(start.t0)
        if self.ask.meaning.get("span"):
            return f"In the {name} from {at} on, when the time asked for begins."
        if start.kind == "thing":
            return f"The {name} is passed at {at}: from there on."
        if self.ask.meaning.get("from") is not None:
            return f"The {name} is {self._meant(start.room)}entered at {at}: the way begins there."
        return f"The walk begins in the {name}, at {at}."

    def _meant(self, room: int) -> str:
        """What the request calls the room, where that is not its name."""
        if self.plan.uses[room] in self.ask.intent:
            return f"the room {self.plan.uses[room]}; it is "
        return ""

    def _rooms(self, legs: Sequence[Leg]) -> Iterator[Thought]:
        for place in {p.id: p for leg in legs for p in leg.passed if p.kind == "room"}.values():
            if place not in (self.part.start, self.part.goal) or (
                place is self.part.goal and self.ask.meaning.get("to") is None
            ):
                text = self.rng.choice(_ENTERED).format(at=clock(place.t0), room=self.plan.names[place.room])
                yield place.t0, 2, said(text, [place.id])

    def _detours(self) -> Iterator[Thought]:
        for visit in self.plan.visits:
            if visit.detour and any(low <= visit.t0 <= high for low, high in self.part.without):
                text = self.rng.choice(_DETOUR).format(
                    room=self.plan.names[visit.room], a=clock(visit.t0), b=clock(visit.t1)
                )
                yield visit.told[0].t0, 1, said(text, [visit.told[0].id])

    def _doubts(self, told: Sequence[Place]) -> Iterator[Thought]:
        """What the recogniser has wrong on this part of the way."""
        low, high = self.part.t0 or 0.0, self.part.t1 if self.part.t1 is not None else self.plan.end
        cuts = self.part.without
        for place in [p for p in told if not p.right and low < p.t0 < high]:
            if any(a <= place.t0 <= b for a, b in cuts):
                continue
            if place.kind == "room" and place.t1 - place.t0 < SHORT:
                text = f"The {self.plan.names[place.room]} at {clock(place.t0)} is told for a moment only: a mistake."
            elif place.kind == "thing":
                text = f"The {place.name} at {clock(place.t0)} is told with little confidence: not relied on."
            else:
                continue
            yield place.t0, 1, said(text, [place.id])


def question(ask: Request, plan: Plan, part: Part, rng: random.Random) -> str:
    """The question that the way answers."""
    start, goal = (name_of(plan, place) for place in (part.start, part.goal))
    if ask.language == "zh":
        way = f"怎样从 {start} 走到 {goal}?" if start and goal else "这一段路怎么走?"
        return way + rng.choice(["先用文字说明,再给出动作。", "请用文字和动作说明。", "先描述路线,再列出动作。"])
    span = cast("list[float] | None", ask.meaning.get("span"))
    if span:
        inside = f" inside the {start}" if start == goal else f" from the {start} into the {goal}"
        way = f"Which way is walked from {clock(span[0])} to {clock(span[1])}{inside if start and goal else ''}?"
    elif not start or not goal:
        way = "How do I walk this part of the way?"
    elif ask.meaning.get("whole"):
        way = f"Which way was walked from the {start} to the {goal}, detours among it?"
    else:
        asking = rng.choice(["How do I get from the {a} to the {b}{c}?", "What is the way from the {a} to the {b}{c}?",
                             "I am in the {a}. How do I get to the {b}{c}?", "From the {a}, how do I reach the {b}{c}?",
                             "Guide me from the {a} to the {b}{c}."])  # fmt: skip
        if part.start is not None and part.start.kind == "thing":
            asking = asking.replace("I am in the", "I stand by the")
        way = asking.format(a=start, b=goal, c=", without the detours" if part.without else "")
    return f"{way} {rng.choice(_FORM)}"


_FORM = ("Tell me in words, then as actions.", "First in plain words, then as actions.",
         "Say it in words and as a list of actions.", "Give me the words and the actions.",
         "I need directions in words, and the actions for a robot.")  # fmt: skip


def name_of(plan: Plan, place: Place | None) -> str:
    """What a question calls a place; "" for none."""
    return (place.name or plan.names[place.room]) if place else ""
