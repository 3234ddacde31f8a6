"""GRPO: the agent's own rollouts, rewarded by the domains' rules; the steps, from top to bottom (`loop` runs them).

Differences from the textbook (DeepSeekMath's GRPO, and TRL's trainer, whose names losses have):

- A rollout is a whole conversation with tools. Only tokens that the model sampled are learnt, and logits are made for
  these alone: results of tools are most of a trajectory.
- Rewards come from rules. A reward that is missing is no 0: its rollout is left out of the group's mean and the update.
- Groups without signal (all rewards alike) are left out of the update, and counted.
- `old` are the log-probabilities that the decoder drew with, temperature and grammar included; a step makes one update,
  so without other numbers in the sampler the ratio begins at 1.
- The reference is what training began with; it is computed with the weights of that time put back for a moment.
- What is random in a step follows from the seed and the step's number, so that a run goes on after it was killed.

`grpo_trl` runs TRL's trainer on the same rollouts. TRL (1.16) pads every trajectory to the longest, makes logits for
tool results, and cannot leave groups out; its interface for rollouts is experimental. So the loop is ours, and shares
data, packing, checkpoints and records with supervised learning.

Axes: N sampled tokens of a row; everything in the update is `(N,)`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dataclaw.agent.policy.hf import Hf
from dataclaw.errors import ConfigError, DataClawError
from dataclaw.models.answers import AnswerDecoder
from dataclaw.models.load import Manner
from dataclaw.train import checkpoints, workers
from dataclaw.train.advantage import advantages
from dataclaw.train.config import GrpoConfig, TrainConfig
from dataclaw.train.devices import library
from dataclaw.train.figures import reward_figures, rollout_figures, rule_figures
from dataclaw.train.loop import Loop, TrainProgress, publish
from dataclaw.train.objective import Tokens, logprobs, objective, put, restoring, token_weights, tokens_of
from dataclaw.train.plan import here
from dataclaw.train.plan_grpo import check_grpo_fits
from dataclaw.train.prompts import Prompts, hardest_of, prompts_of_step, read_prompts
from dataclaw.train.record import begin, forget, run_record
from dataclaw.train.reward import Reward, RuleTimer, group_rewards, guard
from dataclaw.train.rollout import Batch, Trajectory, roll, trajectories
from dataclaw.train.rollout_server import APART, RolloutServer
from dataclaw.train.rows import fill_rows
from dataclaw.train.shape import measure
from dataclaw.train.trainee import Trainee, load, take_adapter
from dataclaw.train.workers import Workers

Learnable = Callable[[Batch, Sequence[Sequence[Reward]], GrpoConfig], tuple[list[Trajectory], int]]
"""What can be learnt from the rollouts of a step, and how many groups teach nothing."""
TOTALS = {"rollouts": 0.0, "sampled": 0.0, "seconds": 0.0}
"""What a run counts over all its steps, at its beginning."""


@dataclass(frozen=True, slots=True)
class _Run:
    config: TrainConfig
    loop: Loop
    trainee: Trainee
    prompts: Prompts
    policy: Hf
    before: Mapping[str, Any]
    served: RolloutServer | None

    @property
    def settings(self) -> GrpoConfig:
        return self.config.grpo


def grpo(
    config: TrainConfig,
    out: Path,
    *,
    media: Path | None = None,
    start: Path | None = None,
    fresh: bool = False,
    random_init: bool = False,
) -> Generator[TrainProgress]:
    """Train a model on rollouts, going on where an earlier run in the same folder was.

    Args:
        config: the recipe.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `adapter/` or `model/`.
        media: the folder that a pack was made of, where rollouts begin with one and it is at hand.
        start: adapter to begin with (of SFT), of the recipe's shape; it is the reference, too.
        fresh: forget what is there.
        random_init: random weights, to measure a machine.

    Yields:
        News of every step; `StopTraining` may be thrown in there.

    Raises:
        ConfigError: something in the recipe, the corpus or the folder is wrong.
        DataClawError: loss, gradients or all rewards of a step are no numbers; the batch is named, the last checkpoint
            is kept.
    """
    if fresh:
        forget(out)
    run = _prepare(config, out, media, start, random_init=random_init)
    asks, learnt = len(run.prompts.entries), sum(p.numel() for p in run.trainee.learnt().values())
    where = f", sampled at {run.served.decoder.url}" if run.served else ""
    yield TrainProgress(0, run.settings.steps, note=f"{learnt:,} parameters learn from rollouts of {asks:,} asks,"
               f" {run.settings.prompts_per_step} x {run.settings.group} a step{where}")  # fmt: skip
    yield from _go(run)


def rehearse(config: TrainConfig, out: Path, steps: int) -> Iterator[dict[str, Any]]:
    """Steps with random weights, to measure a machine: every rollout is learnt from, whatever its reward.

    Args:
        config: the recipe.
        out: an empty folder.
        steps: how many.

    Yields:
        The figures of every step.
    """
    run = _prepare(config, out, None, None, random_init=True)
    totals = dict(TOTALS)
    for step in range(1, steps + 1):
        yield _step(run, step, totals, learnable=everything)


def _prepare(config: TrainConfig, out: Path, media: Path | None, start: Path | None, *, random_init: bool) -> _Run:
    group = workers.start(config.model.device)
    check_recipe(config, group, random_init=random_init)
    prompts = read_prompts(config.data, media)
    check_grpo_fits(config, measure(config.model), here(group.device))
    trainee = load(config.model, group, seed=config.data.seed, random_init=random_init, image_side=config.data.side)
    begun = take_adapter(trainee, config.model, start) if start else ""
    base = trainee.record(begun, random_init=random_init)
    corpus = {"prompts": {"sha256": prompts.digest, "asks": len(prompts.entries)}}
    begin(out, run_record(config, "grpo", corpus, base))
    served = RolloutServer(trainee, config, out) if config.grpo.server else None
    if served:
        served.check()
    learnt = trainee.learnt()
    optimizer = library("torch").optim.AdamW(list(learnt.values()), lr=config.grpo.lr, weight_decay=0.0)
    checkpoints.prepare(learnt, optimizer)
    before = {name: p.detach().clone() for name, p in learnt.items()}
    policy = _policy(trainee, config, served.decoder if served else None)
    settings = config.grpo
    loop = Loop(
        out,
        trainee,
        optimizer,
        steps=settings.steps,
        save_every=settings.save_every,
        keep=settings.keep,
        tensorboard=config.sft.tensorboard,
    )
    return _Run(config, loop, trainee, prompts, policy, before, served)


def _policy(trainee: Trainee, config: TrainConfig, elsewhere: AnswerDecoder | None = None) -> Hf:
    settings = config.grpo
    manner = Manner(
        temperature=settings.temperature,
        new_tokens=settings.max_new_tokens,
        context=settings.max_tokens,
        slots=settings.group * settings.prompts_per_step,
        constrained=settings.constrained,
        seed=config.data.seed,
        autocast="bfloat16" if trainee.dtype == "bfloat16" else None,
    )
    name = f"hf:{trainee.base.name}"
    return Hf(name, trainee.model, trainee.base.tokeniser, manner, elsewhere, vision=trainee.vision)


def _go(run: _Run) -> Generator[TrainProgress]:
    steps = run.settings.steps
    try:
        finished = yield from run.loop.run(partial(_step, run, learnable=with_signal), dict(TOTALS))
    finally:
        run.policy.close()
    if run.served:  # after an error the next start removes what the server has loaded
        run.served.close()
    if finished:
        trainee = run.trainee
        where = publish(
            run.loop.out, trainee.model, trainee.base, trainee.vision, lora=run.config.model.tuning == "lora"
        )
        yield TrainProgress(steps, steps, note=f"written: {where}")


def _step(run: _Run, step: int, totals: dict[str, float], learnable: Learnable) -> dict[str, Any]:
    """One step: rollouts, rewards, update; adds to the totals, and gives the step's figures."""
    settings, began, watch = run.settings, time.perf_counter(), RuleTimer()
    library("torch").manual_seed(run.config.data.seed * 1_000_003 + step)
    calls = dict(run.prompts.calls())
    asks = prompts_of_step(run.prompts.entries, settings, seed=run.config.data.seed, step=step)
    prompts = [guard(run.prompts.open(ask), settings.rule_seconds, watch) for ask in asks]
    syncing = time.perf_counter()
    if run.served:
        run.served.sync(f"step-{step}")
    synced = time.perf_counter() - syncing
    batch = roll(prompts, run.policy, settings.group, step=step)
    judging = time.perf_counter()
    rewards = [
        group_rewards(prompt, [rollout.state for rollout in group], settings.terms, settings.rule_seconds)
        for prompt, group in zip(prompts, batch.groups, strict=True)
    ]
    _stop_without_rewards(run, step, batch, rewards)
    found, dead = learnable(batch, rewards, settings)
    updating = time.perf_counter()
    figures: dict[str, Any] = {"step": step, "hardest": hardest_of(step, settings), "lr": settings.lr}
    figures |= _update(run, step, found) if found else {"loss": None, "learnt": 0}
    done = time.perf_counter()
    for name, more in (
        ("rollouts", len(batch.rollouts)),
        ("sampled", batch.read["sampled"]),
        ("seconds", done - began),
    ):
        totals[name] += more
    return figures | {
        "reward": reward_figures(rewards, dead),
        "rules": rule_figures(rewards, watch),
        "rollout": rollout_figures(batch),
        "calls": {name: count - calls.get(name, 0) for name, count in run.prompts.calls().items()},
        "seconds": {"sync": synced, "rollout": batch.seconds, "reward": updating - judging, "update": done - updating},
        "total": dict(totals),
    }


