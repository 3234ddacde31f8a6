"""What a run costs: tokens that a policy reads in its requests, and money where a price is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.agent.policy.base import Policy, PolicyInput
from dataclaw.agent.steps import Decision
from dataclaw.errors import UsageError

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in any currency; what a provider takes less for (cached prompts) is not counted.

    Attributes:
        read: of a million tokens that it reads.
        wrote: of a million tokens that it writes.
    """

    read: float
    wrote: float

    def of(self, read: float, wrote: float) -> float:
        """What so many tokens cost."""
        return (read * self.read + wrote * self.wrote) / MILLION


def price_of(read: float | None, wrote: float | None) -> Price | None:
    """The price that was given, None where none was.

    Raises:
        UsageError: one half of it is missing.
    """
    if read is None and wrote is None:
        return None
    if read is None or wrote is None:
        raise UsageError("half a price.", place="--price-in, --price-out", remedy="Give both, per million tokens.")
    return Price(read, wrote)


class MeteredPolicy:
    """A policy, with a count of what it reads.

    Args:
        policy: who decides.

    Attributes:
        prompt: tokens read in all requests of a rollout, by the rollout's key; 0 where the policy does not say.
    """

    def __init__(self, policy: Policy) -> None:
        self.name = policy.name
        self.prompt: Counter[str] = Counter()
        self._policy = policy

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """As the policy decides."""
        decisions = self._policy.decide(inputs)
        for given, decision in zip(inputs, decisions, strict=True):
            self.prompt[given.state.key] += decision.prompt_tokens
        return decisions

    def close(self) -> None:
        """Let go of the policy."""
        self._policy.close()
