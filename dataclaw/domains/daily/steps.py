"""Narrations as the steps of a tutorial: repeats once, neighbours together, mere handling of things left out.

Neighbours that handle one thing become one sentence ("Take the onion, peel it and put it down."). Where that still
gives too many steps, taking things up and putting them down is left out, and short neighbours become one step. No word
is invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import CitedNarration, NarratedRecording, ids
from dataclaw.domains.daily.verbs import HANDLING
from dataclaw.domains.daily.wording import Clause, object_of, sentence, with_pronoun
from dataclaw.planning import CITES, join_words, shorten
from dataclaw.types import Anchor

STEPS: Mapping[str, int] = {"coarse": 10, "plain": 24, "fine": 60}
"""Most steps, by how fine they are asked for."""
TOGETHER, APART = 4, 8.0
"""Most things done in one sentence, and the longest pause between them [s]."""
ROUND = 4
"""Longest round of actions that is recognised as repeated [steps]."""
DETAILS = 5
"""Most parts of a step that its sentence names."""
TEXT = 300
"""Longest text of a step [characters]."""
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


def choose(recording: NarratedRecording) -> tuple[list[CitedNarration], dict[str, str]]:
    """The narrations that steps are made from, and why the others are left out (reason by id)."""
    dropped: dict[str, str] = {}
    for one in recording.narrations:
        if recording.intent.refuses(one.text, one.t0, one.t1):
            dropped[one.id] = "not_asked"
        elif not one.relevant:
            dropped[one.id] = "irrelevant"
        elif not any(c.isalpha() for c in one.text) or one.text.strip().lower() in {"other", "unspecified"}:
            dropped[one.id] = "unclear"
    return [one for one in recording.narrations if one.id not in dropped], dropped


def steps_of(
    recording: NarratedRecording, chosen: Sequence[CitedNarration], dropped: dict[str, str]
) -> list[TutorialStep]:
    """The steps; narrations that enter none are added to `dropped` with the reason."""
    most = min(STEPS["fine"], recording.intent.count or STEPS[recording.intent.detail])
    if any(one.level for one in chosen):
        steps = _of_levels(recording, chosen, dropped)
    else:
        main = [one for one in chosen if not is_handling(one.clause)]
        if len(_group_by_object(_once(chosen, {}))) > most and recording.intent.detail != "fine" and len(main) > 1:
            dropped |= {one.id: "minor" for one in chosen if one not in main}
            chosen = main
        runs = _once(chosen, dropped)
        apart = recording.pictures and len(runs) <= most  # each with a picture of its own
        steps = [TutorialStep(run, _order(run[0])) for run in runs] if apart else _group_by_object(runs)
    return _longest(_join_short(steps, most), most, dropped)


def _of_levels(
    recording: NarratedRecording, chosen: Sequence[CitedNarration], dropped: dict[str, str]
) -> list[TutorialStep]:
    """Steps of a table with levels: those of the first level with their parts, or the parts where detail is fine."""
    by_id = {one.id: one for one in chosen}
    tops = [one for one in chosen if one.parent not in by_id]
    parts = {top.id: [one for one in chosen if one.parent == top.id] for top in tops}
    steps: list[TutorialStep] = []
    for top in tops:
        inner = parts[top.id]
        if recording.intent.detail == "coarse" or not inner:
            steps.append(TutorialStep((top,), sentence(top.clause.phrase("order"))))
            dropped |= dict.fromkeys(ids(inner), "detail")
        elif recording.intent.detail == "fine":
            steps += [TutorialStep(run[:CITES], _order(run[0])) for run in _runs(inner)]
            dropped[top.id] = "heading"
        else:
            steps.append(_with_parts(top, inner, dropped))
    known = {one.id for step in steps for one in step.narrations}
    dropped |= {one.id: dropped.get(one.id, "duplicate") for one in chosen if one.id not in known}
    steps.sort(key=lambda step: (step.narrations[0].t0, step.t1))
    return _merge_repeats(steps, dropped)


def _order(one: CitedNarration) -> str:
    return sentence(one.clause.phrase("order"))


def _with_parts(top: CitedNarration, inner: Sequence[CitedNarration], dropped: dict[str, str]) -> TutorialStep:
    """A step with what it consists of, each thing once, as long as there is room."""
    named: dict[frozenset[str], CitedNarration] = {}
    for one in inner:
        named.setdefault(key_of(one), one)
    details = [one for key, one in named.items() if key != key_of(top)][:DETAILS]
    if not details:
        return TutorialStep((top, *inner)[:CITES], _order(top))
    dropped |= {one.id: "detail" for one in inner if one not in details}
    texts = [one.clause.phrase("order") for one in details]
    whole = f"{top.clause.phrase('order')}: {join_words(texts)}"
    return TutorialStep((top, *details), sentence(whole if len(whole) <= TEXT else shorten(whole, TEXT)))


def _runs(narrations: Sequence[CitedNarration]) -> list[tuple[CitedNarration, ...]]:
    """Runs of neighbours that say the same."""
    runs: list[list[CitedNarration]] = []
    for one in narrations:
        if runs and one.clause.phrase("gerund").lower() == runs[-1][-1].clause.phrase("gerund").lower():
            runs[-1].append(one)
        else:
            runs.append([one])
    return [tuple(run) for run in runs]


def _once(narrations: Sequence[CitedNarration], dropped: dict[str, str]) -> list[tuple[CitedNarration, ...]]:
    """Runs of the same thing, and rounds of several things, once each; the rest is dropped as a repeat."""
    kept: list[tuple[CitedNarration, ...]] = []
    for run in _runs(narrations):
        kept.append(run[:2])
        dropped |= dict.fromkeys(ids(run[2:]), "duplicate")
        for length in range(2, ROUND + 1):
            if len(kept) >= 2 * length and _keys(kept[-length:]) == _keys(kept[-2 * length : -length]):
                dropped |= {one.id: "duplicate" for again in kept[-length:] for one in again}
                del kept[-length:]
    return kept


def _keys(runs: Sequence[tuple[CitedNarration, ...]]) -> list[frozenset[str]]:
    return [key_of(run[0]) for run in runs]


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


def _group_by_object(runs: Sequence[tuple[CitedNarration, ...]]) -> list[TutorialStep]:
    """Steps in which neighbours that handle one thing are together."""
    groups: list[list[tuple[CitedNarration, ...]]] = []
    for run in runs:
        last = groups[-1][-1] if groups else None
        near = last is not None and run[0].t0 - last[-1].t1 <= APART and len(groups[-1]) < TOGETHER
        if last is not None and near and _same_thing(last[0].clause, run[0].clause):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [TutorialStep(tuple(one for run in group for one in run), _one_sentence(group)) for group in groups]


def _same_thing(a: Clause, b: Clause) -> bool:
    one, other = object_of(a), object_of(b)
    return one is not None and other is not None and one.name == other.name and a != b


def _one_sentence(group: Sequence[tuple[CitedNarration, ...]]) -> str:
    first, *rest = [run[0].clause for run in group]
    phrases = [first.phrase("order"), *(with_pronoun(c) for c in rest)]
    if len(phrases) == 1:
        return sentence(phrases[0])
    return sentence(join_words(phrases))


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
    return len(a.narrations) + len(b.narrations) <= CITES and len(a.text) + len(b.text) < TEXT


def _longest(steps: Sequence[TutorialStep], most: int, dropped: dict[str, str]) -> list[TutorialStep]:
    """The longest-lasting steps, in order, at most so many; the others are dropped as minor."""
    if len(steps) <= most:
        return list(steps)
    longest = sorted(range(len(steps)), key=lambda k: (-sum(o.t1 - o.t0 for o in steps[k].narrations), k))[:most]
    for k, step in enumerate(steps):
        if k not in longest:
            dropped |= dict.fromkeys(ids(step.narrations), "minor")
    return [steps[k] for k in sorted(longest)]
