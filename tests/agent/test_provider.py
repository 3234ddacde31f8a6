"""The provider policy against a real OpenAI-compatible server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy import make_policy
from dataclaw.agent.steps import State, action_text
from dataclaw.agent.workshop import Workshop
from dataclaw.errors import DataClawError
from dataclaw.types import Action, StopReason

SCRIPT = [
    Action("list_events", {"page": 1}),
    Action("submit", {"draft": {"steps": [{"cite": ["e0"], "verb": "click"}]}}),
]


class Server(BaseHTTPRequestHandler):
    asked: ClassVar[list[dict[str, Any]]] = []
    status = 200

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append(request)
        turn = sum(m["role"] == "assistant" for m in request["messages"])
        message = {"role": "assistant", "content": action_text(SCRIPT[min(turn, len(SCRIPT) - 1)])}
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        data = json.dumps(body if type(self).status == 200 else {"error": {"message": "out of order"}}).encode()
        self.send_response(type(self).status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Server.asked, Server.status = [], 200
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_rollout_through_a_server(server: str, shop: Workshop, state: State):
    end = run_batch([(state, shop)], make_policy("openai:m", base_url=server))[0]
    assert end.stop is StopReason.SUBMITTED
    assert end.spent.tokens == 40
    first, second = Server.asked
    assert (first["temperature"], first["seed"]) == (0.0, 0)
    assert first["messages"] == second["messages"][: len(first["messages"])]
    assert first["response_format"]["type"] == "json_schema"
    assert "submit" in json.dumps(first["response_format"])
    assert '"enum": ["e0", "e1", "e2"]' in json.dumps(second["response_format"])


def test_several_rollouts_at_once_through_connections_that_are_kept(
    server: str, shop: Workshop, state: State, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Server, "protocol_version", "HTTP/1.1")
    for name in ("openai:m", "openai:other"):
        policy = make_policy(name, base_url=server)
        ends = run_batch([(replace(state, key=str(at)), shop) for at in range(12)], policy)
        policy.close()
        assert [end.stop for end in ends] == [StopReason.SUBMITTED] * 12


def test_a_server_that_fails_ends_the_rollout_with_its_words(server: str, shop: Workshop, state: State):
    Server.status = 400
    end = run_batch([(state, shop)], make_policy("openai:m", base_url=server))[0]
    assert end.stop is StopReason.POLICY_FAILED
    assert "out of order" in end.error


def test_unknown_models_say_what_to_use(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name in ("gpt", "nobody:x", "openai:gpt-5"):
        with pytest.raises(DataClawError, match=r"provider:model|key"):
            make_policy(name)
