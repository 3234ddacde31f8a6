"""A first look at a path, shared by every format's `refuses`: what kind of content it is and how it begins."""

from __future__ import annotations

import codecs
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.files import check_regular, folder_names, open_archive, read_json, read_jsonl

_HEAD_BYTES = 64 * 2**10
MAX_DOCUMENT_BYTES = 128 * 2**20
"""Of a JSON document, which is read whole; JSONL is read by the line and may be larger."""


class Look(NamedTuple):
    """A first look at a path, enough to tell formats apart.

    Attributes:
        kind: what the content is; the name's ending plays no part. `jsonl` has a JSON value on its first line and
            more lines after it; a one-line JSON file is `json`.
        value: the whole document of `json`, the first line's value of `jsonl`, otherwise None.
        names: entries of a `folder` (sorted), or members of a `zip`.
        head: up to 64 KiB of `text`, `json` and `jsonl`.
        error: why it is `unreadable`, or why a zip was refused.
    """

    kind: Literal["folder", "zip", "gzip", "json", "jsonl", "text", "binary", "unreadable"]
    value: Any = None
    names: tuple[str, ...] = ()
    head: str = ""
    error: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The first JSON object: the value itself or the first item of a list; {} when there is none."""
        value = cast("list[Any]", self.value)[:1] if isinstance(self.value, list) else [self.value]
        return cast("dict[str, Any]", value[0]) if value and isinstance(value[0], dict) else {}

    def first(self, key: str) -> dict[str, Any]:
        """The first object of the list in the record's field `key`; {} when there is none."""
        return Look("json", self.record.get(key)).record


def look(path: Path) -> Look:
    """A first look; never raises, so that a format's `refuses` can be one expression. Do not change what it returns."""
    try:
        status = path.stat()
        return _look(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError) as error:
        return Look("unreadable", error=str(error))


@lru_cache(maxsize=2)  # every format looks at the same path; the time and size in the key notice a rewritten file
def _look(path: Path, _mtime_ns: int, _size: int) -> Look:
    if path.is_dir():
        return Look("folder", names=folder_names(path))
    check_regular(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"\x1f\x8b"):
        return Look("gzip")
    if head.startswith(b"PK\x03\x04"):
        return _look_zip(path)
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return Look("binary")
    return Look("binary") if "\0" in text else _look_text(path, text)


def _look_zip(path: Path) -> Look:
    try:
        with open_archive(path) as archive:
            return Look("zip", names=archive.names)
    except TraceError as error:
        return Look("zip", error=str(error))


def _look_text(path: Path, head: str) -> Look:
    if not head.lstrip().startswith(("{", "[")):
        return Look("text", head=head)
    lines = read_jsonl(path)
    try:
        _, value = next(lines)
    except TraceError:
        return _look_document(path, head)
    try:
        more = next(lines, None) is not None
    except TraceError:
        more = True  # a broken second line is the parser's to report
    return Look("jsonl" if more else "json", value, head=head)


def _look_document(path: Path, head: str) -> Look:
    try:
        return Look("json", read_json(path, MAX_DOCUMENT_BYTES), head=head)
    except TraceError as error:
        return Look("text", head=head, error=str(error))
