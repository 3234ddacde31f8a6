"""The in-process runtime of GGUF models, driven so that its answers depend on the request alone.

Its traps, and what is done about each:

- An adapter that a request does not name keeps its scale from the request before: every adapter is always named.
- Its prompt cache in RAM forgets which adapter the keys were computed with: it is off.
- A slot that changes its adapter forgets its keys: every adapter has a slot of its own, so that the domains' long
  system prompts stay computed while a run goes from domain to domain.
- A model file's own chat template may add a system message: prompts come as finished text.
- Its JSON grammar leaves white space free, which models fill with blank lines: the grammar forbids it.
- A slot that gets its keys from a file forgets them when the next request names another adapter than the last one did:
  the adapter is named first.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import PolicyError
from dataclaw.models.chatml import JINJA
from dataclaw.models.json_client import JsonClient
from dataclaw.models.libraries import library
from dataclaw.models.snapshots import Snapshots
from dataclaw.types import Json

log = logging.getLogger(__name__)
CONTEXT = 8192
"""Tokens that a conversation may have."""
_STARTS = frozenset('{["-0123456789tfn')  # what JSON begins with
_COMPACT = {"whitespace_flexible": False}


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote.

    Attributes:
        text: without the token that ended it.
        tokens: ids of what was sampled, the one that ended it included; only where log-probabilities were asked for.
            The runtime leaves out tokens that are parts of one character, then there are fewer than `written`.
        logprobs: their log-probabilities, before temperature and grammar.
        written: tokens that were sampled.
        prompt: tokens of the prompt.
        prefilled: those of them that were not in the slot already.
        seconds: wall-clock time [s].
    """

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    written: int
    prompt: int
    prefilled: int
    seconds: float


