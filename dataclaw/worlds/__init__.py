"""Simulated sources whose truth is known: real pixels, logs and sounds out of real engines, and what really happened.

A world writes files that the ordinary loaders read, and beside them `truth.json`, which no tool and no policy sees. Its
*experts* know the truth but have to find the evidence through the tools like anybody else. Worlds are found by name;
their engines are imported when a world is used (`pip install "dataclaw-tailor[worlds]"`).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from dataclaw.errors import UsageError
from dataclaw.plugins import did_you_mean
from dataclaw.worlds.base import Ask, Expert, Lot, Order, Scene, Split, World, load_scene

_HOMES: dict[str, str] = {
    "desk": "dataclaw.worlds.gui.desk",
    "pieces": "dataclaw.worlds.gui.pieces",
    "bench": "dataclaw.worlds.embodied.bench",
    "arena": "dataclaw.worlds.aigc.arena",
    "darkroom": "dataclaw.worlds.aigc.darkroom",
    "cuts": "dataclaw.worlds.aigc.cuts",
    "house": "dataclaw.worlds.daily.house",
    "chores": "dataclaw.worlds.daily.chores",
    "board": "dataclaw.worlds.education.board",
    "talk": "dataclaw.worlds.education.talk",
}
"""Module of each world, by the world's name; a module holds its `WORLD`."""

__all__ = [
    "Ask",
    "Expert",
    "Lot",
    "Order",
    "Scene",
    "Split",
    "World",
    "find_world",
    "homes",
    "load_scene",
    "register",
    "worlds",
    "worlds_of",
]


def worlds() -> tuple[str, ...]:
    """Names of the worlds there are."""
    return tuple(_HOMES)


def homes() -> dict[str, str]:
    """Module of each world, by the world's name; what another process needs to find the same worlds."""
    return dict(_HOMES)


def register(name: str, module: str) -> None:
    """Announce a world; an own one's module holds its `WORLD` like any other's.

    Raises:
        UsageError: the name is taken by another module.
    """
    if _HOMES.setdefault(name, module) != module:
        raise UsageError(f"there is a world {name!r} already, in {_HOMES[name]}.", remedy="Choose another name.")


def find_world(name: str) -> World:
    """The world of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in _HOMES:
        raise UsageError(f"no world {name!r}.", remedy=did_you_mean(name, _HOMES))
    return importlib.import_module(_HOMES[name]).WORLD


def worlds_of(domain: str) -> Iterator[World]:
    """The worlds that serve a domain."""
    return (world for world in map(find_world, _HOMES) if world.domain == domain)
