"""Parts of a session that a request may be about: goals, people, names, applications, times and faults."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.types import Json
from dataclaw_worlds.gui.kinds import KINDS
from dataclaw_worlds.gui.meaning import EventSelection, Facts, events_of, goals_of, stretches
from dataclaw_worlds.words import lower_first, words

INTENTS = words("gui/intents.toml")

NTH = ("first", "second", "third")
COUNT = {2: "two", 3: "three"}
LEAST = 3
"""Fewest needed events on either side of a click that divides a goal."""
POINTS = ("open:", "form:", "add", "checkout", "f:", "pick:")
"""A goal may be divided at a click on a key that begins so."""
MARGIN = 0.005
"""How far beyond an event a span reaches that begins or ends with it [s]."""


@dataclass(frozen=True, slots=True)
class PartPhrase:
    """A part of a session, in words that are still to be put together.

    Attributes:
        pattern: which part is meant.
        values: what fills the pattern.
        selection: what it means.
        zh: the same in Chinese, "" where there is none.
    """

    pattern: str
    values: Mapping[str, str]
    selection: EventSelection
    zh: str = ""


@dataclass(frozen=True, slots=True)
class PartContext:
    """What parts are drawn from.

    Attributes:
        facts: the truth of the session.
        rng: what decides.
        clean: whether mistakes and detours stay out unless they are asked for.
    """

    facts: Facts
    rng: random.Random
    clean: bool

    def phrase(self, name: str, kind: str | None = None) -> str:
        """One of several phrases of `intents.toml`."""
        return self.rng.choice(INTENTS.phrases(name, kind))


PartSource: TypeAlias = Callable[[PartContext], Iterator[PartPhrase]]


def draw_part(context: PartContext) -> PartPhrase | None:
    """Draw a part of the session; None where it has none of the kind that was drawn."""
    ways, shares = zip(*((way, share) for way, share in WAYS if not context.clean or way not in UNCLEAN), strict=True)
    found = list(context.rng.choices(ways, shares)[0](context))
    return context.rng.choice(found) if found else None


def _goals(*numbers: int, span: tuple[float, float] | None = None) -> EventSelection:
    return EventSelection(goals=numbers, span=span, clean=True)


def _by_goal(context: PartContext) -> Iterator[PartPhrase]:
    for number, goal in enumerate(goals_of(context.facts)):
        yield PartPhrase(context.phrase("by_goal"), _words(goal), _goals(number), str(goal["zh"]))


def _words(goal: Mapping[str, Json]) -> dict[str, str]:
    title = str(goal["title"])
    return {"gist": str(goal["gist"]), "goal": lower_first(title)}


def _by_rest(context: PartContext) -> Iterator[PartPhrase]:
    """All goals but one, and what was done before or after one."""
    goals = goals_of(context.facts)
    every = range(len(goals))
    runs = [goal for goal, _, _ in stretches(context.facts)]
    apart = len(runs) == len(set(runs))  # no goal is taken up again
    for number, goal in enumerate(goals) if len(goals) > 1 else ():
        rest = tuple(n for n in every if n != number)
        zh = f"除了{goal['zh']}之外其他事情"
        yield PartPhrase(context.phrase("by_rest"), _words(goal), _goals(*rest), zh)
        for name, others in (("after", rest[number:]), ("before", rest[:number])):
            if apart and others:
                yield PartPhrase(context.phrase(name), _words(goal), _goals(*others))


def _by_point(context: PartContext) -> Iterator[PartPhrase]:
    """A goal up to a click, or from a click on."""
    events = events_of(context.facts)
    names = [str(e["name"]) for e in events]
    for number, goal in enumerate(goals_of(context.facts)):
        mine = [e for e in events if e["goal"] == number and e["tag"] == "need"]
        for at, event in enumerate(mine):
            name = str(event["name"])
            if not str(event["key"]).startswith(POINTS) or not name or names.count(name) > 1:
                continue
            values, t0 = {**_words(goal), "name": name}, float(event["t0"])
            if LEAST <= at + 1 < len(mine):
                span = (-1.0, t0 + MARGIN)
                yield PartPhrase(context.phrase("until"), values, _goals(number, span=span))
            if LEAST <= len(mine) - at < len(mine):
                span = (t0 - MARGIN, 1e9)
                yield PartPhrase(context.phrase("since"), values, _goals(number, span=span))


def _by_person(context: PartContext) -> Iterator[PartPhrase]:
    goals = goals_of(context.facts)
    for person in sorted({str(p) for goal in goals for p in goal["people"]}):
        mine = tuple(n for n, goal in enumerate(goals) if person in goal["people"])
        selection = _goals(*mine)
        yield PartPhrase(context.phrase("by_person"), {"person": person}, selection, f"处理跟 {person} 有关的事情")


def _by_name(context: PartContext) -> Iterator[PartPhrase]:
    goals = goals_of(context.facts)
    people = {str(p) for goal in goals for p in goal["people"]}
    for number, goal in enumerate(goals):
        name = str(goal["name"])
        alone = sum(name in str(g["title"]) or name == g["name"] for g in goals) == 1
        if name and name not in people and alone:
            values = {"name": name, "thing": KINDS[str(goal["kind"])].thing}
            yield PartPhrase(context.phrase("by_name"), values, _goals(number))


def _by_order(context: PartContext) -> Iterator[PartPhrase]:
    goals = goals_of(context.facts)
    for number in range(len(goals)) if len(goals) > 1 else ():
        nth = "last" if number == len(goals) - 1 and context.rng.random() < 0.6 else NTH[number]
        values = {"nth": nth, "count": COUNT[len(goals)]}
        yield PartPhrase(context.phrase("by_order"), values, _goals(number))


def _by_app(context: PartContext) -> Iterator[PartPhrase]:
    """The window of an application that a goal needs, faults included unless they are left out."""
    if len(goals_of(context.facts)) > 1:
        for app in dict.fromkeys(str(goal["app"]) for goal in goals_of(context.facts)):
            yield PartPhrase(context.phrase("by_app"), {"window": app}, EventSelection(app=app, clean=context.clean))


def _by_aside(context: PartContext) -> Iterator[PartPhrase]:
    apps = list(dict.fromkeys(str(e["app"]) for e in events_of(context.facts)))
    for app in apps if len(apps) > 1 else ():
        yield PartPhrase(context.phrase("aside"), {"window": app}, EventSelection(aside=app))


def _by_time(context: PartContext) -> Iterator[PartPhrase]:
    ends = [float(e["t0"]) for e in events_of(context.facts)]
    first, last = sorted(context.rng.sample(range(len(ends)), 2))
    a, b = int(ends[first]), int(ends[last]) + 1
    spans = ((a, b), (a, b), (-1.0, b), (a, 1e9))  # of the phrases in their order
    rel, span = context.rng.choice(list(zip(INTENTS.phrases("in_time"), spans, strict=True)))
    yield PartPhrase(rel, {"a": str(a), "b": str(b), "n": str(b)}, EventSelection(span=span))


def _by_fault(context: PartContext) -> Iterator[PartPhrase]:
    """All but one sort of faults."""
    for tag in INTENTS["without"]:
        if any(e["tag"] == tag for e in events_of(context.facts)):
            yield PartPhrase(context.phrase("without", tag), {}, EventSelection(without=(tag,)))


def _whole(context: PartContext) -> Iterator[PartPhrase]:
    yield PartPhrase(context.phrase("whole"), {}, EventSelection())


def _without_faults(context: PartContext) -> Iterator[PartPhrase]:
    yield PartPhrase(context.phrase("cleanly"), {}, EventSelection(clean=True))


UNCLEAN: frozenset[PartSource] = frozenset({_by_aside, _by_time, _by_fault, _whole})
"""Parts that are drawn only where faults may stay."""
WAYS: Sequence[tuple[PartSource, float]] = (
    (_by_goal, 0.28), (_by_point, 0.2), (_by_rest, 0.16), (_by_name, 0.06), (_by_person, 0.08), (_by_order, 0.08),
    (_by_app, 0.05), (_by_fault, 0.08), (_by_time, 0.05), (_by_aside, 0.03), (_whole, 0.03), (_without_faults, 0.05),
)  # fmt: skip
"""The kinds of parts and the share of each."""
