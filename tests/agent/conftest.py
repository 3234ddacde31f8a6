from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.agent.policy.base import Policy
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.rewards import Verdict
from dataclaw.rewards.base import Score
from dataclaw.tools.cache import Cache
from dataclaw.types import Event, Finding, Intent, Stream

TOY = Path(__file__).parent / "toy"


def make_stream(events: int = 3, *, name: str = "toy") -> Stream:
    kinds = ("click", "write", "scroll")
    made = tuple(
        Event(
            i, kinds[i % 3], float(i), i + 0.5, point=(10.0 * i, 5.0), text="abc" if i % 3 == 1 else "", target=f"b{i}"
        )
        for i in range(events)
    )
    return Stream(
        id=f"{name:0>16}"[:16],
        kind="gui",
        name=name,
        path=name,
        format="test",
        duration=float(events),
        events=made,
        annotations={"task": "the secret task"},
    )


@pytest.fixture(scope="session")
def toy() -> Domain:
    return load_domain(str(TOY))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache.sqlite")


@pytest.fixture
def session(toy: Domain, cache: Cache) -> Session:
    return Session(make_stream(), toy.task("name_events"), cache, clock=lambda: 0.0)


@pytest.fixture
def state(session: Session) -> State:
    return State(
        key="toy-0",
        domain="toy",
        task="name_events",
        intent=Intent("List what happened"),
        window=(0.0, session.stream.duration),
        budget=session.task.budget,
    )


def make_runtime(domain: Domain, cache: Cache, policy: Policy | None = None) -> Runtime:
    runtime = Runtime(policy or Planner(), {domain.name: domain}, cache)
    runtime.add("toy", make_stream())
    return runtime


@pytest.fixture
def accepted() -> Verdict:
    return Verdict(total=1.0, paper_total=1.7, terms={"format": 1.0}, scores={"schema": Score(1.0)})


@pytest.fixture
def refused() -> Verdict:
    finding = Finding("/steps", "too few", "schema", 0.0)
    return Verdict(total=0.0, paper_total=0.0, scores={"schema": Score(0.0, (finding,))}, held=("schema",))
