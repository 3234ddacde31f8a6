"""Pinned benchmarks: known by what they hold, and every file that differs is named."""

from __future__ import annotations

import json
from pathlib import Path

from dataclaw.evals.benchmark import MANIFEST, Benchmark, read_bench
from dataclaw.evals.pinned_benchmarks import PinnedBenchmark, name_of, pinned_benchmarks, requested_benchmark


def test_a_benchmark_built_again_is_the_pinned_one(bench: Benchmark) -> None:
    pinned = PinnedBenchmark("tiny-1", json.loads((bench.root / MANIFEST).read_text()))
    assert pinned.digest == bench.digest
    assert pinned.differs(bench) == []
    assert requested_benchmark(bench, [pinned]) is pinned


def test_files_that_differ_are_named(built: Path, bench: Benchmark) -> None:
    manifest = json.loads((built / MANIFEST).read_text())
    name = next(name for name in manifest["files"] if name.endswith(".srt"))
    manifest["files"] = {**manifest["files"], name: "0" * 64, "gone.txt": "1" * 64}
    pinned = PinnedBenchmark("tiny-1", manifest)
    assert pinned.digest != bench.digest
    assert pinned.differs(bench) == sorted([name, "gone.txt"])
    assert requested_benchmark(bench, [pinned]) is pinned


def test_another_question_is_no_pinned_benchmark(bench: Benchmark) -> None:
    other = PinnedBenchmark("other", {**bench.manifest, "asked": {**bench.manifest["asked"], "count": 1}})
    assert requested_benchmark(bench, [other]) is None
    assert name_of(read_bench(bench.root).digest) == ""


def test_what_ships_is_named_by_its_digest() -> None:
    for one in pinned_benchmarks():
        assert name_of(one.digest) == one.name
        assert one.manifest["items"]["val"] == one.manifest["asked"]["count"]
        assert {"val.jsonl", "intent.jsonl"} <= set(one.files)
