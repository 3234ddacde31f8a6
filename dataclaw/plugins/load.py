"""From a plugin folder to a domain whose tasks are ready to run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataclaw.config import Budget, DomainManifest, OwnLookCall, PluginEntry, RuleUse, TaskManifest
from dataclaw.domain import Domain, OwnCall, Task
from dataclaw.errors import ConfigError, PluginError, ToolError, did_you_mean
from dataclaw.plugins.borrow import BorrowedRules, borrow_rules, rule_not_loaded
from dataclaw.plugins.code import MODULES, Code, loaders_of, read_code
from dataclaw.plugins.find import Plugin, find_plugins, plugin_at, read_manifest
from dataclaw.plugins.merge import borrowed_names, look_of, merge_rules, used_rules
from dataclaw.rewards import Rubric, library
from dataclaw.rewards.base import Rule
from dataclaw.schema import load_schema
from dataclaw.streams.loader import Loader
from dataclaw.strict import check
from dataclaw.tools import builtin
from dataclaw.tools.base import Tool, ToolContext, ToolResult
from dataclaw.types import Json, Plan

log = logging.getLogger(__name__)


def load_domain(name: str, *, registry: Path | None = None, code: bool = True) -> Domain:
    """Load a domain by name, or from the folder that `name` is a path to.

    Args:
        name: name of a discovered domain, or path of a plugin folder.
        registry: the `plugins.toml` to use instead of the default.
        code: False imports nothing of the plugin's: rules of its own count as missing, tools of its own cannot be
            called, and there are no plans; `Domain.missing` names them.

    Raises:
        UsageError: no such domain.
        PluginError: the plugin's declaration or code is wrong; everything wrong is named.
    """
    return load_plugin(plugin_at(name, registry), code=code)


def load_plugin(plugin: Plugin, *, code: bool = True) -> Domain:
    """Load a domain that was found.

    Raises:
        PluginError: as `load_domain`.
    """
    manifest = named_manifest(plugin)
    brought = read_code(plugin, manifest.name) if code else _absent(plugin, manifest)
    borrowed = borrow_rules(plugin, manifest, code=code) if borrowed_names(manifest) else BorrowedRules()
    for error in borrowed.failed.values():
        raise error
    rules, tools = {**library(), **borrowed.rules, **brought.rules}, {**builtin(), **brought.tools}
    parts = TaskParts(plugin.root, manifest, rules, tools, brought.plans)
    tasks = {name: parts.task(name, task, code=code) for name, task in manifest.tasks.items()}
    absent = () if code else tuple(missing(plugin, manifest))
    return Domain(manifest.name, plugin.root, plugin.origin, manifest, tasks, brought.loaders, plugin.entry, absent)


def installed_loaders(registry: Path | None = None) -> tuple[Loader, ...]:
    """The loaders of every installed domain: what streams are opened with where no run has chosen its domains.

    A domain whose loaders cannot be read is left out, with a warning.

    Args:
        registry: the `plugins.toml` to use instead of the default.

    Raises:
        ConfigError: as `find_plugins`.
    """
    found: list[Loader] = []
    for plugin in find_plugins(registry).values():
        try:
            named_manifest(plugin)
            found += loaders_of(plugin)
        except (ConfigError, PluginError) as error:
            log.warning("loaders of domain %s are left out: %s", plugin.name, error)
    return tuple(found)


def named_manifest(plugin: Plugin) -> DomainManifest:
    """The manifest with the overrides of `plugins.toml`.

    Raises:
        PluginError: its name is not the one that the plugin is announced under.
        ConfigError: it is wrong, or an override is.
    """
    manifest = read_manifest(plugin.root)
    if plugin.package is not None and manifest.name != plugin.name:
        raise PluginError(f"domain.toml says name = {manifest.name!r}.", place=plugin.name, remedy="Make them equal.")
    return _overridden(manifest, plugin.entry)


@dataclass(frozen=True)
class TaskParts:
    """What a domain's tasks are assembled from."""

    root: Path
    manifest: DomainManifest
    rules: Mapping[str, Rule]
    tools: Mapping[str, Tool]
    plans: Mapping[str, Plan]

    def task(self, name: str, task: TaskManifest, *, code: bool = True) -> Task:
        """Assemble one task.

        Raises:
            PluginError: a file, tool or rule that it names does not exist.
        """
        place = f"{self.manifest.name}.{name}"
        budget = check({**self.manifest.budget.model_dump(), **task.budget}, Budget, f"{place}.budget")
        prompts = [self._text(file) for file in (self.manifest.prompt, task.prompt) if file]
        return Task(
            name=name,
            domain=self.manifest.name,
            manifest=task,
            schema=load_schema(inside(self.root, task.schema_file)),
            rubric=Rubric.build(self.manifest.terms, self._rules(name, place), self.rules, place=place),
            tools=self._tools(task.tools or self.manifest.tools, place, code=code),
            plan=self.plans.get(name),
            prompt="\n\n".join(prompts),
            budget=budget,
            reads=tuple(task.reads or self.manifest.reads),
            fixtures=inside(self.root, self.manifest.fixtures) if self.manifest.fixtures else None,
            look=self._look(look_of(self.manifest, name), place, code=code),
        )

    def _look(self, declared: Iterable[OwnLookCall], place: str, *, code: bool) -> tuple[OwnCall, ...]:
        declared = list(declared)
        self._tools((call.tool for call in declared), place, code=code)
        tools = {call.tool: self.tools.get(call.tool) or _tool_not_loaded(call.tool) for call in declared}
        return tuple(
            OwnCall(tools[call.tool], call.args, tuple(call.reads) or tools[call.tool].kinds) for call in declared
        )

    def _rules(self, task: str, place: str) -> list[RuleUse]:
        merged = merge_rules(self.manifest, task)
        if merged.problems:
            _, message, remedy = merged.problems[0]
            raise ConfigError(message, place=place, remedy=remedy)
        return list(merged.rules.values())

    def _tools(self, names: Iterable[str], place: str, *, code: bool) -> dict[str, Tool]:
        unknown = [name for name in names if name not in self.tools]
        if unknown and code:
            raise PluginError(f"unknown tool {unknown[0]!r}.", place=place, remedy=did_you_mean(unknown[0], self.tools))
        return {name: self.tools[name] for name in names if name in self.tools}

    def _text(self, file: str) -> str:
        try:
            return inside(self.root, file).read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError as error:
            place = str(self.root / file)
            raise PluginError(f"not UTF-8 at byte {error.start}.", place=place, remedy="Save it as UTF-8.") from None


