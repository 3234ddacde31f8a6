"""The table of a run whose scores are written by hand: shares, kinds, and what was not run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.evals.downstream.config import SmallRecipe, read_task
from dataclaw.evals.downstream.run import DownstreamRun
from dataclaw.evals.downstream.side import side_of
from dataclaw.evals.downstream.table import NOT_RUN, scores, table_lines

GROUPS = {"a#0": "order", "a#1": "gripper", "b#0": "gripper"}
"""Triplets by kind, of the streams a and b."""


@pytest.fixture
def run(tmp_path: Path) -> DownstreamRun:
    whole = read_task("vqa").small
    assert whole is not None
    task = SmallRecipe.model_validate(whole.model_dump() | {"seeds": [0, 1]})
    return DownstreamRun(task, side_of(task, tmp_path, tmp_path), tmp_path)


def write(run: DownstreamRun, name: str, right: dict[str, str]) -> None:
    """A file of scores: of each triplet three digits, 1 for a right answer."""
    lines = [
        json.dumps({"stream": group[0], "group": group, "kind": GROUPS[group], "chosen": "o0", "right": float(digit)})
        for group, digits in right.items()
        for digit in digits
    ]
    file = run.out / "scores" / f"{name}.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n")


def test_partial_is_of_rows_and_overall_of_triplets(run: DownstreamRun) -> None:
    write(run, "raw-0", {"a#0": "111", "a#1": "110", "b#0": "000"})
    assert scores(run, "raw", "right") is None
    write(run, "raw-1", {"a#0": "111", "a#1": "111", "b#0": "100"})
    found = scores(run, "raw", "right")
    assert found is not None
    assert found.shares["mean"][0] == [[1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 0, 0]]
    assert found.shares["whole"] == ([[1, 0, 0], [1, 1, 0]], ["a", "a", "b"])
    assert found.by_seed == {0: pytest.approx(5 / 9), 1: pytest.approx(7 / 9)}
    assert found.of_kind("whole", "gripper") == 0.25
    assert found.of_kind("mean", "order") == 1.0


def test_only_the_declared_shares_are_told_and_kinds_beside_them(run: DownstreamRun) -> None:
    for seed in (0, 1):
        write(run, f"raw-{seed}", {"a#0": "111", "a#1": "110", "b#0": "000"})
    lines = list(table_lines("questions", run))
    assert "| annotator | partial | overall | by seed |" in lines
    assert "Tested on 9 rows in 3 groups." in lines
    (told,) = [line for line in lines if line.startswith("| raw: ")]
    assert told.split("|")[2].strip().startswith("55.6 [")
    assert told.split("|")[3].strip().startswith("33.3 [")
    at = lines.index("## partial, overall, by kind")
    assert lines[at + 2 : at + 5] == [
        "| annotator | gripper | order |",
        "|---|---|---|",
        "| raw | 33.3, 0.0 | 100.0, 100.0 |",
    ]
    assert sum(NOT_RUN in line for line in lines) == 4 + len(run.task.compare) + 5  # annotators, pairs, costs


def test_rows_without_kinds_have_no_table_of_kinds(run: DownstreamRun) -> None:
    assert not any("by kind" in line for line in table_lines("questions", run))
