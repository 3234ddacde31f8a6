"""Supervised learning of choices: experts are imitated, with the words of rare things made strange.

A rare word (in under 2 % of the examples) is the name of something. In half of the examples all rare words are replaced
by others, the same ones in the intent and in the options, so that what counts is that the two have a word in common.

At the end the log odds are scaled by one number, so that of the options that are called 80 % probable four of five are
wanted (Platt scaling without a shift; Guo et al. 2017, "On calibration of modern neural networks").
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dataclaw.choosing.encode import BUCKETS, RULES, WINDOW
from dataclaw.errors import UsageError
from dataclaw.train import checkpoints
from dataclaw.train.choice_data import ChoiceExample, read_choices
from dataclaw.train.choice_net import Arrays
from dataclaw.train.chooser import ChooserTrainee, answers, loss_of, right, trainee_of, write_chooser
from dataclaw.train.config import TrainConfig
from dataclaw.train.loop import Loop, TrainProgress, is_due
from dataclaw.train.record import begin, forget, run_record
from dataclaw.train.sft import learning_rate
from dataclaw.types import Json

RARE, STRANGE, BLIND, NUMB = 0.02, 0.5, 0.15, 0.3
"""Shares of examples: below it a word is rare; rare words are replaced; of these, the rules' choice is hidden; all
figures are hidden, so that words do not lean on the lengths and counts of these streams."""
NEAR = 16
"""Of so many batches' examples those of about one size go together."""
BINS = 10
"""Bins of the calibration curve."""
ADVICE = "Lower [sft] lr, or take another --seed with --out another folder."


@dataclass(frozen=True, slots=True)
class _Run:
    config: TrainConfig
    loop: Loop
    trainee: ChooserTrainee
    learn: Sequence[ChoiceExample]
    encoded: Sequence[Arrays]
    held: Sequence[ChoiceExample]
    plan: Sequence[Sequence[int]]
    rare: Tensor


def sft_chooser(config: TrainConfig, out: Path, *, fresh: bool = False) -> Generator[TrainProgress]:
    """Train the chooser on what experts chose, going on where an earlier run in the same folder was.

    Args:
        config: the recipe; "tokens" of a chooser are options.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `chooser/`.
        fresh: forget what is there.

    Yields:
        News of every step and validation; `StopTraining` may be thrown in there.

    Raises:
        ConfigError: something in the recipe, the corpus or the folder is wrong.
        UsageError: there is nothing to learn.
        DataClawError: the loss is no number any more; the last checkpoint is kept.
    """
    if fresh:
        forget(out)
    learn, digest = read_choices(config.data, "training")
    held, other = read_choices(config.data, "validation")
    if not learn:
        remedy = "Build one of worlds whose tasks choose: dataclaw corpus build --world desk --world cuts"
        raise UsageError("no expert chose anything in this corpus.", place=str(config.data.corpus), remedy=remedy)
    trainee = trainee_of(config.model.blind, seed=config.data.seed)
    corpus = {
        "training": {"choices": len(learn), "sha256": digest},
        "validation": {"choices": len(held), "sha256": other},
    }
    begin(out, run_record(config, "sft", corpus, {"name": config.model.name, "digest": "chooser"}))
    optimizer = torch.optim.AdamW(
        trainee.learnt().values(), lr=config.sft.lr, weight_decay=config.sft.weight_decay
    )  # fmt: skip
    checkpoints.prepare(trainee.learnt(), optimizer)
    encoded = [trainee.encode(one.point) for one in learn]
    plan = plan_batches([len(one.point.options) for one in learn], config)
    settings = config.sft
    loop = Loop(out, trainee, optimizer, steps=len(plan), save_every=settings.save_every, keep=settings.keep,
                tensorboard=settings.tensorboard)  # fmt: skip
    run = _Run(config, loop, trainee, learn, encoded, held, plan, _rare(encoded))
    count = sum(p.numel() for p in trainee.learnt().values())
    yield TrainProgress(0, len(plan), note=f"{count:,} parameters learn {len(learn):,} choices; {len(plan):,} steps")
    yield from _go(run)


