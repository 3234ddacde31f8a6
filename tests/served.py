"""An OpenAI-compatible server on loopback, for tests of whatever asks a model over a network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Served:
    """What a server is asked and what it answers.

    Attributes:
        answer: the text of an answer to a request.
        usage: tokens that each answer says to have read and written.
        asked: all requests, in order.
        status: HTTP status; any but 200 answers "out of order".
        url: base URL.
    """

    def __init__(self, answer: Callable[[dict[str, Any]], str], usage: tuple[int, int]) -> None:
        self.answer, self.usage = answer, usage
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.url = ""

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body that answers a request."""
        self.asked.append(request)
        if self.status != 200:
            return {"error": {"message": "out of order"}}
        read, wrote = self.usage
        choice = {"index": 0, "finish_reason": "stop"}
        message = {"role": "assistant", "content": self.answer(request)}
        usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
        return {**body, "choices": [{**choice, "message": message}]}


@contextmanager
def served(
    answer: Callable[[dict[str, Any]], str], usage: tuple[int, int] = (100, 20), protocol: str = "HTTP/1.0"
) -> Iterator[Served]:
    """A server that is up; one of HTTP/1.1 keeps connections, as real ones do."""
    state = Served(answer, usage)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = protocol

        def do_POST(self) -> None:
            body = state.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            data = json.dumps(body).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{running.server_port}/v1"
    try:
        yield state
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
