"""The embedded model: SmolLM2-135M-Instruct in this process, on CPU, with constrained JSON.

Installed with `pip install 'dataclaw-tailor[embedded]'` and `dataclaw models get embedded`. Every answer is decoded
under the schema of the next action, so that it always parses and never cites what was not seen. Two traps of the
runtime are avoided here: adapters are always named (an omitted one reuses another's cache), and the RAM prompt cache is
off for the same reason.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from dataclaw.agent.policy.base import Scene
from dataclaw.agent.policy.weights import EMBEDDED, weights_path
from dataclaw.agent.steps import Decision
from dataclaw.errors import MissingExtraError, PolicyError
from dataclaw.types import Json

CONTEXT = 8192
MAX_TOKENS = 1024


class Embedded:
    """The embedded model as a policy.

    Args:
        constrained: decode under the action schema; False shows what the model does freely.
        threads: CPU threads; 0 takes all but one. One is best on a machine that is shared.
        temperature: 0 is greedy for the first attempt; later attempts of a best-of-n sample at 0.8.
        adapters: LoRA adapters (GGUF) by domain; other domains are answered by the model alone.

    Raises:
        MissingExtraError: the runtime is not installed.
        PolicyError: the weights are not there, the message says how to fetch them; or an adapter is no GGUF file.
    """

    def __init__(
        self,
        *,
        constrained: bool = True,
        threads: int = 0,
        temperature: float = 0.0,
        adapters: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = "embedded" if constrained else "embedded-free"
        self._constrained = constrained
        self._temperature = temperature
        files = {domain: _checked(file, domain) for domain, file in sorted((adapters or {}).items())}
        self._adapters = {domain: number for number, domain in enumerate(files)}
        threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._server: Any = _start(str(weights_path(EMBEDDED)), threads, list(files.values()))

    @property
    def address(self) -> str:
        """Base URL of the OpenAI-compatible server that the runtime opens on the loopback interface."""
        return str(self._server.listening_address)

    def decide(self, scenes: Sequence[Scene]) -> list[Decision]:
        """One after the other: more slots give no more tokens a second on a CPU."""
        return [self._decide(scene) for scene in scenes]

    def close(self) -> None:
        """Stop the server."""
        self._server = None

    def _lora(self, domain: str) -> list[dict[str, Json]]:
        """Every adapter by its number, at scale 1 for the domain's own and 0 for the others."""
        return [{"id": n, "scale": 1.0 if name == domain else 0.0} for name, n in self._adapters.items()]

    def _decide(self, scene: Scene) -> Decision:
        start = time.monotonic()
        attempt = scene.state.attempt
        request: dict[str, Json] = {
            "messages": [{"role": m.role, "content": m.text} for m in scene.messages()],
            "max_tokens": MAX_TOKENS,
            "temperature": self._temperature if attempt == 0 else max(self._temperature, 0.8),
            "seed": attempt,
            "lora": self._lora(scene.workshop.task.domain),
        }
        if self._constrained:
            schema = {"name": "action", "schema": scene.action_schema()}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        try:
            answer = cast("dict[str, Any]", self._server.handle_chat_completions(request))
        except (ValueError, RuntimeError) as error:  # the runtime's words for a schema or a prompt it cannot take
            return Decision("", seconds=time.monotonic() - start, error=f"the embedded model refused: {error}.")
        seconds = time.monotonic() - start
        if "choices" not in answer:
            reason = answer.get("message") or answer.get("error") or answer
            return Decision("", seconds=seconds, error=f"the embedded model gave no answer: {reason}.")
        usage = answer["usage"]
        text = str(answer["choices"][0]["message"].get("content") or "")
        text = compact(text) if self._constrained else text
        return Decision(text, int(usage["completion_tokens"]), int(usage["prompt_tokens"]), seconds)


def _checked(file: Path, domain: str) -> str:
    """The path of an adapter that is one, as far as its first bytes say."""
    try:
        with file.open("rb") as start:
            magic = start.read(4)
    except OSError as error:
        message = f"the adapter of domain {domain} cannot be read: {error}."
        raise PolicyError(message, remedy="Name a file with adapter = ... in plugins.toml.") from None
    if magic != b"GGUF":
        raise PolicyError(f"the adapter of domain {domain} is no GGUF file.", place=str(file), remedy="Convert it.")
    return str(file)


def compact(text: str) -> str:
    """Constrained answers without the white space that the grammar leaves free; unparsable text as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return text


def _start(path: str, threads: int, adapters: Sequence[str]) -> Any:
    try:
        xllamacpp = importlib.import_module("xllamacpp")
    except ImportError:
        raise MissingExtraError(
            "the embedded model needs its runtime.", remedy="Run: pip install 'dataclaw-tailor[embedded]'"
        ) from None
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.cache_ram_mib = 0
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(adapter, 0.0) for adapter in adapters]
    params.warmup = False
    params.verbosity = 0
    return xllamacpp.Server(params)
