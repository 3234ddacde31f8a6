"""The tiny world as an environment of verifiers: its own rollout loop, rubric and evaluation, on scripted answers."""

from __future__ import annotations

import asyncio
import json
import math
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("datasets")

from dataclaw.corpus.build import build
from dataclaw.corpus.config import CorpusConfig
from dataclaw.corpus.export import export
from dataclaw.errors import MissingExtraError
from dataclaw.train import live
from dataclaw.train.live import source_of
from dataclaw.train.reward import Reward
from dataclaw.train.verifiers import load_environment
from dataclaw.worlds import register
from tests.train.led import BAD


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    register("tiny", "tests.evals.tiny:WORLD")
    out = tmp_path_factory.mktemp("corpus")
    config = CorpusConfig(worlds=["tiny"], streams=2, asks=2, detours=0.0, difficulties=[1], validation=0.0)
    assert all(not news.failure for news in build(config, out))
    export(config, out)
    return out


@pytest.fixture
def vf() -> Iterator[Any]:
    """The library, without what it leaves behind: handlers of signals, and warnings of its own."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("verifiers")
        if not hasattr(library, "MultiTurnEnv"):
            pytest.skip("verifiers 0.4 has no such environments")
        yield library
    for one, handler in before.items():
        signal.signal(one, handler)


def client_of(vf: Any, traces: dict[str, list[str]], *, native: bool) -> Any:
    """A client of verifiers that follows the expert's traces; every second rollout hands in a bad draft."""
    from verifiers.types import Response, ResponseMessage, ToolCall

    class Scripted(vf.Client):
        begun: int = 0

        async def get_response(
            self, prompt: Any, model: str, sampling_args: Any, tools: Any = None, **more: Any
        ) -> Any:
            state = more["state"]
            turns, at = traces[state["info"]["name"]], len(state["trajectory"])
            if at == 0:
                state["bad"], self.begun = self.begun % 2 == 1, self.begun + 1
            text = BAD if state["bad"] and at >= len(turns) - 1 else turns[at]
            action = json.loads(text)
            call = ToolCall(id=f"c{at}", name=action["tool"], arguments=json.dumps(action["args"]))
            assert {tool.name for tool in tools} >= {action["tool"], "submit"}
            says = {"tool_calls": [call]} if native else {"content": text}
            message = ResponseMessage(finish_reason="stop", is_truncated=False, **says)
            return Response(id="r", created=0, model=model, message=message)

        def setup_client(self, config: Any) -> Any:
            raise AssertionError(config)

        to_native_tool = to_native_prompt = get_native_response = setup_client
        raise_from_native_response = from_native_response = close = setup_client

    return Scripted(None)


@pytest.fixture
def traces(corpus: Path) -> dict[str, list[str]]:
    rows = [json.loads(line) for line in (corpus / "export" / "traces.jsonl").read_text().splitlines()]
    return {row["id"]: [m["content"] for m in row["messages"] if m["role"] == "assistant"] for row in rows}


@pytest.mark.parametrize("native", [True, False])
def test_verifiers_plays_and_scores_with_our_rules(vf: Any, corpus: Path, traces: dict[str, list[str]], native: bool):
    from verifiers.utils.save_utils import make_serializable

    environment = vf.load_environment("dataclaw.train.verifiers", corpus=str(corpus))
    rows = environment.get_dataset()
    assert {row["prompt"][0]["content"] for row in rows} == traces.keys()
    inputs = [dict(rows[0]) for _ in range(4)]
    client = client_of(vf, traces, native=native)
    states = asyncio.run(environment._run_group_states(inputs, client, "scripted", {}))
    rollouts = [state["rollout"] for state in states]
    expected = [one.total for one in source_of(corpus).rewards(rollouts)]
    assert [state["reward"] for state in states] == pytest.approx(expected)
    assert sum(state["bad"] for state in states) == 2
    for state in states:
        assert state["error"] is None
        assert state["stop_condition"] == "has_final_env_response"
        assert state["bad"] == (state["rollout"].state.stop != "submitted")
        assert state["completion"][1]["role"] == ("tool" if native else "user")
        assert state["prompt"][0]["role"] == "system"
        assert (state["reward"] > 1.0) != state["bad"]
    outputs = asyncio.run(environment.run_group(inputs[:2], client, "scripted", {}))
    assert [one["reward"] for one in outputs] == pytest.approx(expected[:2])
    assert json.dumps(outputs, default=make_serializable), "verifiers can write it down"


def test_what_cannot_be_judged_carries_an_error_and_arguments_that_are_none_are_told_of(
    vf: Any, corpus: Path, monkeypatch: pytest.MonkeyPatch
):
    from verifiers.types import AssistantMessage, ToolCall

    environment = load_environment(corpus)
    row = environment.get_dataset()[0]
    name = row["prompt"][0]["content"]
    state: dict[str, Any] = {"info": json.loads(row["info"]) if isinstance(row["info"], str) else row["info"]}
    assert state["info"]["name"] == name

    async def play() -> None:
        await environment.setup_state(state)
        calls = [ToolCall(id=str(n), name="overview", arguments=text) for n, text in enumerate(("[1]", "{", "{}"))]
        told = await environment.env_response([AssistantMessage(tool_calls=calls)], state)
        assert [message["tool_call_id"] for message in told] == ["0", "1", "2"]
        assert [message["content"].startswith("error") for message in told] == [True, True, False]
        monkeypatch.setattr(live, "group_rewards", lambda *_: [Reward(math.nan, failed={"rule": "it broke"})])
        (rubric_reward,) = [one for one in environment.rubric._get_reward_funcs() if one.__name__ == "rubric_reward"]
        assert await rubric_reward([state]) == [0.0]
        assert "it broke" in str(state["error"])

    asyncio.run(play())


def test_without_verifiers_or_with_a_newer_one_it_says_what_to_install(corpus: Path, monkeypatch: pytest.MonkeyPatch):
    newer = ModuleType("verifiers")
    newer.__version__ = "0.4.0"
    for found in (newer, None):  # None: as if it were not installed
        monkeypatch.setitem(sys.modules, "verifiers", found)
        with pytest.raises(MissingExtraError, match=r"dataclaw-tailor\[verifiers\]"):
            load_environment(corpus)
