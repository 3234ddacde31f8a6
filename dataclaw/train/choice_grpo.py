"""GRPO over choices: answers are drawn at choice points, the real plan writes from them, the domain's rules reward it.

Differences from the language model's GRPO (`grpo`): a decision takes the place of a token, and a rollout begins where
its plan first asks, since nothing before that depends on an answer. Equal answers give equal drafts, so each is written
and judged once. Rewards, advantages, the clipped objective and the divergence from the start are the same code.

Axes: M decisions of an answer.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dataclaw.agent import steps
from dataclaw.agent.batch import advance, run_batch
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import CHOOSE, ChoicePoint, Chosen
from dataclaw.choosing.encode import WINDOW
from dataclaw.choosing.learned import ARRAYS, load_learned
from dataclaw.errors import ConfigError, UsageError
from dataclaw.train import checkpoints
from dataclaw.train.advantage import advantages
from dataclaw.train.choice_net import Arrays, ChoiceNet
from dataclaw.train.chooser import ChooserTrainee, draw, log_probabilities, trainee_of, write_chooser
from dataclaw.train.config import GrpoConfig, TrainConfig
from dataclaw.train.figures import reward_figures, rule_figures
from dataclaw.train.loop import Loop, TrainProgress
from dataclaw.train.objective import objective
from dataclaw.train.prompts import Prompt, PromptEntry, Prompts, prompts_of_step, read_prompts
from dataclaw.train.record import begin, forget, run_record
from dataclaw.train.reward import Reward, RuleTimer, group_rewards, guard
from dataclaw.types import Json

SILENT = 4
"""After so many requests without a choice point, and none with one, a task is taken to have none."""
ADVICE = "Look at these rollouts and the rules, or lower [grpo] lr."
PLANNER = Planner()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was drawn at a choice point.

    Attributes:
        point: the point.
        arrays: how the network read it.
        chosen: places of the chosen options, in their order.
        old: log-probability of every decision when it was drawn, (M,).
    """

    point: ChoicePoint
    arrays: Arrays
    chosen: Tensor
    old: Tensor


@dataclass(slots=True)
class Sampler:
    """A chooser that draws its answers, and remembers them.

    Attributes:
        trainee: whose probabilities they are drawn by.
        temperature: of drawing.
        dice: where the randomness comes from.
        answers: what was drawn.
    """

    trainee: ChooserTrainee
    temperature: float
    dice: torch.Generator
    answers: list[Answer] = field(default_factory=list[Answer])

    def choose(self, point: ChoicePoint) -> Chosen:
        """An answer at random; what is behind the first window is left to the rules."""
        arrays = self.trainee.encode(point)
        with torch.no_grad():
            (odds,) = self.trainee.odds([arrays])
            chosen = draw(odds, point.how, self.temperature, self.dice)
            old = log_probabilities(odds, point.how, chosen, self.temperature)
        self.answers.append(Answer(point, arrays, chosen, old))
        rest = {option.id for option in point.options[WINDOW:]} & set(point.kept) if point.how == "some" else set[str]()
        names = [point.options[int(at)].id for at in chosen]
        return Chosen([*names, *(o.id for o in point.options[WINDOW:] if o.id in rest)], "drawn")


@dataclass(frozen=True, slots=True)
class _Run:
    config: TrainConfig
    loop: Loop
    trainee: ChooserTrainee
    before: ChoiceNet
    rollouts: ChoiceRollouts

    @property
    def settings(self) -> GrpoConfig:
        return self.config.grpo


