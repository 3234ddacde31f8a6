"""The only door through which bytes of a trace come in: every read is bounded, checked and never leaves its root.

Size, line length, nesting depth and archive contents are limited; NaN, Infinity and overflowing numbers are refused.
Nothing is extracted to disk or executed. What the numbers and texts mean is not decided here.
"""

from __future__ import annotations

import codecs
import gzip
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self, cast

from pyautogui_trace_parsers.errors import BrokenTrace, TraceError

MAX_FILE_BYTES = 512 * 2**20
MAX_LINE_BYTES = 32 * 2**20
MAX_DEPTH = 400
MAX_LINES = 5_000_000
MAX_FOLDER_NAMES = 100_000
MAX_PATH_BYTES = 4095
MAX_NAME_BYTES = 255
MAX_DIGITS = 300
MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 2 * 2**30
MAX_RATIO = 200
_RATIO_APPLIES_ABOVE = 16 * 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of these `zipfile` unpacks no more than it is asked for; of bzip2 and LZMA it unpacks whatever there is."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def check_regular(path: Path, limit: int = MAX_FILE_BYTES) -> None:
    """Refuse everything but a regular file of at most `limit` bytes: a pipe would hang, a device never end.

    Raises:
        TraceError: missing, not a regular file, or too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise TraceError(f"cannot be opened: {error}", path=str(path)) from error
    if not stat.S_ISREG(status.st_mode):
        raise TraceError("is not a regular file", path=str(path), remedy="give a file, not a folder, pipe or device")
    if status.st_size > limit:
        raise TraceError(
            f"has {status.st_size:,} bytes, the limit is {limit:,}", path=str(path), remedy="split the trace"
        )


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The whole file.

    Raises:
        TraceError: missing, unreadable, not a regular file, or more than `limit` bytes.
    """
    check_regular(path, limit)
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise TraceError(f"cannot be read: {error}", path=str(path)) from error
    if len(data) > limit:
        raise TraceError(f"has more than {limit:,} bytes", path=str(path), remedy="split the trace")
    return data


def decode(data: bytes, path: str, line: int | None = None) -> str:
    """UTF-8 text, a leading byte order mark removed.

    Raises:
        BrokenTrace: not UTF-8; the message names the first wrong byte and its offset.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenTrace(
            f"is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            path=path,
            line=line,
            remedy="save the file as UTF-8",
        ) from error


def read_text(path: Path, limit: int = MAX_FILE_BYTES) -> str:
    """The whole file as UTF-8 text, with or without a byte order mark.

    Raises:
        TraceError: as `read_bytes`, or not UTF-8.
    """
    return decode(read_bytes(path, limit), str(path))


def loads(text: str, path: str, line: int | None = None) -> Any:
    """JSON with the doors closed: no NaN or Infinity, no number that overflows, no nesting beyond `MAX_DEPTH`.

    Half surrogate pairs, which Windows recorders log when an emoji is typed, become U+FFFD, so that every text that
    comes out can be written again.

    Raises:
        BrokenTrace: not JSON, or one of the above.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=finite_float)
    except RecursionError as error:
        raise BrokenTrace("is nested too deeply", path=path, line=line) from error
    except json.JSONDecodeError as error:
        at = line if line is not None else error.lineno
        raise BrokenTrace(f"is not JSON: {error.msg} at column {error.colno}", path=path, line=at) from error
    except ValueError as error:
        raise BrokenTrace(f"holds a number that cannot be used: {error}", path=path, line=line) from error
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value, path, line)
    return without_half_pairs(value) if _SURROGATE_ESCAPE.search(text) else value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def finite_float(digits: str) -> float:
    """A number of JSON.

    Raises:
        ValueError: it is out of range.
    """
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:40]} is out of range")
    return value


def finite_int(digits: str) -> int:
    """A whole number of JSON, which can be of any length, when it fits a floating point number as well.

    Raises:
        ValueError: it does not; arithmetic with it would overflow.
    """
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"{digits[:40]}... is out of range")
    return int(digits)


