"""Training the learned chooser: experts' choices are imitated, with the words of rare things made strange.

A rare word (in under 2 % of the examples) is the name of something. In half of the examples all rare words are replaced
by others, the same ones in the intent and in the options, so that what counts is that the two have a word in common.
"""

from __future__ import annotations

import hashlib
import io
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomli_w
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from dataclaw.choosing.encode import BUCKETS, RULES, WINDOW, encode
from dataclaw.choosing.learned import ARRAYS, CARD, expected_best
from dataclaw.errors import DataClawError, UsageError
from dataclaw.files import write_atomic
from dataclaw.train.choice_data import ChoiceExample
from dataclaw.train.choice_net import ChoiceNet, pad
from dataclaw.types import Json

BATCH, RATE, DECAY, WARM = 16, 1.5e-3, 0.02, 100
RARE, STRANGE, BLIND = 0.02, 0.5, 0.15
"""Shares of examples: below it a word is rare; rare words are replaced; of these, the rules' choice is hidden."""
HELD_BACK = 8
"""One stream in so many is kept for validation."""
CHECKPOINT = "checkpoint.pt"
Arrays = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Epoch:
    """Figures of an epoch.

    Attributes:
        number: from 1.
        loss: mean binary cross entropy of the options.
        learned, rules: mean F1 of the choice of validation points, the network's and the rules'.
    """

    number: int
    loss: float
    learned: float
    rules: float


@dataclass(frozen=True, slots=True)
class _Encoded:
    arrays: Arrays
    wanted: Tensor
    kept: np.ndarray


def train_chooser(
    examples: Sequence[ChoiceExample], out: Path, *, epochs: int = 12, seed: int = 0, threads: int = 2
) -> Iterator[Epoch]:
    """Train, one epoch after another; goes on from the checkpoint in `out`. The last epoch's network is written there.

    Args:
        examples: what is imitated.
        out: folder of the run.
        epochs: passes over the examples.
        seed: of the network, the order and what is made strange.
        threads: CPU threads.

    Raises:
        UsageError: there are too few examples.
        DataClawError: the loss is no number; the last good network is kept.
    """
    units = sorted({example.unit for example in examples})
    random.Random(0).shuffle(units)
    back = set(units[: max(1, len(units) // HELD_BACK)])
    learn = [_encode_example(e) for e in examples if e.unit not in back]
    check = [_encode_example(e) for e in examples if e.unit in back]
    if not learn:
        raise UsageError("fewer than two streams to learn from.", remedy="Build a larger corpus: dataclaw corpus build")
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    net = ChoiceNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    rare, steps, begun = _rare(learn), epochs * math.ceil(len(learn) / BATCH), 0
    if (out / CHECKPOINT).exists():
        saved = torch.load(out / CHECKPOINT, weights_only=True)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        begun = int(saved["epoch"])
    for epoch in range(begun, epochs):
        torch.manual_seed(seed * 1000 + epoch)
        rng, losses = random.Random(f"{seed}:{epoch}"), list[float]()
        net.train()
        for number, batch in enumerate(_batches(learn, rng)):
            step = epoch * math.ceil(len(learn) / BATCH) + number
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, step / WARM) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, step / steps)))
            odds = net(*pad([_strange(one.arrays, rare, rng) for one in batch]))
            loss = torch.stack(
                [
                    F.binary_cross_entropy_with_logits(row[: len(o.wanted)], o.wanted)
                    for row, o in zip(odds, batch, strict=True)
                ]
            ).mean()
            if not math.isfinite(loss.item()):
                remedy = "The last good one is in the folder; train on with another --seed."
                raise DataClawError(f"the loss of epoch {epoch + 1} is no number.", place=str(out), remedy=remedy)
            optimizer.zero_grad()
            loss.backward()  # pyright: ignore[reportUnknownMemberType]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()  # pyright: ignore[reportUnknownMemberType]
            losses.append(loss.item())
        torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1}, out / CHECKPOINT)
        yield Epoch(epoch + 1, sum(losses) / len(losses), *_f1s(net, check))
    trained = {"examples": len(examples), "streams": len(units), "epochs": epochs, "seed": seed}
    write_chooser(net, out, trained)