def grpo_chooser(
    config: TrainConfig, out: Path, *, media: Path | None = None, start: Path | None = None, fresh: bool = False
) -> Generator[TrainProgress]:
    """Train the chooser on its own choices, going on where an earlier run in the same folder was.

    Args:
        config: the recipe.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `chooser/`.
        media: the folder that a pack was made of, where rollouts begin with one and it is at hand.
        start: chooser to begin with (of SFT); it is the reference, too.
        fresh: forget what is there.

    Yields:
        News of every step; `StopTraining` may be thrown in there.

    Raises:
        ConfigError: something in the recipe, the corpus or the folder is wrong.
        DataClawError: loss, gradients or all rewards of a step are no numbers; the last checkpoint is kept.
    """
    if fresh:
        forget(out)
    if start and not (start / ARRAYS).is_file():
        raise ConfigError("holds no chooser.", place=str(start), remedy="Name chooser/ of a run of train sft.")
    prompts = read_prompts(config.data, media)
    trainee = trainee_of(config.model.blind, seed=config.data.seed, start=start)
    begun = hashlib.sha256((start / ARRAYS).read_bytes()).hexdigest() if start else ""
    corpus = {"prompts": {"sha256": prompts.digest, "asks": len(prompts.entries)}}
    begin(out, run_record(config, "grpo", corpus, {"name": config.model.name, "digest": f"chooser{begun}"}))
    optimizer = torch.optim.AdamW(trainee.learnt().values(), lr=config.grpo.lr, weight_decay=0.0)
    checkpoints.prepare(trainee.learnt(), optimizer)
    before = ChoiceNet()
    before.load_state_dict(trainee.model.state_dict())
    settings = config.grpo
    loop = Loop(out, trainee, optimizer, steps=settings.steps, save_every=settings.save_every, keep=settings.keep,
                tensorboard=config.sft.tensorboard)  # fmt: skip
    rollouts = ChoiceRollouts(prompts, settings, seed=config.data.seed)
    run = _Run(config, loop, trainee, before.eval(), rollouts)  # nothing is dropped: what is drawn is what is learnt
    yield TrainProgress(0, settings.steps, note=f"choices of {len(prompts.entries):,} asks,"
               f" {settings.prompts_per_step} x {settings.group} a step")  # fmt: skip
    finished = yield from loop.run(lambda step, totals: _step(run, step, totals), {"rollouts": 0.0, "seconds": 0.0})
    if finished:
        trained: dict[str, Json] = {"stage": "grpo", "steps": settings.steps, "seed": config.data.seed, "start": begun}
        trained["points"] = sorted({*rollouts.points, *(load_learned(start).points if start else ())})
        yield TrainProgress(settings.steps, settings.steps, note=f"written: {write_chooser(trainee, out, trained)}")


