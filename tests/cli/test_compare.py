from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Cli
from tests.run.report.runs import write_run

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"


def test_a_run_is_judged_again(cli: Cli, tmp_path: Path) -> None:
    made = cli("run", "-d", "gui", "-t", "test_steps", "-i", "test steps", TRACE, "-o", "out", "--no-report")
    assert made.returncode == 0, made.stderr
    done = cli("score", "out", "--weights", "anchor=2,evidence=0.5")
    assert done.returncode == 0, done.stderr
    assert "gui.test_steps" in done.stdout
    assert "1 -> 1" in done.stdout
    (line,) = (tmp_path / "out" / "scores.jsonl").read_text().splitlines()
    assert json.loads(line)["after"]["paper_total"] > 2
    assert json.loads(cli("score", "out", "--json", "--no-write").stdout)[0]["task"] == "gui.test_steps"


def test_a_weight_that_is_none_is_refused(cli: Cli, tmp_path: Path) -> None:
    for wrong in ("anchor", "anchor=x", "anchor=-1", "=1", "anchor=nan", "anchor=inf"):
        done = cli("score", tmp_path, "--weights", wrong)
        assert done.returncode == 2, wrong
        assert "is no weight" in done.stderr


def test_two_runs_are_compared(cli: Cli, tmp_path: Path) -> None:
    write_run(tmp_path / "a", good=2, screens=False)
    write_run(tmp_path / "b", good=3, screens=False)
    done = cli("diff", "a", "b")
    assert done.returncode == 0, done.stderr
    assert "2 samples in both, of which 2 the same in every field." in done.stdout
    assert "only in the second: 0000000000000002-action_sequence-0" in done.stdout
    found = json.loads(cli("diff", "a", "b", "--json").stdout)
    assert found["rules"]["evidence"] == {"before": 0.88, "after": 0.88, "samples": 2}
    assert cli("diff", "a", tmp_path / "none").returncode == 2


def test_a_domain_may_be_named_by_its_folder(cli: Cli, tmp_path: Path) -> None:
    assert cli("domain", "new", "shop", "--reads", "gui").returncode == 0
    done = cli("run", "-d", "./shop", "-i", "list it", TRACE, "-o", "out", "--no-report")
    assert done.returncode == 0, done.stderr
    (sample,) = map(json.loads, (tmp_path / "out" / "samples.jsonl").read_text().splitlines())
    assert sample["domain"] == "shop"


def test_runs_with_nothing_in_common_say_so(cli: Cli, tmp_path: Path) -> None:
    write_run(tmp_path / "a", good=1, screens=False)
    write_run(tmp_path / "b", good=1, screens=False)
    sample = json.loads((tmp_path / "b" / "samples.jsonl").read_text()) | {
        "id": "0" * 16 + "-how_to-0",
        "task": "how_to",
    }
    (tmp_path / "b" / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    shown = cli("diff", "a", "b").stdout
    assert shown.startswith("No sample is in both: ")
    assert "rule" not in shown
    assert "only in the second: 0000000000000000-how_to-0" in shown
