"""Recordings of messages (ROS 1 and 2 bags, MCAP) as streams; how the files are read is for `rosbag` and `mcap`.

Every topic of a known type becomes a series; pictures become frames and are decoded when asked for. Words (a speech
recogniser's, a detector's, a log's) become events of kind "message", with their topic as the target; a topic that says
the same again and again says it once, from the first time to the last. Types that are not known are counted and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import frames_at
from dataclaw.streams.packets import check_size
from dataclaw.streams.pictures import decode_picture, picture_size
from dataclaw.streams.trajectory.images import AlbumFrames
from dataclaw.streams.trajectory.messages import (
    PICTURES,
    MessageError,
    Photo,
    Row,
    canonical,
    is_numeric,
    is_text,
    photo,
    pixels,
    rows,
    text,
)
from dataclaw.streams.trajectory.numbers import Clock, Recorder, collect_series
from dataclaw.streams.trajectory.roles import main_camera, roles_of
from dataclaw.types import Event, Frames, Stream

MAX_SERIES = 500
MAX_PICTURES = 1_000_000
MAX_EVENTS = 100_000
_ACTION = re.compile(r"cmd|command|action|goal|target", re.IGNORECASE)


class DecodeError(ValueError):
    """A message cannot be decoded."""


@dataclass(frozen=True, slots=True)
class BagMessage:
    """A message, not yet decoded.

    Attributes:
        topic: name of its topic.
        kind: its type, "sensor_msgs/msg/Imu".
        time: when it was logged [ns].
        key: what the source finds it by.
        raw: what the source decodes it from.
    """

    topic: str
    kind: str
    time: int
    key: Any
    raw: Any


class Bag(Protocol):
    """A recording of messages; small, and able to be sent to another process."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    def messages(self, problems: list[str]) -> Iterator[BagMessage]:
        """All messages in order; what was wrong is added to `problems`.

        Raises:
            StreamError: the recording cannot be read.
        """
        ...

    def find(self, keys: Sequence[Any]) -> Iterator[BagMessage]:
        """The messages of these keys, in the order asked for.

        Raises:
            StreamError: as `messages`.
        """
        ...

    def decode(self, message: BagMessage) -> Any:
        """The decoded message.

        Raises:
            DecodeError: it cannot be decoded.
        """
        ...


@dataclass(slots=True)
class _Camera:
    """Pictures of a topic: when each was logged [s], and its key."""

    size: tuple[int, int]
    times: list[float] = field(default_factory=list[float])
    keys: list[Any] = field(default_factory=list[Any])


@dataclass(slots=True)
class _Words:
    """Words on a topic, from when to when they were said [s]."""

    topic: str
    words: str
    start: float
    end: float


