"""NumPy archives of arrays with one row a moment: `time` (or `fps`) and numbers beside it.

Arrays are read row by row out of the archive, so that a bomb costs no memory, and objects are never unpickled.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory.numbers import (
    MAX_COLUMNS,
    Clock,
    Recorder,
    clock_times,
    collect_series,
    is_time,
    rate_of,
    scale,
)
from dataclaw.streams.trajectory.roles import roles_of
from dataclaw.types import Stream

MAX_MEMBERS = 1_000
MAX_BYTES = 2 * 2**30
MAX_ROWS = 10_000_000
_RATES = frozenset({"fps", "rate", "hz", "frequency"})
_READ_ROWS = 1024
_HEADER = 2**14
"""Bytes that a header is looked for in: NumPy reads as many as it announces, which may be gigabytes."""
_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError,
           TokenError, SyntaxError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Array:
    """What the header of an array says.

    Attributes:
        shape: its shape.
        dtype: type of its numbers.
        problem: why it cannot be read, or "".
        start: where its numbers begin, in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    problem: str = ""
    start: int = 0

    @property
    def width(self) -> int:
        """Numbers a row."""
        return math.prod(self.shape[1:])


def _claims(path: Path) -> bool:
    if path.suffix.lower() != ".npz" or head_of(path, 4) != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()[:MAX_MEMBERS]]
    except _BROKEN:
        return True  # cut off: opening it says so
    return any(is_time(name) or name in _RATES for name in names)


@contextmanager
def _archive(path: Path) -> Generator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        raise StreamError(f"archive cannot be read: {str(error)[:200] or 'it breaks off'}.", place=path,
                          remedy="Copy the file again, or save it anew with numpy.savez.") from None  # fmt: skip


def _open(path: Path, _index: int, sampling: Sampling) -> Stream:
    with _archive(path) as archive:
        arrays = _arrays(path, archive)
        rows = _rows(path, arrays)
        problems = [f"{name!r} {array.problem}; left out." for name, array in arrays.items() if array.problem]
        usable = {name: array for name, array in arrays.items() if not array.problem and array.shape}
        odd = [name for name, array in usable.items() if array.shape[0] != rows]
        problems += [f"{name!r} has {usable.pop(name).shape[0]} rows and not {rows}; left out." for name in odd]
        times, timed, said = _times(archive, usable, arrays)
        recorders = [
            recorder
            for name, array in usable.items()
            if not is_time(name) and (recorder := _record(archive, name, array, times, problems))
        ]
    series, more = collect_series(recorders)
    if not series:
        raise _empty(path, [problem.removesuffix("; left out.") for problem in problems])
    action = [name for name in series if "action" in name]
    last = max(float(one.times[-1]) for one in series.values())
    return Stream(
        id=content_id([path], "npz", salt_of(sampling)),
        kind="trajectory",
        name=path.name,
        path=str(path.absolute()),
        format="npz",
        duration=last if timed else last + 1,
        clock="seconds" if timed else "index",
        series=series,
        meta={"camera": "", "cameras": [], "roles": roles_of(series, action=action)},
        problems=(*problems, *said, *more),
    )


def _empty(path: Path, problems: Sequence[str]) -> StreamError:
    why = f": {'; '.join(problems[:3])}" if problems else ""
    remedy = "Save arrays of numbers with one row a moment, and 'time' beside them."
    return StreamError(f"holds no table of numbers{why}.", place=path, remedy=remedy)


def _arrays(path: Path, archive: zipfile.ZipFile) -> dict[str, _Array]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
        raise StreamError(f"unpacks to more than {MAX_MEMBERS:,} arrays or {MAX_BYTES:,} bytes.", place=path,
                          remedy="Split it, or store it as HDF5.")  # fmt: skip
    found: dict[str, _Array] = {}
    for member in members:
        if member.filename.endswith(".npy"):
            with archive.open(member) as file:
                found[member.filename.removesuffix(".npy")] = _header(file, member.file_size)
    return found


def _header(start: IO[bytes], size: int) -> _Array:
    file = BytesIO(start.read(_HEADER))
    version = npy.read_magic(file)
    if version not in {(1, 0), (2, 0)}:
        return _Array((), np.dtype(float), "is of a version that is not known")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(file)
    array = _Array(shape, dtype, start=file.tell())
    if dtype.hasobject:
        return _Array((), dtype, "holds Python objects, which are never unpickled")
    if dtype.kind not in "fiub" or (fortran and len(shape) > 1):
        return _Array(shape, dtype, "is no table of numbers in order of rows")
    if any(length < 0 for length in shape) or math.prod(shape) * dtype.itemsize > size:
        return _Array((), dtype, "announces more numbers than it holds")
    if shape and (shape[0] > MAX_ROWS or not 0 < array.width <= MAX_COLUMNS):
        return _Array(shape, dtype, f"is not a row of at most {MAX_COLUMNS:,} numbers a moment")
    return array


def _rows(path: Path, arrays: Mapping[str, _Array]) -> int:
    """The number of rows: of the times, otherwise the most common one."""
    found = {name: array.shape[0] for name, array in arrays.items() if array.shape and not array.problem}
    stamps = [count for name, count in found.items() if is_time(name)]
    counts = stamps or list(found.values())
    rows = max(set(counts), key=counts.count, default=0)
    if not rows:
        raise _empty(path, [f"{name!r} {array.problem}" for name, array in arrays.items() if array.problem])
    return rows


def _times(
    archive: zipfile.ZipFile, usable: Mapping[str, _Array], arrays: Mapping[str, _Array]
) -> tuple[list[float | None], bool, tuple[str, ...]]:
    """Time of each row [s] (None: left out), whether it is seconds, and what was wrong."""
    clock = Clock()
    stamp = next((name for name, array in usable.items() if is_time(name) and array.width == 1), "")
    if stamp:
        raw = [float(row[0]) for row in _read(archive, stamp, usable[stamp])]
        unit = scale(stamp, "", raw[0])
        return list(clock_times(clock, (value * unit for value in raw))), True, clock.problems
    rows = next(iter(usable.values())).shape[0] if usable else 0
    key = next((name for name, array in arrays.items() if name in _RATES and array.width == 1), "")
    rate = rate_of(float(next(_read(archive, key, arrays[key]))[0])) if key else 0.0
    if not rate:
        return [float(row) for row in range(rows)], False, ()
    return [row / rate for row in range(rows)], True, ()


def _record(
    archive: zipfile.ZipFile, name: str, array: _Array, times: list[float | None], problems: list[str]
) -> Recorder | None:
    if len(array.shape) > 2:
        problems.append(f"{name!r} has {len(array.shape)} axes; pictures in an archive are not read. Left out.")
        return None
    recorder = Recorder(name, [str(k) for k in range(array.width)])
    for time, row in zip(times, _read(archive, name, array), strict=True):
        if time is not None:
            recorder.add(time, row)
    return recorder


def _read(archive: zipfile.ZipFile, name: str, array: _Array) -> Iterator[NDArray[np.float64]]:
    """The rows of an array, one at a time; a number alone is one row."""
    size = array.width * array.dtype.itemsize
    left = array.shape[0] if array.shape else 1
    with archive.open(f"{name}.npy") as file:
        file.seek(array.start)
        while left > 0:
            data = file.read(size * min(left, _READ_ROWS))
            if len(data) < size * min(left, _READ_ROWS):
                raise ValueError(f"{name!r} breaks off")
            yield from np.frombuffer(data, dtype=array.dtype).astype(np.float64).reshape(-1, array.width)
            left -= _READ_ROWS


NPZ = Loader("npz", "trajectory", _claims, _open)
