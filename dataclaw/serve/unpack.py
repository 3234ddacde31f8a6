"""Unpacking an archive of a stranger: bounded, nothing outside the folder, no links."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import IO

from dataclaw.errors import StreamError
from dataclaw.serve.problem import RefusedError

CHUNK = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of these `zipfile` unpacks no more than it is asked for; of bzip2 and LZMA it unpacks whatever there is."""

_BAD = re.compile(r"[\x00-\x1f\x7f\\]")


class Room:
    """What an upload may still take.

    Attributes:
        files: files left.
        size: bytes left.
    """

    def __init__(self, files: int, size: int) -> None:
        self.files, self.size = files, size
        self.most = (files, size)

    def take_file(self) -> None:
        """Count a file.

        Raises:
            RefusedError: there are too many.
        """
        self.files -= 1
        if self.files < 0:
            raise _too_much(f"more than {self.most[0]:,} files")

    def take(self, size: int) -> None:
        """Count bytes.

        Raises:
            RefusedError: there are too many.
        """
        self.size -= size
        if self.size < 0:
            raise _too_much(f"more than {self.most[1]:,} bytes")


def _too_much(what: str) -> RefusedError:
    remedy = "Send less, or start the server with a larger --max-upload."
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the upload holds {what}.", place="files", remedy=remedy)


def inner_path(name: str) -> PurePosixPath:
    """A name that a client gave as a path that stays in its folder.

    Raises:
        RefusedError: it is absolute, climbs, is hidden or too long, or has control characters or backslashes.
    """
    parts = name.split("/")
    wrong = (
        _BAD.search(name)
        or len(parts) > 32
        or any(not part or part.startswith(".") or len(part.encode(errors="replace")) > 200 for part in parts)
    )
    if wrong or not _is_utf8(name):
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            f"{name[:200]!r} is no name of a file inside a folder.",
            place="files",
            remedy="Send names such as `trace/frames/1.png`, without `..`, a backslash or a leading dot.",
        )
    return PurePosixPath(*parts)


def _is_utf8(name: str) -> bool:
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def copy_into(source: IO[bytes], folder: Path, name: str, room: Room) -> None:
    """Copy what a client sent to a file of the folder.

    Raises:
        RefusedError: the name leads elsewhere or is there already, or there is no room.
        OSError: disk full.
    """
    target = folder / inner_path(name)
    room.take_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            while data := source.read(CHUNK):
                room.take(len(data))
                file.write(data)
    except (FileExistsError, NotADirectoryError):
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"{name[:200]!r} came twice.", place="files", remedy="Give each file its own name."
        ) from None


def unpack(archive: Path, folder: Path, room: Room) -> None:
    """Unpack a zip into a folder; hidden files, and others that systems add, are passed over as they are in folders.

    Raises:
        RefusedError: an entry leads elsewhere, is a link or a device, is encrypted, or there are too many.
        StreamError: it is no zip, or a broken one.
        OSError: disk full.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                if not entry.filename.endswith("/") and not _is_added(entry.filename):
                    _check_entry(entry)
                    with packed.open(entry) as source:
                        copy_into(source, folder, entry.filename, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise StreamError(f"not a whole zip: {error}.", place=archive.name, remedy="Pack it again.") from None


def _is_added(name: str) -> bool:
    parts = name.split("/")
    hidden = any(part.startswith(".") and part.strip(".") for part in parts)
    return hidden or parts[0] == "__MACOSX" or parts[-1] in ("Thumbs.db", "desktop.ini")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    for wrong, what in (
        (kind not in (0, stat.S_IFREG), "is a link or a device"),
        (bool(entry.flag_bits & 1), "is encrypted"),
        (entry.compress_type not in METHODS, "is packed in a way that is not read here"),
    ):
        if wrong:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"{entry.filename[:200]!r} {what}.",
                place="files",
                remedy="Pack plain files with deflate, without a password.",
            )
