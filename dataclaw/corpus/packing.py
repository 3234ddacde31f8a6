"""Writing packs: a corpus with its streams, asks and tool results as a few files (see `pack` for reading them).

Equal corpora give equal bytes: nothing is written but what is in the corpus, in the order of its streams.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from dataclaw.agent.batch import run_batch
from dataclaw.agent.files import write_atomic
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.steps import SUBMIT, State, parse_action
from dataclaw.agent.workshop import Workshop, without_annotations
from dataclaw.corpus.build import read_record
from dataclaw.corpus.config import stored
from dataclaw.corpus.likely import likely_calls
from dataclaw.corpus.pack import ASKS, CALLS, FORMAT, MANIFEST, Manifest, PackedStream, Part, schema_hash
from dataclaw.corpus.shards import SHARD, SHARD_BYTES, ShardWriter
from dataclaw.corpus.thumbnails import Album
from dataclaw.errors import ConfigError, DataClawError, MissingExtraError, StreamError, ToolError, UsageError
from dataclaw.plugins import Domain, load_domain
from dataclaw.streams import open_stream
from dataclaw.streams.packed import pack_stream, unpack_stream
from dataclaw.tools.base import ToolContext, ToolResult
from dataclaw.tools.cache import Cache, encode_result, fingerprint, key_of
from dataclaw.tools.packed import read_calls
from dataclaw.types import Action, Intent, Json, Stream
from dataclaw.version import __version__

OCR = "rapidocr"
PARTS: tuple[Part, ...] = ("training", "validation")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Packing:
    """What is packed, and how.

    Attributes:
        domains: domains whose asks are packed; empty: all.
        likely: also the results of calls that policies are likely to make: those of the planner, and of every tool
            with its defaults, with each of its choices, for each part and page.
        side: longest side of a thumbnail [px]; 0 packs none.
        picture_bytes: what the thumbnails of a stream may take together [bytes].
        shard_bytes: largest file of the pack [bytes].
    """

    domains: Sequence[str] = ()
    likely: bool = False
    side: int = 320
    picture_bytes: int = 1_000_000
    shard_bytes: int = SHARD_BYTES


@dataclass(frozen=True, slots=True)
class Packed:
    """News of one stream.

    Attributes:
        key: its key.
        asks: asks that were packed.
        calls: results that were packed.
        thumbnails: pictures that were packed.
        bytes: what it takes in the pack.
        seconds: time it took [s].
        left_out: why it is not in the pack, "" when it is.
    """

    key: str
    asks: int = 0
    calls: int = 0
    thumbnails: int = 0
    bytes: int = 0
    seconds: float = 0.0
    left_out: str = ""


def pack_corpus(corpus: Path, out: Path, packing: Packing | None = None) -> Iterator[Packed]:
    """Pack what a corpus exports; the pack is whole once this has ended, and is none before.

    Args:
        corpus: folder of the corpus, exported.
        out: folder of the pack; a pack that is there is replaced.
        packing: what is packed, and how.

    Yields:
        News of every stream with an ask that is exported.

    Raises:
        ConfigError: there is no corpus, or it has no export.
        UsageError: the folder holds something else, or there is nothing to pack.
    """
    packing = packing or Packing()
    config, wanted = stored(corpus), _exported(corpus)
    _clear(out)
    worker = _Worker(corpus, packing, ShardWriter(out, packing.shard_bytes))
    for key in sorted(file.stem for file in (corpus / "done").glob("*.json")):
        asks = _asks(read_record(corpus, key) or {}, wanted, packing.domains)
        if asks:
            yield worker.pack(key, asks)
    worker.shards.close()
    if not worker.streams and not worker.left_out:
        raise UsageError("nothing is exported for these domains.", place=str(corpus), remedy="See: report.md")
    manifest = worker.manifest(cast("dict[str, Json]", config))
    write_atomic(out / MANIFEST, json.dumps(manifest.model_dump(), ensure_ascii=False, indent=1))


@dataclass(frozen=True, slots=True)
class _Ask:
    """An exported ask: its row in the pack, the actions that its rollout took, and where its stream lies."""

    row: Mapping[str, Any]
    actions: tuple[Action, ...]
    path: str
    stream: str


@dataclass
class _Calls:
    """Calls of one stream by key, as they are packed, and what they found."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    found: list[ToolResult] = field(default_factory=list[ToolResult])

    def make(self, shop: Workshop, state: State, action: Action) -> ToolResult | None:
        """Make a call that is not there yet; its result, None when it failed, is no tool's or is never cached."""
        tool = shop.task.tools.get(action.tool)
        if tool is None or not tool.cached:
            return None
        context = ToolContext(without_annotations(shop.stream), state.window, ocr=shop.ocr)
        try:
            key = key_of(tool, context, action.args)
        except ToolError:
            return None  # arguments that do not fit are refused without the pack's help
        if key in self.rows:
            return None
        result, _ = shop.use(replace(state, pending=action, phase="use_tools"))
        if isinstance(result, str):
            self.rows[key] = {"key": key, "tool": tool.name, "error": result}
            return None
        self.rows[key] = {"key": key, "tool": tool.name, "result": encode_result(result)}
        self.found.append(result)
        return result

    def text(self, key: str) -> str:
        """What is packed, in the order of the keys; a result that cannot be read back is left out, and told."""
        kept: list[dict[str, str]] = []
        for name in sorted(self.rows):
            try:
                read_calls(json.dumps([self.rows[name]]), key)
            except StreamError as error:
                log.warning("a result of %s is not packed: %s", self.rows[name]["tool"], error)
            else:
                kept.append(self.rows[name])
        return json.dumps(kept, ensure_ascii=False)


