"""What a video's packets tell without decoding: when frames are shown, which are key frames, where the screen changed.

A screen recording spends bytes only where the picture changes, so the sizes of its packets are a change detector that
costs one read of the file. Only the first and last packets are handed to the decoder, for the size and to see whether
it takes them. Where exactly the picture changed is not known here; that needs decoded frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.types import Span

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,flv,asf,ogg,nut,ivf,yuv4mpegpipe,apng"
"""Demuxers that may open a file. Playlists (HLS, DASH, concat) are left out: they would open further files."""

VideoPacket: TypeAlias = "Packet[VideoStream]"
Row: TypeAlias = tuple[int | None, int, bool]
"""Of a packet: time stamp, bytes, whether it is a key frame."""

MAX_SIDE = 16_384
MAX_PIXELS = 64 * 2**20
MAX_PACKETS = 5_000_000
_BURST_GAP = 0.25
_OUTLIER = 8.0
_HEAD = 4
_TAIL = 4
_SHORT = 0.2
_USUAL = 0.85
"""Quantile of the sizes of a group's packets that stands for a usual large one."""


class NotAVideo(StreamError):  # noqa: N818 - said of the file
    """No video container recognises the file; another loader may."""


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """The frames of a video in order of showing, as its container lists them.

    Attributes:
        pts: time stamp of each frame [`time_base`], strictly increasing.
        sizes: bytes that each frame takes.
        keys: whether the frame decodes without others.
        positions: place of the frame's packet in the file's order, from 0.
        time_base: seconds per unit of `pts`.
        counted: the container's time stamps are those of decoding, so that frames can only be identified by counting
            them from the start (AVI with B-frames, raw streams).
        problem: why the file could not be read to its end, or "".
        damaged: the decoder refuses one of the last packets.
        size: `(width, height)` [px] of the first frame as it stands upright; None when the first packets give none.
    """

    pts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    keys: NDArray[np.bool_]
    positions: NDArray[np.int64]
    time_base: Fraction
    counted: bool = False
    problem: str = ""
    damaged: bool = False
    size: tuple[int, int] | None = None

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame is shown [s] after the first one."""
        return (self.pts - self.pts[0]) * float(self.time_base)

    def group_starts(self) -> list[int]:
        """Frames that a decoder can begin with, whatever it is asked for."""
        return [0] if self.counted else sorted({0, *(int(k) for k in np.flatnonzero(self.keys))})

    def costs(self, starts: Sequence[int]) -> list[tuple[float, float]]:
        """Of each group `(largest packet after the first, usual large one)` as shares of the first one's bytes.

        Both are 0 where the group has no other packet.
        """
        found: list[tuple[float, float]] = []
        for start, end in pairwise([*starts, len(self.sizes)]):
            own = self.sizes[start + 1 : end] / max(1, self.sizes[start])
            found.append((float(own.max()), float(np.quantile(own, _USUAL))) if len(own) else (0.0, 0.0))
        return found

    def until(self, count: int) -> Packets:
        """The first `count` frames alone."""
        rows = {name: getattr(self, name)[:count] for name in ("pts", "sizes", "keys", "positions")}
        return replace(self, **rows)


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """The container, which the caller closes, and its first picture track.

    Raises:
        NotAVideo: no known container.
        StreamError: no picture track, or pictures of an absurd size.
    """
    if not path.is_file():  # a pipe would be waited for
        raise NotAVideo("not a regular file.", place=path, remedy="Give a file.")
    try:
        container = av.open(
            str(path.absolute()),
            metadata_errors="replace",
            options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file"},
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise NotAVideo(
            f"not a video that can be opened ({_words(error)}).",
            place=path,
            remedy="If a player shows it, rewrap it: ffmpeg -i FILE -c copy OUT.mkv.",
        ) from None
    try:
        return container, _picture_track(container, path)
    except StreamError:
        container.close()
        raise


def _picture_track(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        raise StreamError("holds no pictures.", place=path, remedy="Give a file with a video track.")
    track = container.streams.video[0]
    if cast("Any", track.codec_context) is None:
        raise StreamError("its codec is unknown.", place=path, remedy="Convert it: ffmpeg -i FILE OUT.mp4.")
    check_size(track.width, track.height, str(path))
    return track


def check_size(width: int, height: int, place: str) -> None:
    """Refuse pictures whose size says that decoding them would exhaust the memory.

    Raises:
        StreamError: no size, a side above `MAX_SIDE` or more than `MAX_PIXELS` pixels.
    """
    if width <= 0 or height <= 0:
        raise StreamError("holds no pictures: their size is not known.", place=place, remedy="Record it again.")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise StreamError(
            f"pictures of {width}x{height} px are over the limit of {MAX_SIDE} px a side, {MAX_PIXELS:,} px in all.",
            place=place,
            remedy="Scale it down first.",
        )


def read_packets(path: Path) -> Packets:
    """Read the whole file once, decoding nothing.

    Raises:
        StreamError: as `open_video`, or no frame in it.
    """
    container, track = open_video(path)
    with container:
        rows, head, tail, problem = _rows(container, track)
        rate = track.average_rate or track.guessed_rate or Fraction(25)
        base = track.time_base or 1 / rate
        counted = container.format.name == "avi" and bool(track.codec_context.has_b_frames)
        problem = problem or _cut_short(container, track, rows)
        size = _first_size(track, head)
        damaged = bool(problem) or _is_refused(track, tail)
    if not rows:
        why = f" ({problem})" if problem else ""
        raise StreamError(f"holds no frame{why}.", place=path, remedy="Record it again.")
    return replace(_packets(rows, base, rate, counted), problem=problem, damaged=damaged, size=size)


def _rows(container: InputContainer, track: VideoStream) -> tuple[list[Row], list[VideoPacket], list[VideoPacket], str]:
    """A row of each packet, the first packets, the last key frame's with the last ones, and what went wrong."""
    rows: list[Row] = []
    head: list[VideoPacket] = []
    tail: deque[VideoPacket] = deque(maxlen=_TAIL)
    key: list[VideoPacket] = []
    try:
        for packet in container.demux(track):
            if packet.size and not packet.is_discard:
                rows.append((packet.pts, packet.size, packet.is_keyframe))
                tail.append(packet)
                key = [packet] if packet.is_keyframe else key
            if packet.size and len(head) < _HEAD:
                head.append(packet)
            if len(rows) >= MAX_PACKETS:
                problem = f"only the first {MAX_PACKETS:,} frames were read"
                break
        else:
            problem = ""
    except (av.error.FFmpegError, OSError) as error:
        problem = f"the file breaks off after {len(rows)} frames ({_words(error)})"
    return rows, head, [*(packet for packet in key if packet not in tail), *tail], problem


