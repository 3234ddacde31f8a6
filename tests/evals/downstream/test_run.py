"""A whole downstream run at very small size: it is done once, goes on where it was, and says what was not run."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.downstream.config import DownstreamTask, read_task, task_names
from dataclaw.evals.downstream.plan import plan_lines
from dataclaw.evals.downstream.run import DownstreamRun, check_apart
from dataclaw.evals.downstream.sides import side_of
from dataclaw.evals.downstream.table import NOT_RUN, scores, table_lines

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


def run_in(folder: Path, task: DownstreamTask, demonstrations: Path) -> DownstreamRun:
    return DownstreamRun(task, side_of(task, demonstrations, None), folder)


@needs_torch
@pytest.mark.slow
def test_a_run_goes_on_where_it_was_and_gives_the_same(
    tmp_path: Path, task: DownstreamTask, demonstrations: Path
) -> None:
    run, told = run_in(tmp_path / "out", task, demonstrations), list[str]()
    run.begin()
    run.run(told.append)
    assert "test: 22 rows of 11 groups" in told[0]
    table = list(table_lines(run))
    assert NOT_RUN not in "\n".join(table)
    drawn = [run.set_of(name, 0) for name in task.annotators]
    assert {one["rows"] for one in drawn} == {20}
    words = [one["words"] for one in drawn]
    assert max(words) - min(words) <= 0.01 * max(words)
    assert run.told_of("planner")["refused"] == run.told_of("truth")["refused"] == 2  # the ones that failed
    assert run.told_of("raw")["refused"] == 0
    shutil.rmtree(tmp_path / "out" / "scores")
    again: list[str] = []
    run_in(tmp_path / "out", task, demonstrations).run(again.append)
    assert not any("step" in line or "tells" in line for line in again)
    assert list(table_lines(run))[:-6] == table[:-6]
    with pytest.raises(ConfigError, match="another declaration"):
        run_in(tmp_path / "out", task.model_copy(update={"samples": 3}), demonstrations).begin()


def test_what_was_not_run_is_said(tmp_path: Path, task: DownstreamTask, demonstrations: Path) -> None:
    run = run_in(tmp_path / "out", task, demonstrations)
    run.begin()
    assert scores(run, "raw", "clean") is None
    lines = [line for line in table_lines(run) if NOT_RUN in line]
    assert len(lines) == 2 * len(task.annotators) + len(task.compare) + len(task.annotators)


def test_no_row_of_the_test_split_is_learnt(tmp_path: Path, task: DownstreamTask, demonstrations: Path) -> None:
    side = side_of(task, demonstrations, None)
    rows = side.tell(task.annotators["truth"], tmp_path, lambda _: None).rows
    tests = side.tests()
    check_apart({"truth": rows}, tests)
    with pytest.raises(UsageError, match=r"choose-.* of truth is in the test split"):
        check_apart({"truth": rows}, [replace(tests[0], point=rows[0].point)])


def test_streams_that_are_not_there_are_named(tmp_path: Path, task: DownstreamTask) -> None:
    with pytest.raises(UsageError, match=r"no families to learn in .*Name a folder with --data: MiniWoB"):
        side_of(task, tmp_path, None).pool()


@pytest.mark.parametrize("name", task_names())
def test_plans_name_memory_hours_and_commands(name: str) -> None:
    lines = "\n".join(plan_lines(read_task(name)))
    assert "GB for weights and optimizer" in lines
    assert " h a training" in lines
    assert "    dataclaw " in lines


def test_a_task_that_there_is_not_is_named() -> None:
    with pytest.raises(UsageError, match=r"no downstream task 'gue'.*Did you mean 'gui'"):
        read_task("gue")
