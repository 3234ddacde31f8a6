"""How a way is told: a sentence for each turn and what is walked after it, said in other words each time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from dataclaw.planning import CITES, said
from dataclaw.types import Anchor, Json
from dataclaw_worlds.daily.forms import in_a_row
from dataclaw_worlds.daily.plan_truth import Place, Plan

_AHEAD = ("go straight on for {} m", "walk {} m straight ahead", "continue forward for {} m", "move {} m ahead",
          "go {} m forward", "keep straight for {} m")  # fmt: skip
_AHEAD_ZH = ("向前走 {} 米", "直行 {} 米", "往前走 {} 米", "一直走 {} 米")
_BEAR = ("bear {side} by {n} degrees", "turn slightly {side}, {n} degrees", "veer {side} by {n} degrees")
_TURN = ("turn {side} by {n} degrees", "turn {side}, {n} degrees", "make a {side} turn of {n} degrees")
_ROUND = ("turn round to the {side} by {n} degrees", "swing round {side}, {n} degrees")
_TURN_ZH = ("向{side}转 {n} 度", "往{side}转 {n} 度", "转向{side}方 {n} 度")
_INTO = ("into the {}", "entering the {}", "through the doorway into the {}")
_NEXT = ("", "", "Then ", "Next, ", "After that, ", "Now ")
_NEXT_ZH = ("", "", "然后", "接着", "再")
_STOP = ("; stop there", "; there you stop", ", then stop", "; that is where the way ends, so stop")
_STOP_ZH = (",然后停下", ",到这里停下", ",停在这里")
BEAR, ROUND = 30, 150
"""Turns smaller than this are slight, greater than this are turning round [degrees]."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A move with what is passed on it."""

    move: Anchor
    passed: tuple[Place, ...] = ()

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [self.move.id, *(place.id for place in self.passed)]

    @property
    def turns(self) -> bool:
        """Whether it is a turn."""
        return self.move.attrs["unit"] == "deg"


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells a way in English or Chinese."""

    plan: Plan
    chinese: bool
    rng: random.Random

    def words(self, legs: Sequence[Leg], *, shown: bool) -> list[Json]:
        """The way in sentences, in parts that cite at most eight; with a picture at the end where one is shown."""
        parts: list[Json] = []
        sentences = list(_sentences(legs))
        groups: list[list[list[Leg]]] = [[]]
        for one in sentences:
            if sum(len(leg.ids) for some in [*groups[-1], one] for leg in some) > CITES and groups[-1]:
                groups.append([])
            groups[-1].append(one)
        for group in groups:
            last = group is groups[-1]
            texts = [self._sentence(one, first=one is sentences[0], last=one is sentences[-1]) for one in group]
            text = ("" if self.chinese else " ").join(texts) + (" <image_recall>" if shown and last else "")
            parts.append(said(text, [name for one in group for leg in one for name in leg.ids]))
        return parts

    def _sentence(self, legs: Sequence[Leg], *, first: bool, last: bool) -> str:
        if self.chinese:
            lead = "" if first else self.rng.choice(_NEXT_ZH)
            stop = self.rng.choice(_STOP_ZH) if last else ""
            return f"{lead}{','.join(self._leg_zh(leg) for leg in legs)}{stop}。"
        lead = "" if first else self.rng.choice(_NEXT)
        link = " and " if lead else self.rng.choice([" and ", ", then "])
        text = lead + link.join(self._leg(leg) for leg in legs)
        return f"{text[:1].upper()}{text[1:]}{self.rng.choice(_STOP) if last else ''}."

    def _leg(self, leg: Leg) -> str:
        amount = f"{leg.move.attrs['amount']:g}"
        if leg.turns:
            side = "left" if leg.move.attrs["action"] == "TURN_LEFT" else "right"
            degrees = cast("float", leg.move.attrs["amount"])
            forms = _BEAR if degrees < BEAR else _ROUND if degrees > ROUND else _TURN
            return self.rng.choice(forms).format(side=side, n=amount)
        passed = self._passed(leg.passed)
        ahead = self.rng.choice(_AHEAD).format(amount)
        return ", ".join([ahead, *passed])

    def _passed(self, places: Sequence[Place]) -> list[str]:
        """Rooms entered and things passed, neighbours on one side together."""
        found: list[str] = []
        for key, some in groupby(places, key=lambda p: (p.kind, p.side if p.kind == "thing" else p.id)):
            group = list(some)
            names = in_a_row([f"the {p.name}" for p in group])
            if key[0] == "room":
                found.append(self.rng.choice(_INTO).format(self.plan.names[group[0].room]))
            elif key[1] == "ahead":
                found.append(f"towards {names}")
            elif len(group) > 1:
                found.append(f"past {names}, both on your {key[1]}")
            else:
                found.append(self.rng.choice(["past {} on your {}", "with {} on your {}"]).format(names, key[1]))
        return found

    def _leg_zh(self, leg: Leg) -> str:
        amount = f"{leg.move.attrs['amount']:g}"
        if leg.turns:
            side = "左" if leg.move.attrs["action"] == "TURN_LEFT" else "右"
            return self.rng.choice(_TURN_ZH).format(side=side, n=amount)
        return ",".join([self.rng.choice(_AHEAD_ZH).format(amount), *(self._place_zh(p) for p in leg.passed)])

    def _place_zh(self, place: Place) -> str:
        if place.kind == "room":
            return f"进入 {self.plan.names[place.room]}"
        side = {"left": "经过在左边的 ", "right": "经过在右边的 "}.get(place.side, "朝着前面的 ")
        return f"{side}{place.name}"


def _sentences(legs: Sequence[Leg]) -> Iterator[list[Leg]]:
    """Turns together with what is walked after them; no sentence cites more than fits."""
    some: list[Leg] = []
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
