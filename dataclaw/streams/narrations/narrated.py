"""Videos that a table beside them narrates: the video itself, with the narrations as ground truth.

A path to the table asks for the narrations (kind "narration", with pictures of the video). A path to the video asks
for what can be seen in it: the narrations are the truth for that, so no policy is shown them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader
from dataclaw.streams.narrations import captioned, epic_kitchens, goal_step
from dataclaw.streams.video import VIDEO_SUFFIXES, open_recording, video_stream
from dataclaw.types import Stream

MAX_TABLES = 16
"""Tables of one folder that are looked into."""
_FAMILIES = (epic_kitchens, goal_step)


def claims(path: Path) -> bool:
    """Whether a table beside a video names it."""
    return path.suffix.lower() in VIDEO_SUFFIXES and not captioned.claims(path) and table_of(path) is not None


def open_narrated(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a file is one video
    """The video, its narrations among the annotations.

    Raises:
        StreamError: the video cannot be decoded, or the table has gone.
    """
    found = table_of(path)
    if found is None:
        raise StreamError(
            "the table beside it no longer names it.", place=path, remedy="Put its row back, or open the video alone."
        )
    loader, table, number = found
    narration = loader.open(table, number, replace(sampling, max_frames=2))
    recording = open_recording(path, sampling)
    rows = [{"t0": e.t0, "t1": e.t1, "text": e.text, **e.attrs} for e in narration.events]
    stream = video_stream(path, recording, "narrated", content_id([path], "narrated", salt_of(sampling)))
    return replace(stream, annotations={"narrations": rows, "table": table.name})


def table_of(video: Path) -> tuple[Loader, Path, int] | None:
    """The table beside a video that names it, and its number there; None when there is none. Never raises."""
    try:
        files = sorted(f for f in video.parent.iterdir() if f.suffix.lower() in {".csv", ".json"})[:MAX_TABLES]
    except OSError:
        return None
    for table in files:
        with suppress(StreamError):  # a broken table narrates nothing
            if (found := _list_videos(table).get(video.stem)) is not None:
                return found[0], table, found[1]
    return None


@while_unchanged(MAX_TABLES)  # every video of the folder asks for it
def _list_videos(table: Path) -> dict[str, tuple[Loader, int]]:
    """Loader and number of each video that a table names; none when it is no table."""
    for family in _FAMILIES:
        if family.LOADER.claims(table):
            return {name: (family.LOADER, number) for number, name in enumerate(family.videos_of(table))}
    return {}


LOADER = Loader("narrated", "video", claims, open_narrated)
