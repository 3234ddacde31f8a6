"""Whether a hand that has closed holds something: by what moves along, by how far it closed, by effort.

Each sign speaks only where it is recorded; where none does, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dataclaw.tools.carried_objects import carried_object
from dataclaw.tools.grippers import GripperChange
from dataclaw.tools.kinematics import Channel, Numbers, column_channel
from dataclaw.types import Span, Stream

FILLED, SHUT = 0.15, 0.03
"""Share of its range by which a hand that holds something stays open, and below which it is fully closed."""
BRIEF = 0.3
"""A hand that opens again so soon has held nothing [s]."""
GOES = 0.03
"""A hand that goes so far without any of the recorded objects holds none of them [m]."""
RISES = 0.005
"""A hand that goes up so far while it closes withdraws [m]."""
STRONG = 3.0
"""A hand that presses so many times as hard as before it closed holds something."""
_HAND = re.compile(r"gripper|finger|hand|jaw", re.IGNORECASE)
_EFFORT = re.compile(r"effort|current|torque|force", re.IGNORECASE)


def with_holds(
    stream: Stream, changes: Sequence[GripperChange], things: Sequence[Channel], place: Channel | None, second: float
) -> list[GripperChange]:
    """The changes, each closing with whether something is held after it: "yes", "no", "unsure", or "" without a sign.

    Args:
        stream: where efforts are looked up.
        changes: what grippers do, in order of time.
        things: positions of objects.
        place: position of the hand, where it is known.
        second: what a second is on the stream's clock.
    """
    efforts = _efforts(stream)
    found: list[GripperChange] = []
    for at, change in enumerate(changes):
        following = next((c for c in changes[at + 1 :] if c.name == change.name), None)
        if change.opens or not change.finished:
            found.append(change)
            continue
        until = following.t0 if following else float(change.times[-1])
        brief = following is not None and following.opens and until - change.t1 < BRIEF * second
        said = "no" if brief else _by_objects(things, place, change, until)
        said = said or _by_opening(change, until) or _by_effort(efforts, change, until)
        said = said or ("unsure" if place is not None and _withdraws(place, change) else "")
        found.append(replace(change, holds=said))
    return found


def _by_objects(things: Sequence[Channel], place: Channel | None, change: GripperChange, until: float) -> str:
    span = (change.t1, until)
    if carried_object(things, span) is not None:
        return "yes"
    return "no" if things and place is not None and _way(place, span) >= GOES else ""


def _withdraws(place: Channel, change: GripperChange) -> bool:
    """Whether the hand already goes up while it still closes: then it is not known whether it has anything."""
    rows = place.values[(place.times >= (change.t0 + change.t1) / 2) & (place.times <= change.t1 + 1e-6)]
    rows = rows[np.isfinite(rows).all(axis=1)]
    return len(rows) > 1 and float(rows[-1, 2] - rows[:, 2].min()) >= RISES


def _way(place: Channel, span: Span) -> float:
    rows = place.values[(place.times >= span[0]) & (place.times <= span[1])]
    rows = rows[np.isfinite(rows).all(axis=1)]
    return float(np.linalg.norm(rows[-1] - rows[0])) if len(rows) > 1 else 0.0


def _by_opening(change: GripperChange, until: float) -> str:
    """How far it is open at rest, against fully closed and against what was commanded."""
    rest = (change.times >= change.t1 - 1e-6) & (change.times <= until + 1e-6)
    level = float(np.median(change.course[rest]))
    if change.command is not None:
        short = abs(level - float(np.median(change.command[rest]))) / max(float(np.ptp(change.course)), 1e-9)
        if short >= FILLED:
            return "yes"
    if change.closed is None or change.wide is None or change.closed == change.wide:
        return ""
    share = (level - change.closed) / (change.wide - change.closed)
    return "yes" if share >= FILLED else "no" if share <= SHUT and change.surely else ""


def _efforts(stream: Stream) -> list[Channel]:
    """Efforts of hands, by the names of their columns."""
    wanted = [(s, [k for k, n in enumerate(s.columns) if _is_effort(f"{s.name} {n}")]) for s in stream.series.values()]
    return [column_channel(s, columns) for s, columns in wanted if columns]


def _is_effort(name: str) -> bool:
    return bool(_HAND.search(name) and _EFFORT.search(name))


def _by_effort(efforts: Sequence[Channel], change: GripperChange, until: float) -> str:
    for effort in efforts:
        free, loaded = _mean(effort, (change.t0 - 1.0, change.t0)), _mean(effort, (change.t1, until))
        if np.isfinite([free, loaded]).all() and loaded > STRONG * free and loaded > 0:
            return "yes"
    return ""


def _mean(effort: Channel, span: Span) -> float:
    """Mean size of an effort inside a span; NaN without a row."""
    rows: Numbers = np.abs(effort.values[(effort.times >= span[0]) & (effort.times <= span[1])])
    return float(np.nanmean(rows)) if len(rows) and np.isfinite(rows).any() else float("nan")
