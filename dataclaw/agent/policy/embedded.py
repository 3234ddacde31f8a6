"""The embedded model: SmolLM2-135M-Instruct in this process, on CPU, with constrained JSON.

Installed with `pip install 'dataclaw-tailor[embedded]'` and `dataclaw models get embedded`. Every answer is decoded
under the schema of the next action, so that it always parses and never cites what was not seen. Prompts are written by
`chatml`, token for token as in training.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.errors import PolicyError
from dataclaw.models import chatml
from dataclaw.models.gguf_files import check_adapter, served_model
from dataclaw.models.llama_server import LlamaServer, idle_cores
from dataclaw.tools.cache import default_folder
from dataclaw.types import Decision

MAX_TOKENS = 4096
"""Most tokens of an answer. Drafts of the experts are longer than 1,024 in a third of some tasks, 4,300 at most."""


class Embedded:
    """The embedded model as a policy.

    Args:
        constrained: decode under the action schema; False shows what the model does freely.
        threads: CPU threads; 0 takes the cores that are idle, and in a worker process one. A thread too many costs far
            more than one too few: all wait for the slowest at every layer.
        temperature: 0 is greedy for the first attempt; later attempts of a best-of-n sample at 0.8.
        adapters: LoRA adapters (GGUF) by domain; other domains are answered by the model alone.

    Raises:
        MissingExtraError: the runtime is not installed.
        PolicyError: the weights are not there, the message says how to fetch them; or an adapter is no GGUF file, is
            damaged, or was trained on another model.
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
        for domain, file in sorted((adapters or {}).items()):
            check_adapter(file, domain)
        files = sorted({file.resolve() for file in (adapters or {}).values()})  # one for all domains is loaded once
        self._adapters = {domain: files.index(file.resolve()) for domain, file in (adapters or {}).items()}
        kept = default_folder() / "prompts"
        self._runtime = LlamaServer(served_model(), threads=threads or idle_cores(), adapters=files, snapshots=kept)

    @property
    def address(self) -> str:
        """Base URL of the OpenAI-compatible server that the runtime opens on the loopback interface."""
        return self._runtime.address

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """One after the other: more slots give no more tokens a second on a CPU."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Stop the server."""
        self._runtime.close()

    def _decide(self, given: PolicyInput) -> Decision:
        start = time.monotonic()
        attempt = given.state.attempt
        messages = [{"role": message.role, "content": message.text} for message in given.messages()]
        adapter = self._adapters.get(given.session.task.domain)
        try:
            self._runtime.begin(chatml.render(messages[:1]), adapter=adapter)
            answer = self._runtime.complete(
                chatml.render(messages) + chatml.opening("assistant"),
                adapter=adapter,
                max_tokens=MAX_TOKENS,
                temperature=self._temperature if attempt == 0 else max(self._temperature, 0.8),
                seed=attempt,
                schema=given.action_schema() if self._constrained else None,
            )
        except PolicyError as error:
            return Decision("", seconds=time.monotonic() - start, error=str(error))
        return Decision(answer.text, answer.written, answer.prompt, answer.seconds)
