"""A corpus that a model writes, over a real server on loopback that knows the planner's answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dataclaw.agent.spending import Price
from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import export
from dataclaw.corpus.report import write_report
from dataclaw.worlds import register

register("tiny", "tests.evals.tiny")
CONFIG = CorpusConfig(worlds=["tiny"], streams=3, asks=4, by="planner", near=1.0, validation=0.0)


class Server(BaseHTTPRequestHandler):
    """Answers as the rollouts did that it knows, by what the user said and by turn."""

    protocol_version = "HTTP/1.1"
    known: ClassVar[dict[str, list[str]]] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"]
        turns = self.known[next(m["content"] for m in asked if m["role"] == "user")]
        said = turns[min(sum(m["role"] == "assistant" for m in asked), len(turns) - 1)]
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()
    thread.join()


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_model_writes_a_corpus_and_what_it_took_is_told(server: str, tmp_path: Path) -> None:
    list(build(CONFIG, tmp_path / "plain"))
    export(CONFIG, tmp_path / "plain")
    traces = rows(tmp_path / "plain" / "export" / "traces.jsonl")
    assert traces
    for trace in traces:
        said = [m["content"] for m in trace["messages"] if m["role"] == "assistant"]
        Server.known[next(m["content"] for m in trace["messages"] if m["role"] == "user")] = said
    config = CONFIG.model_copy(update={"by": "openai:m", "base_url": server})
    assert not [unit.failure for unit in build(config, tmp_path / "model") if unit.failure]
    numbers = write_report(config, tmp_path / "model", export(config, tmp_path / "model"), Price(2.0, 10.0))
    drafts = rows(tmp_path / "model" / "3_drafts.jsonl")
    turns = sum(row["spent"]["steps"] for row in drafts)
    assert {row["by"] for row in drafts} == {"openai:m"}
    assert numbers["total"] == len(traces)
    assert numbers["tokens"] == {"prompt_tokens": 1000 * turns, "tokens": 100 * turns}
    assert numbers["cost"] == pytest.approx(0.003 * turns)
    assert "| tokens read |" in (tmp_path / "model" / "report.md").read_text(encoding="utf-8")
