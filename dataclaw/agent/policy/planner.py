"""The deterministic policy: follows the plan that the task's domain declares. No model, no network.

A plan is a generator. What the planner does next follows from the transcript alone, so that a rollout can be
checkpointed, resumed and moved between processes like any other: it replays the plan against the transcript, or goes on
with the plan of the decision before, where it still has that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from operator import is_

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import SUBMIT, State, Turn, action_text
from dataclaw.choosing import CHOOSE
from dataclaw.errors import PolicyError
from dataclaw.types import Action, Decision, Observation, Plan

AT_HAND = 16
"""Plans under way that are kept at hand."""


class Planner:
    """Runs plans.

    Plans must be deterministic: an earlier action that comes out differently on replay is an error, not a guess. A plan
    that cannot serve a stream raises `PolicyError` with the reason and the remedy.
    """

    name = "planner"

    def __init__(self) -> None:
        self._under_way: OrderedDict[str, PlanRun] = OrderedDict()

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """The next action of each scene's plan."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Let go of the plans under way."""
        self._under_way.clear()

    def _decide(self, given: PolicyInput) -> Decision:
        plan = given.session.task.plan
        if plan is None:
            task = given.session.task
            return Decision("", error=f"domain {task.domain} brings no plan for {task.name}; choose a --model.")
        try:
            text = action_text(self._next(given, plan))
        except PolicyError as error:  # a plan's own word that it cannot serve this stream
            return Decision("", error=error.message, remedy=error.remedy)
        except StopIteration:
            return Decision("", error="the plan ended without an accepted draft.")
        except Exception as error:  # noqa: BLE001 - a plan may be a plugin's: it is named, and the run goes on
            task = given.session.task
            return Decision("", error=f"the plan of {task.domain}.{task.name} failed: {type(error).__name__}: {error}")
        return Decision(text, tokens=len(text) // 4)

    def _next(self, given: PolicyInput, plan: Plan) -> Action:
        run = self._under_way.pop(given.state.key, None)
        if run is None or not run.led_to(given):
            run = PlanRun(given, plan)
        action = run.go_on(given.state)
        if action.tool != SUBMIT:  # the last word, most of the time
            self._under_way[given.state.key] = run
            if len(self._under_way) > AT_HAND:
                self._under_way.popitem(last=False)
        return action


class PlanRun:
    """A plan under way, against the transcript of one rollout.

    Args:
        given: the rollout.
        plan: the plan of its task.
        worded: choices were answered and drafts worded by somebody else, and it hears nothing of those.
    """

    def __init__(self, given: PolicyInput, plan: Plan, *, worded: bool = False) -> None:
        self._of = given
        self._worded = worded
        self._heard: tuple[Turn, ...] = ()
        self._run = plan(given.brief())
        self._action = next(self._run)

    def led_to(self, given: PolicyInput) -> bool:
        """Whether a rollout is this one, and has only gone on since."""
        mine, state = self._of.state, given.state
        same = given.session is self._of.session and state.intent is mine.intent and state.window == mine.window
        before = state.turns[: len(self._heard)]
        return same and len(before) == len(self._heard) and all(map(is_, before, self._heard))

    def go_on(self, state: State) -> Action:
        """What the plan does next, after all that the rollout did.

        Raises:
            PolicyError: the plan's own word that it cannot serve this stream.
            StopIteration: the plan has ended.
            Exception: whatever a plan raises; also where the rollout did something else than the plan.
        """
        for taken, seen in _pairs(state.turns[len(self._heard) :]):
            action = self._action
            own = action_text(taken) == action_text(action)
            if self._worded and taken.tool == action.tool == SUBMIT and not own:
                continue  # what was said to other words the plan need not hear
            if not own and not (self._worded and taken.tool == action.tool == CHOOSE):
                raise RuntimeError(f"the plan is not deterministic: {taken.tool} was taken, {action.tool} now")
            self._action = self._run.send(seen)
        self._heard = state.turns
        return self._action


def next_action(given: PolicyInput, *, worded: bool = False) -> Action:
    """What the task's plan does next, replayed from its beginning; see `PlanRun` for `worded` and what is raised."""
    plan = given.session.task.plan
    if plan is None:
        raise ValueError("the task has no plan")
    return PlanRun(given, plan, worded=worded).go_on(given.state)


def _pairs(turns: Sequence[Turn]) -> list[tuple[Action, Observation]]:
    pairs: list[tuple[Action, Observation]] = []
    for turn, answer in zip(turns[::2], turns[1::2], strict=True):
        if turn.action is None or answer.observation is None:
            raise RuntimeError("the transcript holds an answer that no plan gave")
        pairs.append((turn.action, answer.observation))
    return pairs
