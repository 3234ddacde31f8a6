"""Packs of benchmarks: what a machine without media, engines or network needs to run models on one.

PACK/
  manifest.json        the benchmark's own manifest and digest, every file's sha256, every stream
  val.jsonl.xz         its items, to the byte; and intent.jsonl.xz
  streams-0000.zip     per stream: stream.json, series.bin, frames.bin, calls.json

What items and references are is proven: they are compared with the hashes that the digest is made of. What streams and
tools say is not, short of the benchmark itself: `dataclaw eval score` scores a pack's predictions on that, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import PackedLines
from dataclaw.corpus.packs.streams import PackedStreams, StreamsManifest, read_manifest
from dataclaw.corpus.packs.xz import AGAIN
from dataclaw.domain import Task
from dataclaw.errors import ConfigError
from dataclaw.types import Json

MAX_SET_BYTES = 2**30
"""Largest set of items, unpacked."""
Name = Literal["val", "intent"]


class BenchManifest(StreamsManifest):
    """What is in a pack of a benchmark.

    Attributes:
        digest: of the benchmark.
        name: what it is called where it was pinned, "" where it was not.
        hashes: sha256 of every file of the benchmark, of which the digest is made.
        bench: the rest of the benchmark's manifest.
        sets: its items.
    """

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    name: str
    hashes: dict[str, str]
    bench: dict[str, Json]
    sets: dict[Name, PackedLines]


class BenchPack(PackedStreams[BenchManifest]):
    """A pack of a benchmark. Safe between threads; its frames are thumbnails, where there are some."""

    def check(self) -> None:
        """Compare every file with the manifest.

        Raises:
            ConfigError: one is missing or changed.
        """
        super().check()
        for name in self.manifest.sets:
            self.text(name)

    def text(self, name: Name) -> str:
        """The file of a set, as the benchmark has it.

        Raises:
            ConfigError: there is none, or it is missing, changed, or not that of the benchmark.
            StreamError: it is damaged, or holds more than the manifest says.
        """
        file = f"{name}.jsonl"
        data = b"".join(self.lines(file, self.manifest.sets.get(name), MAX_SET_BYTES))
        found, wanted = hashlib.sha256(data).hexdigest(), self.manifest.hashes.get(file)
        if found != wanted:
            reason = f"is not the {file} of the benchmark: sha256 {found}, not {wanted}"
            raise ConfigError(f"{reason}.", place=str(self.root / f"{file}.xz"), remedy=AGAIN)
        return data.decode()

    def session(self, key: str, task: Task) -> PackedSession:
        """Where rollouts on a scene happen; it notes by itself which calls are not available.

        Raises:
            UsageError, ConfigError, StreamError: as `stream`.
        """
        return self.open_session(key, task, missed=[])


def read_bench_pack(root: Path) -> BenchPack:
    """The pack of a benchmark in a folder.

    Raises:
        ConfigError: there is none, or its manifest is damaged, of another format, or contradicts itself.
    """
    manifest = read_manifest(root, BenchManifest, "benchmark", "dataclaw bench pack --bench BENCH --out PACK")
    if digest_of(manifest.hashes) != manifest.digest:
        reason = f"digest {manifest.digest} is not that of the files it names ({digest_of(manifest.hashes)})"
        raise ConfigError(f"{reason}.", place=str(root), remedy=AGAIN)
    return BenchPack(root, manifest)


def digest_of(files: Mapping[str, str]) -> str:
    """One hash over the hashes of a benchmark's files, by name."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
