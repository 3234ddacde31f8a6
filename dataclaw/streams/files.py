"""Files of a stranger: bounded, decoded with a word about it, and refused with errors of this stream.

Every loader reads through here; what the bytes mean is the loader's own business. A link that leads out of a
stranger's folder is not followed, wherever it lies: a folder that a loader takes as a whole is searched once for such
links, a file that is looked for beside another one is asked for alone, and what a file names in words goes through
`inside`.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dataclaw.errors import StreamError
from dataclaw.types import Json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import check_regular, decode, folder_names, loads, read_bytes
from pyautogui_trace_parsers.files import inside as inside_folder

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 64 * 2**20
"""Largest document that is read whole: an hour of speech with a time for every word has half a megabyte."""
MAX_TABLE_BYTES = 512 * 2**20
"""Largest table; its rows are read one by one."""
MAX_XML_DEPTH = 200
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_T = TypeVar("_T")


def stream_error(error: TraceError, place: Path | str, home: Path | None = None) -> StreamError:
    """A refusal of the byte reader as an error of this stream.

    Args:
        error: the refusal.
        place: what is meant where it names no file.
        home: folder that the name of its file is relative to, where it is.
    """
    where = str(home / error.path) if home and error.path else error.path or str(place)
    remedy = f"{error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else "Correct the file, or leave it out."
    return StreamError(
        f"{error.reason}.", place=where if error.line is None else f"{where}:{error.line}", remedy=remedy
    )


def head_of(path: Path, size: int = 4096, *suffixes: str) -> bytes:
    """The first bytes of a regular file; nothing of anything else. Never raises, as `Loader.claims` must not.

    Args:
        path: the file.
        size: most bytes.
        suffixes: the only endings of its name (in lower case) that are looked at; none: any.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        return b""
    try:
        check_regular(path, 2**62)
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError, TraceError):
        return b""


def names_in(folder: Path) -> tuple[str, ...]:
    """Sorted names in a folder; none when there is no folder or it cannot be listed. Never raises."""
    try:
        return folder_names(folder) if folder.is_dir() else ()
    except (TraceError, OSError, ValueError):
        return ()


def bytes_of(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The whole file.

    Raises:
        StreamError: missing, not a regular file, or larger than `limit` bytes.
    """
    try:
        return read_bytes(path, limit)
    except TraceError as error:
        raise stream_error(error, path) from None


def text_in(path: Path) -> str:
    """The whole file as UTF-8 text, with or without a byte order mark.

    Raises:
        StreamError: as `bytes_of`, or not UTF-8.
    """
    try:
        return decode(read_bytes(path, MAX_BYTES), str(path))
    except TraceError as error:
        raise stream_error(error, path) from None


def json_in(path: Path, limit: int = MAX_BYTES) -> Json:
    """One JSON document without NaN or infinite numbers, nested at most 400 levels deep.

    Raises:
        StreamError: as `text_in`, or it is not one.
    """
    try:
        return loads(decode(read_bytes(path, limit), str(path)), str(path))
    except TraceError as error:
        raise stream_error(error, path) from None


def inside(folder: Path, name: str) -> Path:
    """The path of a file that another one names, sure to lie in the folder.

    Raises:
        StreamError: it would lie elsewhere.
    """
    try:
        return inside_folder(folder, name)
    except TraceError as error:
        raise stream_error(error, folder) from None


def decode_text(data: bytes) -> tuple[str, str]:
    """Text, and a sentence about its encoding when that is not UTF-8.

    A byte order mark decides; without one, text that is not UTF-8 is taken as Windows-1252, which old subtitle files
    are in (a byte that has no character there is read as Latin-1).
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, "replace")
            return text, "" if encoding == "utf-8-sig" else "The file is UTF-16; read as that."
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "The file is not UTF-8; read as Windows-1252."
    except UnicodeDecodeError:
        return data.decode("latin-1"), "The file is not UTF-8; read as Latin-1."


