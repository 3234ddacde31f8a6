"""A model that is not asked: its very conversations are put and counted, and the task's plan answers in its place.

What a run takes is known before it runs, without a key: `dataclaw run --dry-run`. A model that goes its own way takes
more or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.conversation import conversation
from dataclaw.agent.policy.forms import AnswerForms
from dataclaw.agent.policy.opening import first_look
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.steps import SUBMIT, action_text
from dataclaw.choosing import CHOOSE
from dataclaw.config import ModelOptions
from dataclaw.models.image_tokens import text_tokens
from dataclaw.types import Action, Decision, Usage


class Rehearsal:
    """Counts what a model would read, and answers as the task's plan would.

    Args:
        name: the model, as it would be asked for.
        options: how it would be asked.
    """

    def __init__(self, name: str, options: ModelOptions) -> None:
        self.name = name
        self._forms = AnswerForms(name, options)
        self._plans: dict[str, list[Action]] = {}
        self._before: dict[str, int] = {}
        self._known: dict[str, int] = {}

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """What the plan would do next, with what a model would have read to get there."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Nothing to let go of."""

    def _decide(self, given: PolicyInput) -> Decision:
        if given.question is None and (look := first_look(given)):
            return look
        talk = conversation(given, self._forms.talk_options())
        text, calls = (given.question.usual, ()) if given.question else ("", self._next(given))
        form, key = self._forms.tokens(given), f"{given.state.key}/{given.state.attempt}/{given.question is not None}"
        task = f"{given.session.task.domain}.{given.session.task.name}/{given.question is not None}"
        kept = self._known.get(task, 0) if given.question else self._before.get(key, self._known.get(task, 0))
        self._known[task] = form + talk.instructions
        self._before[key] = form + talk.tokens
        wrote = text_tokens(text) + sum(text_tokens(action_text(call)) for call in calls)
        usage = Usage(1, form + talk.tokens, kept, wrote, talk.images)
        if not text and not calls:
            return Decision("", error="the task's plan has no draft for this stream; a model may.", usage=usage)
        return Decision(text, wrote, usage.read, calls=calls, usage=usage)

    def _next(self, given: PolicyInput) -> tuple[Action, ...]:
        """What the plan does next up to a draft: all of it where a model may name several calls, else the first."""
        key, state = f"{given.state.key}/{given.state.attempt}", given.state
        if key not in self._plans:
            (end,) = run_batch([(replace(state, best_of=1, attempt=0), given.session)], Planner())
            taken = [turn.action for turn in end.turns[len(state.turns) :: 2] if turn.action]
            self._plans[key] = [action for action in taken if action.tool != CHOOSE]
        left = self._plans[key]
        looks = next((at for at, action in enumerate(left) if action.tool == SUBMIT), 0)
        count = max(1, looks) if self._forms.now == "tools" else 1
        self._plans[key] = left[count:]
        return tuple(left[:count])
