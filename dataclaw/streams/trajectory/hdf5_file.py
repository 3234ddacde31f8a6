"""HDF5 files of strangers: nothing outside the file is opened, and nothing absurdly large is read.

HDF5 can point to other files in three ways (links, external storage, virtual data sets), and can declare terabytes that
were never written; all of these are refused before a byte of them is read.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.trajectory.files import first_line, reader
from dataclaw.types import Json

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_ROWS = 10_000_000
MAX_CHUNK_BYTES = 256 * 2**20
MAX_MEMBERS = 100_000
_READ_ROWS = 1024


@contextmanager
def hdf5(path: Path) -> Generator[Any]:
    """An `h5py.File`, for reading.

    Raises:
        StreamError: damaged or cut off; also where that shows only while it is read.
        MissingExtraError: h5py is not installed.
    """
    h5py = reader("h5py")
    try:
        with h5py.File(str(path), "r", locking=False) as opened:
            yield opened
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise StreamError(f"HDF5 file cannot be read: {first_line(error)}.", place=path,
                          remedy="Copy the file again; it may be cut off.") from None  # fmt: skip


def members(group: Any) -> tuple[dict[str, Any], list[str]]:
    """What a group holds by name, and the names of links, which are not followed."""
    h5py = reader("h5py")
    names = list(group)
    if len(names) > MAX_MEMBERS:
        raise StreamError(f"a group of it holds {len(names):,} members.", place=group.file.filename,
                          remedy="Split the file.")  # fmt: skip
    links = [name for name in names if not isinstance(group.get(name, getlink=True), h5py.HardLink)]
    return {name: group[name] for name in names if name not in links}, links


def refusal_of(dataset: Any) -> str:
    """Why a data set is not to be read, or ""."""
    if dataset.is_virtual or dataset.external:
        return "lies in other files"
    if not dataset.shape or dataset.dtype.kind not in "fiub":
        return "is no table of numbers"
    if dataset.shape[0] > MAX_ROWS:
        return f"announces {dataset.shape[0]:,} rows"
    if dataset.chunks and math.prod(dataset.chunks) * dataset.dtype.itemsize > MAX_CHUNK_BYTES:
        return "is stored in chunks beyond 256 MiB"
    return ""


def blocks(dataset: Any, rows: int) -> Iterator[NDArray[np.float64]]:
    """The first rows of a data set `(rows, columns)`, so many at a time that memory stays flat."""
    width = math.prod(dataset.shape[1:])
    for start in range(0, rows, _READ_ROWS):
        stop = min(start + _READ_ROWS, rows)
        yield np.asarray(dataset[start:stop], dtype=np.float64).reshape(stop - start, width)


def attributes(node: Any) -> dict[str, Json]:
    """Attributes that are one text or one number."""
    found: dict[str, Json] = {}
    for name in list(node.attrs)[:1000]:
        value = node.attrs[name]
        if isinstance(value, bytes):
            found[name] = value.decode(errors="replace")
        elif isinstance(value, str):
            found[name] = value
        elif isinstance(value, np.generic):
            found[name] = value.item()
    return found
