"""Pinned benchmarks: known by what they hold, and every file that differs is named."""

from __future__ import annotations

import json
from pathlib import Path

from dataclaw.evals.bench import MANIFEST, Bench, read_bench
from dataclaw.evals.frozen import Frozen, frozen, meant_by, name_of


def test_a_benchmark_built_again_is_the_pinned_one(bench: Bench) -> None:
    pinned = Frozen("tiny-1", json.loads((bench.root / MANIFEST).read_text()))
    assert pinned.digest == bench.digest
    assert pinned.differs(bench) == []
    assert meant_by(bench, [pinned]) is pinned


def test_files_that_differ_are_named(built: Path, bench: Bench) -> None:
    manifest = json.loads((built / MANIFEST).read_text())
    name = next(name for name in manifest["files"] if name.endswith(".srt"))
    manifest["files"] = {**manifest["files"], name: "0" * 64, "gone.txt": "1" * 64}
    pinned = Frozen("tiny-1", manifest)
    assert pinned.digest != bench.digest
    assert pinned.differs(bench) == sorted([name, "gone.txt"])
    assert meant_by(bench, [pinned]) is pinned


def test_another_question_is_no_pinned_benchmark(bench: Bench) -> None:
    other = Frozen("other", {**bench.manifest, "asked": {**bench.manifest["asked"], "count": 1}})
    assert meant_by(bench, [other]) is None
    assert name_of(read_bench(bench.root).digest) == ""


def test_what_ships_is_named_by_its_digest() -> None:
    for one in frozen():
        assert name_of(one.digest) == one.name
        assert one.manifest["items"]["val"] == one.manifest["asked"]["count"]
        assert {"val.jsonl", "intent.jsonl"} <= set(one.files)
