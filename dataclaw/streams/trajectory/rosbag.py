"""ROS 1 bags (`.bag`) and ROS 2 bags (a folder with `metadata.yaml`), read by the `rosbags` library.

ROS 2 bags that are stored as MCAP are read by `mcap`.
Compressed storage is limited: chunks of ROS 1 bags may unpack to `MAX_CHUNK` bytes; compressed ROS 2 bags are not read,
for they unpack into temporary files of any size.
"""

from __future__ import annotations

import bz2
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory.bag import BagMessage, DecodeError, bag_stream
from dataclaw.streams.trajectory.files import first_line, inside, reader
from dataclaw.streams.trajectory.mcap import McapBag
from dataclaw.types import Stream

MAX_CHUNK = 512 * 2**20
MAX_METADATA = 2**19
"""Largest manifest: the YAML reader takes up to 20 s for so much, and a bag of a hundred topics has a sixth of it."""
MAX_DEPTH = 50
_BAG1 = b"#ROSBAG V2.0"


def _claims1(path: Path) -> bool:
    return path.suffix.lower() == ".bag" and head_of(path, len(_BAG1)) == _BAG1


def _claims2(path: Path) -> bool:
    return path.is_dir() and b"rosbag2_bagfile_information" in head_of(path / "metadata.yaml", 4096)


def _open1(path: Path, _index: int, sampling: Sampling) -> Stream:
    return bag_stream(_RosBag(path), "rosbag1", [path], sampling)


def _open2(path: Path, _index: int, sampling: Sampling) -> Stream:
    files = _storage(path)
    packed = all(file.suffix.lower() == ".mcap" for file in files)
    tape = McapBag(path, tuple(files)) if packed else _RosBag(path)
    return bag_stream(tape, "rosbag2", [path / "metadata.yaml", *files], sampling)


def _storage(path: Path) -> list[Path]:
    """The files that a ROS 2 bag names, which must be plain files of its folder.

    Raises:
        StreamError: one leaves the folder or is missing, or they are compressed.
    """
    manifest = path / "metadata.yaml"
    if manifest.stat().st_size > MAX_METADATA:
        raise StreamError(f"larger than {MAX_METADATA:,} bytes.", place=manifest, remedy="Split the bag.")
    try:
        said = _manifest(manifest.read_text(encoding="utf-8"))
        names = [_text(name) for name in said["relative_file_paths"]]
        packed = _text(said.get("compression_mode") or "none").lower()
    except Exception as error:  # noqa: BLE001 - whatever a parser of a stranger's YAML raises
        raise StreamError(f"cannot be read: {type(error).__name__}.", place=manifest,
                          remedy="Copy the bag again, or run: ros2 bag reindex.") from None  # fmt: skip
    if packed != "none":
        raise StreamError("is a compressed bag.", place=path,
                          remedy="Unpack it: ros2 bag convert, with compression_mode none.")  # fmt: skip
    files = [inside(path, name) for name in names]
    for file in files:
        if not file.is_file():
            raise StreamError(f"names {file.name!r}, which is not there.", place=manifest,
                              remedy="Copy the bag again, with its storage files.")  # fmt: skip
    return files


def _manifest(text: str) -> Any:
    """What `metadata.yaml` says. Brackets are counted first, for the reader spends a millisecond on each open one."""
    deepest = max(accumulate((sign in "[{") - (sign in "]}") for sign in text), default=0)
    if deepest > MAX_DEPTH:
        raise ValueError(f"nested {deepest} levels deep")
    yaml = reader("ruamel.yaml").YAML(typ="safe", pure=True)
    return yaml.load(text)["rosbag2_bagfile_information"]