def _check_depth(value: Any, path: str, line: int | None) -> None:
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise BrokenTrace(f"is nested more than {MAX_DEPTH} levels deep", path=path, line=line)


def _children(node: Any) -> list[Any]:
    members = cast("dict[str, Any]", node).values() if isinstance(node, dict) else cast("list[Any]", node)
    return [child for child in members if isinstance(child, dict | list)]


def without_half_pairs(value: Any) -> Any:
    """The same value with every half of a surrogate pair in its texts replaced by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_half_pairs(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {without_half_pairs(key): without_half_pairs(item) for key, item in members.items()}
    return value


def read_json(path: Path, limit: int = MAX_FILE_BYTES) -> Any:
    """One JSON document.

    Raises:
        TraceError: as `read_text` and `loads`.
    """
    return loads(read_text(path, limit), str(path))


def read_jsonl(path: Path, limit: int = MAX_FILE_BYTES) -> Iterator[tuple[int, Any]]:
    """`(line number from 1, value)` of each line that is not blank.

    Raises:
        TraceError: as `read_bytes`; a line that is too long, not UTF-8 or not JSON, with its number.
    """
    check_regular(path, limit)
    try:
        with path.open("rb") as stream:
            for number in range(1, MAX_LINES + 1):
                data = stream.readline(MAX_LINE_BYTES + 1)
                if not data:
                    return
                if len(data) > MAX_LINE_BYTES:
                    raise BrokenTrace(f"line is longer than {MAX_LINE_BYTES:,} bytes", path=str(path), line=number)
                if data.strip(b" \t\r\n" + codecs.BOM_UTF8):
                    yield number, loads(decode(data, str(path), number), str(path), number)
    except OSError as error:
        raise TraceError(f"cannot be read: {error}", path=str(path)) from error
    raise BrokenTrace(f"has more than {MAX_LINES:,} lines", path=str(path), remedy="split the trace")


def jsonl_lines(text: str, path: str) -> Iterator[tuple[int, Any]]:
    """As `read_jsonl`, for text that is already in memory (a member of an archive)."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, loads(line, path, number)


