"""Reading packs: what rollouts need of a corpus (streams, asks, results of tools) without media, engines or network.

PACK/
  manifest.json        what it was made of: versions, schemas, every shard's sha256, every stream and its asks
  streams-0000.zip     per stream: stream.json, series.bin, frames.bin, calls.json, asks.json

A pack may come from a stranger. Every size is limited, every file is compared with the manifest, every value is
checked, and nothing in it becomes a path: media are looked for below a folder that the user gives, and only there.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field, TypeAdapter, ValidationError

from dataclaw.agent.packed import Missed, PackedWorkshop
from dataclaw.agent.steps import State
from dataclaw.agent.workshop import without_annotations
from dataclaw.config import Strict, check
from dataclaw.corpus.shards import AGAIN, SHARD, ShardFile, Shards
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.plugins import Domain, Task
from dataclaw.streams import open_stream
from dataclaw.streams.packed import FRAMES, MAX_BYTES, SERIES, STREAM, unpack_stream
from dataclaw.tools.cache import anchor_of, fingerprint
from dataclaw.tools.packed import PackedResults, read_calls
from dataclaw.types import Anchor, Intent, Json, Span, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside, loads, read_text

FORMAT = 1
"""Version of the layout."""
MANIFEST, CALLS, ASKS = "manifest.json", "calls.json", "asks.json"
LIMITS: Mapping[str, int] = {**MAX_BYTES, CALLS: 128 * 2**20, ASKS: 64 * 2**20}
"""Largest size of each member, unpacked."""
MAX_MANIFEST_BYTES = 256 * 2**20
OPEN_STREAMS = 64
"""Streams that are kept open; workshops keep theirs."""
Part: TypeAlias = Literal["training", "validation"]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")]
Count = Annotated[int, Field(ge=0)]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackedAsk:
    """Something that the corpus asked of a stream, and how it was answered.

    Attributes:
        id: the sample's id.
        domain: its domain.
        task: its task.
        intent: the user's words.
        window: `(t0, t1)` [s] of the stream.
        reference: the draft that was accepted.
        anchors: what the draft cites, by the ids that it cites them by; another rollout may give other ids.
        stream: key of the stream in the pack.
        part: whether it is for training, or kept apart by stream for validation.
        origin: where it comes from: world, seed, difficulty, style, language, template, sources.
    """

    id: str
    domain: str
    task: str
    intent: str
    window: Span
    reference: Json
    anchors: Mapping[str, Anchor]
    stream: str
    part: Part
    origin: Mapping[str, Json]


class PackedStream(Strict):
    """A stream as the manifest knows it.

    Attributes:
        id: hash of its content.
        kind: family of the stream.
        shard: file that it is in.
        bytes: what it takes there.
        media: where its media lie, below the folder of the corpus.
        frames: sampled frames, of its parts too.
        thumbnails: how many of them have a thumbnail.
        events: logged events, of its parts too.
        calls: results that came with it.
        asks: number of asks by part and `domain.task`.
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
    asks: dict[Part, dict[str, Count]]


class Manifest(Strict):
    """What is in a pack.

    Attributes:
        format: version of the layout.
        dataclaw: version that wrote it.
        corpus: settings of the corpus.
        ocr: OCR engine of the results.
        tools: version of each tool that a task of it may call.
        schemas: hash of each task's schema (`domain.task`), which references are written for.
        files: the shards.
        streams: the streams, by key.
        left_out: streams of the corpus that are not in it, with the reason.
    """

    format: int
    dataclaw: str
    corpus: dict[str, Json]
    ocr: str
    tools: dict[str, int]
    schemas: dict[str, str]
    files: dict[Annotated[str, Field(pattern=SHARD)], ShardFile]
    streams: dict[Key, PackedStream]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Open:
    stream: Stream
    results: PackedResults