def _text(value: object) -> str:
    """A value that is text. A list is not written out: one of aliases of lists can stand for gigabytes."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} in place of text")
    return value


def _unpack_bz2(data: bytes) -> bytes:
    return _unpack(bz2.BZ2Decompressor(), data)


def _unpack_lz4(data: bytes) -> bytes:
    return _unpack(reader("lz4.frame").LZ4FrameDecompressor(), data)


def _unpack(unpacker: Any, data: bytes) -> bytes:
    found: bytes = unpacker.decompress(data, MAX_CHUNK)
    if not unpacker.eof:
        raise ValueError(f"a chunk unpacks to more than {MAX_CHUNK:,} bytes, or breaks off")
    return found


@dataclass(frozen=True, slots=True)
class _RosBag:
    """A ROS bag; implements `bag.Bag`. A message's key is its topic and time [ns]."""

    path: Path

    def messages(self, problems: list[str]) -> Iterator[BagMessage]:
        """As `Bag.messages`."""
        with self._open_reader() as (opened, errors):
            try:
                for connection, time, raw in opened.messages():
                    yield self._message(opened, connection, time, raw)
            except errors as error:
                problems.append(f"The bag breaks off ({first_line(error)}); what was read is used.")

    def find(self, keys: Sequence[Any]) -> Iterator[BagMessage]:
        """As `Bag.find`."""
        with self._open_reader() as (opened, errors):
            for topic, time in keys:
                connections = [one for one in opened.connections if one.topic == topic]
                try:
                    connection, stamp, raw = next(opened.messages(connections, start=time, stop=time + 1))
                except (*errors, StopIteration):
                    raise self._bag_error(f"the message of {topic!r} at {time} ns cannot be read") from None
                yield self._message(opened, connection, stamp, raw)

    def decode(self, message: BagMessage) -> Any:
        """As `Bag.decode`."""
        opened, raw = message.raw
        try:
            return opened.deserialize(raw, message.kind)
        except Exception as error:  # noqa: BLE001 - generated code over bytes of a stranger
            raise DecodeError(f"cannot be decoded ({type(error).__name__})") from None

    def _message(self, opened: Any, connection: Any, time: int, raw: bytes) -> BagMessage:
        return BagMessage(connection.topic, connection.msgtype, time, (connection.topic, time), (opened, raw))

    @contextmanager
    def _open_reader(self) -> Generator[tuple[Any, tuple[type[Exception], ...]]]:
        """The reader, and what it may raise of a damaged bag."""
        highlevel, reader1 = reader("rosbags.highlevel"), reader("rosbags.rosbag1.reader")
        sqlite, errors2 = reader("apsw"), reader("rosbags.rosbag2.errors")
        errors = (highlevel.AnyReaderError, reader1.ReaderError, errors2.ReaderError, sqlite.Error, OSError, ValueError,
                  KeyError, IndexError, AssertionError, RuntimeError, EOFError, MemoryError, OverflowError)  # fmt: skip
        opened: Any = None
        try:
            opened = highlevel.AnyReader([self.path], default_typestore=_types())
            opened.open()
            for one in opened.readers:
                _limit(one)
        except Exception as error:  # noqa: BLE001 - parsers of message definitions, over bytes of a stranger
            raise self._bag_error(first_line(error)) from None
        try:
            yield opened, errors
        finally:
            opened.close()

    def _bag_error(self, reason: str) -> StreamError:
        tool = "rosbag reindex" if self.path.is_file() else "sqlite3 FILE.db3 .recover, then ros2 bag reindex"
        return StreamError(f"bag cannot be read: {reason}.", place=self.path,
                           remedy=f"Copy it again; if it was cut off, run: {tool}.")  # fmt: skip


def _types() -> Any:
    """Message types for ROS 2 bags that do not bring their own."""
    typesys = reader("rosbags.typesys")
    return typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)


def _limit(opened: Any) -> None:
    """Put bounded decompressors in place of the library's."""
    chunks: dict[int, Any] = getattr(opened, "chunks", {})
    for at, chunk in chunks.items():
        name = getattr(chunk.decompressor, "__module__", "")
        if chunk.decompressor is bz2.decompress:
            chunks[at] = chunk._replace(decompressor=_unpack_bz2)
        elif "lz4" in name:
            chunks[at] = chunk._replace(decompressor=_unpack_lz4)


BAG1 = Loader("rosbag1", "trajectory", _claims1, _open1)
BAG2 = Loader("rosbag2", "trajectory", _claims2, _open2)
