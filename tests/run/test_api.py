"""The run as Python: at once, one by one, awaited, and as a notebook shows it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.steps import action_text
from dataclaw.errors import UsageError
from dataclaw.run.api import aiter_tailor, iter_tailor, tailor
from dataclaw.run.drive import Progress
from dataclaw.run.ledger import Outcome
from dataclaw.testing import Fault, ModelServer, Reply
from dataclaw.types import Action
from tests.run.test_run import registry as registry
from tests.run.test_run import write_trace

DRAFT = action_text(Action("submit", {"draft": {"steps": [{"cite": ["e0"], "verb": "click"}]}}))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def asked(tmp_path: Path, registry: Path) -> dict[str, Any]:
    """Arguments of a run over four traces."""
    paths = [str(write_trace(tmp_path / "in", number)) for number in range(4)]
    return {"paths": paths, "intent": "List what happened", "domain": "toy", "plugins": registry}


def test_outcomes_come_one_by_one_and_a_run_that_cannot_begin_says_so_at_once(asked: dict[str, Any]) -> None:
    told: list[Progress] = []
    outcomes = iter_tailor(**asked, progress=told.append)
    first = next(outcomes)
    assert first.samples
    assert {news.source for news in told} == {first.source}
    assert [one.source for one in outcomes] == asked["paths"][1:]
    with pytest.raises(UsageError):
        iter_tailor(**{**asked, "domain": "no_such"})


def test_a_run_in_memory_waits_for_a_server_at_many_streams(asked: dict[str, Any]) -> None:
    with ModelServer(lambda _: Reply(DRAFT)) as server:
        made = tailor(**asked, model="openai:m", base_url=server.url)
    assert sorted(one.source for one in made) == asked["paths"]
    assert all(one.usage.requests == 1 for one in made)


def test_a_run_can_be_awaited(asked: dict[str, Any]) -> None:
    told: list[Progress] = []

    async def collect() -> list[Outcome]:
        return [one async for one in aiter_tailor(**asked, progress=told.append)]

    made = asyncio.run(collect())
    assert [one.source for one in made] == asked["paths"]
    assert told


def test_who_cancels_does_not_wait_for_a_model(asked: dict[str, Any]) -> None:
    async def first(url: str) -> None:
        async for _ in aiter_tailor(**asked, model="openai:m", base_url=url):
            raise AssertionError("the model never answered")

    async def cancel() -> None:
        with ModelServer(lambda _: Fault(delay=500)) as server:
            task = asyncio.create_task(first(server.url))
            while not server.asked:
                await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancel())


def test_what_goes_wrong_is_raised_where_it_is_awaited(asked: dict[str, Any]) -> None:
    async def first() -> None:
        async for _ in aiter_tailor(**{**asked, "domain": "no_such"}):
            pass

    with pytest.raises(UsageError):
        asyncio.run(first())


def test_a_notebook_shows_questions_and_reasons_as_text(asked: dict[str, Any]) -> None:
    (made,) = tailor(**{**asked, "paths": asked["paths"][:1]})
    assert "<td>" in made._repr_html_()
    odd = Outcome("k", "<b>x</b>", rejected=({"reason": "<script>alert(1)</script>"},))
    assert "<script>" not in odd._repr_html_()
    assert "&lt;b&gt;x" in odd._repr_html_()
