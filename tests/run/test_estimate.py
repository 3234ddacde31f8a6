"""What a dry run says is what the run takes, where the model goes the plan's way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.steps import action_text
from dataclaw.config import RunConfig
from dataclaw.models.image_tokens import text_tokens
from dataclaw.run.api import tailor
from dataclaw.run.estimate import REHEARSED, estimate
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run, sources_at
from dataclaw.testing import Asked, ModelServer, Reply
from dataclaw.types import Action
from tests.run.test_run import registry as registry
from tests.run.test_run import write_trace

CUT = Path(__file__).parents[2] / "examples/cuts"
INTENT = "How was this cut made?"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))


class Plan:
    """Answers as the planner's own rollout went on, and counts what it reads."""

    def __init__(self, script: list[Action]) -> None:
        self.script = script
        self.read = self.requests = 0

    def __call__(self, asked: Asked) -> Reply:
        told = "\n".join(asked.texts)
        self.requests += 1
        self.read += text_tokens(asked.prefix) + sum(map(text_tokens, asked.texts))
        assert not asked.images
        if '"keep"' in told or '"texts"' in told:
            return Reply("{}")
        missing = [one for one in self.script[:-1] if called(one) not in told and action_text(one) not in told]
        missing = [] if asked.turns and asked.body.get("tools") else missing
        if asked.body.get("tools"):
            return Reply(calls=missing or self.script[-1:])
        return Reply(action_text((missing or self.script[-1:])[0]))


def called(action: Action) -> str:
    """A call as the first message tells it."""
    return f"{action.tool}({', '.join(f'{key}={value!r}' for key, value in action.args.items())})"


def planned(source: str) -> list[Action]:
    (outcome,) = tailor(source, INTENT, domain="aigc", choose="rules")
    turns: list[Any] = [turn["action"] for turn in outcome.traces[0]["turns"] if turn["role"] == "policy"]
    return [Action(turn["tool"], turn["args"]) for turn in turns if turn["tool"] != "choose"]


@pytest.mark.parametrize("way", [{"tools": "native"}, {"tools": "json"}, {"mode": "choose"}])
def test_a_replay_takes_what_was_said_within_a_quarter(way: dict[str, Any], tmp_path: Path) -> None:
    (source,) = sources_at([CUT])
    plan = Plan(planned(source))
    with ModelServer(plan) as server:
        asked = {"model": "openai:m", "base_url": server.url, "domain": "aigc", "choose": "rules"}
        setup = prepare(RunConfig(intent=INTENT, **asked, **way))
        (row,) = estimate(setup, sources_at([CUT]))
        assert plan.requests == 0, "a dry run asks nobody"
        (*_, end) = run(setup, sources_at([CUT]), tmp_path / "out")
    assert end.outcome
    assert end.outcome.samples
    assert row.samples == 1
    assert row.usage.requests == plan.requests
    assert row.usage.read == pytest.approx(plan.read, rel=0.25)


def test_the_sum_of_a_dry_run_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    setup = prepare(RunConfig(intent=INTENT, model="openai:gpt-5", domain="aigc"))
    (row,) = estimate(setup, sources_at([CUT]))
    assert row.cost
    assert json.loads(json.dumps(row.to_json()))["read"] == row.usage.read > 1000


def test_of_many_streams_some_are_rehearsed_and_the_others_are_like_them(tmp_path: Path, registry: Path) -> None:
    traces = [str(write_trace(tmp_path / "in", number)) for number in range(REHEARSED + 4)]
    setup = prepare(RunConfig(intent="List what happened", domain="toy", model="openai:m"), registry)
    told: list[str] = []
    rows = estimate(setup, sources_at([*traces, str(tmp_path / "gone.mp4")]), told.append)
    known, lost = rows[:-1], rows[-1]
    assert lost.kind == "rejected"
    assert sum(row.rehearsed for row in known) == len(told) == REHEARSED
    means = [row for row in known if not row.rehearsed]
    assert {row.usage for row in means} == {means[0].usage}
    done = [row.usage.read for row in known if row.rehearsed]
    assert means[0].usage.read == round(sum(done) / len(done))
