"""One JSON object of a trace with its place: every field is checked as it is read, and every error says where.

Parsers read fields through `Record` only, so that a wrong type, a NaN or a missing field ends in a `BrokenTrace` with
file and line rather than in a `TypeError` somewhere later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import loads, read_jsonl, read_text
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Source

MAX_RAW = 2_000
MAX_SECONDS = 1e11
MAX_COORDINATE = 1e9


def number(value: Any, what: str = "number", path: str = "", line: int | None = None) -> float:
    """A finite number.

    Raises:
        BrokenTrace: not a number (a bool and a text of digits are not), NaN, infinite or too large.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BrokenTrace(f"{what} is {_short(value)}, not a number", path=path, line=line)
    if not abs(value) <= 1e300:
        raise BrokenTrace(f"{what} is {_short(value)}, which is not finite", path=path, line=line)
    return float(value)


def seconds(value: Any, path: str = "", line: int | None = None, what: str = "time") -> float:
    """A time [s]: finite, 0 or more, below 3,000 years.

    Raises:
        BrokenTrace: anything else.
    """
    result = number(value, what, path, line)
    if not 0 <= result <= MAX_SECONDS:
        raise BrokenTrace(f"{what} is {_short(value)}, which is not a time", path=path, line=line)
    return result


def coordinate(value: Any, path: str = "", line: int | None = None, what: str = "coordinate") -> float:
    """A coordinate: finite and of a size that a screen can have; it may be negative (a screen left of the first).

    Raises:
        BrokenTrace: anything else.
    """
    result = number(value, what, path, line)
    if abs(result) > MAX_COORDINATE:
        raise BrokenTrace(f"{what} is {_short(value)}, which no screen has", path=path, line=line)
    return result


def _short(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:
        return f"a number of {value.bit_length()} bits"
    text = repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


class Record:
    """A JSON object and where it stands.

    Attributes:
        data: the object itself; read it through the methods.
        file: path relative to the trace's root, for `Source` and for errors.
        line: line number from 1 or record index from 0.
    """

    def __init__(self, data: Any, file: str, line: int) -> None:
        if not isinstance(data, dict):
            raise BrokenTrace(f"is {_short(data)}, not a JSON object", path=file, line=line)
        self.data = cast("dict[str, Any]", data)
        self.file = file
        self.line = line

    @property
    def source(self) -> Source:
        """Where the record stands."""
        return Source(self.file, self.line)

    def error(self, reason: str, remedy: str = "") -> BrokenTrace:
        """An error that names this record's place; raise it."""
        return BrokenTrace(reason, path=self.file, line=self.line, remedy=remedy)

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.data.get(key) is not None

    def _need(self, key: str) -> Any:
        value = self.data.get(key)
        if value is None:
            raise self.error(f"has no {key!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text field; `default` when it is missing or null.

        Raises:
            BrokenTrace: not a text, or missing without a default.
        """
        if default is not None and not self.has(key):
            return default
        value = self._need(key)
        if not isinstance(value, str):
            raise self.error(f"{key!r} is {_short(value)}, not a text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number; `default` when it is missing or null."""
        if default is not None and not self.has(key):
            return float(default)
        return number(self._need(key), repr(key), self.file, self.line)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number (3 or 3.0); `default` when it is missing or null."""
        value = self.number(key, default)
        if not value.is_integer() or math.fabs(value) > 2**53:
            raise self.error(f"{key!r} is {value}, not a whole number")
        return int(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """A true or false field; `default` when it is missing or null."""
        if default is not None and not self.has(key):
            return default
        value = self._need(key)
        if not isinstance(value, bool):
            raise self.error(f"{key!r} is {_short(value)}, not true or false")
        return value

    def seconds(self, key: str) -> float:
        """A time [s], 0 or more."""
        return seconds(self._need(key), self.file, self.line, repr(key))

    def coordinate(self, key: str) -> float:
        """A coordinate."""
        return coordinate(self._need(key), self.file, self.line, repr(key))

    def point(self, key: str) -> tuple[float, float]:
        """A field `[x, y]`."""
        value = self.items(key)
        if len(value) != 2:
            raise self.error(f"{key!r} has {len(value)} numbers, not 2")
        x, y = (coordinate(v, self.file, self.line, repr(key)) for v in value)
        return x, y

    def items(self, key: str) -> list[Any]:
        """A list field; empty when it is missing or null."""
        value: Any = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(f"{key!r} is {_short(value)}, not a list")
        return cast("list[Any]", value)

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty when it is missing or null."""
        value = self.items(key)
        if not all(isinstance(item, str) for item in value):
            raise self.error(f"{key!r} holds something that is not a text")
        return value

    def child(self, key: str) -> Record:
        """An object field at the same place."""
        return Record(self._need(key), self.file, self.line)

    def maybe(self, key: str) -> Record | None:
        """An object field, None when it is missing or null."""
        return self.child(key) if self.has(key) else None

    def children(self, key: str) -> list[Record]:
        """A list of objects at the same place; empty when the list is missing or null."""
        return [Record(item, self.file, self.line) for item in self.items(key)]


def records(path: Path, name: str | None = None) -> Iterator[Record]:
    """The objects of a JSON list (indexed from 0), of a JSON document (one, index 0) or of JSONL (by line).

    Args:
        path: the file.
        name: the file's name in errors and sources, by default its own name.

    Raises:
        TraceError: unreadable, not JSON, or a record that is not an object.
    """
    name = path.name if name is None else name
    seen = look(path)
    if seen.kind == "jsonl":
        yield from (Record(value, name, line) for line, value in read_jsonl(path))
        return
    text = read_text(path)
    document = loads(text, str(path))
    if isinstance(document, list):
        yield from (Record(value, name, index) for index, value in enumerate(cast("list[Any]", document)))
    else:  # an object on one line is line 1 of a JSONL file
        yield Record(document, name, 0 if "\n" in text.strip() else 1)


def digits(value: float) -> str:
    """A number in its shortest form: `3` rather than `3.0`, otherwise every digit it has."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def clip(text: str) -> str:
    """At most 2,000 characters, for `Event.raw`."""
    return text if len(text) <= MAX_RAW else text[: MAX_RAW - 1] + "…"
