"""Demonstrations on pages: what the screen holds as text and boxes before each action, and what was done there.

For base models that do not see. Read from MiniWoB++ files, whose states hold the page; the task's words and the reward
stand aside, since an annotator does not see them and a test does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.evals.downstream.gui.step_score import DONE, StepAction, UnitBox
from pyautogui_trace_parsers.dom import Node, target_of
from pyautogui_trace_parsers.elements import Box
from pyautogui_trace_parsers.formats.miniwob import read_pages
from pyautogui_trace_parsers.model import Event

MOST = 150
"""Elements of a screen; more are cut off."""
_CONTROLS = ("INPUT", "SELECT", "TEXTAREA", "BUTTON", "A", "icon")
_CLICKS = {"double_click": "doubleclick", "triple_click": "tripleclick", "right_click": "rightclick",
           "middle_click": "middleclick", "mouse_down": "click"}  # fmt: skip
SUCCESS = StepAction(DONE, text="success")


@dataclass(frozen=True, slots=True)
class Element:
    """Something on a screen that can be clicked.

    Attributes:
        name: what a person would call it, "" where nobody can say.
        role: its kind, in the page's own word.
        box: left, top, right and bottom [px].
        value: what is in it, "on" for a box that is ticked.
    """

    name: str
    role: str
    box: Box
    value: str = ""


@dataclass(frozen=True, slots=True)
class PageStep:
    """A screen and what was done on it.

    Attributes:
        elements: what is on the screen, in document order.
        done: the action, with the boxes in which its click is right; None where it is of a kind that no agent is asked
            for (a drag, a scroll).
        event: index of the stream's event; -1 for the end.
    """

    elements: Sequence[Element]
    done: StepAction | None
    event: int


@dataclass(frozen=True, slots=True)
class Demonstration:
    """An episode.

    Attributes:
        path: its file.
        family: name of the folder it lies in: which kind of task it is.
        task: what the person was asked to do, in words.
        won: whether its reward says that the task was done.
        size: width and height [px].
        steps: what was done, and the end, which is to be told as well.
    """

    path: Path
    family: str
    task: str
    won: bool
    size: tuple[int, int]
    steps: Sequence[PageStep]


def read_demonstration(path: Path) -> Demonstration:
    """The episode in a MiniWoB++ file.

    Raises:
        TraceError: the file is broken.
    """
    trace, pages = read_pages(path)
    size = trace.screen_size or (1, 1)
    screens = [list(_elements(page, size)) for page in pages]
    steps = [
        PageStep(screens[at], action_of(event, size, screens[at]), at)
        for at, event in enumerate(trace.events)
    ]  # fmt: skip
    return Demonstration(
        path, path.parent.name, str(trace.annotations.get("task", "")), "failed" not in trace.context, size,
        [*steps, PageStep(screens[-1], SUCCESS, -1)],
    )  # fmt: skip


def _elements(page: Sequence[Node], size: tuple[int, int]) -> Iterator[Element]:
    nodes = list(page)
    count = 0
    for node in nodes:
        inside = node.box and node.box[0] < size[0] and node.box[1] < size[1] and min(node.box[2:]) > 0
        if node.tag == "t" or not node.box or not inside:
            continue
        target = target_of(node, nodes)
        if (target.name or target.role.startswith(_CONTROLS)) and count < MOST:
            held = node.record.data.get("value")
            value = held if isinstance(held, str) else "on" if held is True else ""
            count += 1
            yield Element(target.name, target.role, node.box, value)


def action_of(event: Event, size: tuple[int, int], elements: Sequence[Element]) -> StepAction | None:
    """An event as an agent's action, its box that of the element that took it; None for a click on nothing.

    Args:
        event: the event.
        size: width and height of the screen [px].
        elements: what is on the screen.
    """
    kind = _CLICKS.get(event.verb, event.verb)
    if event.verb == "click" or event.verb in _CLICKS:
        box = smallest_at(event.point, elements) if event.point else None
        own = event.target.box if event.target else None
        box = own if own in [element.box for element in elements] else box
        if event.point is None or box is None:
            return None
        return StepAction(kind, unit_point(event.point, size), boxes=(_unit_box(box, size),))
    if event.verb in ("write", "select"):
        return StepAction(kind, text=event.text)
    return StepAction(kind, keys=tuple(event.keys)) if event.verb in ("press", "hotkey") else None


def smallest_at(point: tuple[float, float], elements: Sequence[Element]) -> Box | None:
    """The box of the smallest element under a point."""
    x, y = point
    under = [e.box for e in elements if e.box[0] <= x <= e.box[2] and e.box[1] <= y <= e.box[3]]
    return min(under, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=None)


def unit_point(point: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """A point in shares of the screen."""
    return point[0] / size[0], point[1] / size[1]


def _unit_box(box: Box, size: tuple[int, int]) -> UnitBox:
    left, top, right, bottom = box
    return left / size[0], top / size[1], (right - left) / size[0], (bottom - top) / size[1]
