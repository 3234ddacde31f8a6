"""Rollouts for learning: the agent's own steps, tools and rules, many at once, with every token that was sampled.

A rollout is one sequence of tokens: the prompt, what the model sampled (learnt), and what tools and rules answered (not
learnt). The ids are those that were sampled; nothing is tokenised a second time. Where a transcript does not go on from
what the model had said, the conversation forks: another sequence, counted. Images stand in it with their pixels. What
comes behind the last answer is cut off: no token of it is learnt.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.hf import Hf
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.models.conversation import Conversation
from dataclaw.train.prompts import Prompt
from dataclaw.train.tokens import TrainingExample


@dataclass(frozen=True, slots=True)
class Rollout:
    """One run of the agent.

    Attributes:
        name: the prompt's name, the step and the rollout's number in its group.
        prompt: what it began with.
        state: its end.
        talks: its token sequences: one, or more where the conversation forked.
    """

    name: str
    prompt: Prompt
    state: State
    talks: tuple[Conversation, ...]

    @property
    def sampled_tokens(self) -> int:
        """Tokens that the model sampled."""
        return sum(sum(talk.sampled) for talk in self.talks)


@dataclass(frozen=True, slots=True)
class Batch:
    """The rollouts of a step.

    Attributes:
        groups: rollouts by prompt.
        seconds: wall-clock time [s].
        read: what the decoder counted: tokens "prefilled" and "sampled", and why answers ended.
        forks: conversations that forked.
        pictures: what became of the frames that tools showed to a model that sees.
    """

    groups: list[list[Rollout]]
    seconds: float
    read: Counter[str]
    forks: int
    pictures: Counter[str] = field(default_factory=Counter[str])

    @property
    def rollouts(self) -> list[Rollout]:
        """All of them."""
        return [rollout for group in self.groups for rollout in group]


def roll(prompts: Sequence[Prompt], policy: Hf, group: int, *, step: int) -> Batch:
    """Run every prompt `group` times, all at once.

    What is sampled depends on the policy's seed, the step, the prompt and the rollout's number alone.

    Args:
        prompts: what to begin with; one that stands there twice makes two groups.
        policy: who decides; its conversations are forgotten first, since its weights may have changed.
        group: rollouts a prompt.
        step: of the run.
    """
    start, before, forks, seen = time.perf_counter(), Counter(policy.read), policy.forks, Counter(policy.pictures)
    policy.forget()
    names = [[f"{prompt.name}~{step}.{at}.{n}" for n in range(group)] for at, prompt in enumerate(prompts)]
    begun: list[tuple[State, Session]] = [
        (replace(prompt.state, key=name, best_of=1), prompt.session)
        for prompt, group_names in zip(prompts, names, strict=True)
        for name in group_names
    ]
    ends = {state.key: state for state in run_batch(begun, policy)}
    groups = [
        [Rollout(name, prompt, ends[name], tuple(policy.talks.get(f"{name}/0", ()))) for name in group_names]
        for prompt, group_names in zip(prompts, names, strict=True)
    ]
    seconds = time.perf_counter() - start
    return Batch(groups, seconds, policy.read - before, policy.forks - forks, policy.pictures - seen)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A token sequence to learn from.

    Attributes:
        example: its tokens, and which of them were sampled.
        logprobs: log-probability of every sampled token when it was drawn, (N,).
        advantage: of its rollout.
        masks: what a grammar allowed at every sampled token, (N, bytes) as `numpy.packbits` orders bits; None without.
    """

    example: TrainingExample
    logprobs: NDArray[np.float32]
    advantage: float
    masks: NDArray[np.uint8] | None = None


def trajectories(rollout: Rollout, advantage: float) -> list[Trajectory]:
    """The token sequences of a rollout in which something was sampled."""
    found: list[Trajectory] = []
    for number, talk in enumerate(rollout.talks):
        end = talk.turns[-1].end if talk.turns else 0
        learn = np.array(talk.sampled[:end], np.bool_)
        if not learn.any():
            continue
        name = rollout.name if number == 0 else f"{rollout.name}+{number}"
        ids = np.array(talk.ids[:end], np.int32)
        images = tuple(image for image in talk.images if image.start < end)
        example = TrainingExample(name, rollout.state.domain, rollout.state.task, ids, learn, (), images)
        masks = np.stack([talk.masks[at] for at in np.flatnonzero(learn).tolist()]) if talk.masks else None
        found.append(Trajectory(example, np.array(talk.logprobs[:end], np.float32)[learn], advantage, masks))
    return found


def drifts(rollouts: Sequence[Rollout]) -> Counter[str]:
    """Sampled turns whose text a tokeniser would split otherwise, by the reason (`conversation.SampledTurn.drift`)."""
    said = [one.drift for rollout in rollouts for talk in rollout.talks for one in talk.turns]
    return Counter(drift for drift in said if drift)
