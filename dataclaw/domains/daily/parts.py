"""The parts of an action, and what happens to one thing over a recording: what is done to it, where it ends up.

A thing counts as one where its narrations can be those of one: it is always called the same, and never taken twice
without being put anywhere in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import CitedNarration
from dataclaw.domains.daily.verbs import HANDLING
from dataclaw.domains.daily.wording import DirectObject, object_of

WITH = frozenset({"with", "using"})
_WHERE = frozenset({"in", "into", "on", "onto", "under", "behind", "inside", "to", "over", "from"})
_PUTTING = frozenset({"put", "place", "throw", "set", "hang", "return", "store", "drop", "insert", "lay"})
_TAKING = frozenset({"take", "get", "grab", "pick", "fetch", "remove"})
FEW, MANY = 3, 6
"""Narrations of one thing that make its story."""


@dataclass(frozen=True, slots=True)
class ActionParts:
    """The parts of an action: "put the pot | in | the cupboard".

    Attributes:
        one: its narration.
        thing: the direct object.
        what: the words of the object, with the article.
        by: the preposition.
        other: the other thing, with the article.
    """

    one: CitedNarration
    thing: DirectObject
    what: str
    by: str
    other: str

    @property
    def doing(self) -> str:
        """The verb and its particles: "put down"."""
        action = self.one.clause
        return " ".join((action.verb, *action.words[min(action.verbs) + 1 : self.thing.first]))


def parts_of(one: CitedNarration) -> ActionParts | None:
    """Verb, object, preposition and one other thing of an action; None where it is not so simple."""
    action = one.clause
    thing = object_of(action)
    if thing is None or thing.end >= len(action.words) or not action.is_clear:
        return None
    by, other = action.words[thing.end], action.words[thing.end + 1 :]
    simple = 1 <= len(other) <= 5 and not (set(other) & (WITH | _WHERE | {"and", "of", "for", "up", "down"}))
    named = other[:1] and other[0] in {"the", "a", "an"} and len(other) > 1
    named = named or (bool(one.order) and by in WITH)  # an order leaves out no article: "with water"
    if by not in WITH | _WHERE or not simple or not named:
        return None
    return ActionParts(one, thing, " ".join(action.words[thing.first : thing.end]), by, " ".join(other))


def histories(narrations: Sequence[CitedNarration]) -> Iterator[tuple[CitedNarration, ...]]:
    """What is done to one thing after the other, by thing: all its narrations, a few different ones."""
    for told in _by_thing(narrations).values():
        verbs = [one.clause.verb for one in told]
        several = len(set(verbs)) == len(verbs) and sum(verb not in HANDLING for verb in verbs) >= 2
        if FEW <= len(told) <= MANY and several and all(a.t1 <= b.t0 + 0.5 for a, b in pairwise(told)):
            yield told


def last_places(narrations: Sequence[CitedNarration]) -> Iterator[tuple[CitedNarration, ActionParts]]:
    """Where things end up that are taken and put several times: the first narration of each, and the last."""
    for told in _by_thing(narrations).values():
        moves = [one for one in told if one.clause.verb in _PUTTING | _TAKING]
        turns = [one.clause.verb in _PUTTING for one in moves]
        last = parts_of(told[-1])
        if last is None or len(moves) < FEW or moves[-1] is not told[-1] or not turns[-1]:
            continue
        if all(a != b for a, b in pairwise(turns)) and last.by in _WHERE - {"to", "from", "over"}:
            yield told[0], last


def _by_thing(narrations: Sequence[CitedNarration]) -> Mapping[str, tuple[CitedNarration, ...]]:
    """The narrations of each thing in order, of things that are nothing but the object of what is narrated of them."""
    found: dict[str, list[CitedNarration]] = {}
    names: dict[str, frozenset[str]] = {}
    for one in narrations:
        thing = object_of(one.clause)
        if thing is not None and not thing.several and one.clause.is_clear:
            found.setdefault(thing.name, []).append(one)
            names[thing.name] = stems(thing.name) - SMALL
    words = [stems(" ".join(one.clause.words)) for one in narrations]
    return {
        name: tuple(told)
        for name, told in found.items()
        if names[name] and sum(bool(names[name] & said) for said in words) == len(told)
    }
