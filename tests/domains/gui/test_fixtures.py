"""The domain's own examples: the gold answer passes its rubric and beats every wrong one."""

from functools import cache
from statistics import fmean
from typing import Any

import pytest

from dataclaw.kit.check import check_domain
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession, fixtures_of, play, stream_of
from dataclaw.plugins import load_domain
from tests.domains.gui.driver import brief_for, run

DOMAIN = load_domain("gui")
ROWS = {row.task: row for row in fixtures_of(DOMAIN)}


LEAST = {"long_horizon_reconstruction": 0.7, "multi_event_decomposition": 0.95}
"""Fragments without pictures make a sample without input, and two events make no inference certain."""


@cache
def bench(task: str) -> FixtureSession:
    return FixtureSession(DOMAIN.task(task), ROWS[task], reference=True)


@pytest.mark.parametrize("task", DOMAIN.tasks)
def test_gold_passes_and_beats_every_wrong_answer(task: str) -> None:
    row = ROWS[task]
    gold = bench(task).judge(row.gold)
    assert gold.passed, gold.findings()
    assert gold.total > LEAST.get(task, 0.97), gold.findings()
    assert fmean(score for term, score in gold.terms.items() if term != "worth" and score is not None) > 0.97
    assert len(row.wrong) >= 2
    for wrong in row.wrong:
        assert bench(task).judge(wrong.draft).total < gold.total - 0.01, wrong.why


@pytest.mark.parametrize("task", DOMAIN.tasks)
@pytest.mark.parametrize("draft", [None, {}, [], "text", {"cot": []}, {"steps": [{}]}, {"actions": "all"}], ids=repr)
def test_rules_stand_any_draft(task: str, draft: Any) -> None:
    found = bench(task).judge(draft)
    assert not found.failed
    assert found.total == 0.0


@pytest.mark.parametrize("task", DOMAIN.tasks)
def test_the_planner_passes_on_the_example(task: str) -> None:
    done = play(DOMAIN, ROWS[task])
    assert done.is_accepted, done.why
    assert play(DOMAIN, ROWS[task]).draft == done.draft


def test_without_the_size_of_the_screen_there_is_no_code() -> None:
    row = ROWS["navigation_sft"]
    sizeless = Fixture.model_validate(row.model_dump() | {"stream": row.stream.model_dump() | {"meta": {}}})
    stream, task = stream_of(sizeless), DOMAIN.task("navigation_sft")
    assert task.plan is not None
    done = run(task.plan, stream, brief_for(stream, row.intent, "navigation_sft", task.schema))
    assert done.draft["steps"] == []


def test_the_domain_passes_its_check_with_every_warning_explained() -> None:
    report = check_domain("gui")
    assert report.is_sound, report.of("error")
    assert not report.of("warning")
