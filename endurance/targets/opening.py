"""How the targets that are streams are read: opened, all that they tell turned into JSON, and one frame decoded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from dataclaw.streams import Sampling, Source, open_stream
from dataclaw.types import Stream

ROOT = Path(__file__).parents[2]
FEW = Sampling(max_frames=4)
"""Pictures are sought, but few."""


def read_stream(path: Path) -> None:
    """Open the only stream of a path, and look at what it tells.

    Raises:
        StreamError: there is none, or it is broken.
    """
    _look(open_stream(str(path), sampling=FEW))


def read_first(path: Path) -> None:
    """As `read_stream`, with the first stream of a path that may have several."""
    _look(open_stream(Source(path, 0), sampling=FEW))


def _look(stream: Stream) -> None:
    for one in (stream, *stream.parts.values()):
        json.dumps([[e.kind, e.t0, e.t1, list(e.point or ()), e.text, dict(e.attrs)] for e in one.events])
        json.dumps([dict(one.meta), dict(one.annotations), one.problems])
        if one.frames is not None and len(one.frames.times):
            one.frames.read([0])


def put(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files below a folder, which is made."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def copies(*paths: str) -> Callable[[Path], None]:
    """Makes seeds out of files and folders of the repository."""

    def make(folder: Path) -> None:
        for number, path in enumerate(paths):
            source, target = ROOT / path, folder / f"{number}-{Path(path).name}"
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)

    return make


def files(**content: str | bytes) -> Callable[[Path], object]:
    """Makes seeds out of texts: `name_suffix` is a file `name.suffix`."""
    named = {".".join(name.rsplit("_", 1)): text for name, text in content.items()}
    return lambda folder: put(folder, named)
