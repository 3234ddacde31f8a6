"""One UI-TARS action string, `click(point='<point>x y</point>')`, to canonical events. Nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.model import NO_SPACE, Event, Scroll, Source, Space, Verb
from pyautogui_trace_parsers.record import clip, coordinate

SCROLL_CLICKS = 5.0  # what UI-TARS' own executor scrolls; the action says only the direction

_CALL = re.compile(r"\s*(\w{1,30})\((.*)\)\s*", re.DOTALL)
_NEXT = re.compile(r"\)[ \t]*\n\s*(?=\w{1,30}\()")
_ARGUMENT = re.compile(
    r"\s*,?\s*(\w{1,20})\s*=\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^,'\"]{1,60}))", re.DOTALL
)
_CONTENT = re.compile(r"\s*content\s*=\s*(['\"])(.*)\1\s*", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,12})?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_POINTS = ("point", "start_point", "start_box")
_END_POINTS = ("end_point", "end_box")
_DIRECTIONS = {"down": (0, 1), "up": (0, -1), "right": (1, 0), "left": (-1, 0)}
_CLICKS: dict[str, Verb] = {
    "click": "click",
    "left_single": "click",
    "left_double": "double_click",
    "left_triple": "triple_click",
    "right_single": "right_click",
    "middle_single": "middle_click",
    "long_press": "long_press",
    "hover": "move",
    "move": "move",
}
_NAMED_KEYS = {"press_home": "browserhome", "press_back": "browserback", "press_enter": "enter"}


class NoSpace(BrokenTrace):
    """The action has a point, but nothing says in which space."""


def split_actions(text: str) -> list[str]:
    """The action strings after `Action:`, one call each."""
    text = text.strip()
    cuts = [match.start() + 1 for match in _NEXT.finditer(text)]
    parts = [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [part for part in parts if part]


def read_action(action: str, space: Space, source: Source) -> list[Event]:
    """The events of one action; `type` with a trailing newline is a `write` and a press of enter.

    Args:
        action: one call, such as `type(content='hello')`.
        space: the declared coordinate space, `NO_SPACE` when none is declared.
        source: where the action stands.

    Raises:
        NoSpace: the action has a point and no space is declared.
        BrokenTrace: not a UI-TARS action.
    """
    call = _CALL.fullmatch(action)
    if call is None:
        raise BrokenTrace(f"{action[:60]!r} is not an action")
    name, arguments = call[1], _arguments(call[2])
    event = _Maker(space, source, clip(action), arguments)
    if name in _CLICKS:
        return [event(_CLICKS[name], point=event.point(_POINTS))]
    if name in _NAMED_KEYS:
        return [event("press", keys=(_NAMED_KEYS[name],))]
    handler = _HANDLERS.get(name)
    if handler is None:
        raise BrokenTrace(f"there is no action {name!r}")
    return handler(event)


def _arguments(text: str) -> dict[str, str]:
    content = _CONTENT.fullmatch(text)
    if content:  # models leave quotes in the text unescaped
        return {"content": _unescape(content[2])}
    arguments: dict[str, str] = {}
    at = 0
    while match := _ARGUMENT.match(text, at):
        value = next(group for group in match.groups()[1:] if group is not None)
        arguments[match[1]] = _unescape(value).strip()
        at = match.end()
    if text[at:].strip(" \n\t,"):
        raise BrokenTrace(f"arguments {text[at : at + 60]!r} cannot be read")
    return arguments


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)


class _Maker:
    """Makes the events of one action."""

    def __init__(self, space: Space, source: Source, raw: str, arguments: dict[str, str]) -> None:
        self.space, self.source, self.raw, self.arguments = space, source, raw, arguments

    def __call__(
        self,
        verb: Verb,
        *,
        point: tuple[float, float] | None = None,
        end_point: tuple[float, float] | None = None,
        text: str = "",
        keys: tuple[str, ...] = (),
        scroll: Scroll | None = None,
    ) -> Event:
        return Event(
            verb,
            None,
            None,
            self.source,
            clock="index",
            point=point,
            end_point=end_point,
            space=self.space if point or end_point else NO_SPACE,
            text=text,
            keys=keys,
            scroll=scroll,
            raw=self.raw,
        )

    def point(self, names: tuple[str, ...]) -> tuple[float, float] | None:
        """The point, or the middle of the box, of the first of the arguments that is there."""
        value = next((self.arguments[name] for name in names if self.arguments.get(name)), None)
        if value is None:
            return None
        numbers = [coordinate(float(number)) for number in _NUMBER.findall(value)]
        if len(numbers) not in (2, 4):
            raise BrokenTrace(f"{value[:60]!r} is neither a point nor a box")
        if self.space.kind == "none":
            raise NoSpace("has points, but nothing says in which coordinate space")
        middle = (numbers[0] + numbers[-2]) / 2, (numbers[1] + numbers[-1]) / 2
        return middle if len(numbers) == 4 else (numbers[0], numbers[1])

    def keys(self) -> tuple[str, ...]:
        """The keys of `key='ctrl c'`."""
        names = self.arguments.get("key") or self.arguments.get("hotkey") or self.arguments.get("press") or ""
        keys = tuple(canonical_key(name) for name in names.split())
        if not keys:
            raise BrokenTrace("names no key")
        return keys


def _hotkey(event: _Maker) -> list[Event]:
    keys = event.keys()
    return [event("hotkey" if len(keys) > 1 else "press", keys=keys)]


def _drag(event: _Maker) -> list[Event]:
    start, end = event.point(_POINTS), event.point(_END_POINTS)
    if start is None or end is None:
        raise BrokenTrace("a drag needs two points")
    return [event("drag", point=start, end_point=end)]


def _scroll(event: _Maker) -> list[Event]:
    direction = event.arguments.get("direction", "").lower()
    if direction not in _DIRECTIONS:
        raise BrokenTrace(f"cannot scroll {direction[:40]!r}")
    dx, dy = _DIRECTIONS[direction]
    scroll = Scroll(dx * SCROLL_CLICKS, dy * SCROLL_CLICKS, "clicks")
    return [event("scroll", point=event.point(_POINTS), scroll=scroll)]


def _type(event: _Maker) -> list[Event]:
    content = event.arguments.get("content")
    if content is None:
        raise BrokenTrace("there is no content to type")
    submits = content.endswith("\n")
    text = content.removesuffix("\n")
    events = [event("write", text=text)] if text or not submits else []
    return events + ([event("press", keys=("enter",))] if submits else [])


_HANDLERS: dict[str, Callable[[_Maker], list[Event]]] = {
    "drag": _drag,
    "select": _drag,
    "hotkey": _hotkey,
    "press": _hotkey,
    "keydown": lambda event: [event("key_down", keys=event.keys())],
    "release": lambda event: [event("key_up", keys=event.keys())],
    "keyup": lambda event: [event("key_up", keys=event.keys())],
    "scroll": _scroll,
    "type": _type,
    "wait": lambda event: [event("wait")],
    "finished": lambda event: [event("terminate", text=event.arguments.get("content", ""))],
    "open_app": lambda event: [event("open_app", text=event.arguments.get("app_name", ""))],
}
