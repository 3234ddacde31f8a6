"""What a thing is taken or opened for: the next action that makes use of it, where it says so.

Taking a knife serves the cutting with it, opening the oil its pouring. What merely comes next to the same thing is no
purpose: nobody takes off a lid in order to shake it.
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.parts import WITH, parts_of
from dataclaw.domains.daily.recording import CitedNarration
from dataclaw.domains.daily.wording import DirectObject, object_of
from dataclaw.words import words_beside

SOON, NEAR = 20.0, 5
"""A use says why when it follows within this time [s], among the next few narrations."""
_SETS = words_beside(__file__).sets
TAKING = _SETS["taking"]
"""Verbs of taking something up."""


def use_of(one: CitedNarration, later: Sequence[CitedNarration]) -> CitedNarration | None:
    """The action that a thing is taken or opened for; None where none of the next few says so.

    Args:
        one: the taking or opening.
        later: what is narrated after it, in order.
    """
    thing = object_of(one.clause)
    verb = one.clause.verb
    if thing is None or verb not in TAKING | {"open"} or "off" in one.clause.rest:
        return None
    name = stems(thing.name) - SMALL
    for other in later[:NEAR]:
        if other.t0 - one.t1 > SOON:
            return None
        if name & stems(" ".join(other.clause.words)):  # the next that is done with it decides
            return other if _serves(verb, thing, other) else None
    return None


def _serves(verb: str, thing: DirectObject, other: CitedNarration) -> bool:
    """Whether an action makes use of a thing that was taken or opened."""
    own, doing = object_of(other.clause), other.clause.verb
    if own is not None and _is_thing(own.name, thing):
        return doing in (_SETS["contents"] if verb == "open" else _SETS["working"])
    parts = parts_of(other)
    if parts is None or not _is_thing(parts.other, thing):
        return False
    if verb == "open":
        return parts.by in {"from", "in", "into"}
    return parts.by in WITH or (parts.by in {"in", "into", "on", "onto"} and doing in _SETS["filling"])


def _is_thing(words: str, thing: DirectObject) -> bool:
    return stems(words) - SMALL == stems(thing.name) - SMALL
