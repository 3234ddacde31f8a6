"""The formats: one module each, found by the names below, most specific first.

A format is a module with `NAME`, `SUMMARY`, `refuses(path)` (None when the file is its own, otherwise why not in one
short sentence; it never raises and looks at content, not at the file's name) and `parse(path)`. A file that can hold
several traces has `parse_many(path)` as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from pyautogui_trace_parsers.model import Trace

_RECORDS = frozenset({"json", "jsonl"})
KINDS: Mapping[str, frozenset[str]] = {
    "agentnet_raw": frozenset({"folder"}),
    "agentnetbench": _RECORDS,
    "agentnet": _RECORDS,
    "osworld": _RECORDS | {"folder"},
    "screenagent": frozenset({"folder"}),
    "pc_tracker": _RECORDS,
    "windows_psr": frozenset({"text", "zip"}),
    "uitars": _RECORDS | {"text"},
    "showui": _RECORDS | {"text"},
    "pynput_log": _RECORDS,
    "pyautogui_script": frozenset({"text"}),
    "aitw": _RECORDS,
    "androidcontrol": _RECORDS,
    "mind2web": _RECORDS,
    "playwright": frozenset({"zip"}),
    "miniwob": _RECORDS | {"gzip"},
    "weblinx": _RECORDS | {"folder"},
    "rrweb": _RECORDS,
}
"""Kinds of content (`look.Look.kind`) that each format comes as, most specific format first; a name is a module here.
A format refuses every other kind, so its module need not be loaded to say so."""


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


@cache
def load(name: str) -> Format:
    """The format of a name in `KINDS`."""
    return cast("Format", import_module(f"{__name__}.{name}"))


def registry() -> dict[str, Format]:
    """Every format by name, in the order of `KINDS`."""
    return {name: load(name) for name in KINDS}
