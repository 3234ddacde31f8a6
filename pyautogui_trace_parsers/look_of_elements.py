"""What an element without any text looks like: the icon that its style names, or its colour and shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STYLED = frozenset({"icon", "spacer", "selected", "active", "color", "hitarea", "button", "link", "clear", "primary"})
"""Style names that say nothing of what an icon shows."""

_ICONS = {
    "triangle 1 n": "up arrow", "triangle 1 s": "down arrow", "triangle 1 e": "right arrow",
    "triangle 1 w": "left arrow", "closethick": "close", "circle triangle e": "next", "circle triangle w": "previous",
}  # fmt: skip
_SHAPES = {"circle": "circle", "rect": "rectangle", "polygon": "polygon", "path": "shape", "ellipse": "ellipse"}
_COLOURS = {
    "black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128), "red": (255, 0, 0),
    "orange": (255, 165, 0), "yellow": (255, 255, 0), "olive": (128, 128, 0), "green": (0, 128, 0),
    "lime": (0, 255, 0), "cyan": (0, 255, 255), "blue": (0, 0, 255), "navy": (0, 0, 128), "purple": (128, 0, 128),
    "magenta": (255, 0, 255), "pink": (255, 192, 203), "brown": (165, 42, 42), "light blue": (173, 216, 230),
    "light green": (144, 238, 144), "maroon": (128, 0, 0), "teal": (0, 128, 128), "light red": (218, 114, 114),
}  # fmt: skip
_ICON_TAGS = frozenset({"SPAN", "A", "I", "BUTTON", "IMG", "EM", "svg"})
_RGB = re.compile(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)", re.ASCII)


def icon_of(fields: Mapping[str, Any], tag: str) -> str:
    """The words of the style that names what an icon shows ("trash", "up arrow"), "" when none does."""
    styles = fields.get("classes") if tag in _ICON_TAGS else None
    for style in styles.split() if isinstance(styles, str) else ():
        word = style.removeprefix("ui-icon-")
        if word in _STYLED or word.startswith("ui-") or (word == style and style.startswith("ui")):
            continue
        spoken = word.replace("-", " ").replace("_", " ")
        return _ICONS.get(spoken, spoken)
    return ""


def colour_of(fields: Mapping[str, Any], tag: str) -> str:
    """Colour of a box in words ("red box"), shape of a drawing ("circle"), "" for what is transparent or neither.

    The colours of drawings are not in the recordings.
    """
    if tag in _SHAPES:
        return _SHAPES[tag]
    said = fields.get("bgColor") if tag in {"DIV", "SPAN", "TD"} else None
    seen = _RGB.fullmatch(said) if isinstance(said, str) else None
    if seen is None or seen[4] in {"0", "0.0"}:
        return ""
    rgb = tuple(int(seen[k]) for k in (1, 2, 3))
    name = min(_COLOURS, key=lambda c: sum((a - b) ** 2 for a, b in zip(_COLOURS[c], rgb, strict=True)))
    return f"{name} box"
