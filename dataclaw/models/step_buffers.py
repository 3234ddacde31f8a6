"""One step of decoding: a token for every row, drawn on the device, in tensors that never move."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from dataclaw.models.answers import PartialAnswer
from dataclaw.models.wave_decoder import next_mask


class StepBuffers:
    """What a step reads and writes besides keys and values: tensors that stay where they are, one row a slot.

    `_uniforms`, `_ids` and `_logprobs` are `(slots, ahead)`; everything else is `(slots,)`.
    """

    def __init__(self, slots: int, ahead: int, context: int, vocabulary: int, device: torch.device) -> None:
        self.order = torch.arange(slots, device=device)
        self._bin, self._vocabulary, self._device = context - 1, vocabulary, device
        self._tokens = torch.zeros(slots, dtype=torch.long, device=device)
        self._positions = torch.full((slots,), self._bin, dtype=torch.long, device=device)
        self._temperature = torch.ones(slots, device=device)
        self._uniforms = torch.zeros(slots, ahead, dtype=torch.float64, device=device)
        self._at = torch.zeros(1, dtype=torch.long, device=device)
        self._ids = torch.zeros(slots, ahead, dtype=torch.long, device=device)
        self._logprobs = torch.zeros(slots, ahead, device=device)
        self._allowed: Tensor | None = None
        self._ahead = ahead

    def rest(self) -> None:
        """Let every row write into the bin, the last position, which nobody reads."""
        self._positions.fill_(self._bin)
        self._at.zero_()

    def set(self, rows: Sequence[PartialAnswer], steps: int, ruled: bool) -> None:
        """Fill in what the next steps begin with."""
        state = [[row.slot for row in rows], [row.last for row in rows], [row.position for row in rows]]
        slots, tokens, positions = torch.tensor(state, device=self._device)
        self.rest()
        self._tokens[slots] = tokens
        self._positions[slots] = positions
        warmth = [row.request.temperature for row in rows]
        self._temperature[slots] = torch.tensor(warmth, dtype=torch.float32, device=self._device)
        drawn = np.stack([row.uniforms[len(row.ids) : len(row.ids) + steps] for row in rows])
        self._uniforms[slots, :steps] = torch.from_numpy(drawn).to(self._device)
        if ruled:
            self._allow(rows)

    def _allow(self, rows: Sequence[PartialAnswer]) -> None:
        masks = np.stack([next_mask(row, self._vocabulary) for row in rows])
        slots = torch.tensor([row.slot for row in rows], device=self._device)
        self.grammar_mask[slots] = torch.from_numpy(masks).to(self._device)

    @property
    def grammar_mask(self) -> Tensor:
        """`(slots, vocabulary)`, made when a grammar comes."""
        if self._allowed is None:
            self._allowed = torch.ones(len(self.order), self._vocabulary, dtype=torch.bool, device=self._device)
        return self._allowed

    def step(self, forward: Any, count: int, window: int, ruled: bool) -> None:
        """One token for each of the first `count` slots."""
        tokens, positions = self._tokens[:count], self._positions[:count]
        logits = forward(tokens[:, None], positions[:, None], window).float()
        at = self._at.expand(count, 1)
        uniforms = self._uniforms[:count].gather(1, at).squeeze(1)
        allowed = self.grammar_mask[:count] if ruled else None
        chosen, logprobs = draw(logits, self._temperature[:count], uniforms, allowed)
        self._ids[:count].scatter_(1, at, chosen[:, None])
        self._logprobs[:count].scatter_(1, at, logprobs[:, None])
        tokens.copy_(chosen)
        positions.add_(1).clamp_(max=self._bin)
        self._at.add_(1).clamp_(max=self._ahead - 1)

    def draws(
        self, rows: Sequence[PartialAnswer], steps: int
    ) -> Generator[tuple[PartialAnswer, list[int], list[float]]]:
        """What was sampled for each row."""
        ids = cast("list[list[int]]", self._ids[:, :steps].tolist())
        logprobs = cast("list[list[float]]", self._logprobs[:, :steps].tolist())
        yield from ((row, ids[row.slot], logprobs[row.slot]) for row in rows)


def draw(logits: Tensor, temperature: Tensor, uniforms: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Draw a token a row by inverting the cumulative distribution.

    Args:
        logits: `(n, vocabulary)` float32.
        temperature: `(n,)`; 0 takes the likeliest.
        uniforms: `(n,)` float64 in [0, 1).
        allowed: `(n, vocabulary)` bool, what may be drawn.

    Returns:
        Tokens `(n,)` and their log-probabilities `(n,)` under the distribution that was drawn from; of the likeliest
        token, at temperature 1.
    """
    if allowed is not None:
        logits = logits.masked_fill(~allowed, -math.inf)
    greedy = temperature <= 0
    warmth = torch.where(greedy, torch.ones_like(temperature), temperature)
    logprobs = torch.log_softmax(logits / warmth[:, None], -1)
    total = logprobs.double().exp().cumsum(-1)
    drawn = torch.searchsorted(total, (uniforms * total[:, -1])[:, None], right=True)[:, 0]
    chosen = torch.where(greedy, logprobs.argmax(-1), drawn.clamp(max=logits.shape[1] - 1))
    return chosen, logprobs.gather(1, chosen[:, None])[:, 0]
