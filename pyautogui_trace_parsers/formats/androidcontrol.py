"""AndroidControl: one record per episode, its actions between consecutive screenshots, exported to JSON or JSONL.

The field names are those of the published TFRecord features (`episode_id, goal, step_instructions, actions,
screenshots, screenshot_widths, screenshot_heights`); `screenshots` names picture files here. The TFRecord files and
their accessibility trees are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.elements import only
from pyautogui_trace_parsers.files import folder_names, is_file_inside, loads
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Screen, Scroll, Space, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, records

NAME = "androidcontrol"
SUMMARY = "AndroidControl: episodes with actions between screenshots (JSON or JSONL)"

_DIRECTIONS = {"up": (0.0, -1.0), "down": (0.0, 1.0), "left": (-1.0, 0.0), "right": (1.0, 0.0)}
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def refuses(path: Path) -> str | None:
    """None for episodes that have `step_instructions` and `actions`."""
    record = look(path).record
    if "step_instructions" in record and isinstance(record.get("actions"), list):
        return None
    return "its first record has no 'step_instructions' with 'actions'"


def parse(path: Path) -> Trace:
    """The one episode in the file.

    Raises:
        TraceError: the file is broken or holds several episodes.
    """
    return only(parse_many(path), path)


def parse_many(path: Path) -> Iterator[Trace]:
    """Every episode, in order.

    Raises:
        TraceError: the file is broken; episodes before the break have been yielded.
    """
    for record in records(path):
        yield _episode(path, record)


def _episode(path: Path, record: Record) -> Trace:
    actions = [_action(record, value) for value in record.items("actions")]
    problems: list[Problem] = []
    instructions = record.texts("step_instructions")
    if len(instructions) != len(actions):
        problems.append(Problem(record.source, f"{len(instructions)} step instructions for {len(actions)} actions"))
    sizes = _sizes(record)
    names = _names(path.parent, record, len(actions))
    if names and len(names) != len(actions) + 1:
        problems.append(Problem(record.source, f"{len(names)} pictures for {len(actions)} actions, not one more"))
    screens: list[Screen] = []
    index_of: dict[int, int] = {}
    for step, name in enumerate(names):
        if is_file_inside(path.parent, name):
            index_of[step] = len(screens)
            screens.append(Screen(name.replace("\\", "/"), None, *sizes.get(step, (None, None))))
        else:
            problems.append(Problem(record.source, f"picture {name[:200]!r} is not in the folder; it was left out"))
    events: list[Event] = []
    for step, action in enumerate(actions):
        space = Space("px", *sizes.get(step, (None, None)))
        events.extend(_events(action, space, index_of.get(step)))
    return Trace(
        format=NAME,
        root=str(path.absolute()),
        trace_id=_identifier(record),
        events=tuple(events),
        screens=tuple(screens),
        screen_size=sizes.get(0),
        annotations={"task": record.text("goal", ""), "step_instructions": instructions},
        context={"platform": "android"},
        problems=tuple(problems),
    )


def _identifier(record: Record) -> str:
    value = record.data.get("episode_id", "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise record.error("'episode_id' is neither a text nor a number")
    return str(value)[:200]


def _action(record: Record, value: Any) -> Record:
    """An action is an object, or the text of one as in the TFRecord feature."""
    if isinstance(value, str):
        value = loads(value, record.file, record.line)
    return Record(value, record.file, record.line)


def _sizes(record: Record) -> dict[int, tuple[int, int]]:
    """`(width, height)` [px] of the screenshot before each action, where it is declared."""
    widths, heights = (record.items(f"screenshot_{side}") for side in ("widths", "heights"))
    sides = [Record({"width": w, "height": h}, record.file, record.line) for w, h in zip(widths, heights, strict=False)]
    sizes = ((side.whole("width"), side.whole("height")) for side in sides)
    return {step: size for step, size in enumerate(sizes) if min(size) > 0}


def _names(folder: Path, record: Record, actions: int) -> list[str]:
    """Names of the pictures: those the record lists, or those in `screenshots/` when their number fits the record."""
    if record.has("screenshots"):
        return record.texts("screenshots")
    if not (folder / "screenshots").is_dir():
        return []
    names = [name for name in folder_names(folder / "screenshots") if name.lower().endswith(_PICTURES)]
    names.sort(key=lambda name: (len(name), name))  # 2.png before 10.png
    return [f"screenshots/{name}" for name in names] if len(names) == actions + 1 else []


def _events(action: Record, space: Space, screen: int | None) -> Iterator[Event]:
    kind = action.text("action_type")
    raw = clip(str(action.data))

    def event(verb: Verb, **fields: Any) -> Event:
        return Event(verb, None, None, action.source, "index", space=space, screen=screen, raw=raw, **fields)

    if kind == "click":
        yield event("click", point=_point(action))
    elif kind == "long_press":
        yield event("long_press", point=_point(action))
    elif kind == "type":  # the README: click there, input the text, then hit enter
        yield event("click", point=_point(action))
        yield event("write", text=action.text("text", ""))
        yield event("press", keys=("enter",))
    elif kind == "scroll":
        yield event("scroll", scroll=_scroll(action), point=_point(action) if action.has("x") else None)
    else:
        yield _other(action, kind, event)


def _other(action: Record, kind: str, event: Callable[..., Event]) -> Event:
    # Back and Home have the codes of a keyboard's "AC Back" and "AC Home", which pyautogui calls browser keys
    simple: dict[str, Callable[[], Event]] = {
        "input_text": lambda: event("write", text=action.text("text", "")),
        "open_app": lambda: event("open_app", text=action.text("app_name", "")),
        "navigate_home": lambda: event("press", keys=("browserhome",)),
        "navigate_back": lambda: event("press", keys=("browserback",)),
        "wait": lambda: event("wait"),
    }
    return simple.get(kind, lambda: event("other"))()


def _point(action: Record) -> tuple[float, float]:
    return action.coordinate("x"), action.coordinate("y")


def _scroll(action: Record) -> Scroll:
    """The source says a direction and no distance; one screen stands for it."""
    direction = action.text("direction")
    if direction not in _DIRECTIONS:
        raise action.error(f"'direction' is {direction[:40]!r}, not up, down, left or right")
    return Scroll(*_DIRECTIONS[direction], "fraction")
