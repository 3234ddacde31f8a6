"""A few steps of GRPO with random weights, as a run makes them: what this machine really does.

The asks, tools and rules of the corpus are the run's; what a random model says is noise, so that its rollouts end
early. Their speed is that of a model that has learnt something, their length is not.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import library
from dataclaw.train.grpo import rehearse
from dataclaw.train.plan_grpo import GrpoPlan


@dataclass(frozen=True, slots=True)
class GrpoTrial:
    """What was measured, on average over the steps after the first.

    Attributes:
        steps: optimizer steps, the first apart: it warms up.
        rollout: time of the rollouts of a step [s].
        reward: time of the rules [s].
        update: time of the update [s].
        sampled: tokens that a step's rollouts sampled.
        tokens: tokens of a step's trajectories.
        peak: most memory that was taken on the device [bytes]; 0 where it is not known (CPU).
    """

    steps: int
    rollout: float
    reward: float
    update: float
    sampled: float
    tokens: float
    peak: int

    @property
    def speed(self) -> float:
        """Tokens sampled a second."""
        return self.sampled / self.rollout

    def step(self, plan: GrpoPlan) -> float | None:
        """Time of a step whose rollouts are as long as the corpus' traces [s]; None where that is not known.

        Rollouts are scaled by the tokens that are sampled, the update by all tokens.
        """
        if plan.sampled is None:
            return None
        return plan.sampled / self.speed + self.reward + self.update * plan.tokens / self.tokens

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        seconds = {"rollout": self.rollout, "reward": self.reward, "update": self.update}
        return {
            "steps": self.steps,
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
            "sampled_per_second": round(self.speed, 1),
            "sampled": self.sampled,
            "tokens": self.tokens,
            "peak": self.peak,
        }


def trial_grpo(config: TrainConfig, steps: int = 3) -> GrpoTrial:
    """Run some steps and measure them.

    Args:
        config: the recipe.
        steps: steps that are timed; one more is run before them.

    Raises:
        ConfigError: the recipe is wrong, would not fit, or there is no corpus.
    """
    torch = library("torch")
    counted = config.model_copy(update={"grpo": config.grpo.model_copy(update={"steps": steps + 1})})
    with tempfile.TemporaryDirectory() as folder:
        figures = list(rehearse(counted, Path(folder), steps + 1))[1:]
    peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    seconds = {name: _mean(one["seconds"][name] for one in figures) for name in ("rollout", "reward", "update")}
    return GrpoTrial(
        steps=steps,
        **seconds,
        sampled=_mean(one["rollout"]["sampled"] for one in figures),
        tokens=_mean(one["rollout"]["tokens"] * one["rollout"]["rollouts"] for one in figures),
        peak=int(peak),
    )


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))
