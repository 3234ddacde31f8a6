"""MCAP recordings, with or without their summary: a file that was cut off is read as far as it goes.

The records are walked one by one; chunks are unpacked within `MAX_CHUNK` bytes. Messages of ROS 1, ROS 2 (CDR) and JSON
are decoded. Source of the layout: the MCAP specification, version 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory.bag import BagMessage, DecodeError, bag_stream
from dataclaw.streams.trajectory.files import first_line, reader
from dataclaw.streams.trajectory.messages import canonical
from dataclaw.types import Stream

MAGIC = b"\x89MCAP0\r\n"
MAX_CHUNK = 512 * 2**20
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 0x03, 0x04, 0x05, 0x06, 0x0F
_HEAD = 9
_SHORTEST = {_SCHEMA: 14, _CHANNEL: 16, _MESSAGE: 22, _CHUNK: 40}


@dataclass(frozen=True, slots=True)
class McapChannel:
    """What is known of a channel.

    Attributes:
        topic: its topic.
        kind: name of its schema.
        encoding: how messages are written ("cdr", "ros1", "json").
        definition: text of its schema.
    """

    topic: str
    kind: str
    encoding: str
    definition: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message lies: file, first byte of its record or chunk, number in the chunk, and its channel."""

    file: int
    at: int
    index: int
    channel: McapChannel


@dataclass(frozen=True, slots=True)
class McapBag:
    """MCAP files that are one recording; implements `bag.Bag`. A message's key is its `_Place`."""

    path: Path
    files: tuple[Path, ...]

    def messages(self, problems: list[str]) -> Iterator[BagMessage]:
        """As `Bag.messages`."""
        for number, path in enumerate(self.files):
            known = _Known()
            with _open_file(path) as file:
                for at, code, body in _records(file, problems, path):
                    yield from self._of_record(number, at, code, body, known, problems)

    def _of_record(
        self, number: int, at: int, code: int, body: bytes, known: _Known, problems: list[str]
    ) -> Iterator[BagMessage]:
        try:
            inner = _unpack(body) if code == _CHUNK else [(code, body)]
            for index, (kind, data) in enumerate(inner):
                message = known.take(kind, data)
                if message:
                    channel, time, raw = message
                    yield BagMessage(
                        channel.topic, channel.kind, time, _Place(number, at, index, channel), (channel, raw)
                    )
        except _damage_errors() as error:
            problems.append(f"The record at byte {at:,} is damaged ({first_line(error)}); left out.")

    def find(self, keys: Sequence[Any]) -> Iterator[BagMessage]:
        """As `Bag.find`."""
        chunk: tuple[int, int] | None = None
        inner: list[tuple[int, bytes]] = []
        for key in keys:
            place: _Place = key
            file = self.files[place.file]
            try:
                if chunk != (place.file, place.at):
                    chunk, inner = (place.file, place.at), _at(file, place.at)
                code, body = inner[place.index]
                if code != _MESSAGE:
                    raise ValueError("it has changed")
                message = reader("mcap.records").Message.read(_stream(body), len(body))
            except (*_damage_errors(), IndexError) as error:
                why = f"the record at byte {place.at:,} cannot be read ({first_line(error)})."
                raise StreamError(why, place=file, remedy="Put the file back as it was.") from None
            channel = place.channel
            yield BagMessage(channel.topic, channel.kind, message.log_time, place, (channel, message.data))

    def decode(self, message: BagMessage) -> Any:
        """As `Bag.decode`."""
        channel, raw = message.raw
        try:
            if channel.encoding == "json":
                return json.loads(raw)
            if channel.encoding in {"cdr", "ros1"}:
                types = _types(channel.definition, canonical(channel.kind))
                decode = types.deserialize_cdr if channel.encoding == "cdr" else types.deserialize_ros1
                return decode(raw, canonical(channel.kind))
        except Exception as error:  # noqa: BLE001 - parsers of definitions and generated code, over bytes of a stranger
            raise DecodeError(f"cannot be decoded ({type(error).__name__})") from None
        raise DecodeError(f"encoded as {channel.encoding[:40]!r}; cdr, ros1 and json can be read")


class _Known:
    """Schemas and channels met so far in a file."""

    def __init__(self) -> None:
        self._records = reader("mcap.records")
        self._schemas: dict[int, Any] = {}
        self._channels: dict[int, McapChannel] = {}

    def take(self, code: int, body: bytes) -> tuple[McapChannel, int, bytes] | None:
        """Channel, time [ns] and bytes of a message; None for a record of another kind, which is noted."""
        if len(body) < _SHORTEST.get(code, 0):
            raise ValueError("a record that is too short")
        if code == _SCHEMA:
            schema = self._records.Schema.read(_stream(body))
            self._schemas[schema.id] = schema
        elif code == _CHANNEL:
            self._note(self._records.Channel.read(_stream(body)))
        elif code == _MESSAGE:
            message = self._records.Message.read(_stream(body), len(body))
            if message.channel_id not in self._channels:
                raise ValueError("a message of a channel that is not known")
            return self._channels[message.channel_id], message.log_time, message.data
        return None

    def _note(self, channel: Any) -> None:
        schema = self._schemas.get(channel.schema_id)
        text = schema.data.decode(errors="replace") if schema else ""
        self._channels[channel.id] = McapChannel(
            channel.topic, schema.name if schema else "", channel.message_encoding, text
        )


