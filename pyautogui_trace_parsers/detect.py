"""From a path to a trace: which format is it, and then that format's parser.

A file is recognised by its content. Two formats that claim the same file are an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyautogui_trace_parsers.errors import TraceError, UnknownFormat
from pyautogui_trace_parsers.formats import KINDS, Format, ManyFormat, load, registry
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Trace


def claimants(path: Path) -> list[str]:
    """Names of the formats that claim a file or folder; none where there is nothing. Never raises."""
    if "\0" in str(path) or not path.exists():
        return []
    kind = look(path).kind
    return [name for name, kinds in KINDS.items() if kind in kinds and not load(name).refuses(path)]


def detect(path: str | Path) -> str:
    """The name of the one format that claims the file or folder.

    Raises:
        UnknownFormat: no format claims it (the message says why each refused), or more than one does.
        TraceError: there is nothing at `path`.
    """
    path = Path(path)
    if "\0" in str(path) or not path.exists():
        raise TraceError("does not exist", path=str(path))
    claims = claimants(path)
    if len(claims) != 1:
        raise UnknownFormat(str(path), [(name, one.refuses(path) or "") for name, one in registry().items()])
    return claims[0]


def parse(path: str | Path, format: str | None = None) -> Trace:  # noqa: A002 - the word users look for
    """The one trace at `path`.

    Args:
        path: file, folder or archive.
        format: a name from `formats()`; by default the format is detected.

    Raises:
        UnknownFormat: as `detect`.
        TraceError: an unknown format name, a broken file, or a file that holds several traces.
    """
    return _format(path, format).parse(Path(path))


def parse_many(path: str | Path, format: str | None = None) -> Iterator[Trace]:  # noqa: A002
    """Every trace at `path`, one at a time; a file of a single trace yields that one.

    Raises:
        TraceError: as `parse`.
    """
    module = _format(path, format)
    if isinstance(module, ManyFormat):
        yield from module.parse_many(Path(path))
    else:
        yield module.parse(Path(path))


def _format(path: str | Path, name: str | None) -> Format:
    if name is None:
        name = detect(path)
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise TraceError(f"there is no format {name!r}", path=str(path), remedy=f"choose one of {known}")
    return load(name)


def formats() -> dict[str, str]:
    """Every format's name and one-line summary, most specific first."""
    return {name: module.SUMMARY for name, module in registry().items()}