def with_signal(
    batch: Batch, rewards: Sequence[Sequence[Reward]], settings: GrpoConfig
) -> tuple[list[Trajectory], int]:
    """What can be learnt from: the trajectories of groups with signal; and how many groups have none.

    A rollout whose reward is missing teaches nothing, and takes no part in its group's mean.
    """
    found: list[Trajectory] = []
    dead = 0
    for group, known in zip(batch.groups, rewards, strict=True):
        values = advantages(known, settings.normalise)
        dead += values is None
        for rollout, advantage in zip(group, values or (), strict=values is not None):
            if not math.isnan(advantage):
                found += trajectories(rollout, advantage)
    return found, dead


def everything(
    batch: Batch, _rewards: Sequence[Sequence[Reward]], _settings: GrpoConfig
) -> tuple[list[Trajectory], int]:
    """All trajectories, every other one as if it were better than the mean."""
    return [one for n, rollout in enumerate(batch.rollouts) for one in trajectories(rollout, (-1.0) ** n)], 0


def _update(run: _Run, step: int, found: Sequence[Trajectory]) -> dict[str, Any]:
    """One optimizer step over all trajectories."""
    torch, settings, device = library("torch"), run.settings, run.trainee.workers.device
    weights = token_weights(found, settings)
    most = max(settings.batch_tokens, *(len(one.example) for one in found)) if run.trainee.packs else 0
    lengths, order = [len(one.example) for one in found], range(len(found))
    packs = fill_rows(lengths, order, most) if most else [(at,) for at in order]
    batch = [tokens_of(found, row, weights) for row in packs]
    references = _references(run, batch)
    sums = np.zeros(4)
    loss = 0.0
    for tokens, reference in zip(batch, references, strict=True):
        old, advantage, weight = (
            torch.from_numpy(x).to(device) for x in (tokens.old, tokens.advantage, tokens.weight)
        )  # fmt: skip
        new = logprobs(run.trainee, tokens, settings.temperature)
        value, apart, clipped = objective(new, old, advantage, reference, settings)
        row_loss = -(value * weight).sum()
        row_loss.backward()
        drift = (new.detach() - old).abs().sum()
        seen = torch.stack([apart.detach().sum(), clipped.sum(), drift, row_loss.detach()])
        kl, cut, apart_by, part = seen.tolist()  # all at once: a GPU waits while the host looks
        if not math.isfinite(part):
            raise _step_error(run, step, f"the loss is {part}", tokens.row.names)
        sums += (kl, cut, apart_by, len(tokens.old))
        loss += part
    kl, cut, drift, count = (float(x) for x in sums)
    if run.served and drift / count > APART:
        what = f"the server samples with other weights: log-probabilities differ by {drift / count:.2f}"
        raise _step_error(run, step, what, [one.example.id for one in found])
    norm = float(torch.nn.utils.clip_grad_norm_(list(run.trainee.learnt().values()), settings.max_grad_norm))
    if not math.isfinite(norm):
        raise _step_error(run, step, f"the gradients' norm is {norm}", [one.example.id for one in found])
    run.loop.optimizer.step()
    run.loop.optimizer.zero_grad(set_to_none=True)
    figures = {"loss": loss, "grad_norm": norm, "kl": kl / count, "clipped": cut / count, "mismatch": drift / count}
    return figures | {"learnt": int(count), "trajectories": len(found)}


