"""GRPO by TRL's trainer on our rollouts: the same recipe, prompts, rollouts and rewards as `grpo`, and TRL's update.

What differs from our own loop: TRL pads trajectories to the longest, a group without signal still counts in the mean
over tokens, and checkpoints are TRL's own. A recipe that asks for what TRL's trainer does not do is refused.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.models.libraries import library
from dataclaw.train import workers
from dataclaw.train.config import TrainConfig
from dataclaw.train.grpo import check_recipe
from dataclaw.train.live import RolloutSource
from dataclaw.train.loop import publish
from dataclaw.train.plan import here
from dataclaw.train.plan_grpo import check_grpo_fits
from dataclaw.train.prompts import prompts_of_step
from dataclaw.train.record import Metrics, begin, forget, run_record
from dataclaw.train.shape import measure
from dataclaw.train.trainee import load, take_adapter
from dataclaw.train.trl import RolloutFunction, reward, rows_of

SCALES = {"group": "group", "centre": "none"}
"""TRL's names of `[grpo] normalise`."""


def grpo_trl(
    config: TrainConfig,
    out: Path,
    *,
    media: Path | None = None,
    start: Path | None = None,
    fresh: bool = False,
    random_init: bool = False,
) -> None:
    """Train a model on rollouts, going on where an earlier run in the same folder was; arguments as for `grpo`.

    Args:
        config: the recipe.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `adapter/` or `model/`.
        media: the folder that a pack was made of.
        start: adapter to begin with; it is the reference, too.
        fresh: forget what is there.
        random_init: random weights.

    Raises:
        ConfigError: the recipe, the corpus or the folder is wrong, or the recipe asks for what TRL does not do.
        MissingExtraError: TRL is not installed.
    """
    trl: Any = library("trl", user="TRL's trainer")
    group = workers.start(config.model.device)
    check_recipe(config, group, random_init=random_init)
    _check_for_trl(config, random_init=random_init)
    if fresh:
        forget(out)
    source = RolloutSource(config.data, config.grpo, media)
    check_grpo_fits(config, measure(config.model), here(group.device))
    plain = {"attention": "sdpa", "checkpointing": False}  # packed attention reads no padding; TRL recomputes itself
    model = config.model.model_copy(update=plain if config.model.attention == "auto" else {"checkpointing": False})
    trainee = load(model, group, seed=config.data.seed, random_init=random_init)
    begun = take_adapter(trainee, model, start) if start else ""
    corpus = {"prompts": {"sha256": source.digest, "asks": len(source.entries)}}
    record = run_record(config, "grpo", corpus, trainee.record(begun, random_init=random_init))
    begin(out, record | {"stage": "grpo-trl"})
    last = newest(out / "checkpoints")
    metrics = Metrics(out, step=int(last.name.rpartition("-")[2]) if last else 0, tensorboard=config.sft.tensorboard)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "You are using 'rollout_func'", UserWarning)
        trainer = trl.GRPOTrainer(
            trainee.model,
            reward,
            args=_arguments(trl, config, out, cpu=group.device == "cpu"),
            train_dataset=rows_of(_entries(config, source)),
            processing_class=trainee.base.tokeniser,
            rollout_func=RolloutFunction(source),
            callbacks=[_writer(metrics)],
        )
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    finally:
        metrics.close()
    if "ref" in getattr(trainee.model, "peft_config", {}):
        trainee.model.delete_adapter("ref")  # TRL's copy of what training began with
    publish(out, trainee.model, trainee.base, None, lora=config.model.tuning == "lora")


def newest(folder: Path) -> Path | None:
    """The newest whole checkpoint that TRL wrote there; the state of the trainer is what it writes last."""
    found = {int(file.parent.name.rpartition("-")[2]): file.parent for file in folder.glob("*-*/trainer_state.json")}
    return found[max(found)] if found else None


def _entries(config: TrainConfig, source: RolloutSource) -> list[Any]:
    """The prompts of all steps, those that our own loop would draw."""
    settings, entries = config.grpo, list(source.entries.values())
    return [
        entry
        for step in range(1, settings.steps + 1)
        for entry in prompts_of_step(entries, settings, seed=config.data.seed, step=step)
    ]


def _arguments(trl: Any, config: TrainConfig, out: Path, *, cpu: bool) -> Any:
    settings = config.grpo
    return trl.GRPOConfig(
        output_dir=str(out / "checkpoints"),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.group,
        gradient_accumulation_steps=settings.prompts_per_step,
        num_generations=settings.group,
        shuffle_dataset=False,
        max_completion_length=settings.max_tokens,
        temperature=settings.temperature,
        learning_rate=settings.lr,
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=settings.max_grad_norm,
        beta=settings.kl,
        epsilon=settings.clip,
        loss_type=settings.loss,
        scale_rewards=SCALES[settings.normalise],
        gradient_checkpointing=config.model.checkpointing,
        bf16=config.model.dtype == "bfloat16",
        use_cpu=cpu,
        seed=config.data.seed,
        save_steps=settings.save_every,
        save_total_limit=settings.keep,
        logging_steps=1,
        report_to=[],
    )


def _writer(metrics: Metrics) -> Any:
    """A callback of the trainer that writes what it logs of every step."""
    base: Any = library("transformers").TrainerCallback

    class Writer(base):
        """Writes `metrics.jsonl`."""

        def on_log(self, _args: Any, state: Any, _control: Any, logs: dict[str, Any], **_: Any) -> None:
            """A step was logged; the summary of the whole run has no loss."""
            if "loss" in logs:
                metrics.write({"step": int(state.global_step), **logs})

    return Writer()


def _check_for_trl(config: TrainConfig, *, random_init: bool) -> None:
    """Raise ConfigError where a recipe asks for what TRL's trainer does not do."""
    settings = config.grpo
    fresh = random_init and config.model.tuning == "full" and settings.kl > 0
    refused = {
        "[grpo] server": (bool(settings.server), 'TRL does not sample there; set server = "".'),
        "[grpo] correction": (settings.correction > 0, "TRL corrects with vLLM only; set it to 0."),
        "[grpo] normalise": (settings.normalise not in SCALES, 'TRL does not scale rules; take "group" or "centre".'),
        "[grpo] kl": (fresh, "TRL reads the reference from disk, and random weights are not there; set it to 0."),
        "[data] images": (config.data.images, "TRL drops images of such rollouts; set it to false."),
        "[model] device": (config.model.device.startswith("cuda:"), 'Say "cuda", and set CUDA_VISIBLE_DEVICES.'),
    }
    for place, (wrong, remedy) in refused.items():
        if wrong:
            raise ConfigError("TRL's trainer cannot do this.", place=place, remedy=f"{remedy} Or take our own loop.")
