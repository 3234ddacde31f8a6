"""Narrations as the steps of a tutorial: repeats once, neighbours together, housekeeping and mere handling left out.

What comes to the same is told once, where a person needs it (see `working_order`). Neighbours that handle one thing
become one sentence ("Take the onion, peel it and put it down."). Where that still gives too many steps, taking things
up and putting them down is left out, and short neighbours become one step. No word is invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import CitedNarration, NarratedRecording, ids
from dataclaw.domains.daily.sounds import is_sound
from dataclaw.domains.daily.verbs import HANDLING
from dataclaw.domains.daily.wording import Clause, clause, object_of, sentence, with_pronoun
from dataclaw.domains.daily.working_order import Sense, choose_occurrences, is_housekeeping, sense_of, things_of
from dataclaw.planning import CITES, join_words
from dataclaw.types import Anchor
from dataclaw.words import words_beside

STEPS: Mapping[str, int] = {"coarse": 8, "plain": 16, "fine": 60}
"""Most steps, by how fine they are asked for."""
TOGETHER, APART = 4, 8.0
"""Most things done in one sentence, and the longest pause between them [s]."""
ENOUGH = 4
"""An occurrence with so many parts less one is as full an account as any."""
MANY = 3
"""Parts of a step from which on it can be one more round of other steps."""
DETAILS = 5
"""Most parts of a step that its sentence names."""
SHORT = 12
"""A recording without a goal that has so few narrations is one work."""
LEAST, FAIR = 3, 0.33
"""The work of a longer one has so many actions that do more than handle things, and this share of all of them."""
JOINED = 3
"""Most sentences of steps that are joined."""
TEXT, LONGEST = 300, 370
"""Longest text of a step that rules make, and of any [characters]."""
MAKING = frozenset({"make", "prepare", "cook", "do", "create", "work"})
"""Verbs of steps that name the goal again."""
_WORDS = words_beside(__file__)
VAGUE = _WORDS.sets["vague"]
"""What goals name when they name nothing."""
_PLACED = frozenset({"in", "into", "on", "onto", "to"})


@dataclass(frozen=True, slots=True)
class TutorialStep:
    """One step of a tutorial.

    Attributes:
        narrations: what it is made of, in order.
        text: what to do.
        frame: a frame inside it, or None.
    """

    narrations: tuple[CitedNarration, ...]
    text: str
    frame: Anchor | None = None

    @property
    def t0(self) -> float:
        """Start [s]."""
        return min(one.t0 for one in self.narrations)

    @property
    def t1(self) -> float:
        """End [s]."""
        return max(one.t1 for one in self.narrations)


def words_as_told(narrations: Sequence[CitedNarration]) -> str:
    """One sentence of several narrations, with what each is done for; a thing named twice in a row is "it" then."""
    texts: list[str] = []
    before = ""
    for one in narrations:
        thing = object_of(one.clause)
        name = thing.name if thing else ""
        text = with_pronoun(one.clause) if name and name == before else one.clause.phrase("order")
        texts.append(
            f"{text} {one.purpose}" if one.purpose and not one.clause.phrase("bare").endswith(one.purpose) else text
        )
        before = name
    return sentence(join_words(texts))


def group_steps(told: Sequence[CitedNarration], starts: Set[str]) -> list[TutorialStep]:
    """Narrations in order as steps, a new one wherever it is said to start, or one would get too long."""
    groups: list[list[CitedNarration]] = []
    for one in told:
        last = groups[-1] if groups else []
        if not last or one.id in starts or len(last) == CITES - 1 or len(words_as_told([*last, one])) > LONGEST:
            groups.append([one])
        else:
            last.append(one)
    return [TutorialStep(tuple(group), words_as_told(group)) for group in groups]


def choose(recording: NarratedRecording) -> tuple[list[CitedNarration], dict[str, str]]:
    """The narrations that steps are made from, and why the others are left out (reason by id)."""
    dropped: dict[str, str] = {}
    verbs = sum(one.clause.has_verb for one in recording.narrations)
    for one in recording.narrations:
        if why := recording.dropped.get(one.id):
            dropped[one.id] = why
        elif not one.relevant:
            dropped[one.id] = "irrelevant"
        elif not says_something(one) or (2 * verbs > len(recording.narrations) and not one.clause.is_clear):
            dropped[one.id] = "unclear"
    left = [one for one in recording.narrations if one.id not in dropped]
    dropped |= dict.fromkeys(_housekeeping(recording, left), "housekeeping")
    left = [one for one in left if one.id not in dropped]
    narrowed = recording.goal is not None or recording.intent.topics or recording.intent.has_span
    if not narrowed and verbs and not any(one.level for one in left):
        dropped |= dict.fromkeys(_other_work(left), "other_work")
    return [one for one in left if one.id not in dropped], dropped


def _other_work(narrations: Sequence[CitedNarration]) -> list[str]:
    """Ids of what has no thing in common with the work that most of a recording without a goal is about.

    All of them where no such work makes up a fair share of it.
    """
    if all(is_handling(one.clause) for one in narrations):
        return ids(narrations)
    if len(narrations) <= SHORT:
        return []
    links = [things_of(one.clause) for one in narrations]
    works: list[tuple[frozenset[str], frozenset[Sense]]] = []
    for one, things in zip(narrations, links, strict=True):
        done = frozenset([] if is_handling(one.clause) else [sense_of(one.clause)])
        near = [work for work in works if work[0] & things]
        works = [work for work in works if work not in near]
        works.append((things.union(*(work[0] for work in near)), done.union(*(work[1] for work in near))))
    main, senses = max(works, key=lambda work: len(work[1]))
    making = any(sense.verb not in HANDLING for sense in senses)
    if not making or len(senses) < LEAST or len(senses) < FAIR * sum(len(work[1]) for work in works):
        return ids(narrations)
    return [one.id for one, things in zip(narrations, links, strict=True) if not things & main]


def says_something(one: CitedNarration) -> bool:
    """Whether a narration has words that name something done."""
    told = any(c.isalpha() for c in one.text) and one.text.strip().lower() not in {"other", "unspecified"}
    return told and not is_sound(one)


def _housekeeping(recording: NarratedRecording, narrations: Sequence[CitedNarration]) -> set[str]:
    """Ids of narrations that keep the place tidy, with their parts; none where that is what the recording is about."""
    found = {one.id for one in narrations if is_housekeeping(one.clause)}
    goal = clause(recording.goal.content) if recording.goal else None
    if 2 * len(found) > len(narrations) or (goal is not None and is_housekeeping(goal)):
        return set()
    return found | {one.id for one in narrations if one.parent in found}


def product_of(recording: NarratedRecording) -> str:
    """What the goal says is made, in the singular; "" where it names nothing."""
    if recording.goal is None:
        return ""
    thing = sense_of(clause(recording.goal.content, articles=False)).thing
    return "" if thing in VAGUE else thing


def steps_of(
    recording: NarratedRecording, chosen: Sequence[CitedNarration], dropped: dict[str, str]
) -> list[TutorialStep]:
    """The steps; narrations that enter none are added to `dropped` with the reason."""
    most = min(STEPS["fine"], recording.intent.count or STEPS[recording.intent.detail])
    levels = any(one.level for one in chosen)
    steps = _of_levels(recording, chosen, dropped) if levels else [TutorialStep((one,), _order(one)) for one in chosen]
    if recording.intent.detail == "fine":
        steps = _merge_repeats(steps, dropped)
    else:
        steps = _word_details(_tell_once(steps, product_of(recording), dropped), dropped)
        steps = _without_handling(steps, most, dropped)
    if not levels:
        apart = recording.pictures and len(steps) <= most  # each with a picture of its own
        steps = steps if apart else _group_by_object(steps)
    return _longest(_join_short(steps, most), most, dropped)


def _of_levels(
    recording: NarratedRecording, chosen: Sequence[CitedNarration], dropped: dict[str, str]
) -> list[TutorialStep]:
    """Steps of a table with levels: those of the first level with their parts.

    The parts stand alone where detail is fine, and where the step around them only names the goal ("make the bread").
    """
    by_id = {one.id: one for one in chosen}
    tops = [one for one in chosen if one.parent not in by_id]
    product = product_of(recording)
    alone = all(sense_of(top.clause).is_like(sense_of(tops[0].clause)) for top in tops)  # its parts are the steps
    steps: list[TutorialStep] = []
    for top in tops:
        inner = [one for one in chosen if one.parent == top.id]
        if not inner and _only_names(top, product):
            dropped[top.id] = "heading"
        elif recording.intent.detail == "coarse" or not inner:
            steps.append(TutorialStep((top,), _order(top)))
            dropped |= dict.fromkeys(ids(inner), "detail")
        elif recording.intent.detail == "fine" or alone or _only_names(top, product):
            steps += [TutorialStep((one,), _order(one)) for one in inner]
            dropped[top.id] = "heading"
        else:
            steps.append(_with_parts(top, inner, dropped))
    return sorted(steps, key=lambda step: (step.narrations[0].t0, step.t1))


def _only_names(top: CitedNarration, product: str) -> bool:
    """Whether a step says no more than that something is made."""
    return top.clause.verb in MAKING and sense_of(top.clause).thing in VAGUE | {product}


def _order(one: CitedNarration) -> str:
    return sentence(one.clause.phrase("order"))


def _with_parts(top: CitedNarration, inner: Sequence[CitedNarration], dropped: dict[str, str]) -> TutorialStep:
    """A step with what it consists of, each thing once, as long as there is room."""
    details: list[CitedNarration] = []
    for one in inner:
        known = [top, *details]
        if not is_handling(one.clause) and not any(sense_of(one.clause).is_like(sense_of(k.clause)) for k in known):
            details.append(one)
    dropped |= {one.id: "detail" for one in inner if one not in details}
    return TutorialStep((top, *details), _order(top))


def _word_details(steps: Sequence[TutorialStep], dropped: dict[str, str]) -> list[TutorialStep]:
    """Steps that say what they consist of, as long as there is room, and nothing that another step says."""
    told = [sense_of(step.narrations[0].clause) for step in steps]
    worded: list[TutorialStep] = []
    for step in steps:
        top, *details = step.narrations
        fresh = [one for one in details if not any(sense_of(one.clause).is_like(sense) for sense in told)]
        if len(details) >= MANY and 2 * len(fresh) < len(details):  # one more round of what other steps tell
            dropped |= dict.fromkeys(ids(step.narrations), "duplicate")
            continue
        fresh = fresh[:DETAILS]
        while fresh and len(_with_details(top, fresh)) > TEXT:
            fresh.pop()
        fresh = fresh if len(fresh) > 1 else []  # one detail alone is no account of a step
        told += [sense_of(one.clause) for one in fresh]
        dropped |= {one.id: "detail" for one in details if one not in fresh}
        worded.append(TutorialStep((top, *fresh), _with_details(top, fresh)))
    return worded


def _with_details(top: CitedNarration, details: Sequence[CitedNarration]) -> str:
    texts = [one.clause.phrase("order") for one in details]
    return sentence(f"{top.clause.phrase('order')}: {join_words(texts)}" if texts else top.clause.phrase("order"))


def _tell_once(steps: Sequence[TutorialStep], product: str, dropped: dict[str, str]) -> list[TutorialStep]:
    """Steps that come to the same once, each at the time at which it is needed; the others are dropped as repeats."""
    kept: list[TutorialStep] = []
    actions, fullness = [step.narrations[0].clause for step in steps], [min(len(s.narrations), ENOUGH) for s in steps]
    for first, *again in choose_occurrences(actions, product, fullness):
        kept.append(steps[first])
        dropped |= {one.id: "duplicate" for at in again for one in steps[at].narrations}
    return sorted(kept, key=lambda step: (step.narrations[0].t0, step.t1))


def _without_handling(steps: Sequence[TutorialStep], most: int, dropped: dict[str, str]) -> list[TutorialStep]:
    """The steps without those that only take things up or put them down, where there would be too many otherwise."""
    main = [step for step in steps if not is_handling(step.narrations[0].clause) and not step.narrations[0].optional]
    if len(_group_by_object(steps)) <= most or len(main) < 2:
        return list(steps)
    dropped |= {one.id: "minor" for step in steps if step not in main for one in step.narrations}
    return main


def key_of(one: CitedNarration) -> frozenset[str]:
    """Stems by which two narrations count as the same action."""
    return stems(one.clause.phrase("order")) - SMALL


def _merge_repeats(steps: Sequence[TutorialStep], dropped: dict[str, str]) -> list[TutorialStep]:
    """Neighbouring steps with the same text are one."""
    merged: list[TutorialStep] = []
    for step in steps:
        if merged and merged[-1].text.lower() == step.text.lower():
            before = merged[-1]
            narrations = (*before.narrations, *step.narrations)
            dropped |= dict.fromkeys(ids(narrations[CITES:]), "duplicate")
            merged[-1] = replace(before, narrations=narrations[:CITES])
        else:
            merged.append(step)
    return merged


def _group_by_object(steps: Sequence[TutorialStep]) -> list[TutorialStep]:
    """Steps of one narration each, with neighbours that handle one thing together."""
    groups: list[list[TutorialStep]] = []
    for step in steps:
        last = groups[-1][-1] if groups else None
        near = last is not None and step.t0 - last.t1 <= APART and len(groups[-1]) < TOGETHER
        if last is not None and near and _same_thing(last.narrations[0].clause, step.narrations[0].clause):
            groups[-1].append(step)
        else:
            groups.append([step])
    return [
        TutorialStep(
            tuple(one for step in group for one in step.narrations)[:CITES],
            words_as_told([step.narrations[0] for step in group]),
        )
        for group in groups
    ]


def _same_thing(a: Clause, b: Clause) -> bool:
    one, other = object_of(a), object_of(b)
    return one is not None and other is not None and one.name == other.name and a != b


def is_handling(action: Clause) -> bool:
    """Whether something is only taken up, put away, opened or closed."""
    if action.verb not in HANDLING:
        return False
    return action.verb not in {"put", "place"} or not _PLACED & set(action.rest)


def _join_short(steps: Sequence[TutorialStep], most: int) -> list[TutorialStep]:
    """Join short neighbours until there are at most so many steps, where they fit."""
    made = list(steps)
    while len(made) > most:
        fitting = [at for at, (a, b) in enumerate(pairwise(made)) if _fits(a, b)]
        if not fitting:
            break
        at = min(fitting, key=lambda k: made[k + 1].t1 - made[k].t0)
        one, other = made[at], made[at + 1]
        made[at : at + 2] = [TutorialStep((*one.narrations, *other.narrations), _together(one.text, other.text))]
    return made


def _together(text: str, more: str) -> str:
    """Two texts as one; a sentence that both have stands there once."""
    known = {said.lower() for said in _sentences(text)}
    return " ".join([text, *(said for said in _sentences(more) if said.lower() not in known)])


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) ", text)


def _fits(a: TutorialStep, b: TutorialStep) -> bool:
    if len(a.narrations) + len(b.narrations) > CITES:
        return False
    return len(_sentences(a.text)) + len(_sentences(b.text)) <= JOINED and len(a.text) + len(b.text) < TEXT


def _longest(steps: Sequence[TutorialStep], most: int, dropped: dict[str, str]) -> list[TutorialStep]:
    """The longest-lasting steps, in order, at most so many; the others are dropped as minor."""
    if len(steps) <= most:
        return list(steps)
    longest = sorted(range(len(steps)), key=lambda k: (-sum(o.t1 - o.t0 for o in steps[k].narrations), k))[:most]
    for k, step in enumerate(steps):
        if k not in longest:
            dropped |= dict.fromkeys(ids(step.narrations), "minor")
    return [steps[k] for k in sorted(longest)]
