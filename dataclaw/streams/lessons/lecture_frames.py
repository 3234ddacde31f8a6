"""Lectures as pictures whose names say their time (`talk_frame_00047_40.00s.jpg`), with the slides that a tool found.

`results.json` (`[{"timestamp", "text"}, ...]`) lies beside the pictures or beside their folder `frames`. What it says
is truth that came with the pictures, not shown to a policy.
"""

from __future__ import annotations

import re
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import is_beside, json_in, names_in
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import clean
from dataclaw.streams.loader import Loader
from dataclaw.streams.values import list_of
from dataclaw.streams.video import open_pictures
from dataclaw.types import Json, Stream

RESULTS = "results.json"
_FRAME = re.compile(r"(.*)_frame_\d{1,8}_\d{1,7}(?:\.\d{1,6})?s\.(?:jpe?g|png|webp)", re.IGNORECASE)


def claims(path: Path) -> bool:
    """Whether it is a folder of such pictures, or one with them in `frames`."""
    return path.is_dir() and pictures_in(path) is not None


def pictures_in(path: Path) -> Path | None:
    """The folder with the pictures: the given one, or `frames` in it. Never raises."""
    for folder in (path, path / "frames"):
        if folder.is_dir() and sum(bool(_FRAME.fullmatch(name)) for name in names_in(folder)) >= 2:
            return folder
    return None


def open_lecture_frames(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a folder is one lecture
    """The lecture in a folder.

    Raises:
        StreamError: no picture can be used.
    """
    folder = pictures_in(path)
    if folder is None:
        raise StreamError("holds no pictures named by their time.", place=path, remedy="Name them so.")
    names = [name for name in names_in(folder) if _FRAME.fullmatch(name)]
    recording = open_pictures(folder, names, sampling)
    truth, files, problems = _truth(folder)
    match = _FRAME.fullmatch(names[0])
    return Stream(
        id=content_id([folder, *files], "lecture_frames", salt_of(sampling)),
        kind="lesson",
        name=path.name,
        path=str(path.absolute()),
        format="lecture_frames",
        duration=recording.duration,
        clock="seconds" if recording.timed else "index",
        frames=recording.frames,
        meta={"title": match[1].replace("_", " ") if match else "", "language": ""},
        annotations=truth,
        problems=(*recording.problems, *problems),
    )


def _truth(folder: Path) -> tuple[dict[str, Json], list[Path], list[str]]:
    """Slides that a tool found: `slides` `[{"t", "text"}]` and `slide_starts` [s]; the files; what is wrong."""
    file = next((f for f in (folder / RESULTS, folder.parent / RESULTS) if is_beside(f)), None)
    if file is None:
        return {}, [], []
    try:
        value = json_in(file)
    except StreamError as error:
        return {}, [], [f"{error} The slides in it were left out."]
    entries = list_of(value)
    slides = [slide for entry in entries if (slide := _slide(entry))]
    slides.sort(key=lambda slide: slide["t"])
    wrong = len(entries) - len(slides)
    problems = [f"{wrong} entries of {RESULTS} have no usable time; left out."] if wrong else []
    return {"slides": slides, "slide_starts": [slide["t"] for slide in slides]}, [file], problems


def _slide(entry: Json) -> dict[str, Json] | None:
    match entry:
        case {"timestamp": int() | float() as t, "text": str(text)} if 0 <= t < 1e7:
            return {"t": float(t), "text": clean(text[:8000])}
        case _:
            return None


LOADER = Loader("lecture_frames", "lesson", claims, open_lecture_frames)
