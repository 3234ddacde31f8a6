"""The domain's own examples: the gold answer passes its rubric and beats every wrong one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.domains import gui
from dataclaw.plugins import load_domain
from dataclaw.rewards import Verdict
from dataclaw.schema import narrow
from dataclaw.types import Action, Brief, Stream
from tests.domains.gui.driver import Asking, brief_for, case_of, run
from tests.domains.gui.streams import stream_of

DOMAIN = load_domain("gui")
ROWS = [json.loads(line) for line in (Path(gui.__file__).parent / "fixtures.jsonl").read_text().splitlines()]


def looking(brief: Brief) -> Asking:
    """Everything a policy would look at before it writes."""
    yield Action("overview", {})
    for part in brief.labels or [""]:
        yield Action("list_events", {"part": part} if part else {})
    if brief.labels:
        yield Action("compare_parts", {})
    else:
        yield Action("segment_actions", {})
    yield Action("submit", {"draft": None})


def verdict(row: dict[str, Any], stream: Stream, draft: Any) -> Verdict:
    task = DOMAIN.task(row["task"])
    brief = brief_for(stream, row["intent"], row["task"], task.schema)
    done = run(looking, stream, brief)
    assert not done.failures
    schema = narrow(task.schema, frames=0, window=brief.window, anchor_ids=tuple(done.anchors), labels=brief.labels)
    case = replace(case_of(done, stream, brief, schema, draft), reference=row["gold"])
    return task.rubric.score(case)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["task"])
def test_gold_passes_and_beats_every_wrong_answer(row: dict[str, Any]) -> None:
    stream = stream_of(row["stream"], row["task"])
    gold = verdict(row, stream, row["gold"])
    assert gold.passed, gold.findings()
    assert gold.total > 0.97, gold.findings()
    assert len(row["wrong"]) >= 2
    for wrong in row["wrong"]:
        other = verdict(row, stream, wrong["draft"])
        assert other.total < gold.total - 0.02, wrong["why"]


def test_every_task_has_an_example() -> None:
    assert {row["task"] for row in ROWS} == set(DOMAIN.tasks)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["task"])
@pytest.mark.parametrize("draft", [None, {}, [], "text", {"cot": []}, {"steps": [{}]}, {"actions": "all"}], ids=repr)
def test_rules_stand_any_draft(row: dict[str, Any], draft: Any) -> None:
    found = verdict(row, stream_of(row["stream"], row["task"]), draft)
    assert not found.failed
    assert found.total == 0.0


@pytest.mark.parametrize("row", [r for r in ROWS if r["task"] != "navigation_sft"], ids=lambda row: row["task"])
def test_the_plan_passes_its_own_rubric_on_the_example(row: dict[str, Any]) -> None:
    stream = stream_of(row["stream"], row["task"])
    task = DOMAIN.task(row["task"])
    assert task.plan is not None
    brief = brief_for(stream, row["intent"], row["task"], task.schema)
    done = run(task.plan, stream, brief)
    schema = narrow(task.schema, frames=0, window=brief.window, anchor_ids=tuple(done.anchors), labels=brief.labels)
    found = task.rubric.score(case_of(done, stream, brief, schema))
    assert found.passed, found.findings()
    assert run(task.plan, stream, brief).drafts == done.drafts


def test_without_the_size_of_the_screen_there_is_no_code() -> None:
    row = next(r for r in ROWS if r["task"] == "navigation_sft")
    described = {k: v for k, v in row["stream"].items() if k != "screen_size"}
    stream, task = stream_of(described), DOMAIN.task("navigation_sft")
    assert task.plan is not None
    done = run(task.plan, stream, brief_for(stream, row["intent"], "navigation_sft", task.schema))
    assert done.draft["steps"] == []
