"""Runs whose model is asked over a network: what an outage, a refusal, a limit of costs and a stop leave behind."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.steps import action_text
from dataclaw.config import RunConfig
from dataclaw.errors import ConfigError, RunStoppedError, UsageError
from dataclaw.run.ledger import Outcome
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from dataclaw.testing import Asked, Fault, ModelServer, Reply
from dataclaw.types import Action
from tests.run.test_run import registry as registry
from tests.run.test_run import write_trace


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("dataclaw.agent.policy.asking.PAUSE", 0.01)


@pytest.fixture
def traces(tmp_path: Path) -> list[str]:
    return [str(write_trace(tmp_path / "in", number)) for number in range(6)]


def draft(asked: Asked) -> Reply:
    """The first event, as the toy domain has it."""
    made = Action("submit", {"draft": {"steps": [{"cite": ["e0"], "verb": "click"}]}})
    return Reply(action_text(made), read=1000, written=50, cached=400)


def outcomes(server: ModelServer, sources: list[str], out: Path, registry: Path, **options: Any) -> list[Outcome]:
    limits = {name: options.pop(name) for name in ("prices", "max_cost") if name in options}
    asked = {"intent": "List what happened", "domain": "toy", "model": "openai:m", "base_url": server.url, "tries": 2}
    setup = prepare(RunConfig(**{**asked, **options}), registry, **limits)
    return [news.outcome for news in run(setup, sources, out) if news.outcome]


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]


def test_streams_wait_for_a_server_at_once_and_no_more_than_that(
    traces: list[str], tmp_path: Path, registry: Path
) -> None:
    def answer(asked: Asked) -> Reply:
        time.sleep(0.3)
        return draft(asked)

    with ModelServer(answer) as server:
        made = outcomes(server, traces, tmp_path / "out", registry, concurrency=3)
    assert sorted(one.source for one in made) == traces
    assert 1 < server.busiest <= 3
    assert len(rows(tmp_path / "out", "samples")) == 6
    assert {one.usage.requests for one in made} == {1}
    trace = json.loads(next((tmp_path / "out" / "traces").glob("*.json")).read_text())
    assert trace["usage"] | {"seconds": 0} == {
        "requests": 1, "read": 1000, "cached": 400, "written": 50, "images": 0, "seconds": 0
    }  # fmt: skip


def test_after_an_outage_the_same_command_asks_again(traces: list[str], tmp_path: Path, registry: Path) -> None:
    with ModelServer(lambda asked: Fault(503) if len(server.asked) > 4 else draft(asked)) as server:
        first = outcomes(server, traces, tmp_path / "out", registry, concurrency=1)
    lost = [one for one in first if not one.samples]
    assert len(lost) == 2
    assert all(row["passing"] for row in rows(tmp_path / "out", "rejected"))
    with ModelServer(draft) as server:  # another address of the same model
        again = outcomes(server, traces, tmp_path / "out", registry, concurrency=2, timeout=60)
        assert len(server.asked) == 2
    assert all(one.samples for one in again)
    assert rows(tmp_path / "out", "rejected") == []


def test_a_key_that_is_refused_stops_the_run_and_what_was_done_is_kept(
    traces: list[str], tmp_path: Path, registry: Path
) -> None:
    with ModelServer(lambda asked: Fault(401) if len(server.asked) > 2 else draft(asked)) as server:
        with pytest.raises(RunStoppedError, match="refuses the key") as stopped:
            outcomes(server, traces, tmp_path / "out", registry, concurrency=1)
        assert len(server.asked) == 3
    assert "key" in stopped.value.remedy
    assert len(rows(tmp_path / "out", "samples")) == 2
    with ModelServer(draft) as server:
        outcomes(server, traces, tmp_path / "out", registry)
        assert len(server.asked) == 4


def test_a_run_stops_before_it_costs_more_and_goes_on(traces: list[str], tmp_path: Path, registry: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[prices."openai:m"]\nread = 1000\ncached = 100\nwrote = 2000\ndate = "2026-11"\n')
    limits = {"prices": prices, "max_cost": 1.5, "concurrency": 1}
    with ModelServer(draft) as server:
        with pytest.raises(RunStoppedError, match=r"of at most 1\.5"):
            outcomes(server, traces, tmp_path / "out", registry, **limits)
        assert len(server.asked) == 3  # 0.74 each
        assert len(rows(tmp_path / "out", "samples")) == 3
        done = outcomes(server, traces, tmp_path / "out", registry, **limits)
        assert len(server.asked) == 6
    assert all(one.samples for one in done)


def test_a_limit_of_costs_needs_a_price(tmp_path: Path, registry: Path) -> None:
    with ModelServer(draft) as server, pytest.raises(UsageError, match="no price of openai:m") as wrong:
        outcomes(server, [], tmp_path / "out", registry, max_cost=1.0)
    assert "--prices" in str(wrong.value)


def test_another_temperature_is_another_run(traces: list[str], tmp_path: Path, registry: Path) -> None:
    with ModelServer(draft) as server:
        outcomes(server, traces[:1], tmp_path / "out", registry)
        with pytest.raises(ConfigError, match="temperature"):
            outcomes(server, traces[:1], tmp_path / "out", registry, temperature=1.0)


def test_a_server_that_is_killed_in_the_middle_costs_no_stream(
    traces: list[str], tmp_path: Path, registry: Path
) -> None:
    def answer(asked: Asked) -> Any:
        if len(server.asked) == 3:
            server.close()
        return draft(asked)

    server = ModelServer(answer)
    with server:
        first = outcomes(server, traces, tmp_path / "out", registry, concurrency=2)
    assert 0 < sum(bool(one.samples) for one in first) < 6
    with ModelServer(draft) as again:
        assert all(one.samples for one in outcomes(again, traces, tmp_path / "out", registry))
    assert len({row["stream"]["path"] for row in rows(tmp_path / "out", "samples")}) == 6
