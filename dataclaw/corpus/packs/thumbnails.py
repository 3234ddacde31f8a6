"""Thumbnails of a stream for a pack: what results show and drafts cite first, then frames spread over the rest."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.errors import StreamError
from dataclaw.streams.grid import thin
from dataclaw.tools.base import ToolResult
from dataclaw.types import Frames, Stream

BATCH = 16
"""Frames that are decoded at once."""
SMALLEST = 2_000
"""A thumbnail is taken to have so many bytes at least, so that no more are made than can fit."""
QUALITY = 60
log = logging.getLogger(__name__)
PictureKey = tuple[str, int]
"""Label of the part ("" for the stream itself) and frame."""


@dataclass(frozen=True, slots=True)
class Thumbnailer:
    """How thumbnails are made.

    Attributes:
        side: longest side [px]; 0 makes none.
        budget: what those of a stream may take together [bytes].
    """

    side: int
    budget: int

    def thumbnails(
        self, stream: Stream, results: Iterable[ToolResult], cited: Iterable[tuple[str, int | None]]
    ) -> dict[PictureKey, bytes]:
        """WebP pictures by part and frame, as many as fit."""
        if not self.side:
            return {}
        frames = {label: s.frames for label, s in (("", stream), *stream.parts.items()) if s.frames is not None}
        order = list(dict.fromkeys(_order(frames, results, cited)))[: self.budget // SMALLEST]
        made = {(label, i): data for label, f in frames.items() for i, data in self._encode_all(label, f, order)}
        kept: dict[PictureKey, bytes] = {}
        left = self.budget
        for shown in order:
            if shown in made and len(made[shown]) <= left:
                kept[shown] = made[shown]
                left -= len(made[shown])
        return kept

    def _encode_all(self, label: str, frames: Frames, order: Sequence[PictureKey]) -> Iterator[tuple[int, bytes]]:
        """Encoded in order of time, which is how recordings are read fastest."""
        wanted = sorted(frame for part, frame in order if part == label)
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            try:
                pictures = frames.read(batch)
            except StreamError as error:
                log.warning("frames %s to %s have no thumbnail: %s", batch[0], batch[-1], error)
                continue
            yield from zip(batch, map(self._encode, pictures), strict=True)

    def _encode(self, picture: NDArray[np.uint8]) -> bytes:
        small = Image.fromarray(picture)
        small.thumbnail((self.side, self.side), Image.Resampling.BOX)
        buffer = io.BytesIO()
        small.save(buffer, format="WEBP", quality=QUALITY, method=4)
        return buffer.getvalue()


def _order(
    frames: dict[str, Frames], results: Iterable[ToolResult], cited: Iterable[tuple[str, int | None]]
) -> Iterator[PictureKey]:
    """Frames by importance; some come more than once."""
    named = [(picture.part, picture.frame) for result in results for picture in result.pictures]
    named += [(part, frame) for part, frame in cited if frame is not None]
    yield from ((part, i) for part, i in named if part in frames and 0 <= i < len(frames[part].times))
    counts = {label: len(one.times) for label, one in frames.items()}
    for number in (4, 16, 64, max(counts.values(), default=0)):  # coarse to fine
        yield from ((label, i) for label, count in counts.items() for i in thin(count, number))
