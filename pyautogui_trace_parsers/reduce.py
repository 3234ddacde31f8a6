"""From what a recorder logs (button down, button up, key down, ...) to what the user did (click, drag, write, ...).

Works on times, places and key names alone; which file they come from and which element was hit is the parser's part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from pyautogui_trace_parsers.keys import MODIFIERS, canonical_key, printable
from pyautogui_trace_parsers.model import NO_SPACE, Event, Scroll, Source, Space, Verb
from pyautogui_trace_parsers.record import clip


@dataclass(frozen=True, slots=True)
class Input:
    """One low-level event of a recorder.

    Attributes:
        kind: `move`, a button's `down` or `up`, `scroll`, or a key's `key_down` or `key_up`.
        t: seconds from the trace's first instant.
        source: file and line.
        x: pointer position in the space given to `reduce`; None for keys.
        y: as `x`.
        button: `left`, `right`, `middle` or another name, for `down` and `up`.
        dx: wheel clicks to the right, for `scroll`.
        dy: wheel clicks down, for `scroll` (pynput counts up as positive: negate).
        key: key name as the recorder has it, for keys.
        char: the character that the key typed, "" when it typed none.
        typed: whether `char` is what arrived, shift already applied, rather than the key's own character.
    """

    kind: Literal["move", "down", "up", "scroll", "key_down", "key_up"]
    t: float
    source: Source
    x: float | None = None
    y: float | None = None
    button: str = ""
    dx: float = 0.0
    dy: float = 0.0
    key: str = ""
    char: str = ""
    typed: bool = False

    @property
    def point(self) -> tuple[float, float] | None:
        """`(x, y)`, or None."""
        return None if self.x is None or self.y is None else (self.x, self.y)


@dataclass(frozen=True, slots=True)
class Reduction:
    """Where one action ends and the next begins.

    Attributes:
        double_click_seconds: two presses at most this far apart [s] are a double click (Windows' default).
        double_click_distance: and at most this far apart in the space's unit (px).
        drag_distance: a button released further than this (px) from where it was pressed is a drag.
        scroll_gap_seconds: wheel clicks of one direction less than this apart [s] are one scroll.
        scroll_distance: and less than this apart in place (px).
        typing_gap_seconds: characters less than this apart [s] are one `write`.
    """

    double_click_seconds: float = 0.5
    double_click_distance: float = 8.0
    drag_distance: float = 8.0
    scroll_gap_seconds: float = 1.5
    scroll_distance: float = 64.0
    typing_gap_seconds: float = 3.0


DEFAULT = Reduction()

_CLICKS: dict[str, Verb] = {"left": "click", "right": "right_click", "middle": "middle_click"}
_NEXT_CLICK: dict[str, Verb] = {"click": "double_click", "double_click": "triple_click"}


def _never(_first: Input, _again: Input) -> bool:
    return False


def reduce(
    inputs: Iterable[Input],
    space: Space,
    rules: Reduction = DEFAULT,
    apart: Callable[[Input, Input], bool] = _never,
) -> list[Event]:
    """Actions in order of their start.

    - Down and up of a button close together: `click`, `right_click` or `middle_click`; repeated quickly in place:
      `double_click`, `triple_click`; far apart: `drag`. Modifiers held meanwhile are the event's `keys`.
    - Wheel clicks of one direction: one `scroll`.
    - Characters typed one after another: one `write`; backspace takes the last one back while the text stays non-empty.
    - A key with ctrl, alt, win (or shift and a key that types nothing): `hotkey`; any other key: `press`.
    - Moves are dropped: hovering is not an action. Only a trace of nothing but moves becomes one `move`.

    A button or key still down when the trace ends becomes `mouse_down` or `key_down`; one that was down before it began
    becomes `mouse_up` (a lone key release says nothing and is dropped).

    Args:
        inputs: low-level events; taken in order of time.
        space: the space of their coordinates.
        rules: thresholds.
        apart: whether two presses that follow quickly in one place are two clicks all the same, say because the first
            had its effect before the second: three quick clicks on "Next" turn three pages.
    """
    reducer = _Reducer(space, rules, apart)
    for item in sorted(inputs, key=lambda item: item.t):
        reducer.take(item)
    return reducer.finish()


@dataclass(slots=True)
class _Reducer:
    space: Space
    rules: Reduction
    apart: Callable[[Input, Input], bool] = _never
    last_press: Input | None = None
    events: list[Event] = field(default_factory=list[Event])
    pressed: dict[str, Input] = field(default_factory=dict[str, Input])
    held: dict[str, Input] = field(default_factory=dict[str, Input])
    used: set[str] = field(default_factory=set[str])
    text: str = ""
    text_first: Input | None = None
    text_last: Input | None = None
    last_move: Input | None = None

    def take(self, item: Input) -> None:
        match item.kind:
            case "move":
                self.last_move = item
            case "down":
                self.button_down(item)
            case "up":
                self.button_up(item)
            case "scroll":
                self.scroll(item)
            case "key_down":
                self.key_down(item)
            case "key_up":
                self.key_up(item)

    def finish(self) -> list[Event]:
        self.flush_text()
        for item in self.pressed.values():
            self.add("mouse_down", item, item, raw=item.button)
        for key, item in self.held.items():
            if key not in self.used:
                self.add("key_down", item, item, keys=(key,))
        if not self.events and self.last_move is not None:
            self.add("move", self.last_move, self.last_move)
        return sorted(self.events, key=lambda event: event.t0 or 0.0)

    def add(
        self,
        verb: Verb,
        first: Input,
        last: Input,
        *,
        keys: tuple[str, ...] = (),
        end_point: tuple[float, float] | None = None,
        scroll: Scroll | None = None,
        text: str = "",
        raw: str = "",
    ) -> None:
        self.events.append(
            Event(
                verb,
                first.t,
                last.t,
                first.source,
                point=first.point,
                end_point=end_point,
                space=self.space if first.point else NO_SPACE,
                keys=keys,
                scroll=scroll,
                text=text,
                raw=clip(raw),
            )
        )

    # pointer

    def button_down(self, item: Input) -> None:
        self.flush_text()
        lost = self.pressed.pop(item.button, None)
        if lost is not None:
            self.add("mouse_down", lost, lost, raw=lost.button)
        self.pressed[item.button] = item
        self.used.update(self.held)

    def button_up(self, item: Input) -> None:
        first = self.pressed.pop(item.button, None)
        if first is None:
            self.add("mouse_up", item, item, raw=item.button)
        elif _distance(first.point, item.point) > self.rules.drag_distance:
            self.add("drag", first, item, keys=tuple(self.held), end_point=item.point, raw=f"{item.button} drag")
        elif not self.joins_last_click(first, item):
            verb = _CLICKS.get(item.button, "other")
            self.add(verb, first, item, keys=tuple(self.held), raw=f"{item.button} button")
        self.last_press = first

    def joins_last_click(self, first: Input, last: Input) -> bool:
        before = self.events[-1] if self.events else None
        if first.button != "left" or before is None or before.verb not in _NEXT_CLICK:
            return False
        # measured from the last press; the event keeps its first, so a triple click may take twice the time
        clicks = 1 if before.verb == "click" else 2
        in_time = first.t - (before.t0 or 0.0) <= self.rules.double_click_seconds * clicks
        in_place = _distance(before.point, first.point) <= self.rules.double_click_distance
        if not (in_time and in_place and before.keys == tuple(self.held)):
            return False
        if self.last_press is not None and self.apart(self.last_press, first):
            return False
        self.events[-1] = replace(before, verb=_NEXT_CLICK[before.verb], t1=last.t)
        return True

    def scroll(self, item: Input) -> None:
        self.flush_text()
        self.used.update(self.held)
        before = self.events[-1] if self.events else None
        if before is not None and before.scroll is not None and self.joins_last_scroll(before, item):
            scroll = Scroll(before.scroll.dx + item.dx, before.scroll.dy + item.dy, "clicks")
            self.events[-1] = replace(before, scroll=scroll, t1=item.t)
        else:
            self.add("scroll", item, item, keys=tuple(self.held), scroll=Scroll(item.dx, item.dy, "clicks"))

    def joins_last_scroll(self, before: Event, item: Input) -> bool:
        assert before.scroll is not None
        same_direction = (_sign(before.scroll.dx), _sign(before.scroll.dy)) == (_sign(item.dx), _sign(item.dy))
        in_time = item.t - (before.t1 or 0.0) < self.rules.scroll_gap_seconds
        in_place = _distance(before.point, item.point) < self.rules.scroll_distance
        return same_direction and in_time and in_place and before.keys == tuple(self.held)

    # keyboard

    def key_down(self, item: Input) -> None:
        key = canonical_key(item.key)
        if key in MODIFIERS:
            if key not in self.held:  # a held key repeats
                self.held[key] = item
                self.used.discard(key)
            return
        char = _typed_char(item, key, "shift" in self.held)
        combined = [name for name in self.held if name not in ("shift", "altgr")]
        self.used.update(self.held)
        if combined or ("shift" in self.held and not char):
            self.flush_text()
            self.add("hotkey", item, item, keys=(*self.held, key))
        elif char:
            self.type_char(item, char)
        elif key == "backspace" and len(self.text) > 1 and self.in_run(item):
            self.text, self.text_last = self.text[:-1], item
        else:
            self.flush_text()
            self.add("press", item, item, keys=(key,))

    def key_up(self, item: Input) -> None:
        key = canonical_key(item.key)
        first = self.held.pop(key, None)
        if first is not None and key not in self.used:
            self.flush_text()
            self.add("press", first, item, keys=(key,))

    def in_run(self, item: Input) -> bool:
        return self.text_last is not None and item.t - self.text_last.t < self.rules.typing_gap_seconds

    def type_char(self, item: Input, char: str) -> None:
        if not self.in_run(item):
            self.flush_text()
            self.text_first = item
        self.text += char
        self.text_last = item

    def flush_text(self) -> None:
        if self.text and self.text_first is not None and self.text_last is not None:
            self.add("write", self.text_first, self.text_last, text=self.text)
        self.text, self.text_first, self.text_last = "", None, None


def _typed_char(item: Input, key: str, shift: bool) -> str:
    """The character that a key typed, "" for keys that type none (enter and tab do things rather than type)."""
    char = " " if key == "space" else item.char
    if not printable(char):
        return ""
    raised = shift and not item.typed and char.isalpha() and len(char.upper()) == 1
    return char.upper() if raised else char


def _distance(a: tuple[float, float] | None, b: tuple[float, float] | None) -> float:
    return 0.0 if a is None or b is None else math.dist(a, b)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
