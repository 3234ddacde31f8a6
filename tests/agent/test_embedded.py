"""The embedded model for real: constrained answers, and the agent through the OpenAI-compatible server it opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent import steps
from dataclaw.agent.batch import advance, run_batch
from dataclaw.agent.graph import build_graph
from dataclaw.agent.policy import make_policy
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.embedded import Embedded
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.config import Budget, ModelOptions
from dataclaw.domain import Domain
from dataclaw.models.llama_server import Completion
from dataclaw.models.weights import EMBEDDED, models_folder
from dataclaw.schema import citations
from dataclaw.tools.cache import Cache
from tests.agent.conftest import make_runtime
from tests.models.lora import write_adapter

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    if not (models_folder() / EMBEDDED.member.rsplit("/", 1)[-1]).is_file():
        pytest.skip("no weights: dataclaw models get embedded")
    pytest.importorskip("xllamacpp")
    policy = Embedded(threads=1)
    yield policy
    policy.close()


def test_every_answer_is_an_action_of_the_task(embedded: Embedded, session: Session, state: State):
    decision = embedded.decide([PolicyInput(state, session)])[0]
    assert steps.parse_action(decision.text).tool in {*session.task.tools, "submit"}
    assert decision.tokens > 0
    assert decision.prompt_tokens > 0
    assert decision.text == json.dumps(json.loads(decision.text), ensure_ascii=False, separators=(",", ":"))


def test_the_next_turn_reads_only_what_is_new(embedded: Embedded, session: Session, state: State):
    first = embedded.decide([PolicyInput(state, session)])[0]
    then = advance(steps.decide(state, first), session)
    said: list[Completion] = []
    complete = embedded._runtime.complete

    def spied(*args: Any, **kwargs: Any) -> Completion:
        said.append(complete(*args, **kwargs))
        return said[-1]

    embedded._runtime.complete = spied  # pyright: ignore[reportAttributeAccessIssue]
    embedded.decide([PolicyInput(then, session)])
    assert said[0].prompt > first.prompt_tokens
    assert said[0].prefilled <= said[0].prompt - first.prompt_tokens


def test_a_rollout_ends_with_a_draft_that_cites_what_was_seen(embedded: Embedded, session: Session, state: State):
    end = run_batch([(replace(state, budget=Budget(steps=3, repairs=0)), session)], embedded)[0]
    assert end.stop is not None
    assert all(set(citations(d.draft)) <= set(end.anchors) for d in end.drafts)


def test_the_graph_runs_through_an_openai_compatible_server(embedded: Embedded, toy: Domain, cache: Cache):
    policy = make_policy("openai:embedded", ModelOptions(base_url=f"{embedded.address}/v1"))
    graph = build_graph(make_runtime(toy, cache, policy))
    given = {"path": "toy", "intent": "List what happened", "domain": "toy", "budget": {"steps": 3, "repairs": 0}}
    end = graph.invoke(given)
    assert len(end["samples"]) + len(end["rejected"]) == 1
    turns = [turn for turn in end["trace"]["turns"] if turn["role"] == "policy"]
    assert turns
    assert all(turn["action"] for turn in turns)
    assert not end["trace"]["error"]


def test_a_domain_is_answered_with_its_own_adapter(
    tmp_path: Path, session: Session, state: State, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dataclaw.agent.policy.embedded.MAX_TOKENS", 16)
    loud = write_adapter(tmp_path / "loud.gguf", seed=1, scale=0.3)
    plain, other = (
        Embedded(threads=1, constrained=False),
        Embedded(threads=1, constrained=False, adapters={"gui": loud}),
    )
    own = Embedded(threads=1, constrained=False, adapters={"gui": loud, "toy": loud})
    try:
        said = [policy.decide([PolicyInput(state, session)])[0].text for policy in (plain, other, own)]
    finally:
        for policy in (plain, other, own):
            policy.close()
    assert said[0] == said[1]  # another domain's adapter is loaded and silent
    assert said[0] != said[2]
