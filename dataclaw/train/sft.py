"""Supervised learning on agent traces: the loop, from top to bottom.

The plan of all steps is made before the first one, and what is random in a step follows from the seed and the step's
number. So a run that was killed goes on from its last checkpoint as if nothing had happened.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dataclaw.errors import DataClawError
from dataclaw.models.vision import Vision
from dataclaw.train import checkpoints, workers
from dataclaw.train.base_model import load_base, save_adapter, with_lora
from dataclaw.train.config import SftConfig, TrainConfig
from dataclaw.train.corpus_streams import Illustrations
from dataclaw.train.devices import library
from dataclaw.train.plan import LEARNT, check_fits, here
from dataclaw.train.record import Metrics, begin, forget, run_record
from dataclaw.train.rows import PackedRow, RowIndices, pack_row, plan_steps
from dataclaw.train.shape import measure
from dataclaw.train.tokens import VALIDATION, TraceCounts, TrainingExample, read_examples
from dataclaw.train.trainee import Trainee, load
from dataclaw.train.validate import validate
from dataclaw.train.workers import Workers

FLOOR = 0.1
"""Learning rate at the end, as a share of the highest."""


class StopTraining(Exception):  # noqa: N818 - nothing is wrong
    """Thrown into a run where it tells news, it makes the run keep its last step and end."""


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """What a run tells while it goes on.

    Attributes:
        step: optimizer steps done.
        steps: how many there will be.
        figures: of the step; `validation` holds those of a validation by domain.
        note: something to say to people, or "".
    """

    step: int
    steps: int
    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    config: TrainConfig
    out: Path
    trainee: Trainee
    optimizer: Any
    examples: list[TrainingExample]
    held: list[TrainingExample]
    plan: list[list[RowIndices]]
    random_init: bool

    @property
    def workers(self) -> Workers:
        return self.trainee.workers

    @property
    def folder(self) -> Path:
        return self.out / "checkpoints"


def sft(config: TrainConfig, out: Path, *, fresh: bool = False, random_init: bool = False) -> Generator[TrainProgress]:
    """Train a model on a corpus of traces, going on where an earlier run in the same folder was.

    Args:
        config: the recipe.
        out: folder of the run: `run.json`, `metrics.jsonl`, `checkpoints/`, and at the end `adapter/` or `model/`.
        fresh: forget what is there.
        random_init: random weights, to measure a machine.

    Yields:
        News of every step and validation; `Leave` may be thrown in there.

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
    run = _Run(config, out, trainee, _optimizer(trainee, config.sft), examples, held, plan, random_init)
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
    config, steps = run.config.sft, len(run.plan)
    totals = {"tokens": 0.0, "learnt": 0.0, "seconds": 0.0}
    found = checkpoints.newest(run.folder)
    start = 0
    if found:
        checkpoints.load(found, run.trainee.learnt(), run.optimizer, run.workers)
        start, totals = found.step, dict(found.totals)
        yield from (TrainProgress(start, steps, note=f"{one} is not whole and is passed over") for one in found.broken)
        yield TrainProgress(start, steps, note=f"going on after step {start:,}")
    metrics = Metrics(run.out, step=start, tensorboard=config.tensorboard) if run.workers.first else None
    try:
        for step in range(start + 1, steps + 1):
            figures = _step(run, step, totals)
            if _due(step, steps, config.eval_every) and run.held:
                figures["validation"] = validate(run.trainee, run.held, run.config.data.row)
            if metrics:
                metrics.write(figures)
            if saved := _due(step, steps, config.save_every):
                _save(run, step, totals)
            try:
                yield TrainProgress(step, steps, figures)
            except StopTraining:
                if not saved and run.workers.world == 1:  # others may be at another step
                    _save(run, step, totals)
                return
    finally:
        if metrics:
            metrics.close()
    yield TrainProgress(steps, steps, note=f"written: {_publish(run)}")


def _step(run: _Run, step: int, totals: dict[str, float]) -> dict[str, Any]:
    """One optimizer step; adds to the totals, and gives the step's figures."""
    torch, config, began = library("torch"), run.config.sft, time.perf_counter()
    torch.manual_seed(hash((run.config.data.seed, step, run.workers.rank)))
    batch = [pack_row(run.examples, row) for row in run.plan[step - 1]]
    learnt, tokens = sum(len(row.targets) for row in batch), sum(len(row.ids) for row in batch)
    lr = learning_rate(config, step, len(run.plan))
    for settings in run.optimizer.param_groups:
        settings["lr"] = lr
    sums = [_backward(run.trainee, row, run.workers.world / learnt) for row in _share(batch, run.workers)]
    norm = torch.nn.utils.clip_grad_norm_(list(run.trainee.learnt().values()), config.max_grad_norm)
    norm = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
    loss = float(run.workers.total(torch.stack(sums).sum())) / learnt
    _stop_if_broken(run, step, batch, sums, loss, float(norm))
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
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
    """Add a row's gradients; gives the sum of its losses."""
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


def _due(step: int, steps: int, every: int) -> bool:
    return step == steps or bool(every and step % every == 0)


def _stop_if_broken(
    run: _Run, step: int, batch: Sequence[PackedRow], sums: Sequence[Any], loss: float, norm: float
) -> None:
    if math.isfinite(loss) and math.isfinite(norm):
        return
    mine = _share(batch, run.workers)
    broken = [row for row, total in zip(mine, sums, strict=True) if not math.isfinite(float(total))] or batch
    names = list(dict.fromkeys(name for row in broken for name in row.names))
    kept = checkpoints.newest(run.folder)
    raise DataClawError(
        f"step {step}: the loss is {loss} and the gradients' norm {norm}; in the batch: {', '.join(names[:16])}"
        f"{f' and {len(names) - 16} more' if len(names) > 16 else ''}.",
        place=str(run.out),
        remedy=f"{'The last good checkpoint is ' + str(kept.folder) if kept else 'There is no checkpoint yet'}."
        " Look at these traces, lower [sft] lr, or take dtype float32; then run it again with --out another folder.",
    )


def _save(run: _Run, step: int, totals: Mapping[str, float]) -> None:
    checkpoints.save(run.folder, step, run.trainee.learnt(), run.optimizer, totals, run.workers)
    if run.workers.first:
        checkpoints.prune(run.folder, run.config.sft.keep)
    run.workers.wait()


def _publish(run: _Run) -> Path:
    """Write what was learnt as others load it: an adapter with its base's digest, or a whole model."""
    lora = run.config.model.tuning == "lora"
    target = run.out / ("adapter" if lora else "model")
    weights = {name: _whole(p) for name, p in run.trainee.learnt().items()} if run.workers.world > 1 else {}
    if not run.workers.first:
        return target
    model, base = run.trainee.model, run.trainee.base
    if weights:
        base = load_base(base.name, random_init=run.random_init, seed=run.config.data.seed)
        model = with_lora(base, run.config.model.lora) if lora else base.model
        model.load_state_dict(weights, strict=False)
    if lora:
        save_adapter(model, base, target)
    else:
        _write_model(model, base.tokeniser, run.trainee.vision, target)
    return target


def _write_model(model: Any, tokeniser: Any, vision: Vision | None, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(part)
    tokeniser.save_pretrained(part)
    if vision:
        vision.save(part)
    shutil.rmtree(target, ignore_errors=True)
    part.replace(target)


def _whole(parameter: Any) -> Any:
    whole = parameter.detach()
    return (whole.full_tensor() if hasattr(whole, "full_tensor") else whole).cpu()
