"""The files of a pack: zip files of bounded size whose members are read one at a time, whole or not at all.

A shard's members are named `<stream>/<what>.xz`, each packed by `xz` alone; a shard's bytes depend on nothing but what
is in it. Nothing is ever unpacked to a disk.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Annotated, TypeAlias

from pydantic import Field

from dataclaw.corpus.packs.xz import AGAIN, compress, decompress
from dataclaw.errors import ConfigError, StreamError
from dataclaw.files import sha256_of, write_atomic
from dataclaw.strict import Strict
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import check_regular, open_archive

SHARD_BYTES = 48_000_000
"""Largest shard that is written."""
MAX_SHARD_BYTES = 512 * 2**20
MAX_MEMBERS = 16_000
MAX_LINES_BYTES = 16 * 2**30
"""Largest file of lines, unpacked."""
SHARD = r"^streams-\d{4}\.zip$"
PACKED = ".xz"
Read: TypeAlias = Callable[[str, str, int], bytes]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows


class PackFile(Strict):
    """A file of a pack as the manifest knows it: its size, and its sha256 (64 hex digits)."""

    bytes: Annotated[int, Field(ge=1, le=MAX_SHARD_BYTES)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PackedLines(PackFile):
    """A packed file of lines as the manifest knows it.

    Attributes:
        unpacked: how many bytes it holds.
    """

    unpacked: Annotated[int, Field(ge=0, le=MAX_LINES_BYTES)]


class ShardWriter:
    """Writes shards into a folder, a new one whenever the next stream would make one too large.

    Args:
        folder: where they go.
        limit: largest shard [bytes].
    """

    def __init__(self, folder: Path, limit: int = SHARD_BYTES) -> None:
        self.files: dict[str, PackFile] = {}
        self._folder = folder
        self._limit = limit
        self._begin()

    def add(self, key: str, members: Mapping[str, bytes]) -> tuple[str, int]:
        """Add a stream's members; the shard they are in, and the bytes they take there.

        Raises:
            StreamError: they are larger than a shard.
        """
        packs = {f"{key}/{name}{PACKED}": compress(data) for name, data in members.items()}
        size = len(_zip(packs))
        if size > self._limit:
            reason = f"takes {size:,} bytes, a file of a pack holds {self._limit:,}"
            raise StreamError(f"{reason}.", place=key, remedy="Leave the stream out, or allow fewer thumbnails.")
        if self._size + size > self._limit or self._count + len(members) > MAX_MEMBERS:
            self.close()
        self._size += size
        self._count += len(members)
        for name, data in packs.items():
            _put(self._zip, name, data)
        return self._name, size

    def close(self) -> None:
        """Write the shard that is not full, if there is anything in it."""
        self._zip.close()
        if self._count:
            data = self._bytes.getvalue()
            write_atomic(self._folder / self._name, data)
            self.files[self._name] = PackFile(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        self._begin()

    def _begin(self) -> None:
        self._name = f"streams-{len(self.files):04d}.zip"
        self._bytes = io.BytesIO()
        self._zip = zipfile.ZipFile(self._bytes, "w")
        self._size = 22  # the end record of an empty archive
        self._count = 0


class Shards:
    """Reads shards; each is compared with its hash the first time that something is read out of it.

    Args:
        folder: where they lie.
        files: what the manifest says of each.
    """

    def __init__(self, folder: Path, files: Mapping[str, PackFile]) -> None:
        self._folder = folder
        self._files = files
        self._whole: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def open(self, shard: str) -> Generator[Read]:
        """Open a shard, to read any number of members; `read(key, name, limit)` unpacks one of `limit` bytes at most.

        Raises:
            ConfigError: the shard is missing or changed.
            StreamError: it is no zip file within the limits, or, by `read`, a member is missing, damaged or too large.
        """
        self._check(shard)
        try:
            archive = open_archive(self._folder / shard)
        except TraceError as error:
            raise StreamError(f"{error.reason}.", place=shard, remedy=AGAIN) from None

        def read(key: str, name: str, limit: int) -> bytes:
            place = f"{shard}: {key}/{name}"
            try:
                data = archive.read(f"{key}/{name}{PACKED}", MAX_SHARD_BYTES)
            except TraceError as error:
                raise StreamError(f"{error.reason}.", place=place, remedy=AGAIN) from None
            return decompress(data, limit, place)

        with archive:
            yield read

    def _check(self, shard: str) -> None:
        with self._lock:
            if shard not in self._whole:
                check_file(self._folder / shard, self._files[shard])
                self._whole.add(shard)


def file_of(path: Path) -> PackFile:
    """What a manifest says of a file."""
    return PackFile(bytes=path.stat().st_size, sha256=sha256_of(path))


def check_file(path: Path, known: PackFile) -> None:
    """Compare a file with what the manifest says of it.

    Raises:
        ConfigError: it is missing or changed.
    """
    try:
        check_regular(path, MAX_SHARD_BYTES)
        size = path.stat().st_size
        found = sha256_of(path) if size == known.bytes else ""
    except (TraceError, OSError) as error:
        reason = error.reason if isinstance(error, TraceError) else error
        raise ConfigError(f"cannot be read: {reason}.", place=str(path), remedy=AGAIN) from None
    if found != known.sha256:
        said = f"sha256 {found}, not {known.sha256}" if found else f"{size:,} bytes, not {known.bytes:,}"
        raise ConfigError(f"was changed: {said}.", place=str(path), remedy=AGAIN)


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            _put(archive, name, data)
    return buffer.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED  # packed already
    info.create_system = 3  # the same on every system
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
