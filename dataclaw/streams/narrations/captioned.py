"""Videos with captions: `captions.json` beside them says what they show, and which keys a player held.

`{"captions": {"kneading.gif": "A baker kneads dough."}}`, or the inner object alone. The stream is the video itself
(kind "video") with one event of kind "caption" over all of it: words that people gave, to be quoted as evidence.
Instead of one text there may be a list of spans: `{"start": 0.5, "end": 2.0, "text": "The player turns left."}` is an
event of kind "caption", `{"start": 0.5, "end": 2.0, "keys": ["TURN_LEFT"]}` one of kind "hold" (an input log).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import is_beside, json_in, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import clean
from dataclaw.streams.loader import Loader
from dataclaw.streams.values import list_of, number_of, object_of, text_of
from dataclaw.streams.video import VIDEO_SUFFIXES, Recording, open_recording, video_stream
from dataclaw.types import Event, Json, Stream

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
    spans = captions_of(path)
    if not spans:
        raise StreamError(f"has no caption in {MANIFEST}.", place=path, remedy="Name it there.")
    recording = open_recording(path, sampling)
    events, problems = _events(spans, recording)
    said = [(one.t0, one.t1, one.text, one.keys) for one in spans]
    stream_id = content_id([path], "captioned", _salt(said), salt_of(sampling))
    stream = video_stream(path, recording, "captioned", stream_id)
    return replace(stream, events=events, problems=(*recording.problems, *problems))


def _salt(said: Sequence[tuple[float, float, str, tuple[str, ...]]]) -> str:
    """One text over all of a video is its own salt, as it always was."""
    (first, *more) = said
    return first[2] if not more and math.isinf(first[1]) else repr(said)


def _events(spans: Sequence[CaptionSpan], recording: Recording) -> tuple[tuple[Event, ...], list[str]]:
    """Spans in order of start, cut to the video's length."""
    kept = sorted((one for one in spans if one.t0 < recording.duration), key=lambda one: (one.t0, one.t1))
    late = len(spans) - len(kept)
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
    """The captions of a video; none when it has none or the manifest is broken. Never raises."""
    manifest = video.with_name(MANIFEST)
    if not is_beside(manifest):
        return ()
    try:
        return _captions(manifest).get(video.name, ())
    except StreamError:
        return ()


@while_unchanged(4)  # every video of the folder asks for it
def _captions(manifest: Path) -> dict[str, tuple[CaptionSpan, ...]]:
    entries = object_of(json_in(manifest))
    return {name: tuple(_caption_spans(said)) for name, said in object_of(entries.get("captions", entries)).items()}


def _caption_spans(said: Json) -> Iterator[CaptionSpan]:
    if isinstance(said, str):
        text = clean(said[:MAX_TEXT])
        if text:
            yield CaptionSpan(0.0, math.inf, text)
    for span in list_of(said)[:MAX_SPANS]:
        found = _span(object_of(span))
        if found:
            yield found


def _span(span: dict[str, Json]) -> CaptionSpan | None:
    """A span with a text or with keys and times that mean something, otherwise None."""
    start, end, keys = number_of(span.get("start"), 1e7), number_of(span.get("end"), 1e7), span.get("keys")
    if start is None or end is None or end < start:
        return None
    if isinstance(keys, list):
        named = [k[:MAX_KEY] for k in list_of(keys)[:MAX_KEYS] if isinstance(k, str) and k]
        return CaptionSpan(start, end, "", tuple(named)) if named else None
    words = clean(text_of(span.get("text"), MAX_TEXT))
    return CaptionSpan(start, end, words) if words else None


LOADER = Loader("captioned", "video", claims, open_captioned)
