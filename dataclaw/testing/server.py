"""A provider on loopback, in the wire form of OpenAI, Anthropic or Google.

It answers what a test says, and it fails as real ones do: refusals, limits, outages, answers that trickle, never end,
or cannot be.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeAlias, cast

from dataclaw.types import Action, Json

Wire = Literal["openai", "anthropic", "google"]
MODELS: Json = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "test"}]}
"""What a server lists that has one model, "m"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the server got.

    Attributes:
        path: its path; that says the wire form.
        headers: its headers, by name in lower case.
        body: its body; empty of a GET.
    """

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Json]

    @property
    def wire(self) -> Wire:
        """The wire form that it is in."""
        return "anthropic" if self.path.endswith("/messages") else "google" if ":generate" in self.path else "openai"

    @property
    def texts(self) -> list[str]:
        """Every text of the conversation, instructions first."""
        return [text for text, _ in self._pieces() if text is not None]

    @property
    def images(self) -> list[bytes]:
        """Every picture of the conversation."""
        return [image for _, image in self._pieces() if image is not None]

    @property
    def turns(self) -> int:
        """Answers that stand in the conversation."""
        key = "contents" if self.wire == "google" else "messages"
        rows = cast("list[Mapping[str, Json]]", self.body.get(key) or [])
        return sum(row.get("role") in {"assistant", "model"} for row in rows)

    @property
    def prefix(self) -> str:
        """What stands before the conversation, as JSON: tools, the form of the answer, instructions."""
        keys = ("tools", "response_format", "system", "systemInstruction", "system_instruction", "generationConfig")
        return json.dumps({key: self.body[key] for key in keys if key in self.body}, sort_keys=True)

    def _pieces(self) -> Iterator[tuple[str | None, bytes | None]]:
        keys = ("system", "systemInstruction", "system_instruction", "messages", "contents")
        for key in keys:
            yield from _pieces(self.body.get(key))


def _pieces(value: Json) -> Iterator[tuple[str | None, bytes | None]]:
    """Texts and pictures of a piece of a conversation, in whichever form."""
    if isinstance(value, str):
        yield value, None
    elif isinstance(value, list):
        for item in cast("list[Json]", value):
            yield from _pieces(item)
    elif isinstance(value, dict):
        fields = cast("Mapping[str, Any]", value)
        url = str(fields.get("url") or "")
        data = fields.get("data") if {"mimeType", "mime_type", "media_type"} & fields.keys() else None
        if url.startswith("data:") or data:
            yield None, base64.urlsafe_b64decode(str(data or url.partition(",")[2]).replace("+", "-").replace("/", "_"))
            return
        for key in ("text", "content", "parts", "image_url", "source", "inlineData", "inline_data", "functionResponse"):
            if key in fields:
                yield from _pieces(fields[key])
        for key in ("response", "result", "return_value"):
            if key in fields:
                yield from _pieces(fields[key])


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        text: what it says.
        calls: tools that it calls.
        read: tokens that it says to have read.
        written: tokens that it says to have written.
        cached: tokens that it says to have kept.
        finish: why it ended, as OpenAI says it ("stop", "length", "content_filter").
    """

    text: str = ""
    calls: Sequence[Action] = ()
    read: int = 100
    written: int = 20
    cached: int = 0
    finish: str = "stop"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong instead of an answer.

    Attributes:
        status: HTTP status.
        body: what is answered; text and bytes as they are, all else as JSON.
        headers: headers beside it ("Retry-After").
        raw: what is sent instead of all that, byte for byte, so that it need not be HTTP; None sends an answer.
        delay: seconds before anything is answered.
        trickle: seconds between bytes of the body, or of `raw`.
        stall: seconds of silence behind what was sent, before the connection is closed.
        endless: the body, or what follows `raw`, never ends.
        drop: the connection is closed instead.
        reset: the connection is not closed but reset.
    """

    status: int = 500
    body: Json | bytes = field(default_factory=lambda: {"error": {"message": "out of order"}})
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None
    delay: float = 0.0
    trickle: float = 0.0
    stall: float = 0.0
    endless: bool = False
    drop: bool = False
    reset: bool = False


Said: TypeAlias = str | Action | Sequence[Action] | Reply | Fault


def _list_models(_: Asked) -> Fault:
    return Fault(200, MODELS)


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that leave."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ModelServer:
    """A provider on loopback.

    ```python
    with ModelServer(lambda asked: Action("submit", {"draft": {}})) as server:
        tailor(path, "...", model="openai:m", base_url=server.url)
    ```

    Args:
        answer: what is answered to a request: a text, actions (as tool calls where tools were offered, else as one JSON
            object), a `Reply`, or a `Fault`.
        listing: what is answered to a GET, which asks for the models; None lists one, "m".

    Attributes:
        asked: all requests, in the order in which they came.
        busiest: most requests that were in flight at once.
    """

    def __init__(self, answer: Callable[[Asked], Said], *, listing: Callable[[Asked], Said] | None = None) -> None:
        self.answer = answer
        self.listing: Callable[[Asked], Said] = listing or _list_models
        self.asked: list[Asked] = []
        self.busiest = 0
        self._now = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """Its address, as Anthropic and Google want it."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Its base URL, as OpenAI wants it."""
        return f"{self.address}/v1"

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop it; answers that are under way break off."""
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), outer.answer)

            def do_GET(self) -> None:
                self._handle({}, outer.listing)

            def _handle(self, body: Mapping[str, Json], answer: Callable[[Asked], Said]) -> None:
                asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                with outer._lock:
                    outer.asked.append(asked)
                    outer._now += 1
                    outer.busiest = max(outer.busiest, outer._now)
                try:
                    outer._respond(self, asked, answer(asked))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    with outer._lock:
                        outer._now -= 1

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the class above
                pass

        return Handler

    def _respond(self, handler: BaseHTTPRequestHandler, asked: Asked, said: Said) -> None:
        if isinstance(said, Fault):
            self._send(handler, said)
            return
        reply = said if isinstance(said, Reply) else _reply(said, asked)
        self._send(handler, Fault(200, _BODIES[asked.wire](reply, asked)))

    def _send(self, handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        self._stopped.wait(fault.delay)
        if fault.raw is not None:
            data = fault.raw
            handler.close_connection = True
        elif not (fault.drop or self._stopped.is_set()):
            data = self._begin(handler, fault)
        else:
            data = b""
        whole = not fault.trickle
        for start in range(0, len(data), (len(data) or 1) if whole else 1):
            if not whole and self._stopped.wait(fault.trickle):
                return
            handler.wfile.write(data if whole else data[start : start + 1])
        while fault.endless and not self._stopped.is_set():
            handler.wfile.write(b" " * 65536)
        self._stopped.wait(fault.stall)
        if fault.reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
        if fault.drop or fault.reset or self._stopped.is_set():
            handler.close_connection = True

    def _begin(self, handler: BaseHTTPRequestHandler, fault: Fault) -> bytes:
        """Send the headers; the body that is to follow."""
        text = fault.body if isinstance(fault.body, str | bytes) else json.dumps(fault.body)
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        handler.send_response(fault.status)
        for name, value in {"Content-Type": "application/json", **fault.headers}.items():
            handler.send_header(name, value)
        handler.send_header(*(("Connection", "close") if fault.endless else ("Content-Length", str(len(data)))))
        handler.end_headers()
        return data


def _reply(said: str | Action | Sequence[Action], asked: Asked) -> Reply:
    if isinstance(said, str):
        return Reply(said)
    calls = [said] if isinstance(said, Action) else list(said)
    if asked.body.get("tools"):
        return Reply(calls=calls)
    return Reply(json.dumps({"tool": calls[0].tool, "args": dict(calls[0].args)}, ensure_ascii=False))


def _openai(reply: Reply, asked: Asked) -> Json:
    calls = [
        {"id": f"c{time.monotonic_ns()}{at}", "type": "function",
         "function": {"name": call.tool, "arguments": json.dumps(dict(call.args))}}
        for at, call in enumerate(reply.calls)
    ]  # fmt: skip
    message: dict[str, Json] = {"role": "assistant", "content": reply.text or None}
    choice = {"index": 0, "finish_reason": "tool_calls" if calls else reply.finish}
    usage = {
        "prompt_tokens": reply.read,
        "completion_tokens": reply.written,
        "total_tokens": reply.read + reply.written,
    }
    usage |= {"prompt_tokens_details": {"cached_tokens": reply.cached}}
    told = {"id": "x", "object": "chat.completion", "created": 1, "model": str(asked.body.get("model")), "usage": usage}
    return {**told, "choices": [{**choice, "message": {**message, **({"tool_calls": calls} if calls else {})}}]}


def _anthropic(reply: Reply, asked: Asked) -> Json:
    content: list[Json] = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [
        {"type": "tool_use", "id": f"t{time.monotonic_ns()}{at}", "name": call.tool, "input": dict(call.args)}
        for at, call in enumerate(reply.calls)
    ]
    usage = {"input_tokens": reply.read - reply.cached, "output_tokens": reply.written}
    usage |= {"cache_read_input_tokens": reply.cached, "cache_creation_input_tokens": 0}
    stop = "tool_use" if reply.calls else {"length": "max_tokens"}.get(reply.finish, "end_turn")
    told = {"id": "x", "type": "message", "role": "assistant", "model": str(asked.body.get("model")), "usage": usage}
    return {**told, "content": content, "stop_reason": stop, "stop_sequence": None}


def _google(reply: Reply, _: Asked) -> Json:
    parts: list[Json] = [{"text": reply.text}] if reply.text else []
    parts += [{"functionCall": {"name": call.tool, "args": dict(call.args)}} for call in reply.calls]
    counts = {"promptTokenCount": reply.read, "candidatesTokenCount": reply.written}
    counts |= {"cachedContentTokenCount": reply.cached, "totalTokenCount": reply.read + reply.written}
    finish = {"length": "MAX_TOKENS", "content_filter": "SAFETY"}.get(reply.finish, "STOP")
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}
    return {"candidates": [candidate], "usageMetadata": counts, "modelVersion": "m", "responseId": "x"}


_BODIES: Mapping[Wire, Callable[[Reply, Asked], Json]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
}
