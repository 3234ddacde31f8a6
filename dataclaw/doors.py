"""What installed packages announce, by entry point group; nothing of theirs is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from dataclaw.errors import ConfigError, PluginError


@cache
def entries_of(group: str) -> Mapping[str, EntryPoint]:
    """The entry points of a group by name.

    Raises:
        ConfigError: two packages announce one name.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda p: (p.name, p.value)):
        if found.setdefault(point.name, point).value != point.value:
            both = f"{package_of(found[point.name])} and {package_of(point)}"
            message = f"two installed packages announce {point.name!r} in {group}: {both}."
            raise ConfigError(message, remedy="Uninstall one of them.")
    return found


def package_of(point: EntryPoint) -> str:
    """The package that announces something."""
    return point.dist.name if point.dist else point.value.partition(".")[0]


def load_entry(point: EntryPoint) -> Any:
    """What a package announces, imported.

    Raises:
        PluginError: it cannot be imported; the package is named.
    """
    try:
        return point.load()
    except Exception as error:
        message = f"{point.group} {point.name!r} cannot be loaded: {type(error).__name__}: {error}."
        remedy = f"Mend or uninstall the package; it says {point.value!r}."
        raise PluginError(message, place=package_of(point), remedy=remedy) from error
