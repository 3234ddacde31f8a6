"""The deterministic policy: follows the plan that the task's domain declares. No model, no network.

A plan is a generator; the planner keeps no state of its own but replays the plan against the transcript, so that a
rollout can be checkpointed, resumed and moved between processes like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import SUBMIT, State, action_text
from dataclaw.choosing import CHOOSE
from dataclaw.errors import PolicyError
from dataclaw.types import Action, Decision, Observation


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
            text = action_text(next_action(given))
        except PolicyError as error:  # a plan's own word that it cannot serve this stream
            return Decision("", error=error.message, remedy=error.remedy)
        except StopIteration:
            return Decision("", error="the plan ended without an accepted draft.")
        except Exception as error:  # noqa: BLE001 - a plan may be a plugin's: it is named, and the run goes on
            task = given.session.task
            return Decision("", error=f"the plan of {task.domain}.{task.name} failed: {type(error).__name__}: {error}")
        return Decision(text, tokens=len(text) // 4)


def next_action(given: PolicyInput, *, worded: bool = False) -> Action:
    """What the task's plan does next, after all that the rollout did.

    Args:
        given: the rollout.
        worded: choices were answered and drafts worded by somebody else, and it hears nothing of those.

    Raises:
        PolicyError: the plan's own word that it cannot serve this stream.
        StopIteration: the plan has ended.
        Exception: whatever a plan raises; also where the rollout did something else than the plan.
    """
    task = given.session.task
    if task.plan is None:
        raise ValueError("the task has no plan")
    run = task.plan(given.brief())
    action = next(run)
    for taken, seen in _history(given.state):
        own = action_text(taken) == action_text(action)
        if worded and taken.tool == action.tool == SUBMIT and not own:
            continue  # what was said to other words the plan need not hear
        if not own and not (worded and taken.tool == action.tool == CHOOSE):
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