class Pack:
    """A pack; streams are read when they are needed. Safe between threads.

    Args:
        root: its folder.
        manifest: what is in it.
        media: folder of the corpus that it was made of, where that is at hand.
    """

    def __init__(self, root: Path, manifest: Manifest, media: Path | None = None) -> None:
        self.root = root
        self.manifest = manifest
        self.media = media
        self._shards = Shards(root, manifest.files)
        self._missed = Missed()
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._whole: OrderedDict[str, Stream | None] = OrderedDict()
        self._lock = RLock()
        self._warned: set[str] = set()

    @property
    def missed(self) -> Counter[str]:
        """Calls that failed because they are not in the pack and the media are not here, by tool."""
        return self._missed.counts()

    def asks(
        self, domain: str | None = None, task: str | None = None, part: Part | None = "training"
    ) -> Sequence[PackedAsk]:
        """The asks of a domain and task (all if left out), stream by stream.

        Raises:
            ConfigError: a shard is missing or changed.
            StreamError: asks are damaged; the message names the stream.
        """
        wanted = {
            key: stream.shard
            for key, stream in self.manifest.streams.items()
            if any(_fits(name, domain, task) for name in _names(stream, part))
        }
        found: list[PackedAsk] = []
        for shard, keys in groupby(wanted, key=lambda key: wanted[key]):
            with self._shards.opened(shard) as read:
                found += [ask for key in keys for ask in _asks(key, read(key, ASKS, LIMITS[ASKS]))]
        return [ask for ask in found if part in (None, ask.part) and _fits(f"{ask.domain}.{ask.task}", domain, task)]

    def stream(self, key: str) -> Stream:
        """A stream; its frames are thumbnails, and its `path` says where in the pack it is.

        Raises:
            UsageError: there is none of that key.
            ConfigError: its shard is missing or changed.
            StreamError: it is damaged; the message names the member.
        """
        return self._opened(key).stream

    def state(self, ask: PackedAsk, domain: Domain) -> State:
        """The state that a rollout of an ask begins in, as in the corpus."""
        task = domain.task(ask.task)
        return State(ask.id, ask.domain, task.name, Intent(ask.intent), ask.window, budget=task.budget)

    def workshop(self, ask: PackedAsk, domain: Domain, *, reference: bool = False) -> PackedWorkshop:
        """Where rollouts of an ask happen.

        Args:
            ask: the ask.
            domain: its domain.
            reference: tell the rules the reference. That is for the reward of a draft; what comes back for a draft
                within a rollout says what the rules found, and would tell the policy the answer.

        Raises:
            ConfigError: the task's schema is not the one that the reference was written for.
            UsageError, StreamError: as `stream`, or there is no such task.
        """
        task = domain.task(ask.task)
        self._check_versions(domain, task)
        opened = self._opened(ask.stream)
        return PackedWorkshop(
            opened.stream,
            task,
            opened.results,
            ocr=self.manifest.ocr,
            reference=ask.reference if reference else None,
            media=partial(self._media, ask.stream),
            missed=self._missed,
        )

    def _check_versions(self, domain: Domain, task: Task) -> None:
        name = f"{domain.name}.{task.name}"
        wanted = self.manifest.schemas.get(name, "")
        if schema_hash(task.schema) != wanted:
            reason = f"was written for another schema of {name} ({wanted or 'none'}, now {schema_hash(task.schema)})"
            raise ConfigError(f"{reason}.", place=str(self.root), remedy="Pack the corpus again.")
        for tool in task.tools.values():
            then = self.manifest.tools.get(tool.name)
            if then != tool.version and tool.name not in self._warned:
                self._warned.add(tool.name)
                said = "%s has results of %s version %s, this is %s: they are not used"
                log.warning(said, self.root, tool.name, then, tool.version)

    def _opened(self, key: str) -> _Open:
        with self._lock:
            if key not in self._open:
                self._open[key] = self._read(key)
                while len(self._open) > OPEN_STREAMS:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]

    def _read(self, key: str) -> _Open:
        if key not in self.manifest.streams:
            raise UsageError(f"no stream {key[:100]!r}.", remedy=f"{self.root / MANIFEST} lists what there is.")
        with self._shards.opened(self.manifest.streams[key].shard) as read:
            members = {name: partial(read, key, name, LIMITS[name]) for name in (STREAM, SERIES, CALLS)}
            members[FRAMES] = partial(self._later, key, FRAMES)
            stream = unpack_stream(lambda name: members[name](), f"{self.root}#{key}")
            calls = read_calls(members[CALLS]().decode(errors="replace"), f"{key}/{CALLS}")
        return _Open(stream, PackedResults(calls))

    def _later(self, key: str, name: str) -> bytes:
        with self._shards.opened(self.manifest.streams[key].shard) as read:
            return read(key, name, LIMITS[name])

    def _media(self, key: str) -> Stream | None:
        """The stream with its media, opened once; None when they are not here, or are of another stream."""
        with self._lock:
            if key not in self._whole:
                self._whole[key] = self._find_media(key)
                while len(self._whole) > OPEN_STREAMS:
                    self._whole.popitem(last=False)
            return self._whole[key]

    def _find_media(self, key: str) -> Stream | None:
        said = self.manifest.streams[key].media
        if self.media is None or not said:
            return None
        name, mark, number = said.rpartition("#")
        file, number = (name, f"#{number}") if mark and number.isascii() and number.isdigit() else (said, "")
        try:
            path = inside(self.media, file)
            if not path.exists():
                return None
            stream = open_stream(f"{path}{number}")
        except (TraceError, StreamError) as error:
            log.warning("the media of %s cannot be used: %s", key, error)
            return None
        if fingerprint(stream) != fingerprint(self.stream(key)):
            log.warning("%s are not the media of %s: another recording, or read by another version", path, key)
            return None
        return without_annotations(stream)


