"""Answers of a server: token-exact, with the log-probabilities that were drawn with, and nothing of it trusted."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.errors import PolicyError  # noqa: E402
from dataclaw.models.answers import DecodeRequest, SampledAnswer, Stop  # noqa: E402
from dataclaw.models.remote_decoder import RemoteDecoder  # noqa: E402
from tests.train.tiny import VOCABULARY, stirred, tiny_model, tiny_tokeniser  # noqa: E402
from tests.train.vllm import Vllm, vllm  # noqa: E402

END = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).eval()


@pytest.fixture
def server(folder: Path) -> Iterator[Vllm]:
    with vllm(folder) as running:
        yield running


def remote(server: Vllm, context: int = 200) -> RemoteDecoder:
    return RemoteDecoder(f"{server.url}/v1", tiny_tokeniser(), end=END, vocabulary=VOCABULARY, context=context)


def ids(seed: int, count: int) -> tuple[int, ...]:
    return tuple(random.Random(seed * 1000 + i).randrange(3, VOCABULARY) for i in range(count))


def request(seed: int, count: int = 20, **more: Any) -> DecodeRequest:
    return DecodeRequest(**{"key": str(seed), "ids": ids(seed, count), "limit": 12, "seed": seed} | more)


def scored(model: Any, before: DecodeRequest, answer: SampledAnswer) -> list[float]:
    with torch.no_grad():
        logits = model(torch.tensor([[*before.ids, *answer.ids]])).logits[0].float()
    told = torch.log_softmax(logits / before.temperature, -1)[len(before.ids) - 1 : -1]
    return told.gather(1, torch.tensor(answer.ids)[:, None])[:, 0].tolist()


def test_answers_have_the_models_own_log_probabilities_at_their_temperature(server: Vllm, model: Any):
    asked = [request(n, 5 + n, temperature=0.7, limit=16) for n in range(12)]
    answers = remote(server).sample(asked)
    for one, answer in zip(asked, answers, strict=True):
        assert answer.logprobs == pytest.approx(scored(model, one, answer), abs=1e-4)
        assert answer.stop is (Stop.END if answer.ids[-1] == END else Stop.LENGTH)
        assert answer.read == len(one.ids)
    assert {tuple(body["prompt"]) for body in server.asked[2:]} == {one.ids for one in asked}
    assert [a.ids for a in remote(server).sample(asked)] == [a.ids for a in answers], "the seed decides"


def test_answers_end_where_ours_end(server: Vllm):
    full, short, late = request(1, 200), request(2, limit=3), request(3, 197)
    answers = remote(server).sample([full, short, late])
    assert (answers[0].ids, answers[0].stop) == ([], Stop.CONTEXT)
    assert len(server.asked) == 2, "a conversation that is full is not sent"
    stops = {a.stop for a in answers[1:] if a.ids[-1] != END}
    assert stops <= {Stop.LENGTH, Stop.CONTEXT}
    assert len(answers[1].ids) <= 3
    assert len(answers[2].ids) <= 3, "the conversation may have 200 tokens"


def with_ids(text: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The server answers that text."""
    made = [*tiny_tokeniser().encode(text, add_special_tokens=False), END]

    def spoil(body: dict[str, Any]) -> dict[str, Any]:
        values = [-0.1 * n for n in range(len(made))]
        told = {"tokens": [f"token_id:{i}" for i in made], "token_logprobs": values}
        body["choices"][0] |= {"token_ids": made, "logprobs": told, "finish_reason": "stop"}
        return body

    return spoil


def test_what_comes_behind_the_first_object_is_cut_off(server: Vllm):
    server.spoil = with_ids('{"a": "}"} and {"b": 1}')
    (answer,) = remote(server).sample([request(1, limit=100)])
    assert tiny_tokeniser().decode(answer.ids) == '{"a": "}"}'
    assert answer.stop is Stop.OBJECT
    assert answer.logprobs == pytest.approx([-0.1 * n for n in range(len(answer.ids))])
    server.spoil = with_ids("no object")
    (answer,) = remote(server).sample([request(1, limit=100)])
    assert (answer.ids[-1], answer.stop) == (END, Stop.END)


def test_only_exact_log_probabilities_are_taken(folder: Path):
    with vllm(folder, mode="raw_logprobs") as server:
        assert remote(server).sample([request(1, temperature=1.0)])[0].ids
        with pytest.raises(PolicyError, match=r"temperature 1, and tokens are drawn at 0\.7") as raised:
            remote(server).sample([request(1, temperature=0.7)])
        assert "processed_logprobs" in raised.value.remedy
        with pytest.raises(PolicyError, match="grammar"):
            remote(server).sample([request(1, matcher=object())])
    with vllm(folder, mode="raw_logits") as server, pytest.raises(PolicyError, match="log-probabilit"):
        remote(server).check_temperature(0.7)


