"""EPIC-KITCHENS-100: a CSV table with a row per narrated action, one stream per video.

Columns used: `video_id, narration_id, narration_timestamp, start_timestamp, stop_timestamp` (`HH:MM:SS.ss`),
`narration, verb, noun, all_nouns`. Lengths and frame rates come from `EPIC_100_video_info.csv` beside the table.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import columns_of, is_beside, rows_of, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.narrations.narration import NarrationRow, NarrationTable, narration_stream
from dataclaw.streams.values import parse_number
from dataclaw.types import Json, Stream

_NEEDED = frozenset({"video_id", "start_timestamp", "stop_timestamp", "narration"})
_CLOCK = re.compile(r"(\d{1,4}):([0-5]?\d):([0-5]?\d(?:\.\d{1,9})?)")
_INFO = "EPIC_100_video_info.csv"


def claims(path: Path) -> bool:
    """Whether a CSV table's head line names the columns of narrated actions."""
    return path.suffix.lower() == ".csv" and columns_of(path) >= _NEEDED


def open_epic(path: Path, index: int, sampling: Sampling) -> Stream:
    """The narrations of one video.

    Raises:
        StreamError: the table cannot be read or has no such video; the video beside it cannot be decoded.
    """
    videos = videos_of(path)
    if index >= len(videos):
        raise StreamError("holds no row with a video_id.", place=path, remedy="Leave the table out.")
    video_id = videos[index]
    narrations = [_narration(path, line, row) for line, row in rows_of(path) if row.get("video_id", "") == video_id]
    info, problems = _info(path.with_name(_INFO), video_id)
    length = info.get("duration")
    meta: dict[str, Json] = {"fps": info.get("fps"), "participant": video_id.partition("_")[0][:20]}
    return narration_stream(
        NarrationTable(path, "epic_kitchens", index, video_id, narrations, length, meta), problems, sampling
    )


@while_unchanged(8)  # each video of the table asks for it
def videos_of(path: Path) -> tuple[str, ...]:
    """The videos that a table names, in the order in which they first appear.

    Raises:
        StreamError: it cannot be read.
    """
    return tuple(dict.fromkeys(row["video_id"] for _, row in rows_of(path) if row.get("video_id")))


def seconds_of(text: str) -> float:
    """`HH:MM:SS.ss` in seconds; NaN when it is not a time."""
    match = _CLOCK.fullmatch(text.strip()[:40])
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else math.nan


def _narration(path: Path, line: int, row: dict[str, str]) -> NarrationRow:
    said_at = seconds_of(row.get("narration_timestamp", ""))
    attrs: dict[str, Json] = {
        "verb": row.get("verb", "")[:80],
        "noun": row.get("noun", "")[:80],
        "nouns": re.findall(r"'([^']{1,80})'", row.get("all_nouns", "")[:2000]),
        "narration_id": row.get("narration_id", "")[:80],
        "said_at": said_at if math.isfinite(said_at) else None,
        "level": 0,
    }
    start, stop = seconds_of(row.get("start_timestamp", "")), seconds_of(row.get("stop_timestamp", ""))
    return NarrationRow(start, stop, row.get("narration", ""), f"{path.name}:{line}", attrs)


def _info(file: Path, video_id: str) -> tuple[dict[str, float], list[str]]:
    """Length [s] and frame rate [1/s] of a video as the table beside says, and what is wrong with that."""
    if not is_beside(file):
        return {}, [f"There is no {_INFO} beside it; the last narration's end is taken for the video's."]
    for line, row in rows_of(file):
        if row.get("video_id", "") == video_id:
            numbers = {key: parse_number(row.get(key, "")) or None for key in ("duration", "fps")}
            wrong = [f"{file.name}:{line} has no usable {key}." for key, value in numbers.items() if value is None]
            return {key: value for key, value in numbers.items() if value is not None}, wrong
    return {}, [f"{_INFO} does not name this video; the last narration's end is taken for the video's."]


LOADER = Loader("epic_kitchens", "narration", claims, open_epic, count_of(videos_of))
