"""Which domains there are, without importing anything of theirs."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from dataclaw.config import DomainManifest, PluginEntry, Registry
from dataclaw.errors import ConfigError, PluginError, UsageError, did_you_mean
from dataclaw.strict import read_toml

GROUP = "dataclaw.domains"


@dataclass(frozen=True)
class Plugin:
    """A domain that was found but not loaded.

    Attributes:
        name: its name.
        root: its folder.
        package: the package to import its code from, None for a plain folder.
        origin: where it came from ("entry point of dataclaw-tailor", "plugins.toml").
        entry: what `plugins.toml` says about it.
        registry: the `plugins.toml` in use when it was found, None where there is none.
    """

    name: str
    root: Path
    package: str | None
    origin: str
    entry: PluginEntry = field(default_factory=PluginEntry)
    registry: Path | None = None


def read_registry(path: Path | None = None) -> tuple[Registry, Path]:
    """The registry file and the folder its relative paths start from.

    `path`, else `$DATACLAW_PLUGINS`, else `plugins.toml` in the working directory, else an empty registry.

    Raises:
        ConfigError: the file is missing or wrong.
    """
    file = _registry_file(path)
    return (read_toml(file, Registry), file.parent) if file else (Registry(), Path.cwd())


def _registry_file(path: Path | None) -> Path | None:
    """The absolute path of the registry file, None where there is none."""
    named = path or (Path(os.environ["DATACLAW_PLUGINS"]) if os.environ.get("DATACLAW_PLUGINS") else None)
    found = named or Path("plugins.toml")
    return found.resolve() if named or found.is_file() else None


def find_plugins(registry: Path | None = None) -> dict[str, Plugin]:
    """Every enabled domain by name; nothing of their code is imported.

    Raises:
        ConfigError: `plugins.toml` is wrong, or two plugins have one name (the remedy says how to choose).
    """
    registry = _registry_file(registry)
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
        found[point.name] = Plugin(
            point.name, root, point.value, f"entry point of {owner}", local or PluginEntry(), registry
        )
    for name, entry in settings.domains.items():
        if entry.path:
            found[name] = Plugin(name, (base / entry.path).resolve(), None, "plugins.toml", entry, registry)
        elif name not in found:
            raise ConfigError(
                f"plugins.toml names domain {name!r}, which no installed package brings.",
                remedy="Install its package, or give its folder with path = ...",
            )
    return {name: plugin for name, plugin in sorted(found.items()) if plugin.entry.enabled}


def plugin_at(name: str, registry: Path | None = None) -> Plugin:
    """The domain of that name, or the one in the folder that `name` is a path to.

    Raises:
        UsageError: there is none.
    """
    if "/" in name or name.startswith("."):
        root = Path(name).resolve()
        if not root.is_dir():
            raise UsageError(f"no folder {name}.", remedy="Check the path.")
        return Plugin(root.name, root, None, "path given", registry=_registry_file(registry))
    plugins = find_plugins(registry)
    if name not in plugins:
        hint = f"For the folder say ./{name}. " if Path(name).is_dir() else ""
        raise UsageError(f"no domain {name!r}.", remedy=hint + did_you_mean(name, plugins))
    return plugins[name]


def read_manifest(root: Path) -> DomainManifest:
    """The validated manifest of a plugin folder.

    Raises:
        ConfigError: no `domain.toml`, or something in it is wrong.
    """
    return read_toml(root / "domain.toml", DomainManifest)


def _package_folder(package: str, owner: str) -> Path:
    """Folder of a package, found without importing it or what it lies in."""
    top, *inner = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError) as error:
        message = f"package {package!r} cannot be found: {error}."
        raise PluginError(message, place=owner, remedy="Reinstall it.") from None
    places = [Path(place, *inner) for place in spec.submodule_search_locations or ()] if spec else []
    for folder in places:
        if folder.is_dir():
            return folder
    raise PluginError(f"{package!r} is not an importable package.", place=owner, remedy="Reinstall it.")
