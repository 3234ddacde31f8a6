"""Keys and values of many conversations in fixed memory, one row (slot) a conversation, each filled as far as it is.

A row's token lies at its own position, so that rows of different lengths decode together without padding, a
conversation that goes on is prefilled by its new tokens alone, and cutting a row off costs nothing. The tensors never
move, which CUDA graphs need.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin


class _Where:
    """Where the next forward pass reads and writes: `rows (n,)`, `positions (n, q)`, the first `window` tokens."""

    def __init__(self) -> None:
        self.rows = torch.zeros(0, dtype=torch.long)
        self.positions = torch.zeros(0, 0, dtype=torch.long)
        self.window = 0
        self.first = False


class _Layer(CacheLayerMixin):
    """One layer: `keys` and `values` `(slots, heads, context, head size)`, made when the first token comes."""

    is_compileable = False

    def __init__(self, where: _Where, slots: int, context: int, dtype: torch.dtype | None) -> None:
        super().__init__()
        self._where, self._slots, self._context, self._dtype = where, slots, context, dtype

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        def room(like: Tensor) -> Tensor:
            size = (self._slots, like.shape[1], self._context, like.shape[3])
            return like.new_zeros(size, dtype=self._dtype or like.dtype)

        self.keys, self.values = room(key_states), room(value_states)
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        return self._put(self.keys, key_states), self._put(self.values, value_states)

    def _put(self, held: Any, new: Tensor) -> Tensor:
        at = self._where
        held[at.rows[:, None], :, at.positions] = new.transpose(1, 2).to(held.dtype)
        seen = held[:, :, : at.window]
        return seen[: len(at.rows)] if at.first else seen[at.rows]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:  # noqa: ARG002
        return self._where.window, 0

    def get_seq_length(self) -> int:
        return 0

    def get_max_length(self) -> int:
        return self._context


class SlotCache(Cache):
    """The cache to hand to a model of transformers.

    Args:
        layers: layers of the model.
        slots: conversations.
        context: longest conversation [tokens]; its last position is a bin for tokens that are only padding.
        dtype: how keys and values are kept; None: as the model gives them.
    """

    def __init__(self, layers: int, slots: int, context: int, dtype: torch.dtype | None = None) -> None:
        self._where = _Where()
        self._rows = [_Layer(self._where, slots, context, dtype) for _ in range(layers)]
        super().__init__(layers=list(self._rows))

    def aim(self, rows: Tensor, positions: Tensor, window: int, *, first: bool) -> None:
        """Say where the next forward pass reads and writes.

        Args:
            rows: `(n,)` the slots.
            positions: `(n, q)` where each new token lies.
            window: tokens of every row that are read.
            first: the rows are the first n slots, in order; then nothing is copied.
        """
        at = self._where
        at.rows, at.positions, at.window, at.first = rows, positions, window, first

    def swap(self, ones: Sequence[int], others: Sequence[int], tokens: int) -> None:
        """Let the first tokens of slots change places, pair by pair; no slot is named twice."""
        tensors = self._tensors()
        to, of = ([*ones, *others], [*others, *ones])
        index = torch.tensor([to, of], device=tensors[0].device) if tensors else torch.zeros(2, 0)
        for held in tensors:
            seen = held[:, :, :tokens]
            seen[index[0]] = seen[index[1]]

    def copy(self, source: int, targets: Sequence[int], tokens: int) -> None:
        """Copy the first tokens of one slot into others."""
        tensors = self._tensors()
        index = torch.tensor(targets, device=tensors[0].device) if tensors else torch.zeros(0)
        for held in tensors:
            held[index, :, :tokens] = held[source, :, :tokens].clone()

    def _tensors(self) -> list[Any]:
        return [held for row in self._rows if row.is_initialized for held in (row.keys, row.values)]
