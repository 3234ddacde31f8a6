"""Realistic detours for agent traces: a call that fails, a draft that is sent back, and how it goes on from there.

What is wrong is really judged: a wrong call must fail and a wrong draft must be held by the rules, or there is no
detour. In a trace, a turn that failed is context, never a target (see `traces`).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import Literal, cast

from dataclaw.agent.session import Session
from dataclaw.agent.steps import SUBMIT, State, citations
from dataclaw.types import Action, Brief, Json, Observation, Plan

Kind = Literal["bad_call", "bad_draft"]
Spoil = Callable[[dict[str, Json], State, random.Random], "dict[str, Json] | None"]
TRIES = 4


def with_detour(plan: Plan, before: Mapping[int, Action]) -> Plan:
    """The plan, with another action before its n-th ones; the plan does not see what came of them."""

    def run(brief: Brief) -> Generator[Action, Observation, None]:
        inner = plan(brief)
        action = next(inner)
        for number in range(10_000):
            if number in before:
                yield before[number]
            seen = yield action
            try:
                action = inner.send(seen)
            except StopIteration:
                return

    return run


def find_detour(state: State, session: Session, rng: random.Random) -> tuple[Kind, dict[int, Action]] | None:
    """A detour for a finished rollout whose draft was accepted: what is done before which of its actions."""
    actions = [turn.action for turn in state.turns if turn.action]
    for _ in range(TRIES):
        if rng.random() < 0.5:
            at = rng.randrange(len(actions))
            wrong = _bad_call(actions[at], rng)
            if wrong and not isinstance(session.use(replace(state, pending=wrong, phase="use_tools"))[0], str):
                continue
            if wrong:
                return "bad_call", {at: wrong}
        draft = _bad_draft(state, session, rng)
        if draft:
            return "bad_draft", {len(actions) - 1: Action(SUBMIT, {"draft": draft})}
    return None


def _bad_call(action: Action, rng: random.Random) -> Action | None:
    """A call as somebody gets it wrong: an argument that there is not, or a tool's name nearly right."""
    if action.tool == SUBMIT:
        return None
    if rng.random() < 0.5:
        return Action(action.tool, {**action.args, rng.choice(["limit", "query", "start", "max_results"]): 10})
    name = action.tool
    return Action(rng.choice([name.replace("_", ""), f"get_{name}", f"{name}s", name.partition("_")[0]]), action.args)


def _bad_draft(state: State, session: Session, rng: random.Random) -> dict[str, Json] | None:
    """The accepted draft spoilt so that the rules hold it, or None where none of the ways does."""
    good = cast("dict[str, Json]", state.drafts[-1].draft)
    for spoil in rng.sample(SPOILS, len(SPOILS)):
        draft = spoil(copy.deepcopy(good), state, rng)
        if draft is None or draft == good:
            continue
        verdict, _ = session.verify(replace(state, pending=Action(SUBMIT, {"draft": draft}), phase="verify"))
        if not verdict.passed and not verdict.failed:
            return draft
    return None


def _swap(draft: dict[str, Json], state: State, rng: random.Random) -> dict[str, Json] | None:
    """Two neighbours in the wrong order."""
    del state
    lists = [items for items in _lists(draft) if len(items) > 1]
    if not lists:
        return None
    items = rng.choice(lists)
    at = rng.randrange(len(items) - 1)
    items[at], items[at + 1] = items[at + 1], items[at]
    return draft


def _repeat(draft: dict[str, Json], state: State, rng: random.Random) -> dict[str, Json] | None:
    """Something said twice."""
    del state
    lists = [items for items in _lists(draft) if items]
    if not lists:
        return None
    items = rng.choice(lists)
    at = rng.randrange(len(items))
    items.insert(at + 1, copy.deepcopy(items[at]))
    return draft


def _miscite(draft: dict[str, Json], state: State, rng: random.Random) -> dict[str, Json] | None:
    """A statement that cites something else that was seen."""
    places = [cite for cite in _cites(draft) if cite]
    used = {*citations(draft)}
    others = [name for name in state.anchors if name not in used]
    if not places or not others:
        return None
    cite = rng.choice(places)
    cite[rng.randrange(len(cite))] = rng.choice(others)
    return draft


def _forget(draft: dict[str, Json], state: State, rng: random.Random) -> dict[str, Json] | None:
    """A field forgotten."""
    del state
    if len(draft) < 2:
        return None
    del draft[rng.choice(list(draft))]
    return draft


SPOILS: tuple[Spoil, ...] = (_swap, _repeat, _miscite, _forget)


def _lists(value: Json) -> Iterator[list[Json]]:
    """Every list of objects in a draft."""
    if isinstance(value, list):
        items = cast("list[Json]", value)
        if items and isinstance(items[0], dict):
            yield items
        for item in items:
            yield from _lists(item)
    elif isinstance(value, dict):
        for inner in cast("dict[str, Json]", value).values():
            yield from _lists(inner)


def _cites(value: Json) -> Iterator[list[str]]:
    if isinstance(value, list):
        for item in cast("list[Json]", value):
            yield from _cites(item)
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, Json]", value).items():
            if key == "cite" and isinstance(inner, list):
                yield cast("list[str]", inner)
            else:
                yield from _cites(inner)
