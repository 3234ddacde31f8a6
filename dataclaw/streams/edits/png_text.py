"""Text chunks of a PNG (tEXt, zTXt, iTXt), read within limits and without decoding the picture.

Pillow reads them too, but decompresses all of them first and refuses the whole picture where one is large. The layout
is that of the PNG specification, sections 11.3.3.2 to 11.3.3.4. Chunks after the picture's data are not looked at.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dataclaw.errors import StreamError

MAX_TEXT = 16 * 2**20
"""Most bytes of one text, as stored and as unpacked."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 1000
_KEYWORD = 80


class Chunk(NamedTuple):
    """A text chunk.

    Attributes:
        kind: "tEXt", "zTXt" or "iTXt".
        keyword: name of the text.
        size: bytes of the chunk.
        start: where its data begin in the file.
    """

    kind: str
    keyword: str
    size: int
    start: int


def text_chunks(path: Path) -> list[Chunk]:
    """The text chunks before the picture's data; [] for what is no PNG or breaks off. Never raises."""
    try:
        if not path.is_file():
            return []
        with path.open("rb") as stream:
            return list(_chunks(stream)) if stream.read(8) == _SIGNATURE else []
    except (OSError, ValueError):
        return []


def _chunks(stream: BinaryIO) -> Iterator[Chunk]:
    for _ in range(_MAX_CHUNKS):
        header = stream.read(8)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header)
        if kind in (b"IDAT", b"IEND"):
            return
        start = stream.tell()
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword = stream.read(min(size, _KEYWORD)).partition(b"\0")[0]
            yield Chunk(kind.decode(), keyword.decode("latin-1"), size, start)
        stream.seek(start + size + 4)


def read_text_chunk(path: Path, chunk: Chunk) -> str:
    """The text of a chunk.

    Raises:
        StreamError: it is too large, broken off, damaged, or not text.
    """
    place = f"{path}: text {chunk.keyword!r}"
    if chunk.size > MAX_TEXT:
        raise _too_large(place, f"has {chunk.size:,} bytes")
    with path.open("rb") as stream:
        stream.seek(chunk.start)
        data = stream.read(chunk.size)
        check = stream.read(4)
    if len(data) < chunk.size or len(check) < 4:
        raise StreamError("breaks off.", place=place, remedy="Copy the picture again.")
    if struct.unpack(">I", check)[0] != zlib.crc32(chunk.kind.encode() + data):
        raise StreamError("is damaged: its check sum is wrong.", place=place, remedy="Copy the picture again.")
    packed, raw, encoding = _body(chunk.kind, data.partition(b"\0")[2])
    try:
        return (_unpack(raw, place) if packed else raw).decode(encoding)
    except UnicodeDecodeError as error:
        raise StreamError(f"is not UTF-8: {error}.", place=place, remedy="Save the picture again.") from None


def _body(kind: str, rest: bytes) -> tuple[bool, bytes, str]:
    """Whether the text is packed, its bytes, and their encoding."""
    if kind == "iTXt":
        text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # after the language and the translated keyword
        return rest[:1] == b"\1", text, "utf-8"
    return kind == "zTXt", rest[1:] if kind == "zTXt" else rest, "latin-1"


def _unpack(data: bytes, place: str) -> bytes:
    machine = zlib.decompressobj()
    try:
        text = machine.decompress(data, MAX_TEXT + 1)
    except zlib.error as error:
        raise StreamError(f"cannot be unpacked: {error}.", place=place, remedy="Save the picture again.") from None
    if len(text) > MAX_TEXT:
        raise _too_large(place, "unpacks to more")
    return text


def _too_large(place: str, why: str) -> StreamError:
    return StreamError(
        f"{why}; texts of up to {MAX_TEXT:,} bytes are read.",
        place=place,
        remedy="Save the graph as a JSON file and give that.",
    )
