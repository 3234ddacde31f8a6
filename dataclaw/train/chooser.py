"""A chooser in training: its network, its log-probabilities and losses, and the file that it ships as.

Axes: B points of a batch, N options of one, M decisions of an answer: N for some of the options, one for one of them,
and for k of them in an order N + k.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from dataclaw.choosing import ChoicePoint
from dataclaw.choosing.card import ChooserCard, ChooserTraining
from dataclaw.choosing.encode import WINDOW, encode
from dataclaw.choosing.learned import ARRAYS, choice_of, load_learned
from dataclaw.choosing.point import How
from dataclaw.files import whole_folder
from dataclaw.train.choice_net import Arrays, ChoiceNet, arrays_of, pad
from dataclaw.train.config import CHOOSER
from dataclaw.train.workers import Workers
from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class ChooserTrainee:
    """The network in training.

    Attributes:
        model: the network.
        workers: one process.
        blind: what it does not look at.
    """

    model: ChoiceNet
    workers: Workers
    blind: tuple[str, ...] = ()

    def learnt(self) -> dict[str, Tensor]:
        """Its parameters, by name."""
        return dict(self.model.named_parameters())

    def encode(self, point: ChoicePoint) -> Arrays:
        """A point as the network reads it; of very many options the first window."""
        return arrays_of(encode(replace(point, options=point.options[:WINDOW]), self.blind))

    def odds(self, points: Sequence[Arrays]) -> list[Tensor]:
        """Log odds and earliness of each point's options, `(N, 2)` each."""
        found = self.model(*pad(list(points)))
        return [row[: arrays[1].shape[0]] for row, arrays in zip(found, points, strict=True)]


def trainee_of(blind: Sequence[str], *, seed: int, start: Path | None = None) -> ChooserTrainee:
    """A network with random weights, or with those of a trained chooser, that leaves nothing out (`eval`).

    Raises:
        ConfigError: `start` holds no chooser.
    """
    torch.set_num_threads(1)  # so small a network gains nothing from more, and loses much on a machine that is busy
    torch.manual_seed(seed)
    net = ChoiceNet()
    if start:
        weights = load_learned(start).network.weights
        net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return ChooserTrainee(net.eval(), Workers(0, 1, "cpu"), tuple(blind))


def loss_of(odds: Tensor, how: How, wanted: Tensor) -> Tensor:
    """How unlikely the right answer is, by decision.

    Args:
        odds: log odds and earliness, `(N, 2)`.
        how: what an answer is.
        wanted: places of the wanted options, in their order.
    """
    return -log_probabilities(odds, how, wanted).mean()


def log_probabilities(odds: Tensor, how: How, chosen: Tensor, temperature: float = 1.0) -> Tensor:
    """Log-probability of every decision of an answer, `(M,)`.

    Some of the options are independent choices; one of them is drawn by a softmax; an order is drawn from those that
    were chosen, the earliest first, without putting back (Plackett 1975, Luce 1959).

    Args:
        odds: log odds and earliness, `(N, 2)`.
        how: what an answer is.
        chosen: places of the chosen options, in their order.
        temperature: that answers are drawn at.
    """
    odds = odds / temperature
    if how == "one":
        return F.log_softmax(odds[:, 0], 0)[chosen]
    taken = torch.zeros(len(odds))
    taken[chosen] = 1.0
    some = -F.binary_cross_entropy_with_logits(odds[:, 0], taken, reduction="none")
    if how == "some":
        return some
    left = odds[chosen, 1]
    return torch.cat([some, left - left.flip(0).logcumsumexp(0).flip(0)])


def draw(odds: Tensor, how: How, temperature: float, dice: torch.Generator) -> Tensor:
    """An answer at random: places of the chosen options, in their order.

    Args:
        odds: log odds and earliness, `(N, 2)`.
        how: what an answer is.
        temperature: 1 draws by the network's own probabilities, less more surely.
        dice: where the randomness comes from.
    """
    odds = odds / temperature
    if how == "one":
        return torch.multinomial(odds[:, 0].softmax(0), 1, generator=dice)
    chosen = (torch.rand(len(odds), generator=dice) < torch.sigmoid(odds[:, 0])).nonzero()[:, 0]
    if how == "some":
        return chosen
    noise = -torch.log(-torch.log(torch.rand(len(chosen), generator=dice).clamp(1e-9, 1 - 1e-7)))
    return chosen[(odds[chosen, 1] + noise).argsort(descending=True)]  # the Gumbel trick draws by Plackett and Luce


def answers(trainee: ChooserTrainee, points: Sequence[ChoicePoint]) -> list[tuple[list[str], list[float]]]:
    """The network's best answer to each point, and how probable each option is."""
    found: list[tuple[list[str], list[float]]] = []
    with torch.no_grad():
        for point in points:
            seen = replace(point, options=point.options[:WINDOW])
            chosen = choice_of(seen, trainee.odds([trainee.encode(seen)])[0].numpy().astype(np.float64))
            found.append((list(chosen.kept), [chosen.sure[option.id] for option in seen.options]))
    return found


def right(answer: Sequence[str], wanted: Sequence[str], how: How) -> float:
    """How right an answer is, 0..1: F1 of what is chosen, times the share of pairs in the right order where one counts.

    Args:
        answer: ids that were chosen.
        wanted: ids that are right.
        how: what an answer is.
    """
    both = set(answer) & set(wanted)
    found = 2 * len(both) / max(1, len(answer) + len(wanted))
    if how != "order" or len(both) < 2:
        return found
    place = {name: at for at, name in enumerate(wanted)}
    order = [place[name] for name in answer if name in place]
    pairs = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
    return found * sum(a < b for a, b in pairs) / len(pairs)


def write_chooser(trainee: ChooserTrainee, out: Path, trained: Mapping[str, Json], scale: float = 1.0) -> Path:
    """Write weights and card as `chooser/` of a run; it decides by default nowhere until it is measured and shipped.

    Args:
        trainee: the network.
        out: folder of the run.
        trained: what it was trained on, for the card.
        scale: what log odds are multiplied by, so that probabilities are what they say.
    """
    arrays = {name: value.detach().numpy().copy() for name, value in trainee.model.state_dict().items()}
    for name in ("odds.weight", "odds.bias"):
        arrays[name][0] *= scale
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{n: a.astype(np.float16) for n, a in arrays.items()})
    with whole_folder(out / CHOOSER) as part:
        (part / ARRAYS).write_bytes(buffer.getvalue())
        told = ChooserTraining.model_validate({**trained, "blind": list(trainee.blind)})
        ChooserCard(sha256=hashlib.sha256(buffer.getvalue()).hexdigest(), trained=told).write(part)
    return out / CHOOSER
