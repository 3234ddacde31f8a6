"""The pictures that a trace names, looked up beside the trace file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pyautogui_trace_parsers.files import is_file_inside
from pyautogui_trace_parsers.model import Problem, Screen, Source


@dataclass(slots=True)
class Album:
    """Collects the screens of one trace; a picture that is named twice is one screen.

    Attributes:
        folder: the trace's folder; no picture outside it is ever found.
        places: sub-folders to look in, in order, each ending in "/" ("" is the folder itself).
        screens: the pictures found, in the order they were first named.
        problems: the pictures that were named but not found.
    """

    folder: Path
    places: tuple[str, ...] = ("", "images/")
    screens: list[Screen] = field(default_factory=list[Screen])
    problems: list[Problem] = field(default_factory=list[Problem])
    _known: dict[str, int | None] = field(default_factory=dict[str, "int | None"])

    def add(
        self,
        name: str,
        source: Source,
        t: float | None = None,
        size: tuple[int, int] | tuple[None, None] = (None, None),
    ) -> int | None:
        """The index of the named picture in `screens`, or None (and a problem, once) when it is not there."""
        if name not in self._known:
            self._known[name] = self._find(name, source, t, size)
        return self._known[name]

    def _find(
        self, name: str, source: Source, t: float | None, size: tuple[int, int] | tuple[None, None]
    ) -> int | None:
        for place in self.places:
            file = (place + name).replace("\\", "/")
            if is_file_inside(self.folder, file):
                self.screens.append(Screen(file, t, *size))
                return len(self.screens) - 1
        self.problems.append(Problem(source, f"picture {name[:200]!r} is not beside the trace; left out"))
        return None
