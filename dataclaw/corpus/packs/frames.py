"""Frames without their recording: thumbnails where there are some, and otherwise a refusal that can be told apart."""

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


class PackedFrames:
    """The frame grid of a stream with thumbnails of some of its frames; implements `types.Frames`.

    Attributes:
        times: time of each sampled frame [s].
        size: `(width, height)` [px] of every frame; thumbnails are stretched to it.
        shown: the thumbnails.
    """

    def __init__(self, times: Sequence[float], size: tuple[int, int], shown: Thumbnails) -> None:
        self.times = times
        self.size = size
        self.shown = shown

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
            raise StreamError(f"frame {index} is not in the pack.", place=self.shown.place, remedy=REMEDY)
        return decode_picture(self.shown.read(index), f"{self.shown.place} frame {index}", self.size)


class PackedFootage(PackedFrames):
    """The frame grid of a recording; implements `types.Footage`, though what lies between the frames is not there.

    Attributes:
        rate: recorded frames per second [1/s].
    """

    def __init__(self, times: Sequence[float], size: tuple[int, int], shown: Thumbnails, rate: float) -> None:
        super().__init__(times, size, shown)
        self.rate = rate

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Refuses: a pack has no recorded frames.

        Raises:
            StreamError: always.
        """
        raise StreamError(f"the recording from {t0:g} to {t1:g} s is not in the pack.", place=self.shown.place,
                          remedy=REMEDY)  # fmt: skip


@dataclass
class MediaWatch:
    """Whether anything asked for pictures that are not there.

    Attributes:
        asked: it did.
    """

    media_needed: bool = False

    def refuse(self) -> StreamError:
        """What to raise."""
        self.media_needed = True
        return StreamError("pictures are not available.", remedy=REMEDY)


class SealedFrames:
    """Frames whose grid is known and whose pictures are refused; implements `types.Frames`."""

    def __init__(self, frames: Frames, watch: MediaWatch) -> None:
        self.times = frames.times
        self.size = frames.size
        self._watch = watch

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Refuses.

        Raises:
            StreamError: always, unless no frame is asked for.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self.times))
        if indices:
            raise self._watch.refuse()
        return []


class SealedFootage(SealedFrames):
    """Sealed frames of a recording; implements `types.Footage`."""

    def __init__(self, frames: Footage, watch: MediaWatch) -> None:
        super().__init__(frames, watch)
        self.rate = frames.rate

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:  # noqa: ARG002
        """Refuses.

        Raises:
            StreamError: always.
        """
        raise self._watch.refuse()


def seal(stream: Stream, watch: MediaWatch) -> Stream:
    """The stream as tools compute on it where there are no media: no pictures, no path, everything else.

    Thumbnails are pictures for policies; what a tool measures in them would differ from what it measures in frames.
    """
    parts = {label: seal(part, watch) for label, part in stream.parts.items()}
    shut = None if stream.frames is None else _seal_frames(stream.frames, watch)
    return replace(stream, frames=shut, parts=parts, path=NOWHERE)


def _seal_frames(frames: Frames, watch: MediaWatch) -> SealedFrames:
    return SealedFootage(frames, watch) if isinstance(frames, Footage) else SealedFrames(frames, watch)
