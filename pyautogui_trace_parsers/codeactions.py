"""What pyautogui calls do: calls in, canonical events out, with the cursor remembered between blocks of code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.model import NO_SPACE, POINTER_VERBS, Event, Problem, Scroll, Source, Space, Verb
from pyautogui_trace_parsers.pycode import Call, read_calls
from pyautogui_trace_parsers.record import clip, coordinate, digits, number

MAX_REPEATS = 1_000
_BY_CLICKS: dict[int, Verb] = {1: "click", 2: "double_click", 3: "triple_click"}
_BY_BUTTON: dict[str, Verb] = {"right": "right_click", "secondary": "right_click", "middle": "middle_click"}
_BUTTONS = {"left", "primary", *_BY_BUTTON}


@dataclass(slots=True)
class CodeReader:
    """Reads the blocks of pyautogui code of one trace, in order.

    Attributes:
        space: the coordinate space that the trace declares for its code.
        file: the trace file, for sources and errors.
        cursor: where the pointer was left, in `space`; None before the first pointer action.
    """

    space: Space
    file: str
    cursor: tuple[float, float] | None = None
    _line: int | None = field(default=None, init=False)

    def read(self, code: str, line: int | None = None) -> list[Event]:
        """The events of one block of code; they have no clock.

        `moveTo` directly followed by `dragTo`, or by a scroll or click without coordinates, is one event at that
        point; any other `moveTo` is a `move`. A call without x and y acts where the cursor was left.

        Args:
            code: the Python text.
            line: line or record of the file that holds the code; None when the code is the file itself.

        Raises:
            BrokenTrace: something that is not a literal pyautogui call, or an argument that makes no sense.
        """
        self._line = line
        events: list[Event] = []
        for call in read_calls(code, self.file, line):
            made = self.perform(call)
            if events and events[-1].verb == "move" and made and _continues_move(call, made[0]):
                events[-1:] = [replace(made[0], raw=clip(f"{events[-1].raw}\n{made[0].raw}")), *made[1:]]
            else:
                events += made
        return events

    def read_step(self, code: str, line: int | None = None) -> tuple[list[Event], list[Problem]]:
        """As `read`, for traces whose other steps are worth keeping: a step that is refused becomes one `other` event.

        Returns:
            The events, and the problem when the step was refused.
        """
        try:
            return self.read(code, line), []
        except BrokenTrace as error:
            source = Source(self.file, (error.line or 1) if line is None else line)
            event = Event("other", None, None, source, clock="index", raw=clip(code))
            return [event], [Problem(source, f"{error.reason}; the step is kept as it is written")]

    def perform(self, call: Call, line: int | None = None) -> list[Event]:
        """The events of one call.

        Raises:
            BrokenTrace: an argument that makes no sense.
        """
        if line is not None:
            self._line = line
        return _HANDLERS[call.name](self, call)

    def event(self, call: Call, verb: Verb, **fields: Any) -> Event:
        """An event without clock at the call's place."""
        source = Source(self.file, call.line if self._line is None else self._line)
        space = self.space if verb in POINTER_VERBS else NO_SPACE
        return Event(verb, None, None, source, clock="index", space=space, raw=clip(call.text), **fields)

    def refuse(self, call: Call, reason: str) -> BrokenTrace:
        """An error at the call's place."""
        return BrokenTrace(f"{call.name}: {reason}", path=self.file, line=self._place(call))

    def _place(self, call: Call) -> int:
        return call.line if self._line is None else self._line

    def number(self, call: Call, name: str, default: float) -> float:
        """A finite number argument."""
        value = call.arguments.get(name)
        return float(default) if value is None else number(value, f"{call.name}'s {name}", self.file, self._place(call))

    def count(self, call: Call, name: str) -> int:
        """How often, 1 when not said."""
        value = self.number(call, name, 1)
        if not value.is_integer() or not 0 <= value <= MAX_REPEATS:
            raise self.refuse(call, f"{name} is {value:g}, not a whole number from 0 to {MAX_REPEATS}")
        return int(value)

    def point(self, call: Call, relative: bool = False) -> tuple[float, float] | None:
        """Where the call acts, which becomes the cursor; None when neither call nor cursor says."""
        names = ("xOffset", "yOffset") if relative else ("x", "y")
        given = [call.arguments.get(name) for name in names]
        if all(value is None for value in given):
            return self.cursor
        base: tuple[float, float] | None = (0.0, 0.0)
        if relative or None in given:
            base = self.cursor
        if base is None:
            raise self.refuse(call, "moves from a place that the trace does not say")
        shift = base if relative else (0.0, 0.0)
        values = [
            base[axis] if value is None else shift[axis] + coordinate(value, self.file, self._place(call))
            for axis, value in enumerate(given)
        ]
        self.cursor = (values[0], values[1])
        return self.cursor

    def keys(self, call: Call, name: str) -> tuple[str, ...]:
        """Key names in canonical form."""
        value = call.arguments.get(name)
        names: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        if not names or not all(isinstance(key, str) and key for key in names):
            raise self.refuse(call, f"{name} must be key names")
        return tuple(canonical_key(key) for key in names)


