"""Models of transformers by name, and what tells their weights from others."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.models.embedded_export import exported_folder
from dataclaw.models.libraries import library
from dataclaw.models.weights import EMBEDDED

NAME = "embedded"
"""The base that `dataclaw models get embedded` fetches."""

_SAMPLES, _SAMPLE = 64, 1 << 16  # blocks of a weight file that its digest reads, bytes of each
_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_READ_RANDOM = ("*.json", "*.txt", "*.model", "*.jinja")


def base_folder(name: str, *, weights: bool) -> Path:
    """The folder of a base; the embedded one is exported, one of the hub is fetched first.

    Args:
        name: as `load_base` takes it.
        weights: fetch the weights, too.

    Raises:
        ConfigError: there is no such model.
    """
    if name == NAME:
        return exported_folder()
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise ConfigError(
            f"no model {name!r}.", place="model.name", remedy='Use "embedded", a folder, or a hub id (owner/name).'
        )
    hub: Any = library("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=list(_READ if weights else _READ_RANDOM)))
    except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:  # no such model, no network, gated
        raise ConfigError(
            f"model {name!r} is no folder here and the hub did not give it: {str(error).strip().splitlines()[0]}",
            place="model.name",
            remedy='Check the id and the network (HF_TOKEN for gated models), or use "embedded".',
        ) from None


def digest_of(name: str, folder: Path) -> str:
    """sha256 that adapters remember their base by.

    Args:
        name: how the base is asked for.
        folder: what `base_folder` gave for it.
    """
    return EMBEDDED.sha256 if name == NAME else weights_digest(folder)


def weights_digest(folder: Path) -> str:
    """Tells a model's weights from others without reading all of them.

    sha256 over every weight file's name, size, and 64 blocks of 64 KiB spread evenly over it, the first and the last
    among them.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as data:
            for block in range(_SAMPLES):
                data.seek(max(size - _SAMPLE, 0) * block // (_SAMPLES - 1))
                digest.update(data.read(_SAMPLE))
    return digest.hexdigest()
