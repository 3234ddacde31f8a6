"""What is looked at before a model is asked: what the task's own plan looks at before it chooses or writes anything."""

from __future__ import annotations

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import next_action
from dataclaw.agent.steps import SUBMIT, action_text
from dataclaw.choosing import CHOOSE
from dataclaw.errors import PolicyError
from dataclaw.models.image_tokens import text_tokens
from dataclaw.types import Action, Decision

LOOKED = 6000
"""Tokens of results after which no more is looked at first."""
CALLS = 12
"""Calls after which no more is looked at first."""


def first_look(given: PolicyInput) -> Decision | None:
    """The next call of the first look; None once the model is to be asked."""
    state = given.state
    if any(turn.origin != "opening" for turn in state.turns if turn.role == "policy"):
        return None
    told = sum(text_tokens(turn.text) for turn in state.turns if turn.role == "result")
    if len(state.turns) >= 2 * CALLS or told >= LOOKED:
        return None
    action = _plan_look(given) if given.session.task.plan else _without_plan(given)
    return Decision(action_text(action), opening=True) if action else None


def _plan_look(given: PolicyInput) -> Action | None:
    try:
        action = next_action(given)
    except PolicyError:  # the plan cannot serve this stream; a model may
        return None
    except StopIteration:
        return None
    except Exception:  # noqa: BLE001 - a plan may be a plugin's, and it is only asked where to look
        return None
    return action if action.tool not in {SUBMIT, CHOOSE} else None


def _without_plan(given: PolicyInput) -> Action | None:
    known = [tool for tool in ("overview", "list_events") if tool in given.session.task.tools]
    done = {turn.action.tool for turn in given.state.turns if turn.action}
    return next((Action(tool, {}) for tool in known if tool not in done), None)
