"""The records of TFRecord files: where each lies, and its bytes once their check sum holds.

A record is its length (u64), the masked CRC-32C of the length (u32), the bytes, and their masked CRC-32C (u32), little
endian. Source: TensorFlow, "TFRecord and tf.train.Example", format details.

A CRC is linear, so that lanes of a kilobyte are summed side by side, and then put together: each lane moves the sum so
far on by a kilobyte of zeros, which is a table look-up, and adds its own. Source: RFC 3720 appendix B.4; the mask is
TensorFlow's (tensorflow/core/lib/hash/crc32c.h).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import while_unchanged

MAX_RECORDS = 10_000_000
_HEAD, _FOOT = 12, 4

_POLYNOMIAL = 0x82F63B78
_LANE = 1024
_BLOCK = 4096 * _LANE
_ALL = 0xFFFFFFFF


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """What an octet does to the sum, `(256,)`."""
    sums = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        sums = (sums >> np.uint32(1)) ^ np.where(sums & np.uint32(1), np.uint32(_POLYNOMIAL), np.uint32(0))
    return sums


@lru_cache(maxsize=1)
def _moves() -> tuple[list[int], ...]:
    """What a lane of zeros does to each octet of the sum: four tables of 256."""
    tables: list[list[int]] = []
    for octet in range(4):
        sums = np.arange(256, dtype=np.uint32) << np.uint32(8 * octet)
        for _ in range(_LANE):
            sums = _table()[sums & np.uint32(255)] ^ (sums >> np.uint32(8))
        tables.append([int(value) for value in sums])
    return tuple(tables)


def crc32c(data: bytes | memoryview) -> int:
    """CRC-32C of the bytes."""
    total, table = _ALL, _table()
    whole = len(data) - len(data) % _LANE
    low, second, third, high = _moves() if whole else ([], [], [], [])
    for start in range(0, whole, _BLOCK):
        block = np.frombuffer(data[start : min(start + _BLOCK, whole)], dtype=np.uint8)
        lanes = np.ascontiguousarray(block.reshape(-1, _LANE).T)
        sums = np.zeros(lanes.shape[1], dtype=np.uint32)
        for octets in lanes:
            sums = table[(sums ^ octets) & np.uint32(255)] ^ (sums >> np.uint32(8))
        for lane in sums.tolist():
            total = low[total & 255] ^ second[total >> 8 & 255] ^ third[total >> 16 & 255] ^ high[total >> 24] ^ lane
    for octet in bytes(data[whole:]):
        total = int(table[(total ^ octet) & 255]) ^ (total >> 8)
    return total ^ _ALL


def masked_crc(data: bytes | memoryview) -> int:
    """The check sum as a TFRecord holds it: turned by 15 bits, plus a constant."""
    total = crc32c(data)
    return (((total >> 15) | (total << 17)) + 0xA282EAD8) & _ALL


@dataclass(frozen=True, slots=True)
class TFRecord:
    """Where a record lies.

    Attributes:
        file: the file.
        start: first of its bytes, past the length.
        length: number of its bytes.
        problem: why it cannot be read, or "".
    """

    file: Path
    start: int
    length: int
    problem: str = ""

    def map(self) -> memoryview:
        """The whole file, mapped and not read; the record is `[start : start + length]`.

        Raises:
            StreamError: the record is damaged, or the file has gone.
        """
        if self.problem:
            raise self._error(self.problem)
        try:
            with self.file.open("rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            raise self._error(str(error)) from None
        if len(data) < self.start + self.length + _FOOT:
            raise self._error("the file has become shorter")
        return data

    def map_checked(self) -> memoryview:
        """As `map`, once the check sum of the record's bytes holds.

        Raises:
            StreamError: it does not, or as `map`.
        """
        data = self.map()
        end = self.start + self.length
        (expected,) = struct.unpack("<I", data[end : end + _FOOT])
        if masked_crc(data[self.start : end]) != expected:
            raise self._error("its check sum is wrong")
        return data

    def _error(self, problem: str) -> StreamError:
        return StreamError(f"the record at byte {max(0, self.start - _HEAD):,} cannot be read: {problem}.",
                           place=self.file, remedy="Copy the file again, or leave it out.")  # fmt: skip


def records(file: Path) -> tuple[TFRecord, ...]:
    """All records; one that is damaged or cut off is the last, for nothing after it can be found. Never raises."""
    try:
        return _walk(file)
    except StreamError as error:
        return (TFRecord(file, _HEAD, 0, error.message.rstrip(".")),)


@while_unchanged(4096)
def _walk(file: Path) -> tuple[TFRecord, ...]:
    found: list[TFRecord] = []
    size = file.stat().st_size
    try:
        with file.open("rb") as opened:
            at = 0
            while at < size and not (found and found[-1].problem):
                opened.seek(at)
                found.append(_record(file, opened.read(_HEAD), at, size))
                at = found[-1].start + found[-1].length + _FOOT
                if len(found) >= MAX_RECORDS:
                    break
    except OSError as error:
        found.append(TFRecord(file, _HEAD, 0, str(error.strerror)))
    return tuple(found) or (TFRecord(file, _HEAD, 0, "the file is empty"),)


def _record(file: Path, head: bytes, at: int, size: int) -> TFRecord:
    start = at + _HEAD
    if len(head) < _HEAD:
        return TFRecord(file, start, 0, "the file breaks off within its length")
    length, expected = struct.unpack("<QI", head)
    if masked_crc(head[:8]) != expected:
        return TFRecord(file, start, 0, "the check sum of its length is wrong; the file is damaged or no TFRecord")
    if start + length + _FOOT > size:
        return TFRecord(file, start, 0, f"it is {length:,} bytes long, and the file ends {size - start:,} bytes on")
    return TFRecord(file, start, length)
