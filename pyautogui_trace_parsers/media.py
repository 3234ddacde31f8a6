"""The bytes of a picture or video that a trace names, wherever it lies: in the folder, in a zip, in a web archive."""

from __future__ import annotations

from pathlib import Path

from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.files import inside, open_archive, read_bytes
from pyautogui_trace_parsers.mht import read_mht
from pyautogui_trace_parsers.model import Trace


def media_path(trace: Trace, file: str) -> Path:
    """The file on disk that holds `Screen.file` or `Video.file`; for `archive.zip!member` the archive.

    Raises:
        TraceError: the name leaves the trace's folder.
    """
    root = Path(trace.root)
    return inside(root if root.is_dir() else root.parent, file.split("!", 1)[0])


def read_media(trace: Trace, file: str) -> bytes:
    """The content of `Screen.file` or `Video.file`.

    Raises:
        TraceError: missing, too large, or a name that leaves the trace's folder.
    """
    path = media_path(trace, file)
    holder, *members = file.split("!")
    if not members:
        return read_bytes(path)
    name = members.pop()
    if members:  # a.zip!page.mht!picture
        with open_archive(path) as archive:
            return _picture(archive.read(members[0]), f"{holder}!{members[0]}", name)
    if path.suffix.lower() in (".mht", ".mhtml"):
        return _picture(read_bytes(path), holder, name)
    with open_archive(path) as archive:
        return archive.read(name)


def _picture(data: bytes, file: str, name: str) -> bytes:
    _, pictures = read_mht(data, file)
    if name not in pictures:
        raise TraceError(f"has no picture {name[:200]!r}", path=file)
    return pictures[name]
