"""Figures of a dataset report, counted by hand from a run of three samples and two rejections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.dataset.figures import measure
from tests.run.report.runs import INTENT, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "out", screens=False)


def test_samples_rejections_and_what_is_alike(run: Path) -> None:
    found = measure([run])
    task = found.tasks["gui.action_sequence"]
    assert (task.accepted, task.rejected, task.repaired) == (3, 1, 1)
    assert (found.accepted, found.rejected, len(found.streams)) == (3, 2, 5)
    assert task.share == pytest.approx(0.75)
    assert task.intents == {INTENT: 3}
    assert [one for one, _ in found.near] == [f"{i:016x}-action_sequence-0" for i in (1, 2)], "all three say the same"
    assert found.left_out == {"other_window": 6, "no_effect": 3}
    assert found.events == 24
    assert found.stops == {"repairs_spent": 1, "stream_error": 1}
    assert task.declared > 5, "the domain is installed"


def test_totals_and_rules(run: Path) -> None:
    found = measure([run])
    assert sorted(found.tasks["gui.action_sequence"].totals) == pytest.approx([0.896, 0.916, 0.936])
    assert found.tasks["gui.action_sequence"].spread("total")[1] == pytest.approx(0.916)
    histogram = found.histogram()
    assert sum(histogram) == 3
    assert histogram[17] == 1
    assert histogram[18] == 2
    assert found.rules["evidence"].held == 1
    assert all(0 <= score <= 1 for rule in found.rules.values() for score in rule.scores)


def test_reasons_that_differ_in_a_number_are_one(run: Path) -> None:
    lines = (run / "rejected.jsonl").read_text().splitlines()
    row = json.loads(lines[-1])
    row |= {"id": "unread-2", "reason": row["reason"].replace("12", "7")}
    with (run / "rejected.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    found = measure([run])
    ((reason, remedy), count) = found.reasons.most_common(1)[0]
    assert (reason, count) == ("the archive ends in the middle of screenshot ….", 2)
    assert found.examples[reason, remedy] == ("broken.zip", "the archive ends in the middle of screenshot 12.")


def test_a_sample_that_two_folders_have_counts_once(run: Path) -> None:
    assert measure([run, run]).accepted == 3


def test_an_empty_folder_and_a_broken_trace_are_told(run: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no run is here"):
        measure([tmp_path / "empty"])
    trace = next((run / "traces").glob("0000000000000000-*.json"))
    trace.write_text(json.dumps({**json.loads(trace.read_text()), "facts": {"events": 3}}))
    with pytest.raises(UsageError, match="not a trace: 1 wrong fields"):
        measure([run])
