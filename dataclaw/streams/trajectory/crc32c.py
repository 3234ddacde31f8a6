"""The check sum of TFRecords: CRC-32C (Castagnoli), fast enough in NumPy for whole recordings.

A CRC is linear, so that lanes of a kilobyte are summed side by side, and then put together: each lane moves the sum so
far on by a kilobyte of zeros, which is a table look-up, and adds its own. Source: RFC 3720 appendix B.4; the mask is
TensorFlow's (tensorflow/core/lib/hash/crc32c.h).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
