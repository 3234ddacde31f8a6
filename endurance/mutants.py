"""Damaged copies of files: bytes and bits changed, pieces lost or doubled, numbers and names beyond sense."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib

NUMBERS = (b"0", b"-1", b"1e999", b"-1e308", b"1e-320", b"NaN", b"Infinity", b"9" * 40, b"4294967296", b"0.5", b"true")
TEXTS = (b"", b"\x00", b"../../../etc/passwd", "‮\ud7ffΩ".encode(), b"x" * 5000, b"null", b"[[[[", b"{}", b'"', b"-")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_STRING = re.compile(rb'"[^"\\\n]{0,80}"')


def mutant(data: bytes, dice: random.Random) -> bytes:
    """A damaged copy; archives are damaged inside as often as outside."""
    if data[:4] == b"PK\x03\x04" and dice.random() < 0.7:
        return _archive(data, dice)
    if data[:2] == b"\x1f\x8b" and dice.random() < 0.7:
        try:
            return _gzip(_damaged(zlib.decompressobj(31).decompress(data, 2**22), dice))
        except zlib.error:
            pass
    return _damaged(data, dice)


def _damaged(data: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        data = dice.choice((_flip, _cut, _lose, _double, _number, _number, _string, _string, _insert, _swap))(
            data, dice
        )
    return data


def _at(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.choice((1, 2, 4, 8, 30, 200, 3000)))


def _flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


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
    return _replaced(_NUMBER, data, dice.choice(NUMBERS), dice)


def _string(data: bytes, dice: random.Random) -> bytes:
    other = dice.choice((*(b'"%s"' % text for text in TEXTS), *NUMBERS, b"null", b"[]", b"{}"))
    return _replaced(_STRING, data, other, dice)


def _replaced(pattern: re.Pattern[bytes], data: bytes, other: bytes, dice: random.Random) -> bytes:
    found = list(pattern.finditer(data[: 2**18]))
    if not found:
        return _flip(data, dice)
    one = dice.choice(found)
    return data[: one.start()] + other + data[one.end() :]


def _archive(data: bytes, dice: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = [(info.filename, source.read(info)) for info in source.infolist() if info.file_size < 2**22]
    except (zipfile.BadZipFile, NotImplementedError, OSError, zlib.error):
        return _damaged(data, dice)
    if not members:
        return _damaged(data, dice)
    chosen = dice.randrange(len(members))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for number, (name, content) in enumerate(members):
            target.writestr(name, _damaged(content, dice) if number == chosen else content)
    return made.getvalue()


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(data) + packer.flush()
