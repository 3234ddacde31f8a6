"""What a stream is called by: a hash of its content, so that cached results follow the data and not its name.

Names of files and folders do not enter, except that their order does where several files make one stream.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import while_unchanged
from dataclaw.streams.grid import Sampling

MAX_FILES = 100_000
_CHUNK = 2**20


def content_id(paths: Sequence[Path], *salt: object) -> str:
    """16 hex digits of the SHA-256 over files, and over all files of folders in the order of their names.

    Args:
        paths: files and folders.
        salt: what else tells two streams of one content apart (which trace of the file, how it was sampled).

    Raises:
        StreamError: something cannot be read, or there are more than `MAX_FILES` files.
    """
    total = hashlib.sha256()
    for path in paths:
        for file in files_under(path):
            total.update(_file_hash(file))
    return _short(total.digest(), salt)


def derived_id(*parts: object) -> str:
    """16 hex digits for a stream that was made of others: their ids, and what was done to them."""
    return _short(b"", parts)


def salt_of(sampling: Sampling) -> str:
    """How the frames were sampled, as text; frame indices mean nothing without it."""
    return repr(sampling)


def files_under(path: Path) -> Iterator[Path]:
    """The file itself, or a folder's regular files in the order of their names, links to folders not followed.

    Raises:
        StreamError: a folder with more than `MAX_FILES` files, or one that cannot be listed.
    """
    if not path.is_dir():
        yield path
        return
    count = 0
    for folder, folders, names in os.walk(path, onerror=_refuse):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file
                count += 1
            if count > MAX_FILES:
                raise StreamError(
                    f"holds more than {MAX_FILES:,} files.", place=path, remedy="Give its sub-folders one by one."
                )


def _refuse(error: OSError) -> None:
    raise StreamError(f"cannot be listed: {error}.", place=error.filename, remedy="Check the permissions.")


@while_unchanged(4)  # every trace of a file that holds many asks for it
def _file_hash(file: Path) -> bytes:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise StreamError(f"cannot be read: {error}.", place=file, remedy="Check the permissions.") from None
    return digest.digest()


def _short(digest: bytes, salt: tuple[object, ...]) -> str:
    words = b"".join(b"\0" + str(item).encode() for item in salt)
    return hashlib.sha256(digest + words).hexdigest()[:16]
