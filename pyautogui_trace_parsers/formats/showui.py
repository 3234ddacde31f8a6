"""ShowUI outputs: `{'action': ..., 'value': ..., 'position': [x, y]}` in Python or JSON quotes, positions 0..1.

Only literals are read. A text file holds one object (or several, separated by commas) a line; JSON and JSONL hold the
objects themselves.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import read_text, without_half_pairs
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import NO_SPACE, POINTER_VERBS, UNIT, Event, Problem, Scroll, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, coordinate, records

NAME = "showui"
SUMMARY = "ShowUI outputs: {'action', 'value', 'position'} objects with positions in 0..1"

MAX_LINE = 100_000
_KEYS = {"action", "value", "position"}
_VERBS: dict[str, Verb] = {
    "CLICK": "click",
    "TAP": "click",
    "HOVER": "move",
    "INPUT": "write",
    "SELECT": "select",
    "ENTER": "press",
    "COPY": "hotkey",
    "SCROLL": "scroll",
    "SWIPE": "drag",
    "SELECT_TEXT": "drag",
    "SELECT TEXT": "drag",
    "ANSWER": "terminate",
}
_KEY_PRESSES = {"ENTER": ("enter",), "COPY": ("ctrl", "c")}
_DIRECTIONS = {"down": (0.0, 1.0), "up": (0.0, -1.0), "right": (1.0, 0.0), "left": (-1.0, 0.0)}


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    if seen.kind in ("json", "jsonl"):
        return None if seen.record.keys() == _KEYS else "objects with other fields than action, value and position"
    if seen.kind != "text":
        return f"{seen.kind}, not text"
    line = next((line for line in seen.head.split("\n") if line.strip()), "")
    try:
        first = next(_objects(line, "", 1), None)
    except BrokenTrace:
        first = None
    return None if first and first.data.keys() == _KEYS else "the first line is no {'action', 'value', 'position'}"


def parse(path: Path) -> Trace:
    """The actions in the file, in order; they have no clock.

    Raises:
        TraceError: the file is broken.
    """
    as_text = look(path).kind == "text"
    events: list[Event] = []
    problems: list[Problem] = []
    for row in _lines(path) if as_text else records(path):
        event = _event(row)
        events.append(event)
        if event.verb == "other":
            problems.append(Problem(row.source, "unknown action, kept as it is written"))
    return Trace(NAME, str(path.absolute()), tuple(events), trace_id=path.stem, problems=tuple(problems))


def _lines(path: Path) -> Iterator[Record]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield from _objects(line, path.name, number)


def _objects(line: str, file: str, number: int) -> Iterator[Record]:
    if len(line) > MAX_LINE:
        raise BrokenTrace(f"line is longer than {MAX_LINE:,} characters", path=file, line=number)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(line.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise BrokenTrace("is not a Python literal", path=file, line=number) from error
    for item in cast("tuple[Any, ...]", value) if isinstance(value, list | tuple) else (value,):
        if isinstance(item, dict) and not all(isinstance(key, str) for key in cast("dict[Any, Any]", item)):
            raise BrokenTrace("has a field whose name is not a text", path=file, line=number)
        yield Record(without_half_pairs(item), file, number)


def _event(row: Record) -> Event:
    action = row.text("action").upper()
    verb = _VERBS.get(action, "other")
    points = _points(row)
    value = row.text("value", "") if isinstance(row.data.get("value"), str | None) else str(row.number("value"))
    scroll = None
    if verb == "scroll":
        dx, dy = _DIRECTIONS.get(value.lower(), (0.0, 0.0))
        if not (dx or dy):
            raise row.error(f"cannot scroll {value[:40]!r}")
        scroll = Scroll(dx, dy, "fraction")
    if verb == "drag" and len(points) != 2:
        raise row.error(f"{action} needs two positions")
    uses_point = bool(points) and (verb in POINTER_VERBS or verb in ("write", "select"))
    return Event(
        verb,
        None,
        None,
        row.source,
        clock="index",
        point=points[0] if uses_point else None,
        end_point=points[1] if verb == "drag" else None,
        space=UNIT if uses_point else NO_SPACE,
        text=value if verb in ("write", "select", "terminate") else "",
        keys=_KEY_PRESSES.get(action, ()),
        scroll=scroll,
        raw=clip(str(row.data)),
    )


def _points(row: Record) -> list[tuple[float, float]]:
    """No, one or two points: `None`, `[x, y]` or `[[x1, y1], [x2, y2]]`."""
    value = row.items("position")
    pairs = value if value and all(isinstance(item, list | tuple) for item in value) else [value] if value else []
    if len(pairs) > 2 or any(len(pair) != 2 for pair in pairs):
        raise row.error("'position' is not [x, y] or a pair of them")
    return [(coordinate(x, row.file, row.line), coordinate(y, row.file, row.line)) for x, y in pairs]
