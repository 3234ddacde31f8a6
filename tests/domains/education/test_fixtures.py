"""The domain's own examples: the gold answers pass, every wrong one is held, and the planner finds its own way."""

from functools import cache
from typing import Any

import pytest

from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import FixtureSession, fixtures_of, play
from dataclaw.plugins import load_domain

DOMAIN = load_domain("education")
ROWS = fixtures_of(DOMAIN)
IDS = [f"{row.task}-{row.line}" for row in ROWS]


@cache
def bench(at: int) -> FixtureSession:
    return FixtureSession(DOMAIN.task(ROWS[at].task), ROWS[at])


def test_every_task_has_an_example_with_three_wrong_answers() -> None:
    assert {row.task for row in ROWS} == set(DOMAIN.tasks)
    assert all(len(row.wrong) >= 3 for row in ROWS)


@pytest.mark.parametrize("at", range(len(ROWS)), ids=IDS)
def test_gold_passes_in_full(at: int) -> None:
    verdict = bench(at).judge(ROWS[at].gold)
    assert verdict.passed, verdict.findings()
    assert verdict.total == pytest.approx(1.0)


NO_ANSWERS: list[Any] = [None, {}, [], "text", {"cot": []}, {"pairs": [{}]}, {"answer": "x"}]
WRONG = [(at, k) for at, row in enumerate(ROWS) for k in range(len(row.wrong))]


@pytest.mark.parametrize(("at", "k"), WRONG, ids=[f"{IDS[at]}-{ROWS[at].wrong[k].why[:40]}" for at, k in WRONG])
def test_a_wrong_answer_is_held(at: int, k: int) -> None:
    verdict = bench(at).judge(ROWS[at].wrong[k].draft)
    assert not verdict.passed
    assert verdict.total < 1.0 - 0.001
    assert not verdict.failed


@pytest.mark.parametrize("at", range(len(ROWS)), ids=IDS)
def test_the_planner_passes_and_says_the_same_again(at: int) -> None:
    done = play(DOMAIN, ROWS[at])
    assert done.is_accepted, done.why
    assert play(DOMAIN, ROWS[at]).draft == done.draft


@pytest.mark.parametrize("at", range(len(ROWS)), ids=IDS)
@pytest.mark.parametrize("draft", NO_ANSWERS, ids=repr)
def test_rules_stand_any_draft(at: int, draft: Any) -> None:
    verdict = bench(at).judge(draft)
    assert not verdict.failed
    assert verdict.total == 0.0


@pytest.mark.slow
def test_the_domain_passes_its_check_without_a_warning() -> None:
    report = check_domain("education")
    assert report.is_sound, report.of("error")
    assert not report.of("warning")
