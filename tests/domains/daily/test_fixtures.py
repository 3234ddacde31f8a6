"""The domain's own examples: the gold answer passes and every wrong one is held; the planner passes too."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession, fixtures_of, play
from tests.domains.daily.streams import DOMAIN

ROWS = fixtures_of(DOMAIN)
IDS = [f"{row.task}-{row.line}" for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_gold_passes_and_every_wrong_answer_is_held(row: Fixture) -> None:
    bench = FixtureSession(DOMAIN.task(row.task), row)
    gold = bench.judge(row.gold)
    assert gold.passed, gold.findings()
    sorts = "input_image" in row.gold and row.task == "temporal_qa"  # an order of pictures has no words of its own
    assert gold.total > (0.5 if sorts else 0.99)
    assert len(row.wrong) >= 3
    for wrong in row.wrong:
        verdict = bench.judge(wrong.draft)
        assert not verdict.passed, wrong.why
        assert not verdict.failed, wrong.why
        assert verdict.total < gold.total


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_planner_hands_in_the_gold(row: Fixture) -> None:
    done = play(DOMAIN, row)
    assert done.is_accepted, done.why
    assert done.draft == row.gold


def test_every_task_has_an_example() -> None:
    assert {row.task for row in ROWS} == set(DOMAIN.tasks)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["cite", "text", "items", "answer", "question", "steps", "actions", "t0", "t1", "kind", "order", "pictures",
         "frame", "action", "amount", "input_image", "output_image", "left_out", "cot", "unit"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
BENCHES = {row.task: FixtureSession(DOMAIN.task(row.task), row) for row in ROWS}


@pytest.mark.parametrize("task", sorted(DOMAIN.tasks))
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_stand_any_draft(task: str, data: st.DataObject) -> None:
    """The schema gate would stop most of these; the rules must stand them on their own."""
    bench = BENCHES[task]
    gold: dict[str, Any] = json.loads(json.dumps(bench.row.gold))
    key = data.draw(st.sampled_from(sorted(gold)))
    gold[key] = data.draw(JSON)
    case = bench.session.case(bench.state)
    for use in bench.task.rubric.uses:
        if use.name.startswith("daily."):
            changed = type(case)(
                **{f: getattr(case, f) for f in case.__dataclass_fields__ if f not in {"memo", "draft"}}, draft=gold
            )
            score = use.rule.judge(changed, **use.declared.params)
            assert score.value is None or 0 <= score.value <= 1
