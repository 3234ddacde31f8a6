"""What a loader is: a reader of one family of raw files, ours or a plugin's.

GUI traces, plain videos and folders of pictures have their own doors in `load`; everything else comes in as a loader.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.types import Stream


def _one(path: Path) -> int:  # noqa: ARG001
    return 1


def count_of(list_streams: Callable[[Path], Sized]) -> Callable[[Path], int]:
    """`Loader.count` of a format whose streams can be listed: their number, or 1 where that fails.

    Args:
        list_streams: the streams of a path; raises StreamError or MissingExtraError.
    """

    def count(path: Path) -> int:
        try:
            return max(1, len(list_streams(path)))
        except (StreamError, MissingExtraError):
            return 1

    return count


@dataclass(frozen=True, slots=True)
class Loader:
    """A reader of one family of raw files.

    Attributes:
        name: format, as `Stream.format` says it ("lerobot_v2", "otio").
        kind: kind of the streams it gives.
        claims: `(path) -> bool`: whether this file or folder is of the format. It looks at no more than the name and a
            header, is strict (another format's file is not claimed), and never raises on hostile content.
        open: `(path, index, sampling) -> Stream`, the stream of that number; raises StreamError.
        count: `(path) -> int`: how many streams lie in it, at least 1; a damaged one counts, so that opening it says
            what is wrong. Never raises.
        owner: the plugin that brings it, "" for those that come with DataClaw; its author leaves it out.
    """

    name: str
    kind: str
    claims: Callable[[Path], bool]
    open: Callable[[Path, int, Sampling], Stream]
    count: Callable[[Path], int] = _one
    owner: str = ""

    @property
    def full_name(self) -> str:
        """Its name among all loaders: two plugins may have one of the same name."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    def __str__(self) -> str:
        """Its name, and whose it is."""
        return f"{self.name} (plugin {self.owner})" if self.owner else self.name


class Reader(NamedTuple):
    """What reads a stream, as found out once: plain values, so that it can be sent to another process.

    Attributes:
        door: "loader" or "trace" (a format of GUI traces), "video", "pictures" or "fragments".
        name: full name of the loader, or name of the trace format, otherwise "".
    """

    door: Literal["loader", "trace", "video", "pictures", "fragments"]
    name: str = ""
