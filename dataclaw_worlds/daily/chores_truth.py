"""The truth of a scene of `chores`, as its experts read it, and which part of it a request is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from dataclaw.types import Json
from dataclaw.worlds.base import Scene
from dataclaw_worlds.daily.forms import object_of
from dataclaw_worlds.daily.script import BREAK, MEND, REMARK, SLIP, STEP, USEFUL

HEADING = "heading"


@dataclass(frozen=True, slots=True)
class TruthRow:
    """The truth about an event; see `script.Happening`.

    Attributes:
        id: how it is cited.
        t0: start [s], as the table has it.
        t1: end [s], as the table has it.
        text: the narration.
        level: 1 for a step, 2 for a part of one, 0 where the table has no levels.
        procedure: number of the procedure, -1 for none.
        part: number of its step, -1 for none.
        role: "step", "again", "double", "slip", "mend", "break", "remark", "heading".
        order: what somebody really does, as an instruction ("wash the leek").
        doing: number of the action in its step.
        purpose: what for, "" unless the narration says it.
        heard: `(said, meant)` of a word that was misheard, or None.
        person: who does it.
        place: where.
    """

    id: str
    t0: float
    t1: float
    text: str
    level: int
    procedure: int
    part: int
    role: str
    order: str
    doing: int
    purpose: str
    heard: tuple[str, str] | None
    person: int
    place: str

    @property
    def middle(self) -> float:
        """Its middle [s]."""
        return (self.t0 + self.t1) / 2

    @property
    def useful(self) -> bool:
        """Whether it serves a procedure."""
        return self.role in USEFUL

    @property
    def disturbs(self) -> bool:
        """Whether it serves nothing: an interruption, a remark."""
        return self.role in {BREAK, REMARK}

    @property
    def wrong(self) -> bool:
        """Whether it is a slip, or corrects one."""
        return self.role in {SLIP, MEND}


@dataclass(frozen=True, slots=True)
class ProcedureFact:
    """A procedure of the scene."""

    goal: str
    short: str
    kind: str
    others: tuple[str, ...]
    person: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoresTruth:
    """A scene's truth."""

    style: str
    goal: str
    end: float
    people: tuple[str, ...]
    procedures: tuple[ProcedureFact, ...]
    rows: tuple[TruthRow, ...]

    def who(self, person: int) -> str:
        """The name of a person in questions."""
        return self.people[person] if person < len(self.people) else "the person"

    def steps(self) -> list[TruthRow]:
        """The steps, without repeats."""
        return [row for row in self.rows if row.role == STEP]


def chores_truth_of(scene: Scene) -> ChoresTruth:
    """Read a scene's facts."""
    facts = scene.facts
    goals = tuple(
        ProcedureFact(p["goal"], p["short"], p["kind"], tuple(p["others"]), p["person"], tuple(p["parts"]))
        for p in cast("list[dict[str, Json]]", facts["procedures"])
    )
    rows = tuple(_row_of(row) for row in cast("list[dict[str, Json]]", facts["rows"]))
    return ChoresTruth(
        str(facts["style"]), str(facts["goal"]), float(facts["end"]), tuple(facts["people"]), goals, rows
    )


def _row_of(fact: Mapping[str, Json]) -> TruthRow:
    heard = cast("list[str] | None", fact["heard"])
    known: dict[str, Any] = {**fact, "heard": (heard[0], heard[1]) if heard else None}
    return TruthRow(**known)


def rows_for(truth: ChoresTruth, meaning: Mapping[str, Json]) -> list[TruthRow]:
    """The events that a request is about, repeats included, in order of time."""
    return [row for row in truth.rows if row.useful and _is_wanted(row, truth, meaning)]


def _is_wanted(row: TruthRow, truth: ChoresTruth, meaning: Mapping[str, Json]) -> bool:
    procedures = cast("list[int] | None", meaning.get("procedures"))
    part, person = cast("list[int] | None", meaning.get("part")), meaning.get("person")
    span = cast("list[float] | None", meaning.get("span"))
    between, ids = cast("list[float] | None", meaning.get("between")), cast("list[str] | None", meaning.get("ids"))
    name = cast("str | None", meaning.get("object"))
    if between is not None and not between[0] <= row.middle <= between[1]:
        return False
    if ids is not None and row.id not in ids:
        return False
    if procedures is not None and row.procedure not in procedures:
        return False
    if part is not None and [row.procedure, row.part] != part:
        return False
    if person is not None and truth.procedures[row.procedure].person != person:
        return False
    if span is not None and not span[0] <= row.middle <= span[1]:
        return False
    return name is None or name in row.order


def things_of(rows: Sequence[TruthRow]) -> list[str]:
    """The things handled, most frequent first: "leek"."""
    names = [object_of(row.order).partition(" ")[2] for row in rows]
    count = {name: sum(name in row.order for row in rows) for name in names if name}
    return sorted(count, key=lambda name: (-count[name], name))
