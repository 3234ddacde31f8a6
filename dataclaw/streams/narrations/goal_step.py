"""Ego4D Goal-Step: a JSON document with goals, steps and substeps as nested segments, one stream per video.

`level` is 1 for a step and 2 for a substep; the goal itself is the video's label in `meta["goal"]`. `parent` is the
event's index of the step around it. Times are seconds of the video.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of, json_in, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.lessons.cues import clean
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.narrations.narration import NarrationRow, NarrationTable, narration_stream, settle
from dataclaw.streams.values import list_of, object_of, objects_of, text_of
from dataclaw.types import Json, Stream

MAX_LEVEL = 8
"""Segments that lie deeper are left out; the data set has two levels."""


def claims(path: Path) -> bool:
    """Whether a JSON file begins like a table of segmented videos."""
    if path.suffix.lower() != ".json":
        return False
    head = head_of(path)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"videos"' in head and b'"video_uid"' in head


def open_goal_step(path: Path, index: int, sampling: Sampling) -> Stream:
    """The goal, steps and substeps of one video.

    Raises:
        StreamError: the document is not of this form; the video beside it cannot be decoded.
    """
    videos = _videos(path)
    if index >= len(videos):
        raise StreamError("names no video.", place=path, remedy="Leave the file out.")
    video = videos[index]
    length = _number(video.get("end_time"))
    video_id = text_of(video.get("video_uid"))
    segments = list(_segments(video, f"{path.name}:videos[{index}]"))
    deep = sum(one.attrs["level"] > MAX_LEVEL for one in segments)
    kept = _with_parents([one for one in segments if one.attrs["level"] <= MAX_LEVEL], length)
    problems = [f"{deep} segments are nested more than {MAX_LEVEL} levels deep; left out."] if deep else []
    end = length if math.isfinite(length) and length > 0 else None
    table = NarrationTable(path, "goal_step", index, video_id, kept, end, _meta(video))
    return narration_stream(table, problems, sampling)


def videos_of(path: Path) -> tuple[str, ...]:
    """Ids of the videos of a document, in order.

    Raises:
        StreamError: it is not of this form.
    """
    return tuple(text_of(video.get("video_uid")) for video in _videos(path))


@while_unchanged(2)  # each video of the document asks for it
def _videos(path: Path) -> list[dict[str, Json]]:
    videos = object_of(json_in(path)).get("videos")
    if not isinstance(videos, list):
        raise StreamError('has no list "videos".', place=path, remedy="Give the data set's own JSON file.")
    return objects_of(videos)


def _segments(video: dict[str, Json], place: str) -> Iterator[NarrationRow]:
    """All segments, those around others first; `attrs["around"]` is the place of the one around."""
    todo: list[tuple[dict[str, Json], int, str, str]] = [(video, 0, place, "")]
    while todo:
        node, level, where, around = todo.pop()
        if level:
            yield _narration(node, level, where, around)
        inner = enumerate(list_of(node.get("segments")))
        named = [(object_of(p), f"{where}.segments[{k}]") for k, p in inner if isinstance(p, dict)]
        todo.extend((part, level + 1, at, where if level else "") for part, at in reversed(named))


def _narration(node: dict[str, Json], level: int, where: str, around: str) -> NarrationRow:
    attrs: dict[str, Json] = {
        "level": level,
        "around": around,
        "category": clean(text_of(node.get("step_category")))[:400],
        "relevant": text_of(node.get("is_relevant"), 40),
        "continued": node.get("is_continued") is True,
        "procedural": node.get("is_procedural") is True,
        "summary": _summary(node.get("summary")),
    }
    t0, t1 = _number(node.get("start_time")), _number(node.get("end_time"))
    return NarrationRow(t0, t1, text_of(node.get("step_description")), where, attrs)


def _with_parents(segments: list[NarrationRow], length: float) -> list[NarrationRow]:
    """The segments with `attrs["parent"]`, the index that the step around will have as an event, or None."""
    settled, _ = settle(segments, length if math.isfinite(length) and length > 0 else None)
    index = {one.place: k for k, one in enumerate(settled)}
    parented: list[NarrationRow] = []
    for one in segments:
        attrs = {key: value for key, value in one.attrs.items() if key != "around"}
        attrs["parent"] = index.get(one.attrs["around"])
        parented.append(NarrationRow(one.t0, one.t1, one.text, one.place, attrs))
    return parented


def _meta(video: dict[str, Json]) -> dict[str, Json]:
    return {
        "goal": clean(text_of(video.get("goal_description")))[:400],
        "goal_category": text_of(video.get("goal_category"), 200),
        "summary": _summary(video.get("summary")),
    }


def _number(value: Json) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if usable else math.nan


def _summary(value: Json) -> list[str]:
    return [clean(entry[:400]) for entry in list_of(value)[:50] if isinstance(entry, str)]


LOADER = Loader("goal_step", "narration", claims, open_goal_step, count_of(_videos))
