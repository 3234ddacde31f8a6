"""The streams of a pack with the results of their tools: what packs of corpora and of benchmarks have in common.

A pack may come from a stranger. Every size is limited, every file is compared with the manifest, every value is
checked, and nothing in it becomes a path: media are looked for below a folder that the user gives, and only there.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Annotated, Any, Generic, Literal, TypeVar, cast

from pydantic import Field

from dataclaw.agent.session import without_annotations
from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import SHARD, PackedLines, PackFile, Shards, check_file
from dataclaw.corpus.packs.stream_codec import FRAMES, MAX_BYTES, SERIES, STREAM, unpack_stream
from dataclaw.corpus.packs.tool_results import PackedResults, read_calls
from dataclaw.corpus.packs.xz import AGAIN, read_lines
from dataclaw.domain import Domain, Task
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.plugins import installed_loaders
from dataclaw.schema import schema_hash
from dataclaw.streams import open_stream
from dataclaw.strict import Strict, check
from dataclaw.tools.cache import fingerprint
from dataclaw.types import Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside, loads, read_text

FORMAT = 2
"""Version of the layout."""
MANIFEST, CALLS = "manifest.json", "calls.json"
LIMITS: Mapping[str, int] = {**MAX_BYTES, CALLS: 128 * 2**20}
"""Largest size of each member, unpacked [bytes]."""
MAX_MANIFEST_BYTES = 256 * 2**20
OPEN_STREAMS = 64
"""Streams that are kept open; sessions keep theirs."""
Holds = Literal["corpus", "benchmark"]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")]
Count = Annotated[int, Field(ge=0)]
log = logging.getLogger(__name__)


class PackedStream(Strict):
    """A stream as the manifest knows it.

    Attributes:
        id: hash of its content.
        kind: family of the stream.
        shard: file that it is in.
        bytes: what it takes there.
        media: where its media lie, below the folder that the pack was made of.
        frames: sampled frames, of its parts too.
        thumbnails: how many of them have a thumbnail.
        events: logged events, of its parts too.
        calls: results that came with it.
        asks: number of asks by part ("training", "validation"; of a benchmark "val", "intent") and `domain.task`.
    """

    id: str
    kind: str
    shard: Annotated[str, Field(pattern=SHARD)]
    bytes: Count
    media: Annotated[str, Field(max_length=4096)] = ""
    frames: Count = 0
    thumbnails: Count = 0
    events: Count = 0
    calls: Count = 0
    asks: dict[str, dict[str, Count]]


class StreamsManifest(Strict):
    """What manifests of all packs say.

    Attributes:
        format: version of the layout.
        holds: what it was made of.
        dataclaw: version that wrote it.
        ocr: OCR engine of the results.
        tools: version of each tool that a task of it may call.
        schemas: hash of each task's schema (`domain.task`), which references are written for.
        files: the shards.
        streams: the streams, by key.
        left_out: streams that are not in it, with the reason.
    """

    format: int
    holds: Holds
    dataclaw: str
    ocr: str
    tools: dict[str, int]
    schemas: dict[str, str]
    files: dict[Annotated[str, Field(pattern=SHARD)], PackFile]
    streams: dict[Key, PackedStream]
    left_out: dict[str, str]


M = TypeVar("M", bound=StreamsManifest)
T = TypeVar("T")


def read_manifest(path: Path, kind: type[M], holds: Holds, make: str) -> M:
    """The manifest of the pack in a folder.

    Args:
        path: the folder.
        kind: what it must say.
        holds: what the pack must be of.
        make: the command that makes one.

    Raises:
        ConfigError: there is none, or it is damaged, of another format or of something else.
    """
    file = path / MANIFEST
    try:
        said = loads(read_text(file, MAX_MANIFEST_BYTES), str(file))
    except TraceError as error:
        raise ConfigError(f"no pack: {error.reason}.", place=str(file), remedy=f"Make one: {make}") from None
    row = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    if row.get("format") != FORMAT:
        reason = f"format {str(row.get('format'))[:40]}, this release reads {FORMAT}"
        raise ConfigError(f"{reason}.", place=str(file), remedy="Make the pack again.")
    if row.get("holds") != holds:
        reason = f"a pack of a {str(row.get('holds'))[:40]}, not of a {holds}"
        raise ConfigError(f"{reason}.", place=str(file), remedy=f"Make one: {make}")
    manifest = check(row, kind, str(file))
    strange = sorted({stream.shard for stream in manifest.streams.values()} - set(manifest.files))
    if strange:
        raise ConfigError(f"names no hash of {strange[0]}.", place=str(file), remedy=AGAIN)
    return manifest


@dataclass(frozen=True, slots=True)
class _Open:
    stream: Stream
    results: PackedResults


class PackedStreams(Generic[M]):
    """A pack: its manifest and its streams, which are read when they are needed. Safe between threads.

    Args:
        root: folder of the pack.
        manifest: what is in it.
        media: folder that the pack was made of, where that is at hand.

    Raises:
        UsageError: there is no folder of media.
    """

    def __init__(self, root: Path, manifest: M, media: Path | None = None) -> None:
        if media is not None and not media.is_dir():
            raise UsageError("no folder of media.", place=str(media), remedy="Give the folder that was packed.")
        self.root = root
        self.manifest = manifest
        self._media_root = media
        self._shards = Shards(root, manifest.files)
        self._missed: list[str] = []
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._whole: OrderedDict[str, Stream | None] = OrderedDict()
        self._lock = RLock()
        self._warned: set[str] = set()

    @property
    def missed_calls(self) -> Counter[str]:
        """Calls that failed because they are not in the pack and the media are not here, by tool."""
        return Counter(self._missed)

    def check(self) -> None:
        """Compare every shard with the manifest.

        Raises:
            ConfigError: one is missing or changed.
        """
        for name, known in self.manifest.files.items():
            check_file(self.root / name, known)

    def lines(self, name: str, known: PackedLines | None, limit: int) -> Iterator[bytes]:
        """The lines of a file of the pack, as they were before they were packed.

        Args:
            name: what the file was called.
            known: what the manifest says of it, None for nothing.
            limit: most bytes that it may hold, whatever the manifest says.

        Raises:
            ConfigError: the pack has none, or the file is missing or changed.
            StreamError: it is damaged, or holds more than it may.
        """
        if known is None:
            raise ConfigError(f"the pack has no {name}.", place=str(self.root), remedy="Make the pack again, with it.")
        file = self.root / f"{name}.xz"
        check_file(file, known)
        return read_lines(file, min(known.unpacked, limit))

    def members(self, keys: Sequence[str], name: str, limit: int) -> Iterator[tuple[str, bytes]]:
        """One member of each stream of these keys, shard by shard.

        Raises:
            ConfigError: a shard is missing or changed.
            StreamError: a member is damaged or larger than `limit` bytes.
        """
        for shard, some in groupby(keys, key=lambda key: self.manifest.streams[key].shard):
            with self._shards.open(shard) as read:
                for key in some:
                    yield key, read(key, name, limit)

    def stream(self, key: str) -> Stream:
        """A stream; its frames are thumbnails, and its `path` says where in the pack it is.

        Raises:
            UsageError: there is none of that key.
            ConfigError: its shard is missing or changed.
            StreamError: it is damaged; the message names the member.
        """
        return self._get(key).stream

    def open_session(
        self, key: str, task: Task, *, reference: Json = None, missed: list[str] | None = None
    ) -> PackedSession:
        """Where rollouts on a stream happen.

        Args:
            key: the stream.
            task: the task.
            reference: the gold draft, for the rules.
            missed: notes the tools of calls that are not available; the pack's own list where left out.

        Raises:
            UsageError, ConfigError, StreamError: as `stream`.
        """
        self._check_tools(task)
        found = self._get(key)
        return PackedSession(
            found.stream,
            task,
            found.results,
            ocr=self.manifest.ocr,
            reference=reference,
            media=partial(self._media, key),
            missed=self._missed if missed is None else missed,
        )

    def check_schema(self, domain: Domain, task: Task) -> None:
        """Make sure that references are of the task's schema.

        Raises:
            ConfigError: they were written for another one.
        """
        name = f"{domain.name}.{task.name}"
        wanted = self.manifest.schemas.get(name, "")
        if schema_hash(task.schema) != wanted:
            reason = f"was written for another schema of {name} ({wanted or 'none'}, now {schema_hash(task.schema)})"
            raise ConfigError(f"{reason}.", place=str(self.root), remedy="Make the pack again.")

    def _check_tools(self, task: Task) -> None:
        for tool in task.tools.values():
            then = self.manifest.tools.get(tool.name)
            if then not in (None, tool.version) and tool.name not in self._warned:
                self._warned.add(tool.name)
                text = "%s has results of %s version %s, this is %s: they are not used"
                log.warning(text, self.root, tool.name, then, tool.version)

    def _get(self, key: str) -> _Open:
        with self._lock:
            return _recent(self._open, key, self._read)

    def _read(self, key: str) -> _Open:
        if key not in self.manifest.streams:
            raise UsageError(f"no stream {key[:100]!r}.", remedy=f"{self.root / MANIFEST} lists what there is.")
        shard = self.manifest.streams[key].shard

        def thumbnails() -> bytes:
            with self._shards.open(shard) as again:
                return again(key, FRAMES, LIMITS[FRAMES])

        with self._shards.open(shard) as read:
            members = {name: partial(read, key, name, LIMITS[name]) for name in (STREAM, SERIES, CALLS)}
            stream = unpack_stream(lambda name: {**members, FRAMES: thumbnails}[name](), f"{self.root}#{key}")
            calls = read_calls(members[CALLS]().decode(errors="replace"), f"{key}/{CALLS}")
        return _Open(stream, PackedResults(calls))

    def _media(self, key: str) -> Stream | None:
        """The stream with its media, opened once; None when they are not here, or are of another stream."""
        with self._lock:
            return _recent(self._whole, key, self._find_media)

    def _find_media(self, key: str) -> Stream | None:
        where = self.manifest.streams[key].media
        if self._media_root is None or not where:
            return None
        name, mark, number = where.rpartition("#")
        file, number = (name, f"#{number}") if mark and number.isascii() and number.isdigit() else (where, "")
        try:
            path = inside(self._media_root, file)
            if not path.exists():
                return None
            stream = open_stream(f"{path}{number}", loaders=installed_loaders())
        except (TraceError, StreamError) as error:
            log.warning("the media of %s cannot be used: %s", key, error)
            return None
        if fingerprint(stream) != fingerprint(self.stream(key)):
            log.warning("%s are not the media of %s: another recording, or read by another version", path, key)
            return None
        return without_annotations(stream)


def _recent(kept: OrderedDict[str, T], key: str, make: Callable[[str], T]) -> T:
    """What is kept of a key, made when it is not there; the least recently used ones go."""
    if key not in kept:
        kept[key] = make(key)
        while len(kept) > OPEN_STREAMS:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