def _continues_move(call: Call, event: Event) -> bool:
    """Whether the call acts at the point that a `moveTo` just before it chose."""
    if event.verb == "drag":
        return True
    acts_at_cursor = call.arguments.get("x") is None and call.arguments.get("y") is None
    return acts_at_cursor and event.verb in POINTER_VERBS - {"move"}


def _button(reader: CodeReader, call: Call) -> str:
    button = call.arguments.get("button") or "left"
    if not isinstance(button, str) or button not in _BUTTONS:
        raise reader.refuse(call, f"there is no button {str(button)[:40]!r}")
    return button


def _click(reader: CodeReader, call: Call, clicks: int | None = None, button: str | None = None) -> list[Event]:
    clicks = reader.count(call, "clicks") if clicks is None else clicks
    button = _button(reader, call) if button is None else button
    point = reader.point(call)
    if clicks == 0:
        return [reader.event(call, "move", point=point)]
    if button in _BY_BUTTON:
        return [reader.event(call, _BY_BUTTON[button], point=point)] * clicks
    if clicks in _BY_CLICKS:
        return [reader.event(call, _BY_CLICKS[clicks], point=point)]
    return [reader.event(call, "click", point=point)] * clicks


def _pointer(verb: Verb, relative: bool = False) -> Callable[[CodeReader, Call], list[Event]]:
    def read(reader: CodeReader, call: Call) -> list[Event]:
        if "button" in call.arguments:
            _button(reader, call)
        return [reader.event(call, verb, point=reader.point(call, relative))]

    return read


def _drag(relative: bool) -> Callable[[CodeReader, Call], list[Event]]:
    def read(reader: CodeReader, call: Call) -> list[Event]:
        _button(reader, call)
        start = reader.cursor
        return [reader.event(call, "drag", point=start, end_point=reader.point(call, relative))]

    return read


def _scroll(reader: CodeReader, call: Call) -> list[Event]:
    clicks = reader.number(call, "clicks", 0)
    # pyautogui: positive is up, or right; here positive is down, or right
    scroll = Scroll(clicks, 0.0, "clicks") if call.name == "hscroll" else Scroll(0.0, 0.0 - clicks, "clicks")
    return [reader.event(call, "scroll", point=reader.point(call), scroll=scroll)]


def _write(reader: CodeReader, call: Call) -> list[Event]:
    message = call.arguments.get("message")
    if isinstance(message, list):  # pyautogui presses the keys of a list one by one
        return [reader.event(call, "press", keys=(key,)) for key in reader.keys(call, "message")]
    if not isinstance(message, str):
        raise reader.refuse(call, "there is no text to write")
    return [reader.event(call, "write", text=message)]


def _press(reader: CodeReader, call: Call) -> list[Event]:
    keys = reader.keys(call, "keys") * reader.count(call, "presses")
    if len(keys) > MAX_REPEATS:
        raise reader.refuse(call, f"presses {len(keys):,} keys, the limit is {MAX_REPEATS:,}")
    return [reader.event(call, "press", keys=(key,)) for key in keys]


def _keys(verb: Verb, name: str) -> Callable[[CodeReader, Call], list[Event]]:
    def read(reader: CodeReader, call: Call) -> list[Event]:
        return [reader.event(call, verb, keys=reader.keys(call, name))]

    return read


def _wait(reader: CodeReader, call: Call) -> list[Event]:
    length = reader.number(call, "seconds", -1)
    if call.arguments.get("seconds") is not None and length < 0:
        raise reader.refuse(call, "waits a negative time")
    return [reader.event(call, "wait", text="" if length < 0 else digits(length))]


def _terminate(reader: CodeReader, call: Call) -> list[Event]:
    status = call.arguments.get("status", "")
    if not isinstance(status, str):
        raise reader.refuse(call, "status is not a text")
    return [reader.event(call, "terminate", text=status)]


_HANDLERS: dict[str, Callable[[CodeReader, Call], list[Event]]] = {
    "click": _click,
    "leftClick": lambda reader, call: _click(reader, call, 1, "left"),
    "rightClick": lambda reader, call: _click(reader, call, 1, "right"),
    "middleClick": lambda reader, call: _click(reader, call, 1, "middle"),
    "doubleClick": lambda reader, call: _click(reader, call, 2),
    "tripleClick": lambda reader, call: _click(reader, call, 3),
    "moveTo": _pointer("move"),
    "moveRel": _pointer("move", relative=True),
    "dragTo": _drag(relative=False),
    "dragRel": _drag(relative=True),
    "mouseDown": _pointer("mouse_down"),
    "mouseUp": _pointer("mouse_up"),
    "scroll": _scroll,
    "hscroll": _scroll,
    "write": _write,
    "press": _press,
    "hotkey": _keys("hotkey", "keys"),
    "keyDown": _keys("key_down", "key"),
    "keyUp": _keys("key_up", "key"),
    "sleep": _wait,
    "wait": _wait,
    "terminate": _terminate,
}
