"""What a run of GRPO will take, estimated before anything starts: memory, rollouts and tokens of a step, known times.

Weights, gradients, moments and activations are counted as for the supervised stage (`plan.py`). Keys and values of all
rollouts stay where they are while the update runs, so everything is there at once. How fast rollouts go is not scaled
from anything: it depends on how long a model's answers are, and no figure of a card stands for it. `trial_grpo.py`
measures it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dataclaw.train.cards import Card, speed
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import BYTES
from dataclaw.train.plan import (
    LEARNT,
    Corpus,
    RunEstimate,
    changes,
    fits,
    flop_per_token,
    memory_of,
    no_room,
    trained_parameters,
)
from dataclaw.train.shape import ModelShape

CHANGED = (
    ("model", "tuning"),
    ("model", "dtype"),
    ("model", "checkpointing"),
    ("grpo", "batch_tokens"),
    ("grpo", "prompts_per_step"),
    ("grpo", "server"),
)
"""Settings that memory depends on, by table and key."""
DRAWING = 12
"""Bytes of a logit while a token is drawn: it, its exponential and their sum, in float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoPlan(RunEstimate):
    """What a run of GRPO takes.

    Attributes:
        rollouts: a step.
        tokens: of all trajectories of a step: as long as the corpus' traces are, at most; without a corpus the most
            that they may have.
        sampled: those of them that the model samples; None without a corpus.
        steps: optimizer steps.
        update: how long the update of a step takes [s].
    """

    rollouts: int
    tokens: int
    sampled: int | None
    steps: int
    update: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "stage": "grpo",
            **self.size_json(),
            "rollouts_a_step": self.rollouts,
            "tokens_a_step": self.tokens,
            "sampled_a_step": self.sampled,
            "steps": self.steps,
            "update_seconds": round(self.update, 3),
            "update_from": self.origin,
            "rollout_seconds": None,
            "card": self.card.name,
            "fits": self.fits,
            "would_fit": self.remedies,
        }


def plan_grpo(config: TrainConfig, shape: ModelShape, corpus: Corpus, card: Card) -> GrpoPlan:
    """Estimate the reinforced stage of a recipe.

    Args:
        config: the recipe.
        shape: of its model.
        corpus: its data.
        card: where it is to run; one, since GRPO runs in one process.
    """
    settings = config.grpo
    memory = grpo_memory(config, shape, corpus.learnt)
    enough = fits(memory, card)
    rollouts = settings.group * settings.prompts_per_step
    kept = [length for length in corpus.lengths if length <= settings.max_tokens]
    tokens = round(rollouts * (sum(kept) / len(kept) if kept else settings.max_tokens))
    reached, origin = speed(card, shape.parameters)
    return GrpoPlan(
        parameters=shape.parameters,
        trained=trained_parameters(config, shape),
        memory=memory,
        rollouts=rollouts,
        tokens=tokens,
        sampled=round(tokens * corpus.learnt) if kept else None,
        steps=settings.steps,
        card=card,
        update=tokens * _per_token(config) * shape.parameters / reached,
        origin=origin,
        fits=enough,
        remedies=[] if enough else grpo_remedies(config, shape, corpus.learnt, card),
    )


def grpo_memory(config: TrainConfig, shape: ModelShape, learnt: float = LEARNT) -> dict[str, int]:
    """Bytes on the device, by what takes them.

    Args:
        config: the recipe.
        shape: of its model.
        learnt: share of a trajectory's tokens that the model samples.
    """
    settings, size = config.grpo, BYTES[config.model.dtype]
    rollouts = settings.group * settings.prompts_per_step
    packs = shape.packs and not config.data.images
    row = max(settings.batch_tokens, settings.max_tokens) if packs else settings.max_tokens
    row = min(row, rollouts * settings.max_tokens)
    data = config.data.model_copy(update={"row_tokens": row, "max_tokens": min(row, config.data.max_tokens)})
    update = memory_of(config.model_copy(update={"data": data}), shape, learnt)
    trained = trained_parameters(config, shape)
    slots = 0 if settings.server else rollouts
    logits = size + (8 if settings.temperature != 1.0 else 0) + (size if settings.constrained else 0)
    return {
        "weights": update["weights"],
        "reference": trained * 4 * (2 if settings.kl else 1),  # what they were, and what they are meanwhile
        "gradients": update["gradients"],
        "optimizer": update["optimizer"],
        "keys and values": slots * (settings.max_tokens * shape.keys * size + shape.state * 4),
        "drawing": slots * shape.vocabulary * DRAWING,
        "activations": update["activations"],
        "logits": round(row * learnt) * shape.vocabulary * logits,
        "overhead": update["overhead"],
    }


def grpo_remedies(config: TrainConfig, shape: ModelShape, learnt: float, card: Card) -> list[str]:
    """Changes of settings that make it fit, three at most; the least costly first, none with more than it takes."""
    found: list[list[str]] = []
    for one in _fitting(config, shape, learnt, card):
        if not any(_settings(other) <= _settings(one) for other in found):
            found.append(one)
    return [", ".join(one) for one in found[:3]]


def _settings(change: Sequence[str]) -> set[str]:
    return {one.partition(" = ")[0] for one in change}


def _fitting(config: TrainConfig, shape: ModelShape, learnt: float, card: Card) -> Iterator[list[str]]:
    """Each combination of settings that fits; first those that change no result, then those that change few."""
    grpo = config.grpo
    for tuning, dtype, server, prompts, row, checkpointing in itertools.product(
        dict.fromkeys((config.model.tuning, "lora")),
        dict.fromkeys((config.model.dtype, "bfloat16")),
        dict.fromkeys((grpo.server, grpo.server or "URL")),
        dict.fromkeys((grpo.prompts_per_step, *(n for n in (4, 2, 1) if n < grpo.prompts_per_step))),
        dict.fromkeys((grpo.batch_tokens, *(n for n in (16_384, 8192, 4096) if n < grpo.batch_tokens))),
        dict.fromkeys((config.model.checkpointing, True)),
    ):
        if server and tuning == "full":  # a server is given adapters
            continue
        model = config.model.model_copy(update={"tuning": tuning, "dtype": dtype, "checkpointing": checkpointing})
        update = {"prompts_per_step": prompts, "batch_tokens": row, "server": server}
        changed = config.model_copy(update={"model": model, "grpo": grpo.model_copy(update=update)})
        if fits(grpo_memory(changed, shape, learnt), card):
            yield changes(config, changed, CHANGED)


def check_grpo_fits(config: TrainConfig, shape: ModelShape, card: Card) -> None:
    """Find out before the first rollout whether a run fits, and what would.

    Raises:
        ConfigError: it needs more memory than the card has.
    """
    memory = grpo_memory(config, shape)
    if not fits(memory, card):
        fitting = grpo_remedies(config, shape, LEARNT, card)
        command = "dataclaw train plan --stage grpo"
        raise no_room(memory, card, fitting, "Lower [grpo] group or max_tokens.", command)


def _per_token(config: TrainConfig) -> int:
    """FLOP a token and parameter: as the supervised stage, and 2 for the reference."""
    return flop_per_token(config) + (2 if config.grpo.kl else 0)
