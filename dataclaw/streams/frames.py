"""The sampled frames of a stream, whatever they are stored in: a video, picture files, a zip file, a span of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.decoder import Decoder
from dataclaw.streams.packets import Packets
from dataclaw.streams.pictures import Recent, content, decode_picture
from dataclaw.types import Footage, Frames

CLOSE = 1e-6
"""Times that differ by less name the same frame [s]."""


class StoredFrames:
    """Frames that are fetched when they are asked for, the last ones kept; implements `types.Footage`.

    Attributes:
        times: when each frame is shown [s], strictly increasing.
        size: `(width, height)` [px] of every frame.
        rate: recorded frames per second [1/s].
    """

    def __init__(self, times: Sequence[float], size: tuple[int, int], rate: float | None = None) -> None:
        self.times = times
        self.size = size
        self.rate = rate_of(times) if rate is None else rate
        self._recent = Recent[int]()

    def _fetch(self, indices: Sequence[int]) -> Iterable[NDArray[np.uint8]]:
        """Pictures of frames, whose indices ascend."""
        raise NotImplementedError

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, read-only, in the order asked for.

        Raises:
            StreamError: a picture cannot be read; the message names it.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self.times))
        pictures = {index: kept for index in indices if (kept := self._recent.get(index)) is not None}
        missing = sorted(set(indices) - set(pictures))
        for index, picture in zip(missing, self._fetch(missing) if missing else (), strict=True):
            self._recent.put(index, picture)
            pictures[index] = picture
        return [pictures[index] for index in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`; where no more was recorded, there is nothing between the frames.

        Raises:
            StreamError: a picture cannot be read; the message names it.
        """
        for index, time in enumerate(self.times):
            if t0 - CLOSE <= time <= t1 + CLOSE:
                yield time, self.read([index])[0]