def _references(run: _Run, batch: Sequence[Tokens]) -> list[Any]:
    """Log-probabilities of the reference, row by row; None where the divergence has no weight."""
    if not run.settings.kl:
        return [None] * len(batch)
    torch, model = library("torch"), run.trainee.model
    model.eval()
    try:
        with restoring(run.trainee.learnt()), torch.no_grad():
            put(run.trainee.learnt(), run.before)
            return [logprobs(run.trainee, tokens, run.settings.temperature) for tokens in batch]
    finally:
        model.train()


def _stop_without_rewards(run: _Run, step: int, batch: Batch, rewards: Sequence[Sequence[Reward]]) -> None:
    every = [reward for group in rewards for reward in group]
    odd = [reward for reward in every if math.isinf(reward.total)]
    if not odd and not all(math.isnan(reward.total) for reward in every):
        return
    why = {f"{name}: {reason}" for reward in every for name, reason in reward.failed.items()}
    names = [group[0].prompt.name for group in batch.groups]
    raise _step_error(run, step, f"no rollout has a reward that is a number ({'; '.join(sorted(why)[:3])})", names)


def _step_error(run: _Run, step: int, what: str, names: Sequence[str]) -> DataClawError:
    return run.loop.error(
        step, what, names, "Look at these rollouts and the rules, lower [grpo] lr, or take dtype float32."
    )


def check_recipe(config: TrainConfig, group: Workers, *, random_init: bool) -> None:
    """Raise ConfigError where a recipe asks for what cannot be."""
    if group.world > 1:
        remedy = "Run it without torchrun; several runs on several GPUs, one a domain, use them all."
        raise ConfigError("GRPO runs in one process.", place="torchrun", remedy=remedy)
    if config.model.compile:
        raise ConfigError("compiled layers cannot decode.", place="[model] compile", remedy="Set compile = false.")
    if random_init and config.grpo.server:
        raise ConfigError("no server has random weights.", place="[grpo] server", remedy='Set server = "".')
    if config.data.images and config.grpo.server:
        remedy = 'Set server = "", or images = false.'
        raise ConfigError("images cannot be shown to a server.", place="[grpo] server", remedy=remedy)
    if random_init and config.model.shape:
        remedy = 'Set shape = "", so that tokeniser and shape come with the model; its weights are not read.'
        raise ConfigError(
            "rollouts need a tokeniser, and a model that is named by its shape has none.",
            place="[model] shape",
            remedy=remedy,
        )
