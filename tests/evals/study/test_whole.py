"""The whole of a study at small size: a tiny model learns, is reinforced, decides for its domain, and is compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("matplotlib")

from dataclaw.corpus.build import build
from dataclaw.corpus.config import CorpusConfig
from dataclaw.corpus.export import export
from tests.train.led import small_model

STUDY = """
domains = ["education"]
batch = 4
ablation = ["grpo", "no-anchor"]
scaling = { sft = ["half", "sft"] }

[rows.planner]
about = "planner"
model = "planner"

[rows.sft]
about = "SFT"
train = "sft"
recipe = "recipe.toml"
tokens = 100

[rows.grpo]
about = "SFT + GRPO"
train = "grpo"
recipe = "recipe.toml"
start = "sft"
tokens = 100

[rows.no-anchor]
about = "without R_anchor"
train = "grpo"
recipe = "recipe.toml"
start = "sft"
without = ["anchor"]
tokens = 100

[rows.experts]
about = "Experts"
train = "sft"
recipe = "recipe.toml"
experts = true
tokens = 100

[rows.routed]
about = "routed"
of = "experts"
routed = true
tokens = 100

[rows.half]
about = "half of the data"
train = "sft"
recipe = "recipe.toml"
share = 0.5
tokens = 100

[[compare]]
row = "sft"
against = "planner"

[[reach]]
say = "a speed"
row = "sft"
metric = "tokens_per_second"
at_least = 1

[[reach]]
say = "a time"
row = "grpo"
metric = "hours"
at_most = 1
"""
RECIPE = """
[model]
name = "{model}"
device = "cpu"
lora = {{ r = 4, alpha = 8 }}
[data]
max_tokens = 4096
validation = 0
[grpo]
group = 2
prompts_per_step = 1
max_new_tokens = 8
max_tokens = 4096
"""


@pytest.fixture
def place(tiny: str, tmp_path: Path) -> Path:
    config = CorpusConfig(worlds=[tiny], streams=4, asks=2, detours=0.0, difficulties=[1], validation=0.0)
    assert all(not news.failure for news in build(config, tmp_path / "corpus"))
    export(config, tmp_path / "corpus")
    small_model(tmp_path / "corpus", tmp_path / "model")
    (tmp_path / "recipe.toml").write_text(RECIPE.format(model=tmp_path / "model"), encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_row_of_a_study_and_its_table(place: Path, built: Path):
    environment = {**os.environ, "DATACLAW_CACHE": str(place / "cache"), "OMP_NUM_THREADS": "1"}

    def study(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dataclaw.cli", "study", *arguments]
        return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)

    options = (
        "study.toml",
        "--corpus",
        "corpus",
        "--bench",
        str(built),
        "--limit",
        "4",
        "--steps",
        "2",
        "--out",
        "out",
    )
    stopped = study("run", *options, "--only", "sft", "--minutes", "0.5")
    assert stopped.returncode == 0, stopped.stderr
    done = study("run", *options)
    assert done.returncode == 0, done.stderr
    assert study("run", *options, "--dry-run").stdout == ""
    written = study("table", "study.toml", "--out", "out")
    assert written.returncode == 0, written.stderr
    page = (place / "out" / "results.md").read_text(encoding="utf-8")
    assert "not measured" not in page
    assert "| a speed | ≥ 1 | **yes** |" in page
    assert "| a time | ≤ 1 | **yes** |" in page
    assert page.count("](rewards-") == 2
    for name in ("rewards-grpo", "rewards-no-anchor", "results-scaling", "results-ablation"):
        assert (place / "out" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    run = json.loads((place / "out/eval/routed/run.json").read_text())
    assert run["routed"]
    assert "train/experts-education/adapter (" in run["models"]["education"]
    assert json.loads((place / "out/train/grpo/run.json").read_text())["config"]["grpo"]["steps"] == 2