@lru_cache(maxsize=64)
def _types(definition: str, kind: str) -> Any:
    """The message type of a definition, with those that it is made of."""
    typesys = reader("rosbags.typesys")
    store = typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)
    found = typesys.get_types_from_msg(definition, kind)
    fresh = typesys.get_typestore(typesys.Stores.EMPTY)
    fresh.register({**store.fielddefs, **found})
    return fresh


def _open_file(path: Path) -> IO[bytes]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise StreamError(f"cannot be read: {error.strerror}.", place=path, remedy="Check the file.") from None
    if file.read(len(MAGIC)) != MAGIC:
        file.close()
        raise StreamError("is no MCAP file.", place=path, remedy="Copy the recording again.")
    return file


def _records(file: IO[bytes], problems: list[str], path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and bytes of the records of the data section; where they break off is a problem."""
    while True:
        at = file.tell()
        found = _record(file)
        if found is None:
            problems.append(f"The recording {path.name!r} breaks off at byte {at:,}; what was read is used.")
            return
        if found[0] == _DATA_END:
            return
        yield at, *found


def _record(file: IO[bytes]) -> tuple[int, bytes] | None:
    """Kind and bytes of the next record; None when it is cut off, or longer than `MAX_CHUNK`."""
    start = file.read(_HEAD)
    length = int.from_bytes(start[1:], "little")
    if len(start) < _HEAD or length > MAX_CHUNK:
        return None
    body = file.read(length)
    return (start[0], body) if len(body) == length else None


def _at(path: Path, at: int) -> list[tuple[int, bytes]]:
    """The records at a place: those of the chunk, or the one."""
    with path.open("rb") as file:
        file.seek(at)
        found = _record(file)
    if found is None:
        raise ValueError("it is cut off")
    return _unpack(found[1]) if found[0] == _CHUNK else [found]


def _unpack(body: bytes) -> list[tuple[int, bytes]]:
    """The records in a chunk."""
    if len(body) < _SHORTEST[_CHUNK]:
        raise ValueError("a chunk that is too short")
    try:
        chunk = reader("mcap.records").Chunk.read(_stream(body))
    except OverflowError as error:
        raise ValueError(f"a chunk longer than can be: {error}") from None
    data, found, at = _plain(chunk), list[tuple[int, bytes]](), 0
    while at < len(data):
        length = int.from_bytes(data[at + 1 : at + _HEAD], "little")
        end = at + _HEAD + length
        if end > len(data):
            raise ValueError("a record that ends beyond its chunk")
        found.append((data[at], data[at + _HEAD : end]))
        at = end
    return found


def _plain(chunk: Any) -> bytes:
    size = int(chunk.uncompressed_size)
    if size > MAX_CHUNK:
        raise ValueError(f"a chunk of {size:,} bytes, more than {MAX_CHUNK:,}")
    if chunk.compression == "zstd":
        found: bytes = reader("zstandard").ZstdDecompressor().stream_reader(BytesIO(chunk.data)).read(size)
    elif chunk.compression == "lz4":
        found = reader("lz4.frame").LZ4FrameDecompressor().decompress(chunk.data, size)
    elif not chunk.compression:
        found = chunk.data
    else:
        raise ValueError(f"a chunk packed with {str(chunk.compression)[:20]!r}")
    if len(found) != size:
        raise ValueError(f"a chunk that unpacks to {len(found):,} bytes, not {size:,}")
    return found


def _stream(body: bytes) -> Any:
    return reader("mcap.data_stream").ReadDataStream(BytesIO(body))


def _damage_errors() -> tuple[type[Exception], ...]:
    """What damaged records raise."""
    packed: tuple[type[Exception], ...] = (reader("zstandard").ZstdError, reader("mcap.exceptions").McapError)
    return (*packed, ValueError, OSError, RuntimeError, EOFError, reader("struct").error, MemoryError)


def _claims(path: Path) -> bool:
    return path.suffix.lower() == ".mcap" and head_of(path, len(MAGIC)) == MAGIC


def _open(path: Path, _index: int, sampling: Sampling) -> Stream:
    return bag_stream(McapBag(path, (path,)), "mcap", [path], sampling)


MCAP = Loader("mcap", "trajectory", _claims, _open)
