"""The network of the learned chooser, in torch: options look at the words of the intent and at each other.

A word is the sum of the embeddings of its hashes. The intent is read by one transformer layer. An option is its words,
its figures, those of its figures that the intent asks about ("longest", "last"), and what the intent says at the words
that both have; two layers let options look at each other and at the intent, the nearer and the liker the more. Two
numbers come out for each option: the log odds that the intent wants it, and how early it comes where an order is asked
for.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from dataclaw.choosing.encode import BUCKETS, FIGURES, INTENT, MATCHES, PARTS, RELATIONS, EncodedPoint
from dataclaw.choosing.network import HEADS

WIDTH, LAYERS = 96, 2


class ChoiceNet(nn.Module):
    """Log odds and place of each option.

    Args:
        width: numbers that a word, an option and a layer have.
        drop: share of numbers that training leaves out.
    """

    def __init__(self, width: int = WIDTH, drop: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(BUCKETS, width, padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.1)
        self.places = nn.Embedding(INTENT, width)
        self.figures = nn.Linear(FIGURES, width)
        self.counting = nn.Linear(width, FIGURES)
        self.counted = nn.Linear(FIGURES, width)
        self.said = nn.Linear(MATCHES * width, width)
        self.told = nn.Linear(width, width)
        self.reader = Layer(width, drop, crossing=False)
        self.layers = nn.ModuleList(Layer(width, drop, crossing=True) for _ in range(LAYERS))
        self.last = nn.LayerNorm(width)
        self.odds = nn.Linear(width, 2)
        self.drop = nn.Dropout(drop)

    def forward(self, intent: Tensor, options: Tensor, matches: Tensor, figures: Tensor, relations: Tensor) -> Tensor:
        """The log odds and how early each option comes, `(B, N, 2)`, of padded batches.

        Args:
            intent: `(B, L, PARTS)` hashes, 0 where padded.
            options: `(B, N, K, PARTS)` hashes, 0 where padded.
            matches: `(B, N, L, MATCHES)`.
            figures: `(B, N, FIGURES)`.
            relations: `(B, N, N, RELATIONS)`.
        """
        asked = self.words(intent).sum(2) + self.places.weight[: intent.shape[1]]
        hidden = intent[:, :, 0] == 0
        asked = self.reader(self.drop(asked), None, hidden, None, None)
        there = (options[..., 0] != 0).unsqueeze(-1)
        own = (self.words(options).sum(3) * there).sum(2) / there.sum(2).clamp(min=1)
        common = torch.einsum("bnlm,blw->bnmw", matches, asked).flatten(2)
        now = self.told(own) + self.said(common) + self.figures(figures)
        whole = asked.masked_fill(hidden.unsqueeze(-1), 0.0).sum(1) / (~hidden).sum(1, keepdim=True)
        now = now + self.counted(figures * self.counting(whole).unsqueeze(1))
        empty = options[:, :, 0, 0] == 0
        for layer in self.layers:
            now = cast("Tensor", layer(now, asked, empty, hidden, relations))
        return self.odds(self.last(now))


class Layer(nn.Module):
    """Attention among themselves, attention to the intent, and a step of each on its own; norms before each."""

    def __init__(self, width: int, drop: float, *, crossing: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if crossing else 2))
        self.own = Attention(width)
        self.cross = Attention(width) if crossing else None
        self.between = nn.Linear(RELATIONS, HEADS) if crossing else None
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = nn.Dropout(drop)

    def forward(
        self, now: Tensor, asked: Tensor | None, empty: Tensor, hidden: Tensor | None, relations: Tensor | None
    ) -> Tensor:
        """The options (or words) after the layer."""
        x = self.norms[0](now)
        between = None if self.between is None else self.between(relations).permute(0, 3, 1, 2)
        now = now + self.drop(self.own(x, x, empty, between))
        if self.cross is not None and asked is not None and hidden is not None:
            now = now + self.drop(self.cross(self.norms[1](now), asked, hidden, None))
        x = self.norms[-1](now)
        return now + self.drop(self.narrow(torch.relu(self.wide(x))))


class Attention(nn.Module):
    """Attention with `HEADS` heads."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.out = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor, source: Tensor, empty: Tensor, between: Tensor | None) -> Tensor:
        """What each of `x` takes from `source`, the more the greater what is `between`; `empty` is not looked at."""
        q, k, v = (_heads(layer(s)) for layer, s in ((self.query, x), (self.key, source), (self.value, source)))
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        scores = scores if between is None else scores + between
        scores = scores.masked_fill(empty[:, None, None, :], -1e9)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return cast("Tensor", self.out(mixed))


def _heads(x: Tensor) -> Tensor:
    return cast("Tensor", x.unflatten(-1, (HEADS, -1))).transpose(1, 2)


Arrays = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""The arrays of an encoded point: intent, options, matches, figures, relations."""


def arrays_of(e: EncodedPoint) -> Arrays:
    """A point's arrays as tensors."""
    return (torch.from_numpy(e.intent), torch.from_numpy(e.options), torch.from_numpy(e.matches),
            torch.from_numpy(e.figures), torch.from_numpy(e.relations))  # fmt: skip


def pad(points: list[Arrays]) -> Arrays:
    """A batch of points of different sizes, padded with zeros."""
    length = max(p[0].shape[0] for p in points)
    count, words = max(p[1].shape[0] for p in points), max(p[1].shape[1] for p in points)
    size = len(points)
    intent = torch.zeros(size, length, PARTS, dtype=torch.long)
    options = torch.zeros(size, count, words, PARTS, dtype=torch.long)
    matches, figures = torch.zeros(size, count, length, MATCHES), torch.zeros(size, count, FIGURES)
    relations = torch.zeros(size, count, count, RELATIONS)
    for row, (a, b, c, d, e) in enumerate(points):
        intent[row, : a.shape[0]] = a
        options[row, : b.shape[0], : b.shape[1]] = b
        matches[row, : c.shape[0], : c.shape[1]] = c
        figures[row, : d.shape[0]] = d
        relations[row, : e.shape[0], : e.shape[1]] = e
    return intent, options, matches, figures, relations
