"""A `tf.train.Example` out of its bytes, without TensorFlow or protobuf; bytes values are given by their place.

Only what an Example needs of the wire format is known: varints, length-delimited fields, 32-bit and 64-bit numbers.
Sources: Protocol Buffers, "Encoding"; tensorflow/core/example/{example,feature}.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_VALUES = 64 * 2**20
MAX_FEATURES = 10_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are no such message."""


@dataclass(slots=True)
class ExampleFeature:
    """The values of one feature.

    Attributes:
        spans: `(first byte, end)` in the buffer of each bytes value.
        numbers: its numbers, one after the other, `(values,)`.
    """

    spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def example(data: memoryview) -> dict[str, ExampleFeature]:
    """The features of an Example, by name.

    Raises:
        WireError: not an Example, or one beyond `MAX_FEATURES` or `MAX_VALUES`.
    """
    found: dict[str, ExampleFeature] = {}
    for number, first, end in _parts(data, 0, len(data)):
        if number == 1:  # Example.features
            for inner, start, stop in _parts(data, first, end):
                if inner == 1:  # Features.feature, an entry of a map
                    name, value = _entry(data, start, stop)
                    found[name] = value
                if len(found) > MAX_FEATURES:
                    raise WireError(f"more than {MAX_FEATURES:,} features")
    return found


def _entry(data: memoryview, first: int, end: int) -> tuple[str, ExampleFeature]:
    name, value = "", ExampleFeature()
    for number, start, stop in _parts(data, first, end):
        if number == 1:
            name = _text(data, start, stop)
        elif number == 2:
            value = _feature(data, start, stop)
    return name, value


def _text(data: memoryview, first: int, end: int) -> str:
    try:
        return bytes(data[first:end]).decode()
    except UnicodeDecodeError:
        raise WireError("a name that is not UTF-8") from None


def _feature(data: memoryview, first: int, end: int) -> ExampleFeature:
    for number, start, stop in _parts(data, first, end):
        if number == 1:
            return ExampleFeature(spans=[(a, b) for inner, a, b in _parts(data, start, stop) if inner == 1])
        if number == 2:
            return ExampleFeature(numbers=_join(_floats(data, start, stop)))
        if number == 3:
            return ExampleFeature(numbers=_join(_integers(data, start, stop)))
    return ExampleFeature()


def _join(blocks: Iterator[NDArray[np.float64]]) -> NDArray[np.float64]:
    kept, count = [np.zeros(0)], 0
    for block in blocks:
        count += len(block)
        if count > MAX_VALUES:
            raise WireError(f"more than {MAX_VALUES:,} numbers in a feature")
        kept.append(block)
    return np.concatenate(kept)


def _floats(data: memoryview, first: int, end: int) -> Iterator[NDArray[np.float64]]:
    for kind, number, start, stop in _fields(data, first, end):
        if number != 1 or kind not in {_BYTES, _FIXED32} or (stop - start) % 4:
            raise WireError("a broken list of floats")
        with np.errstate(invalid="ignore"):  # a signalling NaN
            yield np.frombuffer(data[start:stop], dtype="<f4").astype(np.float64)


def _integers(data: memoryview, first: int, end: int) -> Iterator[NDArray[np.float64]]:
    for kind, number, start, stop in _fields(data, first, end):
        if number != 1 or kind not in {_BYTES, _VARINT}:
            raise WireError("a broken list of integers")
        yield _varints(np.frombuffer(data[start:stop], dtype=np.uint8))


def _varints(octets: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Packed signed 64-bit varints `(values,)`: seven bits an octet, the lowest first, the top bit says "more"."""
    last = np.flatnonzero(octets < 128)
    if not len(octets):
        return np.zeros(0)
    if not len(last) or last[-1] != len(octets) - 1:
        raise WireError("an integer that breaks off")
    starts = np.concatenate([[0], last[:-1] + 1])
    place = np.arange(len(octets)) - np.repeat(starts, last - starts + 1)
    if place.max() > 9:
        raise WireError("an integer of more than ten octets")
    bits = (octets & 127).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.add.reduceat(bits, starts).view(np.int64).astype(np.float64)


def _parts(data: memoryview, first: int, end: int) -> Iterator[tuple[int, int, int]]:
    """`(field number, first byte, end)` of the length-delimited fields."""
    for kind, number, start, stop in _fields(data, first, end):
        if kind == _BYTES:
            yield number, start, stop


def _fields(data: memoryview, first: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """`(wire type, field number, first byte, end)` of each field of the message `data[first:end]`."""
    at = first
    while at < end:
        key, at = _varint(data, at, end)
        kind, start = key & 7, at
        if kind == _VARINT:
            _, at = _varint(data, at, end)
        elif kind == _BYTES:
            size, start = _varint(data, at, end)
            at = start + size
        elif kind in {_FIXED32, _FIXED64}:
            at = start + (4 if kind == _FIXED32 else 8)
        else:
            raise WireError(f"wire type {kind} at byte {first}")
        if at > end:
            raise WireError(f"a field that ends {at - end} bytes beyond its message")
        yield kind, key >> 3, start, at


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """A number and where the next field begins."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        octet = data[at]
        at += 1
        value |= (octet & 127) << shift
        if octet < 128:
            return value, at
    raise WireError("a number that breaks off")
