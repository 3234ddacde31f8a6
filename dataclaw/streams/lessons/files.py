"""How bytes of lessons and tables come in: bounded, decoded with a word about it, and never out of their folder."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.types import Json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import check_regular, folder_names, read_bytes, read_json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_TEXT_BYTES = 64 * 2**20
"""Largest subtitle, XML or JSON file that is read: an hour of speech with a time for every word has half a megabyte."""
MAX_TABLE_BYTES = 512 * 2**20
"""Largest table; its rows are read one by one."""
MAX_XML_DEPTH = 200
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def refused(error: TraceError, place: Path | str) -> StreamError:
    """A refusal of the byte reader as an error of this stream."""
    remedy = f"{error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else "Mend the file, or leave it out."
    return StreamError(f"{error.reason}.", place=error.path or str(place), remedy=remedy)


def data_of(path: Path, limit: int = MAX_TEXT_BYTES) -> bytes:
    """The whole file.

    Raises:
        StreamError: missing, not a regular file, or larger than `limit` bytes.
    """
    try:
        return read_bytes(path, limit)
    except TraceError as error:
        raise refused(error, path) from None


def json_of(path: Path) -> Json:
    """One JSON document without NaN or Infinity, nested at most 400 levels deep.

    Raises:
        StreamError: it is not.
    """
    try:
        return read_json(path, MAX_TEXT_BYTES)
    except TraceError as error:
        raise refused(error, path) from None


def head_of(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a regular file; nothing of anything else. Never raises, as `Loader.claims` must not."""
    try:
        check_regular(path, 2**62)
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError, TraceError):
        return b""


def names_in(folder: Path) -> tuple[str, ...]:
    """Sorted names in a folder; none when it cannot be listed. Never raises."""
    try:
        return folder_names(folder)
    except TraceError:
        return ()


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


def xml_of(data: bytes, place: Path | str) -> Element:
    """The root of an XML document without a document type, nested at most `MAX_XML_DEPTH` levels deep.

    Raises:
        StreamError: not XML, one that declares a document type or entities, or too deep.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        remedy = "Take the <!DOCTYPE ...> with its entities out of it."
        raise StreamError("declares a document type, which is not read.", place=str(place), remedy=remedy) from None
    except (ParseError, ValueError, LookupError) as error:
        raise StreamError(f"is not XML: {str(error)[:200]}.", place=str(place), remedy="Mend the file.") from None
    level = [root]
    for _ in range(MAX_XML_DEPTH):
        level = [child for node in level for child in node]
        if not level:
            return root
    raise StreamError(f"is nested more than {MAX_XML_DEPTH} levels deep.", place=str(place), remedy="Mend the file.")


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
        raise refused(error, path) from None
    except (csv.Error, OSError) as error:
        raise StreamError(
            f"is not a table: {str(error)[:200]}.", place=str(path), remedy="Save it as CSV again."
        ) from None


def columns_of(path: Path) -> frozenset[str]:
    """Columns that a CSV table's head line names; none when it is no table. Never raises."""
    line = head_of(path).decode("utf-8-sig", "replace").split("\n", 1)[0]
    try:
        return frozenset(name for row in csv.reader(io.StringIO(line)) for name in row)
    except csv.Error:
        return frozenset()
