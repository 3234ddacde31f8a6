"""Work that goes round: what is done again and again is told once, at the time at which a person needs it.

Who bakes all day kneads six times. Which of the six is told decides what comes before and after it, for steps keep
the order of time. So that occurrence is chosen that leaves the fewest steps before what they need: cutting before
frying, frying before turning, turning before serving. What nothing orders is told where it comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.verbs import base_of
from dataclaw.domains.daily.wording import Clause
from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
_SAME: Mapping[str, str] = _WORDS.tables["same"]
_STAGES: Mapping[str, int] = {
    verb: number for number, text in enumerate(_WORDS.tables["stages"].values()) for verb in str(text).split()
}
"""How late in the work a verb comes: 0 for getting ready, then cutting, adding, mixing, shaping, cooking, tending,
taking out, finishing, putting away."""
WORK, TENDING, TAKING_OUT = 3, 6, 7
NEAR = 2
"""How many actions back a stage is learned from."""
SWEEPS = 4
"""Rounds in which each choice is looked at again."""
TIED = 3
"""How much more an order counts between steps that name the same thing."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What an action comes to, whatever its words.

    Attributes:
        verb: the verb, one for all that mean the same.
        thing: the last word of what it is done to, in the singular.
        places: what it is done in or to.
    """

    verb: str
    thing: str
    places: frozenset[str]

    def is_like(self, other: Sense) -> bool:
        """Whether two come to the same: the same done to the same, and in no other place."""
        near = not self.places or not other.places or bool(self.places & other.places)
        return (self.verb, self.thing) == (other.verb, other.thing) and near


@lru_cache(maxsize=4096)
def sense_of(action: Clause) -> Sense:
    """What an action comes to."""
    words = [w.strip(",").lower() for w in action.rest]
    while words and words[0] in _WORDS.sets["particles"] | {"of"}:
        words.pop(0)
    cut = next((k for k, w in enumerate(words) if w in _WORDS.sets["joints"]), len(words))
    names = [w for w in words[:cut] if w not in SMALL | _WORDS.sets["amounts"] and w != "{own}"]
    particle = next((w for w in action.rest if w in _WORDS.sets["particles"]), "")
    verb = _SAME.get(f"{action.verb} {particle}") or _SAME.get(action.verb, action.verb)
    thing = min(stems(names[-1]), key=len, default="") if names else ""  # an address has no stems
    tool = next((k for k, w in enumerate(words) if k >= cut and w in {"with", "using", "by"}), len(words))
    places = stems(" ".join(words[cut:tool])) - SMALL - _WORDS.sets["joints"] - _WORDS.sets["amounts"]
    return Sense(verb, thing, places)


def stage_of(action: Clause, product: str) -> float | None:
    """How late in the work an action comes; None where its verb says nothing of that.

    Args:
        action: the action.
        product: what is made, in the singular; "" for unknown. What is done with it comes after it is cooked.
    """
    sense, sets = sense_of(action), _WORDS.sets
    if product and sense.thing == product and sense.verb in sets["moving"]:
        return TAKING_OUT + 0.5
    if sense.verb == "remove":
        return TAKING_OUT if sense.places & sets["hot"] else None
    if sense.verb in {"stir", "prepare", "make"}:
        return _STAGES["mix"] if sense.thing in sets["raw"] else None
    return _STAGES.get(sense.verb)


def is_under_way(action: Clause, product: str) -> bool:
    """Whether work that begins with this action has begun before: it tends or takes out what was made earlier."""
    stage, sense = stage_of(action, product), sense_of(action)
    if stage is not None and TENDING <= stage < TAKING_OUT + 2:
        return sense.thing not in _WORDS.sets["raw"]
    made = [base_of(w, first=False) for w in action.rest if w.endswith("ed") or w in _WORDS.sets["going"]]
    return any(_STAGES.get(base) == TENDING - 1 for base in made)


def choose_occurrences(actions: Sequence[Clause], product: str, fullness: Sequence[int]) -> list[list[int]]:
    """Positions of the actions that come to the same, group by group; the occurrence to be told stands first.

    Args:
        actions: what is done, in order of time.
        fullness: how much is told of each; the occurrences of which most is told are chosen from.
        product: what is made, see `stage_of`.
    """
    groups: list[list[int]] = []
    for at, action in enumerate(actions):
        sense = sense_of(action)
        like = next((g for g in groups if all(sense.is_like(sense_of(actions[k])) for k in g[:3])), None)
        if like is None:
            groups.append([at])
        else:
            like.append(at)
    most = [max(fullness[at] for at in group) for group in groups]
    full = [[at for at in group if fullness[at] == best] for group, best in zip(groups, most, strict=True)]
    picked = _order(full, actions, product)
    return [[at, *(k for k in group if k != at)] for group, at in zip(groups, picked, strict=True)]


def _order(groups: Sequence[Sequence[int]], actions: Sequence[Clause], product: str) -> list[int]:
    """The occurrence of each group that leaves the fewest steps in the wrong order."""
    known = [stage_of(action, product) for action in actions]
    heads = [actions[group[0]] for group in groups]
    stages = [known[g[0]] if known[g[0]] is not None else _learn(g, known, actions) for g in groups]
    ahead = [[_weigh(one, other, stages[a], stages[b]) for b, other in enumerate(heads)] for a, one in enumerate(heads)]

    def cost(one: int, at: int, picked: Sequence[int]) -> int:
        return sum(
            ahead[one][other] if there < at else ahead[other][one] for other, there in enumerate(picked) if other != one
        )

    def settle(picked: list[int]) -> list[int]:
        for _ in range(SWEEPS):
            before = list(picked)
            for one, group in enumerate(groups):
                picked[one] = min(group, key=lambda at, one=one: (cost(one, at, picked), at))
            if picked == before:
                break
        return picked

    found = [settle(start) for start in ([group[0] for group in groups], _after_each_other(groups, stages))]
    return min(found, key=lambda picked: sum(cost(one, at, picked) for one, at in enumerate(picked)))


def _weigh(one: Clause, other: Clause, stage: float | None, later: float | None) -> int:
    """How much it counts that one action is done before another; 0 where nothing says so."""
    a, b = sense_of(one), sense_of(other)
    if a.thing == b.thing and a.places & b.places and a.verb in _WORDS.sets["entering"] and a.verb != b.verb:
        return 2 * TIED  # what is done with a thing in a place is done after it came there
    if stage is None or later is None or stage >= later:
        return 0
    return TIED if (stems(" ".join(one.rest)) & stems(" ".join(other.rest))) - SMALL else 1


def _learn(group: Sequence[int], known: Sequence[float | None], actions: Sequence[Clause]) -> float | None:
    """The stage of what is done again and again without saying so: mostly a little later than what is done before."""
    if len(group) < 2:
        return None
    before = [[s for s in known[max(0, at - NEAR) : at] if s is not None] for at in group]
    stages = sorted(near[-1] for near in before if near)
    if not stages:
        return None
    least = WORK if sense_of(actions[group[0]]).thing in _WORDS.sets["raw"] else 0.0
    return max(least, stages[len(stages) // 2]) + 0.1


def _after_each_other(groups: Sequence[Sequence[int]], stages: Sequence[float | None]) -> list[int]:
    """Occurrences taken stage by stage, each after the one before where there is one; the only ones as they are."""
    picked = [group[0] for group in groups]
    now = -1
    for one in sorted((k for k, s in enumerate(stages) if s is not None), key=lambda k: (stages[k] or 0, groups[k][0])):
        if len(groups[one]) > 1:
            now = picked[one] = next((at for at in groups[one] if at > now), groups[one][-1])
    return picked


def things_of(action: Clause) -> frozenset[str]:
    """The things that an action is done to or in, without furniture and dishes, which every work has."""
    sets = _WORDS.sets
    words = stems(" ".join(action.rest)) - SMALL - sets["amounts"] - sets["particles"] - sets["joints"]
    return words - sets["furniture"]


def is_housekeeping(action: Clause) -> bool:
    """Whether an action keeps a place or a person tidy, and makes nothing."""
    sense, tidy = sense_of(action), _WORDS.sets
    if action.verb in tidy["tidying"] or (sense.thing in tidy["devices"] and action.verb in tidy["operating"]):
        return True
    return action.verb in tidy["cleaning"] and sense.thing in tidy["furniture"]