def read_gzip(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The unpacked content of a gzip file.

    Raises:
        TraceError: not gzip, truncated, or more than `limit` bytes once unpacked.
    """
    check_regular(path, limit)
    try:
        with gzip.open(path) as stream:
            data = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenTrace(f"is not a whole gzip file: {error}", path=str(path)) from error
    if len(data) > limit:
        raise TraceError(f"unpacks to more than {limit:,} bytes", path=str(path))
    return data


def is_name(path: str) -> bool:
    """Whether a file system can hold a file of this path: asking for another one raises instead of saying no."""
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return False
    return b"\0" not in name and len(name) <= MAX_PATH_BYTES and len(max(name.split(b"/"), key=len)) <= MAX_NAME_BYTES


def inside(root: Path, relative: str) -> Path:
    """`root / relative`, sure to lie inside `root` even when links are followed. The file need not exist.

    Raises:
        TraceError: an absolute path, one with `..`, or one that leaves the root through a link.
    """
    pure = PurePosixPath(relative.replace("\\", "/"))
    unsafe = not pure.parts or pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]
    if unsafe or not is_name(str(root / pure)):
        raise TraceError(f"refers to {relative[:200]!r}, which is not a path inside the trace", path=str(root))
    try:
        home = root.resolve()
        path = (home / pure).resolve()
    except (OSError, RuntimeError) as error:
        raise TraceError(f"refers to {relative[:200]!r}, which cannot be followed: {error}", path=str(root)) from error
    if not path.is_relative_to(home):
        raise TraceError(f"refers to {relative[:200]!r}, a link that leaves the trace", path=str(root))
    return path


def is_file_inside(root: Path, relative: str) -> bool:
    """Whether `relative` names a regular file inside `root`."""
    try:
        return inside(root, relative).is_file()
    except (TraceError, OSError):
        return False


class Archive:
    """A zip file whose members are read into memory, one at a time and within limits; use it as a context manager.

    Attributes:
        path: the zip file.
        names: names of the member files, in the archive's order.
    """

    def __init__(self, path: Path) -> None:
        check_regular(path, MAX_FILE_BYTES)
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _UNPACK_ERRORS as error:
            raise BrokenTrace(f"is not a whole zip file: {error}", path=str(path)) from error
        try:
            self._members = self._checked_members()
        except TraceError:
            self._zip.close()
            raise
        self.names = tuple(self._members)

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        infos = [
            info for info in self._zip.infolist() if not info.filename.endswith("/")
        ]  # `is_dir` fails where there is no name
        unpacked = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if len(infos) > MAX_MEMBERS:
            raise self._error(f"has {len(infos):,} members, the limit is {MAX_MEMBERS:,}")
        if unpacked > MAX_UNPACKED_BYTES:
            raise self._error(f"unpacks to {unpacked:,} bytes, the limit is {MAX_UNPACKED_BYTES:,}")
        if unpacked > _RATIO_APPLIES_ABOVE and unpacked > packed * MAX_RATIO:
            raise self._error(f"unpacks to more than {MAX_RATIO} times its size")
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._check_member(info)
            if info.filename in members:
                raise self._error(f"holds {info.filename[:200]!r} twice")
            members[info.filename] = info
        return members

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        pure = PurePosixPath(info.filename.replace("\\", "/"))
        if not pure.parts or pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
            raise self._error(f"holds {info.filename[:200]!r}, a path outside the archive")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise self._error(f"holds {info.filename[:200]!r}, a link")
        if info.compress_type not in _METHODS:
            raise self._error(f"holds {info.filename[:200]!r}, packed by method {info.compress_type}, not deflated")

    def _error(self, reason: str) -> BrokenTrace:
        return BrokenTrace(reason, path=str(self.path))

    def read(self, name: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """The unpacked member.

        Raises:
            BrokenTrace: no such member, damaged, encrypted, or larger than `limit` bytes.
        """
        data = self.head(name, limit + 1)
        if len(data) > limit:
            raise self._error(f"member {name[:200]!r} has more than {limit:,} bytes")
        return data

    def head(self, name: str, size: int) -> bytes:
        """The first `size` bytes of the unpacked member.

        Raises:
            BrokenTrace: no such member, damaged or encrypted.
        """
        info = self._members.get(name)
        if info is None:
            raise self._error(f"has no member {name[:200]!r}")
        try:
            with self._zip.open(info) as stream:
                return stream.read(size)
        except _UNPACK_ERRORS as error:
            raise self._error(f"member {name[:200]!r} cannot be unpacked: {error}") from error

    def text(self, name: str, limit: int = MAX_FILE_BYTES) -> str:
        """The member as UTF-8 text.

        Raises:
            BrokenTrace: as `read`, or not UTF-8.
        """
        return decode(self.read(name, limit), f"{self.path.name}!{name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()


def open_archive(path: Path) -> Archive:
    """A checked zip file; see `Archive`.

    Raises:
        TraceError: not a zip file, or one that breaks a limit (members, size, ratio), leaves its root or holds links.
    """
    return Archive(path)


def folder_names(folder: Path) -> tuple[str, ...]:
    """Sorted names of a folder's entries.

    Raises:
        TraceError: unreadable, or more than `MAX_FOLDER_NAMES` entries.
    """
    names: list[str] = []
    try:
        for entry in folder.iterdir():
            names.append(entry.name)
            if len(names) > MAX_FOLDER_NAMES:
                raise TraceError(f"has more than {MAX_FOLDER_NAMES:,} entries", path=str(folder))
    except OSError as error:
        raise TraceError(f"cannot be listed: {error}", path=str(folder)) from error
    return tuple(sorted(names))
