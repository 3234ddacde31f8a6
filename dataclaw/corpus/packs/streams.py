"""The streams of a pack with the results of their tools: what packs of corpora and of benchmarks have in common.

A pack may come from a stranger. Every size is limited, every file is compared with the manifest, every value is
checked, and nothing in it becomes a path: media are looked for below a folder that the user gives, and only there.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import Field

from dataclaw.agent.session import without_annotations
from dataclaw.config import Strict, check
from dataclaw.corpus.packs.session import MissedCalls, PackedSession
from dataclaw.corpus.packs.shards import SHARD, PackFile, Shards, check_file
from dataclaw.corpus.packs.stream_codec import FRAMES, MAX_BYTES, SERIES, STREAM, unpack_stream
from dataclaw.corpus.packs.tool_results import PackedResults, read_calls
from dataclaw.corpus.packs.xz import AGAIN
from dataclaw.domain import Domain, Task
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.streams import open_stream
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
"""Streams that are kept open; workshops keep theirs."""
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


def peek_manifest(path: Path) -> dict[str, Any]:
    """What the manifest in a folder says, unchecked; nothing where there is none.

    Raises:
        TraceError: it is no JSON within the limits.
    """
    file = path / MANIFEST
    said = loads(read_text(file, MAX_MANIFEST_BYTES), str(file)) if file.is_file() else None
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


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


class PackedStreams:
    """The streams of a pack, read when they are needed. Safe between threads.

    Args:
        root: folder of the pack.
        manifest: what is in it.
        media: folder that the pack was made of, where that is at hand.

    Raises:
        UsageError: there is no folder of media.
    """

    def __init__(self, root: Path, manifest: StreamsManifest, media: Path | None = None) -> None:
        if media is not None and not media.is_dir():
            raise UsageError("no folder of media.", place=str(media), remedy="Give the folder that was packed.")
        self.root = root
        self.media = media
        self._manifest = manifest
        self._shards = Shards(root, manifest.files)
        self._missed = MissedCalls()
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._whole: OrderedDict[str, Stream | None] = OrderedDict()
        self._lock = RLock()
        self._warned: set[str] = set()

    @property
    def missed_calls(self) -> Counter[str]:
        """Calls that failed because they are not in the pack and the media are not here, by tool."""
        return self._missed.counts()

    def check(self) -> None:
        """Compare every shard with the manifest.

        Raises:
            ConfigError: one is missing or changed.
        """
        for name, known in self._manifest.files.items():
            check_file(self.root / name, known)

    def members(self, keys: Sequence[str], name: str, limit: int) -> Iterator[tuple[str, bytes]]:
        """One member of each stream of these keys, shard by shard.

        Raises:
            ConfigError: a shard is missing or changed.
            StreamError: a member is damaged or larger than `limit` bytes.
        """
        for shard, some in groupby(keys, key=lambda key: self._manifest.streams[key].shard):
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

    def session(
        self, key: str, domain: Domain, task: Task, *, reference: Json = None, missed: MissedCalls | None = None
    ) -> PackedSession:
        """Where rollouts on a stream happen.

        Args:
            key: the stream.
            domain: the domain of the task.
            task: the task.
            reference: the gold draft, told to the rules.
            missed: counts the calls that are not available; the pack's own count where left out.

        Raises:
            UsageError, ConfigError, StreamError: as `stream`.
        """
        self._check_tools(task)
        opened = self._get(key)
        return PackedSession(
            opened.stream,
            task,
            opened.results,
            ocr=self._manifest.ocr,
            reference=reference,
            media=partial(self._media, key, domain),
            missed=self._missed if missed is None else missed,
        )

    def check_schema(self, domain: Domain, task: Task) -> None:
        """Make sure that references are of the task's schema.

        Raises:
            ConfigError: they were written for another one.
        """
        name = f"{domain.name}.{task.name}"
        wanted = self._manifest.schemas.get(name, "")
        if schema_hash(task.schema) != wanted:
            reason = f"was written for another schema of {name} ({wanted or 'none'}, now {schema_hash(task.schema)})"
            raise ConfigError(f"{reason}.", place=str(self.root), remedy="Make the pack again.")

    def _check_tools(self, task: Task) -> None:
        for tool in task.tools.values():
            then = self._manifest.tools.get(tool.name)
            if then not in (None, tool.version) and tool.name not in self._warned:
                self._warned.add(tool.name)
                said = "%s has results of %s version %s, this is %s: they are not used"
                log.warning(said, self.root, tool.name, then, tool.version)

    def _get(self, key: str) -> _Open:
        with self._lock:
            if key not in self._open:
                self._open[key] = self._read(key)
                while len(self._open) > OPEN_STREAMS:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]

    def _read(self, key: str) -> _Open:
        if key not in self._manifest.streams:
            raise UsageError(f"no stream {key[:100]!r}.", remedy=f"{self.root / MANIFEST} lists what there is.")
        with self._shards.open(self._manifest.streams[key].shard) as read:
            members = {name: partial(read, key, name, LIMITS[name]) for name in (STREAM, SERIES, CALLS)}
            members[FRAMES] = partial(self._later, key, FRAMES)
            stream = unpack_stream(lambda name: members[name](), f"{self.root}#{key}")
            calls = read_calls(members[CALLS]().decode(errors="replace"), f"{key}/{CALLS}")
        return _Open(stream, PackedResults(calls))

    def _later(self, key: str, name: str) -> bytes:
        with self._shards.open(self._manifest.streams[key].shard) as read:
            return read(key, name, LIMITS[name])

    def _media(self, key: str, domain: Domain) -> Stream | None:
        """The stream with its media, opened once; None when they are not here, or are of another stream."""
        with self._lock:
            if key not in self._whole:
                self._whole[key] = self._find_media(key, domain)
                while len(self._whole) > OPEN_STREAMS:
                    self._whole.popitem(last=False)
            return self._whole[key]

    def _find_media(self, key: str, domain: Domain) -> Stream | None:
        said = self._manifest.streams[key].media
        if self.media is None or not said:
            return None
        name, mark, number = said.rpartition("#")
        file, number = (name, f"#{number}") if mark and number.isascii() and number.isdigit() else (said, "")
        try:
            path = inside(self.media, file)
            if not path.exists():
                return None
            stream = open_stream(f"{path}{number}", loaders=domain.loaders)
        except (TraceError, StreamError) as error:
            log.warning("the media of %s cannot be used: %s", key, error)
            return None
        if fingerprint(stream) != fingerprint(self.stream(key)):
            log.warning("%s are not the media of %s: another recording, or read by another version", path, key)
            return None
        return without_annotations(stream)


def schema_hash(schema: Mapping[str, Json]) -> str:
    """Hash of a schema (16 hex digits); the order of its keys counts, since drafts are written in it."""
    return hashlib.sha256(json.dumps(schema, ensure_ascii=False).encode()).hexdigest()[:16]
