"""What a loader is: a reader of one family of raw files, ours or a plugin's.

GUI traces, plain videos and folders of pictures have their own doors in `load`; everything else comes in as a loader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.types import Stream


def _one(path: Path) -> int:  # noqa: ARG001
    return 1


@dataclass(frozen=True, slots=True)
class Loader:
    """A reader of one family of raw files.

    Attributes:
        name: format, as `Stream.format` says it ("lerobot_v2", "otio").
        kind: kind of the streams it gives.
        claims: `(path) -> bool`: whether this file or folder is of the format. It looks at no more than the name and a
            header, is strict (another format's file is not claimed), and never raises on hostile content.
        open: `(path, index, sampling) -> Stream`, the stream of that number; raises StreamError.
        count: `(path) -> int`: how many streams lie in it, at least 1; a damaged one counts, so that opening it says
            what is wrong. Never raises.
    """

    name: str
    kind: str
    claims: Callable[[Path], bool]
    open: Callable[[Path, int, Sampling], Stream]
    count: Callable[[Path], int] = _one


def builtin() -> tuple[Loader, ...]:
    """The loaders that come with DataClaw."""
    # Imported here so that `import dataclaw` does not load what they need.
    from dataclaw.streams import edits, lessons, narrations, trajectory

    return (*trajectory.LOADERS, *edits.LOADERS, *lessons.LOADERS, *narrations.LOADERS)


def claimant(path: Path, loaders: Iterable[Loader]) -> Loader | None:
    """The loader that takes a path, or None.

    Raises:
        StreamError: two of them claim it.
    """
    found = [loader for loader in loaders if loader.claims(path)]
    if len(found) > 1:
        names = " and ".join(loader.name for loader in found)
        raise StreamError(f"{names} both claim it.", place=str(path), remedy="Leave out the files of one of them.")
    return found[0] if found else None
