"""What happens, second by second: procedures woven into each other, with waits, slips, repeats and interruptions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.noise import REMARKS, draw_interruption, draw_slip
from dataclaw_worlds.daily.procedures import Procedure, ProcedureAction

STEP, AGAIN, DOUBLE = "step", "again", "double"
SLIP, MEND, BREAK, REMARK = "slip", "mend", "break", "remark"
USEFUL = frozenset({STEP, AGAIN, DOUBLE})
REPEATED = frozenset(
    {
        "stir",
        "wipe",
        "taste",
        "rinse",
        "rub",
        "brush",
        "scrub",
        "spray",
        "shake",
        "wash",
        "press",
        "dry",
        "scrape",
        "check",
    }
)
"""Verbs of actions that may be repeated."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens and has a narration.

    Attributes:
        t0: start [s].
        t1: end [s].
        order: what is done, as an instruction ("wash the leek under the tap"), or what is said.
        role: "step", "again" (done once more), "double" (narrated twice), "slip", "mend" (a slip put right), "break",
            "remark".
        procedure: number of the procedure, -1 for none.
        part: number of its step, -1 for none.
        doing: number of the action in that step, -1 for none.
        purpose: what for, "" for none.
        place: where.
        person: who does it: 0 for the main one.
    """

    t0: float
    t1: float
    order: str
    role: str
    procedure: int = -1
    part: int = -1
    doing: int = -1
    purpose: str = ""
    place: str = "table"
    person: int = 0


@dataclass(frozen=True, slots=True)
class Noise:
    """How many disturbances of each sort a script has."""

    breaks: int
    remarks: int
    slips: int
    again: int
    doubles: int


NOISE = {1: Noise(2, 1, 0, 1, 1), 2: Noise(2, 2, 1, 2, 1), 3: Noise(4, 3, 1, 3, 2), 4: Noise(5, 4, 2, 3, 2),
         5: Noise(6, 5, 3, 4, 3)}  # fmt: skip
"""By difficulty."""


def script_happenings(
    spec: SceneSpec, procedures: Sequence[Procedure], people: int
) -> tuple[list[Happening], list[str]]:
    """What happens, in order of time, and the patterns of what disturbs."""
    rng = spec.rng("script")
    noise = NOISE[spec.difficulty]
    row = list(_weave(procedures, rng, people))
    row = _repeat(row, noise.again, rng)
    patterns: list[str] = []
    for _ in range(noise.slips):
        made, pattern = draw_slip(spec, rng)
        patterns.append(pattern)
        at = rng.randrange(1, len(row))
        beside = row[at - 1]
        wrong = replace(beside, order=made.wrong, role=SLIP, doing=-1, purpose="")
        gap = [wrong, replace(wrong, order=made.right, role=MEND)]
        row[at:at] = gap
    for _ in range(noise.doubles):
        at = rng.choice([k for k, one in enumerate(row) if one.role == STEP])
        row.insert(at + 1, replace(row[at], role=DOUBLE))
    disturbing = [draw_interruption(spec, rng) for _ in range(noise.breaks)]
    patterns += [pattern for _, pattern in disturbing]
    remarks = rng.sample(spec.pool(REMARKS, "remark"), noise.remarks)
    for text, role in [*((t, BREAK) for t, _ in disturbing), *((t, REMARK) for t in remarks)]:
        at = rng.randrange(1, len(row))
        if row[at].role in {MEND, DOUBLE}:
            at += 1
        row.insert(at, Happening(0, 0, text, role, place=row[at - 1].place, person=row[at - 1].person))
    return _set_times(row, rng, spec.difficulty), patterns


def _weave(procedures: Sequence[Procedure], rng: random.Random, people: int) -> Iterator[Happening]:
    """The actions of all procedures; one gives way to another where it waits, and now and then after a step."""
    waiting = [list(_actions(k, p, k % people)) for k, p in enumerate(procedures)]
    now = 0
    while any(waiting):
        if not waiting[now]:
            now = rng.choice([k for k, left in enumerate(waiting) if left])
        one, waits = waiting[now].pop(0)
        yield one
        ends = not waiting[now] or waiting[now][0][0].part != one.part
        if len(procedures) > 1 and (waits or (ends and rng.random() < 0.5) or rng.random() < 0.08):
            now = rng.choice([k for k in range(len(procedures)) if k != now])


def _actions(number: int, procedure: Procedure, person: int) -> Iterator[tuple[Happening, bool]]:
    for p, part in enumerate(procedure.parts):
        for d, done in enumerate(part.actions):
            yield _happening(number, p, d, done, person), done.waits


def _happening(number: int, part: int, doing: int, done: ProcedureAction, person: int) -> Happening:
    return Happening(0, 0, done.text, STEP, number, part, doing, done.purpose, done.place, person)


def _repeat(row: list[Happening], count: int, rng: random.Random) -> list[Happening]:
    """Repeat some actions a little later, before their procedure reaches the step after the next."""
    made = list(row)
    fitting = [one for one in row if one.order.partition(" ")[0] in REPEATED]
    for one in rng.sample(fitting, min(count, len(fitting))):
        at = made.index(one)
        later = [
            k for k in range(at + 2, min(at + 9, len(made) + 1))
            if all(x.procedure != one.procedure or x.part <= one.part + 1 for x in made[at + 1 : k])
        ]  # fmt: skip
        for k in sorted(rng.sample(later, min(len(later), rng.choice([1, 1, 2]))), reverse=True):
            made.insert(k, replace(one, role=AGAIN, purpose=""))
    return made


def _set_times(row: Sequence[Happening], rng: random.Random, difficulty: int) -> list[Happening]:
    """Set the times [s]: actions last some seconds, with pauses; in harder scenes narrations overlap."""
    t = round(rng.uniform(0.5, 2.5), 2)
    timed: list[Happening] = []
    for one in row:
        length = rng.uniform(1.2, 2.6) if one.role in {REMARK, DOUBLE} else rng.uniform(2.0, 6.5)
        start, end = t, t + length
        if difficulty > 2 and rng.random() < 0.15:
            end += rng.uniform(0.3, 1.2)  # runs on into the next
        timed.append(replace(one, t0=round(start, 2), t1=round(end, 2)))
        t = round(t + length + rng.uniform(0.2, 1.4) + (rng.uniform(2, 5) if rng.random() < 0.07 else 0.0), 2)
    return timed
