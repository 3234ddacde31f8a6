"""The deterministic policy: follows the plan that the task's domain declares. No model, no network.

A plan is a generator; the planner keeps no state of its own but replays the plan against the transcript, so that a
rollout can be checkpointed, resumed and moved between processes like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import Decision, State, action_text
from dataclaw.errors import PolicyError
from dataclaw.types import Action, Observation


class Planner:
    """Runs plans.

    Plans must be deterministic: an earlier action that comes out differently on replay is an error, not a guess. A plan
    that cannot serve a stream raises `PolicyError` with the reason and the remedy.
    """

    name = "planner"

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """The next action of each scene's plan."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Nothing to let go of."""

    def _decide(self, given: PolicyInput) -> Decision:
        plan = given.session.task.plan
        if plan is None:
            task = given.session.task
            return Decision("", error=f"domain {task.domain} brings no plan for {task.name}; choose a --model.")
        try:
            text = action_text(_replay(given))
        except PolicyError as error:  # a plan's own word that it cannot serve this stream
            return Decision("", error=error.message, remedy=error.remedy)
        except StopIteration:
            return Decision("", error="the plan ended without an accepted draft.")
        except Exception as error:  # noqa: BLE001 - a plan may be a plugin's: it is named, and the run goes on
            task = given.session.task
            return Decision("", error=f"the plan of {task.domain}.{task.name} failed: {type(error).__name__}: {error}")
        return Decision(text, tokens=len(text) // 4)


def _replay(given: PolicyInput) -> Action:
    task = given.session.task
    if task.plan is None:
        raise ValueError("the task has no plan")
    run = task.plan(given.brief())
    action = next(run)
    for taken, seen in _history(given.state):
        if action_text(taken) != action_text(action):
            raise RuntimeError(f"the plan is not deterministic: {taken.tool} was taken, {action.tool} now")
        action = run.send(seen)
    return action


def _history(state: State) -> list[tuple[Action, Observation]]:
    pairs: list[tuple[Action, Observation]] = []
    for turn, answer in zip(state.turns[::2], state.turns[1::2], strict=True):
        if turn.action is None or answer.observation is None:
            raise RuntimeError("the transcript holds an answer that no plan gave")
        pairs.append((turn.action, answer.observation))
    return pairs
