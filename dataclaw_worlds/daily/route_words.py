"""Directions: a sentence for each turn and the walk after it, in varied words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from dataclaw.planning import CITES, statement
from dataclaw.types import Anchor, Json
from dataclaw_worlds.daily.walk_truth import PlaceEvent, WalkTruth
from dataclaw_worlds.words import enumeration, upper_first, words

_WORDS = words("daily/route.toml")
BEAR, ROUND = 30, 150
"""Turns smaller than this are slight, greater than this are turning round [degrees]."""


@dataclass(frozen=True, slots=True)
class RouteLeg:
    """A move with what is passed on it."""

    move: Anchor
    passed: tuple[PlaceEvent, ...] = ()

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [self.move.id, *(place.id for place in self.passed)]

    @property
    def turns(self) -> bool:
        """Whether it is a turn."""
        return self.move.attrs["unit"] == "deg"


@dataclass(frozen=True, slots=True)
class RouteWriter:
    """Writes directions in English or Chinese."""

    truth: WalkTruth
    chinese: bool
    rng: random.Random

    def words(self, legs: Sequence[RouteLeg], *, shown: bool) -> list[Json]:
        """The way in sentences, in parts that cite at most eight; with a picture at the end where one is shown."""
        parts: list[Json] = []
        sentences = list(_sentences(legs))
        groups: list[list[list[RouteLeg]]] = [[]]
        for one in sentences:
            if sum(len(leg.ids) for some in [*groups[-1], one] for leg in some) > CITES and groups[-1]:
                groups.append([])
            groups[-1].append(one)
        for group in groups:
            last = group is groups[-1]
            texts = [self._sentence(one, first=one is sentences[0], last=one is sentences[-1]) for one in group]
            text = ("" if self.chinese else " ").join(texts) + (" <image_recall>" if shown and last else "")
            parts.append(statement(text, [name for one in group for leg in one for name in leg.ids]))
        return parts

    def _draw(self, key: str) -> str:
        return self.rng.choice(_WORDS.phrases(key))

    def _sentence(self, legs: Sequence[RouteLeg], *, first: bool, last: bool) -> str:
        if self.chinese:
            lead = "" if first else self._draw("next_zh")
            stop = self._draw("stop_zh") if last else ""
            return f"{lead}{','.join(self._leg_zh(leg) for leg in legs)}{stop}。"
        lead = "" if first else self._draw("next")
        link = " and " if lead else self.rng.choice([" and ", ", then "])
        text = lead + link.join(self._leg(leg) for leg in legs)
        return f"{upper_first(text)}{self._draw('stop') if last else ''}."

    def _leg(self, leg: RouteLeg) -> str:
        amount = f"{leg.move.attrs['amount']:g}"
        if leg.turns:
            side = "left" if leg.move.attrs["action"] == "TURN_LEFT" else "right"
            degrees = cast("float", leg.move.attrs["amount"])
            key = "bear" if degrees < BEAR else "round" if degrees > ROUND else "turn"
            return self._draw(key).format(side=side, n=amount)
        passed = self._name_places(leg.passed)
        ahead = self._draw("ahead").format(amount)
        return ", ".join([ahead, *passed])

    def _name_places(self, places: Sequence[PlaceEvent]) -> list[str]:
        """Rooms entered and things passed, neighbours on one side together."""
        found: list[str] = []
        for key, some in groupby(places, key=lambda p: (p.kind, p.side if p.kind == "thing" else p.id)):
            group = list(some)
            names = enumeration([f"the {p.name}" for p in group])
            if key[0] == "room":
                found.append(self._draw("into").format(self.truth.names[group[0].room]))
            elif key[1] == "ahead":
                found.append(f"towards {names}")
            elif len(group) > 1:
                found.append(f"past {names}, both on your {key[1]}")
            else:
                found.append(self.rng.choice(["past {} on your {}", "with {} on your {}"]).format(names, key[1]))
        return found

    def _leg_zh(self, leg: RouteLeg) -> str:
        amount = f"{leg.move.attrs['amount']:g}"
        if leg.turns:
            side = "左" if leg.move.attrs["action"] == "TURN_LEFT" else "右"
            return self._draw("turn_zh").format(side=side, n=amount)
        return ",".join([self._draw("ahead_zh").format(amount), *(self._place_zh(p) for p in leg.passed)])

    def _place_zh(self, place: PlaceEvent) -> str:
        if place.kind == "room":
            return f"进入 {self.truth.names[place.room]}"
        side = {"left": "经过在左边的 ", "right": "经过在右边的 "}.get(place.side, "朝着前面的 ")
        return f"{side}{place.name}"


def _sentences(legs: Sequence[RouteLeg]) -> Iterator[list[RouteLeg]]:
    """Turns together with the walk after them; no sentence cites more than is allowed."""
    some: list[RouteLeg] = []
    for leg in legs:
        if some and sum(len(one.ids) for one in some) + len(leg.ids) > CITES:
            yield some
            some = []
        some.append(leg)
        if not leg.turns:
            yield some
            some = []
    if some:
        yield some
