"""GUI traces by root: how many lie in a file, and the one that is asked for."""

from __future__ import annotations

from pathlib import Path

from dataclaw.errors import StreamError
from pyautogui_trace_parsers import Trace, TraceError
from pyautogui_trace_parsers.formats import ManyFormat, load


def count_traces(path: Path, form: str) -> int:
    """Number of traces in a file of that format; a file that breaks counts one more, which says so when opened."""
    trace = load(form)
    if not isinstance(trace, ManyFormat):
        return 1
    count = 0
    try:
        for _ in trace.parse_many(path):
            count += 1
    except TraceError:
        return count + 1
    return count


class _Cursor:
    """A place in a file of many traces, so that opening them one after the other reads the file once."""

    def __init__(self, path: Path, trace: ManyFormat) -> None:
        status = path.stat()
        self.key = (path.resolve(), status.st_mtime_ns, status.st_size)
        self.next = 0
        self.traces = iter(trace.parse_many(path))

    def get(self, index: int) -> Trace | None:
        """The trace, or None when there are fewer."""
        for trace in self.traces:
            self.next += 1
            if self.next > index:
                return trace
        return None


_cursors: dict[str, _Cursor] = {}


def read_trace(path: Path, index: int | None, form: str) -> Trace:
    """A trace of a file.

    Args:
        path: the file or folder.
        index: number of the trace, from 0; None for the only one.
        form: name of its format.

    Raises:
        TraceError: it is broken, or holds several traces and `index` does not say which.
        StreamError: there is no trace of that number.
    """
    trace = load(form)
    if index is None:
        return trace.parse(path)
    place = f"{path}#{index}"
    if not isinstance(trace, ManyFormat):
        raise StreamError(
            f"a {trace.NAME} trace is alone in its file.", place=place, remedy=f"Give {path} without a number."
        )
    fresh = _Cursor(path, trace)
    cursor = _cursors.pop("last", fresh)
    if cursor.key != fresh.key or cursor.next > index:
        cursor = fresh
    found = cursor.get(index)
    if found is None:
        raise StreamError(
            f"holds {cursor.next} traces; there is no number {index}.", place=place, remedy="Numbers start at 0."
        )
    _cursors["last"] = cursor
    return found
