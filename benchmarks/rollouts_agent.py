"""The agent's own rollouts in `rollouts.py --corpus`: real prompts, tools and rules, our loop and TRL's on the same.

- `agent, rollouts`: the agent on the same prompts, sampled by our decoder and by TRL's own generation, which reads the
  whole conversation at every turn. The model is as it is: a random one says nothing that is an action.
- `agent, whole step`: rollouts, rewards and update. The model is led along the expert's turns, and chooses the last
  between the expert's draft and a bad one, so that tools, rules and lengths are those of use. Both trainers draw the
  same completions in the first step, and must give the same rewards.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dataclaw.train import grpo as own_loop
from dataclaw.train import trl
from dataclaw.train.config import TrainConfig
from dataclaw.train.grpo import rehearse
from dataclaw.train.grpo_trl import grpo_trl
from dataclaw.train.live import RolloutSource
from tests.train.led import Led

Timer = Callable[[Callable[[], object], str], float]
Times = dict[str, list[float]]
CONTEXT = 4096


def agent_recipe(folder: str, corpus: Path, job: Any) -> TrainConfig:
    """Both trainers' recipe."""
    model = {"name": folder, "device": job.device, "dtype": job.dtype, "lora": {"r": 8, "alpha": 16}}
    grpo = {
        "lr": 1e-6,
        "steps": job.rounds + 1,
        "group": job.group,
        "prompts_per_step": len(job.texts),
        "max_new_tokens": job.tokens,
        "max_tokens": CONTEXT,
        "kl": 0.0,
        "loss": "dapo",
        "curriculum": False,
        "rule_seconds": 600.0,
    }
    return TrainConfig.model_validate({"model": model, "data": {"corpus": corpus}, "grpo": grpo})


def measure_agent(job: Any, corpus: Path, timer: Timer) -> tuple[Times, Times]:
    """Seconds of each round, ours and TRL's.

    Raises:
        SystemExit: the two gave different rewards for the same completions.
    """
    config = agent_recipe(job.folder, corpus, job)
    rows = [json.loads(line) for line in (corpus / "export" / "traces.jsonl").read_text().splitlines()]
    Led.traces = {row["id"]: [m["content"] for m in row["messages"] if m["role"] == "assistant"] for row in rows}
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as out:
        warnings.simplefilter("ignore")
        ours, theirs = measure_samplers(config, job, Path(out), timer)
        with led():
            ours["agent, whole step"], first = own_steps(config, Path(out, "own"), job, timer)
            theirs["agent, whole step"], second = trl_steps(config, Path(out, "trl"), job, timer)
    if abs(first - second) > 1e-6:
        raise SystemExit(f"the rewards of the same completions differ: {first:.6f} and {second:.6f}")
    print(f"agent: both gave the rewards of the first step's completions, {first:.4f} in the mean")
    return ours, theirs


@contextlib.contextmanager
def led() -> Iterator[None]:
    """Both trainers lead the model."""
    before = own_loop.Hf, trl.Hf
    own_loop.Hf = trl.Hf = Led
    try:
        yield
    finally:
        own_loop.Hf, trl.Hf = before


def measure_samplers(config: TrainConfig, job: Any, out: Path, timer: Timer) -> tuple[Times, Times]:
    """The same rollouts, sampled by our decoder and by TRL's generation."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    source, tokeniser = RolloutSource(config.data, config.grpo), AutoTokenizer.from_pretrained(job.folder)
    dataset = trl.rows_of(list(source.entries.values())[: len(job.texts)])
    trainer = GRPOTrainer(
        AutoModelForCausalLM.from_pretrained(job.folder),
        trl.reward,
        args=GRPOConfig(
            output_dir=str(out),
            per_device_train_batch_size=job.group,
            num_generations=job.group,
            max_completion_length=job.tokens,
            bf16=job.dtype == "bfloat16",
            use_cpu=job.device == "cpu",
            report_to=[],
        ),
        train_dataset=dataset,
        processing_class=tokeniser,
        rollout_func=trl.RolloutFunction(source),
    )
    trainer.model.train()
    prompts = [row["prompt"] for row in dataset for _ in range(job.group)]
    taken: list[Times] = []
    for sampler in ("own", "trl"):
        function = trl.RolloutFunction(source, sampler)
        timer(lambda function=function: function(prompts, trainer), job.device)
        rounds = [timer(lambda function=function: function(prompts, trainer), job.device) for _ in range(job.rounds)]
        taken.append({"agent, rollouts": rounds})
    return taken[0], taken[1]


def own_steps(config: TrainConfig, out: Path, job: Any, timer: Timer) -> tuple[list[float], float]:
    """Seconds of our steps behind the first, and the first's mean reward."""
    steps, found = rehearse(config, out, config.grpo.steps), list[dict[str, Any]]()
    taken = [timer(lambda: found.append(next(steps)), job.device) for _ in range(config.grpo.steps)]
    return taken[1:], found[0]["reward"]["mean"]


def trl_steps(config: TrainConfig, out: Path, job: Any, timer: Timer) -> tuple[list[float], float]:
    """The same of TRL's."""
    from trl import GRPOTrainer

    inner, taken = GRPOTrainer.training_step, list[float]()

    def timed_step(*args: Any, **kwargs: Any) -> Any:
        got: list[Any] = []
        taken.append(timer(lambda: got.append(inner(*args, **kwargs)), job.device))
        return got[0]

    GRPOTrainer.training_step = timed_step
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            grpo_trl(config, out, random_init=True)
        finally:
            GRPOTrainer.training_step = inner
    parts = config.grpo.prompts_per_step
    steps = [sum(taken[at : at + parts]) for at in range(0, len(taken), parts)]
    return steps[1:], json.loads((out / "metrics.jsonl").read_text().splitlines()[0])["reward"]
