"""Damaged copies of files: bytes and bits changed, pieces lost or doubled, numbers and names beyond sense.

Half of the copies of a document (JSON, lines of JSON, XML, TOML) are damaged as what they are, so that more than the
first check of a reader sees them; archives are damaged inside as often as outside.
"""

from __future__ import annotations

import io
import lzma
import random
import re
import struct
import zipfile
import zlib

from endurance.nodes import other_document

NUMBERS = (b"0", b"-1", b"1e999", b"-1e308", b"1e-320", b"NaN", b"Infinity", b"9" * 40, b"4294967296", b"0.5", b"true")
TEXTS = (b"", b"\x00", b"../../../etc/passwd", "‮\ud7ffΩ".encode(), b"x" * 5000, b"null", b"[[[[", b"{}", b'"', b"-")
WORDS = (0, 1, 2, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
"""Numbers that a field of a binary file may have."""
LARGEST_INSIDE = 2**22
"""Most bytes that are unpacked to be damaged."""
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_STRING = re.compile(rb'"[^"\\\n]{0,80}"')
_PRINTABLE = frozenset(range(32, 127)) | {9, 10, 13}


def mutant(data: bytes, dice: random.Random) -> bytes:
    """A damaged copy."""
    if data[:4] == b"PK\x03\x04" and dice.random() < 0.7:
        return _archive(data, dice)
    if data[:2] == b"\x1f\x8b" and dice.random() < 0.7:
        try:
            return _gzip(_damage(zlib.decompressobj(31).decompress(data, LARGEST_INSIDE), dice))
        except zlib.error:
            pass
    if data[:6] == b"\xfd7zXZ\0" and dice.random() < 0.7:
        try:
            return lzma.compress(_damage(lzma.LZMADecompressor().decompress(data, LARGEST_INSIDE), dice), preset=0)
        except lzma.LZMAError:
            pass
    return _damage(data, dice)


def _damage(data: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.5 and (other := other_document(data, dice)) is not None:
        return other
    ways = _OF_TEXT if all(byte in _PRINTABLE for byte in data[:32]) else _OF_BYTES
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        data = dice.choice(ways)(data, dice)
    return data


def _at(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.choice((1, 2, 4, 8, 30, 200, 3000)))


def _flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _word(data: bytes, dice: random.Random) -> bytes:
    """A field of 1, 2, 4 or 8 bytes with another number: a length, a count, a place."""
    size = dice.choice((1, 2, 4, 4, 8))
    at = dice.randrange(max(1, len(data) - size + 1))
    value = dice.choice((*WORDS, len(data), len(data) - at)) % 2 ** (8 * size)
    code = {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
    return data[:at] + struct.pack(dice.choice("<>") + code, value) + data[at + size :]


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _lose(data: bytes, dice: random.Random) -> bytes:
    start, end = _at(data, dice)
    return data[:start] + data[end:]


def _double(data: bytes, dice: random.Random) -> bytes:
    start, end = _at(data, dice)
    return data[:end] + data[start:end] * dice.choice((1, 1, 20)) + data[end:]


def _insert(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice((*TEXTS, *NUMBERS, dice.randbytes(8))) + data[at:]


def _swap(data: bytes, dice: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _number(data: bytes, dice: random.Random) -> bytes:
    return _replace(_NUMBER, data, dice.choice(NUMBERS), dice)


def _string(data: bytes, dice: random.Random) -> bytes:
    other = dice.choice((*(b'"%s"' % text for text in TEXTS), *NUMBERS, b"null", b"[]", b"{}"))
    return _replace(_STRING, data, other, dice)


_OF_TEXT = (_flip, _cut, _lose, _double, _number, _number, _string, _string, _insert, _swap)
_OF_BYTES = (_flip, _flip, _word, _word, _word, _cut, _lose, _double, _number, _string, _insert)


def _replace(pattern: re.Pattern[bytes], data: bytes, other: bytes, dice: random.Random) -> bytes:
    """The next match behind a random place, replaced."""
    one = pattern.search(data, dice.randrange(len(data) + 1)) or pattern.search(data)
    return data[: one.start()] + other + data[one.end() :] if one else _flip(data, dice)


def _archive(data: bytes, dice: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            infos = [info for info in source.infolist() if info.file_size < LARGEST_INSIDE]
            members = [(info.filename, source.read(info)) for info in infos]
    except (zipfile.BadZipFile, NotImplementedError, OSError, zlib.error):
        return _damage(data, dice)
    if not members:
        return _damage(data, dice)
    chosen = dice.randrange(len(members))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for number, (name, content) in enumerate(members):
            target.writestr(name, mutant(content, dice) if number == chosen else content)
    return made.getvalue()


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(data) + packer.flush()
