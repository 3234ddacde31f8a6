"""rrweb session recordings: a JSON array of events, an object with `events`, or one event a line.

rrweb records no keys and no mouse buttons: what was typed is read from the values of the fields, a right click from the
context menu that opens. Addresses become windows; whether the user typed them is not recorded. Pointer moves, touches
(browsers repeat a tap as a click and a swipe as a scroll) and canvas, media and style changes are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import NO_SPACE, Event, Scroll, Space, Target, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, records, seconds
from pyautogui_trace_parsers.reduce import DEFAULT, Input, reduce
from pyautogui_trace_parsers.rrweb_page import Page

NAME = "rrweb"
SUMMARY = "rrweb session recording (JSON array, object with events, or JSONL)"

FULL_SNAPSHOT, INCREMENTAL, META = 2, 3, 4
MUTATION, MOUSE_INTERACTION, SCROLL, RESIZE, INPUT = 0, 2, 3, 4, 5
MOUSE_UP, MOUSE_DOWN, CLICK, CONTEXT_MENU, TOUCH_START = 0, 1, 2, 3, 7

_CHECKED = frozenset({"checkbox", "radio"})


def refuses(path: Path) -> str | None:
    """None when the first event has a numeric `type` 0..6, `data` and a `timestamp`."""
    record = look(path).record
    events = record.get("events")
    first: Any = cast("list[Any]", events)[0] if isinstance(events, list) and events else record
    event = cast("dict[str, Any]", first) if isinstance(first, dict) else {}
    kind = event.get("type")
    numeric = isinstance(kind, int) and not isinstance(kind, bool) and 0 <= kind <= 6
    claimed = numeric and "data" in event and isinstance(event.get("timestamp"), int | float)
    return None if claimed else "its first event has no 'type' 0..6 with 'data' and 'timestamp'"


def parse(path: Path) -> Trace:
    """The session in the file.

    Raises:
        TraceError: the file is broken.
    """
    entries = list(_entries(path))
    if not entries:
        raise Record({}, path.name, 0).error("has no events")
    return _Session(entries).trace(path)


def _entries(path: Path) -> Iterator[Record]:
    for record in records(path):
        if record.has("events"):
            yield from (Record(event, path.name, index) for index, event in enumerate(record.items("events")))
        else:
            yield record


@dataclass
class _Typing:
    """A field being filled: its id, its value before and now, and the first and last change."""

    identifier: int
    before: str
    now: str
    first: Record
    t0: float
    t1: float
    target: Target | None


class _Session:
    """The recording on its way to events: the page as it is now, the open field, and what has been found so far."""

    def __init__(self, entries: list[Record]) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.number("timestamp"))
        self.origin = self.entries[0].number("timestamp")
        self.page = Page()
        self.space = Space("px", origin="window")
        self.size: tuple[int, int] | None = None
        self.windows: list[Event] = []
        self.events: list[Event] = []
        self.inputs: list[Input] = []
        self.targets: dict[int, Target | None] = {}
        self.spaces: dict[int, Space] = {}
        self.values: dict[int, str] = {}
        self.scrolled: dict[int, tuple[float, float]] = {}
        self.typing: _Typing | None = None
        self.presses = any(self.interaction(entry) == MOUSE_DOWN for entry in self.entries)

    def trace(self, path: Path) -> Trace:
        """The finished trace."""
        for index, entry in enumerate(self.entries):
            self.take(index, entry)
        self.flush()
        clicks = (
            replace(e, target=self.targets[e.source.line], space=self.spaces[e.source.line])
            for e in reduce(self.inputs, self.space)
        )
        events = sorted([*self.events, *clicks], key=lambda event: event.t0 or 0.0)
        return Trace(
            format=NAME,
            root=str(path.absolute()),
            events=tuple(events),
            windows=tuple(self.windows),
            screen_size=self.size,
            context={"viewport": list(self.size)} if self.size else {},
        )

    def time(self, entry: Record) -> float:
        """Seconds from the first event; the file has milliseconds since 1970."""
        elapsed = (entry.number("timestamp") - self.origin) / 1000
        return seconds(elapsed, entry.file, entry.line, "'timestamp'")

    def interaction(self, entry: Record) -> int | None:
        """The kind of a mouse interaction, None for any other event."""
        if entry.whole("type") != INCREMENTAL:
            return None
        data = entry.child("data")
        return data.whole("type") if data.whole("source") == MOUSE_INTERACTION else None

    def take(self, index: int, entry: Record) -> None:
        """One event of the recording."""
        kind = entry.whole("type")
        if kind == META:
            self.flush()
            self.meta(entry)
        elif kind == FULL_SNAPSHOT:
            self.flush()
            self.snapshot(entry.child("data"))
        elif kind == INCREMENTAL:
            data = entry.child("data")
            source = data.whole("source")
            if source == MUTATION:
                self.page.change(data)
            elif source == MOUSE_INTERACTION:
                self.mouse(index, entry, data)
            elif source == SCROLL:
                self.scroll(entry, data)
            elif source == RESIZE:
                self.resize(data)
            elif source == INPUT:
                self.input(entry, data)

    def meta(self, entry: Record) -> None:
        data = entry.child("data")
        t = self.time(entry)
        self.windows.append(Event("window", t, t, entry.source, text=clip(data.text("href", ""))))
        if data.has("width") and data.has("height"):
            self.resize(data)

    def resize(self, data: Record) -> None:
        width, height = data.number("width"), data.number("height")
        if min(width, height) > 0 and max(width, height) < 1e6:
            self.space = Space("px", width, height, "window")
            self.size = self.size or (round(width), round(height))

    def snapshot(self, data: Record) -> None:
        self.page.load(data.child("node"))
        self.values.clear()
        self.scrolled.clear()
        offset = data.maybe("initialOffset")
        if offset:
            root = data.child("node").whole("id")
            self.scrolled[root] = (offset.coordinate("left"), offset.coordinate("top"))

    def mouse(self, index: int, entry: Record, data: Record) -> None:
        kind = data.whole("type")
        if kind == MOUSE_DOWN or (kind == CLICK and not self.presses):
            self.flush()
            self.press(entry, data, self.button(index) if kind == MOUSE_DOWN else "left")
        if kind == MOUSE_UP or (kind == CLICK and not self.presses):
            self.release(entry, data)
        if kind == CONTEXT_MENU and self.last_interaction(index) in {TOUCH_START, None}:
            touched = self.last_interaction(index) == TOUCH_START
            self.add("long_press" if touched else "right_click", entry, self.target(data), point=_point(data))

    def press(self, entry: Record, data: Record, button: str) -> None:
        x, y = _point(data)
        self.inputs.append(Input("down", self.time(entry), entry.source, x, y, button))
        self.targets[entry.line] = self.target(data)
        self.spaces[entry.line] = self.space

    def release(self, entry: Record, data: Record) -> None:
        x, y = _point(data)
        pressed = next((i for i in reversed(self.inputs) if i.kind == "down"), None)
        button = pressed.button if pressed else "left"
        self.inputs.append(Input("up", self.time(entry), entry.source, x, y, button))
        self.targets.setdefault(entry.line, self.target(data))
        self.spaces.setdefault(entry.line, self.space)

    def button(self, index: int) -> str:
        """Right, when a context menu opens before the next press."""
        for entry in self.entries[index + 1 : index + 50]:
            kind = self.interaction(entry)
            if kind in {MOUSE_DOWN, CONTEXT_MENU}:
                return "right" if kind == CONTEXT_MENU else "left"
        return "left"

    def last_interaction(self, index: int) -> int | None:
        """The press or touch that led to the event at `index`, None when a key or the page itself did."""
        for entry in reversed(self.entries[max(0, index - 50) : index]):
            kind = self.interaction(entry)
            if kind in {MOUSE_DOWN, TOUCH_START}:
                return kind
        return None

    def target(self, data: Record) -> Target | None:
        return self.page.target(data.whole("id"))

    def add(self, verb: Verb, entry: Record, target: Target | None, **fields: Any) -> None:
        t = self.time(entry)
        space = self.space if fields.get("point") else NO_SPACE
        self.events.append(Event(verb, t, t, entry.source, target=target, space=space, **fields))

    def scroll(self, entry: Record, data: Record) -> None:
        """Positions become distances; scrolls of one element in one go become one."""
        self.flush()
        identifier = data.whole("id")
        now = data.coordinate("x"), data.coordinate("y")
        before = self.scrolled.get(identifier, (0.0, 0.0))
        self.scrolled[identifier] = now
        dx, dy = now[0] - before[0], now[1] - before[1]
        t = self.time(entry)
        last = self.events[-1] if self.events else None
        raw = f"scroll of element {identifier}"
        in_time = last is not None and last.t1 is not None and t - last.t1 < DEFAULT.scroll_gap_seconds
        pressed_since = bool(self.inputs and last and self.inputs[-1].t >= (last.t1 or 0.0))
        if last is not None and last.scroll is not None and last.raw == raw and in_time and not pressed_since:
            merged = Scroll(last.scroll.dx + dx, last.scroll.dy + dy, "px")
            self.events[-1] = replace(last, scroll=merged, t1=t)
        else:
            self.add("scroll", entry, self.page.target(identifier), scroll=Scroll(dx, dy, "px"), raw=raw)

    def input(self, entry: Record, data: Record) -> None:
        """A field has a new value: an option chosen, or one step of typing; boxes are checked by clicks."""
        identifier = data.whole("id")
        element = self.page.elements.get(identifier)
        text = data.text("text", "")
        if (element and element.kind in _CHECKED) or data.data.get("isChecked") is True:
            return
        if data.data.get("userTriggered") is False:  # the page's own script filled it in
            self.values[identifier] = text
            return
        if element and element.tag == "select":
            self.flush()
            label = self.page.option_label(identifier, text)
            self.add("select", entry, self.page.target(identifier), text=label, raw=clip(f"value {text}"))
            return
        t = self.time(entry)
        if self.typing is None or self.typing.identifier != identifier:
            self.flush()
            start = element.attributes.get("value") if element else ""
            before = self.values.get(identifier, start if isinstance(start, str) else "")
            self.typing = _Typing(identifier, before, text, entry, t, t, self.page.target(identifier))
        self.typing.now, self.typing.t1 = text, t

    def flush(self) -> None:
        """The open field is left: what was typed into it is one event."""
        typing, self.typing = self.typing, None
        if typing is None:
            return
        self.values[typing.identifier] = typing.now
        if typing.now == typing.before:
            return  # typed and taken back
        verb: Verb = "other" if typing.before.startswith(typing.now) else "write"
        raw = clip(f"the field holds {typing.now!r}, before {typing.before!r}")
        text = typing.now.removeprefix(typing.before) if verb == "write" else ""
        source = typing.first.source
        self.events.append(Event(verb, typing.t0, typing.t1, source, text=text, target=typing.target, raw=raw))


def _point(data: Record) -> tuple[float, float]:
    return data.coordinate("x"), data.coordinate("y")
