"""Videos with one caption each: `captions.json` beside them names what they show.

`{"captions": {"kneading.gif": "A baker kneads dough."}}`, or the inner object alone. The stream is the video itself
(kind "video") with one event of kind "caption" over all of it: words that people gave, to be quoted as evidence.
"""

from __future__ import annotations

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
from dataclaw.streams.sources import VIDEO_SUFFIXES
from dataclaw.streams.video import open_recording
from dataclaw.types import Event, Stream

MANIFEST = "captions.json"
MAX_TEXT = 2000


def claims(path: Path) -> bool:
    """Whether a video's name stands in the `captions.json` beside it."""
    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file() and bool(caption_of(path))


def open_captioned(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a file is one video
    """The video with its caption.

    Raises:
        StreamError: the video cannot be decoded, or the caption has gone.
    """
    text = caption_of(path)
    if not text:
        raise StreamError(f"has no caption in {MANIFEST}.", place=str(path), remedy="Name it there.")
    recording = open_recording(path, sampling)
    width, height = recording.frames.size
    return Stream(
        id=content_id([path], "captioned", text, salt_of(sampling)),
        kind="video",
        name=path.name,
        path=str(path.absolute()),
        format="captioned",
        duration=recording.duration,
        frames=recording.frames,
        events=(Event(0, "caption", 0.0, recording.duration, 0, text=text, place=MANIFEST),),
        meta={"screen_size": [width, height], "windows": []},
        problems=recording.problems,
    )


def caption_of(video: Path) -> str:
    """The caption of a video, "" when there is none or the manifest is broken. Never raises."""
    manifest = video.with_name(MANIFEST)
    if not is_beside(manifest):
        return ""
    try:
        return _captions(manifest, manifest.stat().st_mtime_ns).get(video.name, "")
    except (OSError, StreamError):
        return ""


@lru_cache(maxsize=4)  # every video of the folder asks for it
def _captions(manifest: Path, modified: int) -> dict[str, str]:  # noqa: ARG001 - part of the key
    value = json_of(manifest)
    if not isinstance(value, dict):
        return {}
    entries = cast("dict[str, object]", value)
    inner = entries.get("captions", entries)
    named = cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
    return {name: clean(text[:MAX_TEXT]) for name, text in named.items() if isinstance(text, str)}


LOADER = Loader("captioned", "video", claims, open_captioned)
