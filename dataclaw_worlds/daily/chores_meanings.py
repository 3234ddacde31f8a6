"""What requests about household work mean: procedures, steps, things, and actions pointed at by other actions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from dataclaw.types import Json
from dataclaw_worlds.daily.chores_truth import ChoresTruth, TruthRow, things_of
from dataclaw_worlds.daily.forms import gerund_of
from dataclaw_worlds.daily.requests import Meant
from dataclaw_worlds.daily.script import AGAIN, STEP

USED = re.compile(r"^(?P<doing>.+?) with (?P<what>(?:the|both|two|a|some|fresh|hot|warm|cold) .+|\w+)$")
WHERE = re.compile(
    r"^(?P<verb>\w+ (?:out |up )?)(?P<what>(?:the|some|both) [\w' -]+?) "
    r"(?P<where>(?:into|onto|in|on|under|over|from|off|out of|to|beside|around|near) .+)$"
)
"""Actions that say what they are done with, and where."""

Find: TypeAlias = Callable[[ChoresTruth, random.Random], Meant | None]
"""Draws something that a request may be about; None where a scene has no such thing."""


def find_meaning(meaning: str, truth: ChoresTruth, rng: random.Random) -> Meant | None:
    """A request of that meaning in this scene; None where nothing fits."""
    if meaning == "topic":
        meaning = rng.choice(["goal", "object"])
    maker = MAKERS.get(meaning)
    return maker(truth, rng) if maker else ({}, {})


def _by_sort(kind: str) -> Find:
    def find(truth: ChoresTruth, rng: random.Random) -> Meant | None:
        del rng
        wanted: list[Json] = [k for k, g in enumerate(truth.procedures) if (g.kind == "cooking") == (kind == "cooking")]
        return ({"procedures": wanted}, {}) if wanted else None

    return find


def _by_goal(kind: str) -> Find:
    """One procedure by its name, by another word for it, or as opposed to another."""

    def find(truth: ChoresTruth, rng: random.Random) -> Meant | None:
        k = rng.randrange(len(truth.procedures))
        goal, others = truth.procedures[k], [g for n, g in enumerate(truth.procedures) if n != k]
        words = {
            "short": goal.short, "topic": goal.short, "goal": goal.goal, "doing": gerund_of(goal.goal),
            "other": rng.choice(goal.others),
        }  # fmt: skip
        if kind == "not":
            if len(others) != 1:
                return None
            words |= {"not": others[0].short, "notdoing": gerund_of(others[0].goal)}
        return {"procedures": [k]}, words

    return find


def _person(truth: ChoresTruth, rng: random.Random) -> Meant | None:
    if len(truth.people) < 2:
        return None
    person = rng.randrange(2)
    return {"person": person}, {"person": truth.people[person]}


def _part(truth: ChoresTruth, rng: random.Random) -> Meant | None:
    k = rng.randrange(len(truth.procedures))
    part = rng.randrange(len(truth.procedures[k].parts))
    return {"part": [k, part]}, {"part": truth.procedures[k].parts[part]}


def _object(truth: ChoresTruth, rng: random.Random) -> Meant | None:
    names = [name for name in things_of(truth.steps()) if sum(name in r.order for r in truth.steps()) > 2][:5]
    name = rng.choice(names) if names else ""
    return ({"object": name}, {"object": name, "topic": name}) if name else None


def _once(truth: ChoresTruth) -> list[TruthRow]:
    """Actions with a single narration, in order of time."""
    return [row for row in truth.steps() if sum(r.order == row.order for r in truth.rows) == 1]


def _stretch(truth: ChoresTruth, rng: random.Random) -> Meant | None:
    """Everything from one action to another, both included."""
    rows = _once(truth)
    if len(rows) < 6:
        return None
    at = rng.randrange(len(rows) - 4)
    to = rng.randrange(at + 4, min(len(rows), at + 14))
    return {"between": [rows[at].t0, rows[to].t1]}, {
        "from": gerund_of(rows[at].order),
        "until": gerund_of(rows[to].order),
    }


def _open_ended(*, from_on: bool) -> Find:
    """One procedure from one of its actions to its end, or from its start to one of them."""

    def find(truth: ChoresTruth, rng: random.Random) -> Meant | None:
        k = rng.randrange(len(truth.procedures))
        rows = [row for row in _once(truth) if row.procedure == k]
        if len(rows) < 7:
            return None
        row = rows[rng.randrange(2, len(rows) - 3) if from_on else rng.randrange(3, len(rows) - 2)]
        between = [row.t0, truth.end] if from_on else [0.0, row.t1]
        words = {"short": truth.procedures[k].short, "goal": truth.procedures[k].goal}
        words["from" if from_on else "until"] = gerund_of(row.order)
        return {"procedures": [k], "between": between}, words

    return find


def _about(kind: str) -> Find:
    """One question about one action."""

    def find(truth: ChoresTruth, rng: random.Random) -> Meant | None:
        rows = truth.steps() if kind == "count" else _once(truth)
        again = {row.order for row in truth.rows if row.role == AGAIN}
        fitting = [row for row in rows if (row.order in again if kind == "count" else _has(kind, row))]
        if not fitting:
            return None
        row = rng.choice(fitting)
        words = {"row": row.order, "rowdoing": gerund_of(row.order)}
        for pattern in (USED, WHERE):
            if match := pattern.match(row.order):
                bare = match["doing"] if pattern is USED else f"{match['verb']}{match['what']}"
                words |= {("used" if pattern is USED else "put"): bare}
        return {"about": [row.id], "most": 1, "kinds": [kind]}, words

    return find


def _has(kind: str, row: TruthRow) -> bool:
    pattern = {"object": USED, "place": WHERE}.get(kind)
    return pattern is None or pattern.match(row.order) is not None


def _between(truth: ChoresTruth, rng: random.Random) -> Meant | None:
    """The action between two others."""
    rows = [row for row in truth.rows if row.role == STEP]
    places = [k for k in range(1, len(rows) - 1) if all(r in _once(truth) for r in rows[k - 1 : k + 2])]
    if not places:
        return None
    k = rng.choice(places)
    words = {"from": gerund_of(rows[k - 1].order), "until": gerund_of(rows[k + 1].order)}
    return {"about": [rows[k].id], "most": 1, "kinds": ["between"]}, words


def _order_of(count: int) -> Find:
    """The order of some actions; the intent names the last one first."""

    def find(truth: ChoresTruth, rng: random.Random) -> Meant | None:
        rows = _once(truth)
        if len(rows) < 2 * count:
            return None
        some = sorted(rng.sample(rows, count), key=lambda row: row.t0)
        ids: list[Json] = [row.id for row in some]
        kinds: list[Json] = ["first"] if count == 2 else ["order"]
        turned = [some[-1], *some[:-1]]
        words = {name: gerund_of(row.order) for name, row in zip(("x", "y", "z"), turned, strict=False)}
        return {"ids": ids, "most": 1, "kinds": kinds}, words

    return find


MAKERS: Mapping[str, Find] = {
    "cooking": _by_sort("cooking"), "chore": _by_sort("chore"), "goal": _by_goal("goal"), "other": _by_goal("other"),
    "not": _by_goal("not"), "person": _person, "part": _part, "object": _object, "stretch": _stretch,
    "fromon": _open_ended(from_on=True), "upto": _open_ended(from_on=False),
    "why1": _about("why"), "with1": _about("object"), "where1": _about("place"),
    "next1": _about("next"), "count1": _about("count"), "between1": _between, "when1": _about("localise"),
    "state1": _about("state_change"), "first2": _order_of(2), "order3": _order_of(3),
}  # fmt: skip
WEIGHTS: Mapping[str, float] = {
    "all": 0.6, "fuzzy": 1.0,
    "cooking": 0.5, "chore": 0.5, "span": 0.5, "goal": 0.8, "object": 1.2, "part": 1.5, "person": 2.0,
    "not": 2.0, "other": 2.0, "stretch": 3.0, "fromon": 3.0, "upto": 3.0, "why1": 1.5, "with1": 1.5, "where1": 1.5,
    "next1": 2.5, "count1": 1.5, "between1": 3.0, "when1": 1.5, "state1": 1.5, "first2": 2.5, "order3": 2.5,
    "topic": 0.8,
}  # fmt: skip
"""How readily a meaning is drawn; indirect ones, which point at actions by others or by other words, come first."""
