"""Supervised learning on agent traces: the steps, from top to bottom (`loop` runs, keeps and continues them).

Differences from the textbook (next-token cross entropy with AdamW):

- Only the turns marked `train` are learnt, each with the token that ends it. The loss of a step is the mean over all
  its learnt tokens, whichever row or process they are in.
- Traces are packed into rows (`rows`), and no trace sees another (`attention`); logits are made at learnt tokens alone.
- The plan of all steps is made before the first one, and what is random in a step follows from the seed and the step's
  number. So a run that was killed goes on from its last checkpoint as if nothing had happened.

Axes: T tokens of a row, N learnt tokens of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dataclaw.train import checkpoints, workers
from dataclaw.train.base_model import load_base, with_lora
from dataclaw.train.config import SftConfig, TrainConfig
from dataclaw.train.corpus_streams import Illustrations
from dataclaw.train.devices import library
from dataclaw.train.loop import Loop, TrainProgress, is_due, publish
from dataclaw.train.plan import LEARNT, check_fits, here
from dataclaw.train.record import begin, forget, run_record
from dataclaw.train.rows import PackedRow, RowIndices, pack_row, plan_steps
from dataclaw.train.shape import measure
from dataclaw.train.tokens import VALIDATION, TraceCounts, TrainingExample, read_examples
from dataclaw.train.trainee import Trainee, load
from dataclaw.train.validate import validate
from dataclaw.train.workers import Workers

FLOOR = 0.1
"""Learning rate at the end, as a share of the highest."""
ADVICE = "Look at these traces, lower [sft] lr, or take dtype float32; then run it again with --out another folder."


@dataclass(frozen=True, slots=True)
class _Run:
    config: TrainConfig
    loop: Loop
    trainee: Trainee
    examples: list[TrainingExample]
    held: list[TrainingExample]
    plan: list[list[RowIndices]]
    random_init: bool

    @property
    def workers(self) -> Workers:
        return self.trainee.workers


def sft(config: TrainConfig, out: Path, *, fresh: bool = False, random_init: bool = False) -> Generator[TrainProgress]:
    """Train a model on a corpus of traces, going on where an earlier run in the same folder was.

    Args:
        config: the recipe.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `adapter/` or `model/`.
        fresh: forget what is there.
        random_init: random weights, to measure a machine.

    Yields:
        News of every step and validation; `StopTraining` may be thrown in there.

    Raises:
        ConfigError: something in the recipe, the corpus or the folder is wrong.
        DataClawError: loss or gradients are no numbers any more; the batch is named, the last checkpoint is kept.
    """
    group = workers.start(config.model.device)
    try:
        if fresh and group.first:
            forget(out)
        group.wait()
        run, told = _prepare(config, out, group, random_init=random_init)
        yield from _notes(run, told)
        yield from _go(run)
    finally:
        group.stop()


def _prepare(
    config: TrainConfig, out: Path, group: Workers, *, random_init: bool
) -> tuple[_Run, dict[str, TraceCounts]]:
    check_fits(config, measure(config.model), LEARNT, here(group.device), group.world)
    trainee = load(config.model, group, seed=config.data.seed, random_init=random_init, image_side=config.data.side)
    tokeniser = trainee.base.tokeniser
    shown = Illustrations(trainee.vision, config.data) if trainee.vision else None
    examples, told = read_examples(config.data, tokeniser, shown=shown)
    held, told_held = list[TrainingExample](), TraceCounts()
    if config.data.validation:
        held, told_held = read_examples(config.data, tokeniser, VALIDATION, shown)
    packing = config.data.packing and trainee.packs
    plan = plan_steps(
        [len(one) for one in examples],
        row=config.data.row if packing else 0,
        batch=config.sft.batch_tokens,
        epochs=config.sft.epochs,
        seed=config.data.seed,
    )[: config.sft.steps]
    base = {
        "name": trainee.base.name,
        "digest": trainee.base.digest,
        "random_init": random_init,
        "attention": trainee.attention,
        "packed": packing,
    }
    corpus = {"training": told.to_json(), "validation": told_held.to_json()}
    if group.first:
        begin(out, run_record(config, "sft", corpus, base))
    loop = Loop(
        out,
        trainee,
        _optimizer(trainee, config.sft),
        steps=len(plan),
        save_every=config.sft.save_every,
        keep=config.sft.keep,
        tensorboard=config.sft.tensorboard,
    )
    run = _Run(config, loop, trainee, examples, held, plan, random_init)
    return run, {"training": told, "validation": told_held}


def _notes(run: _Run, told: Mapping[str, TraceCounts]) -> Iterator[TrainProgress]:
    steps, train = len(run.plan), told["training"]
    learnt = sum(p.numel() for p in run.trainee.learnt().values())
    yield TrainProgress(
        0,
        steps,
        note=f"{learnt:,} parameters learn {len(run.examples):,} traces with {train.tokens:,} tokens,"
        f" {train.learnt:,} of them learnt; {steps:,} steps",
    )
    for kind, one in told.items():
        if one.long:
            yield TrainProgress(0, steps, note=f"{len(one.long)} {kind} traces are longer than max_tokens and left out:"
                       f" {', '.join(one.long[:3])}{' ...' if len(one.long) > 3 else ''}")  # fmt: skip
    if run.config.data.packing and not run.trainee.packs:
        why = "traces have images" if run.trainee.vision else "the model has layers that would carry one into the next"
        yield TrainProgress(0, steps, note=f"one trace a row: {why}")
    if run.trainee.vision:
        yield TrainProgress(0, steps, note=f"{train.images:,} images in the traces")


def _optimizer(trainee: Trainee, config: SftConfig) -> Any:
    learnt = trainee.learnt()
    fused = trainee.workers.device.startswith("cuda")
    optimizer = library("torch").optim.AdamW(
        list(learnt.values()), lr=config.lr, weight_decay=config.weight_decay, fused=fused
    )
    checkpoints.prepare(learnt, optimizer)
    return optimizer


def _go(run: _Run) -> Generator[TrainProgress]:
    steps, totals = len(run.plan), {"tokens": 0.0, "learnt": 0.0, "seconds": 0.0}

    def step_of(step: int, totals: dict[str, float]) -> dict[str, Any]:
        figures = _step(run, step, totals)
        if is_due(step, steps, run.config.sft.eval_every) and run.held:
            figures["validation"] = validate(run.trainee, run.held, run.config.data.row)
        return figures

    finished = yield from run.loop.run(step_of, totals)
    if finished:
        yield TrainProgress(steps, steps, note=f"written: {_publish(run)}")


def _step(run: _Run, step: int, totals: dict[str, float]) -> dict[str, Any]:
    """One optimizer step; adds to the totals, and gives the step's figures."""
    torch, config, began = library("torch"), run.config.sft, time.perf_counter()
    torch.manual_seed(hash((run.config.data.seed, step, run.workers.rank)))
    batch = [pack_row(run.examples, row) for row in run.plan[step - 1]]
    learnt, tokens = sum(len(row.targets) for row in batch), sum(len(row.ids) for row in batch)
    lr = learning_rate(config, step, len(run.plan))
    for settings in run.loop.optimizer.param_groups:
        settings["lr"] = lr
    sums = [_backward(run.trainee, row, run.workers.world / learnt) for row in _share(batch, run.workers)]
    norm = torch.nn.utils.clip_grad_norm_(list(run.trainee.learnt().values()), config.max_grad_norm)
    norm = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
    loss = float(run.workers.total(torch.stack(sums).sum())) / learnt
    _stop_if_broken(run, step, batch, sums, loss, float(norm))
    run.loop.optimizer.step()
    run.loop.optimizer.zero_grad(set_to_none=True)
    seconds = time.perf_counter() - began
    for name, more in (("tokens", tokens), ("learnt", learnt), ("seconds", seconds)):
        totals[name] += more
    figures = {"step": step, "loss": loss, "lr": lr, "grad_norm": float(norm), "tokens": int(totals["tokens"])}
    figures |= {"learnt": int(totals["learnt"]), "tokens_per_second": tokens / seconds, "seconds": totals["seconds"]}
    if run.workers.device.startswith("cuda"):
        figures["peak_gib"] = torch.cuda.max_memory_allocated() / (1 << 30)
    return figures