def read_pack(path: Path, *, media: Path | None = None) -> Pack:
    """The pack in a folder.

    Args:
        path: its folder.
        media: folder of the corpus that it was made of; calls that are not in the pack are computed from there.

    Raises:
        ConfigError: there is none, or its manifest is damaged or of another format.
        UsageError: there is no folder of media.
    """
    file = path / MANIFEST
    try:
        said = loads(read_text(file, MAX_MANIFEST_BYTES), str(file))
    except TraceError as error:
        remedy = "Make one: dataclaw corpus pack --out PACK CORPUS"
        raise ConfigError(f"no pack: {error.reason}.", place=str(file), remedy=remedy) from None
    if not isinstance(said, dict) or cast("dict[str, Any]", said).get("format") != FORMAT:
        found = cast("dict[str, Any]", said).get("format") if isinstance(said, dict) else None
        reason = f"format {str(found)[:40]}, this release reads {FORMAT}"
        raise ConfigError(f"{reason}.", place=str(file), remedy="Pack the corpus again.")
    manifest = check(cast("dict[str, Any]", said), Manifest, str(file))
    strange = sorted({stream.shard for stream in manifest.streams.values()} - set(manifest.files))
    if strange:
        raise ConfigError(f"names no hash of {strange[0]}.", place=str(file), remedy=AGAIN)
    if media is not None and not media.is_dir():
        raise UsageError("no folder of media.", place=str(media), remedy="Give the folder of the corpus.")
    return Pack(path, manifest, media)


def schema_hash(schema: Mapping[str, Json]) -> str:
    """Hash of a schema (16 hex digits); the order of its keys counts, since drafts are written in it."""
    return hashlib.sha256(json.dumps(schema, ensure_ascii=False).encode()).hexdigest()[:16]


def _asks(key: str, data: bytes) -> Iterator[PackedAsk]:
    text = data.decode(errors="replace")
    try:
        raw = cast("list[dict[str, Any]]", loads(text, f"{key}/{ASKS}"))
        asks = _asks_adapter().validate_json(text, strict=True)
    except (TraceError, ValidationError) as error:
        raise StreamError(f"is damaged: {str(error)[:200]}.", place=f"{key}/{ASKS}", remedy=AGAIN) from None
    for ask, said in zip(asks, raw, strict=True):
        if ask.stream != key:
            raise StreamError(f"ask {ask.id[:100]!r} is of another stream.", place=f"{key}/{ASKS}", remedy=AGAIN)
        anchors = {name: anchor_of(anchor) for name, anchor in said["anchors"].items()}
        yield replace(ask, anchors=anchors, window=(said["window"][0], said["window"][1]))


def _names(stream: PackedStream, part: Part | None) -> Iterator[str]:
    for key, counts in stream.asks.items():
        if part in (None, key):
            yield from counts


def _fits(name: str, domain: str | None, task: str | None) -> bool:
    there, _, what = name.partition(".")
    return domain in (None, there) and task in (None, what)


@cache
def _asks_adapter() -> TypeAdapter[list[PackedAsk]]:
    return TypeAdapter(list[PackedAsk])
