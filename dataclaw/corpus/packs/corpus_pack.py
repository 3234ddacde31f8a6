"""Reading packs: what training needs of a corpus (streams, asks, results of tools, traces), in a few small files.

PACK/
  manifest.json        what it was made of: versions, schemas, every file's sha256, every stream and its asks
  streams-0000.zip     per stream: stream.json, series.bin, frames.bin, calls.json, asks.json
  traces.jsonl.xz      the traces for supervised learning, and validation_traces.jsonl.xz

A pack may come from a stranger (see `packed_streams`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field, TypeAdapter, ValidationError

from dataclaw.agent.steps import State
from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import PackFile, check_file
from dataclaw.corpus.packs.streams import PackedStream, PackedStreams, StreamsManifest, read_manifest
from dataclaw.corpus.packs.xz import AGAIN, read_lines
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, StreamError
from dataclaw.tools.cache import anchor_of
from dataclaw.types import Anchor, Intent, Json, Span, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads

ASKS = "asks.json"
MAX_ASKS_BYTES = 64 * 2**20
"""Largest size of a stream's asks, unpacked."""
MAX_TRACES_BYTES = 16 * 2**30
"""Largest size of a file of traces, unpacked."""
Part: TypeAlias = Literal["training", "validation"]
TRACES: Mapping[Part, str] = {"training": "traces.jsonl", "validation": "validation_traces.jsonl"}
"""Name of a corpus's traces, for each part."""


@dataclass(frozen=True, slots=True)
class PackedRequest:
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


class PackedTraces(PackFile):
    """A file of traces as the manifest knows it.

    Attributes:
        unpacked: how many bytes it holds.
    """

    unpacked: Annotated[int, Field(ge=0, le=MAX_TRACES_BYTES)]


class CorpusManifest(StreamsManifest):
    """What is in a pack of a corpus.

    Attributes:
        corpus: settings of the corpus.
        traces: its traces, by part.
    """

    corpus: dict[str, Json]
    traces: dict[Part, PackedTraces]


class CorpusPack:
    """A pack of a corpus. Safe between threads.

    Args:
        root: its folder.
        manifest: what is in it.
        media: folder of the corpus that it was made of, where that is at hand.
    """

    def __init__(self, root: Path, manifest: CorpusManifest, media: Path | None = None) -> None:
        self.root = root
        self.manifest = manifest
        self._streams = PackedStreams(root, manifest, media)

    @property
    def missed_calls(self) -> Counter[str]:
        """Calls that failed because they are not in the pack and the media are not here, by tool."""
        return self._streams.missed_calls

    def requests(
        self, domain: str | None = None, task: str | None = None, part: Part | None = "training"
    ) -> Sequence[PackedRequest]:
        """The asks of a domain and task (all if left out), stream by stream.

        Raises:
            ConfigError: a shard is missing or changed.
            StreamError: asks are damaged; the message names the stream.
        """
        wanted = [
            key
            for key, stream in self.manifest.streams.items()
            if any(_fits(name, domain, task) for name in _names(stream, part))
        ]
        members = self._streams.members(wanted, ASKS, MAX_ASKS_BYTES)
        found = [ask for key, data in members for ask in _asks(key, data)]
        return [ask for ask in found if part in (None, ask.part) and _fits(f"{ask.domain}.{ask.task}", domain, task)]

    def traces(self, part: Part) -> Iterator[bytes]:
        """The lines of the corpus's traces, as it exports them.

        Raises:
            ConfigError: the pack has none, or the file is missing or changed.
            StreamError: it is damaged, or holds more than the manifest says.
        """
        known, file = self.manifest.traces.get(part), self.root / f"{TRACES[part]}.xz"
        if known is None:
            remedy = "Pack the corpus again, with its traces."
            raise ConfigError(f"the pack has no {TRACES[part]}.", place=str(self.root), remedy=remedy)
        check_file(file, known)
        return read_lines(file, known.unpacked)

    def stream(self, key: str) -> Stream:
        """A stream; its frames are thumbnails, and its `path` says where in the pack it is.

        Raises:
            UsageError: there is none of that key.
            ConfigError: its shard is missing or changed.
            StreamError: it is damaged; the message names the member.
        """
        return self._streams.stream(key)

    def state(self, ask: PackedRequest, domain: Domain) -> State:
        """The state that a rollout of an ask begins in, as in the corpus."""
        task = domain.task(ask.task)
        return State(ask.id, ask.domain, task.name, Intent(ask.intent), ask.window, budget=task.budget)

    def session(self, ask: PackedRequest, domain: Domain, *, reference: bool = False) -> PackedSession:
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
        self._streams.check_schema(domain, task)
        return self._streams.session(ask.stream, domain, task, reference=ask.reference if reference else None)


def read_pack(path: Path, *, media: Path | None = None) -> CorpusPack:
    """The pack of a corpus in a folder.

    Args:
        path: its folder.
        media: folder of the corpus that it was made of; calls that are not in the pack are computed from there.

    Raises:
        ConfigError: there is none, or its manifest is damaged or of another format.
        UsageError: there is no folder of media.
    """
    manifest = read_manifest(path, CorpusManifest, "corpus", "dataclaw corpus pack --out PACK CORPUS")
    return CorpusPack(path, manifest, media)


def _asks(key: str, data: bytes) -> Iterator[PackedRequest]:
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
def _asks_adapter() -> TypeAdapter[list[PackedRequest]]:
    return TypeAdapter(list[PackedRequest])
