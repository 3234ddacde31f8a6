"""Answers sampled by a vLLM server: token ids go there, token ids with their log-probabilities come back.

The conversation is sent as ids (`prompt` of `/v1/completions`), so nothing is tokenised there. Everything that the
server could set by itself is named: no top-k, no top-p, no penalties, and a turn ends with one token, whatever else
ends texts of this model. An answer goes on behind its first JSON object until it ends; what comes behind is cut off,
which changes no probability before it.

The log-probabilities must be those that were drawn with. A server gives those of temperature 1 unless it was started
with `--logprobs-mode processed_logprobs`, so `check_temperature` tries which. Under a grammar neither mode tells what
the grammar had allowed, so requests with a grammar are refused. What a server answers is not trusted.
"""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dataclaw.errors import PolicyError
from dataclaw.models.answer_writer import AnswerWriter, answer_of, check_requests
from dataclaw.models.answers import DecodeRequest, PartialAnswer, SampledAnswer
from dataclaw.models.json_client import SECONDS, JsonClient, JsonReply, array, table
from dataclaw.models.keys import KEY

AT_ONCE = 256
"""Requests in flight."""
TOP = 5
"""Likeliest tokens that the trial of temperatures compares."""
LEAST = -9999.0
"""What vLLM gives for a probability of 0; no token is drawn with it."""
PLAIN = {
    "top_p": 1.0,
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "skip_special_tokens": False,
    "include_stop_str_in_output": True,
    "return_token_ids": True,
    "return_tokens_as_token_ids": True,
}
"""Sampling from the whole distribution; defaults of a server come from its model's `generation_config.json`."""


