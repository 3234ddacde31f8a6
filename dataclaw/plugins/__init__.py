"""Domains come in through one door: built-in and third-party alike.

A domain is a folder with `domain.toml`. It is found through the entry point group `dataclaw.domains` (the value names
the package that holds the folder) or through `plugins.toml` (local paths, overrides). The manifest and the schemas are
validated before any code of the plugin is imported; what its code gets wrong is blamed on the plugin by name.
"""

from dataclaw.plugins.find import Plugin, find_plugins, plugin_at, read_manifest, read_registry
from dataclaw.plugins.load import installed_loaders, load_domain

__all__ = [
    "Plugin",
    "find_plugins",
    "installed_loaders",
    "load_domain",
    "plugin_at",
    "read_manifest",
    "read_registry",
]
