"""Tokens a second of supervised learning, and the memory it takes: our loop as it may be set, and a plain loop.

    python benchmarks/sft.py [--corpus CORPUS] [--model embedded|FOLDER|tiny] [--device auto] [--row 32768] [--steps 20]
                             [--tuning lora|full] [--only packed,compiled,single,sdpa,plain]

- packed: traces share rows of `--row` tokens, none of which sees another; the recipes' setting
- compiled: the same with `compile = true`; what the first steps take longer is told apart
- single: one trace a row
- sdpa: packed, with transformers' own attention and its mask of a row by a row
- plain: what `transformers.Trainer` computes: padded batches of as many tokens, logits of all of them

A token counts when it is a trace's own, learnt or not; padding does not. Steps are whole: forward, backward, gradients
cut, AdamW. Without --corpus the traces are random tokens as long as the corpus's (3,800 in the mean, 30 % learnt). On a
CPU seconds are of CPU time. Goal on a GPU of the 80 GB class: 200,000 tokens/s with the embedded model.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rollouts import model_of

from dataclaw.train.base_model import LoraConfig, load_base
from dataclaw.train.config import DataConfig, ModelConfig
from dataclaw.train.rows import pack_row, plan_steps
from dataclaw.train.tokens import TrainingExample, read_examples
from dataclaw.train.trainee import Trainee, load
from dataclaw.train.workers import start

GOAL = 200_000
WARM = 3
"""Steps that are not counted; layers are compiled in them."""
VARIANTS = ("packed", "compiled", "single", "sdpa", "plain")


@dataclass(frozen=True)
class SftJob:
    """What is measured."""

    model: str
    tuning: Any
    device: str
    row: int
    steps: int
    examples: list[TrainingExample]

    @property
    def cuda(self) -> bool:
        return self.device.startswith("cuda")


@dataclass(frozen=True)
class Found:
    """What a variant took."""

    tokens: int
    seconds: float
    warm: float
    peak: float


def trainee_of(job: SftJob, **settings: Any) -> Trainee:
    dtype = "bfloat16" if job.cuda else "float32"
    config = ModelConfig(
        name=job.model, dtype=dtype, device=job.device, tuning=job.tuning, lora=LoraConfig(r=8, alpha=16)
    )
    return load(config.model_copy(update=settings), start(job.device), seed=0)


def ours(job: SftJob, *, packs: bool = True, **settings: Any) -> Found:
    """Our loop."""
    trainee = trainee_of(job, **settings)
    plan = plan_steps([len(one) for one in job.examples], row=job.row if packs else 0, batch=job.row, epochs=99, seed=0)
    optimizer = torch.optim.AdamW(list(trainee.learnt().values()), lr=1e-5, fused=job.cuda)

    def step(at: int) -> int:
        batch = [pack_row(job.examples, row) for row in plan[at]]
        learnt = sum(len(row.targets) for row in batch)
        for row in batch:
            (trainee.losses(row).sum() / learnt).backward()
        torch.nn.utils.clip_grad_norm_(list(trainee.learnt().values()), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return sum(len(row.ids) for row in batch)

    return measure_steps(job, step)


def plain(job: SftJob) -> Found:
    """The loop of transformers' trainer: batches padded to their longest trace."""
    trainee = trainee_of(job, attention="sdpa")
    model, optimizer = trainee.model, torch.optim.AdamW(list(trainee.learnt().values()), lr=1e-5, fused=job.cuda)
    batches = list(padded_batches(job))

    def step(at: int) -> int:
        ids, seen, labels = (x.to(job.device) for x in batches[at])
        kind = job.device.partition(":")[0]
        with torch.autocast(kind, torch.bfloat16, enabled=job.cuda):
            loss = model(input_ids=ids, attention_mask=seen, labels=labels, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(trainee.learnt().values()), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return int(batches[at][1].sum())

    return measure_steps(job, step)


def padded_batches(job: SftJob) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Batches in random order that hold at most a row's tokens, padding and all: ids, what is seen, what is learnt."""
    order: list[int] = np.random.default_rng(0).permutation(len(job.examples)).tolist() * 99
    for _ in range(WARM + job.steps):
        chosen: list[TrainingExample] = []
        while not chosen or max(len(one) for one in [*chosen, job.examples[order[0]]]) * (len(chosen) + 1) <= job.row:
            chosen.append(job.examples[order.pop(0)])
        shape = (len(chosen), max(map(len, chosen)))
        ids, seen, labels = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.full(shape, -100)
        for at, one in enumerate(chosen):
            ids[at, : len(one)], seen[at, : len(one)] = one.ids, 1
            labels[at, : len(one)] = np.where(one.learn, one.ids, -100)
        yield torch.from_numpy(ids), torch.from_numpy(seen), torch.from_numpy(labels)


def measure_steps(job: SftJob, step: Callable[[int], int]) -> Found:
    """Time the steps after the first few; a GPU is waited for at the beginning and at the end alone."""
    forget_peak(job)
    began = now(job)
    for at in range(WARM):
        step(at)
    middle = now(job)
    tokens = sum(step(WARM + at) for at in range(job.steps))
    return Found(tokens, now(job) - middle, middle - began, peak(job))


def now(job: SftJob) -> float:
    if not job.cuda:
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def forget_peak(job: SftJob) -> None:
    gc.collect()
    if job.cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    else:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak counts anew


def peak(job: SftJob) -> float:
    """Most memory so far [GiB]; on a CPU of the whole process."""
    if job.cuda:
        return torch.cuda.max_memory_allocated() / 2**30
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 2**20
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def random_examples(row: int, count: int) -> list[TrainingExample]:
    """Traces of random tokens, as long as those of the corpus, cut to the row."""
    drawn = np.random.default_rng(0)
    found: list[TrainingExample] = []
    for number in range(count):
        length = int(min(row, max(64, drawn.normal(3800, 900))))
        learn = np.zeros(length, np.bool_)
        learn[int(length * 0.7) :] = True
        found.append(TrainingExample(str(number), "", "", drawn.integers(100, 400, length).astype(np.int32), learn, ()))
    return found


def examples_of(args: argparse.Namespace, row: int) -> list[TrainingExample]:
    if args.corpus is None:
        return random_examples(row, 256)
    data = DataConfig(corpus=args.corpus, max_tokens=min(row, 8192), row_tokens=row)
    return read_examples(data, load_base(args.model if args.model != "tiny" else "embedded").tokeniser)[0]


def measure(name: str, job: SftJob) -> Found:
    if name == "plain":
        return plain(job)
    settings: dict[str, Any] = {"compiled": {"compile": True}, "sdpa": {"attention": "sdpa"}}.get(name, {})
    return ours(job, packs=name != "single", **settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--tuning", choices=("lora", "full"), default="lora")
    parser.add_argument("--row", type=int, default=0, help="tokens of a row; 0: 32768 on a GPU, 2048 on a CPU")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--only", default=",".join(VARIANTS))
    args = parser.parse_args()
    device = start(args.device).device
    row = args.row or (32_768 if device.startswith("cuda") else 2048)
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(model_of("tiny")) if args.model == "tiny" else args.model
        job = SftJob(model, args.tuning, device, row, args.steps, examples_of(args, row))
        show(job, args)


def show(job: SftJob, args: argparse.Namespace) -> None:
    where = torch.cuda.get_device_name() if job.cuda else f"CPU, {torch.get_num_threads()} thread(s)"
    print(
        f"{args.model}, {job.tuning}, {where}, torch {torch.__version__}; rows of {job.row:,} tokens, {job.steps} steps"
    )
    print(f"{'':10}{'tokens/s':>12}{'of goal':>9}{'peak GiB':>10}{'first steps s':>15}")
    for name in args.only.split(","):
        try:
            found = measure(name, job)
        except torch.OutOfMemoryError as error:
            print(f"{name:10} out of memory: {str(error).splitlines()[0]}")
            continue
        speed = found.tokens / found.seconds
        print(f"{name:10}{speed:12,.0f}{speed / GOAL:9.2%}{found.peak:10.1f}{found.warm:15.1f}", flush=True)


if __name__ == "__main__":
    main()
