"""Videos with captions: `captions.json` beside them says what they show, and which keys a player held.

`{"captions": {"kneading.gif": "A baker kneads dough."}}`, or the inner object alone. The stream is the video itself
(kind "video") with one event of kind "caption" over all of it: words that people gave, to be quoted as evidence.
Instead of one text there may be a list of spans: `{"start": 0.5, "end": 2.0, "text": "The player turns left."}` is an
event of kind "caption", `{"start": 0.5, "end": 2.0, "keys": ["TURN_LEFT"]}` one of kind "hold" (an input log).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import clean
from dataclaw.streams.lessons.files import json_of
from dataclaw.streams.links import is_beside
from dataclaw.streams.loader import Loader
from dataclaw.streams.video import VIDEO_SUFFIXES, Recording, open_recording
from dataclaw.types import Event, Stream

MANIFEST = "captions.json"
MAX_TEXT = 2000
MAX_SPANS = 5000
MAX_KEYS, MAX_KEY = 16, 40


@dataclass(frozen=True, slots=True)
class CaptionSpan:
    """What a manifest says of a span.

    Attributes:
        t0: start [s].
        t1: end [s], infinite for all of the video.
        text: what is shown, "" for a span of keys.
        keys: keys that were held, none for a caption.
    """

    t0: float
    t1: float
    text: str
    keys: tuple[str, ...] = ()


def claims(path: Path) -> bool:
    """Whether a video's name stands in the `captions.json` beside it."""
    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file() and bool(captions_of(path))


def open_captioned(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a file is one video
    """The video with its captions.

    Raises:
        StreamError: the video cannot be decoded, or the captions have gone.
    """
    told = captions_of(path)
    if not told:
        raise StreamError(f"has no caption in {MANIFEST}.", place=str(path), remedy="Name it there.")
    recording = open_recording(path, sampling)
    width, height = recording.frames.size
    events, problems = _events(told, recording)
    said = [(one.t0, one.t1, one.text, one.keys) for one in told]
    return Stream(
        id=content_id([path], "captioned", _salt(said), salt_of(sampling)),
        kind="video",
        name=path.name,
        path=str(path.absolute()),
        format="captioned",
        duration=recording.duration,
        frames=recording.frames,
        events=events,
        meta={"screen_size": [width, height], "windows": []},
        problems=(*recording.problems, *problems),
    )


def _salt(said: Sequence[tuple[float, float, str, tuple[str, ...]]]) -> str:
    """One text over all of a video is its own salt, as it always was."""
    (first, *more) = said
    return first[2] if not more and math.isinf(first[1]) else repr(said)


def _events(told: Sequence[CaptionSpan], recording: Recording) -> tuple[tuple[Event, ...], list[str]]:
    """Spans in order of start, cut to the video's length."""
    kept = sorted((one for one in told if one.t0 < recording.duration), key=lambda one: (one.t0, one.t1))
    late = len(told) - len(kept)
    problems = [f"{late} caption(s) start after the video's end; left out."] if late else []
    # a caption tells a span and not what a moment leads to: only that of the whole video belongs to a frame
    events = tuple(
        Event(
            index,
            "hold" if one.keys else "caption",
            one.t0,
            min(one.t1, recording.duration),
            0 if math.isinf(one.t1) else None,
            text=one.text,
            keys=one.keys,
            place=MANIFEST,
        )
        for index, one in enumerate(kept)
    )
    return events, problems


def captions_of(video: Path) -> tuple[CaptionSpan, ...]:
    """What is told of a video, nothing when there is none or the manifest is broken. Never raises."""
    manifest = video.with_name(MANIFEST)
    if not is_beside(manifest):
        return ()
    try:
        return _captions(manifest, manifest.stat().st_mtime_ns).get(video.name, ())
    except (OSError, StreamError):
        return ()


@lru_cache(maxsize=4)  # every video of the folder asks for it
def _captions(manifest: Path, modified: int) -> dict[str, tuple[CaptionSpan, ...]]:  # noqa: ARG001 - part of the key
    value = json_of(manifest)
    if not isinstance(value, dict):
        return {}
    entries = cast("dict[str, object]", value)
    inner = entries.get("captions", entries)
    named = cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
    return {name: tuple(_caption_spans(said)) for name, said in named.items()}


def _caption_spans(said: object) -> Iterator[CaptionSpan]:
    if isinstance(said, str):
        text = clean(said[:MAX_TEXT])
        if text:
            yield CaptionSpan(0.0, math.inf, text)
    elif isinstance(said, list):
        for span in cast("list[object]", said)[:MAX_SPANS]:
            found = _span(cast("dict[str, object]", span)) if isinstance(span, dict) else None
            if found:
                yield found


def _span(span: dict[str, object]) -> CaptionSpan | None:
    """A span with a text or with keys and times that mean something, otherwise None."""
    t0, t1, text, keys = span.get("start"), span.get("end"), span.get("text"), span.get("keys")
    if not _is_time(t0) or not _is_time(t1) or cast("float", t1) < cast("float", t0):
        return None
    start, end = float(cast("float", t0)), float(cast("float", t1))
    if isinstance(keys, list):
        named = [k[:MAX_KEY] for k in cast("list[object]", keys)[:MAX_KEYS] if isinstance(k, str) and k]
        return CaptionSpan(start, end, "", tuple(named)) if named else None
    words = clean(text[:MAX_TEXT]) if isinstance(text, str) else ""
    return CaptionSpan(start, end, words) if words else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e7


LOADER = Loader("captioned", "video", claims, open_captioned)
