"""The plain driver: many rollouts at once, no framework. For training and for measuring.

It runs the same `steps` as the graph; a property test proves that both give the same transcript and reward.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dataclaw.agent import steps
from dataclaw.agent.policy.base import Policy, PolicyInput
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State


def run_batch(rollouts: Sequence[tuple[State, Session]], policy: Policy) -> list[State]:
    """Run every rollout to its end; the policy decides for all that wait in one call.

    Args:
        rollouts: states to start from, each with the session of its stream and task.
        policy: who decides.

    Returns:
        The final states, in order, each with a `stop`.
    """
    states = [state for state, _ in rollouts]
    sessions = [session for _, session in rollouts]
    while acting := [i for i, state in enumerate(states) if state.phase != "done"]:
        decisions = policy.decide([PolicyInput(states[i], sessions[i]) for i in acting])
        for i, decision in zip(acting, decisions, strict=True):
            states[i] = advance(steps.decide(states[i], decision), sessions[i])
    return states


@dataclass
class _Going:
    """A rollout that goes on, with its share of the time so far [s]."""

    state: State
    session: Session
    seconds: float = 0.0


def run_many(
    rollouts: Iterator[tuple[State, Session]], policy_of: Callable[[str], Policy], at_once: int
) -> Iterator[tuple[State, float]]:
    """Run any number of rollouts, so many at a time: as one ends, the next begins, and a policy's batch stays full.

    Args:
        rollouts: states to start from, each with its session; the next is taken when there is room for it.
        policy_of: who decides for a domain.
        at_once: rollouts at a time.

    Yields:
        Each final state as it comes, and its share of the wall-clock time [s].
    """
    going: list[_Going] = []
    while True:
        going += [_Going(*one) for one in islice(rollouts, at_once - len(going))]
        if not going:
            return
        policies = {id(policy): policy for policy in (policy_of(one.state.domain) for one in going)}
        for policy in policies.values():
            start = time.perf_counter()
            own = [one for one in going if policy_of(one.state.domain) is policy]
            decisions = policy.decide([PolicyInput(one.state, one.session) for one in own])
            for one, decision in zip(own, decisions, strict=True):
                one.state = advance(steps.decide(one.state, decision), one.session)
            share = (time.perf_counter() - start) / len(own)
            for one in own:
                one.seconds += share
        yield from ((one.state, one.seconds) for one in going if one.state.phase == "done")
        going = [one for one in going if one.state.phase != "done"]


def advance(state: State, session: Session) -> State:
    """Do what the state waits for (a tool call, a verdict) until the policy has to act again or the rollout ends."""
    while state.phase in ("use_tools", "verify"):
        if state.phase == "use_tools":
            result, seconds = session.use(state)
            state = steps.observe(state, result, seconds)
        else:
            verdict, seconds = session.verify(state)
            state = steps.judge(state, verdict, seconds)
    return state
