"""Domains come in through one door: built-in and third-party alike.

A domain is a folder with `domain.toml`. It is found through the entry point group `dataclaw.domains` (the value names
the package that holds the folder) or through `plugins.toml` (local paths, overrides). The manifest and the schemas are
validated before any code of the plugin is imported; what its code gets wrong is blamed on the plugin by name.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from rapidfuzz import process

from dataclaw.config import Budget, DomainManifest, PluginEntry, Registry, TaskManifest, check, read_toml
from dataclaw.errors import ConfigError, DataClawError, PluginError, UsageError
from dataclaw.rewards import Rubric, library
from dataclaw.rewards.base import Rule
from dataclaw.schema import load_schema
from dataclaw.tools import builtin
from dataclaw.tools.base import Tool
from dataclaw.types import Json, Plan

GROUP = "dataclaw.domains"
T = TypeVar("T")


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


@dataclass(frozen=True)
class Domain:
    """A loaded domain.

    Attributes:
        name: its name.
        root: folder of the plugin.
        origin: where it came from ("entry point of dataclaw-tailor", "plugins.toml").
        manifest: its declaration.
        tasks: its tasks by name.
    """

    name: str
    root: Path
    origin: str
    manifest: DomainManifest
    tasks: Mapping[str, Task]

    def task(self, name: str) -> Task:
        """The task of that name.

        Raises:
            UsageError: there is none; the message lists what there is.
        """
        if name not in self.tasks:
            raise UsageError(f"domain {self.name} has no task {name!r}.", remedy=did_you_mean(name, self.tasks))
        return self.tasks[name]


@dataclass(frozen=True)
class Plugin:
    """A domain that was found but not loaded: its folder, the package to import its code from, and overrides."""

    name: str
    root: Path
    package: str | None
    origin: str
    entry: PluginEntry = field(default_factory=PluginEntry)


def read_registry(path: Path | None = None) -> tuple[Registry, Path]:
    """The registry file and the folder its relative paths start from.

    `path`, else `$DATACLAW_PLUGINS`, else `plugins.toml` in the working directory, else an empty registry.

    Raises:
        ConfigError: the file is missing or wrong.
    """
    named = path or (Path(os.environ["DATACLAW_PLUGINS"]) if os.environ.get("DATACLAW_PLUGINS") else None)
    found = named or Path("plugins.toml")
    if named is None and not found.is_file():
        return Registry(), Path.cwd()
    return read_toml(found, Registry), found.resolve().parent


def find_plugins(registry: Path | None = None) -> dict[str, Plugin]:
    """Every enabled domain by name; nothing of their code is imported.

    Raises:
        ConfigError: `plugins.toml` is wrong, or two plugins have one name (the remedy says how to choose).
    """
    settings, base = read_registry(registry)
    found: dict[str, Plugin] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        owner = point.dist.name if point.dist else point.value
        local = settings.domains.get(point.name)
        if local and local.path:
            continue
        if point.name in found and found[point.name].package != point.value:
            raise ConfigError(
                f"two installed packages bring a domain {point.name!r}: {found[point.name].origin} and {owner}.",
                remedy=f"Uninstall one, or choose with [domains.{point.name}] path = ... in plugins.toml.",
            )
        root = _package_folder(point.value, owner)
        found[point.name] = Plugin(point.name, root, point.value, f"entry point of {owner}", local or PluginEntry())
    for name, entry in settings.domains.items():
        if entry.path:
            found[name] = Plugin(name, (base / entry.path).resolve(), None, "plugins.toml", entry)
        elif name not in found:
            raise ConfigError(
                f"plugins.toml names domain {name!r}, which no installed package brings.",
                remedy="Install its package, or give its folder with path = ...",
            )
    return {name: plugin for name, plugin in sorted(found.items()) if plugin.entry.enabled}


def load_domain(name: str, *, registry: Path | None = None, code: bool = True) -> Domain:
    """Load a domain by name, or from the folder that `name` is a path to.

    Args:
        name: name of a discovered domain, or path of a plugin folder.
        registry: the `plugins.toml` to use instead of the default.
        code: False loads the declaration only (no rules, tools or plans of the plugin's own).

    Raises:
        UsageError: no such domain.
        PluginError: the plugin's declaration or code is wrong; everything wrong is named.
    """
    if "/" in name or name.startswith("."):
        root = Path(name).resolve()
        return _load(Plugin(root.name, root, None, "path given"), code)
    plugins = find_plugins(registry)
    if name not in plugins:
        raise UsageError(f"no domain {name!r}.", remedy=did_you_mean(name, plugins))
    return _load(plugins[name], code)


def _load(plugin: Plugin, code: bool) -> Domain:
    manifest = read_manifest(plugin.root)
    if plugin.package is not None and manifest.name != plugin.name:
        raise PluginError(f"domain.toml says name = {manifest.name!r}.", place=plugin.name, remedy="Make them equal.")
    manifest = _overridden(manifest, plugin.entry)
    rules, tools, plans = _code(plugin, manifest.name) if code else ({}, {}, {})
    kit = _Kit(plugin.root, manifest, {**library(), **rules}, {**builtin(), **tools}, plans)
    tasks = {name: kit.task(name, task) for name, task in manifest.tasks.items()}
    return Domain(manifest.name, plugin.root, plugin.origin, manifest, tasks)


def read_manifest(root: Path) -> DomainManifest:
    """The validated manifest of a plugin folder.

    Raises:
        ConfigError: no `domain.toml`, or something in it is wrong.
    """
    return read_toml(root / "domain.toml", DomainManifest)


@dataclass(frozen=True)
class _Kit:
    """What a domain's tasks are assembled from."""

    root: Path
    manifest: DomainManifest
    rules: Mapping[str, Rule]
    tools: Mapping[str, Tool]
    plans: Mapping[str, Plan]

    def task(self, name: str, task: TaskManifest) -> Task:
        place = f"{self.manifest.name}.{name}"
        budget = check({**self.manifest.budget.model_dump(), **task.budget}, Budget, f"{place}.budget")
        prompts = [self._text(file) for file in (self.manifest.prompt, task.prompt) if file]
        return Task(
            name=name,
            domain=self.manifest.name,
            manifest=task,
            schema=load_schema(self._inside(task.schema_file)),
            rubric=Rubric.build(self.manifest.terms, task.rules, self.rules),
            tools=self._tools(task.tools or self.manifest.tools, place),
            plan=self.plans.get(name),
            prompt="\n\n".join(prompts),
            budget=budget,
            reads=tuple(task.reads or self.manifest.reads),
        )

    def _tools(self, names: Iterable[str], place: str) -> dict[str, Tool]:
        for name in names:
            if name not in self.tools:
                raise PluginError(f"unknown tool {name!r}.", place=place, remedy=did_you_mean(name, self.tools))
        return {name: self.tools[name] for name in names}

    def _text(self, file: str) -> str:
        return self._inside(file).read_text(encoding="utf-8").strip()

    def _inside(self, file: str) -> Path:
        path = (self.root / file).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            raise PluginError(f"no file {file!r} in the plugin's folder.", place=str(self.root), remedy="Add it.")
        return path


def _overridden(manifest: DomainManifest, entry: PluginEntry) -> DomainManifest:
    unknown = sorted(set(entry.terms) - set(manifest.terms))
    if unknown:
        raise ConfigError(f"terms {unknown} do not exist.", place=f"plugins.toml: domains.{manifest.name}")
    data = manifest.model_dump(by_alias=True)
    data["terms"] |= entry.terms
    data["budget"] |= entry.budget
    return check(data, DomainManifest, f"plugins.toml: domains.{manifest.name}")


def _code(plugin: Plugin, domain: str) -> tuple[dict[str, Rule], dict[str, Tool], dict[str, Plan]]:
    modules = {name: _module(plugin, name) for name in ("rules", "tools", "plans")}
    rules = {r.name: r for r in _instances(modules["rules"], Rule)}
    for name in rules:
        if not name.startswith(f"{domain}."):
            raise PluginError(f"rule {name!r} must be named {domain}.{name}.", place=domain, remedy="Rename it.")
    tools = {t.name: t for t in _instances(modules["tools"], Tool)}
    clash = sorted(set(tools) & set(builtin()))
    if clash:
        raise PluginError(f"tools {clash} have the names of built-in ones.", place=domain, remedy="Rename them.")
    plans: dict[str, Plan] = dict(getattr(modules["plans"], "PLANS", {}))
    return rules, tools, plans


def _module(plugin: Plugin, name: str) -> ModuleType | None:
    if not (plugin.root / f"{name}.py").is_file():
        return None
    try:
        package = plugin.package or _package_of(plugin)
        return importlib.import_module(f"{package}.{name}")
    except DataClawError:
        raise
    except Exception as error:
        raise PluginError(
            f"{name}.py cannot be imported: {type(error).__name__}: {error}.",
            place=plugin.name,
            remedy="Mend the plugin, or disable it in plugins.toml.",
        ) from error


def _package_of(plugin: Plugin) -> str:
    """Import a plain folder as a package under a name of its own, so that its modules can import each other."""
    package = f"dataclaw_domain_{plugin.name}"
    if package in sys.modules and list(sys.modules[package].__path__) == [str(plugin.root)]:
        return package
    for loaded in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        del sys.modules[loaded]
    spec = importlib.util.spec_from_loader(package, loader=None, is_package=True)
    if spec is None:
        raise PluginError("cannot be made a package.", place=plugin.name, remedy="Check the folder's name.")
    spec.submodule_search_locations = [str(plugin.root)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    return package


def _instances(module: ModuleType | None, kind: type[T]) -> list[T]:
    members: list[Any] = list(vars(module).values()) if module else []
    return [member for member in members if isinstance(member, kind)]


def _package_folder(package: str, owner: str) -> Path:
    try:
        spec = importlib.util.find_spec(package)
    except ImportError as error:
        message = f"package {package!r} cannot be found: {error}."
        raise PluginError(message, place=owner, remedy="Reinstall it.") from None
    if spec is None or not spec.submodule_search_locations:
        raise PluginError(f"{package!r} is not an importable package.", place=owner, remedy="Reinstall it.")
    return Path(next(iter(spec.submodule_search_locations)))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest one, where one is near, and all of them."""
    names = sorted(known)
    close = process.extractOne(name, names, score_cutoff=60) if names else None
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"{hint}There is: {', '.join(names) or 'none'}."
