"""The one action model that every GUI trace format is read into.

A `Trace` is what a file says happened: canonical events in time order, the pictures that show the screen, and, kept
apart, the annotations (task text, corrected labels, rewards) that a policy must never see. Nothing here reads files.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Verb = Literal[
    "move",
    "click",
    "double_click",
    "triple_click",
    "right_click",
    "middle_click",
    "long_press",
    "mouse_down",
    "mouse_up",
    "drag",
    "scroll",
    "write",
    "press",
    "hotkey",
    "key_down",
    "key_up",
    "select",
    "navigate",
    "open_app",
    "window",
    "wait",
    "terminate",
    "other",
]

POINTER_VERBS: frozenset[str] = frozenset(
    {
        "move",
        "click",
        "double_click",
        "triple_click",
        "right_click",
        "middle_click",
        "long_press",
        "mouse_down",
        "mouse_up",
        "drag",
        "scroll",
    }
)

SpaceKind = Literal["px", "unit", "permille", "resized_px", "none"]
Clock = Literal["trace", "video", "wall", "index"]


@dataclass(frozen=True, slots=True)
class Space:
    """The coordinate space that the source declares; never guessed from the size of a number.

    Attributes:
        kind: `px` screen or page pixels, `unit` fractions 0..1, `permille` 0..1000, `resized_px` pixels of the picture
            the model saw after resizing, `none` when the trace holds no coordinates.
        width: width of the space [px]; None when the source does not say it (always 1 for `unit`, 1000 for `permille`).
        height: height of the space [px], as `width`.
        origin: what (0, 0) is the top left corner of.
    """

    kind: SpaceKind
    width: float | None = None
    height: float | None = None
    origin: Literal["screen", "page", "window", "picture"] = "screen"


NO_SPACE = Space("none")


def pixels(size: tuple[int, int] | None, origin: Literal["screen", "page", "window", "picture"] = "screen") -> Space:
    """Pixels of a screen or page of `(width, height)`, or of one whose size the source does not say."""
    return Space("px", None, None, origin) if size is None else Space("px", float(size[0]), float(size[1]), origin)


UNIT = Space("unit", 1.0, 1.0)
PERMILLE = Space("permille", 1000.0, 1000.0, "picture")


@dataclass(frozen=True, slots=True)
class Scroll:
    """A scroll distance. Positive `dy` shows what is further down, positive `dx` what is further right.

    Attributes:
        dx: horizontal distance in `unit`.
        dy: vertical distance in `unit`; pyautogui's positive (up) arguments arrive here negated.
        unit: `clicks` of a wheel, `px`, or `fraction` of the screen (a swipe).
    """

    dx: float
    dy: float
    unit: Literal["clicks", "px", "fraction"]


@dataclass(frozen=True, slots=True)
class Target:
    """The element that an event went to, as far as the trace itself knows it.

    Attributes:
        name: visible or accessible name; "" when unknown.
        role: kind of element ("button", "ListItemControl", "INPUT", ...), the source's own word; "" when unknown.
        box: `(x0, y0, x1, y1)` in the event's space, or None.
        selector: a locator of the source (CSS, XPath, role selector), or "".
    """

    name: str = ""
    role: str = ""
    box: tuple[float, float, float, float] | None = None
    selector: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the source itself says about the state after an event.

    Attributes:
        kind: `value` when a field holds a text, `checked` or `unchecked` of a box or option, `expected` of what a test
            asserts there and found to hold, `unchanged` when a page is afterwards what it was before.
        name: the field, the box, or the element that is asserted on, as people would call it; "" when unknown.
        value: the text in the field, or the text, address or number that is expected; "" where there is none.
        check: what is asserted: `visible`, `text`, `url`, ..., with `not ` before it where it is denied; else "".
    """

    kind: Literal["value", "checked", "unchecked", "expected", "unchanged"]
    name: str = ""
    value: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an event stands in the trace: file (relative to the trace's root, `a.zip!member` in archives) and place.

    Attributes:
        file: POSIX path relative to the trace's root.
        line: line number from 1 in line-based files, otherwise the index from 0 of the record in the file.
    """

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        verb: what was done; `other` keeps an action of the source that has no canonical verb (its text is in `raw`).
        t0: start [s] from the trace's first instant; None when the trace has no clock (see `clock`).
        t1: end [s], `t1 >= t0`.
        clock: `trace` seconds of a monotonic recorder clock, `video` seconds of the recording, `wall` seconds derived
            from dates, `index` no time at all (t0 and t1 are None, order is what counts).
        point: `(x, y)` in `space`; for `drag` where it starts.
        end_point: where a `drag` ends.
        box: target region `(x0, y0, x1, y1)` in `space`, when the source gives a region rather than a point.
        space: the coordinate space of `point`, `end_point`, `box` and `target.box`.
        text: text written, URL navigated to, application opened, option selected, window title, final status, or the
            seconds of a `wait` as digits ("" when the wait has no length).
        keys: key names (pyautogui's names, lower case) of `press`, `hotkey`, `key_down` and `key_up`, in order; of a
            pointer event, the modifiers held meanwhile.
        scroll: distance of a `scroll`.
        target: the element, when the source names it.
        screen: index into `Trace.screens` of the picture that shows the state before the event, or None.
        outcomes: what the source says to hold afterwards.
        raw: the source's own words for the event, at most 2,000 characters.
        source: file and line.
    """

    verb: Verb
    t0: float | None
    t1: float | None
    source: Source
    clock: Clock = "trace"
    point: tuple[float, float] | None = None
    end_point: tuple[float, float] | None = None
    box: tuple[float, float, float, float] | None = None
    space: Space = NO_SPACE
    text: str = ""
    keys: tuple[str, ...] = ()
    scroll: Scroll | None = None
    target: Target | None = None
    screen: int | None = None
    outcomes: tuple[Outcome, ...] = ()
    raw: str = ""

    def unit_point(self) -> tuple[float, float] | None:
        """`point` as fractions 0..1 of its space, or None without a point or without a known size."""
        return _unit(self.point, self.space)

    def unit_end_point(self) -> tuple[float, float] | None:
        """`end_point` as fractions 0..1 of its space, or None."""
        return _unit(self.end_point, self.space)


def _unit(point: tuple[float, float] | None, space: Space) -> tuple[float, float] | None:
    if point is None or not space.width or not space.height:
        return None
    unit = (point[0] / space.width, point[1] / space.height)
    return unit if all(math.isfinite(v) for v in unit) else None


@dataclass(frozen=True, slots=True)
class Screen:
    """A picture of the screen.

    Attributes:
        file: POSIX path relative to the trace's root, or `archive.zip!member`.
        t: seconds from the trace's first instant, or None.
        width: width [px] when the trace declares it.
        height: height [px] when the trace declares it.
    """

    file: str
    t: float | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """A screen recording that belongs to the trace.

    Attributes:
        file: POSIX path relative to the trace's root.
        offset: seconds to add to a trace time to get the time in the video.
    """

    file: str
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the file that did not stop the parser: what, where, and what was done about it."""

    source: Source
    message: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything a trace says.

    Attributes:
        format: the parser's name ("agentnet_raw", "screenagent", ...).
        root: absolute path of the folder, archive or file that was parsed. Files are named relative to the folder, or
            to the folder that holds the parsed file or archive.
        trace_id: the source's own id of the task or episode, or "".
        events: canonical events, low-level ones already reduced to actions, in order.
        screens: pictures in order.
        video: the recording, when there is one.
        windows: `window` events: which application or page was in front from when on.
        screen_size: `(width, height)` [px] of the recorded screen, when declared.
        annotations: ground truth that came with the file (task text, human labels, rewards), never for a policy.
        context: facts about the recording that a policy may see (operating system, browser, viewport, ...); `failed`
            says why, where the source's own score or status has it that its task was not done.
        problems: what was wrong in the file and how it was handled.
    """

    format: str
    root: str
    events: tuple[Event, ...]
    trace_id: str = ""
    screens: tuple[Screen, ...] = ()
    video: Video | None = None
    windows: tuple[Event, ...] = ()
    screen_size: tuple[int, int] | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict[str, Any])
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problems: tuple[Problem, ...] = ()


def replace_screen(events: Iterable[Event], screen: int | None) -> list[Event]:
    """The same events, with the screen that shows the state before them."""
    return [replace(event, screen=screen) for event in events]
