"""The pack of the open benchmark that lies in the repository is that benchmark, and runs without media."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from dataclaw.cli import app
from dataclaw.evals.benchmark import read_bench
from dataclaw.evals.pinned_benchmarks import name_of, pinned_benchmarks

PACK = Path(__file__).parents[2] / "packs" / "open-2"


def test_it_is_the_newest_pinned_benchmark() -> None:
    bench = read_bench(PACK)
    assert name_of(bench.digest) == pinned_benchmarks()[-1].name == PACK.name
    assert len(list(bench.items("val"))) == 1000
    assert len(list(bench.items("intent"))) == 200


def test_it_runs_without_media(tmp_path: Path) -> None:
    order = ["eval", "run", "--bench", str(PACK), "--model", "planner", "--limit", "5", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, order)
    assert done.exit_code == 0, done.output
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert (summary["packed"], summary["overall"]["n"], summary["unavailable"]["calls"]) == (True, 5, 0)
    assert 0.2 < summary["overall"]["total"]["mean"] < 1.0
