"""Streams and frames of a corpus: from its scenes, or from a pack, read when they are needed.

A trace names the frames that an agent was shown with their sizes, so that its tokens are known without a picture; the
pixels are read when a batch needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.corpus.packs.corpus_pack import CorpusPack, read_pack
from dataclaw.corpus.packs.frames import PackedFrames
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.errors import ConfigError, DataClawError, StreamError
from dataclaw.models.gallery import Gallery
from dataclaw.models.pictures import missing, size_of
from dataclaw.models.vision import Patches, Vision
from dataclaw.plugins import installed_loaders, load_domain
from dataclaw.streams import open_stream
from dataclaw.strict import load_json
from dataclaw.train.config import DataConfig
from dataclaw.types import Picture, Stream

CANDIDATES = "1_candidates.jsonl"
OPEN_STREAMS = 64
"""Streams of a corpus that are kept open."""
AGAIN = "Build the corpus again with this release: dataclaw corpus build."


class OpenStreams:
    """Streams of a corpus; the last ones stay open, and domains are loaded once.

    Attributes:
        domain: gives a domain by its name.
        stream: gives the stream at a path that a request names; it raises StreamError for one that cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._loaders = installed_loaders()
        self.domain = cache(load_domain)
        self.stream = lru_cache(OPEN_STREAMS)(self._read)

    def _read(self, path: str) -> Stream:
        place = self._root / path if path.startswith("scenes/") else Path(path)
        return open_stream(str(place), loaders=self._loaders)


def root_of(folder: Path) -> Path:
    """The folder of a corpus, of which the export may be named."""
    return folder.parent if folder.name == "export" else folder


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a table of a corpus.

    Raises:
        ConfigError: there is none, or it is damaged.
    """
    remedy = "Name the folder of a corpus, or of a pack: dataclaw corpus build, dataclaw corpus pack."
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from (cast("dict[str, Any]", load_json(line)) for line in lines)
    except FileNotFoundError:
        raise ConfigError("neither a corpus nor a pack.", place=str(path), remedy=remedy) from None
    except ValueError as error:
        raise ConfigError(f"not JSON: {error}.", place=str(path), remedy="Export the corpus again.") from None


class _TraceStreams(Protocol):
    def stream(self, trace: str) -> Stream:
        """The stream of a trace."""
        ...

    def has(self, trace: str, picture: Picture) -> bool:
        """Whether its frame can be shown, as far as is known without reading it."""
        ...


class _CorpusTraceStreams:
    def __init__(self, root: Path) -> None:
        self._streams = OpenStreams(root)
        self._paths = {str(row["id"]): str(row["path"]) for row in read_rows(root / CANDIDATES)}

    def stream(self, trace: str) -> Stream:
        return self._streams.stream(self._paths[trace])

    def has(self, trace: str, picture: Picture) -> bool:  # noqa: ARG002 - a corpus has the frames that it showed
        return trace in self._paths


class _PackTraceStreams:
    def __init__(self, pack: CorpusPack) -> None:
        self._pack = pack
        self._keys = {one.id: one.stream for one in pack.requests(part=None)}

    def stream(self, trace: str) -> Stream:
        return self._pack.stream(self._keys[trace])

    def has(self, trace: str, picture: Picture) -> bool:
        if trace not in self._keys:
            return False
        whole = self.stream(trace)
        source = whole.parts.get(picture.part) if picture.part else whole
        frames = source.frames if source else None
        return isinstance(frames, PackedFrames) and picture.frame in frames.shown.frames


@dataclass(frozen=True, slots=True)
class _LazyPatches:
    """A frame that a trace names, its pixels read when a batch needs them; see `vision.Patches`."""

    grid: tuple[int, int, int]
    trace: str
    picture: Picture
    shown: Illustrations

    @property
    def pixels(self) -> NDArray[np.float32]:
        return self.shown.pixels(self.trace, self.picture, self.grid)


class Illustrations:
    """The pictures of traces, as a model is shown them.

    Args:
        vision: how the model sees.
        config: where traces and frames are.

    Raises:
        ConfigError: there are no frames.
    """

    def __init__(self, vision: Vision, config: DataConfig) -> None:
        folder = config.frames or config.corpus
        packed = (folder / MANIFEST).is_file()
        self.vision = vision
        self._scenes: _TraceStreams = (
            _PackTraceStreams(read_pack(folder)) if packed else _CorpusTraceStreams(root_of(folder))
        )
        self._gallery = Gallery(vision, config.max_tokens)

    def tokens(self, image: Patches) -> list[int]:
        """All tokens of an image."""
        return self.vision.tokens(image.grid)

    def parts(self, trace: str, pictures: Any, place: str) -> list[Patches | str]:
        """What stands in a message behind its text, in order.

        Args:
            trace: the trace's id.
            pictures: `{frame, part, box, size}` each.
            place: file and line, for errors.

        Raises:
            ConfigError: they are no pictures.
        """
        if not isinstance(pictures, list):
            raise ConfigError("the pictures of a message are no list.", place=place, remedy=AGAIN)
        return [self._part(trace, *_picture(said, place)) for said in cast("list[Any]", pictures)]

    def pixels(self, trace: str, picture: Picture, grid: tuple[int, int, int]) -> NDArray[np.float32]:
        """The patches of a picture.

        Raises:
            DataClawError: the frame cannot be read, or is not of the size that the trace said.
        """
        try:
            image = self._gallery.image(self._scenes.stream(trace), picture)
        except StreamError as error:
            raise DataClawError(f"a frame cannot be read: {error}", place=trace, remedy="Set images = false.") from None
        if image.grid != grid:
            what = f"frame {picture.frame} is {image.grid} patches, and {grid} by the size that the trace says"
            raise DataClawError(f"{what}.", place=trace, remedy=AGAIN)
        return image.pixels

    def _part(self, trace: str, picture: Picture, frame: tuple[int, int]) -> Patches | str:
        if not self._scenes.has(trace, picture):
            return missing([picture], "not available")
        try:
            grid = self.vision.grid(size_of(frame, picture.box, self.vision.side))
        except StreamError:
            return missing([picture], "not available")
        return _LazyPatches(grid, trace, picture, self)


def _picture(said: Any, place: str) -> tuple[Picture, tuple[int, int]]:
    """A picture of a trace, and its frame's width and height [px]."""
    try:
        width, height = (int(side) for side in said["size"])
        frame, part, box = int(said["frame"]), str(said["part"]), None
        if said["box"]:
            x0, y0, x1, y1 = (float(edge) for edge in said["box"])
            box = (x0, y0, x1, y1)
        if min(width, height, frame + 1) < 1:
            raise ValueError("a number below its least")
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"a picture of this trace is damaged ({error}).", place=place, remedy=AGAIN) from None
    return Picture(frame, box, part), (width, height)