class _Listener:
    """Takes messages in, and keeps what becomes of the stream.

    Attributes:
        recorders: numbers by series.
        cameras: pictures by topic.
        said: words, in the order in which they were first said.
        end: time of the last message [s].
    """

    def __init__(self, tape: Bag) -> None:
        self.recorders: dict[str, Recorder] = {}
        self.cameras: dict[str, _Camera] = {}
        self.said: list[_Words] = []
        self.end = 0.0
        self._last: dict[str, _Words] = {}
        self._tape = tape
        self._clock = Clock(shared=True)
        self._start: int | None = None
        self._unknown: dict[str, int] = {}
        self._failed: dict[str, tuple[int, str]] = {}

    def take(self, message: BagMessage) -> None:
        """Take a message in."""
        self._start = message.time if self._start is None else self._start
        time = self._clock.at((message.time - self._start) / 1e9)
        if time is None:
            return
        self.end = max(self.end, time)
        kind = canonical(message.kind)
        if kind not in PICTURES and not is_numeric(kind) and not is_text(kind):
            self._unknown[message.kind] = self._unknown.get(message.kind, 0) + 1
            return
        try:
            if kind in PICTURES:
                self._see(message, kind, time)
            elif is_text(kind):
                self._hear(message.topic, text(kind, self._tape.decode(message)), time)
            else:
                for row in rows(kind, self._tape.decode(message)):
                    self._note(message.topic, row, time)
        except (DecodeError, MessageError, StreamError) as error:
            count, first = self._failed.get(message.topic, (0, str(error)))
            self._failed[message.topic] = (count + 1, first)

    def _note(self, topic: str, row: Row, time: float) -> None:
        part, columns, units, values = row
        name = f"{topic}:{part}" if part else topic
        recorder = self.recorders.get(name)
        if recorder is None:
            if len(self.recorders) >= MAX_SERIES:
                raise MessageError(f"there are more than {MAX_SERIES} series")
            recorder = self.recorders[name] = Recorder(name, columns, units)
        elif recorder.columns != columns:
            raise MessageError("its columns are others than before")
        recorder.add(time, values)

    def _hear(self, topic: str, words: str, time: float) -> None:
        last = self._last.get(topic)
        if last is not None and last.words == words:
            last.end = max(last.end, time)
        elif words and len(self.said) < MAX_EVENTS:
            self._last[topic] = _Words(topic, words, time, time)
            self.said.append(self._last[topic])

    def events(self, frames: Frames | None) -> tuple[Event, ...]:
        """What was said, in order of time."""
        said = sorted(self.said, key=lambda one: (one.start, -one.end))
        shown = frames_at(frames, [one.start for one in said])
        return tuple(
            Event(k, "message", one.start, one.end, frame, text=one.words, target=one.topic, place=one.topic)
            for k, (one, frame) in enumerate(zip(said, shown, strict=True))
        )

    def _see(self, message: BagMessage, kind: str, time: float) -> None:
        camera = self.cameras.get(message.topic)
        if camera is None:  # the others are decoded when they are asked for
            size = _size(photo(kind, self._tape.decode(message)), str(self._tape.path))
            camera = self.cameras[message.topic] = _Camera(size)
        if (not camera.times or time > camera.times[-1]) and len(camera.times) < MAX_PICTURES:
            camera.times.append(time)
            camera.keys.append(message.key)

    def problems(self) -> tuple[str, ...]:
        """What was wrong, and what was not read."""
        said = [f"{count} message(s) of {topic!r} left out: {first}." for topic, (count, first) in self._failed.items()]
        if self._unknown:
            kinds = ", ".join(f"{count} {kind[:100]}" for kind, count in list(self._unknown.items())[:20])
            said.append(f"{sum(self._unknown.values())} messages of types that are not read: {kinds}.")
        return (*said, *self._clock.problems)


def bag_stream(bag: Bag, form: str, files: Sequence[Path], sampling: Sampling) -> Stream:
    """The stream of a recording.

    Args:
        bag: the recording.
        form: name of the format.
        files: what it lies in.
        sampling: how densely to look.

    Raises:
        StreamError: it cannot be read, or holds neither numbers nor pictures.
    """
    listener, damage = _Listener(bag), list[str]()
    for message in bag.messages(damage):
        listener.take(message)
    series, problems = collect_series(listener.recorders.values())
    problems = (*damage, *listener.problems(), *problems)
    if not series and not listener.cameras:
        said = " ".join(problems) or "It is empty."
        raise StreamError(f"holds no message that is read. {said}", place=bag.path,
                          remedy="Record poses, odometry, joints, IMU, laser or pictures.")  # fmt: skip
    frames, camera = _frames(bag, listener.cameras, sampling)
    action = [name for name in series if _ACTION.search(name)]
    return Stream(
        id=content_id(files, form, salt_of(sampling)),
        kind="trajectory",
        name=bag.path.name,
        path=str(bag.path.absolute()),
        format=form,
        duration=listener.end,
        frames=frames,
        events=listener.events(frames),
        series=series,
        meta={
            **({"fps": frames.rate} if isinstance(frames, AlbumFrames) else {}),
            "camera": camera,
            "cameras": list(listener.cameras),
            "roles": roles_of(series, action=action),
        },
        problems=problems,
    )


def _size(picture: Photo, place: str) -> tuple[int, int]:
    size = picture.size if picture.encoding else picture_size(picture.data, place)
    check_size(*size, place)
    return size


def _frames(tape: Bag, cameras: Mapping[str, _Camera], sampling: Sampling) -> tuple[Frames | None, str]:
    if not cameras:
        return None, ""
    name = main_camera(list(cameras))
    camera = cameras[name]
    album = _Pictures(tape, tuple(camera.keys), camera.size)
    return AlbumFrames(album, camera.times, camera.size, sampling.max_frames), name


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures of one topic; implements `images.Album`."""

    bag: Bag
    keys: tuple[Any, ...]
    size: tuple[int, int]

    def pictures(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        """As `Album.pictures`."""
        found = self.bag.find([self.keys[number] for number in numbers])
        for number, message in zip(numbers, found, strict=True):
            place = f"{self.bag.path}: picture {number} of {message.topic}"
            try:
                picture = photo(canonical(message.kind), self.bag.decode(message))
            except (DecodeError, MessageError) as error:
                raise StreamError(f"{error}.", place=place, remedy="Record it again.") from None
            yield pixels(picture) if picture.encoding else decode_picture(picture.data, place, self.size)
