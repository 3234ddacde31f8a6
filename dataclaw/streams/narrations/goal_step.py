"""Ego4D Goal-Step: a JSON document with goals, steps and substeps as nested segments, one stream per video.

`level` is 1 for a step and 2 for a substep; the goal itself is the video's label in `meta["goal"]`. `parent` is the
event's index of the step around it. Times are seconds of the video.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import cast

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.lessons.cues import clean
from dataclaw.streams.lessons.files import head_of, json_of
from dataclaw.streams.loader import Loader
from dataclaw.streams.narrations.narration import Narration, NarrationTable, narration_stream, settle
from dataclaw.types import Json, Stream

MAX_LEVEL = 8
"""Segments that lie deeper are left out; the data set has two levels."""


def claims(path: Path) -> bool:
    """Whether a JSON file begins like a table of segmented videos."""
    if path.suffix.lower() != ".json":
        return False
    head = head_of(path)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"videos"' in head and b'"video_uid"' in head


def count(path: Path) -> int:
    """Number of videos in the document, at least 1."""
    try:
        return max(1, len(_videos_of(path)))
    except StreamError:
        return 1


def open_goal_step(path: Path, index: int, sampling: Sampling) -> Stream:
    """The goal, steps and substeps of one video.

    Raises:
        StreamError: the document is not of this form; the video beside it cannot be decoded.
    """
    videos = _videos_of(path)
    if index >= len(videos):
        raise StreamError("names no video.", place=str(path), remedy="Leave the file out.")
    video = videos[index]
    length = _number(video.get("end_time"))
    video_id = _text(video, "video_uid")
    told = list(_segments(video, f"{path.name}:videos[{index}]"))
    deep = sum(one.attrs["level"] > MAX_LEVEL for one in told)
    kept = _with_parents([one for one in told if one.attrs["level"] <= MAX_LEVEL], length)
    problems = [f"{deep} segments are nested more than {MAX_LEVEL} levels deep; left out."] if deep else []
    end = length if math.isfinite(length) and length > 0 else None
    table = NarrationTable(path, "goal_step", index, video_id, kept, end, _meta(video))
    return narration_stream(table, problems, sampling)


def videos_of(path: Path) -> tuple[str, ...]:
    """Ids of the videos of a document, in order.

    Raises:
        StreamError: it is not of this form.
    """
    return tuple(_text(video, "video_uid") for video in _videos_of(path))


def _videos_of(path: Path) -> list[dict[str, Json]]:
    try:
        status = path.stat()
    except OSError as error:
        raise StreamError(f"cannot be read: {error}.", place=str(path), remedy="Check the path.") from None
    return _videos(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)  # each video of the document asks for it
def _videos(path: Path, modified: int, size: int) -> list[dict[str, Json]]:  # noqa: ARG001 - part of the key
    value = json_of(path)
    videos: Json = cast("dict[str, Json]", value).get("videos") if isinstance(value, dict) else None
    if not isinstance(videos, list):
        raise StreamError('has no list "videos".', place=str(path), remedy="Give the data set's own JSON file.")
    return [cast("dict[str, Json]", v) for v in cast("list[Json]", videos) if isinstance(v, dict)]


def _segments(video: dict[str, Json], place: str) -> Iterator[Narration]:
    """All segments, those around others first; `attrs["around"]` is the place of the one around."""
    todo: list[tuple[dict[str, Json], int, str, str]] = [(video, 0, place, "")]
    while todo:
        node, level, where, around = todo.pop()
        if level:
            yield _narration(node, level, where, around)
        inner = node.get("segments")
        parts = cast("list[Json]", inner) if isinstance(inner, list) else []
        named = [(cast("dict[str, Json]", p), f"{where}.segments[{k}]") for k, p in enumerate(parts)
                 if isinstance(p, dict)]  # fmt: skip
        todo.extend((part, level + 1, at, where if level else "") for part, at in reversed(named))


def _narration(node: dict[str, Json], level: int, where: str, around: str) -> Narration:
    attrs: dict[str, Json] = {
        "level": level,
        "around": around,
        "category": clean(_text(node, "step_category"))[:400],
        "relevant": _text(node, "is_relevant")[:40],
        "continued": node.get("is_continued") is True,
        "procedural": node.get("is_procedural") is True,
        "summary": _texts(node.get("summary")),
    }
    t0, t1 = _number(node.get("start_time")), _number(node.get("end_time"))
    return Narration(t0, t1, _text(node, "step_description"), where, attrs)


def _with_parents(told: list[Narration], length: float) -> list[Narration]:
    """The segments with `attrs["parent"]`, the index that the step around will have as an event, or None."""
    settled, _ = settle(told, length if math.isfinite(length) and length > 0 else None)
    index = {one.place: k for k, one in enumerate(settled)}
    parented: list[Narration] = []
    for one in told:
        attrs = {key: value for key, value in one.attrs.items() if key != "around"}
        attrs["parent"] = index.get(one.attrs["around"])
        parented.append(Narration(one.t0, one.t1, one.text, one.place, attrs))
    return parented


def _meta(video: dict[str, Json]) -> dict[str, Json]:
    return {
        "goal": clean(_text(video, "goal_description"))[:400],
        "goal_category": _text(video, "goal_category")[:200],
        "summary": _texts(video.get("summary")),
    }


def _number(value: Json) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if usable else math.nan


def _text(node: dict[str, Json], key: str) -> str:
    value = node.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: Json) -> list[str]:
    entries = cast("list[Json]", value) if isinstance(value, list) else []
    return [clean(entry[:400]) for entry in entries[:50] if isinstance(entry, str)]


LOADER = Loader("goal_step", "narration", claims, open_goal_step, count)
