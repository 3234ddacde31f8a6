"""Rollouts that somebody else's loop drives, call by call: what environments of TRL and of verifiers share.

Steps, tools, rules and rewards are those of every rollout; only who asks the model is another. A model calls tools in
its own way here (`call`), or writes an action as JSON (`say`). What it writes is only read, never executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from dataclaw.agent import steps
from dataclaw.agent.batch import advance
from dataclaw.agent.prompts import native_prompt
from dataclaw.agent.steps import SUBMIT, State
from dataclaw.domain import Task
from dataclaw.errors import ConfigError
from dataclaw.plugins import load_domain
from dataclaw.train.config import DataConfig, GrpoConfig
from dataclaw.train.prompts import Prompt, PromptEntry, read_prompts
from dataclaw.train.reward import Reward, RuleTimer, group_rewards, guard
from dataclaw.types import Action, Decision, Json

DRAFT = "The draft, in the form that the instructions give."
"""What a model is told of the one argument of `submit`."""
HAND_IN = "Hand in the draft; findings come back if it is not accepted."
"""What a model is told of `submit`."""


class LiveRollout:
    """One rollout.

    Args:
        prompt: what it begins with.

    Attributes:
        prompt: as given.
        state: where it is.
    """

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.state: State = replace(prompt.state, best_of=1)

    @property
    def over(self) -> bool:
        """Whether nothing more can be done."""
        return self.state.phase == "done"

    def messages(self) -> list[dict[str, str]]:
        """What a model that calls tools in its own way reads first: a system and a user message."""
        user = self.prompt.session.messages(self.prompt.state)[1].text
        return [
            {"role": "system", "content": native_prompt(self.prompt.session.task)},
            {"role": "user", "content": user},
        ]

    def call(self, tool: str, args: Mapping[str, Any]) -> str:
        """Call a tool, or hand in a draft with `submit`: what comes back."""
        return self.say(steps.action_text(Action(tool, args)))

    def say(self, text: str) -> str:
        """Go on by one answer of the model, an action as JSON: what comes back; an error where it is none."""
        if not self.over:
            decided = steps.decide(self.state, Decision(text, tokens=len(text) // 4))
            self.state = advance(decided, self.prompt.session)
            if self.state.turns[-1].role == "result":
                return self.state.turns[-1].text
        return f"The work is over: {self.state.stop}."


class RolloutSource:
    """Opens prompts by name, and judges what became of them.

    Args:
        data: the corpus or pack, and what may be used of it.
        settings: terms and time limit of the reward.
        media: the folder that a pack was made of, where it is at hand.

    Attributes:
        entries: what there is, by name.
        settings: as given.

    Raises:
        ConfigError: there is neither corpus nor pack, or nothing in it that may be used.
    """

    def __init__(self, data: DataConfig, settings: GrpoConfig, media: Path | None = None) -> None:
        self.settings = settings
        self._prompts, self._domain = read_prompts(data, media), cache(load_domain)
        self.digest = self._prompts.digest
        self.entries: Mapping[str, PromptEntry] = {entry.name: entry for entry in self._prompts.entries}

    def open(self, name: str) -> Prompt:
        """The prompt of that name; its rules are timed.

        Raises:
            ConfigError: there is none of that name.
        """
        if name not in self.entries:
            remedy = "Take the data set of the same corpus and domains."
            raise ConfigError(f"no request {name[:80]!r} here.", place="name", remedy=remedy)
        return guard(self._prompts.open(self.entries[name]), self.settings.rule_seconds, RuleTimer())

    def begin(self, name: str) -> LiveRollout:
        """A rollout of the prompt of that name."""
        return LiveRollout(self.open(name))

    def task(self, entry: PromptEntry) -> Task:
        """The task of an entry."""
        return self._domain(entry.domain).task(entry.task)

    def rewards(self, rollouts: Sequence[LiveRollout]) -> list[Reward]:
        """The reward of each; those of one prompt are a group (NaN where the rules could not judge)."""
        groups: dict[str, list[int]] = {}
        for at, rollout in enumerate(rollouts):
            groups.setdefault(rollout.prompt.name, []).append(at)
        found: dict[int, Reward] = {}
        for places in groups.values():
            judged = self.judge(rollouts[places[0]].prompt, [rollouts[at].state for at in places])
            found |= zip(places, judged, strict=True)
        return [found[at] for at in range(len(rollouts))]

    def judge(self, prompt: Prompt, states: Sequence[State]) -> list[Reward]:
        """The rewards of one group."""
        return group_rewards(prompt, states, self.settings.terms, self.settings.rule_seconds)


def source_of(
    corpus: Path | str, settings: GrpoConfig | None = None, media: Path | None = None, **data: Any
) -> RolloutSource:
    """The source of a corpus or pack.

    Args:
        corpus: its folder.
        settings: of `[grpo]`; by default those of a recipe that names none.
        media: the folder that a pack was made of.
        data: more of `[data]`: `domains`, `share`.

    Raises:
        ConfigError: as `RolloutSource`.
        pydantic.ValidationError: a setting is wrong.
    """
    return RolloutSource(DataConfig.model_validate({"corpus": corpus, **data}), settings or GrpoConfig(), media)


def tool_schemas(task: Task) -> list[tuple[str, str, dict[str, Json]]]:
    """Name, description and JSON Schema of the arguments of every tool, `submit` the last."""
    draft: dict[str, Json] = {"type": "object", "description": DRAFT}
    submit: dict[str, Json] = {"type": "object", "properties": {"draft": draft}, "required": ["draft"]}
    return [*((name, tool.doc, tool.schema()) for name, tool in task.tools.items()), (SUBMIT, HAND_IN, submit)]
