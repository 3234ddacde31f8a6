"""What really happened, act by act, from contacts, from what moved, and from what the controller was doing.

Acts, in order, without gap or overlap:
    wait: it stays still. reach: it goes to the thing. hesitate: it goes back and forth before it. touch: the fingers
    close on the thing. miss: they close beside it, and it draws back. lift: the thing comes off what it lay on. move:
    what is to be done with the thing. drop: the thing is lost on the way. release: it is let go of. retreat: the hand
    draws back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

import numpy as np

from dataclaw.types import Json
from dataclaw_worlds.embodied.engine import Numbers
from dataclaw_worlds.embodied.faults import MOVED, EpisodeRow
from dataclaw_worlds.embodied.skills import Skill

ENDS = {"hold": "wait", "rest": "wait", "release": "release", "retreat": "retreat"}
SHORTEST = 2
"""An act of fewer steps belongs to the one before."""
NEAR_CONTACT = 4
"""A touch that flickers is one touch when its gaps are shorter [steps]."""


@dataclass(frozen=True, slots=True)
class EpisodeAct:
    """One act of an episode.

    Attributes:
        kind: what, see above.
        first: first step.
        last: last step.
        attempt: which try it belongs to, from 1.
        moved: how far the thing went in it [m].
        cause: why it stays still: "late", "stall", "pause", "hold", "rest"; else "".
    """

    kind: str
    first: int
    last: int
    attempt: int
    moved: float = 0.0
    cause: str = ""

    def data(self) -> dict[str, Json]:
        """As JSON."""
        return asdict(self)


def acts_in(facts: Mapping[str, Json]) -> list[EpisodeAct]:
    """The acts that the truth of a scene holds."""
    return [EpisodeAct(**act) for act in facts["acts"]]


def acts_of(rows: Sequence[EpisodeRow], skill: Skill) -> list[EpisodeAct]:
    """The acts of an episode."""
    things = np.array([row.measured.thing for row in rows])
    kinds = [""] * len(rows)
    tries = [1] * len(rows)
    number = 1
    for k, row in enumerate(rows):
        if k and rows[k - 1].label in ("miss", "drop") and row.label != rows[k - 1].label:
            number += 1
        tries[k] = number
        kinds[k] = _kind_of(row.label)
    for attempt in range(1, number + 1):
        mine = [k for k in range(len(rows)) if tries[k] == attempt]
        missed = any(rows[k].label == "miss" for k in mine)
        for k, kind in zip(mine, _kinds_of_try(rows, things, mine, skill, missed), strict=True):
            kinds[k] = kinds[k] or kind
    kinds[0] = kinds[1] if len(kinds) > 1 else kinds[0]  # nothing is done in the first row
    return _merge(kinds, tries, rows, things)


def _kind_of(label: str) -> str:
    if label in ("late", "stall", "pause"):
        return "wait"
    return ENDS.get(label, label if label in ("hesitate", "miss", "drop") else "")


def touching(rows: Sequence[EpisodeRow]) -> list[bool]:
    """Whether the hand touches the thing at each step; short gaps are closed."""
    at = [k for k, row in enumerate(rows) if row.measured.touch]
    found = [row.measured.touch for row in rows]
    for a, b in pairwise(at):
        if b - a <= NEAR_CONTACT:
            found[a:b] = [True] * (b - a)
    return found


def _kinds_of_try(
    rows: Sequence[EpisodeRow], things: Numbers, mine: Sequence[int], skill: Skill, missed: bool
) -> list[str]:
    """The kinds of the policy's own steps in one try."""
    begin = _begin(rows, things, mine, skill)
    moving = begin if begin is not None and not missed else None
    closing = _closing(rows, mine, moving if moving is not None else mine[-1] + 1) if skill.style == "grasp" else None
    lifted = _end_of_lift(things, mine, moving) if skill.lifts and moving is not None else None
    found: list[str] = []
    for k in mine:
        if closing is not None and k >= closing and (moving is None or k < moving):
            found.append("miss" if missed else "touch")
        elif moving is None or k < moving:
            found.append("reach")
        else:
            found.append("lift" if lifted is not None and k < lifted else "move")
    return found


def _begin(rows: Sequence[EpisodeRow], things: Numbers, mine: Sequence[int], skill: Skill) -> int | None:
    """The first step of a try at which the thing moves with the hand."""
    rest = things[mine[0]]
    settled = mine[0]
    for k in mine:
        if rows[k].label != "policy" and rows[k].label not in ("slow", "pause"):
            continue
        if not any(rows[j].measured.touch for j in range(max(k - 3, 0), min(k + 2, len(rows)))):
            rest, settled = things[k], k  # what moves without being touched falls or rolls by itself
        elif float(np.linalg.norm(things[k] - rest)) > MOVED and (skill.style == "hook" or _is_held(rows, k)):
            return max(k - 1, settled)
    return None


def _is_held(rows: Sequence[EpisodeRow], k: int) -> bool:
    """Whether the fingers have closed as far as they go."""
    return k > 0 and rows[k].action[3] > 0 and rows[k - 1].measured.opening - rows[k].measured.opening < 0.004


def _closing(rows: Sequence[EpisodeRow], mine: Sequence[int], before: int) -> int | None:
    """The step at which the fingers of a try begin to close and stay closed, on something or on nothing."""
    inside = [k for k in mine if k < before and rows[k].label == "policy"]
    widest = max((rows[k].measured.opening for k in inside), default=0.0)
    at = None
    for k in reversed(inside):
        if rows[k].action[3] <= 0 or rows[k].measured.opening > widest - 0.002:
            break
        at = k
    return at


def _end_of_lift(things: Numbers, mine: Sequence[int], moving: int) -> int | None:
    """The step at which a lifted thing stops moving mostly upwards."""
    inside = [k for k in mine if k >= moving]
    for k in inside[3:]:
        way = things[k] - things[k - 3]
        if float(np.linalg.norm(way)) > MOVED and way[2] < 0.6 * float(np.linalg.norm(way)):
            return k - 2 if things[k][2] - things[moving][2] > 0.02 else None
    return None


def _merge(kinds: Sequence[str], tries: Sequence[int], rows: Sequence[EpisodeRow], things: Numbers) -> list[EpisodeAct]:
    acts: list[EpisodeAct] = []
    for k, kind in enumerate(kinds):
        cause = rows[max(k, 1)].label if kind == "wait" else ""
        last = acts[-1] if acts else None
        if last and (last.kind, last.attempt, last.cause) == (kind, tries[k], cause):
            acts[-1] = replace(last, last=k)
        else:
            acts.append(EpisodeAct(kind, k, k, tries[k], cause=cause))
    kept: list[EpisodeAct] = []
    for act in acts:
        short = act.last - act.first + 1 < SHORTEST and kept
        if short or (kept and (kept[-1].kind, kept[-1].attempt, kept[-1].cause) == (act.kind, act.attempt, act.cause)):
            kept[-1] = replace(kept[-1], last=act.last)
        else:
            kept.append(act)
    return [
        replace(a, moved=round(float(np.linalg.norm(things[a.last] - things[max(a.first - 1, 0)])), 3)) for a in kept
    ]