class ChoiceRollouts:
    """Rollouts of requests whose plans ask a chooser, from where they first ask.

    Args:
        prompts: the requests.
        settings: how many, how drawn, and how rewarded.
        seed: of what is drawn.

    Attributes:
        points: names of the choice points that were answered.
        watch: how long rules took.
    """

    def __init__(self, prompts: Prompts, settings: GrpoConfig, *, seed: int) -> None:
        self._prompts, self._settings, self._seed = prompts, settings, seed
        self._ready: dict[str, tuple[Prompt, State] | None] = {}
        self._silent: Counter[tuple[str, str]] = Counter()
        self._asking: set[tuple[str, str]] = set()
        self._ends: dict[tuple[str, str], State] = {}
        self.points: set[str] = set()
        self.watch = RuleTimer()

    def draw(self, step: int) -> list[tuple[Prompt, State]]:
        """The requests of a step, each with the state in which its plan asks.

        Raises:
            UsageError: no plan asks a chooser.
        """
        settings = self._settings
        found: list[tuple[Prompt, State]] = []
        entries = [one for one in self._prompts.entries if not self._is_silent(one)]
        many = min(len(entries), 4 * settings.prompts_per_step)
        for entry in prompts_of_step(entries, settings, seed=self._seed, step=step, count=many) if entries else ():
            if len(found) < settings.prompts_per_step and not self._is_silent(entry) and (one := self._open(entry)):
                found.append(one)
        if not found:
            remedy = "Take a corpus of worlds whose tasks choose: desk, cuts, chores."
            raise UsageError("no plan of these requests asks a chooser.", remedy=remedy)
        return found

    def _is_silent(self, entry: PromptEntry) -> bool:
        task = (entry.domain, entry.task)
        return task not in self._asking and self._silent[task] >= SILENT

    def _open(self, entry: PromptEntry) -> tuple[Prompt, State] | None:
        if entry.name not in self._ready:
            prompt = guard(self._prompts.open(entry), self._settings.rule_seconds, self.watch)
            state = first_choice(prompt.state, prompt.session)
            self._ready[entry.name] = (prompt, state) if state else None
            task = (entry.domain, entry.task)
            if state:
                self._asking.add(task)
            else:
                self._silent[task] += 1
        return self._ready[entry.name]

    def roll(
        self, trainee: ChooserTrainee, prompt: Prompt, asking: State, key: str
    ) -> tuple[list[State], list[list[Answer]]]:
        """A group: final states, and what was drawn in each; equal answers share their end."""
        states, drawn = list[State](), list[list[Answer]]()
        for number in range(self._settings.group):
            seed = hashlib.sha256(f"{key}:{number}".encode()).digest()[:7]
            dice = torch.Generator().manual_seed(int.from_bytes(seed))
            sampler = Sampler(trainee, self._settings.temperature, dice)
            state = self._end(prompt, asking, sampler)
            self.points.update(answer.point.name for answer in sampler.answers)
            states.append(state)
            drawn.append(sampler.answers)
        return states, drawn

    def _end(self, prompt: Prompt, asking: State, sampler: Sampler) -> State:
        session = replace(prompt.session, chooser=sampler)
        state = advance(asking, session)
        said = state.turns[-1].text if state.turns else ""
        if known := self._ends.get((prompt.name, said)):
            return known
        (state,) = run_batch([(state, session)], PLANNER)
        if len(sampler.answers) == 1:  # what follows is the same whenever this answer is given
            self._ends[prompt.name, said] = state
        return state


def first_choice(state: State, session: Session) -> State | None:
    """The rollout at its plan's first choice point, unanswered; None where it comes to none."""
    while state.phase != "done":
        (decision,) = PLANNER.decide([PolicyInput(state, session)])
        state = steps.decide(state, decision)
        if state.pending is not None and state.pending.tool == CHOOSE:
            return state
        state = advance(state, session)
    return None


def _step(run: _Run, step: int, totals: dict[str, float]) -> dict[str, Any]:
    settings, began = run.settings, time.perf_counter()
    run.rollouts.watch.seconds.clear()
    run.rollouts.watch.calls.clear()
    groups = run.rollouts.draw(step)
    drawing = time.perf_counter()
    rolled = [run.rollouts.roll(run.trainee, prompt, state, f"{run.config.data.seed}:{step}:{prompt.name}")
              for prompt, state in groups]  # fmt: skip
    judging = time.perf_counter()
    rewards = [group_rewards(prompt, states, settings.terms, settings.rule_seconds)
               for (prompt, _), (states, _) in zip(groups, rolled, strict=True)]  # fmt: skip
    _stop_without_rewards(run, step, [prompt.name for prompt, _ in groups], rewards)
    learnt, dead = _with_signal([drawn for _, drawn in rolled], rewards, settings)
    updating = time.perf_counter()
    figures: dict[str, Any] = {"step": step, "lr": settings.lr}
    figures |= _update(run, step, learnt, [prompt.name for prompt, _ in groups]) if learnt else {"loss": None}
    done, count = time.perf_counter(), sum(len(states) for states, _ in rolled)
    totals["rollouts"] += count
    totals["seconds"] += done - began
    stops = Counter(str(state.stop) for states, _ in rolled for state in states)
    return figures | {
        "reward": reward_figures(rewards, dead),
        "rules": rule_figures(rewards, run.rollouts.watch),
        "rollout": {"rollouts": count, "rollouts_per_second": count / (updating - drawing), "stops": dict(stops)},
        "seconds": {"open": drawing - began, "rollout": judging - drawing, "reward": updating - judging,
                    "update": done - updating},
        "total": dict(totals),
    }  # fmt: skip