def _first_size(track: VideoStream, head: list[VideoPacket]) -> tuple[int, int] | None:
    codec = track.codec_context
    try:
        for packet in head:
            for frame in [*codec.decode(packet), *codec.decode(None)]:
                turned = round(frame.rotation / 90) % 2
                return (frame.height, frame.width) if turned else (frame.width, frame.height)
            codec.flush_buffers()
    except (av.error.FFmpegError, OSError):
        return None
    finally:
        codec.flush_buffers()
    return None


def _cut_short(container: InputContainer, track: VideoStream, rows: list[Row]) -> str:
    """What to say when the header announces more than is there; sound may go on longer than the pictures."""
    base, stamps = track.time_base, [pts for pts, _, _ in rows if pts is not None]
    if not base or not stamps:
        return ""
    there = float((max(stamps) - min(stamps)) * base)
    announced = float(track.duration * base) if track.duration else 0.0
    if not announced and len(container.streams) == 1:
        announced = (container.duration or 0) / 1e6
    if announced - there <= _SHORT + there / max(len(stamps) - 1, 1):
        return ""
    return f"the file announces {announced:.2f} s, but only {there:.2f} s are in it"


def _is_refused(track: VideoStream, tail: list[VideoPacket]) -> bool:
    """Whether the decoder objects to the last packets.

    Fed after their key frame alone, their pictures would be wrong, but damaged data is refused all the same.
    """
    try:
        for packet in tail:
            track.codec_context.decode(packet)
        track.codec_context.decode(None)
    except (av.error.FFmpegError, OSError):
        return True
    return False


def _packets(rows: list[Row], base: Fraction, rate: Fraction, counted: bool) -> Packets:
    stamps = [pts for pts, _, _ in rows]
    if None in stamps:
        step = max(round(1 / (rate * base)), 1)
        stamps, counted = [n * step for n in range(len(rows))], True
    pts, first = np.unique(np.array(stamps, dtype=np.int64), return_index=True)
    sizes = np.array([size for _, size, _ in rows], dtype=np.int64)
    keys = np.array([key for _, _, key in rows], dtype=np.bool_)
    return Packets(pts, sizes[first], keys[first], first.astype(np.int64), base, counted)


def bursts(packets: Packets) -> list[Span]:
    """Spans [s] in which the picture changed much more than usual, strongest first.

    A frame counts as a change when its packet is larger than the typical predicted frame by `_OUTLIER` median absolute
    deviations, or when it is a key frame that the encoder placed before its regular interval was over (a scene cut).
    Changes closer than a quarter of a second are one burst.
    """
    times = packets.times
    changed = np.flatnonzero(_outliers(packets) | _cuts(packets))
    if not len(changed):
        return []
    breaks = np.flatnonzero(np.diff(times[changed]) > _BURST_GAP) + 1
    groups = np.split(changed, breaks)
    weighed = [
        (
            float(packets.sizes[group].sum()),
            float(times[_first_to_show(packets, int(group[0]))]),
            float(times[group[-1]]),
        )
        for group in groups
    ]
    return [(t0, t1) for _, t0, t1 in sorted(weighed, key=lambda row: (-row[0], row[1]))]


def _first_to_show(packets: Packets, index: int) -> int:
    """The first of the frames that are predicted from a later one, and may show what changed in it already."""
    changed = packets.positions[index]
    while index > 1 and packets.positions[index - 1] > changed:
        index -= 1
    return index


def _outliers(packets: Packets) -> NDArray[np.bool_]:
    predicted = packets.sizes[~packets.keys]
    if len(predicted) < 3:
        return np.zeros(len(packets.sizes), dtype=np.bool_)
    middle = float(np.median(predicted))
    spread = max(float(np.median(np.abs(predicted - middle))), 0.25 * middle, 16.0)
    return ~packets.keys & (packets.sizes > middle + _OUTLIER * spread)


def _cuts(packets: Packets) -> NDArray[np.bool_]:
    cuts = np.zeros(len(packets.sizes), dtype=np.bool_)
    keys = np.flatnonzero(packets.keys)
    gaps = np.diff(keys)
    if len(gaps) and len(gaps) < len(packets.keys) - 1:  # every frame a key frame: nothing was cut in
        cuts[keys[1:][gaps < 0.95 * gaps.max()]] = True
    return cuts


def _words(error: BaseException) -> str:
    """The reason alone, without the file's name that libav repeats."""
    return str(getattr(error, "strerror", None) or error).strip().rstrip(".")
