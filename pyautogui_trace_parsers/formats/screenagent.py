"""ScreenAgent sessions: a folder with one JSON file per turn (plan, act, evaluate) and the VNC pictures in `images/`.

Events are the `actions` that were executed. Plans, evaluations, the model's words and their human corrections are
annotations, and so are the `*_neg_*` files, which were never executed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.files import folder_names, inside, read_json
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import NO_SPACE, POINTER_VERBS, Event, Problem, Scroll, Space, Trace, Verb, pixels
from pyautogui_trace_parsers.record import Record, clip, digits

NAME = "screenagent"
SUMMARY = "ScreenAgent session: folder with one <time>_translate.json per turn and images/"

_TURN = re.compile(r"^(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{6})(_translate)?(_neg_\w+)?\.json$", re.ASCII)
_CLICKS: dict[str, Verb] = {"left": "click", "right": "right_click", "middle": "middle_click"}
_MOUSE: dict[str, Verb] = {"double_click": "double_click", "move": "move", "down": "mouse_down", "up": "mouse_up"}
_WORDS = {"LLM_response": "response", "LLM_response_editer": "corrected", "LLM_response_editer_en": "corrected_en"}


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    turns = [name for name in seen.names if _TURN.match(name)] if seen.kind == "folder" else []
    if not turns:
        return "not a folder with <date>_<time>_translate.json files"
    return (
        None
        if {"session_id", "actions"} <= look(path / turns[0]).record.keys()
        else "turns without session and actions"
    )


def parse(path: Path) -> Trace:
    """The session in a folder; times are those of the file names, relative to the first turn.

    Raises:
        TraceError: a turn is broken.
    """
    session = _Session(path)
    for name in folder_names(path):
        match = _TURN.match(name)
        if match:
            turn = Record(read_json(inside(path, name)), name, 0)
            if match[3]:
                session.negatives.append({"file": name, "kind": match[3].removeprefix("_neg_"), **_turn_words(turn)})
            else:
                session.take(turn, match[1])
    return session.trace()


def _turn_words(turn: Record) -> dict[str, Any]:
    words = {label: turn.text(key) for key, label in _WORDS.items() if turn.has(key)}
    return {"actions": turn.items("actions"), **words}


@dataclass(slots=True)
class _Session:
    path: Path
    album: Album = field(init=False)
    start: datetime | None = None
    cursor: tuple[float, float] | None = None
    size: tuple[int, int] | None = None
    names: dict[str, str] = field(default_factory=dict[str, str])
    events: list[Event] = field(default_factory=list[Event])
    turns: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    negatives: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    problems: list[Problem] = field(default_factory=list[Problem])

    def __post_init__(self) -> None:
        self.album = Album(self.path, places=("images/", ""))

    def trace(self) -> Trace:
        task = self.names.get("task_prompt_en") or self.names.get("task_prompt", "")
        return Trace(
            NAME,
            str(self.path.absolute()),
            tuple(self.events),
            trace_id=self.names.get("session_id", ""),
            screens=tuple(self.album.screens),
            screen_size=self.size,
            annotations={
                "task": task,
                "task_original": self.names.get("task_prompt", ""),
                "turns": self.turns,
                "negatives": self.negatives,
            },
            problems=tuple(self.problems + self.album.problems),
        )

    def take(self, turn: Record, stamp: str) -> None:
        try:
            moment = datetime.strptime(stamp, "%Y-%m-%d_%H-%M-%S-%f")
        except ValueError as error:
            raise turn.error(f"the file name's time {stamp!r} is not a time") from error
        self.start = self.start or moment
        t = (moment - self.start).total_seconds()
        size = (turn.whole("video_width"), turn.whole("video_height"))
        self.size = self.size or size
        for key in ("session_id", "task_prompt", "task_prompt_en"):
            self.names.setdefault(key, turn.text(key, ""))
        picture = turn.text("saved_image_name", "")
        screen = self.album.add(picture, turn.source, t, size) if picture else None
        for index, action in enumerate(turn.children("actions")):
            action.line = index
            event = self.event(action, pixels(size))
            if event is not None:
                timed = replace(event, t0=t, t1=t, screen=screen)
                self.events.append(timed if timed.point else replace(timed, space=NO_SPACE))
        self.turns.append({"t": t, "current_task": turn.text("current_task", ""), **_turn_words(turn)})

    def event(self, action: Record, space: Space) -> Event | None:
        """The action as an event; None for plans and evaluations, which touch nothing on the screen."""
        kind = action.text("action_type", "")
        if kind in ("PlanAction", "EvaluateSubTaskAction"):
            return None
        event = Event("other", None, None, action.source, clock="wall", space=space, raw=clip(str(action.data)))
        if kind == "MouseAction":
            return self.mouse(action, event)
        if kind == "KeyboardAction":
            return self.keyboard(action, event)
        if kind == "WaitAction":
            return replace(event, verb="wait", text=digits(action.number("wait_time", 0.0)))
        return self.unknown(action, event)

    def unknown(self, action: Record, event: Event) -> Event:
        self.problems.append(Problem(action.source, "unknown action, kept as it is written"))
        return event

    def mouse(self, action: Record, event: Event) -> Event:
        kind = action.text("mouse_action_type", "")
        start = self.cursor
        if action.has("mouse_position"):
            place = action.child("mouse_position")
            self.cursor = (place.coordinate("width"), place.coordinate("height"))
        if kind == "drag":  # from where the pointer is to the position
            return replace(event, verb="drag", point=start, end_point=self.cursor)
        event = replace(event, point=self.cursor)
        if kind in ("scroll_up", "scroll_down"):
            clicks = action.number("scroll_repeat", 1.0) * (-1 if kind == "scroll_up" else 1)
            return replace(event, verb="scroll", scroll=Scroll(0.0, clicks, "clicks"))
        verb = _CLICKS.get(action.text("mouse_button", "left")) if kind == "click" else _MOUSE.get(kind)
        if verb is None:
            return self.unknown(action, event)
        assert verb in POINTER_VERBS
        return replace(event, verb=verb)

    def keyboard(self, action: Record, event: Event) -> Event:
        if action.has("keyboard_text"):
            return replace(event, verb="write", text=action.text("keyboard_text"))
        if isinstance(action.data.get("keyboard_key"), list):
            names = action.texts("keyboard_key")
        else:
            name = action.text("keyboard_key")
            names = name.split("+") if "+" in name[1:-1] else [name]
        keys = tuple(canonical_key(name) for name in names if name.strip() or name == " ")
        if not keys:
            return self.unknown(action, event)
        return replace(event, verb="press" if len(keys) == 1 else "hotkey", keys=keys)
