"""What a file is expected to hold by its name, and what it holds by its first bytes, where the two do not agree.

Loaders claim what they can read; this says of the rest whether it is a broken file of a kind that we read, a sound one
that is no stream on its own, or one that only has the wrong name. Heads of files are looked at, nothing more.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dataclaw.streams.files import head_of

HEAD = 64 * 2**10
_AGAIN = "Export or copy it again, or leave it out."
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OBJECT = re.compile(rb"'descr':\s*(?:'\|O'|\[[^\]]*'\|?O')")
_EDL = re.compile(rb"^\s*(TITLE\s*:|FCM\s*:|\d{1,6}\s+\S+\s+\S+\s+(C|D|W|K)\S*\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file that is named like a stream cannot be read as one.

    Attributes:
        reason: what is wrong, one clause.
        remedy: what to do next.
        broken: whether it cannot be read at all; a sound file may belong to something else.
    """

    reason: str
    remedy: str
    broken: bool = True


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: how people call it, the endings of its name, and whether a head is one of it."""

    called: str
    suffixes: tuple[str, ...]
    begins: Callable[[bytes], bool]
    remedy: str = _AGAIN


def _holds(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: any(mark in head for mark in marks)


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


_KINDS = (
    _Kind("an OpenTimelineIO document", (".otio",), _holds(b'"OTIO_SCHEMA"')),
    _Kind("a Final Cut XML document", (".xml",), _holds(b"<xmeml")),
    _Kind("a PDF", (".pdf",), lambda head: b"%PDF-" in head[:1024]),
    _Kind("HDF5", (".hdf5", ".h5"), _starts(_HDF5)),
    _Kind("a ROS 1 bag", (".bag",), _starts(b"#ROSBAG V2.0"), "Record it again, or try `rosbag reindex`."),
    _Kind("MCAP", (".mcap",), _starts(b"\x89MCAP0\r\n"), "Record it again, or try `mcap recover`."),
    _Kind("a Parquet table", (".parquet",), _starts(b"PAR1")),
    _Kind("WebVTT subtitles", (".vtt",), lambda head: _text(head).startswith(b"WEBVTT") or b"-->" in head),
    _Kind("subtitles", (".ass", ".ssa"), _holds(b"[Script Info]")),
    _Kind("subtitles", (".dfxp", ".ttml"), _holds(b"<tt")),
    _Kind("subtitles", (".srt",), _holds(b"-->", b"-\x00-\x00>\x00", b"\x00-\x00-\x00>")),
    _Kind("an edit decision list", (".edl",), lambda head: bool(_EDL.search(head[:8192]))),
)
_BY_CONTENT = _KINDS[:7]
"""Kinds that their first bytes give away, whatever their name is."""


def trouble(path: Path) -> Trouble | None:
    """Why a file that no loader claims is no stream, as far as its name or its first bytes tell; None if they do not.

    Args:
        path: a file. A sound one of a kind that is read only together with others (a subtitle track beside a video)
            is no trouble.
    """
    head = head_of(path, HEAD)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return _numpy(path, head)
    kind = next((kind for kind in _KINDS if suffix in kind.suffixes and suffix != ".xml"), None)
    if kind and not kind.begins(head):
        if not head:
            return Trouble("the file is empty", _AGAIN)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Trouble("is UTF-16 text, not UTF-8", "Save the file as UTF-8.")
        other = _by_content(head)
        is_other = f" (it is {other.called})" if other else ""
        remedy = f"Rename it to {other.suffixes[0]}." if other else kind.remedy
        return Trouble(f"is named {suffix}, but does not begin like {kind.called}{is_other}", remedy)
    if suffix == ".parquet":
        remedy = "Give the data set's folder, the one with meta/info.json in it."
        return Trouble("is a Parquet table on its own, outside of a LeRobot data set", remedy, broken=False)
    return None


def name_trouble(path: Path) -> Trouble | None:
    """What a file is by its first bytes, where its name says something else."""
    head = head_of(path, HEAD)
    kind = _by_content(head)
    if kind is None or path.suffix.lower() in kind.suffixes:
        return None
    return Trouble(f"is {kind.called}, but is named {path.name[-40:]!r}", f"Rename it to {kind.suffixes[0]}.")


def _by_content(head: bytes) -> _Kind | None:
    return next((kind for kind in _BY_CONTENT if kind.begins(head)), None)


def _numpy(path: Path, head: bytes) -> Trouble | None:
    """What keeps a NumPy archive from being a trajectory."""
    again = "Copy the file again, or save it anew with numpy.savez."
    if not head:
        return Trouble("the file is empty", again)
    if not head.startswith(b"PK"):
        return Trouble("is named .npz, but does not begin like a NumPy archive", again)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist()[:1000] if name.endswith(".npy")]
            objects = [name for name in members[:50] if _is_pickled(archive, name)]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        return Trouble(f"archive cannot be read: {str(error)[:100] or 'it breaks off'}", again)
    named = ", ".join(repr(name.removesuffix(".npy")[:40]) for name in members[:6]) or "none"
    save = "Save arrays of numbers with one row a moment, and 'time' (or 'fps') beside them."
    if objects:
        pickled = ", ".join(repr(name.removesuffix(".npy")[:40]) for name in objects[:6])
        return Trouble(f"holds Python objects ({pickled}), which are never unpickled", save)
    return Trouble(
        f"is a NumPy archive without times: no 'time' or 'fps' among its arrays ({named})", save, broken=False
    )


def _is_pickled(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as file:
        return bool(_OBJECT.search(file.read(512)))


def _text(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
