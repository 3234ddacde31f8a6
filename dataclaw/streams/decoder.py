"""Wanted frames out of a video, decoding as little as that takes.

Three savings, all exact: whole groups of pictures without a wanted frame are passed over; frames that no other frame
refers to are not decoded unless wanted; and a decoder stays where it stopped, so that reading a recording in batches is
still one pass. Only wanted frames are converted to RGB. Which frames are wanted is not decided here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from dataclaw.streams.packets import Packets, VideoPacket, open_video

_SEEK_BEYOND = 300
"""Packets that are rather read and thrown away than skipped by seeking."""
_DELAY = 64
"""Packets after which a decoder has surely given a frame out: 16 of reordering and the frame threads."""


class Decoder:
    """A place in a video that moves forward; going back starts again from the key frame.

    Attributes:
        path: the video file.
        packets: its frames as `read_packets` lists them; frames are named by their index in it.
    """

    def __init__(self, path: Path, packets: Packets) -> None:
        self.path = path
        self.packets = packets
        self._reformatter = VideoReformatter()
        # whatever stands before the first key frame is decoded from the start of the file
        self._keys = np.union1d([0], [] if packets.counted else np.flatnonzero(packets.keys)).astype(np.int64)
        self._start()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def read(self, wanted: Sequence[int], size: tuple[int, int] | None = None) -> dict[int, NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB of the frames that can be decoded; a broken one is not in the answer.

        Args:
            wanted: indices of frames, in any order.
            size: `(width, height)` [px] to scale to; by default the size that each frame has.
        """
        order = _Order(self.packets, wanted, size, self._reformatter)
        groups = self._groups(wanted)
        for number, (key, group) in enumerate(groups, start=1):
            missing = [index for index in group if index not in order.found]
            if missing:
                self._approach(key, missing)
                self._collect(missing, order, last=number == len(groups))
        return order.found

    def play(
        self, first: int, last: int, size: tuple[int, int] | None = None
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Every frame from `first` to `last` with its index, in order, in one pass; it ends before a broken one.

        Args:
            first: index of the first frame.
            last: index of the last one.
            size: as in `read`.
        """
        order = _Order(self.packets, range(first, last + 1), size, self._reformatter)
        ((key, _),) = self._groups([first])
        self._approach(key, [first])
        at, ended = first, False
        while at <= last and not ended and len(order.found) <= _DELAY:
            packet = self._next()
            ended = packet is None
            self._sent += _counts(packet) if packet is not None else 0
            self._show(packet, order)
            while at in order.found:
                yield at, order.found.pop(at)
                at += 1

    def _groups(self, wanted: Sequence[int]) -> list[tuple[int, list[int]]]:
        """`(key frame, wanted frames that are decoded from it)`, in order."""
        groups: dict[int, list[int]] = {}
        for index in sorted(set(wanted)):
            before = int(np.searchsorted(self._keys, index, side="right")) - 1
            groups.setdefault(int(self._keys[before]), []).append(index)
        return list(groups.items())

    def _start(self) -> None:
        self._container, self._track = open_video(self.path)
        self._track.thread_type = "AUTO"
        self._source = self._container.demux(self._track)
        self._base = 0  # position of the packet from which on the decoder has seen every one
        self._sent = -1  # position of the last packet that went into the decoder
        self._shown = 0  # frames that came out since the start, for files whose frames can only be counted

    def _restart(self) -> None:
        self.close()
        self._start()

    def _position(self, index: int) -> int:
        return index if self.packets.counted else int(self.packets.positions[index])

    def _entry(self, key: int) -> int:
        """Position of the packet to decode from."""
        return self._position(key) if key else 0

    def _approach(self, key: int, wanted: Sequence[int]) -> None:
        """Bring the decoder to where `wanted` still come out of it, `key` being the key frame they hang on."""
        reached = self._shown - 1 if self.packets.counted else self._sent
        start = self._entry(key)
        if start <= reached + 1:
            if start < self._base or any(self._position(index) <= reached for index in wanted):
                self._rewind(key)
        elif start - self._sent > _SEEK_BEYOND:
            self._seek(key)
        else:
            self._skip(key)

    def _rewind(self, key: int) -> None:
        if self._entry(key) > _SEEK_BEYOND:
            self._seek(key)
        else:
            self._restart()
            self._skip(key)

    def _skip(self, key: int) -> None:
        """Read on to the key frame without decoding; the file's first frames are always decoded."""
        position = self._entry(key)
        if position == 0:
            return
        self._track.codec_context.flush_buffers()
        while self._sent < position - 1 and (packet := self._next()) is not None:
            self._sent += _counts(packet)
        self._base = position

    def _seek(self, key: int) -> None:
        pts = int(self.packets.pts[key])
        try:
            self._container.seek(pts, stream=self._track, backward=True)
            self._source = self._container.demux(self._track)
            landed = self._forward_to(pts)
        except (av.error.FFmpegError, OSError):
            landed = None
        if landed is None:  # the container cannot seek exactly
            self._restart()
            self._skip(key)
            return
        self._base = self._position(key)
        self._sent = self._base - 1
        self._pending = landed

    def _forward_to(self, pts: int) -> VideoPacket | None:
        for packet in self._source:
            if packet.pts == pts and packet.size:
                return packet
            if packet.pts is None or packet.pts > pts:
                return None
        return None

    _pending: VideoPacket | None = None  # the key frame's packet that a seek has already taken from the file

    def _next(self) -> VideoPacket | None:
        """The next packet; None at the end of the file or where it breaks off."""
        if self._pending is not None:
            packet, self._pending = self._pending, None
            return packet
        with contextlib.suppress(av.error.FFmpegError, OSError):  # packets.problem already tells where it breaks off
            packet = next(self._source, None)
            return packet if packet is not None and packet.size else None
        return None

    def _collect(self, group: Sequence[int], order: _Order, *, last: bool) -> None:
        """Decode on until the group has come out of the decoder.

        What the decoder still holds back after the group's last packet is drained, except for the last group of a read:
        draining costs the place in the file, from which the next read may go on.
        """
        enough = max(self._position(index) for index in group) + (_DELAY if last else 0)
        while self._sent < enough and not order.has(group):
            packet = self._next()
            if packet is None:
                break
            self._sent += _counts(packet)
            self._show(packet, order)
        if not order.has(group):
            self._show(None, order)
            self._track.codec_context.flush_buffers()
            self._base = self._sent + 1

    def _show(self, packet: VideoPacket | None, order: _Order) -> None:
        """Decode a packet, or drain the decoder, and keep the wanted frames that come out."""
        codec = self._track.codec_context
        codec.skip_frame = "DEFAULT" if packet is None or order.needs(packet) else "NONREF"
        with contextlib.suppress(av.error.FFmpegError, OSError):  # what cannot be decoded is missing from the answer
            for frame in codec.decode(packet):
                order.keep(frame, self._shown)
                self._shown += 1


class _Order:
    """The frames that one read wants and has found so far.

    Attributes:
        found: pictures `(height, width, 3)` RGB by index.
    """

    def __init__(
        self, packets: Packets, wanted: Sequence[int], size: tuple[int, int] | None, reformatter: VideoReformatter
    ) -> None:
        self.found: dict[int, NDArray[np.uint8]] = {}
        self._counted = packets.counted
        self._size = size
        self._reformatter = reformatter
        # a frame is known by its time stamp, or by how many came before it
        self._names = {index if packets.counted else int(packets.pts[index]): index for index in wanted}

    def has(self, group: Sequence[int]) -> bool:
        """Whether all of a group are found."""
        return all(index in self.found for index in group)

    def needs(self, packet: VideoPacket) -> bool:
        """Whether the packet's own frame may be wanted."""
        return self._counted or packet.pts in self._names

    def keep(self, frame: VideoFrame, number: int) -> None:
        """Keep the frame if it is wanted and sound; it was the `number`th to come out."""
        name = number if self._counted else frame.pts
        if name is not None and name in self._names and not frame.is_corrupt:
            self.found[self._names[name]] = _rgb(frame, self._size, self._reformatter)


def _counts(packet: VideoPacket) -> int:
    return 0 if packet.is_discard else 1


def _rgb(frame: VideoFrame, size: tuple[int, int] | None, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """The picture upright: phones store how they were held instead of turning the pixels.

    Much smaller ones are means of the pixels that they stand for. The reformatter is kept from frame to frame, which
    halves what a picture costs.
    """
    turns = round(frame.rotation / 90) % 4
    width, height = size or (frame.width, frame.height)
    if size and turns % 2:
        width, height = height, width
    much = 2 * width <= frame.width and 2 * height <= frame.height
    how = Interpolation.AREA if much else Interpolation.BICUBIC
    made = reformatter.reformat(frame, width, height, "rgb24", interpolation=how)
    picture = cast("NDArray[np.uint8]", made.to_ndarray())
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture
