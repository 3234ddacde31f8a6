"""Bytes of editing files, within limits and with our errors; what they mean is the loaders' business."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, ParseError

from dataclaw.errors import StreamError
from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.files import folder_names, inside, loads, read_bytes, read_text

MAX_BYTES = 64 * 2**20
_HEAD = 64 * 2**10
_T = TypeVar("_T")


def head_of(path: Path, *suffixes: str) -> bytes:
    """How a regular file of one of these name endings begins, up to 64 KiB; b"" for every other path. Never raises."""
    if path.suffix.lower() not in suffixes:
        return b""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except (OSError, ValueError):
        return b""


def names_in(folder: Path) -> tuple[str, ...]:
    """Sorted names of a folder's entries; () for what is no folder or cannot be listed. Never raises."""
    try:
        return folder_names(folder) if folder.is_dir() else ()
    except (TraceError, OSError, ValueError):
        return ()


def bytes_of(path: Path) -> bytes:
    """The whole file.

    Raises:
        StreamError: missing, not a regular file, or more than `MAX_BYTES`.
    """
    return _ours(path, lambda: read_bytes(path, MAX_BYTES))


def text_of(path: Path) -> str:
    """The whole file as UTF-8 text.

    Raises:
        StreamError: as `bytes_of`, or not UTF-8.
    """
    return _ours(path, lambda: read_text(path, MAX_BYTES))


def json_of(path: Path) -> Any:
    """The file's JSON: no NaN, no infinite number, no nesting beyond 400 levels.

    Raises:
        StreamError: as `text_of`, or one of these.
    """
    text = text_of(path)
    return _ours(path, lambda: loads(text, str(path)))


def beside(folder: Path, name: str) -> Path:
    """The path of a file that an editing file names, sure to lie in its folder.

    Raises:
        StreamError: it would lie elsewhere.
    """
    return _ours(folder, lambda: inside(folder, name))


def xml_of(path: Path) -> Element:
    """The root of an XML file, read with entities refused: they multiply text, and reach for other files.

    Raises:
        StreamError: as `bytes_of`, not well formed, or it declares entities.
    """
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    data = bytes_of(path)
    try:
        return ElementTree.fromstring(data)
    except DefusedXmlException as error:
        raise StreamError(
            f"declares or names XML entities ({type(error).__name__}), which are never read.",
            place=str(path),
            remedy="Export the file again without a document type that declares entities.",
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise StreamError(
            f"is not XML: {str(error)[:200]}.", place=str(path), remedy="Export the file again."
        ) from None


def _ours(path: Path, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except TraceError as error:
        where = error.path or str(path)
        raise StreamError(
            f"{error.reason}.",
            place=where if error.line is None else f"{where}:{error.line}",
            remedy=f"{error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else "Mend it, or leave it out.",
        ) from None
