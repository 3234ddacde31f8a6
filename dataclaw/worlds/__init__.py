"""Simulated sources whose truth is known: real pixels, logs and sounds out of real engines, and what really happened.

A world writes files that the ordinary loaders read, and beside them `truth.json`, which no tool and no policy sees. Its
*experts* know the truth but have to find the evidence through the tools like anybody else. Packages announce their
worlds in the entry point group `dataclaw.worlds` (`name = "package.module:WORLD"`). The ten that come with DataClaw are
the package `dataclaw_worlds`; its engines are the extra `worlds`, imported when a scene is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from dataclaw.errors import ConfigError, UsageError, did_you_mean
from dataclaw.worlds.base import Expert, ExpertBrief, Request, Scene, SceneSpec, Split, World, load_scene

GROUP = "dataclaw.worlds"

__all__ = [
    "Expert",
    "ExpertBrief",
    "Request",
    "Scene",
    "SceneSpec",
    "Split",
    "World",
    "entries",
    "find_world",
    "load_scene",
    "register",
    "worlds",
    "worlds_of",
]


@cache
def _announcements() -> dict[str, EntryPoint]:
    """The worlds that installed packages announce, by name.

    Raises:
        ConfigError: two packages announce one name.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        if found.setdefault(point.name, point).value != point.value:
            raise ConfigError(
                f"two installed packages bring a world {point.name!r}: {found[point.name].value} and {point.value}.",
                remedy="Uninstall one of them.",
            )
    return found


def entries() -> dict[str, str]:
    """Where each world is, as `module:attribute`, by its name; another process finds the same worlds with it."""
    return {name: point.value for name, point in _announcements().items()}


def worlds() -> tuple[str, ...]:
    """Names of the worlds there are, in the order in which they take turns."""
    return tuple(sorted(_announcements(), key=lambda name: (find_world(name).turn, name)))


def register(name: str, value: str) -> None:
    """Announce a world to this process, beside those that installed packages announce.

    Args:
        name: its name.
        value: where it is, as `module:attribute`.

    Raises:
        UsageError: the name is taken by another one.
    """
    taken = _announcements().setdefault(name, EntryPoint(name, value, GROUP))
    if taken.value != value:
        raise UsageError(f"there is a world {name!r} already, in {taken.value}.", remedy="Choose another name.")


def find_world(name: str) -> World:
    """The world of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in _announcements():
        raise UsageError(f"no world {name!r}.", remedy=did_you_mean(name, _announcements()))
    return _announcements()[name].load()


def worlds_of(domain: str) -> Iterator[World]:
    """The worlds that serve a domain."""
    return (world for world in map(find_world, worlds()) if world.domain == domain)
