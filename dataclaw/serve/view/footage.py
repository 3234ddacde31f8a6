"""Files that the page plays: pictures and clips below `media/`, and the recording itself where it may be shown.

The path of a recording stands in a record that anyone may have written. It is only played when it lies in a folder that
the user named, or in the run's own, and when its content has the very hash that the stream is called by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
from av.error import FFmpegError

from dataclaw.errors import StreamError
from dataclaw.run.report.records import StreamRecord
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.types import Json

KINDS = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".mkv": "video/webm",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
}
"""What is served, by the ending of its name; nothing else is."""
VIDEO_FORMAT = "video"
"""Format of the streams that are one video file."""


def kind_of(file: Path) -> str | None:
    """The media type that a file is served as, None where it is not served."""
    return KINDS.get(file.suffix.lower())


def recording_of(stream: StreamRecord, folders: Sequence[Path], max_frames: int) -> Path | None:
    """The video that a stream was opened from, where it is still there, may be shown, and is that video.

    Args:
        stream: the stream, as a record tells of it.
        folders: folders whose files may be shown.
        max_frames: how many frames the run sampled, which is part of what the stream is called by.

    Raises:
        StreamError: it cannot be read.
    """
    if stream.format != VIDEO_FORMAT or stream.id is None or "\0" in stream.path:
        return None
    salt = salt_of(Sampling(max_frames=max_frames))
    for file in _candidates(stream.path, folders):
        if (kind_of(file) or "").startswith("video/") and content_id([file], VIDEO_FORMAT, salt) == stream.id:
            return file
    return None


def _candidates(path: str, folders: Sequence[Path]) -> Iterator[Path]:
    """Regular files that the path may mean, in the folders alone."""
    for folder in folders:
        root = folder.resolve()
        for meant in (Path(path), root / path, root / Path(path).name):
            try:
                file = meant.resolve()
                good = file.is_relative_to(root) and file.is_file()
            except (OSError, RuntimeError):  # a name that is too long, links in a circle
                continue
            if good:
                yield file


def rate_of(video: Path) -> Json:
    """Frames per second of a video, None where it does not say [1/s].

    Raises:
        StreamError: it is no video.
    """
    try:
        with av.open(str(video)) as container:
            rate = container.streams.video[0].average_rate
            return float(rate) if rate else None
    except (FFmpegError, IndexError) as error:
        raise StreamError(f"is no video: {error}.", place=video, remedy="Record it again.") from None
