"""Lectures as the Paella Player publishes them: a folder with `data.json`, captions and a sprite of thumbnails.

The videos are elsewhere; what lies in the folder is read: captions are cues, the sprite is frames. Chapters and the
starts of slides are what a lecturer or an editor marked: truth, not shown to a policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of, json_in
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.lessons.cues import clean, cue_events, shown_by
from dataclaw.streams.lessons.sprite import SpriteFrames, open_sprite
from dataclaw.streams.lessons.subtitles import Subtitles, is_subtitles, read_subtitles
from dataclaw.streams.loader import Loader
from dataclaw.streams.values import number_of, object_of, objects_of, text_of
from dataclaw.types import Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside

LATEST = 1e7


def claims(path: Path) -> bool:
    """Whether it is such a folder, or its `data.json`."""
    file = path / "data.json" if path.is_dir() else path
    head = head_of(file, 16_384) if file.name == "data.json" else b""
    return b'"metadata"' in head and b'"streams"' in head and b'"sources"' in head


def open_paella(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - one lecture; a fixed sprite
    """The lecture in a folder.

    Raises:
        StreamError: the manifest cannot be read.
    """
    root = path if path.is_dir() else path.parent
    manifest = object_of(json_in(root / "data.json"))
    metadata = object_of(manifest.get("metadata"))
    problems: list[str] = []
    files = [root / "data.json"]
    said, language = _captions(manifest, root, files, problems)
    duration = number_of(metadata.get("duration"), LATEST) or (said.cues[-1].t1 if said else 0.0) or _last(manifest)
    frames = _sprite(metadata, root, duration, files, problems)
    cues, beyond = shown_by(said.cues, duration) if said else ((), [])
    truth = _truth(manifest)
    marked = len(truth.get("chapters", ()))
    labels = [f"{marked} chapters came with it: labels to compare with, which no sample is made of."] if marked else []
    title = clean(text_of(metadata.get("title"), 400))
    views: list[Json] = [text_of(view.get("content"), 40) for view in objects_of(manifest.get("streams"))[:8]]
    return Stream(
        id=content_id(files, "paella"),
        kind="lesson",
        name=title or root.name,
        path=str(path.absolute()),
        format="paella",
        duration=duration,
        frames=frames,
        events=tuple(cue_events(cues, frames)),
        meta={"title": title, "language": language, "views": views},
        annotations=truth,
        problems=(*problems, *beyond, *labels),
    )


def _captions(
    manifest: dict[str, Json], root: Path, files: list[Path], problems: list[str]
) -> tuple[Subtitles | None, str]:
    """The captions in the folder, English first, and their language."""
    tracks = [(text_of(c.get("lang"), 10), text_of(c.get("url"))) for c in objects_of(manifest.get("captions"))]
    tracks.sort(key=lambda track: (not track[0].startswith("en"), track[0]))
    for language, url in tracks:
        file = _local(root, url)
        if file is None or not is_subtitles(file):
            problems.append(f"Captions {url[:100]!r} are not in the folder; left out.")
            continue
        try:
            said = read_subtitles(file)
        except StreamError as error:
            problems.append(f"{error} The captions were left out.")
            continue
        files.append(file)
        problems += said.problems
        others = ", ".join(repr(other) for other, at in tracks if at != url)
        problems += [f"Captions in {others} not read."] if others else []
        return said, language or said.language
    return None, ""


def _sprite(
    metadata: dict[str, Json], root: Path, duration: float, files: list[Path], problems: list[str]
) -> SpriteFrames | None:
    timeline = object_of(metadata.get("timeline"))
    if not timeline:
        return None
    file = _local(root, text_of(timeline.get("url")))
    grid = (_whole(timeline.get("cols")), _whole(timeline.get("rows")))
    if file is None or not duration > 0:
        problems.append("The sprite of thumbnails is not in the folder, or no duration is given; no pictures.")
        return None
    try:
        frames = open_sprite(file, grid, duration)
    except StreamError as error:
        problems.append(f"{error} The lecture has no pictures.")
        return None
    files.append(file)
    return frames


def _truth(manifest: dict[str, Json]) -> dict[str, Json]:
    """Chapters `[{"t", "title", "description"}]` and slide starts [s], in order of time."""
    chapters: list[dict[str, Json]] = []
    for entry in objects_of(object_of(manifest.get("chapters")).get("chapterList")):
        t = number_of(entry.get("time"), LATEST)
        if t is not None:
            told = text_of(entry.get("description")) or text_of(entry.get("descripción"))
            chapters.append({"t": t, "title": clean(text_of(entry.get("title"))), "description": clean(told)})
    listed = manifest.get("frameList")
    slides = objects_of(listed if isinstance(listed, list) else object_of(listed).get("frames"))
    starts = sorted({t for slide in slides if (t := number_of(slide.get("time"), LATEST)) is not None})
    truth: dict[str, Json] = {"chapters": sorted(chapters, key=lambda c: c["t"])} if chapters else {}
    return truth | ({"slide_starts": starts} if starts else {})


def _last(manifest: dict[str, Json]) -> float:
    """The last marked time [s], where the manifest says no duration."""
    truth = _truth(manifest)
    marks: Sequence[float] = [*truth.get("slide_starts", []), *(c["t"] for c in truth.get("chapters", []))]
    return max(marks, default=0.0)


def _local(root: Path, url: str) -> Path | None:
    """The file in the folder that a URL or path names by its last part."""
    name = url.partition("?")[0].replace("\\", "/").rpartition("/")[2]
    try:
        file = inside(root, name)
    except TraceError:
        return None
    return file if file.is_file() else None


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and 0 < value < 1000 else 0


LOADER = Loader("paella", "lesson", claims, open_paella)
