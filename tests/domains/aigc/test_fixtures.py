"""The domain's own examples: gold passes, every wrong answer is held, and the planner hands in what passes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession, fixtures_of, play
from tests.domains.aigc.streams import DOMAIN

ROWS = fixtures_of(DOMAIN)
IDS_IN_TEXT = re.compile(r"(?:(?<=[ (])|first )[a-z]{1,2}\\d+(?=[,.;)]| and )")
"""Ids of anchors as words of a sentence."""
IDS = [f"{row.task}-{row.line}" for row in ROWS]


def said_in(item: Any) -> list[str]:
    """Every `text` of a part of a draft."""
    items = item if isinstance(item, list) else [item]
    return [one["text"] for one in items if isinstance(one, dict)]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_gold_passes_and_every_wrong_answer_is_held(row: Fixture):
    bench = FixtureSession(DOMAIN.task(row.task), row)
    gold = bench.judge(row.gold)
    assert gold.passed, gold.findings()
    assert gold.total > 0.99
    assert len(row.wrong) >= 3
    for wrong in row.wrong:
        verdict = bench.judge(wrong.draft)
        assert not verdict.passed, wrong.why
        assert not verdict.failed, wrong.why
        assert verdict.total < gold.total, wrong.why


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_planner_passes(row: Fixture):
    done = play(DOMAIN, row)
    assert done.is_accepted, done.why
    assert not IDS_IN_TEXT.findall(json.dumps([said_in(done.draft.get(k)) for k in ("cot", "question", "answer")]))


def test_every_task_has_an_example():
    assert {row.task for row in ROWS} == set(DOMAIN.tasks)