def _with_signal(
    drawn: Sequence[Sequence[Sequence[Answer]]], rewards: Sequence[Sequence[Reward]], settings: GrpoConfig
) -> tuple[list[tuple[Answer, float]], int]:
    """The answers of groups with signal, each with its rollout's advantage; and how many groups have none."""
    found: list[tuple[Answer, float]] = []
    dead = 0
    for group, known in zip(drawn, rewards, strict=True):
        values = advantages(known, settings.normalise)
        dead += values is None
        for one, advantage in zip(group, values or (), strict=values is not None):
            if not math.isnan(advantage):
                found += [(answer, advantage) for answer in one]
    return found, dead


def _update(run: _Run, step: int, learnt: Sequence[tuple[Answer, float]], names: Sequence[str]) -> dict[str, Any]:
    """One optimizer step over all answers; every answer weighs the same, however many decisions it has."""
    settings = run.settings
    readers = {"new": run.trainee, "reference": replace(run.trainee, model=run.before)}
    sums = {"loss": 0.0, "kl": 0.0, "clipped": 0.0, "decisions": 0.0}
    for batch in _batches(learnt, settings.batch_tokens):
        arrays = [answer.arrays for answer, _ in batch]
        with torch.no_grad():
            references = readers["reference"].odds(arrays)
        losses: list[Tensor] = []
        for (answer, advantage), odds, other in zip(batch, readers["new"].odds(arrays), references, strict=True):
            how, chosen = answer.point.how, answer.chosen
            new, ref = (log_probabilities(o, how, chosen, settings.temperature) for o in (odds, other))
            value, apart, clipped = objective(new, answer.old, torch.full_like(new, advantage), ref, settings)
            losses.append(-value.mean() / len(learnt))
            sums["kl"] += float(apart.detach().sum())
            sums["clipped"] += float(clipped.sum())
            sums["decisions"] += len(new)
        loss = torch.stack(losses).sum()
        loss.backward()  # pyright: ignore[reportUnknownMemberType]
        sums["loss"] += float(loss.detach())
    norm = float(torch.nn.utils.clip_grad_norm_(run.trainee.learnt().values(), settings.max_grad_norm))
    if not (math.isfinite(sums["loss"]) and math.isfinite(norm)):
        raise run.loop.error(step, f"the loss is {sums['loss']} and the gradients' norm {norm}", names, ADVICE)
    run.loop.optimizer.step()
    run.loop.optimizer.zero_grad(set_to_none=True)
    count = sums["decisions"]
    return {"loss": sums["loss"], "grad_norm": norm, "kl": sums["kl"] / count, "clipped": sums["clipped"] / count,
            "learnt": int(count), "answers": len(learnt)}  # fmt: skip


def _batches(learnt: Sequence[tuple[Answer, float]], most: int) -> Generator[list[tuple[Answer, float]]]:
    """Answers of about one size, at most so many options at once."""
    batch: list[tuple[Answer, float]] = []
    for one in sorted(learnt, key=lambda pair: pair[0].arrays[1].shape[0]):
        if batch and (len(batch) + 1) * one[0].arrays[1].shape[0] > most:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _stop_without_rewards(run: _Run, step: int, names: Sequence[str], rewards: Sequence[Sequence[Reward]]) -> None:
    every = [reward for group in rewards for reward in group]
    if all(math.isnan(reward.total) for reward in every):
        why: Mapping[str, str] = {name: reason for reward in every for name, reason in reward.failed.items()}
        told = "; ".join(f"{name}: {reason}" for name, reason in sorted(why.items())[:3])
        raise run.loop.error(step, f"no rollout has a reward that is a number ({told})", names, ADVICE)
