"""Logs of pynput listeners and OpenAdapt recordings: one record per move, click, scroll, press or release.

The file is JSONL or a JSON list of records, or an OpenAdapt recording object with `action_events`. Low-level events are
reduced to actions with the recording's own double-click interval and distance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Problem, Trace, pixels
from pyautogui_trace_parsers.record import Record, clip, records
from pyautogui_trace_parsers.reduce import DEFAULT, Input, Reduction, reduce

NAME = "pynput_log"
SUMMARY = "pynput listener log or OpenAdapt recording: records with name, timestamp, mouse_x, mouse_y, key_name"

_ACTIONS = ("move", "click", "scroll", "press", "release")
# every field by the names that listeners and OpenAdapt give it
_ACTION = ("name", "action", "event", "type")
_TIME = ("timestamp", "time_stamp", "time")
_X = ("mouse_x", "x")
_Y = ("mouse_y", "y")
_DX = ("mouse_dx", "dx")
_DY = ("mouse_dy", "dy")
_BUTTON = ("mouse_button_name", "button")
_PRESSED = ("mouse_pressed", "pressed")
_KEY = ("canonical_key_name", "key_name", "canonical_key_char", "key_char", "key", "char", "name")
_CHAR = ("key_char", "char", "key")
_VIRTUAL_KEY = re.compile(r"<(\d{1,5})>")
_CONTEXT = ("platform", "monitor_width", "monitor_height", "double_click_interval_seconds")


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    record = seen.first("action_events") or seen.record
    if _action(record) in _ACTIONS and any(name in record for name in _TIME):
        return None
    return "no records of a mouse or key action with a time"


def parse(path: Path) -> Trace:
    """The actions in the log; time 0 is its first event.

    Raises:
        TraceError: the file is broken.
    """
    recording = Record({}, path.name, 0)
    inputs: list[Input] = []
    problems: list[Problem] = []
    for row in _rows(path):
        if row.has("monitor_width") and _action(row.data) not in _ACTIONS:
            recording = row
            continue
        item = _input(row)
        if item is None:
            problems.append(Problem(row.source, f"unknown action {_action(row.data)!r} passed over"))
        else:
            inputs.append(item)
    start = min((item.t for item in inputs), default=0.0)
    size = _size(recording)
    events = reduce((replace(item, t=item.t - start) for item in inputs), pixels(size), _rules(recording))
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=path.stem,
        screen_size=size,
        annotations={"task": recording.text("task_description")} if recording.has("task_description") else {},
        context={key: recording.data[key] for key in _CONTEXT if recording.has(key)},
        problems=tuple(problems),
    )


def _rows(path: Path) -> Iterator[Record]:
    """The recording's header, if there is one, and every event."""
    for row in records(path):
        if not row.has("action_events"):
            yield row
            continue
        if not row.has("monitor_width"):
            raise row.error("the recording has no 'monitor_width'")
        yield Record({key: value for key, value in row.data.items() if key != "action_events"}, row.file, row.line)
        for index, value in enumerate(row.items("action_events")):
            yield Record(value, row.file, index)


def _action(record: dict[str, Any]) -> str:
    names = (record.get(key) for key in _ACTION)
    return next((clip(name).lower() for name in names if isinstance(name, str) and name.lower() in _ACTIONS), "")


def _first(row: Record, names: tuple[str, ...]) -> str:
    """The first of the names that the record has."""
    found = next((name for name in names if row.has(name)), None)
    if found is None:
        raise row.error(f"has no {names[0]!r}")
    return found


def _input(row: Record) -> Input | None:
    action = _action(row.data)
    if not action:
        return None
    t = row.seconds(_first(row, _TIME))
    if action in ("press", "release"):
        key, char = _key(row)
        return Input("key_down" if action == "press" else "key_up", t, row.source, key=key, char=char)
    x, y = row.coordinate(_first(row, _X)), row.coordinate(_first(row, _Y))
    if action == "move":
        return Input("move", t, row.source, x, y)
    if action == "scroll":  # pynput counts up as positive
        dx, dy = row.number(_first(row, _DX)), 0.0 - row.number(_first(row, _DY))
        return Input("scroll", t, row.source, x, y, dx=dx, dy=dy)
    kind = "down" if row.flag(_first(row, _PRESSED)) else "up"
    return Input(kind, t, row.source, x, y, row.text(_first(row, _BUTTON)).lower().removeprefix("button."))


def _key(row: Record) -> tuple[str, str]:
    """Key name and the character typed, from `Key.enter`, `'a'`, `<65>` or OpenAdapt's separate fields."""
    names = [row.text(name) for name in _KEY if row.has(name) and row.data[name] not in _ACTIONS]
    if not names and row.has("key_vk"):
        names = [f"<{row.whole('key_vk') if not isinstance(row.data['key_vk'], str) else row.text('key_vk')}>"]
    if not names:
        raise row.error("has no key")
    key = _plain_key(names[0])
    chars = (_plain_key(row.text(name)) for name in _CHAR if row.has(name))
    return key, next((char for char in chars if len(char) == 1), key if len(key) == 1 else "")


def _plain_key(name: str) -> str:
    virtual = _VIRTUAL_KEY.fullmatch(name)
    if virtual and (48 <= int(virtual[1]) <= 57 or 65 <= int(virtual[1]) <= 90):
        return chr(int(virtual[1])).lower()  # Windows' codes of digits and letters are ASCII
    if len(name) == 3 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1]
    if len(name) == 1 and 1 <= ord(name) <= 26 and name not in "\b\t\n\r":
        return chr(ord(name) + 96)  # ctrl+c arrives as \x03
    return name


def _size(recording: Record) -> tuple[int, int] | None:
    if not (recording.has("monitor_width") and recording.has("monitor_height")):
        return None
    return recording.whole("monitor_width"), recording.whole("monitor_height")


def _rules(recording: Record) -> Reduction:
    return replace(
        DEFAULT,
        double_click_seconds=recording.number("double_click_interval_seconds", DEFAULT.double_click_seconds),
        double_click_distance=recording.number("double_click_distance_pixels", DEFAULT.double_click_distance),
    )
