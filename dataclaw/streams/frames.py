"""The sampled frames of a stream, whatever they are stored in: a video, picture files, a zip file, a span of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.decoder import Decoder
from dataclaw.streams.packets import Packets
from dataclaw.streams.pictures import Recent, content, decode_picture
from dataclaw.types import Footage, Frames

_BATCH = 16
"""Recorded frames that are decoded at once while a clip is cut."""
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

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: every recorded frame of the span, decoded in one pass.

        Raises:
            StreamError: a frame cannot be decoded, or the file has gone.
        """
        times = self._packets.times
        wanted = [int(k) for k in np.flatnonzero((times >= t0 - CLOSE) & (times <= t1 + CLOSE))]
        with closing(Decoder(self._path, self._packets)) as decoder:
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                found = decoder.read(batch, self.size)
                for index in batch:
                    if index not in found:
                        raise self._decode_error(f"the recorded frame at {times[index]:.3f} s")
                    yield float(times[index]), found[index]

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

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`, never beyond the span.

        Raises:
            StreamError: as the base.
        """
        t0, t1 = max(t0, self.times[0]), min(t1, self.times[-1])
        shift = self.base.times[self.first] - self.times[0]
        for time, picture in footage(self.base, t0 + shift, t1 + shift):
            yield time - shift, picture


def footage(frames: Frames, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Every recorded frame with `t0 <= time <= t1` [s], one at a time; the sampled ones where no more is known.

    Raises:
        StreamError: a frame cannot be decoded.
    """
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
