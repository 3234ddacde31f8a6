"""What the full recipe of a downstream task takes: memory, hours, and the commands of each annotator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dataclaw.errors import ConfigError, did_you_mean
from dataclaw.evals.downstream.config import DownstreamTask, FullRecipe
from dataclaw.train.cards import CARDS, GB, speed

WEIGHTS = {"lora": 2.0, "full": 18.0}
"""Bytes for each parameter: in bfloat16; trained, also float32 weights, their gradients and AdamW's two moments."""
ADAPTER = 0.01 * 16.0
"""Bytes for each parameter that an adapter of a hundredth takes."""
FLOP = {"lora": 4.0 + 2.0, "full": 6.0 + 2.0}
"""Computation of a token for each parameter, activations computed twice."""


@dataclass(frozen=True, slots=True)
class FullEstimate:
    """What training takes, for one annotator and one seed.

    Attributes:
        memory: of the weights, their gradients and moments [GB]; activations come on top.
        tokens: that are read.
        hours: how long it takes.
        origin: where the speed is from.
        card: the machine.
    """

    memory: float
    tokens: int
    hours: float
    origin: str
    card: str


def estimate_full(full: FullRecipe) -> FullEstimate:
    """Count what a full recipe takes.

    Raises:
        ConfigError: its card is not known.
    """
    if full.card not in CARDS:
        raise ConfigError(f"no figures for {full.card!r}.", place="full.card", remedy=did_you_mean(full.card, CARDS))
    card = CARDS[full.card]
    each = WEIGHTS[full.tuning] + (ADAPTER if full.tuning == "lora" else 0.0)
    tokens = round(full.samples * full.tokens * full.epochs)
    reached, origin = speed(card, full.parameters)
    hours = tokens * FLOP[full.tuning] * full.parameters / reached / 3600
    return FullEstimate(each * full.parameters / GB, tokens, hours, origin, card.about)


def plan_lines(task: DownstreamTask) -> Iterator[str]:
    """The plan for people: the small size, then the full one."""
    full, runs = task.full, len(task.annotators) * len(task.seeds)
    yield task.about
    yield ""
    yield "Small, on this machine:"
    yield f"  base model  {task.base}"
    yield f"  streams     {task.streams}"
    yield f"  annotators  {', '.join(task.annotators)}"
    yield f"  learnt      {task.samples:,} rows of each, as many words, {task.learn.epochs:g} epochs"
    yield f"  held out    {', '.join(task.held)}"
    yield f"  trainings   {runs} ({len(task.annotators)} annotators, {len(task.seeds)} seeds)"
    made = estimate_full(full)
    yield ""
    yield f"Full, on {made.card}:"
    yield f"  base model  {full.base}, {'a LoRA adapter' if full.tuning == 'lora' else 'all weights'}"
    yield f"  streams     {full.streams}"
    yield f"  test        {full.test}: {full.metric}"
    yield f"  learnt      {full.samples:,} samples, {made.tokens:,} tokens in {full.epochs:g} epochs"
    yield f"  memory      {made.memory:.1f} GB for weights and optimizer, activations on top"
    yield f"  time        {made.hours:.1f} h a training, {made.hours * runs:.0f} h for all {runs}; {made.origin}"
    yield "  commands, for each annotator:"
    yield from (f"    {command}" for command in full.commands)
