"""The sampled frames of a stream, whatever they are stored in: a video, picture files, a zip file, a span of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_CLOSE = 1e-6
"""Times that differ by less name the same frame [s]."""


class VideoFrames:
    """Frames of a video file; implements `types.Footage`.

    Reading in order of time, in batches of any size, is one pass over the file. Safe to share between threads and to
    send to other processes.

    Attributes:
        times: when each sampled frame is shown [s].
        size: `(width, height)` [px] of every frame.
        rate: recorded frames per second [1/s].
    """

    def __init__(self, path: Path, packets: Packets, chosen: Sequence[int], size: tuple[int, int]) -> None:
        self.times: Sequence[float] = [float(t) for t in packets.times[list(chosen)]]
        self.size = size
        self.rate = rate_of(packets.times)
        self._path = path
        self._packets = packets
        self._chosen = tuple(chosen)
        self._prepare()

    def _prepare(self) -> None:
        self._recent = Recent()
        self._lock = Lock()
        self._decoder: Decoder | None = None

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, read-only, in the order asked for.

        Raises:
            StreamError: a frame cannot be decoded, or the file has gone.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self._chosen))
        with self._lock:
            pictures = {i: p for i in indices if (p := self._recent.get(i)) is not None}
            missing = sorted(set(indices) - set(pictures))
            pictures.update(self._decode(missing) if missing else {})
        return [pictures[index] for index in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: every recorded frame of the span, decoded in one pass.

        Raises:
            StreamError: a frame cannot be decoded, or the file has gone.
        """
        times = self._packets.times
        wanted = [int(k) for k in np.flatnonzero((times >= t0 - _CLOSE) & (times <= t1 + _CLOSE))]
        decoder = Decoder(self._path, self._packets)
        try:
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                found = decoder.read(batch, self.size)
                for index in batch:
                    if index not in found:
                        raise self._decode_error(f"the recorded frame at {times[index]:.3f} s")
                    yield float(times[index]), found[index]
        finally:
            decoder.close()

    def _decode_error(self, what: str) -> StreamError:
        remedy = "Cut the damaged part out, or record again."
        return StreamError(f"{what} cannot be decoded.", place=str(self._path), remedy=remedy)

    def _decode(self, missing: Sequence[int]) -> dict[int, NDArray[np.uint8]]:
        if self._decoder is None:
            self._decoder = Decoder(self._path, self._packets)
        found = self._decoder.read([self._chosen[index] for index in missing], self.size)
        pictures: dict[int, NDArray[np.uint8]] = {}
        for index in missing:
            picture = found.get(self._chosen[index])
            if picture is None:
                raise self._decode_error(f"frame {index} at {self.times[index]:.3f} s")
            self._recent.put(index, picture)
            pictures[index] = picture
        return pictures

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


@dataclass(slots=True)
class StillFrames:
    """Frames that are picture files or members of a zip file; implements `types.Footage`.

    Attributes:
        times: time of each frame [s], strictly increasing.
        size: `(width, height)` [px] of every frame; pictures of another size are stretched to it.
        stills: where each picture lies.
    """

    times: Sequence[float]
    size: tuple[int, int]
    stills: Sequence[Still]
    _recent: Recent = field(default_factory=Recent, compare=False, repr=False)

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB, read-only, in the order asked for.

        Raises:
            StreamError: a picture cannot be read; the message names it.
            IndexError: there is no such frame.
        """
        check_indices(indices, len(self.stills))
        return [self._picture(index) for index in indices]

    @property
    def rate(self) -> float:
        """Pictures per second [1/s]."""
        return rate_of(self.times)

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As `types.Footage.clip`: there is nothing between these frames.

        Raises:
            StreamError: a picture cannot be read; the message names it.
        """
        for index, time in enumerate(self.times):
            if t0 - _CLOSE <= time <= t1 + _CLOSE:
                yield time, self._picture(index)

    def _picture(self, index: int) -> NDArray[np.uint8]:
        picture = self._recent.get(index)
        if picture is None:
            still = self.stills[index]
            picture = decode_picture(content(still.file, still.member), str(still), self.size)
            self._recent.put(index, picture)
        return picture


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
        if t0 - _CLOSE <= time <= t1 + _CLOSE:
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
