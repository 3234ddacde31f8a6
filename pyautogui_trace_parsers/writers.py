"""Traces back out: as a pyautogui script, as AgentNet JSONL, and as UI-TARS actions.

What is written can be read again by this package. Annotations are not written, except the task of AgentNet JSONL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Literal

from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.model import Event, Trace
from pyautogui_trace_parsers.record import digits

Point = tuple[float, float]

_POINTER_CALLS = {
    "move": "moveTo",
    "click": "click",
    "double_click": "doubleClick",
    "triple_click": "tripleClick",
    "right_click": "rightClick",
    "middle_click": "middleClick",
    "mouse_down": "mouseDown",
    "mouse_up": "mouseUp",
}
_UITARS_CLICKS = {
    "click": "click",
    "double_click": "left_double",
    "right_click": "right_single",
    "long_press": "long_press",
    "move": "hover",
}


def to_pyautogui(
    trace: Trace | Iterable[Event],
    space: Literal["unit", "px"] = "unit",
    size: tuple[int, int] | None = None,
) -> str:
    """A pyautogui script, one or more calls an event.

    The first line declares the coordinate space as a comment. What pyautogui cannot do (navigate, open an application,
    a swipe) is written as a comment that begins with `# not a pyautogui action`.

    Args:
        trace: a trace or its events.
        space: `unit` writes fractions 0..1 (OpenCUA's convention), `px` screen pixels (pyautogui's own).
        size: `(width, height)` [px] of the screen for `px`; by default the trace's.

    Raises:
        TraceError: a point cannot be converted because its space has no known size.
    """
    events = trace.events if isinstance(trace, Trace) else tuple(trace)
    if size is None and isinstance(trace, Trace):
        size = trace.screen_size
    header = "# space: unit" if space == "unit" else "# space: px" + (f" {size[0]}x{size[1]}" if size else "")
    lines = [_code(event, _place(space, size)) for event in events]
    return "\n".join([header, "import pyautogui", *lines]) + "\n"


def to_agentnet_jsonl(trace: Trace) -> str:
    """The trace as one line of AgentNet JSONL, coordinates 0..1, one step an event.

    Raises:
        TraceError: a point cannot be converted because its space has no known size.
    """
    place = _place("unit", None)
    steps = [
        {
            "index": index,
            "image": None if event.screen is None else trace.screens[event.screen].file,
            "value": {"code": _code(event, place)},
        }
        for index, event in enumerate(trace.events)
    ]
    task = {"task_id": trace.trace_id, "instruction": str(trace.annotations.get("task", "")), "traj": steps}
    return json.dumps(task, ensure_ascii=False) + "\n"


def to_uitars(events: Iterable[Event], size: tuple[int, int] | None = None) -> str:
    """UI-TARS actions, one `Action:` an event, after a line that declares the space of the points.

    Points are whole numbers there: 0..1000, or pixels of a picture of `size` when given. A scroll keeps its direction
    only, a wait loses its length, and a text that ends in a newline is one that submits.

    Args:
        events: the events.
        size: `(width, height)` [px] of the picture that the model sees.

    Raises:
        TraceError: UI-TARS has no action for an event, or a point's space has no known size.
    """
    header = "space: permille" if size is None else f"space: resized_px {size[0]}x{size[1]}"
    width, height = size or (1000, 1000)

    def mark(point: Point | None, event: Event) -> str:
        x, y = _unit(point, event)
        return f"'<point>{round(x * width)} {round(y * height)}</point>'"

    return "\n\n".join([header, *(f"Action: {_uitars(event, mark)}" for event in events)]) + "\n"


def _unit(point: Point | None, event: Event) -> Point:
    space = event.space
    if point is None or not (space.width and space.width >= 1 and space.height and space.height >= 1):
        raise TraceError(
            f"{event.verb} cannot be placed: {'no point' if point is None else f'{space.kind} of unknown size'}",
            path=event.source.file,
            line=event.source.line,
            remedy="give the trace a screen size, or write px",
        )
    return point[0] / space.width, point[1] / space.height


def _place(space: Literal["unit", "px"], size: tuple[int, int] | None) -> Callable[[Point, Event], Point]:
    """How a point of an event is written in the space."""

    def place(point: Point, event: Event) -> Point:
        if event.space.kind == space:
            return point
        x, y = _unit(point, event)
        if space == "unit":
            return x, y
        if size is None:
            raise TraceError(
                "the screen's size is not known", path=event.source.file, remedy="give size=(width, height)"
            )
        return x * size[0], y * size[1]

    return place


def _code(event: Event, place: Callable[[Point, Event], Point]) -> str:
    """The lines of code of one event, without a newline at the end."""

    def at(point: Point | None, first: str = "") -> str:
        x, y = place(point, event) if point else (None, None)
        where = [] if x is None or y is None else [f"x={digits(x)}", f"y={digits(y)}"]
        return "(" + ", ".join([first] * bool(first) + where) + ")"

    lines = _pointer_lines(event, at) or _other_lines(event)
    if not lines:
        facts = {"point": event.point, "text": event.text, "scroll": event.scroll, "keys": event.keys}
        said = {name: value for name, value in facts.items() if value}
        return f"# not a pyautogui action: {event.verb} {said!r}"
    if event.point and event.keys:  # modifiers held meanwhile
        down = [f"pyautogui.keyDown({key!r})" for key in event.keys]
        lines = [*down, *lines, *(f"pyautogui.keyUp({key!r})" for key in reversed(event.keys))]
    return "\n".join(lines)


def _pointer_lines(event: Event, at: Callable[..., str]) -> list[str]:
    if event.verb in _POINTER_CALLS:
        return [f"pyautogui.{_POINTER_CALLS[event.verb]}{at(event.point)}"]
    if event.verb == "drag" and event.end_point:
        start = [f"pyautogui.moveTo{at(event.point)}"] if event.point else []
        return [*start, f"pyautogui.dragTo{at(event.end_point)}"]
    if event.verb == "scroll" and event.scroll and event.scroll.unit == "clicks":
        across = [f"pyautogui.hscroll{at(event.point, digits(event.scroll.dx))}"] if event.scroll.dx else []
        down = f"pyautogui.scroll{at(event.point, digits(0.0 - event.scroll.dy))}"
        return across + ([down] if event.scroll.dy or not across else [])
    return []


def _other_lines(event: Event) -> list[str]:
    match event.verb:
        case "write":
            return [f"pyautogui.write({event.text!r})"]
        case "press":
            return [f"pyautogui.press({key!r})" for key in event.keys]
        case "hotkey":
            return [f"pyautogui.hotkey({', '.join(map(repr, event.keys))})"]
        case "key_down" | "key_up":
            call = "keyDown" if event.verb == "key_down" else "keyUp"
            return [f"pyautogui.{call}({key!r})" for key in event.keys]
        case "wait":
            return [f"pyautogui.sleep({event.text})" if event.text else "computer.wait()"]
        case "terminate":
            return [f"computer.terminate(status={event.text!r})"]
        case _:
            return []


def _uitars(event: Event, mark: Callable[[Point | None, Event], str]) -> str:
    if event.verb in _UITARS_CLICKS:
        return f"{_UITARS_CLICKS[event.verb]}(point={mark(event.point, event)})"
    match event.verb:
        case "drag":
            return f"drag(start_point={mark(event.point, event)}, end_point={mark(event.end_point, event)})"
        case "scroll" if event.scroll:
            point = f"point={mark(event.point, event)}, " if event.point else ""
            return f"scroll({point}direction='{_direction(event.scroll.dx, event.scroll.dy)}')"
        case "write":
            return f"type(content={_quote(event.text)})"
        case "press" | "hotkey":
            return f"hotkey(key={_quote(' '.join(event.keys))})"
        case "wait":
            return "wait()"
        case "open_app":
            return f"open_app(app_name={_quote(event.text)})"
        case "terminate":
            return f"finished(content={_quote(event.text)})"
        case _:
            reason = f"UI-TARS has no action for {event.verb!r}"
            raise TraceError(reason, path=event.source.file, line=event.source.line, remedy="leave such events out")


def _direction(dx: float, dy: float) -> str:
    if abs(dx) > abs(dy):
        return "right" if dx > 0 else "left"
    return "down" if dy > 0 else "up"


def _quote(text: str) -> str:
    if "\0" in text:
        raise TraceError("UI-TARS has no way to write the character NUL", remedy="leave such events out")
    for char, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(char, escaped)
    return f"'{text}'"
