"""Parquet tables read batch by batch; a broken one is a StreamError that names the file."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dataclaw.errors import StreamError
from dataclaw.streams.trajectory.files import first_line, reader

_BATCH = 1024


@contextmanager
def table(path: Path) -> Generator[Any]:
    """A `pyarrow.parquet.ParquetFile`.

    Raises:
        StreamError: missing, cut off or damaged; also where that shows only while it is read.
        MissingExtraError: pyarrow is not installed.
    """
    arrow, parquet = reader("pyarrow"), reader("pyarrow.parquet")
    try:
        with parquet.ParquetFile(str(path)) as opened:
            yield opened
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # names of columns are text
        raise StreamError(f"parquet table cannot be read: {first_line(error)}.", place=path,
                          remedy="Copy the file again; it may be cut off.") from None  # fmt: skip


def batches(opened: Any, columns: Sequence[str], key: str = "", value: int = 0) -> Iterator[Any]:
    """Record batches of some columns; row groups whose statistics rule out `key == value` are not read.

    Args:
        opened: what `table` gives.
        columns: names of columns that exist.
        key: an integer column, or "" for all rows.
        value: what is wanted of it; other rows may still come.
    """
    groups = [k for k in range(opened.num_row_groups) if not key or _may_hold(opened.metadata.row_group(k), key, value)]
    if groups:
        yield from opened.iter_batches(batch_size=_BATCH, row_groups=groups, columns=list(columns))


def _may_hold(group: Any, key: str, value: int) -> bool:
    for k in range(group.num_columns):
        column = group.column(k)
        if column.path_in_schema == key:
            stats = column.statistics
            return stats is None or not stats.has_min_max or stats.min <= value <= stats.max
    return True


def rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of some columns, one at a time; columns that do not exist are None.

    Raises:
        StreamError: as `table`.
    """
    with table(path) as opened:
        there = [name for name in columns if name in opened.schema_arrow.names]
        for batch in batches(opened, there):
            for row in batch.to_pylist():
                yield {name: row.get(name) for name in columns}
