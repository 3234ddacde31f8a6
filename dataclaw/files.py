"""Writing files so that a killed process leaves either the old or the new, never a half."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from dataclaw.errors import OwnedError

TEMPORARY = ".tmp"
"""Ending of what a killed process leaves behind; such files are never read."""
OWNER = ".owner"
"""File of a folder that says who writes into it."""


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def open_atomic(path: Path) -> Generator[BinaryIO]:
    """A file to write into beside `path`, renamed into place at the end of the block; the folder is made when missing.

    Yields:
        The file; after an exception nothing of it is left, and `path` is what it was.

    Raises:
        OSError: disk full, no permission.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o666 & ~_umask())  # mkstemp keeps files to their owner; these are for sharing
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write `data` with `open_atomic`.

    Raises:
        OSError: disk full, no permission.
    """
    with open_atomic(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def remove_halves(folder: Path, *below: str) -> None:
    """Remove what `write_atomic` could not finish when it was killed; nobody else may write there meanwhile.

    Args:
        folder: the folder.
        below: folders in it that are looked into as well, as patterns ("media/*").

    Raises:
        OSError: no permission.
    """
    for place in (folder, *(found for pattern in below for found in folder.glob(pattern))):
        for file in place.glob(f".*{TEMPORARY}"):
            file.unlink()


def sha256_of(path: Path) -> str:
    """sha256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def owned_folder(folder: Path) -> Generator[None]:
    """Hold a folder, which is made when missing, so that nobody else writes into it; death of the process lets go.

    Whoever holds it is named in its file `.owner`: process, machine and time. The file stays; the lock on it counts.

    Raises:
        OwnedError: somebody holds it, in this process or in another one.
        OSError: disk full, no permission.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 1000).decode(errors="replace").strip() or "somebody who did not say who"
            raise OwnedError(
                f"{owner} writes into this folder.",
                place=folder,
                remedy="Wait until that is done, stop it, or name another folder.",
            ) from None
        now = datetime.now(UTC).isoformat(" ", "seconds")
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}, since {now},\n".encode())
        yield
    finally:
        os.close(handle)


def is_vacant(folder: Path) -> bool:
    """Whether there is no such folder, or nothing lies in it but the name of who writes into it.

    Raises:
        OSError: it cannot be listed.
    """
    return not folder.exists() or all(entry.name == OWNER for entry in folder.iterdir())


@contextmanager
def whole_folder(target: Path, *, replace: bool = True) -> Generator[Path]:
    """A folder to fill beside `target`, which takes its place when all went well; otherwise nothing is left of it.

    Args:
        target: the folder.
        replace: put it in the place of one that is there by then; False: keep that one.

    Raises:
        OSError: disk full, no permission.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield part
        part.chmod(0o777 & ~_umask())
        if not target.exists():
            part.replace(target)
        elif replace:
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
            target.replace(old)  # an empty folder may be replaced
            part.replace(target)
            shutil.rmtree(old)
    finally:
        shutil.rmtree(part, ignore_errors=True)
