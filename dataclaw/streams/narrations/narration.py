"""What every narration has: spans in order, checked against the video's length, with its pictures beside them.

Spans may overlap and lie in one another; that is how people narrate, and it is kept.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, derived_id, salt_of
from dataclaw.streams.lessons.cues import clean, frames_at
from dataclaw.streams.video import VIDEO_SUFFIXES, Recording, open_recording
from dataclaw.types import Event, Json, Stream
from pyautogui_trace_parsers.files import is_file_inside

MAX_TEXT = 2000
SLACK = 1.0
"""Narrators stop up to this long after the last frame [s]; a span that ends there is no problem."""

_SENTENCES = {
    "times": "{n} narration(s) without usable times were left out.",
    "ends": "{n} narration(s) end before they start; their end was set to their start.",
    "empty": "{n} narration(s) without a text were left out.",
    "beyond": "{n} narration(s) start after the video's end; left out.",
    "cut": "{n} narration(s) end after the video's end; cut there.",
}


@dataclass(frozen=True, slots=True)
class NarrationRow:
    """Something that a person says happens.

    Attributes:
        t0: start [s]; NaN where the source has none.
        t1: end [s]; NaN where the source has none.
        text: what happens.
        place: where it was read from.
        attrs: verb, noun, level, parent and whatever else the source says, plain JSON.
    """

    t0: float
    t1: float
    text: str
    place: str
    attrs: Mapping[str, Json] = field(default_factory=dict[str, Json])


def settle(narrations: Iterable[NarrationRow], end: float | None) -> tuple[list[NarrationRow], list[str]]:
    """Narrations in order of start (longer ones first), cut to the video's length [s] where that is known.

    Returns:
        The narrations, and sentences about what had to be changed.
    """
    notes: Counter[str] = Counter()
    kept = [whole for one in narrations if (whole := _settle_one(one, end, notes))]
    kept.sort(key=lambda one: (one.t0, -one.t1))
    return kept, [sentence.format(n=notes[key]) for key, sentence in _SENTENCES.items() if notes[key]]


def _settle_one(one: NarrationRow, end: float | None, notes: Counter[str]) -> NarrationRow | None:
    text = clean(one.text[: MAX_TEXT * 2])[:MAX_TEXT]
    wrong = _wrong(one, text, end)
    if wrong:
        notes[wrong] += 1
        return None
    notes["ends"] += one.t1 < one.t0
    t1 = max(one.t0, one.t1)
    if end is not None and t1 > end:
        notes["cut"] += t1 > end + SLACK
        t1 = end
    return replace(one, t1=t1, text=text)


def _wrong(one: NarrationRow, text: str, end: float | None) -> str:
    if not text:
        return "empty"
    if not (math.isfinite(one.t0) and math.isfinite(one.t1) and 0 <= one.t0 < 1e7):
        return "times"
    return "beyond" if end is not None and one.t0 > end else ""


def video_beside(table: Path, video_id: str) -> Path | None:
    """The video with this name beside a table; None when there is none, or when the name is no plain file name."""
    if not video_id or set(video_id) & set("/\\\0:") or video_id.startswith("."):
        return None
    for suffix in sorted(VIDEO_SUFFIXES):
        if is_file_inside(table.parent, f"{video_id}{suffix}"):
            return table.parent / f"{video_id}{suffix}"
    return None


@dataclass(frozen=True, slots=True)
class NarrationTable:
    """A table and what it says of one video.

    Attributes:
        path: the table.
        format: name of its loader.
        index: number of the video in the table.
        video_id: the video's name.
        narrations: what it says, as read.
        length: length of the video [s] as the table says, None when it does not.
        meta: facts that a policy may see.
        kind: kind of the events.
    """

    path: Path
    format: str
    index: int
    video_id: str
    narrations: Sequence[NarrationRow]
    length: float | None
    meta: Mapping[str, Json]
    kind: str = "narration"


def narration_stream(table: NarrationTable, problems: Sequence[str], sampling: Sampling) -> Stream:
    """The stream of one video of a table.

    Raises:
        StreamError: the video beside it cannot be decoded.
    """
    video = video_beside(table.path, table.video_id)
    recording = _recording(video, table.narrations, sampling) if video else None
    end = recording.duration if recording else table.length
    narrations, changed = settle(table.narrations, end)
    frames = recording.frames if recording else None
    shown = frames_at(frames, [one.t0 for one in narrations])
    events = tuple(
        Event(k, table.kind, one.t0, one.t1, frame, text=one.text, place=one.place, attrs=one.attrs)
        for k, (one, frame) in enumerate(zip(narrations, shown, strict=True))
    )
    return Stream(
        id=_id(table, narrations, video, sampling),
        kind="narration",
        name=table.video_id[:200] or f"{table.path.name}#{table.index}",
        path=str(table.path.absolute()),
        format=table.format,
        duration=end if end is not None else max((one.t1 for one in narrations), default=0.0),
        frames=frames,
        events=events,
        meta={**table.meta, "video_id": table.video_id[:200], "video": video.name if video else ""},
        problems=(*problems, *changed, *(recording.problems if recording else ())),
    )


def _recording(video: Path, narrations: Sequence[NarrationRow], sampling: Sampling) -> Recording:
    """The video, sampled where something is narrated."""
    spans = sorted(
        (one.t0, max(one.t0, one.t1)) for one in narrations if math.isfinite(one.t0) and math.isfinite(one.t1)
    )
    return open_recording(video, sampling, spans)


def _id(table: NarrationTable, narrations: Sequence[NarrationRow], video: Path | None, sampling: Sampling) -> str:
    """Hash of this video's narrations alone: a table of a thousand videos is not read through for each."""
    said = [(one.t0, one.t1, one.text, sorted(one.attrs.items())) for one in narrations]
    pixels = content_id([video], salt_of(sampling)) if video else ""
    return derived_id(table.format, table.video_id, said, sorted(table.meta.items()), table.length, pixels)