def _encode_example(example: ChoiceExample) -> _Encoded:
    """An example as tensors; of very many options only the first window is learnt."""
    point = example.point
    options = point.options[:WINDOW]
    e = encode(replace(point, options=options))
    arrays = (torch.from_numpy(e.intent), torch.from_numpy(e.options), torch.from_numpy(e.matches),
              torch.from_numpy(e.figures))  # fmt: skip
    wanted = torch.tensor([float(o.id in example.wanted) for o in options])
    return _Encoded(arrays, wanted, np.isin([o.id for o in options], list(point.kept)))


def _rare(learn: Sequence[_Encoded]) -> Tensor:
    """Which hashes stand in few examples."""
    count: Counter[int] = Counter()
    for one in learn:
        intent, options, _, _ = one.arrays
        count.update({*map(int, intent[:, 0]), *map(int, options[:, :, 0].flatten())})
    rare = torch.zeros(BUCKETS, dtype=torch.bool)
    for bucket, seen in count.items():
        rare[bucket] = bucket > 0 and seen < RARE * len(learn)
    return rare


def _strange(arrays: Arrays, rare: Tensor, rng: random.Random) -> Arrays:
    """The arrays with their rare words replaced, in some; with the rules' choice hidden, in fewer."""
    intent, options, matches, figures = arrays
    if rng.random() > STRANGE:
        return arrays
    if rng.random() < BLIND:
        figures = figures.clone()
        figures[:, RULES] = 0.0
    shift = rng.randrange(1, BUCKETS - 1)
    return _replace_names(intent, rare, shift), _replace_names(options, rare, shift), matches, figures


def _replace_names(words: Tensor, rare: Tensor, shift: int) -> Tensor:
    names = rare[words[..., 0]]
    words = words.clone()
    words[names] = torch.where(words[names] > 0, 1 + (words[names] * 7919 + shift) % (BUCKETS - 1), 0)
    return words


def _batches(learn: Sequence[_Encoded], rng: random.Random) -> Iterator[list[_Encoded]]:
    """Batches of examples of about one size, in any order."""
    order = list(learn)
    rng.shuffle(order)
    found: list[list[_Encoded]] = []
    for start in range(0, len(order), 16 * BATCH):
        near = sorted(order[start : start + 16 * BATCH], key=lambda one: len(one.wanted))
        found += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    rng.shuffle(found)
    yield from found


def _f1s(net: ChoiceNet, check: Sequence[_Encoded]) -> tuple[float, float]:
    """Mean F1 of the network's choices, and of the rules'."""
    net.eval()
    learned, rules = list[float](), list[float]()
    with torch.no_grad():
        for one in check:
            sure = torch.sigmoid(net(*pad([one.arrays]))[0]).numpy().astype(np.float64)
            wanted = one.wanted.numpy() > 0.5
            learned.append(f1(expected_best(sure), wanted))
            rules.append(f1(one.kept, wanted))
    return sum(learned) / max(1, len(learned)), sum(rules) / max(1, len(rules))


def f1(chosen: np.ndarray, wanted: np.ndarray) -> float:
    """F1 of a choice, 0..1: twice what is both over what is either's."""
    return float(2 * (chosen & wanted).sum() / max(1, chosen.sum() + wanted.sum()))


def write_chooser(net: ChoiceNet, out: Path, trained: Mapping[str, Json]) -> None:
    """Write weights and card of a network; it decides nowhere until `benchmarks/choosing.py --ship` has run."""
    arrays = {name: value.numpy().astype(np.float16) for name, value in net.state_dict().items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    out.mkdir(parents=True, exist_ok=True)
    (out / ARRAYS).write_bytes(buffer.getvalue())
    write_card(out, {"sha256": hashlib.sha256(buffer.getvalue()).hexdigest(), "trained": trained})


def write_card(folder: Path, card: Mapping[str, Json]) -> None:
    """Write the card of a chooser: hash of its weights, what it was trained on, what it measured."""
    write_atomic(folder / CARD, tomli_w.dumps(card))
