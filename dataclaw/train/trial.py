"""A few optimizer steps of any recipe with random weights on made-up rows: what this machine really does.

No corpus, weights or tokeniser are needed, only the model's shape.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataclaw.train import workers
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import library
from dataclaw.train.plan import LEARNT, check_fits, here
from dataclaw.train.rows import PackedRow
from dataclaw.train.shape import measure
from dataclaw.train.trainee import Trainee, load

TRACE = 3000
"""Tokens of a made-up trace, as of a typical real one."""


@dataclass(frozen=True, slots=True)
class SftTrial:
    """What was measured.

    Attributes:
        steps: optimizer steps, the first apart: it warms up.
        tokens: tokens of a row, of which a step has as many as fill its batch.
        speed: tokens a second over all processes, over the steps after the first.
        peak: most memory that was taken on this device [bytes]; 0 where it is not known (CPU).
    """

    steps: int
    tokens: int
    speed: float
    peak: int


def trial(config: TrainConfig, steps: int = 3) -> SftTrial:
    """Run some steps and measure them.

    Args:
        config: the recipe.
        steps: optimizer steps that are timed; one more is run before them.

    Raises:
        ConfigError: the recipe is wrong, or would not fit.
    """
    torch = library("torch")
    group = workers.start(config.model.device)
    try:
        shape = measure(config.model)
        check_fits(config, shape, LEARNT, here(group.device), group.world)
        trainee = load(config.model, group, seed=config.data.seed, random_init=True)
        row = random_row(config, shape.vocabulary, packs=trainee.packs and config.data.packing)
        many = max(1, config.sft.batch_tokens // (len(row.ids) * group.world))
        optimizer = torch.optim.AdamW(
            list(trainee.learnt().values()), lr=config.sft.lr, fused=group.device.startswith("cuda")
        )
        _step(trainee, optimizer, row, many)
        began = time.perf_counter()
        for _ in range(steps):
            _step(trainee, optimizer, row, many)
        seconds = time.perf_counter() - began
        peak = torch.cuda.max_memory_allocated() if group.device.startswith("cuda") else 0
        return SftTrial(steps, len(row.ids), steps * many * len(row.ids) * group.world / seconds, int(peak))
    finally:
        group.stop()


def random_row(config: TrainConfig, vocabulary: int, *, packs: bool) -> PackedRow:
    """A row of random tokens, as long as the recipe's, of which a typical share is learnt."""
    longest = min(TRACE, config.data.max_tokens)
    total = config.data.row if packs else longest
    lengths = [min(longest, total - at) for at in range(0, total, longest)]
    ids = np.random.default_rng(config.data.seed).integers(0, vocabulary, total)
    positions = np.concatenate([np.arange(length) for length in lengths])
    learnt = np.flatnonzero(positions >= longest * (1 - LEARNT))
    return PackedRow(
        ids=ids,
        positions=positions,
        predicts=learnt - 1,
        targets=ids[learnt],
        bounds=np.cumsum([0, *lengths], dtype=np.int32),
        longest=max(lengths),
        names=tuple(f"random-{n}" for n in range(len(lengths))),
    )


def _step(trainee: Trainee, optimizer: Any, row: PackedRow, many: int) -> None:
    """One optimizer step; the loss is read so that all of it is done when this returns."""
    loss = 0.0
    for _ in range(many):
        part = trainee.losses(row).sum() / (many * len(row.targets))
        part.backward()
        loss += float(part.detach())
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if trainee.workers.device.startswith("cuda"):
        library("torch").cuda.synchronize()