class VideoFrames(StoredFrames):
    """Frames of a video file.

    Reading in order of time, in batches of any size, is one pass over the file. Safe to share between threads and to
    send to other processes.
    """

    def __init__(self, path: Path, packets: Packets, chosen: Sequence[int], size: tuple[int, int]) -> None:
        super().__init__([float(t) for t in packets.times[list(chosen)]], size, rate_of(packets.times))
        self._path = path
        self._packets = packets
        self._chosen = tuple(chosen)
        self._prepare()

    def _prepare(self) -> None:
        self._recent = Recent[int]()
        self._lock = Lock()
        self._decoder: Decoder | None = None

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """As `StoredFrames.read`, one thread at a time."""
        with self._lock:
            return super().read(indices)

    def clip(
        self, t0: float, t1: float, size: tuple[int, int] | None = None
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: every recorded frame of the span, decoded in one pass, scaled to `size`.

        Raises:
            StreamError: a frame cannot be decoded, or the file has gone.
        """
        times = self._packets.times
        wanted = np.flatnonzero((times >= t0 - CLOSE) & (times <= t1 + CLOSE))
        if not len(wanted):
            return
        first, last = int(wanted[0]), int(wanted[-1])
        shown = first
        with closing(Decoder(self._path, self._packets)) as decoder:
            for index, picture in decoder.play(first, last, size or self.size):
                yield float(times[index]), picture
                shown = index + 1
        if shown <= last:
            raise self._recorded_error(shown)

    def group_heads(self, t0: float, t1: float, size: tuple[int, int]) -> Iterator[GroupHead]:
        """As the function `group_heads`."""
        times, heads = self._packets.times, self._packets.group_starts()
        wanted = [k for k in heads if t0 - CLOSE <= times[k] <= t1 + CLOSE]
        costs = dict(zip(heads, self._packets.costs(heads), strict=True))
        with closing(Decoder(self._path, self._packets)) as decoder:
            for index in wanted:
                picture = decoder.read([index], size).get(index)
                if picture is None:
                    raise self._recorded_error(index)
                yield GroupHead(float(times[index]), picture, *costs[index])

    def _recorded_error(self, index: int) -> StreamError:
        return self._decode_error(f"the recorded frame at {self._packets.times[index]:.3f} s")

    def _decode_error(self, what: str) -> StreamError:
        remedy = "Cut the damaged part out, or record again."
        return StreamError(f"{what} cannot be decoded.", place=self._path, remedy=remedy)

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        if self._decoder is None:
            self._decoder = Decoder(self._path, self._packets)
        found = self._decoder.read([self._chosen[index] for index in indices], self.size)
        for index in indices:
            picture = found.get(self._chosen[index])
            if picture is None:
                raise self._decode_error(f"frame {index} at {self.times[index]:.3f} s")
            yield picture

    def __getstate__(self) -> dict[str, object]:
        return {k: v for k, v in self.__dict__.items() if k not in {"_recent", "_lock", "_decoder"}}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._prepare()


@dataclass(frozen=True, slots=True)
class Still:
    """Where one picture lies.

    Attributes:
        file: the picture file, or the zip file that holds it.
        member: name within the zip file, "" for a plain file.
    """

    file: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.file}!{self.member}" if self.member else str(self.file)


class StillFrames(StoredFrames):
    """Frames that are picture files or members of a zip file; those of another size are stretched to `size`.

    Attributes:
        stills: where each picture lies.
    """

    def __init__(self, times: Sequence[float], size: tuple[int, int], stills: Sequence[Still]) -> None:
        super().__init__(times, size)
        self.stills = stills

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        for still in (self.stills[index] for index in indices):
            yield decode_picture(content(still.file, still.member), str(still), self.size)


@dataclass(slots=True)
class FrameSpan:
    """A run of another stream's frames with times of its own; implements `types.Footage`.

    Attributes:
        base: the frames it is taken from.
        first: index in `base` of its first frame.
        times: time of each of its frames [s].
        size: `(width, height)` [px] of every frame.
    """

    base: Frames
    first: int
    times: Sequence[float]
    size: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.base.size

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """As the base's `read`, counted from `first`.

        Raises:
            StreamError: as the base.
            IndexError: there is no such frame in the span.
        """
        check_indices(indices, len(self.times))
        return self.base.read([self.first + index for index in indices])

    @property
    def rate(self) -> float:
        """Recorded frames per second [1/s]."""
        return self.base.rate if isinstance(self.base, Footage) else rate_of(self.times)

    def clip(
        self, t0: float, t1: float, size: tuple[int, int] | None = None
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`, never beyond the span.

        Raises:
            StreamError: as the base.
        """
        shift, t0, t1 = self._within(t0, t1)
        for time, picture in footage(self.base, t0, t1, size):
            yield time - shift, picture

    def group_heads(self, t0: float, t1: float, size: tuple[int, int]) -> Iterator[GroupHead]:
        """As the function `group_heads`."""
        shift, t0, t1 = self._within(t0, t1)
        for head in group_heads(self.base, t0, t1, size):
            yield replace(head, time=head.time - shift)

    def _within(self, t0: float, t1: float) -> tuple[float, float, float]:
        """How much later the base shows the same [s], and the span in the base's time."""
        shift = self.base.times[self.first] - self.times[0]
        return shift, max(t0, self.times[0]) + shift, min(t1, self.times[-1]) + shift


@dataclass(frozen=True, slots=True, eq=False)
class GroupHead:
    """The first frame of a group of pictures, which decodes without others.

    Attributes:
        time: when it is shown [s].
        picture: `(height, width, 3)` RGB.
        largest: bytes of the group's largest other packet, as share of the first: a new scene costs as much as a head.
        usual: bytes of one that is large as they go; near 1 in noise, where sizes tell little.
    """

    time: float
    picture: NDArray[np.uint8]
    largest: float
    usual: float


def group_heads(frames: Frames, t0: float, t1: float, size: tuple[int, int]) -> Iterator[GroupHead]:
    """The heads of the groups of pictures with `t0 <= time <= t1` [s]; none where the frames are of no video.

    Args:
        frames: the frames of a stream.
        t0: from this time [s].
        t1: up to this time [s].
        size: `(width, height)` [px] of the pictures.

    Raises:
        StreamError: a frame cannot be decoded.
    """
    if isinstance(frames, VideoFrames | FrameSpan):
        yield from frames.group_heads(t0, t1, size)


def footage(
    frames: Frames, t0: float, t1: float, size: tuple[int, int] | None = None
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Every recorded frame with `t0 <= time <= t1` [s], one at a time; the sampled ones where no more is known.

    Args:
        frames: the frames of a stream.
        t0: from this time [s].
        t1: up to this time [s].
        size: `(width, height)` [px] that is wanted; frames of a video come so, which is cheaper, others as they are.

    Raises:
        StreamError: a frame cannot be decoded.
    """
    if size and isinstance(frames, VideoFrames | FrameSpan):
        yield from frames.clip(t0, t1, size)
        return
    if isinstance(frames, Footage):
        yield from frames.clip(t0, t1)
        return
    for index, time in enumerate(frames.times):
        if t0 - CLOSE <= time <= t1 + CLOSE:
            yield time, frames.read([index])[0]


def rate_of(times: Sequence[float] | NDArray[np.float64]) -> float:
    """Frames per second [1/s] by the median distance of their times; 1 when there is only one."""
    return 1.0 / float(np.median(np.diff(times))) if len(times) > 1 else 1.0


def check_indices(indices: Sequence[int], count: int) -> None:
    """Refuse indices that name no frame; negative ones too, which would count from the end.

    Raises:
        IndexError: naming the first wrong one.
    """
    for index in indices:
        if not 0 <= index < count:
            raise IndexError(f"there is no frame {index}: the stream has frames 0 to {count - 1}")
