"""The plain driver: many rollouts at once, no framework. For training and for measuring.

It runs the same `steps` as the graph; a property test proves that both give the same transcript and reward.
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.agent import steps
from dataclaw.agent.policy.base import Policy, Scene
from dataclaw.agent.steps import State
from dataclaw.agent.workshop import Workshop


def run_batch(rollouts: Sequence[tuple[State, Workshop]], policy: Policy) -> list[State]:
    """Run every rollout to its end; the policy decides for all that wait in one call.

    Args:
        rollouts: states to start from, each with the workshop of its stream and task.
        policy: who decides.

    Returns:
        The final states, in order, each with a `stop`.
    """
    states = [state for state, _ in rollouts]
    shops = [shop for _, shop in rollouts]
    while acting := [i for i, state in enumerate(states) if state.phase != "done"]:
        decisions = policy.decide([Scene(states[i], shops[i]) for i in acting])
        for i, decision in zip(acting, decisions, strict=True):
            states[i] = advance(steps.decide(states[i], decision), shops[i])
    return states


def advance(state: State, shop: Workshop) -> State:
    """Do what the state waits for (a tool call, a verdict) until the policy has to act again or the rollout ends."""
    while state.phase in ("use_tools", "verify"):
        if state.phase == "use_tools":
            result, seconds = shop.use(state)
            state = steps.observe(state, result, seconds)
        else:
            verdict, seconds = shop.verify(state)
            state = steps.judge(state, verdict, seconds)
    return state
