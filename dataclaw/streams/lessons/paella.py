"""Lectures as the Paella Player publishes them: a folder with `data.json`, captions and a sprite of thumbnails.

The videos are elsewhere; what lies in the folder is read: captions are cues, the sprite is frames. Chapters and the
starts of slides are what a lecturer or an editor marked: truth, not shown to a policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of, json_in
from dataclaw.streams.frames import StoredFrames
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.lessons.cues import clean, cue_events, shown_by
from dataclaw.streams.lessons.subtitles import Subtitles, is_subtitles, read_subtitles
from dataclaw.streams.loader import Loader
from dataclaw.streams.pictures import Recent, content, decode_picture, picture_size
from dataclaw.streams.values import number_of, object_of, objects_of, text_of
from dataclaw.types import Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside

LATEST = 1e7
MAX_CELLS = 10_000
LEAST = 16
"""Narrower cells show nothing [px]."""


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
            words = text_of(entry.get("description")) or text_of(entry.get("descripción"))
            chapters.append({"t": t, "title": clean(text_of(entry.get("title"))), "description": clean(words)})
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


class SpriteFrames(StoredFrames):
    """Cells of a picture, row by row, cut out when they are asked for; there may be fewer times than cells.

    Args:
        file: the picture.
        grid: `(columns, rows)`.
        times: time of each cell [s], strictly increasing.
        whole: `(width, height)` [px] of the picture.
    """

    def __init__(self, file: Path, grid: tuple[int, int], times: Sequence[float], whole: tuple[int, int]) -> None:
        super().__init__(times, (whole[0] // grid[0], whole[1] // grid[1]))
        self._file = file
        self._columns = grid[0]
        self._whole = whole
        self._sheet = Recent[int]()

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        sheet = self._sheet.get(0)
        if sheet is None:
            sheet = decode_picture(content(self._file, ""), str(self._file), self._whole)
            self._sheet.put(0, sheet)
        width, height = self.size
        for index in indices:
            row, column = divmod(index, self._columns)
            yield sheet[row * height : (row + 1) * height, column * width : (column + 1) * width].copy()


def open_sprite(file: Path, grid: tuple[int, int], duration: float) -> SpriteFrames:
    """The cells of a picture spread evenly over a recording: cell k shows `k / cells` of its duration [s].

    Raises:
        StreamError: not a picture, or one too small for so many cells.
    """
    columns, rows = grid
    if not (columns >= 1 and rows >= 1 and columns * rows <= MAX_CELLS):
        raise StreamError(f"a grid of {columns} x {rows} is not usable.", place=file, remedy="Correct the manifest.")
    whole = picture_size(content(file, ""), str(file))
    if whole[0] < columns * LEAST or whole[1] < rows * LEAST:
        raise StreamError(f"{whole[0]}x{whole[1]} px are too few for {columns} x {rows} pictures.", place=file,
                          remedy="Copy the picture again.")  # fmt: skip
    cells = columns * rows
    return SpriteFrames(file, grid, [duration * k / cells for k in range(cells)], whole)


LOADER = Loader("paella", "lesson", claims, open_paella)
