"""Proof that a converted adapter is the trained one: the runtime's greedy answers, looked at by transformers.

The runtime answers held-out prompts with the converted adapter; one forward pass of the trained model over prompt and
answer then says, token by token, what it would have written there and with which probability. Every token its own
likeliest means that both write the same; no second generation is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import ConfigError
from dataclaw.models import chatml
from dataclaw.models.llama_server import LlamaServer
from dataclaw.strict import load_json
from dataclaw.train.base_model import Base
from dataclaw.train.devices import library

TIE = 0.02
"""Two tokens this near in log-probability may change places by rounding."""
DRIFT = 0.02
"""Mean difference of log-probabilities that rounding may make on a float32 base."""
_GOLDEN = (5**0.5 - 1) / 2  # multiples of it, whole numbers left out, are spread evenly however many are taken


@dataclass(frozen=True, slots=True)
class Proof:
    """What a comparison found.

    Attributes:
        prompts: held-out prompts that were compared.
        unread: others, whose answers have characters of several tokens: the runtime does not tell these tokens.
        equal: answers that are the same, token by token, up to ties.
        tokens: tokens that were compared.
        mean: mean absolute difference of their log-probabilities.
        largest: the largest.
    """

    prompts: int
    unread: int
    equal: int
    tokens: int
    mean: float
    largest: float

    @property
    def holds(self) -> bool:
        """Whether the converted adapter is the trained one."""
        return self.equal == self.prompts > 0 and self.mean <= DRIFT

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**asdict(self), "holds": self.holds}


def prove(model: Any, runtime: LlamaServer, prompts: Sequence[Sequence[int]], *, max_tokens: int = 32) -> Proof:
    """Compare a converted adapter with the trained one.

    Args:
        model: the base with the trained adapter (`load_adapter`), in float32.
        runtime: the base in the runtime, with the converted adapter as its first.
        prompts: token ids.
        max_tokens: tokens of an answer.

    Raises:
        PolicyError: the runtime does not answer.
    """
    equal, unread, differences = 0, 0, list[float]()
    for prompt in prompts:
        answer = runtime.complete(prompt, adapter=0, max_tokens=max_tokens, logprobs=True)
        if len(answer.tokens) < answer.written:
            unread += 1
            continue
        logprobs, gaps = _score_answer(model, prompt, answer.tokens)
        differences += [abs(a - b) for a, b in zip(answer.logprobs, logprobs, strict=True)]
        equal += all(gap <= TIE for gap in gaps)
    mean = sum(differences) / max(1, len(differences))
    return Proof(len(prompts) - unread, unread, equal, len(differences), mean, max(differences, default=0.0))


def held_out_prompts(
    traces: Path, base: Base, *, count: int, longest: int, domains: Collection[str] = ()
) -> list[list[int]]:
    """Prompts out of a file of traces: of each trace one turn, early and late ones in turn, spread over the file.

    Args:
        traces: JSON lines as `dataclaw corpus` exports them.
        base: whose tokeniser is used.
        count: how many at most.
        longest: tokens of a prompt; later turns than fit are not taken.
        domains: only traces of these; all where empty.

    Raises:
        ConfigError: the file is missing or has no trace of them with a prompt that short.
    """
    rows = [row for row in _rows(traces) if not domains or row.get("domain") in domains]
    found: list[list[int]] = []
    for row in sorted(range(len(rows)), key=lambda n: n * _GOLDEN % 1.0):
        prompt = _prompt(rows[row], base, len(found), longest) if len(found) < count else None
        found += [prompt] if prompt else []
    if not found:
        of = f" of {', '.join(sorted(domains))}" if domains else ""
        raise ConfigError(
            f"no trace{of} has a prompt of at most {longest} tokens.", place=str(traces), remedy="Allow longer ones."
        )
    return found


def _score_answer(model: Any, prompt: Sequence[int], answer: Sequence[int]) -> tuple[list[float], list[float]]:
    """Of each token of an answer: its log-probability, and by how much the likeliest token's is above it."""
    torch: Any = library("torch")
    ids = torch.tensor([[*prompt, *answer]], device=model.device)
    with torch.inference_mode():
        logits = model(input_ids=ids, logits_to_keep=len(answer) + 1).logits[0, :-1].float()
    every = logits.log_softmax(-1)
    own = every.gather(1, ids[0, len(prompt) :, None])[:, 0]
    return own.tolist(), (every.max(-1).values - own).tolist()


def _rows(traces: Path) -> list[Mapping[str, Any]]:
    try:
        with traces.open(encoding="utf-8") as lines:
            return [cast("Mapping[str, Any]", load_json(line)) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the traces cannot be read: {error}.",
            place=str(traces),
            remedy="Name validation_traces.jsonl of a corpus.",
        ) from None


def _prompt(row: Mapping[str, Any], base: Base, number: int, longest: int) -> list[int] | None:
    """All that stands before one of a trace's assistant turns."""
    messages = cast("list[Mapping[str, str]]", row["messages"])
    turns = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    prompts = [chatml.render(messages[:n]) + chatml.opening("assistant") for n in turns]
    encoded = [chatml.tokens_of(base.tokeniser, prompt) for prompt in prompts]
    fitting = [ids for ids in encoded if len(ids) <= longest]
    return fitting[number % len(fitting)] if fitting else None
