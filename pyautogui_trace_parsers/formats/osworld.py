"""OSWorld results: `traj.jsonl`, a step is pyautogui code in screen pixels, WAIT / FAIL / DONE or a computer_13 object.

A step's picture is taken after it, so an event's screen is the picture of the step before. The screen's size is not in
the trajectory; it is known only when `args.json` lies beside it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import inside, is_file_inside, read_json, read_text
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Trace, pixels, replace_screen
from pyautogui_trace_parsers.pycode import Call
from pyautogui_trace_parsers.record import Record, clip, records

NAME = "osworld"
SUMMARY = "OSWorld results: traj.jsonl with pyautogui code in pixels, WAIT / FAIL / DONE, or computer_13 objects"

_FILE = "traj.jsonl"
_WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "WAIT": ("wait", {}),
    "DONE": ("terminate", {"status": "success"}),
    "FAIL": ("terminate", {"status": "failure"}),
}
# computer_13: the pyautogui call, and its parameters by the names of the object's fields
_COMPUTER_13: dict[str, tuple[str, dict[str, str]]] = {
    "MOVE_TO": ("moveTo", {}),
    "CLICK": ("click", {"num_clicks": "clicks"}),
    "MOUSE_DOWN": ("mouseDown", {}),
    "MOUSE_UP": ("mouseUp", {}),
    "RIGHT_CLICK": ("rightClick", {}),
    "DOUBLE_CLICK": ("doubleClick", {}),
    "DRAG_TO": ("dragTo", {}),
    "TYPING": ("write", {"text": "message"}),
    "PRESS": ("press", {"key": "keys"}),
    "KEY_DOWN": ("keyDown", {}),
    "KEY_UP": ("keyUp", {}),
    "HOTKEY": ("hotkey", {}),
}


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    if seen.kind == "folder":
        if _FILE not in seen.names:
            return f"a folder without {_FILE}"
        seen = look(path / _FILE)
    record = seen.record
    claimed = "action" in record and {"screenshot_file", "done"} & record.keys()
    timed = {"step_num", "action_timestamp"} & record.keys()
    return None if claimed and timed else "no steps with action, step_num and screenshot_file or done"


def parse(path: Path) -> Trace:
    """The episode in a results folder or in its `traj.jsonl`.

    Raises:
        TraceError: the file is broken.
    """
    file = inside(path, _FILE) if path.is_dir() else path
    folder = file.parent
    size = _screen_size(folder)
    reader = CodeReader(pixels(size), file.name)
    album = Album(folder, places=("",))
    before = album.add("step_0.png", Record({}, file.name, 0).source) if is_file_inside(folder, "step_0.png") else None
    events: list[Event] = []
    problems: list[Problem] = []
    labels: list[dict[str, Any]] = []
    start: datetime | None = None
    for step in records(file):
        made, refused = _step(reader, step)
        moment = _moment(step)
        start = start or moment
        t = (moment - start).total_seconds() if moment and start else None
        events += [_with_time(event, t) for event in replace_screen(made, before)]
        problems += refused
        if step.has("screenshot_file"):
            before = album.add(step.text("screenshot_file"), step.source, t)
        labels.append({key: step.data[key] for key in ("step_num", "reward", "done", "response") if key in step.data})
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=folder.resolve().name,
        screens=tuple(album.screens),
        screen_size=size,
        annotations={"steps": labels, **_result(folder)},
        problems=tuple(problems + album.problems),
    )


def _screen_size(folder: Path) -> tuple[int, int] | None:
    if not is_file_inside(folder, "args.json"):
        return None
    arguments = Record(read_json(inside(folder, "args.json")), "args.json", 0)
    if not (arguments.has("screen_width") and arguments.has("screen_height")):
        return None
    return arguments.whole("screen_width"), arguments.whole("screen_height")


def _result(folder: Path) -> dict[str, Any]:
    if not is_file_inside(folder, "result.txt"):
        return {}
    return {"result": clip(read_text(inside(folder, "result.txt")).strip())}


def _moment(step: Record) -> datetime | None:
    """`20240612@101112` with up to six more digits of a second; None when the step has no time."""
    if not step.has("action_timestamp"):
        return None
    text = step.text("action_timestamp")
    try:
        return datetime.strptime(text, "%Y%m%d@%H%M%S" if len(text) == 15 else "%Y%m%d@%H%M%S%f")
    except ValueError as error:
        raise step.error(f"'action_timestamp' is {text[:60]!r}, not like 20240612@101112") from error


def _with_time(event: Event, t: float | None) -> Event:
    return event if t is None or t < 0 else replace(event, t0=t, t1=t, clock="wall")


def _step(reader: CodeReader, step: Record) -> tuple[list[Event], list[Problem]]:
    action = step.data.get("action")
    if isinstance(action, dict):
        return _object(reader, step, step.child("action"))
    text = step.text("action", "")
    word = text.strip().strip("`").strip()
    if word in _WORDS:
        name, arguments = _WORDS[word]
        return reader.perform(Call(name, arguments, step.line, word), step.line), []
    if not word:
        return [], [Problem(step.source, "the step has no action")]
    return reader.read_step(text, step.line)


def _object(reader: CodeReader, step: Record, action: Record) -> tuple[list[Event], list[Problem]]:
    kind = action.text("action_type", "").upper()
    fields = action.maybe("parameters") or action
    text = clip(str(action.data))
    try:
        if kind in _WORDS:
            name, arguments = _WORDS[kind]
            return reader.perform(Call(name, arguments, step.line, text), step.line), []
        if kind == "SCROLL":
            return _scroll(reader, step, fields, text), []
        if kind in _COMPUTER_13:
            return reader.perform(_call(kind, fields, step.line, text), step.line), []
        reason = f"there is no computer_13 action {kind[:60]!r}"
    except BrokenTrace as error:
        reason = error.reason
    event = Event("other", None, None, step.source, clock="index", raw=text)
    return [event], [Problem(step.source, f"{reason}; the step is kept as it is written")]


def _call(kind: str, fields: Record, line: int, text: str) -> Call:
    name, renamed = _COMPUTER_13[kind]
    arguments = {renamed.get(key, key): value for key, value in fields.data.items() if key != "action_type"}
    return Call(name, arguments, line, text)


def _scroll(reader: CodeReader, step: Record, fields: Record, text: str) -> list[Event]:
    """OSWorld hands dx to pyautogui.hscroll and dy to pyautogui.scroll, so positive dy is up."""
    events: list[Event] = []
    for field, name in (("dx", "hscroll"), ("dy", "scroll")):
        if fields.number(field, 0.0):
            events += reader.perform(Call(name, {"clicks": fields.data[field]}, step.line, text), step.line)
    return events
