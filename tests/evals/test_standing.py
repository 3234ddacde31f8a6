"""What scored runs say about who decides: only whole runs of a pinned benchmark count, against the planner's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataclaw.cli import app
from dataclaw.errors import UsageError
from dataclaw.evals.standing import baseline, decided_by, measure_domain
from dataclaw.files import sha256_of
from dataclaw.models.adapter_index import INDEX, AdapterIndex, read_index, write_index
from tests.evals.whole import COUNTS, PINNED, whole_run
from tests.run.test_policy_selection import measured as figures
from tests.run.test_policy_selection import shipped

TOTALS = dict.fromkeys(COUNTS, 0.5)


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_run(tmp_path_factory.mktemp("runs") / "planner", "planner", TOTALS)


def test_the_planners_totals_are_read_from_its_run(planner: Path):
    found = baseline(planner)
    assert (found.benchmark, found.digest) == ("open DataClaw-val 2", PINNED.digest)
    assert found.scores == sha256_of(planner / "scores.jsonl")
    row = found.measured["gui"]
    assert (row.items, round(row.total.mean, 2), row.more) == (200, 0.5, None)
    assert row.total.low < row.total.mean < row.total.high


def test_a_run_is_compared_with_the_planners_item_by_item(planner: Path, tmp_path: Path):
    run = whole_run(tmp_path / "run", "by domain", TOTALS | {"gui": 0.6}, models={"gui": "embedded + gui (0123)"})
    row = measure_domain(run, "gui", planner)
    assert row.more is not None
    assert round(row.more.mean, 6) == round(row.more.low, 6) == 0.1  # every item is better by as much
    same = measure_domain(run, "daily", planner).more
    assert same is not None
    assert same.mean == 0
    summary = json.loads((run / "summary.json").read_text())
    assert decided_by(summary, "gui") == "embedded + gui (0123)"
    assert decided_by(summary, "daily") == ""


@pytest.mark.parametrize(
    ("model", "told", "why"),
    [
        ("embedded", {}, "is a run of 'embedded'"),
        ("planner", {"limit": 999}, "199 of 200 items of gui were asked for"),
        ("planner", {"bench": "0" * 64}, "no run of a pinned benchmark's val"),
    ],
)
def test_other_runs_are_no_baseline(model: str, told: dict[str, Any], why: str, tmp_path: Path):
    with pytest.raises(UsageError, match=why):
        baseline(whole_run(tmp_path / "run", model, TOTALS, **told))


def test_the_command_writes_the_index_and_names_what_no_longer_counts(planner: Path, tmp_path: Path):
    folder = tmp_path / "adapters"
    command = ["models", "baseline", str(planner), "--into", str(folder)]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "planner on open DataClaw-val 2: aigc 50.0, daily 50.0" in done.stdout
    index = read_index(folder)
    write_index(
        folder, AdapterIndex(planner=index.planner, adapters={"gui": shipped(folder, "gui", {"gui": figures(0.6)})})
    )
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert "do not count: gui; ship them again" in done.stderr
    assert read_index(folder).adapters.keys() == {"gui"}
    assert (folder / INDEX).read_text().startswith("# Written by")
