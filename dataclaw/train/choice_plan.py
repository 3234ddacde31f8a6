"""What training a chooser will take: counted in the corpus, and measured by a few steps on this machine."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from dataclaw.train.choice_data import read_choices
from dataclaw.train.choice_grpo import grpo_chooser
from dataclaw.train.choice_sft import plan_batches, sft_chooser
from dataclaw.train.chooser import trainee_of
from dataclaw.train.config import TrainConfig
from dataclaw.train.record import read_metrics
from dataclaw.types import Json

TRIAL = 3
"""Steps that are measured."""


@dataclass(frozen=True, slots=True)
class ChoicePlan:
    """What a stage of a chooser's recipe takes.

    Attributes:
        parameters: of the network.
        choices: examples of supervised learning.
        steps: of the stage.
        seconds: what all steps will take here [s], by the mean of a few.
    """

    parameters: int
    choices: int
    steps: int
    seconds: float

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return asdict(self)


def plan_choices(config: TrainConfig, stage: str) -> ChoicePlan:
    """Count a stage of a chooser's recipe, and measure its first steps; nothing is kept.

    Args:
        config: the recipe.
        stage: "sft" or "grpo".

    Raises:
        ConfigError, UsageError: what the stage itself would raise.
    """
    learn, _ = read_choices(config.data, "training")
    sizes = [len(one.point.options) for one in learn]
    steps = len(plan_batches(sizes, config)) if stage == "sft" else config.grpo.steps
    tables = {"sft": {"steps": TRIAL, "tensorboard": False}, "grpo": {"steps": TRIAL}}
    short = config.model_copy(
        update={table: getattr(config, table).model_copy(update=changes) for table, changes in tables.items()}
    )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for _ in sft_chooser(short, out) if stage == "sft" else grpo_chooser(short, out):
            pass
        figures = read_metrics(out)
    done = figures[-1]["seconds"] if stage == "sft" else figures[-1]["total"]["seconds"]
    parameters = sum(p.numel() for p in trainee_of(config.model.blind, seed=0).learnt().values())
    return ChoicePlan(parameters, len(learn), steps, done / len(figures) * steps)
