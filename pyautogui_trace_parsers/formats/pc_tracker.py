"""PC Tracker (PC Agent) logs: JSONL, a line is one action in words with its second, its picture and its element."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import NO_SPACE, Event, Problem, Scroll, Target, Trace, pixels
from pyautogui_trace_parsers.record import Record, clip, coordinate, records

NAME = "pc_tracker"
SUMMARY = "PC Tracker log: JSONL with timestamp, screenshot, element, rect and an action in words"

_NUMBER = r"(-?\d{1,9}(?:\.\d{1,9})?)"
_POINT = rf"\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)"
_SPACE = pixels(None)


def refuses(path: Path) -> str | None:
    """See `formats`."""
    record = look(path).record
    claimed = {"timestamp", "screenshot", "action", "rect"} <= record.keys() and isinstance(record["action"], str)
    return None if claimed else "no records with timestamp, screenshot, rect and an action in words"


def parse(path: Path) -> Trace:
    """The actions in the file; times are whole seconds from the first.

    Raises:
        TraceError: the file is broken.
    """
    album = Album(path.parent, places=("", "screenshot/", "images/"))
    events: list[Event] = []
    problems: list[Problem] = []
    start: datetime | None = None
    for row in records(path):
        moment = _moment(row)
        start = start or moment
        t = (moment - start).total_seconds()
        if t < (events[-1].t0 or 0.0 if events else 0.0):
            raise row.error("is earlier than the line before it", remedy="sort the lines by timestamp")
        event, problem = _event(
            row, t, album.add(row.text("screenshot"), row.source, t) if row.has("screenshot") else None
        )
        events.append(event)
        problems += [problem] if problem else []
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=path.stem,
        screens=tuple(album.screens),
        problems=tuple(problems + album.problems),
    )


def _moment(row: Record) -> datetime:
    text = row.text("timestamp")
    try:
        return datetime.strptime(text, "%Y-%m-%d_%H:%M:%S")
    except ValueError as error:
        raise row.error(f"'timestamp' is {text[:60]!r}, not like 2024-12-31_23:59:59") from error


def _event(row: Record, t: float, screen: int | None) -> tuple[Event, Problem | None]:
    words = row.text("action")
    problem = None
    fields: dict[str, Any] = {"verb": "other"}
    matches = ((read, match) for pattern, read in _ACTIONS if (match := pattern.fullmatch(words.strip())))
    found = next(matches, None)
    try:
        fields = found[0](found[1]) if found else fields
    except BrokenTrace as error:
        raise row.error(error.reason) from error
    if not found:
        problem = Problem(row.source, "unknown action, kept as it is written")
    event = Event(
        t0=t,
        t1=t,
        source=row.source,
        clock="wall",
        space=_SPACE if "point" in fields else NO_SPACE,
        target=_target(row) if "point" in fields else None,
        screen=screen,
        raw=clip(words),
        **fields,
    )
    return event, problem


def _target(row: Record) -> Target | None:
    rect = row.maybe("rect")
    name = row.text("element", "")
    if rect is None:
        return Target(clip(name)) if name and name != "Unknown" else None
    x0, y0, x1, y1 = (rect.coordinate(edge) for edge in ("left", "top", "right", "bottom"))
    return Target(clip(name), box=(x0, y0, x1, y1))


def _at(verb: str) -> Callable[[re.Match[str]], dict[str, Any]]:
    return lambda match: {"verb": verb, "point": (coordinate(float(match[1])), coordinate(float(match[2])))}


def _drag(match: re.Match[str]) -> dict[str, Any]:
    x0, y0, x1, y1 = (coordinate(float(value)) for value in match.groups())
    return {"verb": "drag", "point": (x0, y0), "end_point": (x1, y1)}


def _scroll(match: re.Match[str]) -> dict[str, Any]:
    """`scroll (dy)` or `scroll (dx, dy)` as the mouse hook gives them: positive dy is up."""
    dx, dy = (0.0, float(match[1])) if match[2] is None else (float(match[1]), float(match[2]))
    return {"verb": "scroll", "scroll": Scroll(dx, 0.0 - dy, "clicks")}


def _hotkey(match: re.Match[str]) -> dict[str, Any]:
    return {"verb": "hotkey", "keys": tuple(canonical_key(key) for key in match[1].split(","))}


_ACTIONS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]]] = [
    (re.compile(rf"click(?: element:?)? ?{_POINT}"), _at("click")),
    (re.compile(rf"right click ?{_POINT}"), _at("right_click")),
    (re.compile(rf"double click ?{_POINT}"), _at("double_click")),
    (re.compile(rf"middle click ?{_POINT}"), _at("middle_click")),
    (re.compile(rf"drag from {_POINT} to {_POINT}"), _drag),
    (re.compile(rf"scroll ?\(\s*{_NUMBER}\s*(?:,\s*{_NUMBER}\s*)?\)"), _scroll),
    (re.compile(r"press key: ?(.{1,40})"), lambda match: {"verb": "press", "keys": (canonical_key(match[1]),)}),
    (re.compile(r"hotkey ?\(([^,()]{1,20}(?:,[^,()]{1,20}){0,9})\)"), _hotkey),
    (re.compile(r"type text: ?(.*)", re.DOTALL), lambda match: {"verb": "write", "text": match[1]}),
    (re.compile(r"wait"), lambda _: {"verb": "wait"}),
    (re.compile(r"finish"), lambda _: {"verb": "terminate", "text": "success"}),
    (re.compile(r"fail"), lambda _: {"verb": "terminate", "text": "failure"}),
]