def _share(batch: Sequence[PackedRow], group: Workers) -> list[PackedRow]:
    """This process's rows. All have as many, since they compute layer by layer together: some do one for nothing."""
    most = math.ceil(len(batch) / group.world)
    mine = list(batch[group.rank :: group.world])
    idle = idle_row(batch[0])
    return mine + [idle] * (most - len(mine))


def idle_row(row: PackedRow) -> PackedRow:
    """The same row with nothing to learn."""
    return replace(row, predicts=row.predicts[:0], targets=row.targets[:0])


def _backward(trainee: Trainee, row: PackedRow, scale: float) -> Any:
    """Add a row's gradients, its N losses (N,) summed up and scaled; the sum before scaling."""
    total = trainee.losses(row).sum()
    (total * scale).backward()
    return total.detach()


def learning_rate(config: SftConfig, step: int, steps: int) -> float:
    """The learning rate of a step, counted from 1: it rises linearly, then falls to a tenth or stays."""
    rising = max(1, round(config.warmup * steps))
    if step <= rising:
        return config.lr * step / rising
    done = (step - rising) / max(1, steps - rising)
    fall = {"constant": 0.0, "linear": done, "cosine": (1 - math.cos(math.pi * done)) / 2}[config.schedule]
    return config.lr * (1 - (1 - FLOOR) * fall)


def _stop_if_broken(
    run: _Run, step: int, batch: Sequence[PackedRow], sums: Sequence[Any], loss: float, norm: float
) -> None:
    if math.isfinite(loss) and math.isfinite(norm):
        return
    mine = _share(batch, run.workers)
    broken = [row for row, total in zip(mine, sums, strict=True) if not math.isfinite(float(total))] or batch
    names = list(dict.fromkeys(name for row in broken for name in row.names))
    what = f"the loss is {loss} and the gradients' norm {norm}"
    raise run.loop.error(step, what, names, ADVICE)


def _publish(run: _Run) -> Path:
    """Write what was learnt; of several processes, the first one gathers it."""
    lora = run.config.model.tuning == "lora"
    weights = {name: _whole(p) for name, p in run.trainee.learnt().items()} if run.workers.world > 1 else {}
    model, base, out = run.trainee.model, run.trainee.base, run.loop.out
    if not run.workers.first:
        return out / ("adapter" if lora else "model")
    if weights:
        base = load_base(base.name, random_init=run.random_init, seed=run.config.data.seed)
        model = with_lora(base, run.config.model.lora) if lora else base.model
        model.load_state_dict(weights, strict=False)
    return publish(out, model, base, run.trainee.vision, lora=lora)


def _whole(parameter: Any) -> Any:
    whole = parameter.detach()
    return (whole.full_tensor() if hasattr(whole, "full_tensor") else whole).cpu()
