"""One door for every stream: find the loader that takes the path.

How a loader reads its format is its own business; this file only decides which one it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.bundle import open_bundle
from dataclaw.streams.files import check_links, stream_error
from dataclaw.streams.grid import Sampling
from dataclaw.streams.gui import beside_trace, read_trace, trace_stream
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader, Reader
from dataclaw.streams.packets import NotAVideo
from dataclaw.streams.refusal import refusal
from dataclaw.streams.registry import builtin
from dataclaw.streams.sources import MANIFESTS, Root, Source, is_bundle, loader_of, numbered_source
from dataclaw.streams.video import Recording, open_pictures, open_recording, picture_names, video_stream
from dataclaw.types import Stream
from pyautogui_trace_parsers import Trace, TraceError, UnknownFormat, detect
from pyautogui_trace_parsers.files import folder_names, is_name


def open_stream(
    path: str | Root, *, sampling: Sampling | None = None, loaders: Sequence[Loader] = (), reader: Reader | None = None
) -> Stream:
    """Open the stream at a path.

    Args:
        path: a recording, a trace, a dataset, a folder of these, or one stream of many (`Source`, `"file.jsonl#3"` as
            given by `discover`).
        sampling: how densely recordings are looked at.
        loaders: readers beside the built-in ones.
        reader: what reads it, as `survey` found out; without it, every loader and trace format is asked.

    Raises:
        StreamError: nothing there, no loader takes it (`refusal` says why), or it is broken.
    """
    sampling = sampling or Sampling()
    source = path if isinstance(path, Source) else numbered_source(str(path))
    root = source.path if source else Path(str(path))
    if not is_name(str(root)) or not root.exists():
        raise StreamError("does not exist.", place=repr(str(root)[:200])[1:-1], remedy="Check the path.")
    known = (*builtin(), *loaders)
    loader = _named_loader(known, reader) if reader else loader_of(root, known)
    if loader:
        return _load(loader, root, source, sampling, counted=reader is not None)
    if source or (reader and reader.door == "trace"):
        try:
            return _trace(root, source, sampling, reader)
        except UnknownFormat as error:
            raise _stream_error(error, root) from None
    if root.name in MANIFESTS and root.is_file():
        root = root.parent
    if root.is_dir() and (reader.door == "fragments" if reader else is_bundle(root)):
        return open_bundle(root, sampling, lambda part: open_single(part, sampling))
    return open_single(root, sampling, reader, loaders)


def _named_loader(loaders: Sequence[Loader], reader: Reader) -> Loader | None:
    """The loader that a reader names.

    Raises:
        KeyError: no loader has that name.
    """
    return {one.full_name: one for one in loaders}[reader.name] if reader.door == "loader" else None


def _load(loader: Loader, root: Path, source: Source | None, sampling: Sampling, *, counted: bool) -> Stream:
    if root.is_dir():
        check_links(root)
    index = source.index if source else 0
    count = index + 1 if counted else loader.count(root)
    if source is None and count > 1:
        remedy = f"Name one, {root}#0 to {root}#{count - 1}, or give the path to `dataclaw run`, which takes them all."
        raise StreamError(f"holds {count} streams.", place=root, remedy=remedy)
    if index >= count:
        raise StreamError(f"holds {count} stream(s); there is no number {index}.", place=root,
                          remedy="Numbers start at 0.")  # fmt: skip
    stream = loader.open(root, index, sampling)
    if "derived" in stream.meta or stream.kind != "trajectory":
        return stream
    from dataclaw.streams.trajectory.robot_model import model_beside, with_model

    return with_model(stream, model_beside(root))


def open_single(path: Path, sampling: Sampling, reader: Reader | None = None, loaders: Sequence[Loader] = ()) -> Stream:
    """A trace, a video or a folder of pictures; never a bundle.

    Args:
        path: the file or folder.
        sampling: how densely to look.
        reader: what reads it, where that is known.
        loaders: readers beside the built-in ones, which do not take it; a refusal names their formats.

    Raises:
        StreamError: as `open_stream`.
    """
    if reader and reader.door == "video":
        with suppress(NotAVideo):  # the refusal below says why
            return _video(path, open_recording(path, sampling), "video", sampling)
    if reader and reader.door == "pictures" and (stream := _folder(path, sampling)):
        return stream
    try:
        return _trace(path, None, sampling, reader)
    except UnknownFormat as error:
        if any(not reason for _, reason in error.tried):  # two formats claim it: that is for the user to decide
            raise _stream_error(error, path) from None
        unknown = error
    if path.is_dir():
        stream = _folder(path, sampling)
        if stream is None:
            raise refusal(path, unknown, loaders=loaders)
        return stream
    try:
        return _video(path, open_recording(path, sampling), "video", sampling)
    except NotAVideo as error:
        raise refusal(path, unknown, error, loaders=loaders) from None


def _trace(path: Path, source: Source | None, sampling: Sampling, reader: Reader | None) -> Stream:
    index = source.index if source else None
    try:
        trace = read_trace(path, index, reader.name if reader and reader.door == "trace" else detect(path))
    except UnknownFormat:
        raise
    except TraceError as error:
        raise _stream_error(error, path) from None
    name = path.name if index is None else f"{path.name}#{index}"
    stream_id = content_id(_content(trace, path), index or 0, trace.format, salt_of(sampling))
    return trace_stream(trace, stream_id, name, sampling)


def _content(trace: Trace, path: Path) -> list[Path]:
    """What the stream is made of: its folder, or its file with the pictures and the video beside it."""
    if path.is_dir():
        return [path]
    named = [screen.file for screen in trace.screens] + ([trace.video.file] if trace.video else [])
    beside = [beside_trace(trace, file) for file in named if ".zip!" not in file]
    return [path, *(file for file in beside if file.is_file())]


def _stream_error(error: TraceError, path: Path) -> StreamError:
    """A parser's refusal; the names in a trace are relative to its folder."""
    return stream_error(error, path, path if path.is_dir() else path.parent)


def _folder(folder: Path, sampling: Sampling) -> Stream | None:
    """The numbered pictures of a folder; None when there are fewer than two."""
    try:
        names = picture_names(folder_names(folder))
    except TraceError as error:
        raise _stream_error(error, folder) from None
    if len(names) < 2:
        return None
    check_links(folder)
    return _video(folder, open_pictures(folder, names, sampling), "pictures", sampling)


def _video(path: Path, recording: Recording, form: str, sampling: Sampling) -> Stream:
    return video_stream(path, recording, form, content_id([path], form, salt_of(sampling)))
