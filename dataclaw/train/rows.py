"""Traces into rows and rows into optimizer steps: which trace is read when, decided before the first step.

Differences from the textbook (sequence packing):

- No trace is cut or padded: a row holds whole traces, and each is read exactly once an epoch.
- Packing is online best fit with few open rows, in the order of a seeded permutation, not first fit by length: rows
  stay a random sample of the corpus.
- The plan depends on the lengths, the seed and the settings alone, so that a run that goes on after it was killed reads
  what it would have read.

Axes: T tokens of a row, N learnt tokens of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataclaw.models.vision import Image
from dataclaw.train.tokens import TrainingExample

OPEN_ROWS = 64
"""Rows that wait for traces that still fit."""

RowIndices = tuple[int, ...]
"""Indices of the traces that stand in a row, one behind the other."""


@dataclass(frozen=True, slots=True)
class PackedRow:
    """A row as the model gets it.

    Attributes:
        ids: tokens, (T,).
        positions: position of each token in its trace, (T,); 0 begins a trace.
        predicts: indices of the tokens whose next token is learnt, (N,).
        targets: those next tokens, (N,).
        bounds: where traces begin, and the end, (traces + 1,).
        longest: tokens of the longest trace.
        names: ids of the traces.
        images: what stands in them, in order; only a trace that is alone in its row has any.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    predicts: NDArray[np.int64]
    targets: NDArray[np.int64]
    bounds: NDArray[np.int32]
    longest: int
    names: tuple[str, ...]
    images: tuple[Image, ...] = ()


def pack_row(examples: Sequence[TrainingExample], row: RowIndices) -> PackedRow:
    """The row of these traces.

    Raises:
        ValueError: several traces with images: they are read one a row.
    """
    if len(row) > 1 and any(examples[i].images for i in row):
        raise ValueError("traces with images do not share a row")
    chosen = [examples[i] for i in row]
    lengths = [len(one) for one in chosen]
    ids = np.concatenate([one.ids for one in chosen]).astype(np.int64)
    learnt = np.flatnonzero(np.concatenate([one.learn for one in chosen]))
    return PackedRow(
        ids=ids,
        positions=np.concatenate([np.arange(length, dtype=np.int64) for length in lengths]),
        predicts=learnt - 1,  # never -1, nor in the trace before: the first token of a trace is never learnt
        targets=ids[learnt],
        bounds=np.cumsum([0, *lengths], dtype=np.int32),
        longest=max(lengths),
        names=tuple(one.id for one in chosen),
        images=chosen[0].images,
    )


def fill_rows(lengths: Sequence[int], order: Sequence[int], most: int) -> list[RowIndices]:
    """Pack traces in the given order: each goes to the fullest row that it still fits, of the last 64 begun.

    Args:
        lengths: tokens of each trace, none above `most`.
        order: indices of the traces to pack.
        most: tokens a row holds.
    """
    done, waiting = list[RowIndices](), list[tuple[int, list[int]]]()
    for index in order:
        fitting = [at for at, (left, _) in enumerate(waiting) if left >= lengths[index]]
        if fitting:
            at = min(fitting, key=lambda i: waiting[i][0])
            left, members = waiting.pop(at)
        else:
            left, members = most, list[int]()
        waiting.append((left - lengths[index], [*members, index]))
        if len(waiting) > OPEN_ROWS:
            done.append(tuple(waiting.pop(min(range(len(waiting)), key=lambda i: waiting[i][0]))[1]))
    return done + [tuple(members) for _, members in waiting]


def plan_steps(lengths: Sequence[int], *, row: int, batch: int, epochs: float, seed: int) -> list[list[RowIndices]]:
    """Every optimizer step of a run as its rows.

    Args:
        lengths: tokens of each trace.
        row: tokens a row holds; 0: one trace a row.
        batch: tokens a step; a row that is longer is a step of its own.
        epochs: times that every trace is read; of the last one perhaps a part.
        seed: of the order.
    """
    steps = list[list[RowIndices]]()
    for epoch in range(math.ceil(epochs)):
        random = np.random.default_rng([seed, epoch])
        order: list[int] = random.permutation(len(lengths)).tolist()
        order = order[: max(1, round(len(order) * min(1.0, epochs - epoch)))]
        made: list[RowIndices] = fill_rows(lengths, order, row) if row else [(index,) for index in order]
        if row:
            made = [made[i] for i in random.permutation(len(made))]
        steps += list(_steps(made, lengths, row, batch))
    return steps


def _steps(made: Sequence[RowIndices], lengths: Sequence[int], row: int, batch: int) -> Iterator[list[RowIndices]]:
    step, tokens = list[RowIndices](), 0
    for one in made:
        size = row or sum(lengths[i] for i in one)  # a row takes its room, however full it is
        if step and tokens + size > batch:
            yield step
            step, tokens = [], 0
        step.append(one)
        tokens += size
    if step:
        yield step
