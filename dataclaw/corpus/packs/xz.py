"""xz as packs use it: far smaller than deflate where texts repeat, and unpacked within limits of size and memory."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path

from dataclaw.errors import StreamError

MEMORY = 64 * 2**20
"""Most memory that unpacking takes, whatever a file asks for [bytes]."""
CHUNK = 2**20
MAX_LINE_BYTES = 32 * 2**20
_SMALL = 2**20
_MEMBER = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": _SMALL}]
_LINES = [{"id": lzma.FILTER_LZMA2, "preset": 3, "dict_size": 16 * _SMALL}]
AGAIN = "Pack the corpus again, or get the pack again."
"""What to do about a damaged pack."""


def compress(data: bytes) -> bytes:
    """The data, packed; equal data give equal bytes."""
    return lzma.compress(data, filters=_MEMBER)


def decompress(data: bytes, limit: int, place: str) -> bytes:
    """What `packed` packed.

    Args:
        data: packed bytes, of a stranger.
        limit: most bytes that may come out.
        place: what is read, for errors.

    Raises:
        StreamError: it is damaged, holds more, or takes too much memory.
    """
    found = bytearray()
    for chunk in _chunks(iter([data]), place):
        found += chunk
        if len(found) > limit:
            raise StreamError(f"unpacks to more than {limit:,} bytes.", place=place, remedy=AGAIN)
    return bytes(found)


def pack_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Pack lines, each with its line feed, into a file; how many bytes they are unpacked."""
    total = 0
    with lzma.open(path, "wb", filters=_LINES) as file:
        for line in lines:
            file.write(line)
            total += len(line)
    return total


def read_lines(path: Path, limit: int) -> Iterator[bytes]:
    """The lines of a packed file, each with its line feed, one in memory at a time.

    Args:
        path: a stranger's file.
        limit: most bytes that may come out.

    Raises:
        StreamError: it is damaged, holds more, a line is longer than `MAX_LINE_BYTES`, or it takes too much memory.
        OSError: it cannot be read.
    """
    rest, total = b"", 0
    with path.open("rb") as file:
        for chunk in _chunks(iter(lambda: file.read(CHUNK), b""), path.name):
            total += len(chunk)
            if total > limit:
                raise StreamError(f"unpacks to more than {limit:,} bytes.", place=path.name, remedy=AGAIN)
            *whole, rest = _lines(rest + chunk)
            if len(rest) > MAX_LINE_BYTES:
                raise StreamError(f"has a line of more than {MAX_LINE_BYTES:,} bytes.", place=path.name, remedy=AGAIN)
            yield from whole
    if rest:
        yield rest


def _lines(data: bytes) -> list[bytes]:
    """Pieces that end in a line feed, and last what does not."""
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), rest]


def _chunks(parts: Iterator[bytes], place: str) -> Iterator[bytes]:
    """What parts of one xz stream unpack to, in pieces of `CHUNK` bytes at most."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)
    try:
        for part in parts:
            if unpacker.eof:
                break
            yield unpacker.decompress(part, CHUNK)
            while not unpacker.needs_input and not unpacker.eof:
                yield unpacker.decompress(b"", CHUNK)
    except lzma.LZMAError as error:
        raise StreamError(f"is damaged: {error}.", place=place, remedy=AGAIN) from None
    if not unpacker.eof:
        raise StreamError("is damaged: it ends too early.", place=place, remedy=AGAIN)
    if unpacker.unused_data:
        raise StreamError("is damaged: something lies behind its end.", place=place, remedy=AGAIN)
