"""Writing many answers at once with a model of transformers: token-exact, and each conversation read only once.

Differences from the textbook (autoregressive decoding with a cache of keys and values):

- Conversations are lists of token ids that grow turn by turn. Their keys and values stay in slots between turns, so a
  turn prefills only what came since the last one.
- Conversations that begin alike are prefilled once; the others copy what they share.
- A batch has no padding: every row writes at its own position, and a mask `(n, 1, q, window)` hides what lies behind.
- Sampled ids are never decoded and encoded again. Each comes with the log-probability that it was drawn with.
- On a GPU a step is one CUDA graph for a number of rows and a length, replayed a few times before the host looks. On a
  CPU the same step runs as it is written.

Axes: n rows of a batch, q tokens of a row in one forward pass, window tokens that are looked back on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dataclaw.errors import PolicyError
from dataclaw.models import grouped_attention
from dataclaw.models.answer_writer import other_layers
from dataclaw.models.answers import DecodeRequest, PartialAnswer
from dataclaw.models.slot_cache import SlotCache
from dataclaw.models.step_buffers import StepBuffers
from dataclaw.models.wave_decoder import DecoderSettings, WaveDecoder
from dataclaw.models.weight_casts import WeightCasts

AHEAD = 8
"""Steps on a GPU before the host looks at what was sampled; tokens behind the end of an answer are dropped."""
CHUNK, PREFILL = 1024, 16_384
"""Most tokens of one row, and of all rows, that are prefilled at once."""
HEAD = 128
"""Conversations that share this many first tokens are compared for how many more they share."""


@dataclass(slots=True)
class _SlotState:
    """What lies in a slot: whose, which tokens, and when it was used last."""

    key: str = ""
    ids: list[int] = field(default_factory=list[int])
    used: int = 0


class SlotDecoder(WaveDecoder):
    """Samples answers; keys and values of as many conversations as there are slots are kept.

    Args:
        graphs: replay CUDA graphs; None: on a CUDA device.
        settings: see `WaveDecoder`.

    Raises:
        PolicyError: the model has layers that keep no keys and values of every token (linear or sliding attention).
    """

    attention = grouped_attention.NAME
    spare = 1  # the last position takes tokens that are only padding

    def __init__(
        self, model: Any, tokeniser: Any, *, graphs: bool | None = None, **settings: Unpack[DecoderSettings]
    ) -> None:
        super().__init__(model, tokeniser, **settings)
        if odd := other_layers(self._config, self.context):
            raise PolicyError(f"{odd} keeps no keys and values of every token.", remedy="Call `make_decoder`.")
        self._graphs = self.device.type == "cuda" if graphs is None else graphs
        self._ahead = AHEAD if self._graphs else 1
        self._cache = SlotCache(self._config.num_hidden_layers, self.slots, self.context, self._autocast)
        self._casts = WeightCasts(self._model, self._autocast)
        self._numbers = self._autocast or self._model.dtype
        self._board = StepBuffers(self.slots, self._ahead, self.context, self._config.vocab_size, self.device)
        self._recorded: dict[tuple[int, int, bool], Any] = {}
        self._pool: Any = None
        self._held = [_SlotState() for _ in range(self.slots)]
        self._clock = 0

    def forget(self) -> None:
        """Forget all conversations, since the weights have changed or nobody continues these."""
        self._held = [_SlotState() for _ in self._held]
        self.renew()

    def renew(self) -> None:
        """Use the weights as they are now. Keys and values of other weights stay for the conversations they are of."""
        self._casts.renew()

    def _check_images(self, requests: Sequence[DecodeRequest]) -> None:
        if any(request.images for request in requests):
            raise PolicyError("slots keep no images.", remedy="Call `make_decoder` with `vision`.")

    def _weights(self) -> AbstractContextManager[None]:
        return self._casts.in_place()

    def _answer(self, requests: Sequence[DecodeRequest]) -> list[PartialAnswer]:
        self._clock += 1
        rows = self._read(requests)
        self._write(rows)
        return rows

    # Reading: slots are found, and all tokens but the last are prefilled.

    def _read(self, requests: Sequence[DecodeRequest]) -> list[PartialAnswer]:
        slots = self._assign_slots(requests)
        known = {slot: tuple(request.ids[:-1]) for request, slot in zip(requests, slots, strict=True)}
        work: list[tuple[int, int, Sequence[int]]] = []
        later: list[tuple[int, int]] = []  # (slot, the one that is read first and begins alike)
        same: list[tuple[int, int]] = []  # (slot, the one that is read first and is the same)
        leaders: dict[tuple[int, ...], int] = {}
        firsts: dict[tuple[int, ...], int] = {}
        for slot, ids in known.items():
            shared = _common(self._held[slot].ids, ids)
            if shared:
                work.append((slot, shared, ids[shared:]))
            elif (first := firsts.setdefault(ids, slot)) != slot:
                same.append((slot, first))
            elif (leader := leaders.setdefault(ids[:HEAD], slot)) != slot:
                later.append((slot, leader))
            else:
                work.append((slot, 0, ids))
        read = self._prefill_all(work) | self._prefill_all(self._copy_shared(later, known))
        read |= self._prefill_all(self._copy_shared(same, known))
        for request, slot in zip(requests, slots, strict=True):
            self._held[slot] = _SlotState(request.key, list(known[slot]), self._clock)
        return [
            self._writer.begin(request, slot, read[slot], self._ahead)
            for request, slot in zip(requests, slots, strict=True)
        ]

    def _copy_shared(
        self, pairs: Sequence[tuple[int, int]], known: Mapping[int, tuple[int, ...]]
    ) -> list[tuple[int, int, Sequence[int]]]:
        """Take over what slots share with one that has been read; what is left to read of each."""
        shared = {slot: _common(known[leader], known[slot]) for slot, leader in pairs}
        for leader in dict.fromkeys(leader for _, leader in pairs):
            followers = [slot for slot, its in pairs if its == leader]
            self._cache.copy(leader, followers, max(shared[slot] for slot in followers))
        return [(slot, shared[slot], known[slot][shared[slot] :]) for slot, _ in pairs]

    def _assign_slots(self, requests: Sequence[DecodeRequest]) -> list[int]:
        """A slot for each request: its conversation's own, else the one that was used longest ago."""
        own = {held.key: slot for slot, held in enumerate(self._held) if held.key}
        taken = {own[request.key] for request in requests if request.key in own}
        free = sorted(set(range(self.slots)) - taken, key=lambda slot: self._held[slot].used)
        found: list[int] = []
        for request in requests:
            slot = own[request.key] if request.key in own else free.pop(0)
            if self._held[slot].key != request.key:
                self._held[slot] = _SlotState()
            found.append(slot)
        return found

    def _prefill_all(self, work: list[tuple[int, int, Sequence[int]]]) -> dict[int, int]:
        """Read `(slot, tokens that are there, tokens to add)`; the number of tokens added, by slot."""
        added = {slot: len(tokens) for slot, _, tokens in work}
        waiting = sorted((one for one in work if one[2]), key=lambda one: len(one[2]))
        while waiting:
            width = min(CHUNK, len(waiting[-1][2]))
            count = max(1, PREFILL // width)
            batch, waiting = waiting[-count:], waiting[:-count]
            self._prefill([(slot, at, tokens[:width]) for slot, at, tokens in batch], width)
            waiting += [(slot, at + width, tokens[width:]) for slot, at, tokens in batch if len(tokens) > width]
            waiting.sort(key=lambda one: len(one[2]))
        return added

    def _prefill(self, batch: Sequence[tuple[int, int, Sequence[int]]], width: int) -> None:
        ids = np.zeros((len(batch), width), np.int64)  # (n, q)
        positions = np.full((len(batch), width), self.context - 1, np.int64)
        for row, (_, at, tokens) in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            positions[row, : len(tokens)] = np.arange(at, at + len(tokens))
        window = self._window(max(at + len(tokens) for _, at, tokens in batch))
        rows = self._on_device(np.array([slot for slot, _, _ in batch], np.int64))
        self._cache.aim(rows, self._on_device(positions), window, first=False)
        self._forward(self._on_device(ids), self._on_device(positions), window)

    # Writing: one token a step for all rows that go on.

    def _write(self, rows: Sequence[PartialAnswer]) -> None:
        active = [row for row in rows if self._writer.goes_on(row)]
        while active:
            count = self._count(len(active))
            window = self._window(max(row.position for row in active) + self._ahead)
            self._gather(active, count, window)
            ruled = any(row.request.matcher for row in active)
            steps = 1 if ruled else self._ahead
            step = self._step(count, window, ruled)
            self._board.set(active, steps, ruled)
            for _ in range(steps):
                step()
            for row, ids, logprobs in self._board.draws(active, steps):
                self._writer.take(row, ids, logprobs)
            active = [row for row in active if self._writer.goes_on(row)]
        held = {one.key: one for one in self._held}
        for row in rows:
            if row.ids:  # the last token that was sampled was not read yet
                held[row.request.key].ids = [*row.request.ids, *row.ids[:-1]]

    def _gather(self, active: Sequence[PartialAnswer], count: int, window: int) -> None:
        """Move the rows into the first slots, so that a step computes few others."""
        window = max(window, *(len(held.ids) for held in self._held))
        free = sorted(set(range(count)) - {row.slot for row in active})
        moving = [row for row in active if row.slot >= count]
        if moving:
            self._cache.swap([row.slot for row in moving], free[: len(moving)], window)
        for row, slot in zip(moving, free, strict=False):
            self._held[row.slot], self._held[slot] = self._held[slot], self._held[row.slot]
            row.slot = slot

    def _count(self, active: int) -> int:
        return min(self.slots, 1 << (active - 1).bit_length()) if self._graphs else active

    def _window(self, tokens: int) -> int:
        """Tokens that a step looks back on; few different ones for graphs: 256, 384, 512, 768, 1024, ..."""
        if self._graphs:
            power = 1 << max(8, (tokens - 1).bit_length())
            tokens = power * 3 // 4 if tokens <= power * 3 // 4 and power > 256 else power
        return min(self.context, tokens)

    def _step(self, count: int, window: int, ruled: bool) -> Any:
        def step() -> None:
            self._board.step(self._next, count, window, ruled)

        if not self._graphs:
            return step
        key = (count, window, ruled)
        if key not in self._recorded:
            self._board.rest()
            self._recorded[key] = self._record(step)
        return self._recorded[key].replay

    def _record(self, step: Any) -> Any:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            step()
            step()
        torch.cuda.current_stream().wait_stream(aside)
        graph: Any = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            step()
        self._pool = self._pool or graph.pool()
        return graph

    def _next(self, tokens: Tensor, positions: Tensor, window: int) -> Tensor:
        self._cache.aim(self._board.order[: len(tokens)], positions, window, first=True)
        return self._forward(tokens, positions, window)

    def _forward(self, ids: Tensor, positions: Tensor, window: int) -> Tensor:
        """Logits after the last token of each row, `(n, vocabulary)`."""
        order = torch.arange(window, device=self.device)  # positions (n, q) -> mask (n, 1, q, window)
        unseen = order[None, None, None, :] > positions[:, None, :, None]
        # Added to the scores, made once: every layer would make it of truth values again.
        mask = torch.zeros(unseen.shape, dtype=self._numbers, device=self.device).masked_fill_(unseen, -math.inf)
        given = {self._argument: self._cache, "use_cache": True, "logits_to_keep": 1}
        # Casts are not kept: a graph would go on with those of weights that have changed since.
        with torch.autocast(self.device.type, self._autocast, enabled=bool(self._autocast), cache_enabled=False):
            logits = self._model(input_ids=ids, position_ids=positions, attention_mask=mask, **given).logits
        return logits[:, -1]

    def _on_device(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the common beginning."""
    most = min(len(one), len(other))
    if tuple(one[:most]) == tuple(other[:most]):  # what goes on as it was: compared without making arrays
        return most
    differs = np.flatnonzero(np.asarray(one[:most]) != np.asarray(other[:most]))
    return int(differs[0]) if len(differs) else most
