"""A benchmark of a tiny world, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.evals.benchmark import Benchmark, read_bench
from dataclaw.evals.build import BenchPlan, make_bench
from dataclaw.worlds import register

COUNT = 12


@pytest.fixture(scope="session")
def tiny() -> str:
    """Name of the tiny world."""
    register("tiny", "tests.evals.tiny:WORLD")
    return "tiny"


@pytest.fixture(scope="session")
def built(tiny: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a benchmark of the tiny world; not to be changed."""
    out = tmp_path_factory.mktemp("bench") / "tiny"
    list(make_bench(BenchPlan.of(COUNT, COUNT, names=[tiny]), out))
    return out


@pytest.fixture
def bench(built: Path) -> Benchmark:
    """The benchmark, read."""
    return read_bench(built)