class _Worker:
    """Packs streams one after the other."""

    def __init__(self, corpus: Path, packing: Packing, shards: ShardWriter) -> None:
        self.shards = shards
        self.streams: dict[str, PackedStream] = {}
        self.left_out: dict[str, str] = {}
        self._corpus = corpus
        self._packing = packing
        self._cache = Cache(corpus / "tools.sqlite")
        self._domains: dict[str, Domain] = {}
        self._tasks: set[tuple[str, str]] = set()

    def pack(self, key: str, asks: Sequence[_Ask]) -> Packed:
        """Pack one stream with its asks; what is wrong with it is told, and stops nothing."""
        start = time.monotonic()
        try:
            packed = self._pack(key, asks)
        except MissingExtraError:
            raise  # every stream would fail so
        except DataClawError as error:
            self.left_out[key] = error.message
            return Packed(key, len(asks), seconds=time.monotonic() - start, left_out=str(error))
        self.streams[key] = packed
        self._tasks |= {(ask.row["domain"], ask.row["task"]) for ask in asks}
        seconds = time.monotonic() - start
        return Packed(key, len(asks), packed.calls, packed.thumbnails, packed.bytes, seconds)

    def manifest(self, corpus: dict[str, Json]) -> Manifest:
        """What is in the pack."""
        tasks = {f"{domain}.{name}": self._domain(domain).task(name) for domain, name in sorted(self._tasks)}
        versions = {tool.name: tool.version for task in tasks.values() for tool in task.tools.values()}
        return Manifest(
            format=FORMAT,
            dataclaw=__version__,
            corpus={key: value for key, value in corpus.items() if key not in ("paths", "base_url")},
            ocr=OCR,
            tools=dict(sorted(versions.items())),
            schemas={name: schema_hash(task.schema) for name, task in tasks.items()},
            files=self.shards.files,
            streams=self.streams,
            left_out=self.left_out,
        )

    def _pack(self, key: str, asks: Sequence[_Ask]) -> PackedStream:
        stream = self._stream(key, asks[0])
        calls = _Calls()
        for ask in asks:
            self._call(calls, stream, ask)
        album = Album(self._packing.side, self._packing.picture_bytes)
        cited = [anchor for ask in asks for anchor in ask.row["anchors"].values()]
        pictures = album.of(stream, calls.found, [(a.get("part", ""), a.get("frame")) for a in cited])
        members = pack_stream(stream, pictures)
        again = unpack_stream(lambda name: members[name], key)
        if fingerprint(again) != fingerprint(stream):
            raise StreamError("reads differently once packed.", place=key, remedy="Report it.")
        text = calls.text(key)
        members[CALLS] = text.encode()
        members[ASKS] = json.dumps([ask.row for ask in asks], ensure_ascii=False).encode()
        shard, size = self.shards.add(key, members)
        every = (stream, *stream.parts.values())
        return PackedStream(
            id=stream.id,
            kind=stream.kind,
            shard=shard,
            bytes=size,
            media=asks[0].path if not Path(asks[0].path).is_absolute() else Path(asks[0].path).name,
            frames=sum(len(s.frames.times) for s in every if s.frames is not None),
            thumbnails=len(pictures),
            events=sum(len(s.events) for s in every),
            calls=len(json.loads(text)),
            asks=_counted(asks),
        )

    def _stream(self, key: str, ask: _Ask) -> Stream:
        stream = open_stream(str(self._corpus / ask.path))
        if stream.id != ask.stream:
            raise StreamError(f"reads as {stream.id}, not as {ask.stream} as when the corpus was built.", place=key,
                              remedy="Build the corpus anew, or pack it with the version that built it.")  # fmt: skip
        return replace(stream, annotations={}, parts={k: replace(v, annotations={}) for k, v in stream.parts.items()})

    def _call(self, calls: _Calls, stream: Stream, ask: _Ask) -> None:
        row = ask.row
        task = self._domain(row["domain"]).task(row["task"])
        shop = Workshop(stream, task, self._cache, ocr=OCR)
        window = (row["window"][0], row["window"][1])
        state = State(row["id"], task.domain, task.name, Intent(row["intent"]), window, budget=task.budget)
        for action in ask.actions:
            calls.make(shop, state, action)
        if not self._packing.likely:
            return
        (planned,) = run_batch([(state, shop)], Planner())
        for turn in planned.turns:
            if turn.action:
                calls.make(shop, state, turn.action)
        for tool in task.tools.values():
            for action in likely_calls(tool, stream):
                self._pages(calls, shop, state, action)

    def _pages(self, calls: _Calls, shop: Workshop, state: State, action: Action) -> None:
        """A likely call and, where its result has pages, all of them; what an engine is missing for is left out."""
        try:
            result = calls.make(shop, state, action)
            pages = result.data.get("pages") if result else None
            for page in range(2, min(pages, MAX_PAGES) + 1 if isinstance(pages, int) else 0):
                calls.make(shop, state, replace(action, args={**action.args, "page": page}))
        except MissingExtraError as error:
            log.warning("%s is not packed: %s", action.tool, error)

    def _domain(self, name: str) -> Domain:
        if name not in self._domains:
            self._domains[name] = load_domain(name)
        return self._domains[name]


