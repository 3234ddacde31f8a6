"""Studies that are run: what is done is not done again, what fails stops nothing else, and the table says it all."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataclaw.cli import app
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.charts import smooth
from dataclaw.evals.scoring import ScoredItem
from dataclaw.evals.study.config import read_study
from dataclaw.evals.study.ledger import StageLedger, StageRecord
from dataclaw.evals.study.results import MeasuredRow, compare_rows, mean_rows
from dataclaw.evals.study.run import run
from dataclaw.evals.study.stages import StudyInputs, StudyPlan
from dataclaw.evals.study.table import sure_changes

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))

    def invoke(*arguments: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["study", *map(str, arguments)], env={"COLUMNS": "200"})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return invoke


def test_a_study_from_the_commands_to_the_table(call: Call, planners: Path, built: Path, tmp_path: Path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    options = (planners, "--bench", built, "--out", out, "--limit", 6)
    code, said, _ = call("run", *options, "--dry-run")
    commands = said.splitlines()
    assert (code, len(commands)) == (0, 5)
    assert commands[0].startswith(
        f"dataclaw eval run --bench {built} --model planner --plugins {out}/plugins/_none.toml --limit 6"
    )
    assert call("run", *options, "--minutes", 0.1)[2].count("left") == 6, "five stages, and the sum of them"
    assert call("run", *options, "--unscored", "--only", "one")[0] == 0
    assert call("run", *options, "--unscored", "--only", "one", "--dry-run")[1] == "", "it is predicted"
    assert not (out / "eval" / "one" / "summary.json").exists()
    code, _, told = call("run", *options)
    assert code == 1, "a row failed"
    assert "eval/one: done" in told, "what was predicted is scored"
    assert "eval/two: done" in told, "and did not stop the others"
    assert "1 failed: train/lost" in told
    assert "no model './nowhere'" in told
    assert (
        "2 not done, since a stage that it needs is not, or since it is running already: eval/lost, eval/same" in told
    )
    assert call("run", *options, "--dry-run")[1].splitlines() == commands[1:4], "what is done is not done again"
    assert len(call("run", *options[:-1], 5, "--dry-run")[1].splitlines()) == 5, "with another limit it is"
    other = tmp_path / "other"
    shutil.copytree(built, other)
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["files"]["val.jsonl"] = "0" * 64
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="of another benchmark"):
        call("run", planners, "--bench", other, "--out", out)
    code, said, _ = call("show", planners, "--out", out)
    states = [line.split()[0].rstrip(",") for line in said.splitlines() if "dataclaw " in line]
    assert states == ["done", "failed", "waiting", "waiting", "done"]
    assert call("hack", out / "eval" / "one", "--bench", built)[0] == 0
    assert call("table", planners, "--out", out)[0] == 0
    page = (out / "results.md").read_text(encoding="utf-8")
    assert "| a model that is not there | not measured: waiting |" in page
    assert "| a field of at least 50 | ≥ 50 | **yes** | 100.0 (100.0 to 100.0) |" in page
    assert "| ten points more in every domain | ≥ 10 | **no** | education +0.0" in page
    assert "| what a lost row reaches | ≥ 1 | not known | lost not measured |" in page
    assert "% of 6 drafts |" in page
    assert "| the planner | 6 | 0 | 0 | none |" in page, "the attacks are told"
    assert (out / "results.html").is_file()


def test_a_stage_whose_process_is_gone_was_stopped(planners: Path, tmp_path: Path):
    plan = StudyPlan(read_study(planners), StudyInputs(planners, tmp_path))
    stage, ledger = plan.stages["eval/one"], StageLedger(tmp_path)
    ledger.note(stage, StageRecord("running", stage.essence(), process=1 << 22, host="elsewhere"))
    assert ledger.state(stage) == "stopped"
    ledger.note(stage, StageRecord("done", stage.essence()))
    assert ledger.state(stage) == "waiting", "its result is not there"
    ledger.note(stage, StageRecord("running", stage.essence(), process=os.getpid(), host=socket.gethostname()))
    (news,) = run(plan, [stage], ledger)
    assert (news.what, news.text) == ("skipped", f"is running already, process {os.getpid()}")


def test_a_stage_that_is_asked_to_end_is_stopped_and_goes_on(
    planners: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    plan = StudyPlan(read_study(planners), StudyInputs(planners, tmp_path / "out", bench=built, limit=2))
    stage, ledger = plan.stages["eval/one"], StageLedger(tmp_path / "out")
    going = run(plan, [stage], ledger)
    assert next(going).what == "begins"
    assert ledger.state(stage) == "running"
    process = ledger.record(stage).process
    with pytest.raises(KeyboardInterrupt):
        going.throw(KeyboardInterrupt())
    assert ledger.state(stage) == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert [news.what for news in run(plan, [stage], ledger)][-1] == "done"


def row(name: str, score: float, *, domain: str = "gui") -> ScoredItem:
    axes = {"domain": domain, "task": f"{domain}.t"}
    return ScoredItem(name, name, axes, {"total": score, "field": score, "gate": 1.0})


def of(name: str, rows: list[ScoredItem]) -> MeasuredRow:
    return MeasuredRow(name, name, {0: Path()}, {0: rows}, rows, {})


def test_what_got_worse_is_listed_by_domain_and_score():
    ids = [f"{at}" for at in range(10)]
    before = [row(one, 0.5) for one in ids] + [row(f"d{one}", 0.5, domain="daily") for one in ids]
    after = [row(one, 0.6) for one in ids] + [row(f"d{one}", 0.4, domain="daily") for one in ids]
    found = {"before": of("before", before), "after": of("after", after)}
    worse = "\n".join(sure_changes([compare_rows(found["after"], found["before"])], found, worse=True))
    assert "- daily: total -10.0 (-10.0 to -10.0), p 0.0020; field -10.0" in worse
    assert "gui" not in worse
    assert "overall" not in worse
    better = "\n".join(sure_changes([compare_rows(found["after"], found["before"])], found, worse=False))
    assert "- gui: total +10.0" in better


def test_seeds_are_averaged_item_by_item():
    one, two = [row("a", 0.2), row("b", 0.4)], [row("b", 0.8), row("a", 0.6)]
    assert [(r.id, r.scores["total"]) for r in mean_rows([one, two])] == [("a", 0.4), ("b", pytest.approx(0.6))]
    lost = [replace(one[0], scores={"total": 1.0})]
    assert [(r.id, dict(r.scores)) for r in mean_rows([one, lost])] == [("a", {"total": 0.6})]


def test_a_smoothed_value_is_the_mean_of_those_around_it():
    assert smooth([0.0, 3.0, 0.0, 0.0], 3) == [1.5, 1.0, 1.0, 0.0]
    assert smooth([0.0, 3.0], 1) == [0.0, 3.0]


def test_records_that_are_damaged_are_named(call: Call, planners: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.json").write_text(json.dumps({"corpus": "x"}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"study.json: damaged: 'bench'"):
        call("show", planners, "--out", tmp_path / "out")