class RemoteDecoder:
    """A vLLM server as a decoder.

    Args:
        url: its address.
        tokeniser: tokeniser of the model.
        end: the token that ends a turn.
        vocabulary: tokens of the model.
        context: longest conversation [tokens].
        seconds: how long an answer may take [s].

    Attributes:
        model: name of the model, or of the adapter, that is asked; at first the base.
        context: longest conversation [tokens].

    Raises:
        PolicyError: no vLLM server answers there, or it takes shorter conversations.
    """

    def __init__(
        self, url: str, tokeniser: Any, *, end: int, vocabulary: int, context: int, seconds: float = SECONDS
    ) -> None:
        self._client = JsonClient(url, key=os.environ.get(KEY, ""), seconds=seconds)
        self._end, self._vocabulary, self.context = end, vocabulary, context
        self._writer = AnswerWriter(tokeniser, [end], context - 1, whole=True)
        self._as_drawn: bool | None = None
        base = next((card for card in self.models() if not card.get("parent")), table(None))
        self.model = str(base.get("id", ""))
        if not self.model:
            raise PolicyError(f"{self.url} serves no model.", remedy="Start it as in docs/serving.md.")
        longest = base.get("max_model_len")
        if isinstance(longest, int) and longest < context:
            raise PolicyError(
                f"the server takes conversations of {longest:,} tokens, and they may have {context:,}.",
                place=self.url,
                remedy=f"Start it with --max-model-len {context}, or set max_tokens = {longest}.",
            )

    @property
    def url(self) -> str:
        """Address of the server."""
        return self._client.url

    def forget(self) -> None:
        """Nothing is kept here; the server knows weights by the name of their adapter."""

    def renew(self) -> None:
        """As `forget`."""

    def sample(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        """One answer a request, in order; all are in flight at once.

        Raises:
            PolicyError: a request has a grammar, log-probabilities would be of another temperature, the server fails,
                or what it answers cannot be.
            ValueError: two requests of one conversation, or a conversation without a token.
        """
        check_requests(requests)
        if any(request.matcher for request in requests):
            raise PolicyError(
                "a server does not tell what a grammar allowed, and without it log-probabilities are not exact.",
                remedy="Set constrained = false, or sample without a server.",
            )
        for temperature in {request.temperature for request in requests}:
            self.check_temperature(temperature)
        fitting = [request for request in requests if self._writer.fits(request)]
        rows = {row.request.key: row for row in map(self._row, fitting, self._replies(fitting))}
        return [answer_of(rows.get(request.key)) for request in requests]

    def _replies(self, requests: Sequence[DecodeRequest]) -> list[JsonReply]:
        if not requests:
            return []
        pool = ThreadPoolExecutor(min(AT_ONCE, len(requests)), "dataclaw-remote")
        try:
            return list(pool.map(self._request, requests))
        finally:
            pool.shutdown(cancel_futures=True)

    def _request(self, request: DecodeRequest) -> JsonReply:
        seed = zlib.crc32(f"{request.seed}:{len(request.ids)}".encode())
        asked = {"max_tokens": self._most(request), "temperature": request.temperature, "seed": seed, "logprobs": 0}
        ends = {"ignore_eos": True, "stop_token_ids": [self._end]}
        return self._client.post("/v1/completions", self._body(request.ids) | asked | ends)

    def _body(self, ids: Sequence[int]) -> dict[str, Any]:
        return {"model": self.model, "prompt": list(ids), **PLAIN}

    def _most(self, request: DecodeRequest) -> int:
        return min(request.limit, self.context - len(request.ids))

    def _row(self, request: DecodeRequest, reply: JsonReply) -> PartialAnswer:
        """The answer, cut where one of ours ends."""
        choice = self._choice(reply, request.ids)
        ids, logprobs = self._tokens(choice)
        if len(ids) > self._most(request):
            raise self._odd(f"gave {len(ids)} tokens where {self._most(request)} were asked for")
        row = self._writer.begin(request, 0, len(request.ids) - _cached_tokens(reply, len(request.ids)))
        self._writer.take(row, ids, logprobs)
        if self._writer.goes_on(row):
            raise PolicyError(
                f"the server ended an answer after {len(ids)} tokens without a token that ends a turn"
                f" ({str(choice.get('finish_reason'))[:20]}, {str(choice.get('stop_reason'))[:20]}).",
                place=self.url,
                remedy="Start it with --generation-config vllm, so that no other token ends a text; look at its log.",
            )
        return row

    # What a server answers is checked before anything is made of it.

    def _check_key(self, reply: JsonReply) -> None:
        if reply.status in {401, 403}:
            raise PolicyError(
                f"the server refuses the key, or wants one ({reply.status}).",
                place=self.url,
                remedy=f"Set {KEY} to its --api-key.",
            )

    def _choice(self, reply: JsonReply, ids: Sequence[int]) -> dict[str, Any]:
        self._check_key(reply)
        if reply.status == 404:
            raise PolicyError(
                f"the server does not serve {self.model!r}: {reply.says}",
                place=self.url,
                remedy="It may have been started anew; the run goes on from its last checkpoint.",
            )
        if reply.status != 200:
            raise PolicyError(
                f"the server refuses a request ({reply.status}): {reply.says}",
                place=self.url,
                remedy="Compare how it was started with docs/serving.md, and look at its log.",
            )
        body, choices = table(reply.body), array(table(reply.body).get("choices")) or []
        if len(choices) != 1:
            raise self._odd("gave no answer, or several")
        if body.get("model") != self.model:
            raise self._odd(f"answered with {str(body.get('model'))[:80]!r}, and {self.model!r} was asked")
        choice = table(choices[0])
        if array(choice.get("token_ids")) is None:
            raise PolicyError(
                "the server gives no token ids; it is too old, or not vLLM.",
                place=self.url,
                remedy="Take vLLM 0.22 or newer.",
            )
        if choice.get("prompt_token_ids") != list(ids):
            raise self._odd("read other tokens than were sent")
        return choice

    def _tokens(self, choice: dict[str, Any]) -> tuple[list[int], list[float]]:
        told = table(choice.get("logprobs"))
        ids, names, values = (array(x) for x in (choice["token_ids"], told.get("tokens"), told.get("token_logprobs")))
        if ids is None or names is None or values is None:
            raise self._odd("gave no log-probabilities")
        if not len(ids) == len(names) == len(values):
            raise self._odd(f"gave {len(ids)} tokens with {len(values)} log-probabilities")
        if not all(type(one) is int and 0 <= one < self._vocabulary for one in ids):
            raise self._odd("gave a token that the model has not")
        if names != [f"token_id:{one}" for one in ids]:
            raise self._odd("gave log-probabilities of other tokens")
        return ids, [self._logprob(value) for value in values]

    def _logprob(self, value: Any) -> float:
        number = float(value) if type(value) in {int, float} else math.nan
        if not LEAST < number < 1e-3:  # rounding may leave the last digits of 0 above it
            raise self._odd(f"gave {str(value)[:20]} as a log-probability")
        return min(number, 0.0)

    def _odd(self, what: str) -> PolicyError:
        return PolicyError(
            f"the server {what}.", place=self.url, remedy="Take vLLM 0.22 to 0.31, started as in docs/serving.md."
        )

    # Temperature.

    def check_temperature(self, temperature: float) -> None:
        """Make sure that log-probabilities at a temperature are those that tokens are drawn with.

        Raises:
            PolicyError: they are those of temperature 1.
        """
        if temperature in {0.0, 1.0}:  # a greedy answer has the log-probabilities of temperature 1
            return
        if self._as_drawn is None:
            self._as_drawn = self._scales_with_temperature()
        if not self._as_drawn:
            raise PolicyError(
                f"the server gives log-probabilities of temperature 1, and tokens are drawn at {temperature:g}.",
                place=self.url,
                remedy="Start it with --logprobs-mode processed_logprobs, or set temperature = 1.0.",
            )

    def _scales_with_temperature(self) -> bool:
        """Whether likely tokens are nearer to each other at temperature 2, by half, or as far apart as at 1."""
        one, two = self._likeliest(1.0), self._likeliest(2.0)
        shared = sorted(set(one) & set(two), key=lambda token: one[token])
        apart = one[shared[-1]] - one[shared[0]] if len(shared) > 1 else 0.0
        if apart < 1e-3:
            raise self._odd("gives too few log-probabilities to tell of which temperature they are")
        ratio = (two[shared[-1]] - two[shared[0]]) / apart
        if min(abs(ratio - 0.5), abs(ratio - 1.0)) > 0.15:
            raise self._odd(f"gives log-probabilities that temperature changes {ratio:.2f}-fold")
        return ratio < 0.75

    def _likeliest(self, temperature: float) -> dict[str, float]:
        """Log-probabilities of the likeliest tokens behind some token."""
        body = self._body([self._end]) | {"max_tokens": 1, "temperature": temperature, "logprobs": TOP, "seed": 0}
        choice = self._choice(self._client.post("/v1/completions", body | {"ignore_eos": True}), [self._end])
        self._tokens(choice)
        tops = array(table(choice["logprobs"]).get("top_logprobs")) or [None]
        found = {token: self._logprob(value) for token, value in table(tops[0]).items()}
        if sum(math.exp(value) for value in found.values()) > 1.01:
            raise self._odd("gave numbers that are no log-probabilities (logits?)")
        return found

    # Models and adapters.

    def models(self) -> list[dict[str, Any]]:
        """What the server serves: `id`, and of an adapter its `root` (folder) and `parent`.

        Raises:
            PolicyError: no server answers, or it is no such server.
        """
        reply = self._client.get("/v1/models")
        cards = array(table(reply.body).get("data"))
        self._check_key(reply)
        if reply.status != 200 or cards is None:
            raise PolicyError(
                f"this is no model server: it answers {reply.status} to /v1/models.",
                place=self.url,
                remedy="Start vLLM there.",
            )
        return [table(card) for card in cards]

    def load(self, name: str, folder: Path) -> None:
        """Load an adapter and sample with it from now on.

        Args:
            name: new to the server, which keeps what it read by the name of the adapter.
            folder: where it lies, for the server too.

        Raises:
            PolicyError: the server did not load it.
        """
        reply = self._client.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(folder)})
        self._check_key(reply)
        if reply.status == 404 and "detail" in table(reply.body):
            raise PolicyError(
                "the server does not allow adapters to be loaded.",
                place=self.url,
                remedy="Start it with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True and --enable-lora.",
            )
        cards = self.models() if reply.status == 200 else []
        loaded = next((card for card in cards if card.get("id") == name), table(None))
        if not loaded.get("parent") or loaded.get("root") != str(folder):
            raise PolicyError(
                f"the server did not load the adapter ({reply.status}): {reply.says}",
                place=str(folder),
                remedy="It needs --enable-lora, --max-lora-rank of the recipe's rank or more, this very base, and this"
                " folder at this very place.",
            )
        self.model = name

    def unload(self, name: str) -> None:
        """Unload an adapter. An adapter that the server does not have is not an error.

        Raises:
            PolicyError: the server keeps it.
        """
        reply = self._client.post("/v1/unload_lora_adapter", {"lora_name": name})
        if reply.status not in {200, 404}:
            raise PolicyError(
                f"the server keeps the adapter {name} ({reply.status}): {reply.says}",
                place=self.url,
                remedy="Start it with a larger --max-cpu-loras where others load adapters too.",
            )


def _cached_tokens(reply: JsonReply, most: int) -> int:
    """Tokens of a conversation that the server had read before, where it tells (`--enable-prompt-tokens-details`)."""
    usage = table(table(reply.body).get("usage"))
    known = table(usage.get("prompt_tokens_details")).get("cached_tokens")
    return known if type(known) is int and 0 <= known <= most else 0
