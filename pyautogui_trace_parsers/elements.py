"""What an element of a web page or of an app is called, and where it is: shared by the formats that know the page.

Nothing here decides which element an event went to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.model import Trace

MAX_NAME = 200

Box = tuple[float, float, float, float]

_NAMING_ATTRIBUTES = ("aria-label", "aria_label", "alt", "placeholder", "title", "value", "name", "id")


def tidy(text: str) -> str:
    """The text on one line, at most 200 characters."""
    line = " ".join(text[: 4 * MAX_NAME].split())
    return line if len(line) <= MAX_NAME else line[: MAX_NAME - 1] + "…"


def element_name(attributes: Mapping[str, Any], text: str = "") -> str:
    """The name a person would use: the accessible label, the visible text, then the other attributes, then the id.

    Args:
        attributes: HTML attributes; values that are not texts are passed over.
        text: the element's own visible text.
    """
    texts = {key: value for key, value in attributes.items() if isinstance(value, str)}
    label = texts.get("aria-label") or texts.get("aria_label") or ""
    named = (tidy(candidate) for candidate in (label, text, *(texts.get(key, "") for key in _NAMING_ATTRIBUTES)))
    return next((name for name in named if name), "")


def box_of(x: float, y: float, width: float, height: float) -> Box | None:
    """`(x0, y0, x1, y1)`, or None for an element without a size (hidden, or written as -1)."""
    return (x, y, x + width, y + height) if width > 0 and height > 0 else None


def contains(box: Box, point: tuple[float, float]) -> bool:
    """Whether the point is in the box, edges included."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def only(traces: Iterator[Trace], path: Path) -> Trace:
    """The one trace of a file.

    Raises:
        TraceError: there is none, or more than one.
    """
    first = next(traces, None)
    if first is None:
        raise TraceError("holds no trace", path=str(path))
    if next(traces, None) is not None:
        raise TraceError("holds several traces", path=str(path), remedy="use parse_many")
    return first
