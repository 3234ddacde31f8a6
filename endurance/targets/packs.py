"""Packs and benchmarks: signed again after they were damaged, as whoever means harm would do."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from dataclaw.domain import Domain
from endurance.target import FuzzTarget
from endurance.targets.opening import files
from endurance.targets.runs import command

CALLS = json.dumps([{"key": "0" * 16, "tool": "list_events", "result": json.dumps(
    {"note": "", "anchors": [{"id": "e0", "kind": "event", "content": "a", "t0": 0.0, "t1": 1.0}], "pictures": [],
     "data": {"a": 1}})}])  # fmt: skip


def _corpus_pack(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "corpus"
        command("corpus", "build", "-d", "education", "--world", "talk", "--streams", "1", "--asks", "2", "-o", out)
        command("corpus", "pack", out, "--out", folder / "pack")


def _bench_pack(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "bench"
        args = ("-d", "aigc", "--world", "cuts", "--count", "2", "--requests", "1")
        command("bench", "build", *args, "--out", out)
        command("bench", "pack", "--bench", out, "--out", folder / "pack")
    shutil.rmtree(folder / "pack" / "adapters", ignore_errors=True)


def _bench(folder: Path) -> None:
    args = ("-d", "aigc", "--world", "cuts", "--count", "2", "--requests", "1")
    command("bench", "build", *args, "--out", folder / "bench")
    for path in (folder / "bench").iterdir():
        if path.name.startswith("."):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _sign(folder: Path) -> None:
    """Write the hashes of the files of a pack as they are now into its manifest, where that can be read."""
    file = folder / "manifest.json"
    try:
        said: Any = json.loads(file.read_bytes())
        for table in ("files", "traces"):
            for name, known in said.get(table, {}).items():
                data = (folder / (known.get("file") or name)).read_bytes()
                known |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        text = json.dumps(said)
    except (ValueError, AttributeError, TypeError, OSError, RecursionError):
        return
    file.write_text(text, encoding="utf-8")


@cache
def _education() -> Domain:
    from dataclaw.plugins import load_domain

    return load_domain("education")


def read_pack(folder: Path) -> None:
    """Every request, stream, picture and trace of the pack of a corpus."""
    from dataclaw.corpus.packs.corpus_pack import read_pack as read

    _sign(folder)
    pack = read(folder)
    for ask in pack.requests(part=None):
        pack.session(ask, _education())
    for key in pack.manifest.streams:
        frames = pack.stream(key).frames
        if frames is not None:
            frames.read(range(len(frames.times)))
    for line in pack.traces("training"):
        len(line)


def read_bench_pack(folder: Path) -> None:
    """Every item and stream of the pack of a benchmark."""
    from dataclaw.evals.benchmark import SETS, read_bench

    _sign(folder)
    bench = read_bench(folder, check=False)
    for name in SETS:
        for item in bench.items(name):
            if bench.pack:
                bench.pack.stream(item.scene)


def read_bench(folder: Path) -> None:
    """Every item of a benchmark."""
    from dataclaw.evals.benchmark import SETS, read_bench

    bench = read_bench(folder, check=False)
    for name in SETS:
        for item in bench.items(name):
            item.cited_reference()


def _calls(file: Path) -> None:
    from dataclaw.corpus.packs.tool_results import read_calls

    read_calls(file.read_bytes().decode("utf-8", "replace"), str(file))


def _lines(file: Path) -> None:
    from dataclaw.corpus.packs.xz import read_lines

    for line in read_lines(file, 2**22):
        len(line)


def _packed_lines(folder: Path) -> None:
    from dataclaw.corpus.packs.xz import pack_lines

    pack_lines(folder / "a.xz", [b'{"id": 1}\n', b'{"id": 2}\n'])


TARGETS = (
    FuzzTarget("pack of a corpus", _corpus_pack, read_pack, 1),
    FuzzTarget("pack of a benchmark", _bench_pack, read_bench_pack, 6),
    FuzzTarget("pack calls", files(calls_json=CALLS), _calls, 20),
    FuzzTarget("pack lines", _packed_lines, _lines, 20),
    FuzzTarget("benchmark", _bench, read_bench, 8, files=("*.json", "val.jsonl", "test.jsonl")),
)
