"""Weights of linear layers in the numbers of the computation, made once a change of the weights, not at every token.

Mixed training keeps what it trains in float32, and autocast makes a 16-bit copy of it at every call. While answers are
written the weights stand still: here the copies are made once and take the place of the weights, so that a step of
decoding reads the very numbers that autocast would give it, without a kernel for each of some hundred small matrices.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


class WeightCasts:
    """Copies of a model's linear weights. They stay where they are, which CUDA graphs need.

    Args:
        model: the model; its layers stay the same ones.
        dtype: numbers of the computation; None: there is nothing to copy.
    """

    def __init__(self, model: nn.Module, dtype: torch.dtype | None) -> None:
        self._model, self._dtype = model, dtype
        self._copies: list[tuple[nn.Linear, str, nn.Parameter]] | None = None
        self._stale = True

    def renew(self) -> None:
        """The weights have changed."""
        self._stale = True

    @contextmanager
    def in_place(self) -> Generator[None]:
        """With the copies in the place of the weights; no gradients in here."""
        if self._dtype is None:
            yield
            return
        if self._copies is None:
            self._copies = self._make_copies(self._dtype)
        if self._stale:
            with torch.no_grad():
                for layer, name, copy in self._copies:
                    copy.copy_(getattr(layer, name))
            self._stale = False
        kept: list[tuple[nn.Linear, str, Any]] = [
            (layer, name, getattr(layer, name)) for layer, name, _ in self._copies
        ]
        try:
            for layer, name, copy in self._copies:
                setattr(layer, name, copy)
            yield
        finally:
            for layer, name, weight in kept:
                setattr(layer, name, weight)

    def _make_copies(self, dtype: torch.dtype) -> list[tuple[nn.Linear, str, nn.Parameter]]:
        layers = [module for module in self._model.modules() if type(module) is nn.Linear]
        return [
            (layer, name, nn.Parameter(torch.empty_like(weight, dtype=dtype), requires_grad=False))
            for layer in layers
            for name, weight in layer.named_parameters(recurse=False)
            if weight.dtype == torch.float32
        ]
