"""One door for every stream: find the loader that takes the path.

How a loader reads its format is its own business; this file only decides which one it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.bundle import open_bundle
from dataclaw.streams.grid import Sampling
from dataclaw.streams.gui import beside_trace, trace_stream
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.links import check_links
from dataclaw.streams.loader import Loader
from dataclaw.streams.packets import NotAVideo
from dataclaw.streams.refusal import refusal
from dataclaw.streams.registry import builtin, claimant
from dataclaw.streams.sources import MANIFESTS, Root, Source, is_bundle, numbered_source, read_trace
from dataclaw.streams.video import Recording, open_pictures, open_recording, picture_names
from dataclaw.types import Stream
from pyautogui_trace_parsers import Trace, TraceError, UnknownFormat
from pyautogui_trace_parsers.files import folder_names, is_name


def open_stream(path: str | Root, *, sampling: Sampling | None = None, loaders: Sequence[Loader] = ()) -> Stream:
    """Open the stream at a path.

    Args:
        path: a recording, a trace, a dataset, a folder of these, or one stream of many (`Source`, `"file.jsonl#3"` as
            given by `discover`).
        sampling: how densely recordings are looked at.
        loaders: readers beside the built-in ones.

    Raises:
        StreamError: nothing there, no loader takes it (`refusal` says why), or it is broken.
    """
    sampling = sampling or Sampling()
    source = path if isinstance(path, Source) else numbered_source(str(path))
    root = source.path if source else Path(str(path))
    if not is_name(str(root)) or not root.exists():
        raise StreamError("does not exist.", place=repr(str(root)[:200])[1:-1], remedy="Check the path.")
    loader = claimant(root, (*builtin(), *loaders))
    if loader:
        return _load(loader, root, source, sampling)
    if source:
        return _trace(source, sampling)
    if root.name in MANIFESTS and root.is_file():
        root = root.parent
    if root.is_dir() and is_bundle(root):
        return open_bundle(root, sampling, lambda part: open_single(part, sampling))
    return open_single(root, sampling)


def _load(loader: Loader, root: Path, source: Source | None, sampling: Sampling) -> Stream:
    if root.is_dir():
        check_links(root)
    count = loader.count(root)
    if source is None and count > 1:
        remedy = f"Name one, {root}#0 to {root}#{count - 1}, or give the path to `dataclaw run`, which takes them all."
        raise StreamError(f"holds {count} streams.", place=str(root), remedy=remedy)
    index = source.index if source else 0
    if index >= count:
        raise StreamError(f"holds {count} stream(s); there is no number {index}.", place=str(root),
                          remedy="Numbers start at 0.")  # fmt: skip
    return loader.open(root, index, sampling)


def open_single(path: Path, sampling: Sampling) -> Stream:
    """A trace, a video or a folder of pictures; never a bundle.

    Raises:
        StreamError: as `open_stream`.
    """
    try:
        return _trace(path, sampling)
    except UnknownFormat as error:
        if any(not reason for _, reason in error.tried):  # two formats claim it: that is for the user to decide
            raise _stream_error(error, path) from None
        unknown = error
    if path.is_dir():
        return _folder(path, sampling, unknown)
    try:
        return _video(path, open_recording(path, sampling), "video", sampling)
    except NotAVideo as error:
        raise refusal(path, unknown, error) from None


def _trace(source: Root, sampling: Sampling) -> Stream:
    path = source.path if isinstance(source, Source) else source
    try:
        trace = read_trace(source)
    except UnknownFormat:
        raise
    except TraceError as error:
        raise _stream_error(error, path) from None
    index = source.index if isinstance(source, Source) else 0
    name = f"{path.name}#{index}" if isinstance(source, Source) else path.name
    stream_id = content_id(_content(trace, path), index, trace.format, salt_of(sampling))
    return trace_stream(trace, stream_id, name, sampling)


def _content(trace: Trace, path: Path) -> list[Path]:
    """What the stream is made of: its folder, or its file with the pictures and the video beside it."""
    if path.is_dir():
        return [path]
    named = [screen.file for screen in trace.screens] + ([trace.video.file] if trace.video else [])
    beside = [beside_trace(trace, file) for file in named if ".zip!" not in file]
    return [path, *(file for file in beside if file.is_file())]


def _stream_error(error: TraceError, path: Path) -> StreamError:
    home = path if path.is_dir() else path.parent  # what the names in a trace are relative to
    place = str(home / error.path) if error.path else str(path)
    return StreamError(
        f"{error.reason}.",
        place=place if error.line is None else f"{place}:{error.line}",
        remedy=f"{error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else "Mend the file, or leave it out.",
    )


def _folder(folder: Path, sampling: Sampling, unknown: UnknownFormat) -> Stream:
    try:
        names = picture_names(folder_names(folder))
    except TraceError as error:
        raise _stream_error(error, folder) from None
    if len(names) < 2:
        raise refusal(folder, unknown)
    check_links(folder)
    return _video(folder, open_pictures(folder, names, sampling), "pictures", sampling)


def _video(path: Path, recording: Recording, form: str, sampling: Sampling) -> Stream:
    width, height = recording.frames.size
    return Stream(
        id=content_id([path], form, salt_of(sampling)),
        kind="video",
        name=path.name,
        path=str(path.absolute()),
        format=form,
        duration=recording.duration,
        clock="seconds" if recording.timed else "index",
        frames=recording.frames,
        meta={"screen_size": [width, height], "windows": []},
        problems=recording.problems,
    )
