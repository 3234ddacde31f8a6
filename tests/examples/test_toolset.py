from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Agent, models
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from examples.toolset import make_toolset

TRACES = Path(__file__).parents[2] / "examples" / "traces"
INTENT = "Extract the ordered UI actions with coordinates"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", False)


def scripted(*steps: Callable[[Any], ModelResponse]) -> FunctionModel:
    """A model that takes one step after the other; each is told what came back last."""

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        assert {one.name for one in info.function_tools} == {"list_recordings", "make_samples", "show_evidence"}
        return steps[len(messages) // 2](messages[-1].parts[-1].content)

    return FunctionModel(answer)


def ask(model: Model, request: str, **options: str) -> str:
    """What an agent with that model says in the end."""
    agent = Agent(model, toolsets=[make_toolset(TRACES, **options)])
    return asyncio.run(agent.run(request)).output


def call(tool: str, **arguments: str) -> ModelResponse:
    return ModelResponse([ToolCallPart(tool, arguments)])


def test_an_agent_finds_a_recording_has_a_sample_made_and_asks_for_its_proof():
    model = scripted(
        lambda _: call("list_recordings"),
        lambda found: call("make_samples", recording=found[0], intent=INTENT),
        lambda made: call("show_evidence", sample=made[0]["id"], pointer="/answer/actions/0/point"),
        lambda proof: ModelResponse([TextPart(proof[0])]),
    )
    said = ask(model, "What is clicked first?", domain="gui")
    assert re.fullmatch(r"[\d.]+ s: click \(\d+,\d+\) .*", said)


def test_a_recording_that_is_not_there_is_answered_with_what_there_is():
    model = scripted(
        lambda _: call("make_samples", recording="../../etc", intent=INTENT),
        lambda error: ModelResponse([TextPart(str(error))]),
    )
    said = ask(model, "Read the system.")
    assert "There is no recording '../../etc', only: calendar_only, shop_and_mail." in said


def test_what_a_run_refuses_goes_back_to_the_model():
    model = scripted(
        lambda _: call("make_samples", recording="calendar_only", intent=INTENT),
        lambda error: ModelResponse([TextPart(str(error))]),
    )
    said = ask(model, "Go.", domain="guy")
    assert "Did you mean 'gui'?" in said


def test_any_model_can_call_it():
    said = ask(TestModel(call_tools=["list_recordings"]), "What is there?")
    assert said == '{"list_recordings":["calendar_only","shop_and_mail"]}'
