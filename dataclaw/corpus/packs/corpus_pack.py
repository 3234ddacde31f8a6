"""Packs of corpora: what training needs of one (streams, requests, results of tools, traces), in a few small files.

PACK/
  manifest.json        what it was made of: versions, schemas, every file's sha256, every stream and its requests
  streams-0000.zip     per stream: stream.json, series.bin, frames.bin, calls.json, asks.json
  traces.jsonl.xz      the traces for supervised learning, and validation_traces.jsonl.xz

A pack may come from a stranger (see `streams`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from pydantic import TypeAdapter

from dataclaw.agent.steps import State
from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import PackedLines
from dataclaw.corpus.packs.streams import PackedStream, PackedStreams, StreamsManifest, read_manifest
from dataclaw.corpus.packs.tool_results import read_json
from dataclaw.corpus.packs.xz import AGAIN
from dataclaw.domain import Domain
from dataclaw.errors import StreamError
from dataclaw.tools.cache import anchor_of
from dataclaw.types import Anchor, Intent, Json, Span

REQUESTS = "asks.json"
MAX_REQUESTS_BYTES = 64 * 2**20
"""Largest size of a stream's requests, unpacked [bytes]."""
MAX_TRACES_BYTES = 16 * 2**30
"""Largest size of a file of traces, unpacked [bytes]."""
Part: TypeAlias = Literal["training", "validation"]
TRACES: Mapping[Part, str] = {"training": "traces.jsonl", "validation": "validation_traces.jsonl"}
"""Name of a corpus's traces, for each part."""


@dataclass(frozen=True, slots=True)
class PackedRequest:
    """A request to a stream of the corpus, and how it was answered.

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


class CorpusManifest(StreamsManifest):
    """What is in a pack of a corpus.

    Attributes:
        corpus: settings of the corpus.
        traces: its traces, by part.
    """

    corpus: dict[str, Json]
    traces: dict[Part, PackedLines]


class CorpusPack(PackedStreams[CorpusManifest]):
    """A pack of a corpus. Safe between threads."""

    def requests(
        self, domain: str | None = None, task: str | None = None, part: Part | None = "training"
    ) -> Sequence[PackedRequest]:
        """The requests of a domain and task (all if left out), stream by stream.

        Raises:
            ConfigError: a shard is missing or changed.
            StreamError: requests are damaged; the message names the stream.
        """
        wanted = [
            key
            for key, stream in self.manifest.streams.items()
            if any(_fits(name, domain, task) for name in _names(stream, part))
        ]
        members = self.members(wanted, REQUESTS, MAX_REQUESTS_BYTES)
        found = [one for key, data in members for one in _read_requests(key, data)]
        return [one for one in found if part in (None, one.part) and _fits(f"{one.domain}.{one.task}", domain, task)]

    def traces(self, part: Part) -> Iterator[bytes]:
        """The lines of the corpus's traces, as it exports them.

        Raises:
            ConfigError: the pack has none, or the file is missing or changed.
            StreamError: it is damaged, or holds more than the manifest says.
        """
        return self.lines(TRACES[part], self.manifest.traces.get(part), MAX_TRACES_BYTES)

    def state(self, request: PackedRequest, domain: Domain) -> State:
        """The state that a rollout of a request begins in, as in the corpus."""
        task = domain.task(request.task)
        window = request.window
        return State(request.id, request.domain, task.name, Intent(request.intent), window, budget=task.budget)

    def session(self, request: PackedRequest, domain: Domain, *, reference: bool = False) -> PackedSession:
        """Where rollouts of a request happen.

        Args:
            request: the request.
            domain: its domain.
            reference: let the rules know the reference. That is for the reward of a draft; within a rollout the policy
                would learn the answer from what the rules say.

        Raises:
            ConfigError: the task's schema is not the one that the reference was written for.
            UsageError, StreamError: as `stream`, or there is no such task.
        """
        task = domain.task(request.task)
        self.check_schema(domain, task)
        return self.open_session(request.stream, task, reference=request.reference if reference else None)


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


def _read_requests(key: str, data: bytes) -> Iterator[PackedRequest]:
    place = f"{key}/{REQUESTS}"
    raw, requests = read_json(_adapter(), data.decode(errors="replace"), place)
    for request, row in zip(requests, cast("list[dict[str, Any]]", raw), strict=True):
        if request.stream != key:
            raise StreamError(f"request {request.id[:100]!r} is of another stream.", place=place, remedy=AGAIN)
        try:
            anchors = {name: anchor_of(anchor) for name, anchor in row["anchors"].items()}
            known = replace(request, anchors=anchors, window=(row["window"][0], row["window"][1]))
        except (KeyError, TypeError) as error:  # a key that has a default and is not there, or one that nothing has
            raise StreamError(f"is damaged: no request ({error}).", place=place, remedy=AGAIN) from None
        yield known


def _names(stream: PackedStream, part: Part | None) -> Iterator[str]:
    for key, counts in stream.asks.items():
        if part in (None, key):
            yield from counts


def _fits(name: str, domain: str | None, task: str | None) -> bool:
    there, _, what = name.partition(".")
    return domain in (None, there) and task in (None, what)


@cache
def _adapter() -> TypeAdapter[list[PackedRequest]]:
    return TypeAdapter(list[PackedRequest])
