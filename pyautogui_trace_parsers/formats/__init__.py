"""The formats: one module each, found by the names below, most specific first.

A format is a module with `NAME`, `SUMMARY`, `refuses(path)` (None when the file is its own, otherwise why not in one
short sentence; it never raises and looks at content, not at the file's name) and `parse(path)`. A file that can hold
several traces has `parse_many(path)` as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from pyautogui_trace_parsers.model import Trace

# agentnet_raw, screenagent, ... : module names in this package, most specific first
NAMES: tuple[str, ...] = (
    "agentnet_raw",
    "agentnetbench",
    "agentnet",
    "osworld",
    "screenagent",
    "pc_tracker",
    "windows_psr",
    "uitars",
    "showui",
    "pynput_log",
    "pyautogui_script",
    "aitw",
    "androidcontrol",
    "mind2web",
    "playwright",
    "miniwob",
    "weblinx",
    "rrweb",
)


@runtime_checkable
class Format(Protocol):
    """What a format module offers.

    Attributes:
        NAME: the format's name, equal to the module's.
        SUMMARY: one line that says what the format is and who writes it.
    """

    NAME: str
    SUMMARY: str

    def refuses(self, path: Path, /) -> str | None:
        """None when the file is of this format, otherwise why not; never raises."""
        ...

    def parse(self, path: Path, /) -> Trace:
        """The one trace in the file.

        Raises:
            TraceError: the file is broken or holds several traces.
        """
        ...


@runtime_checkable
class ManyFormat(Format, Protocol):
    """A format whose files can hold several traces."""

    def parse_many(self, path: Path, /) -> Iterator[Trace]:
        """Every trace in the file, in order.

        Raises:
            TraceError: the file is broken; traces before the break have been yielded.
        """
        ...


@lru_cache(maxsize=1)
def registry() -> dict[str, Format]:
    """Every format by name, in the order of `NAMES`."""
    return {name: cast("Format", import_module(f"{__name__}.{name}")) for name in NAMES}
