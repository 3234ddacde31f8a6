"""How narrators put what happens: terse tables, wearers of cameras, recognised speech, tables of steps."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.forms import gerund_of, terse, third_person_of
from dataclaw_worlds.daily.noise import mishear
from dataclaw_worlds.daily.script import REMARK, STEP, Happening
from dataclaw_worlds.words import words

STYLES = ("terse", "wearer", "spoken", "named", "steps")
"""Verb and noun; "#C C washes ..."; what was said aloud; by name; a table of steps with parts and a goal."""
MISHEARD = {1: 0.05, 2: 0.12, 3: 0.18, 4: 0.22, 5: 0.28}
"""Share of spoken narrations with a word that was misheard, by difficulty."""
_STARTS = words("daily/narrators.toml")


@dataclass(frozen=True, slots=True)
class Narration:
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


def narrate(spec: SceneSpec, style: str, row: Sequence[Happening], people: Sequence[str]) -> list[Narration]:
    """A narration of each happening, in the narrator's style."""
    rng = spec.rng("narrator")
    return [_line(one, style, spec.difficulty, people, rng) for one in row]


def _line(one: Happening, style: str, difficulty: int, people: Sequence[str], rng: random.Random) -> Narration:
    why = bool(one.purpose) and rng.random() < {"spoken": 0.85, "wearer": 0.35, "named": 0.6, "steps": 0.3}.get(
        style, 0.0
    )
    order = f"{one.order} {one.purpose}" if why else one.order
    if style == "spoken":
        return _speak(one, order, why, difficulty, rng)
    if one.role == REMARK:
        text = {"terse": "talk to self", "wearer": "#C C talks to himself", "steps": "talk"}.get(style, "")
        return Narration(text or f"{people[one.person]} says {one.order}", "talk" if style == "terse" else "")
    if style == "terse":
        return Narration(terse(one.order), one.order.split()[0], _noun(one.order))
    if style == "wearer":
        return Narration(f"#C C {third_person_of(order)}", purpose=why)
    if style == "named":
        return Narration(f"{people[one.person]} {third_person_of(order)}", purpose=why)
    return Narration(order if rng.random() < 0.7 else terse(one.order) if not why else order, purpose=why)


def _speak(one: Happening, order: str, why: bool, difficulty: int, rng: random.Random) -> Narration:
    if one.role == REMARK:
        return Narration(one.order)
    start = rng.choice(_STARTS.phrases(one.role if one.role in _STARTS else STEP))
    verb_form = start.replace("{ing}", gerund_of(order)) if "{ing}" in start else start.replace("{}", order)
    if rng.random() < 0.12 * difficulty / 3:
        verb_form = re.sub(r" ", rng.choice([" um ", " er ", " you know "]), verb_form, count=1)
    text, heard = mishear(verb_form, rng) if rng.random() < MISHEARD[difficulty] else (verb_form, None)
    return Narration(text, heard=heard, purpose=why)


def _noun(order: str) -> str:
    found = re.search(
        r"\b(?:the|both|some) ([\w' -]+?)(?= (?:into|in|on|off|out|from|with|under|over|to|at|of)\b|$)", order
    )
    return found[1].replace(" ", ":") if found else ""


def epic_rows(name: str, row: Sequence[Happening], lines: Sequence[Narration]) -> list[dict[str, str]]:
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