MAX_PAGES = 20
"""Pages of a listing that are likely to be read."""


def _exported(corpus: Path) -> dict[str, Part]:
    """Ids of the samples that are exported, and for what."""
    found: dict[str, Part] = {}
    for part in PARTS:
        file = corpus / "export" / f"{part}_samples.jsonl"
        try:
            with file.open(encoding="utf-8") as lines:
                found |= {str(json.loads(line)["id"]): part for line in lines if line.strip()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = f"Write it: dataclaw corpus export --out {corpus}"
            raise ConfigError(f"no export: {error}.", place=str(file), remedy=remedy) from None
    return found


def _asks(record: Mapping[str, Any], wanted: Mapping[str, Part], domains: Sequence[str]) -> list[_Ask]:
    """The exported asks of a unit."""
    if record.get("failure") or not record:
        return []
    drafts = {row["id"]: row["draft"] for row in record["drafts"]}
    traces = {row["id"]: row["messages"] for row in record["traces"]}
    places = {row["id"]: row for row in record["candidates"]}
    samples = [row["sample"] for row in record["validated"] if row["sample"] and row["sample"]["id"] in wanted]
    return [
        _Ask(
            _row(record["key"], sample, drafts[sample["id"]], wanted[sample["id"]]),
            tuple(_actions(traces[sample["id"]])),
            places[sample["id"]]["path"],
            places[sample["id"]]["stream"],
        )
        for sample in samples
        if not domains or sample["domain"] in domains
    ]


def _row(key: str, sample: Mapping[str, Any], draft: Json, part: Part) -> dict[str, Json]:
    return {
        "id": sample["id"],
        "domain": sample["domain"],
        "task": sample["task"],
        "intent": sample["intent"]["text"],
        "window": sample["stream"]["window"],
        "reference": draft,
        "anchors": {name: {"id": name, **anchor} for name, anchor in sample["anchors"].items()},
        "stream": key,
        "part": part,
        "origin": sample.get("origin") or {},
    }


def _actions(messages: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
    for message in messages:
        if message["role"] == "assistant":
            with suppress(ValueError):  # an answer that is no action calls nothing
                action = parse_action(message["content"])
                if action.tool != SUBMIT:
                    yield action


def _counted(asks: Sequence[_Ask]) -> dict[Part, dict[str, int]]:
    counts: dict[Part, dict[str, int]] = {}
    for ask in asks:
        tasks = counts.setdefault(ask.row["part"], {})
        name = f"{ask.row['domain']}.{ask.row['task']}"
        tasks[name] = tasks.get(name, 0) + 1
    return counts


def _clear(out: Path) -> None:
    """Make room for a pack; another one is removed, its manifest first, so that a half is never taken for a whole.

    Raises:
        UsageError: something else is there.
    """
    there = sorted(out.iterdir()) if out.is_dir() else []
    strange = [file.name for file in there if file.name != MANIFEST and not re.match(SHARD, file.name)]
    if strange or (out.exists() and not out.is_dir()):
        named = strange[0] if strange else "a file"
        raise UsageError(f"holds {named!r}, which is of no pack.", place=str(out), remedy="Name a new folder.")
    for file in sorted(there, key=lambda file: file.name != MANIFEST):
        file.unlink()
    out.mkdir(parents=True, exist_ok=True)