def choice(**more: Any) -> Callable[[dict[str, Any]], Any]:
    def spoil(body: dict[str, Any]) -> dict[str, Any]:
        for key, value in more.items():
            target = body["choices"][0] if key in body["choices"][0] else body["choices"][0]["logprobs"]
            target[key] = value(target[key])
        return body

    return spoil


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (choice(token_ids=lambda x: [*x[:-1], VOCABULARY]), "a token that the model has not"),
        (choice(token_ids=lambda x: [*x[:-1], True]), "a token that the model has not"),
        (choice(token_ids=lambda x: x[:-1]), "tokens with"),
        (choice(token_logprobs=lambda x: [*x[:-1], None]), "None as a log-probability"),
        (choice(token_logprobs=lambda x: [*x[:-1], math.nan]), "nan as a log-probability"),
        (choice(token_logprobs=lambda x: [*x[:-1], 0.5]), "as a log-probability"),
        (choice(token_logprobs=lambda x: [*x[:-1], -9999.0]), "as a log-probability"),
        (choice(tokens=lambda x: ["a"] * len(x)), "of other tokens"),
        (choice(prompt_token_ids=lambda x: [1, *x]), "read other tokens"),
        (choice(logprobs=lambda x: None), "no log-probabilities"),
        (lambda body: body | {"model": "other"}, "'other'"),
        (lambda body: body | {"choices": body["choices"] * 2}, "several"),
        (lambda body: {**body, "choices": [{**body["choices"][0], "token_ids": None}]}, "too old"),
        (lambda body: [1], "no answer"),
        (lambda body: b"{" * 100_000, "no answer"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(server: Vllm, spoil: Any, says: str):
    server.spoil = spoil
    with pytest.raises(PolicyError, match=says):
        remote(server).sample([request(5)])


def test_an_answer_that_ends_otherwise_or_is_too_long_is_refused(server: Vllm):
    server.spoil = with_ids("some text")
    with pytest.raises(PolicyError, match="where 3 were asked for"):
        remote(server).sample([request(1, limit=3)])
    whole = with_ids("some text")

    def ended(body: dict[str, Any]) -> dict[str, Any]:
        return choice(token_ids=lambda x: x[:-1], tokens=lambda x: x[:-1], token_logprobs=lambda x: x[:-1])(whole(body))

    server.spoil = ended
    with pytest.raises(PolicyError, match="without a token that ends a turn") as raised:
        remote(server).sample([request(1, limit=50)])
    assert "--generation-config vllm" in raised.value.remedy


def test_servers_that_cannot_be_used_say_what_to_change(folder: Path, monkeypatch: pytest.MonkeyPatch):
    for wrong in (
        "127.0.0.1:8000",
        "ftp://localhost",
        "http://",
        "http://localhost@127.0.0.1",
        "http://localhost:port",
        "http://localhost/?a=b",
    ):
        with pytest.raises(PolicyError, match="no address"):
            RemoteDecoder(wrong, tiny_tokeniser(), end=END, vocabulary=VOCABULARY, context=200)
    with pytest.raises(PolicyError, match="no server answers"):
        RemoteDecoder("http://127.0.0.1:9", tiny_tokeniser(), end=END, vocabulary=VOCABULARY, context=200)
    with vllm(folder, max_model_len=100) as server, pytest.raises(PolicyError, match="of 100 tokens") as raised:
        remote(server)
    assert "--max-model-len 200" in raised.value.remedy
    with vllm(folder, old=True) as server, pytest.raises(PolicyError, match="too old"):
        remote(server).sample([request(1)])
    with vllm(folder, key="secret") as server:
        with pytest.raises(PolicyError, match="key"):
            remote(server)
        monkeypatch.setenv("VLLM_API_KEY", "secret")
        assert remote(server).model == "base"


def test_nobody_is_followed_elsewhere(server: Vllm):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(307)
            self.send_header("Location", f"{server.url}{self.path}")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    running = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=running.handle_request, daemon=True)
    thread.start()
    with pytest.raises(PolicyError, match="redirects requests"):
        RemoteDecoder(
            f"http://127.0.0.1:{running.server_port}", tiny_tokeniser(), end=END, vocabulary=VOCABULARY, context=200
        )
    thread.join()
    running.server_close()


def adapter(folder: Path, where: Path) -> Path:
    """An adapter that changes answers."""
    from dataclaw.train.base_model import LoraConfig, load_base, save_adapter, with_lora

    base = load_base(str(folder))
    save_adapter(stirred(with_lora(base, LoraConfig(r=4, alpha=8)), seed=1), base, where)
    return where


def test_an_adapter_is_loaded_and_asked(folder: Path, server: Vllm, tmp_path: Path):
    asked = [request(n) for n in range(4)]
    decoder, where = remote(server), adapter(folder, tmp_path / "adapter")
    before = decoder.sample(asked)
    decoder.load("one", where)
    after = decoder.sample(asked)
    assert [a.logprobs for a in after] != [a.logprobs for a in before]
    assert server.asked[-1]["model"] == "one"
    decoder.unload("one")
    decoder.unload("one")
    with pytest.raises(PolicyError, match="does not serve 'one'"):
        decoder.sample(asked)
    with pytest.raises(PolicyError, match=r"did not load the adapter \(404\)"):
        decoder.load("two", tmp_path / "nowhere")


def test_a_server_that_may_not_load_says_how_to_start_it(folder: Path, tmp_path: Path):
    with vllm(folder, updating=False) as server, pytest.raises(PolicyError, match="does not allow adapters") as raised:
        remote(server).load("one", tmp_path)
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" in raised.value.remedy


def test_the_share_of_a_prefix_cache_is_counted(server: Vllm):
    def cached(body: dict[str, Any]) -> dict[str, Any]:
        body["usage"]["prompt_tokens_details"] = {"cached_tokens": 16}
        return body

    server.spoil = cached
    assert remote(server).sample([request(1)])[0].read == 4
    assert np.isfinite(remote(server).sample([request(2)])[0].logprobs).all()
