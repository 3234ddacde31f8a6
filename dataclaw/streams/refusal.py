"""Why nothing takes a path, in one sentence about what lies there.

Every trace format has its own reason to refuse a file, but eighteen reasons are no answer: what the user needs to hear
is that the file is empty, cut off, not UTF-8, or of a kind that nobody reads. How a file is recognised is not decided
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.expected import name_trouble
from dataclaw.streams.expected import trouble as unlike
from dataclaw.streams.loader import Loader
from dataclaw.streams.pictures import content, picture_size
from dataclaw.streams.video import VIDEO_SUFFIXES
from pyautogui_trace_parsers import TraceError, UnknownFormat
from pyautogui_trace_parsers.files import check_regular, open_archive, read_json
from pyautogui_trace_parsers.look import MAX_DOCUMENT_BYTES, Look, look

LIST = "python -m pyautogui_trace_parsers --list names the trace formats."
_AGAIN = "Record or copy it again, or leave it out."
_GIVE = "Give a GUI trace, a video, a folder of pictures, or labelled fragments."
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
Answer = tuple[str, str]
"""What is wrong, and what to do next."""


def refusal(
    path: Path, error: UnknownFormat, other: StreamError | None = None, *, loaders: Sequence[Loader] = ()
) -> StreamError:
    """The error for a path that no loader takes.

    Args:
        path: a file or a folder that exists.
        error: what the trace formats say about it.
        other: what was said when it was opened as a video, for a file.
        loaders: loaders of plugins, none of which takes it.
    """
    seen = look(path)
    if seen.kind == "folder":
        reason, remedy = _folder(seen)
    elif seen.kind != "unreadable" and not path.stat().st_size:
        reason, remedy = "the file is empty", _AGAIN
    elif seen.kind != "unreadable" and (odd := name_trouble(path) or unlike(path)):
        reason, remedy = odd.reason, odd.remedy
    elif trouble := _trouble(path, seen):
        place = str(path) if trouble.line is None else f"{path}:{trouble.line}"
        remedy = f"{trouble.remedy[:1].upper()}{trouble.remedy[1:]}." if trouble.remedy else _AGAIN
        return StreamError(f"{trouble.reason}.", place=place, remedy=remedy)
    else:
        reason, remedy = _file(path, seen, dict(error.tried), other)
    if loaders and remedy in (LIST, _GIVE):
        remedy = f"{remedy} Loaders of plugins that do not claim it: {', '.join(map(str, loaders))}."
    return StreamError(f"{reason}.", place=path, remedy=remedy)


def _trouble(path: Path, seen: Look) -> TraceError | None:
    """What keeps the file from being read at all; None when it is only of no known format."""
    try:
        if seen.kind == "unreadable":
            check_regular(path)
        elif seen.kind == "zip":
            with open_archive(path):
                return None
        elif seen.kind == "text" and seen.error:  # it begins like JSON
            read_json(path, MAX_DOCUMENT_BYTES)
    except TraceError as error:
        return error
    return None


def _folder(seen: Look) -> Answer:
    if not seen.names:
        return "the folder is empty", _GIVE
    named = ", ".join(repr(name[:60]) for name in seen.names[:3]) + (", ..." if len(seen.names) > 3 else "")
    return f"the folder holds no trace, no video and no two pictures (it holds {named})", _GIVE


def _file(path: Path, seen: Look, tried: dict[str, str], other: StreamError | None) -> Answer:
    if seen.kind == "zip":
        named = ", ".join(repr(name[:60]) for name in seen.names[:3]) or "nothing"
        return (
            f"the archive is no Playwright trace: no member's name ends in .trace (it holds {named})",
            "Unpack it and give the folder.",
        )
    if seen.kind == "gzip":
        return f"is gzip, but {tried['miniwob']}", "Unpack it, or copy it again."
    if path.suffix.lower() in VIDEO_SUFFIXES and seen.kind in ("json", "jsonl", "text"):
        return f"is named like a video, but holds {'text' if seen.kind == 'text' else 'JSON'}", _AGAIN
    if seen.kind in ("json", "jsonl"):
        keys = ", ".join(repr(key[:40]) for key in list(seen.record)[:8]) or "none"
        return f"is JSON, but no known trace format (keys of its first object: {keys})", LIST
    if seen.kind == "text":
        return "is text, but no known trace format", LIST
    return _binary(path, other)


def _binary(path: Path, other: StreamError | None) -> Answer:
    with path.open("rb") as stream:
        head = stream.read(64 * 2**10)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16 text, not UTF-8", "Save the file as UTF-8."
    if head.lstrip()[:1] in (b"{", b"[") and b"\0" not in head:
        wrong = _not_utf8(head)
        return f"is not UTF-8: byte 0x{head[wrong]:02x} at offset {wrong}", "Save the file as UTF-8."
    if _begins_like_picture(head):
        return _picture(path)
    why, remedy = (other.message.rstrip("."), other.remedy) if other else ("not a video", _GIVE)
    return f"is no trace, and {why}", remedy


def _not_utf8(head: bytes) -> int:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _begins_like_picture(head: bytes) -> bool:
    return head.startswith(_PICTURES) or head[8:12] == b"WEBP"


def _picture(path: Path) -> Answer:
    try:
        picture_size(content(path, ""), str(path))
    except StreamError as error:
        return f"is a picture, but {error.message.rstrip('.')}", error.remedy
    return "is a single picture", "Give the trace that it belongs to, or a folder of two or more pictures."
