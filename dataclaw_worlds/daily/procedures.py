"""Procedures of the household as a grammar: goals, steps, actions and their purposes, with slots for things.

`recipes.txt` and `household.txt` hold them in a small language. A procedure begins with
`= goal | short name | kind | other words for it`. Each `-` line is a step: its name, `::`, and its actions, divided
by `;`. An action may end in `> purpose`, in `@place` and in `~wait`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.words import words

_SLOT = re.compile(r"\{(\w+)\}")
WAIT = "~wait"
SLOTS = words("daily/vocabulary.toml").table("slots")
"""Options of each slot."""
FILES = ("recipes.txt", "household.txt")


@dataclass(frozen=True, slots=True)
class ProcedureAction:
    """One action.

    Attributes:
        text: an instruction: "cut the leek with the knife".
        purpose: what for, a clause to put behind it ("so that it cooks evenly"), "" for none.
        place: where ("sink", "stove", "table", ...).
        waits: whether nothing is to be done meanwhile.
    """

    text: str
    purpose: str = ""
    place: str = "table"
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ProcedurePart:
    """A step: its name, an instruction, and its actions."""

    name: str
    actions: tuple[ProcedureAction, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure with its steps.

    Attributes:
        id: its goal with the slots open; the name of the source.
        goal: an instruction: "make leek soup".
        short: what an intent calls it: "soup".
        kind: "cooking", "laundry", "cleaning", ...
        others: other words for it: "meal", "lunch".
        parts: its steps.
        things: what fills its slots, by slot.
    """

    id: str
    goal: str
    short: str
    kind: str
    others: tuple[str, ...]
    parts: tuple[ProcedurePart, ...]
    things: tuple[tuple[str, str], ...] = ()


@cache
def grammar() -> tuple[Procedure, ...]:
    """All procedures, with their slots open."""
    text = "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in FILES)
    blocks = re.split(r"(?m)^= ", text)
    return tuple(_procedure(block) for block in blocks if block.strip())


def _procedure(block: str) -> Procedure:
    head, *lines = [line for line in block.strip().splitlines() if line.strip()]
    goal, short, kind, others = (field.strip() for field in head.split("|"))
    parts = tuple(_part(line.removeprefix("- ")) for line in lines)
    return Procedure(goal, goal, short, kind, tuple(word.strip() for word in others.split(",")), parts)


def _part(line: str) -> ProcedurePart:
    name, _, doings = line.partition("::")
    return ProcedurePart(name.strip(), tuple(_action(text.strip()) for text in doings.split(";")))


def _action(text: str) -> ProcedureAction:
    waits = text.endswith(WAIT)
    text = text.removesuffix(WAIT).strip()
    text, _, place = text.partition(" @")
    text, _, purpose = text.partition(" > ")
    return ProcedureAction(text.strip(), purpose.strip(), place.strip() or "table", waits)


def draw_procedures(spec: SceneSpec, count: int, rng: random.Random) -> list[Procedure]:
    """Different procedures of the spec's split with things in their slots; no two are of one kind."""
    pool = spec.pool([p.id for p in grammar()], "procedure")
    known = {p.id: p for p in grammar()}
    found: list[Procedure] = []
    for name in rng.sample(pool, len(pool)):
        fresh = known[name]
        if len(found) == count:
            break
        if all(fresh.kind != other.kind and not set(fresh.others) & set(other.others) for other in found):
            found.append(fresh)
    taken: set[str] = set()
    return [fill_slots(spec, procedure, rng, taken) for procedure in found]


def fill_slots(spec: SceneSpec, procedure: Procedure, rng: random.Random, taken: set[str]) -> Procedure:
    """The procedure with things in its slots: none that is in `taken`, as far as possible. Adds them to `taken`."""
    text = " ".join(
        [procedure.id, *(d.text for p in procedure.parts for d in p.actions), *(p.name for p in procedure.parts)]
    )
    things: dict[str, str] = {}
    for slot in dict.fromkeys(_SLOT.findall(text)):
        options = [word for word in spec.pool(SLOTS[slot], f"object:{slot}") if word not in taken]
        things[slot] = rng.choice(options or spec.pool(SLOTS[slot], f"object:{slot}"))
        taken.add(things[slot])

    def put(said: str) -> str:
        return _SLOT.sub(lambda match: things[match[1]], said)

    parts = tuple(
        ProcedurePart(put(part.name), tuple(replace(d, text=put(d.text)) for d in part.actions))
        for part in procedure.parts
    )
    return replace(procedure, goal=put(procedure.goal), parts=parts, things=tuple(sorted(things.items())))


def sources_of(procedures: Sequence[Procedure]) -> dict[str, list[str]]:
    """What a scene is made of, by kind."""
    things = sorted(f"{slot}:{word}" for p in procedures for slot, word in p.things)
    return {"procedure": [p.id for p in procedures], "object": things}
