"""Who tells what happens, and how: terse tables, wearers of cameras, speech written by a machine, step tables."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.forms import does, doing, terse
from dataclaw_worlds.daily.noise import misheard
from dataclaw_worlds.daily.script import AGAIN, BREAK, DOUBLE, REMARK, SLIP, Happening

STYLES = ("terse", "wearer", "spoken", "named", "steps")
"""Verb and noun; "#C C washes ..."; what was said aloud; by name; a table of steps with parts and a goal."""
MISHEARD = {1: 0.05, 2: 0.12, 3: 0.18, 4: 0.22, 5: 0.28}
"""Share of spoken narrations with a word that was misheard, by difficulty."""
_STARTS: Mapping[str, Sequence[str]] = {
    "step": ("now I {}", "then I {}", "I {}", "next I {}", "so I {}", "okay I {}", "and I {}", "right now I am {ing}",
             "here I {}", "I am {ing} now", "I just {}", "after that I {}"),
    AGAIN: ("again I {}", "once more I {}", "I {} again", "and I {} one more time"),
    DOUBLE: ("yes I {}", "so I {}", "I {} as I said"),
    SLIP: ("oops I {}", "oh no I {}", "ah I {}"),
    "mend": ("so I {}", "never mind I {}", "okay I {}", "I {} quickly"),
    BREAK: ("wait I {}", "sorry I {}", "hold on I {}", "just a second I {}", "meanwhile I {}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A narration.

    Attributes:
        text: the words.
        verb: verb of the table, "" for none.
        noun: noun of the table, "" for none.
        heard: `(said, meant)` of a word that was misheard, or None.
        purpose: whether its purpose is told.
    """

    text: str
    verb: str = ""
    noun: str = ""
    heard: tuple[str, str] | None = None
    purpose: bool = False


def told(spec: SceneSpec, style: str, row: Sequence[Happening], people: Sequence[str]) -> list[Line]:
    """A narration of each happening, in the narrator's style."""
    rng = spec.rng("narrator")
    return [_line(one, style, spec.difficulty, people, rng) for one in row]


def _line(one: Happening, style: str, difficulty: int, people: Sequence[str], rng: random.Random) -> Line:
    why = bool(one.purpose) and rng.random() < {"spoken": 0.85, "wearer": 0.35, "named": 0.6, "steps": 0.3}.get(
        style, 0.0
    )
    order = f"{one.order} {one.purpose}" if why else one.order
    if style == "spoken":
        return _spoken(one, order, why, difficulty, rng)
    if one.role == REMARK:
        text = {"terse": "talk to self", "wearer": "#C C talks to himself", "steps": "talk"}.get(style, "")
        return Line(text or f"{people[one.person]} says {one.order}", "talk" if style == "terse" else "")
    if style == "terse":
        return Line(terse(one.order), one.order.split()[0], _noun(one.order))
    if style == "wearer":
        return Line(f"#C C {does(order)}", purpose=why)
    if style == "named":
        return Line(f"{people[one.person]} {does(order)}", purpose=why)
    return Line(order if rng.random() < 0.7 else terse(one.order) if not why else order, purpose=why)


def _spoken(one: Happening, order: str, why: bool, difficulty: int, rng: random.Random) -> Line:
    if one.role == REMARK:
        return Line(one.order)
    start = rng.choice(_STARTS.get(one.role, _STARTS["step"]))
    verb_form = start.replace("{ing}", doing(order)) if "{ing}" in start else start.replace("{}", order)
    if rng.random() < 0.12 * difficulty / 3:
        verb_form = re.sub(r" ", rng.choice([" um ", " er ", " you know "]), verb_form, count=1)
    text, heard = misheard(verb_form, rng) if rng.random() < MISHEARD[difficulty] else (verb_form, None)
    return Line(text, heard=heard, purpose=why)


def _noun(order: str) -> str:
    found = re.search(
        r"\b(?:the|both|some) ([\w' -]+?)(?= (?:into|in|on|off|out|from|with|under|over|to|at|of)\b|$)", order
    )
    return found[1].replace(" ", ":") if found else ""


def epic_rows(name: str, row: Sequence[Happening], lines: Sequence[Line]) -> list[dict[str, str]]:
    """The table of EPIC-KITCHENS: a row a narration, in order of start."""
    rows: list[dict[str, str]] = []
    for k, (one, line) in enumerate(zip(row, lines, strict=True)):
        rows.append(
            {
                "narration_id": f"{name}_{k}",
                "participant_id": "P01",
                "video_id": name,
                "narration_timestamp": stamp(one.t0),
                "start_timestamp": stamp(one.t0),
                "stop_timestamp": stamp(one.t1),
                "narration": line.text,
                "verb": line.verb,
                "noun": line.noun,
                "all_nouns": f"['{line.noun}']" if line.noun else "[]",
            }
        )
    return rows


def stamp(seconds: float) -> str:
    """`HH:MM:SS.ss`."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{seconds - whole // 60 * 60:05.2f}"
