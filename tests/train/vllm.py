"""The part of vLLM's HTTP API that is used, over a tiny model of transformers: real HTTP, real sampling, real adapters.

Fields and errors as in vLLM 0.22 to 0.31: `completion/protocol.py`, `completion/serving.py`, `models/serving.py`.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import torch

from dataclaw.models.answer_writer import cache_argument


@dataclass
class Vllm:
    """A server.

    Attributes:
        model: folder of the base.
        mode: `--logprobs-mode`.
        updating: VLLM_ALLOW_RUNTIME_LORA_UPDATING.
        max_model_len: longest conversation [tokens].
        old: a release that gives no token ids.
        deaf: a release that loads adapters and computes without them.
        key: `--api-key`.
        spoil: changes an answer of `/v1/completions` before it is sent.
        asked: all requests to `/v1/completions`.
        adapters: what is loaded, name and folder.
        loaded: every adapter that was ever loaded.
        url: base address.
    """

    model: Path
    mode: str = "processed_logprobs"
    updating: bool = True
    max_model_len: int = 4096
    old: bool = False
    deaf: bool = False
    key: str = ""
    spoil: Callable[[dict[str, Any]], Any] = lambda body: body
    asked: list[dict[str, Any]] = field(default_factory=list)
    adapters: dict[str, str] = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        from transformers import AutoModelForCausalLM

        self._base: Any = AutoModelForCausalLM.from_pretrained(self.model).eval()
        self._argument = cache_argument(self._base)
        self._peft: Any = None
        self._lock = threading.Lock()

    def reply(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and body."""
        if (method, path) == ("GET", "/v1/models"):
            return 200, {"object": "list", "data": self._cards()}
        if (method, path) == ("POST", "/v1/completions"):
            with self._lock:
                self.asked.append(body)
                status, made = self._complete(body)
            return status, self.spoil(made) if status == 200 else made
        if self.updating and (method, path) == ("POST", "/v1/load_lora_adapter"):
            return self._load(body["lora_name"], body["lora_path"])
        if self.updating and (method, path) == ("POST", "/v1/unload_lora_adapter"):
            return self._unload(body["lora_name"])
        return 404, {"detail": "Not Found"}

    def _cards(self) -> list[dict[str, Any]]:
        base = {"id": "base", "root": str(self.model), "parent": None, "max_model_len": self.max_model_len}
        return [base, *({"id": n, "root": f, "parent": "base"} for n, f in self.adapters.items())]

    def _load(self, name: str, folder: str) -> tuple[int, Any]:
        from peft import PeftModel

        if name in self.adapters:
            return _error(400, f"The lora adapter '{name}' has already been loaded.")
        if not (Path(folder) / "adapter_config.json").is_file():
            return _error(404, f"Loading lora {name} failed: No adapter found for {folder}")
        with self._lock, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            if self._peft is None:
                self._peft = PeftModel.from_pretrained(self._base, folder, adapter_name=name).eval()
            else:
                self._peft.load_adapter(folder, adapter_name=name)
        self.adapters[name] = folder
        self.loaded.append(name)
        return 200, f"Success: LoRA adapter '{name}' added successfully."

    def _unload(self, name: str) -> tuple[int, Any]:
        if name not in self.adapters:
            return _error(404, f"The lora adapter '{name}' cannot be found.")
        del self.adapters[name]
        return 200, f"Success: LoRA adapter '{name}' removed successfully."

    def _complete(self, body: dict[str, Any]) -> tuple[int, Any]:
        name, prompt = body["model"], body["prompt"]
        if name != "base" and name not in self.adapters:
            return _error(404, f"The model `{name}` does not exist.")
        if len(prompt) + body["max_tokens"] > self.max_model_len:
            return _error(400, f"This model's maximum context length is {self.max_model_len} tokens.")
        plain = {"top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0}
        assert all(body[key] == value for key, value in plain.items()), "this fake samples from the whole distribution"
        ids, logprobs, tops, reason = self._sample(name, body)
        told = {
            "tokens": [f"token_id:{i}" for i in ids],
            "token_logprobs": [max(x, -9999.0) for x in logprobs],
            "top_logprobs": [{f"token_id:{i}": x for i, x in top.items()} for top in tops],
            "text_offset": [0] * len(ids),
        }
        choice = {"index": 0, "text": "", "logprobs": told, "finish_reason": reason, "stop_reason": None}
        if body.get("return_token_ids") and not self.old:
            choice |= {"token_ids": ids, "prompt_token_ids": prompt}
        usage = {"prompt_tokens": len(prompt), "completion_tokens": len(ids)}
        return 200, {"id": "cmpl-1", "object": "text_completion", "model": name, "choices": [choice], "usage": usage}

    @torch.no_grad()
    def _sample(self, name: str, body: dict[str, Any]) -> tuple[list[int], list[float], list[dict[int, float]], str]:
        generator = torch.Generator().manual_seed(body["seed"])
        stops = set(body["stop_token_ids"]) if "stop_token_ids" in body else set()
        if not body.get("ignore_eos"):
            stops.add(self._base.config.eos_token_id)
        ids, logprobs, tops = [], [], []
        new, cache = torch.tensor([body["prompt"]]), None
        model = self._base if self._peft is None else self._peft
        with self._weights(name):
            while len(ids) < body["max_tokens"]:
                answer = model(input_ids=new, use_cache=True, **{self._argument: cache})
                cache, logits = getattr(answer, self._argument), answer.logits[0, -1].float()
                drawn = torch.log_softmax(logits / (body["temperature"] or 1.0), -1)
                one = int(torch.multinomial(drawn.exp(), 1, generator=generator))
                if not body["temperature"]:
                    one = int(logits.argmax())
                given = drawn if self.mode == "processed_logprobs" else torch.log_softmax(logits, -1)
                given = logits if self.mode == "raw_logits" else given
                likely = [one, *given.topk(body["logprobs"]).indices.tolist()] if body["logprobs"] else [one]
                ids.append(one)
                logprobs.append(float(given[one]))
                tops.append({i: float(given[i]) for i in likely})
                if one in stops:
                    return ids, logprobs, tops, "stop"
                new = torch.tensor([[one]])
        return ids, logprobs, tops, "length"

    def _weights(self, name: str) -> Any:
        if self._peft is None:
            return nullcontext()
        if name == "base" or self.deaf:
            return self._peft.disable_adapter()
        self._peft.set_adapter(name)
        return nullcontext()


def _error(status: int, message: str) -> tuple[int, Any]:
    return status, {"error": {"message": message, "type": "BadRequestError", "param": None, "code": status}}


@contextmanager
def vllm(model: Path, **settings: Any) -> Generator[Vllm]:
    """A server that is up."""
    state = Vllm(model, **settings)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", {})

        def do_POST(self) -> None:
            self._answer("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, method: str, body: dict[str, Any]) -> None:
            status, made = 401, {"error": "Unauthorized"}
            if not state.key or self.headers["Authorization"] == f"Bearer {state.key}":
                status, made = state.reply(method, self.path, body)
            data = made if isinstance(made, bytes) else json.dumps(made).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield state
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
