"""What a domain's package carries beside its code: weights of a chooser, adapters, pinned benchmarks.

`domain.toml` names the folders. They are read without importing code of the domain, and hostile until checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import BaseModel, Field

from dataclaw.config import DomainManifest
from dataclaw.errors import ConfigError, PluginError
from dataclaw.plugins.find import read_manifest
from dataclaw.strict import check
from dataclaw.types import Json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads, read_text

Carried: TypeAlias = Literal["chooser", "adapters", "pinned"]
"""Keys of `domain.toml` that name a folder of the package."""
KINDS: tuple[Carried, ...] = ("chooser", "adapters", "pinned")
LARGEST_MANIFEST = 16 * 2**20
"""Largest manifest of a pinned benchmark that is read [bytes]."""


def carried_folder(root: Path, manifest: DomainManifest, what: Carried) -> Path | None:
    """The folder of the package that a key of the manifest names; None where it names none. It need not be there yet.

    Raises:
        PluginError: it lies outside the plugin's folder (links followed).
    """
    named: str | None = getattr(manifest, what)
    if named is None:
        return None
    folder = (root / named).resolve()
    if not folder.is_relative_to(root.resolve()) or folder == root.resolve():
        message = f"{what} = {named!r} is no folder inside the plugin's."
        raise PluginError(message, place=str(root), remedy="Name a folder of its own, inside.")
    return folder


def carried_folders(root: Path) -> list[Path]:
    """All folders that a plugin's manifest names; none where there is no manifest that can be read."""
    try:
        manifest = read_manifest(root)
        return [folder for what in KINDS if (folder := carried_folder(root, manifest, what))]
    except (ConfigError, PluginError):
        return []


class _Asked(BaseModel):
    count: int
    requests: int
    domains: Annotated[list[str], Field(min_length=1)]
    worlds: list[str]
    first_seed: int


class _PinnedManifest(BaseModel):
    """What of a benchmark's manifest is read later on; it says more."""

    format: Literal[1]
    asked: _Asked
    counts: dict[str, dict[str, int]]
    schemas: dict[str, str]
    files: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


def read_pinned(file: Path) -> dict[str, Json]:
    """The manifest of a pinned benchmark.

    Raises:
        ConfigError: it is damaged, too large, or none.
    """
    remedy = "Pin it anew: dataclaw bench build --name NAME"
    try:
        said: Any = loads(read_text(file, LARGEST_MANIFEST), str(file))
    except TraceError as error:
        raise ConfigError(f"no manifest of a benchmark: {error.reason}.", place=str(file), remedy=remedy) from None
    check(said, _PinnedManifest, str(file))
    return cast("dict[str, Json]", said)