def inside(root: Path, file: str) -> Path:
    """A file of the plugin's folder.

    Raises:
        PluginError: there is none, or it lies outside (links followed).
    """
    path = (root / file).resolve()
    if not path.is_relative_to(root.resolve()):
        raise PluginError(f"{file!r} leads out of the plugin's folder.", place=str(root), remedy="Keep it inside.")
    if not path.is_file():
        raise PluginError(f"no file {file!r} in the plugin's folder.", place=str(root), remedy="Add it.")
    return path


def _overridden(manifest: DomainManifest, entry: PluginEntry) -> DomainManifest:
    unknown = sorted(set(entry.terms) - set(manifest.terms))
    if unknown:
        raise ConfigError(f"terms {unknown} do not exist.", place=f"plugins.toml: domains.{manifest.name}")
    data = manifest.model_dump(by_alias=True, exclude_unset=True)  # a task's rule changes the keys that it names
    data["terms"] = manifest.terms | entry.terms
    data["budget"] = manifest.budget.model_dump() | entry.budget
    data["tools"] = entry.tools or manifest.tools
    return check(data, DomainManifest, f"plugins.toml: domains.{manifest.name}")


def _absent(plugin: Plugin, manifest: DomainManifest) -> Code:
    """Stand-ins for the rules that only the plugin's code could bring: they count as missing, by name."""
    return Code(rules={name: rule_not_loaded(name) for name in _own_rules(manifest)}) if _modules(plugin) else Code()


def _tool_not_loaded(name: str) -> Tool:
    def run(context: ToolContext, **args: Json) -> ToolResult:
        del context, args
        raise ToolError("its code was not loaded.", place=name, remedy="Leave out --no-plugin-code.")

    return Tool(name, "Not loaded.", 1, _AnyArguments, run, cached=False)


class _AnyArguments(BaseModel):
    model_config = ConfigDict(extra="allow")


def _own_rules(manifest: DomainManifest) -> list[str]:
    return sorted(name for name in used_rules(manifest) if name.startswith(f"{manifest.name}."))


def _modules(plugin: Plugin) -> list[str]:
    return [f"{name}.py" for name in MODULES if (plugin.root / f"{name}.py").is_file()]


def missing(plugin: Plugin, manifest: DomainManifest) -> list[str]:
    """What only code of plugins could bring: "rule shop.complete", "tool shop.scan", "plans.py"."""
    named = {tool for task in manifest.tasks.values() for tool in (task.tools or manifest.tools)}
    named |= {call.tool for name in manifest.tasks for call in look_of(manifest, name)}
    own = sorted(named - set(builtin()))
    rules = [*_own_rules(manifest), *borrowed_names(manifest)]
    return [f"rule {name}" for name in rules] + [f"tool {name}" for name in own] + _modules(plugin)
