"""What GRPO maximises: the clipped ratio of probabilities times the advantage, minus the divergence from the reference.

Per sampled token, with r = exp(new - old) of the log-probabilities now and when it was drawn, A the advantage of its
rollout and e the clip: min(r A, clip(r, 1 - e, 1 + e) A) - b k, where k = exp(ref - new) - (ref - new) - 1 estimates
the divergence from the reference (Schulman's k3).

Differences from the textbook (the GRPO paper):

- `old` are the very numbers that the decoder drew with, temperature and grammar included; `new` and `ref` are computed
  the same way.
- A sampler elsewhere (a server with other kernels, in other numbers) draws from a slightly other distribution. With a
  correction C both are told apart: w min(r A, clip(r, 1 - e, 1 + e) A) - b k, where w = min(exp(own - old), C), own is
  the trainer's own log-probability before the update, and r = exp(new - own). That is truncated importance sampling by
  token, TRL's `vllm_importance_sampling_mode = "token_truncate"` with C_max = C; without it r holds both.
- Tokens are weighed by the names of TRL's losses (`token_weights`), over the whole step at once.

Axes: N sampled tokens of a row of trajectories.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.train.config import GrpoConfig
from dataclaw.train.devices import library, on_device
from dataclaw.train.loss import token_losses
from dataclaw.train.rollout import Trajectory
from dataclaw.train.rows import PackedRow, RowIndices, pack_row
from dataclaw.train.trainee import Trainee


@dataclass(frozen=True, slots=True)
class Tokens:
    """A packed row of trajectories, with what the objective needs of each of its N sampled tokens.

    Attributes:
        row: the row.
        old: log-probability when it was drawn, (N,).
        advantage: of its rollout, (N,).
        weight: share of the loss, (N,).
        masks: what a grammar allowed, (N, bytes), or None.
    """

    row: PackedRow
    old: NDArray[np.float32]
    advantage: NDArray[np.float32]
    weight: NDArray[np.float32]
    masks: NDArray[np.uint8] | None


def tokens_of(found: Sequence[Trajectory], row: RowIndices, weights: Sequence[float]) -> Tokens:
    """The row of these trajectories.

    Args:
        found: all trajectories of a step.
        row: indices of those in the row.
        weights: share of the loss of each trajectory's tokens.
    """
    chosen = [found[at] for at in row]
    counts = [len(one.logprobs) for one in chosen]
    masks = [one.masks for one in chosen if one.masks is not None]
    return Tokens(
        pack_row([one.example for one in found], row),
        np.concatenate([one.logprobs for one in chosen]),
        np.repeat(np.array([one.advantage for one in chosen], np.float32), counts),
        np.repeat(np.array([weights[at] for at in row], np.float32), counts),
        np.concatenate(masks) if masks else None,
    )


def token_weights(found: Sequence[Trajectory], config: GrpoConfig) -> list[float]:
    """Share of the loss of each token of every trajectory, by TRL's names of losses.

    "grpo": the mean over trajectories of the mean over their tokens; "dapo" and "bnpo": the mean over all tokens of the
    step (they differ only where gradients are added up over several batches, which are one batch here); "dr_grpo": the
    sum over tokens by the most that a trajectory may have.
    """
    counts = [len(one.logprobs) for one in found]
    if config.loss == "grpo":
        return [1.0 / (len(found) * count) for count in counts]
    if config.loss == "dr_grpo":
        return [1.0 / (len(found) * config.max_tokens)] * len(found)
    return [1.0 / sum(counts)] * len(found)


def logprobs(trainee: Trainee, tokens: Tokens, temperature: float) -> Any:
    """Log-probability of every sampled token of a row as the model has it now, (N,), float32.

    Args:
        trainee: the model.
        tokens: the row.
        temperature: that the tokens were sampled at.

    Raises:
        DataClawError: images and tokens of the row disagree.
    """
    torch, device = library("torch"), trainee.workers.device
    keep, targets = (on_device(x, device) for x in (tokens.row.predicts, tokens.row.targets))
    given = trainee.arguments(tokens.row)
    with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=trainee.dtype == "bfloat16"):
        logits = trainee.model(**given, logits_to_keep=keep).logits[0]
    if trainee.vision:
        logits = trainee.vision.mute(logits)
    if temperature != 1.0:
        logits = logits.float() / temperature
    if tokens.masks is not None:
        bits = np.unpackbits(tokens.masks, axis=1, count=logits.shape[1])
        logits = logits.masked_fill(torch.from_numpy(bits).to(device) == 0, float("-inf"))
    return -token_losses(logits, targets)


def objective(new: Any, old: Any, advantage: Any, reference: Any, config: GrpoConfig) -> tuple[Any, Any, Any]:
    """The objective of every token, the divergence that is in it, and whether the ratio was clipped; (N,) each.

    Args:
        new: log-probabilities now, with gradients.
        old: log-probabilities when the tokens were drawn.
        advantage: of each token's rollout.
        reference: log-probabilities of the reference; None where there is none.
        config: clip, correction and weight of the divergence.
    """
    torch = library("torch")
    own = new.detach() if config.correction else old  # a batch is learnt in one update
    trust = torch.exp(own - old).clamp(max=config.correction) if config.correction else 1.0
    ratio = torch.exp(new - own)
    free = ratio * advantage
    bounded = ratio.clamp(1.0 - config.clip, 1.0 + config.clip) * advantage
    clipped = bounded < free
    apart = torch.zeros_like(new) if reference is None else torch.exp(reference - new) - (reference - new) - 1.0
    return trust * torch.minimum(free, bounded) - config.kl * apart, apart, clipped


@contextmanager
def restoring(parameters: Mapping[str, Any]) -> Generator[None]:
    """Parameters by name, which have their numbers again afterwards."""
    before = {name: p.detach().clone() for name, p in parameters.items()}
    try:
        yield
    finally:
        put(parameters, before)


def put(parameters: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
    """Copy numbers into parameters of the same names."""
    with library("torch").no_grad():
        for name, p in parameters.items():
            p.copy_(numbers[name])