def xml_of(data: bytes, place: Path | str, *, doctype: bool = False, depth: int = MAX_XML_DEPTH) -> Element:
    """The root of an XML document; entities are refused, for they multiply text and reach for other files.

    Args:
        data: the document.
        place: where it lies, for errors.
        doctype: whether it may declare a document type, without entities.
        depth: how many levels deep it may be nested.

    Raises:
        StreamError: not XML, one that declares what it may not, or too deep.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=not doctype)
    except DefusedXmlException:
        what = "XML entities, which are never read" if doctype else "a document type, which is not read"
        remedy = "Take the <!DOCTYPE ...> with its entities out of it."
        raise StreamError(f"declares {what}.", place=place, remedy=remedy) from None
    except (ParseError, ValueError, LookupError) as error:
        raise StreamError(f"is not XML: {str(error)[:200]}.", place=place, remedy="Export it again.") from None
    level = [root]
    for _ in range(depth):
        level = [child for node in level for child in node]
        if not level:
            return root
    raise StreamError(f"is nested more than {depth} levels deep.", place=place, remedy="Export it again.")


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """`(line number, cells by column)` of each row of a CSV table with a head line; cells that are missing are "".

    Raises:
        StreamError: too large, or not a table.
    """
    try:
        check_regular(path, MAX_TABLE_BYTES)
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file, restval="", restkey="")
            for row in reader:
                yield reader.line_num, {key: value for key, value in row.items() if key}
    except TraceError as error:
        raise stream_error(error, path) from None
    except (csv.Error, OSError) as error:
        raise StreamError(f"is not a table: {str(error)[:200]}.", place=path, remedy="Save it as CSV again.") from None


def columns_of(path: Path) -> frozenset[str]:
    """Columns that a CSV table's head line names; none when it is no table. Never raises."""
    line = head_of(path).decode("utf-8-sig", "replace").split("\n", 1)[0]
    try:
        return frozenset(name for row in csv.reader(io.StringIO(line)) for name in row)
    except csv.Error:
        return frozenset()


def while_unchanged(count: int) -> Callable[[Callable[[Path], _T]], Callable[[Path], _T]]:
    """Remember what a function of a path gave for the `count` paths asked for last, until a path changes.

    A file that was written again has another time or size, a folder with other entries another time. The function
    made raises StreamError where nothing lies at the path.
    """

    def wrap(function: Callable[[Path], _T]) -> Callable[[Path], _T]:
        @lru_cache(maxsize=count)
        def remember(path: Path, _mtime_ns: int, _size: int) -> _T:
            return function(path)

        def ask(path: Path) -> _T:
            try:
                status = path.stat()
            except (OSError, ValueError) as error:
                raise StreamError(f"cannot be read: {error}.", place=path, remedy="Check the path.") from None
            return remember(path, status.st_mtime_ns, status.st_size)

        return ask

    return wrap


def stays(path: Path, root: Path) -> bool:
    """Whether a path leads nowhere else than into the folder, links followed. Links in a circle lead nowhere."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def is_beside(file: Path) -> bool:
    """Whether a regular file is there, and lies in its folder itself."""
    return file.is_file() and stays(file, file.parent)


def check_links(folder: Path) -> None:
    """Refuse a folder with a link that leads out of it.

    Raises:
        StreamError: there is one; the message names it.
    """
    found = _leading_out(folder)
    if found:
        raise StreamError(f"holds a link that leads out of it, {found[:200]!r}.", place=folder,
                          remedy="Copy the folder with its links resolved (cp -rL), or take the link out.")  # fmt: skip


@while_unchanged(64)  # every episode of a dataset asks for it
def _leading_out(folder: Path) -> str:
    """The first such link, from the folder; hidden ones are not looked at, for nobody reads them."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *sorted(files)):
            path = Path(place, name)
            if path.is_symlink() and not name.startswith(".") and not stays(path, folder):
                return str(path.relative_to(folder))
    return ""
