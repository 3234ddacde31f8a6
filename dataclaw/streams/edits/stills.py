"""Pictures of an edit as frames: what was there before, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.frames import Still, StillFrames
from dataclaw.streams.pictures import content, picture_size
from dataclaw.types import Json

_SAME_SHAPE = 0.02
"""Aspect ratios that differ less are the same picture rounded to a model's grid of 8 or 16 px."""


def size_of(file: Path) -> tuple[int, int]:
    """`(width, height)` [px] of a picture file.

    Raises:
        StreamError: it cannot be read.
    """
    return picture_size(content(file, ""), str(file))


def frames_of(files: Mapping[str, Path], times: Sequence[float]) -> tuple[StillFrames, dict[str, Json]]:
    """Picture files by role as frames of the last one's size, and what `Stream.meta` says of them.

    Raises:
        StreamError: one of them cannot be read.
    """
    sizes = [size_of(file) for file in files.values()]
    meta: dict[str, Json] = {
        "roles": {role: index for index, role in enumerate(files)},
        "pictures": [file.name for file in files.values()],
        "sizes": [list(size) for size in sizes],
        "screen_size": list(sizes[-1]),
    }
    return StillFrames(list(times), sizes[-1], [Still(file) for file in files.values()]), meta


def stretch_notes(names: Sequence[str], sizes: Sequence[Sequence[int]]) -> list[str]:
    """One sentence for each picture that is stretched to the size of the last."""
    width, height = sizes[-1]
    said: list[str] = []
    for name, (w, h) in zip(names, sizes, strict=True):
        if (w, h) != (width, height):
            shape = "" if abs((w / h) / (width / height) - 1) <= _SAME_SHAPE else ", which has another shape"
            said.append(f"{name} is {w}x{h} px; stretched to the {width}x{height} px of {names[-1]}{shape}.")
    return said


def sides(files: Mapping[str, Path], times: Sequence[float]) -> tuple[StillFrames, dict[str, Json], list[str]]:
    """Frames, meta and problems of pictures by role ("before", "after"), in their order.

    Raises:
        StreamError: one of them is missing or cannot be read; the message names its role.
    """
    missing = {role: path for role, path in files.items() if not path.is_file()}
    if missing:
        raise StreamError(
            f"there is no {' and no '.join(f'{role} picture at {path}' for role, path in missing.items())}.",
            remedy="Put it there, or leave the pair out.",
        )
    frames, meta = frames_of(files, times)
    names = [f"{role} picture" for role in files]
    return frames, meta, [f"The {line}" for line in stretch_notes(names, meta["sizes"])]
