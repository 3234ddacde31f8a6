"""Benchmarks that are pinned: what was frozen, file by file, so that numbers from anywhere mean the same thing.

`pinned/NAME.json` is the manifest of a frozen benchmark. Its streams are not shipped: they are built anew and compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from dataclaw.corpus.packs.benchmark_pack import digest_of
from dataclaw.evals.benchmark import Benchmark
from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class PinnedBenchmark:
    """A pinned benchmark.

    Attributes:
        name: what it is called in results.
        manifest: its manifest when it was frozen.
    """

    name: str
    manifest: Mapping[str, Json]

    @property
    def files(self) -> Mapping[str, str]:
        """Hash of every file."""
        return cast("Mapping[str, str]", self.manifest["files"])

    @property
    def digest(self) -> str:
        """The digest of the whole benchmark."""
        return digest_of(self.files)

    def differs(self, bench: Benchmark) -> list[str]:
        """Names of the files that are other, missing or more in a benchmark, sorted; empty when it is this one."""
        there = cast("Mapping[str, str]", bench.manifest["files"])
        return sorted(name for name in {*self.files, *there} if self.files.get(name) != there.get(name))


@cache
def pinned_benchmarks() -> tuple[PinnedBenchmark, ...]:
    """Every pinned benchmark, by name."""
    folder = files("dataclaw.evals") / "pinned"
    found = sorted((item.name, item) for item in folder.iterdir() if item.name.endswith(".json"))
    return tuple(PinnedBenchmark(name.removesuffix(".json"), json.loads(item.read_bytes())) for name, item in found)


def name_of(digest: str) -> str:
    """Name of the pinned benchmark with that digest, "" where it is none of them."""
    return next((one.name for one in pinned_benchmarks() if one.digest == digest), "")


def requested_benchmark(bench: Benchmark, among: Sequence[PinnedBenchmark] | None = None) -> PinnedBenchmark | None:
    """The pinned benchmark that was asked for in the same words: same counts, domains, worlds and first seed.

    Args:
        bench: a benchmark that was built.
        among: pinned ones; those that ship where left out.
    """
    known = pinned_benchmarks() if among is None else among
    return next((one for one in known if one.manifest["asked"] == bench.manifest["asked"]), None)
