"""A domain as it runs: its tasks with their schemas, rules, tools and plans. `plugins` loads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dataclaw.config import Budget, DomainManifest, PluginEntry, TaskManifest
from dataclaw.errors import UsageError, did_you_mean
from dataclaw.rewards import Rubric
from dataclaw.streams.loader import Loader
from dataclaw.tools.base import Tool
from dataclaw.types import Json, Plan


@dataclass(frozen=True)
class OwnCall:
    """A call that the verifier makes itself, see `config.OwnLookCall`.

    Attributes:
        tool: the tool.
        args: its arguments.
        reads: kinds of streams that it is made on; empty: any.
    """

    tool: Tool
    args: Mapping[str, Json] = field(default_factory=dict[str, Json])
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A task, ready to run.

    Attributes:
        name: its name within the domain.
        domain: name of the domain.
        manifest: its declaration.
        schema: JSON Schema of the draft, not yet narrowed to a stream.
        rubric: rules, gates and weights.
        tools: what its policies may call, by name.
        plan: the deterministic policy, or None when the domain brings none.
        prompt: the domain's and the task's instructions.
        budget: what one rollout may spend.
        reads: stream kinds it understands.
        fixtures: file of the domain's gold answers, of which prompts show one.
        look: what the verifier looks at itself, whatever the policy looks at.
    """

    name: str
    domain: str
    manifest: TaskManifest
    schema: Mapping[str, Json]
    rubric: Rubric
    tools: Mapping[str, Tool]
    plan: Plan | None
    prompt: str
    budget: Budget
    reads: tuple[str, ...]
    fixtures: Path | None = None
    look: tuple[OwnCall, ...] = ()


@dataclass(frozen=True)
class Domain:
    """A loaded domain.

    Attributes:
        name: its name.
        root: folder of the plugin.
        origin: where it came from ("entry point of dataclaw-tailor", "plugins.toml").
        manifest: its declaration, overrides applied.
        tasks: its tasks by name.
        loaders: readers of raw files that it brings.
        entry: what `plugins.toml` says about it: model, adapter, overrides.
        missing: what was left out because its code was not loaded ("rule gui.scope", "plans.py").
    """

    name: str
    root: Path
    origin: str
    manifest: DomainManifest
    tasks: Mapping[str, Task]
    loaders: tuple[Loader, ...] = ()
    entry: PluginEntry = field(default_factory=PluginEntry)
    missing: tuple[str, ...] = ()

    def task(self, name: str) -> Task:
        """The task of that name.

        Raises:
            UsageError: there is none; the message lists what there is.
        """
        if name not in self.tasks:
            raise UsageError(f"domain {self.name} has no task {name!r}.", remedy=did_you_mean(name, self.tasks))
        return self.tasks[name]