class LlamaServer:
    """One model with any number of adapters, each in a slot of its own.

    Args:
        model: GGUF file.
        threads: CPU threads.
        adapters: LoRA adapters (GGUF); requests name them by their place here.
        context: tokens that one conversation may have; a slot takes 23 KB a token with the embedded model.
        exact: keys and values in float32 and no fused attention, to compare with another implementation.
        snapshots: folder in which beginnings of prompts are kept (`begin`); None keeps none.

    Raises:
        MissingExtraError: the runtime is not installed.
        PolicyError: the model or an adapter cannot be loaded.
    """

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 1,
        adapters: Sequence[Path] = (),
        context: int = CONTEXT,
        exact: bool = False,
        snapshots: Path | None = None,
    ) -> None:
        self._adapters = tuple(adapters)
        self._slots = max(1, len(adapters))
        self._last: dict[int, tuple[int | None, str]] = {}  # by slot: its adapter, and what its keys begin with
        runtime = library("xllamacpp", extra="embedded", user="the embedded model")
        self._snapshots = Snapshots(snapshots, model, runtime.__version__) if snapshots else None
        params = runtime.CommonParams()
        params.model.path = str(model)
        params.n_ctx = context * self._slots
        params.n_parallel = self._slots
        params.cpuparams.n_threads = threads
        params.cache_ram_mib = 0
        params.lora_adapters = [runtime.CommonAdapterLoraInfo(str(adapter), 0.0) for adapter in adapters]
        params.chat_template = JINJA  # for who asks over HTTP
        params.warmup = False
        params.slot_save_path = f"{snapshots}/" if snapshots else ""
        params.verbosity = 0
        if exact:
            params.cache_type_k = params.cache_type_v = runtime.ggml_type.GGML_TYPE_F32
            params.flash_attn_type = runtime.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        try:
            self._server: Any = runtime.Server(params)
        except (RuntimeError, ValueError) as error:
            raise PolicyError(
                f"the runtime cannot load the model or an adapter: {error}.",
                place=str(model),
                remedy="Use adapters of this very model; run: dataclaw models get embedded",
            ) from None

    @property
    def address(self) -> str:
        """Base URL of the OpenAI-compatible server that the runtime opens on the loopback interface."""
        return str(self._server.listening_address)

    def begin(self, text: str, *, adapter: int | None = None) -> None:
        """Have the beginning of the next prompts in the adapter's slot: from a file, or read now and kept in one.

        Without a folder for snapshots nothing happens: a prompt is read when it comes.

        Args:
            text: what the prompts begin with; the next token must not merge with it (a special token never does).
            adapter: place of the adapter that they are read with; None for the model alone.
        """
        slot = adapter or 0
        if self._snapshots is None or self._last.get(slot) == (adapter, text):
            return
        name = self._snapshots.name(text, None if adapter is None else self._adapters[adapter])
        if not (self._snapshots.there(name) and self._restore(slot, adapter, name)):
            self._ask(text, adapter, max_tokens=0)
            try:
                self._snapshots.keep(name, lambda part: self._slot(slot, "save", part))
            except (PolicyError, OSError) as error:  # a full disk costs time and nothing else
                log.warning("what was read of a prompt is not kept: %s", error)
        self._last[slot] = (adapter, text)

    def _restore(self, slot: int, adapter: int | None, name: str) -> bool:
        if slot not in self._last or self._last[slot][0] != adapter:
            self._ask(" ", adapter, max_tokens=0)
        try:
            self._slot(slot, "restore", name)
        except PolicyError as error:
            log.warning("%s is read again: %s", name, error)
            if self._snapshots:
                self._snapshots.drop(name)
            return False
        return True

    def _slot(self, slot: int, action: str, name: str) -> None:
        """Write a slot's keys and values to a file, or take them from one; only the HTTP interface can."""
        client = JsonClient(self.address, seconds=60)
        reply = client.post(f"/slots/{slot}?action={action}", {"filename": name})
        if reply.status != 200:
            raise PolicyError(
                f"the runtime could not {action} a slot ({reply.status}): {reply.says}",
                remedy="Empty the folder prompts in the cache.",
            )

    def complete(
        self,
        prompt: str | Sequence[int],
        *,
        adapter: int | None = None,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        schema: Mapping[str, Json] | None = None,
        logprobs: bool = False,
    ) -> Completion:
        """Let the model go on from a prompt until it ends its turn.

        Args:
            prompt: text in which special tokens count as such, or token ids.
            adapter: place of the adapter to use; None for the model alone.
            max_tokens: what it may write.
            temperature: 0 takes the likeliest token.
            seed: of the sampling.
            schema: JSON Schema that the answer is held to, as JSON without white space.
            logprobs: give ids and log-probabilities, too.

        Raises:
            PolicyError: the prompt is too long, or the schema cannot be a grammar.
        """
        start = time.monotonic()
        more: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed}
        if schema is not None:
            more["json_schema"] = {**schema, "x-guidance": _COMPACT}
        if logprobs:
            more["logprobs"] = 1
        answer = self._ask(prompt if isinstance(prompt, str) else list(prompt), adapter, **more)
        if schema is not None:
            _check_held(str(answer["choices"][0]["text"]), cut=answer["choices"][0]["finish_reason"] == "length")
        return _completion(answer, time.monotonic() - start)

    def _ask(self, prompt: str | list[int], adapter: int | None, **more: Any) -> dict[str, Any]:
        """The runtime's answer; every adapter is named, and the slot is the adapter's."""
        slot = adapter or 0
        before = self._last.get(slot, (None, ""))[1]
        kept = isinstance(prompt, str) and self._last.get(slot) == (adapter, before) and prompt.startswith(before)
        self._last[slot] = (adapter, before if kept else "")
        scales = [{"id": n, "scale": 1.0 if n == adapter else 0.0} for n in range(len(self._adapters))]
        try:
            answer = cast(
                "dict[str, Any]",
                self._server.handle_completions({"prompt": prompt, "lora": scales, "id_slot": slot, **more}),
            )
        except (ValueError, RuntimeError) as error:  # the runtime's words for what it cannot take
            raise PolicyError(f"the embedded model refused: {error}.") from None
        if "choices" not in answer:
            reason = answer.get("message") or answer.get("error") or answer
            raise PolicyError(f"the embedded model gave no answer: {reason}.")
        return answer

    def close(self) -> None:
        """Stop the server."""
        self._server = None


def _completion(answer: Mapping[str, Any], seconds: float) -> Completion:
    choice, usage = answer["choices"][0], answer["usage"]
    said = cast("list[dict[str, Any]]", (choice.get("logprobs") or {}).get("content") or [])
    return Completion(
        text=str(choice["text"]),
        tokens=tuple(int(token["id"]) for token in said),
        logprobs=tuple(float(token["logprob"]) for token in said),
        written=int(usage["completion_tokens"]),
        prompt=int(usage["prompt_tokens"]),
        prefilled=int(answer["timings"]["prompt_n"]),
        seconds=seconds,
    )


def _check_held(text: str, *, cut: bool) -> None:
    """Raise PolicyError for an answer that no schema allows: a grammar that cannot be read is dropped silently."""
    try:
        json.loads(text)
    except ValueError:
        if cut and text[:1] in _STARTS:
            return
        raise PolicyError(
            "the embedded model was not held to the schema: its runtime cannot read something in it.",
            remedy="Simplify the task's schema (its patterns and keywords), or decode freely (--no-constrained).",
        ) from None


def idle_cores() -> int:
    """Cores that nothing has used for a minute, at least one; one in a worker process, beside which others run."""
    if multiprocessing.parent_process() is not None:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 1.0
    return max(1, cores - round(busy))