def _go(run: _Run) -> Generator[TrainProgress]:
    steps, settings = len(run.plan), run.config.sft

    def step_of(step: int, totals: dict[str, float]) -> dict[str, Any]:
        figures = _step(run, step, totals)
        if is_due(step, steps, settings.eval_every) and run.held:
            figures["validation"] = validate_choices(run.trainee, run.held)
        return figures

    finished = yield from run.loop.run(step_of, {"options": 0.0, "seconds": 0.0})
    if finished:
        scale = fit_scale(run.trainee, run.held)
        points: list[Json] = sorted({one.point.name for one in run.learn})
        trained: dict[str, Json] = {"stage": "sft", "choices": len(run.learn), "steps": steps, "scale": round(scale, 3),
                                    "points": points, "seed": run.config.data.seed}  # fmt: skip
        yield TrainProgress(steps, steps, note=f"written: {write_chooser(run.trainee, run.loop.out, trained, scale)}")


def plan_batches(sizes: Sequence[int], config: TrainConfig) -> list[list[int]]:
    """The examples of every step: of about one size, at most `batch_tokens` options.

    Args:
        sizes: options of each example.
        config: the recipe.
    """
    if not sizes:
        return []
    plan: list[list[int]] = []
    whole, part = int(config.sft.epochs), config.sft.epochs % 1.0
    most = config.sft.batch_tokens
    for epoch in range(math.ceil(config.sft.epochs)):
        dice = random.Random(f"{config.data.seed}:{epoch}")
        order = list(range(len(sizes)))
        dice.shuffle(order)
        order = order if epoch < whole else order[: max(1, round(part * len(order)))]
        per = NEAR * max(1, most // max(1, round(sum(sizes) / len(sizes))))
        found: list[list[int]] = []
        for start in range(0, len(order), per):
            batch: list[int] = []
            for at in sorted(order[start : start + per], key=lambda one: sizes[one]):
                if batch and (len(batch) + 1) * min(sizes[at], WINDOW) > most:
                    found.append(batch)
                    batch = []
                batch.append(at)
            found.append(batch)
        dice.shuffle(found)
        plan += found
    return plan[: config.sft.steps]


def _step(run: _Run, step: int, totals: dict[str, float]) -> dict[str, Any]:
    config, began = run.config.sft, time.perf_counter()
    torch.manual_seed(run.config.data.seed * 1_000_003 + step)
    dice, places = random.Random(f"{run.config.data.seed}:{step}"), run.plan[step - 1]
    lr = learning_rate(config, step, len(run.plan))
    for settings in run.loop.optimizer.param_groups:
        settings["lr"] = lr
    batch = [run.learn[at] for at in places]
    run.trainee.model.train()
    odds = run.trainee.odds([_strange(run.encoded[at], run.rare, dice) for at in places])
    losses = [loss_of(o, one.point.how, _places(one)) for o, one in zip(odds, batch, strict=True)]
    loss = torch.stack(losses).mean()
    loss.backward()  # pyright: ignore[reportUnknownMemberType]
    norm = float(torch.nn.utils.clip_grad_norm_(run.trainee.learnt().values(), config.max_grad_norm))
    if not (math.isfinite(loss.item()) and math.isfinite(norm)):
        names = [f"{one.point.name}: {one.point.intent}" for one in batch]
        raise run.loop.error(step, f"the loss is {loss.item()} and the gradients' norm {norm}", names, ADVICE)
    run.loop.optimizer.step()
    run.loop.optimizer.zero_grad(set_to_none=True)
    run.trainee.model.eval()
    options, seconds = sum(len(o) for o in odds), time.perf_counter() - began
    for name, more in (("options", options), ("seconds", seconds)):
        totals[name] += more
    return {"step": step, "loss": loss.item(), "lr": lr, "grad_norm": norm, "options": int(totals["options"]),
            "tokens_per_second": options / seconds, "seconds": totals["seconds"]}  # fmt: skip


def _places(one: ChoiceExample) -> Tensor:
    """Places of the wanted options among those that are read, in their order."""
    place = {option.id: at for at, option in enumerate(one.point.options[:WINDOW])}
    return torch.tensor([place[name] for name in one.wanted if name in place], dtype=torch.long)


def _rare(encoded: Sequence[Arrays]) -> Tensor:
    """Which hashes stand in few examples."""
    count: Counter[int] = Counter()
    for intent, options, *_ in encoded:
        count.update({*map(int, intent[:, 0]), *map(int, options[:, :, 0].flatten())})
    rare = torch.zeros(BUCKETS, dtype=torch.bool)
    for bucket, seen in count.items():
        rare[bucket] = bucket > 0 and seen < RARE * len(encoded)
    return rare


def _strange(arrays: Arrays, rare: Tensor, dice: random.Random) -> Arrays:
    """The arrays with their rare words replaced, in some; with the rules' choice hidden, in fewer."""
    intent, options, matches, figures, relations = arrays
    if dice.random() > STRANGE:
        return arrays
    if dice.random() < NUMB:
        figures = torch.zeros_like(figures)
    elif dice.random() < BLIND:
        figures = figures.clone()
        figures[:, RULES] = 0.0
    shift = dice.randrange(1, BUCKETS - 1)
    return _replace_names(intent, rare, shift), _replace_names(options, rare, shift), matches, figures, relations


def _replace_names(words: Tensor, rare: Tensor, shift: int) -> Tensor:
    names = rare[words[..., 0]]
    words = words.clone()
    words[names] = torch.where(words[names] > 0, 1 + (words[names] * 7919 + shift) % (BUCKETS - 1), 0)
    return words


def validate_choices(trainee: ChooserTrainee, held: Sequence[ChoiceExample]) -> dict[str, dict[str, Any]]:
    """How right choices are by domain: the network's, the rules', and how far probabilities are from what they say.

    `calibration` is the expected calibration error over ten bins, `curve` the share of wanted options in each bin.
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    sure: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one, (kept, odds) in zip(held, answers(trainee, [one.point for one in held]), strict=True):
        domain, wanted = one.point.name.partition(".")[0], set(one.wanted)
        found[domain].append((right(kept, one.wanted, one.point.how), right(one.point.kept, one.wanted, one.point.how)))
        sure[domain] += [(p, o.id in wanted) for p, o in zip(odds, one.point.options, strict=False)]
    return {
        domain: {
            "learned": sum(a for a, _ in pairs) / len(pairs),
            "rules": sum(b for _, b in pairs) / len(pairs),
            "choices": len(pairs),
            **calibration(sure[domain]),
        }
        for domain, pairs in sorted(found.items())
    }


def calibration(said: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """The expected calibration error of `(probability, whether it was so)`, and of each bin mean, share and count."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for p, so in said:
        bins[min(BINS - 1, int(p * BINS))].append((p, so))
    curve = [(sum(p for p, _ in b) / len(b), sum(so for _, so in b) / len(b), len(b)) for _, b in sorted(bins.items())]
    error = sum(abs(mean - share) * count for mean, share, count in curve) / max(1, len(said))
    return {"calibration": error, "curve": [[round(mean, 3), round(share, 3), count] for mean, share, count in curve]}


def fit_scale(trainee: ChooserTrainee, held: Sequence[ChoiceExample]) -> float:
    """What log odds are multiplied by so that held-back choices are likeliest; 1 where nothing is held back."""
    known: list[tuple[Tensor, ChoiceExample]] = []
    with torch.no_grad():
        known += [(trainee.odds([trainee.encode(one.point)])[0], one) for one in held if len(_places(one))]
    if not known:
        return 1.0
    scales = [float(scale) for scale in np.geomspace(0.25, 4.0, 33)]

    def loss(scale: float) -> float:
        by = torch.tensor([scale, 1.0])
        return sum(float(loss_of(odds * by, one.point.how, _places(one))) for odds, one in known)

    return min(scales, key=loss)
