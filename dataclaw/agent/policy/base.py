"""What a policy is: whoever decides the next action, for many rollouts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.types import Brief, Decision, Json, Message


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """Something else than the next action that a language model is asked, about the same stream and task.

    Attributes:
        messages: what it is asked.
        schema: JSON Schema of the answer, an object.
        narrow: the same with what is there to choose from, for servers that decode by it; {} for the schema itself.
        usual: what the plan itself would answer; nobody who is asked sees it.
    """

    messages: tuple[Message, ...]
    schema: dict[str, Json]
    narrow: dict[str, Json] = field(default_factory=dict[str, Json])
    usual: str = ""


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """What a policy decides from: the state of one rollout and the session it runs in. Built views are lazy.

    Attributes:
        state: the rollout.
        session: where it runs.
        question: what is asked instead of the next action.
    """

    state: State
    session: Session
    question: ModelQuestion | None = None

    def messages(self) -> list[Message]:
        """The conversation so far, for language models."""
        return list(self.question.messages) if self.question else self.session.messages(self.state)

    def action_schema(self) -> dict[str, Json]:
        """JSON Schema of the answer, for constrained decoding."""
        return self.question.schema if self.question else self.session.action_schema(self.state)

    def brief(self) -> Brief:
        """What a plan is told."""
        return self.session.brief(self.state)


class Policy(Protocol):
    """Decides.

    Attributes:
        name: how it is asked for ("planner", "embedded", "openai:gpt-5", ...); recorded in every sample.
    """

    name: str

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """One decision a scene, in order. Failures are decisions with `error`, never exceptions."""
        ...

    def close(self) -> None:
        """Let go of servers, models and connections."""
        ...
