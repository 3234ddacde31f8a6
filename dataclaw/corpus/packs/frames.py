"""Frames without their recording: thumbnails where the pack has them, and otherwise a refusal that is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.frames import check_indices
from dataclaw.streams.pictures import decode_picture
from dataclaw.types import NOWHERE, Footage, Frames, Stream

REMEDY = "Use what is in the pack, or give the media."


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Encoded small pictures.

    Attributes:
        frames: which frames have one.
        read: the encoded picture of one of them.
        place: where they lie, for errors.
    """

    frames: frozenset[int]
    read: Callable[[int], bytes]
    place: str


@dataclass
class MediaWatch:
    """Whether anything asked for pictures that are not there.

    Attributes:
        media_needed: it did.
    """

    media_needed: bool = False


class PackedFrames:
    """The frame grid of a stream with thumbnails of some of its frames; implements `types.Frames`.

    Attributes:
        times: time of each sampled frame [s].
        size: `(width, height)` [px] of every frame; thumbnails are stretched to it.
        shown: the thumbnails.

    Args:
        watch: notes that a picture was asked for which is not there.
    """

    def __init__(
        self, times: Sequence[float], size: tuple[int, int], shown: Thumbnails, watch: MediaWatch | None = None
    ) -> None:
        self.times = times
        self.size = size
        self.shown = shown
        self._watch = watch or MediaWatch()

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Thumbnails `(height, width, 3)` RGB at the size of the frames, in the order asked for.

        Raises:
            StreamError: a frame has no thumbnail, or its thumbnail is damaged.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self.times))
        return [self._picture(index) for index in indices]

    def _picture(self, index: int) -> NDArray[np.uint8]:
        if index not in self.shown.frames:
            raise self._refuse(f"frame {index}")
        return decode_picture(self.shown.read(index), f"{self.shown.place} frame {index}", self.size)

    def _refuse(self, what: str) -> StreamError:
        self._watch.media_needed = True
        return StreamError(f"{what} is not in the pack.", place=self.shown.place, remedy=REMEDY)


class PackedFootage(PackedFrames):
    """The frame grid of a recording; implements `types.Footage`, though what lies between the frames is not there.

    Attributes:
        rate: recorded frames per second [1/s].
    """

    def __init__(self, frames: PackedFrames, rate: float, watch: MediaWatch | None = None) -> None:
        super().__init__(frames.times, frames.size, frames.shown, watch)
        self.rate = rate

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Refuses: a pack has no recorded frames.

        Raises:
            StreamError: always.
        """
        raise self._refuse(f"the recording from {t0:g} to {t1:g} s")


def seal(stream: Stream, watch: MediaWatch) -> Stream:
    """The stream as tools compute on it where there are no media: no pictures, no path, everything else.

    Thumbnails are pictures for policies; what a tool measures in them would differ from what it measures in frames.
    """
    parts = {label: seal(part, watch) for label, part in stream.parts.items()}
    frames = None if stream.frames is None else _without_pictures(stream.frames, watch)
    return replace(stream, frames=frames, parts=parts, path=NOWHERE)


def _without_pictures(frames: Frames, watch: MediaWatch) -> PackedFrames:
    bare = PackedFrames(frames.times, frames.size, Thumbnails(frozenset(), lambda _: b"", ""), watch)
    return PackedFootage(bare, frames.rate, watch) if isinstance(frames, Footage) else bare
