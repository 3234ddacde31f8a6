"""Simulated sources whose truth is known: real pixels, logs and sounds out of real engines, and what really happened.

A world writes files that the ordinary loaders read, and beside them `truth.json`, which no tool and no policy sees. Its
*experts* know the truth but have to find the evidence through the tools like anybody else. A domain brings worlds in
`worlds.py`; packages announce others in the entry point group `dataclaw.worlds` (`name = "package.module:WORLD"`). The
ten that come with DataClaw are the package `dataclaw_worlds`; its engines are the extra `worlds`, imported when a scene
is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TypeAlias

from dataclaw.doors import entries_of, load_entry
from dataclaw.errors import UsageError, did_you_mean
from dataclaw.worlds.base import Expert, ExpertBrief, Request, Scene, SceneSpec, Split, World, load_scene
from dataclaw.worlds.plugin_worlds import PluginWorld, plugin_worlds, warn_once

GROUP = "dataclaw.worlds"

__all__ = [
    "Expert",
    "ExpertBrief",
    "Request",
    "Scene",
    "SceneSpec",
    "Split",
    "World",
    "WorldPlace",
    "entries",
    "find_world",
    "folder_of",
    "load_scene",
    "register",
    "register_all",
    "worlds",
    "worlds_of",
]


WorldPlace: TypeAlias = str | PluginWorld
"""Where a world is: `module:attribute`, or in the `worlds.py` of a domain."""


@cache
def _announcements() -> dict[str, WorldPlace]:
    """The worlds that entry points announce, and those that this process was told of, by name.

    Raises:
        ConfigError: two packages announce one name.
    """
    return {name: point.value for name, point in entries_of(GROUP).items()}


def entries(registry: Path | None = None) -> dict[str, WorldPlace]:
    """Where each world is, by its name; another process that is told (`register`) finds the same worlds.

    Args:
        registry: the `plugins.toml` to use instead of the default.
    """
    found: dict[str, WorldPlace] = dict(_announcements())
    for name, place in plugin_worlds(registry).items():
        if str(found.get(name)) == place.announced:
            found[name] = place
        elif str(found.setdefault(name, place)) != str(place):
            warn_once(f"world {place} is left out: there is a world {name!r} already, in {found[name]}")
    return found


def worlds(registry: Path | None = None) -> tuple[str, ...]:
    """Names of the worlds there are, in the order in which they take turns."""
    found = {name: _load(name, place) for name, place in entries(registry).items()}
    return tuple(sorted(found, key=lambda name: (found[name].turn, name)))


def register(name: str, place: WorldPlace) -> None:
    """Announce a world to this process, beside those that installed packages and domains announce.

    Args:
        name: its name.
        place: where it is.

    Raises:
        UsageError: the name is taken by another one.
    """
    taken = _announcements().setdefault(name, place)
    if str(taken) != str(place):
        raise UsageError(f"there is a world {name!r} already, in {taken}.", remedy="Choose another name.")


def register_all(places: Mapping[str, WorldPlace]) -> None:
    """Announce the worlds that another process knows (its `entries()`).

    Raises:
        UsageError: as `register`.
    """
    for name, place in places.items():
        register(name, place)


def find_world(name: str) -> World:
    """The world of that name.

    Raises:
        UsageError: there is none.
        PluginError: it is a domain's, whose `worlds.py` is broken.
    """
    place = _announcements().get(name) or plugin_worlds().get(name)
    if place is None:
        raise UsageError(f"no world {name!r}.", remedy=did_you_mean(name, entries()))
    return _load(name, place)


def folder_of(name: str) -> Path:
    """The folder whose source code decides what a world makes: its domain's, or that of its module.

    Raises:
        UsageError: there is no such world.
    """
    find_world(name)
    place = entries()[name]
    if isinstance(place, PluginWorld):
        return place.plugin.root
    return Path(str(import_module(place.partition(":")[0]).__file__)).parent


def worlds_of(domain: str) -> Iterator[World]:
    """The worlds that serve a domain."""
    return (world for world in map(find_world, worlds()) if world.domain == domain)


def _load(name: str, place: WorldPlace) -> World:
    return load_entry(EntryPoint(name, place, GROUP)) if isinstance(place, str) else place.load()
