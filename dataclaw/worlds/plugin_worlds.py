"""Worlds of a domain's own `worlds.py`: found like its rules and tools, and called behind the same guard."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from dataclaw.errors import ConfigError, DataClawError, PluginError
from dataclaw.plugins import Plugin, find_plugins
from dataclaw.plugins import guard as limits
from dataclaw.plugins.code import guarded_plan, module, where
from dataclaw.plugins.guard import call_guarded
from dataclaw.plugins.load import named_manifest
from dataclaw.worlds.base import World

T = TypeVar("T")
MODULE = "worlds"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PluginWorld:
    """Where a world of a domain is; another process finds the same world with it.

    Attributes:
        plugin: the domain.
        attribute: name of the world in its `worlds.py`.
    """

    plugin: Plugin
    attribute: str

    def __str__(self) -> str:
        return f"{self.plugin.root / MODULE}.py:{self.attribute}"

    @property
    def announced(self) -> str:
        """What an entry point of its package would say of it."""
        return f"{self.plugin.package}.{MODULE}:{self.attribute}"

    def load(self) -> World:
        """The world, its functions behind the guard.

        Raises:
            PluginError: `worlds.py` cannot be imported, or the world is not there any more.
        """
        found: object = getattr(module(self.plugin, MODULE), self.attribute, None)
        if not isinstance(found, World):
            raise PluginError(f"{self} is no world.", place=self.plugin.name, remedy="Mend worlds.py.")
        return _behind_guard(found, self.plugin)


def plugin_worlds(registry: Path | None = None) -> dict[str, PluginWorld]:
    """The worlds that `worlds.py` of the installed domains bring, by name; those of a broken one are left out.

    Args:
        registry: the `plugins.toml` to use instead of the default.

    Raises:
        ConfigError: `plugins.toml` is wrong.
    """
    found: dict[str, PluginWorld] = {}
    for plugin in find_plugins(registry).values():
        try:
            for name, world in worlds_in(plugin).items():
                if found.setdefault(name, world).plugin.root != plugin.root:
                    place = found[name].plugin.name
                    raise PluginError(f"world {name!r} is one of {place}, too.", place=plugin.name, remedy="Rename it.")
        except (ConfigError, PluginError) as error:
            warn_once(f"worlds of domain {plugin.name} are left out: {error}")
    return found


def worlds_in(plugin: Plugin) -> dict[str, PluginWorld]:
    """The worlds of one domain's `worlds.py`, by name; empty where it has none.

    Raises:
        ConfigError: its manifest is wrong.
        PluginError: `worlds.py` cannot be imported, brings no world, or a world of another domain or of its name twice.
    """
    if not (plugin.root / f"{MODULE}.py").is_file():
        return {}
    manifest = named_manifest(plugin)
    found: dict[str, PluginWorld] = {}
    for attribute, world in vars(module(plugin, MODULE)).items():
        if not isinstance(world, World):
            continue
        if world.domain != manifest.name:
            raise PluginError(
                f"worlds.py: world {world.name!r} serves {world.domain!r}, and the domain is {manifest.name!r}.",
                place=plugin.name,
                remedy=f"Say domain={manifest.name!r}, or announce it by the entry point group dataclaw.worlds.",
            )
        if unknown := sorted(set(world.experts) - set(manifest.tasks)):
            raise PluginError(
                f"worlds.py: world {world.name!r} has an expert of {unknown[0]!r}, which is no task.",
                place=plugin.name,
                remedy=f"Tasks: {', '.join(manifest.tasks)}.",
            )
        if world.name in found:
            raise PluginError(
                f"worlds.py: two worlds are called {world.name!r}.", place=plugin.name, remedy="Rename one."
            )
        found[world.name] = PluginWorld(plugin, attribute)
    if not found:
        raise PluginError(
            "worlds.py brings no World.", place=plugin.name, remedy="Put one at its top: WORLD = World(...)"
        )
    return found


@cache
def warn_once(text: str) -> None:
    """Log a warning, once a process."""
    log.warning("%s", text)


def _behind_guard(world: World, plugin: Plugin) -> World:
    """The world, kept to its word: what it raises is a PluginError; `make` runs in a process of its own anyway."""
    who = f"{plugin.name}: world {world.name}"
    experts = cast("Mapping[str, Any]", world.experts)
    return replace(
        world,
        requests=_blaming(f"{who}: requests", plugin, world.requests),
        experts={task: guarded_plan(f"{who}: expert of {task}", expert) for task, expert in experts.items()},
        chooser=_blaming(f"{who}: chooser", plugin, world.chooser) if world.chooser else None,
    )


def _blaming(who: str, plugin: Plugin, function: Callable[..., T]) -> Callable[..., T]:
    @functools.wraps(function)
    def call(*args: object) -> T:
        try:
            return call_guarded(who, limits.PLAN, function, *args)
        except DataClawError:
            raise
        except Exception as error:
            message = f"failed: {where(error, plugin.root)}{type(error).__name__}: {error}."
            raise PluginError(message, place=who, remedy="Mend worlds.py.") from error

    return call
