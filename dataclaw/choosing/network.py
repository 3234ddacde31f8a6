"""The forward pass of the learned chooser in NumPy, so that use needs nothing but what is installed anyway.

It is the network of `train.choice_net`; a test holds the two to the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataclaw.choosing.encode import EncodedPoint

Array = NDArray[np.float32]
HEADS = 4


@dataclass(frozen=True, slots=True)
class Network:
    """Weights by the names that training gives them.

    Attributes:
        weights: float32 arrays.
        layers: number of layers in which options look at each other.
    """

    weights: Mapping[str, Array]
    layers: int

    def odds(self, point: EncodedPoint) -> Array:
        """Of each option the log odds that it is wanted, and how early it comes, `(N, 2)`."""
        table = self.weights["words.weight"]
        asked = table[point.intent].sum(1) + self.weights["places.weight"][: len(point.intent)]
        asked = self._layer("reader", asked, None, None)
        there = (point.options[..., 0] != 0)[..., None]
        own = (table[point.options].sum(2) * there).sum(1) / np.maximum(there.sum(1), 1)
        common = np.einsum("nlm,lw->nmw", point.matches, asked).reshape(len(own), -1)
        now = self._linear("told", own) + self._linear("said", common) + self._linear("figures", point.figures)
        now = now + self._linear("counted", point.figures * self._linear("counting", asked.mean(0)))
        for number in range(self.layers):
            now = self._layer(f"layers.{number}", now, asked, point.relations)
        return self._linear("odds", self._norm("last", now))

    def _layer(self, name: str, now: Array, asked: Array | None, relations: Array | None) -> Array:
        x = self._norm(f"{name}.norms.0", now)
        between = None if relations is None else self._linear(f"{name}.between", relations).transpose(2, 0, 1)
        now = now + self._attend(f"{name}.own", x, x, between)
        if asked is not None:
            now = now + self._attend(f"{name}.cross", self._norm(f"{name}.norms.1", now), asked, None)
        x = self._norm(f"{name}.norms.{1 if asked is None else 2}", now)
        return now + self._linear(f"{name}.narrow", np.maximum(self._linear(f"{name}.wide", x), 0.0))

    def _attend(self, name: str, x: Array, source: Array, between: Array | None) -> Array:
        q, k, v = (
            self._linear(f"{name}.{part}", given).reshape(len(given), HEADS, -1).transpose(1, 0, 2)
            for part, given in (("query", x), ("key", source), ("value", source))
        )
        scores = q @ k.transpose(0, 2, 1) / np.float32(q.shape[-1] ** 0.5)
        scores = scores if between is None else scores + between
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        return self._linear(f"{name}.out", mixed.transpose(1, 0, 2).reshape(len(x), -1))

    def _linear(self, name: str, x: Array) -> Array:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
