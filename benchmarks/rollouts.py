"""GRPO rollouts a second: ours against TRL's default loop; same model, prompts, lengths and device, in one run.

    python benchmarks/rollouts.py [--model embedded|FOLDER|tiny] [--device auto] [--prompts N] [--group N]
                                  [--prompt-tokens N] [--tokens N] [--turns N] [--rounds N] [--only ours|trl]
                                  [--corpus FOLDER]

Three comparisons, each the median of `--rounds` after a round that is not counted:

- one turn, generation: every prompt is answered `--group` times with exactly `--tokens` tokens; what would end an
  answer is no end here, so that both sample as many.
- one turn, whole step: that, and the update from it: a LoRA adapter (r 8), no divergence term, loss "dapo", one batch.
  TRL runs as `GRPOTrainer` does by default (transformers' generate), but for gradient checkpointing, which is off on
  both sides; its optimizer's step is not counted.
- several turns: a conversation goes on `--turns` times, each turn by `--tokens` sampled tokens and 100 told ones. TRL's
  own loop for tools parses tool calls of chat templates, which an agent that speaks JSON actions does not make, and its
  `rollout_func` leaves the loop to the user. What is compared is therefore what such a function does with TRL's own
  means, `generate` over the whole conversation at every turn, against our decoder, which reads what is new. Tools cost
  both the same and are left out.

With `--corpus`, two more: the agent on the corpus's prompts (`rollouts_agent.py`).

On a CPU seconds are of CPU time, all threads together. On a GPU both compute in bfloat16; CUDA graphs are recorded in
the round that is not counted, and their time is told apart.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import random
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from dataclaw.models.answers import DecodeRequest, SampledAnswer
from dataclaw.models.slot_decoder import SlotDecoder
from dataclaw.train.base_model import LoraConfig
from dataclaw.train.config import GrpoConfig, ModelConfig
from dataclaw.train.objective import logprobs, objective, token_weights, tokens_of
from dataclaw.train.rollout import Trajectory
from dataclaw.train.rows import fill_rows
from dataclaw.train.tokens import TrainingExample
from dataclaw.train.trainee import Trainee, load
from dataclaw.train.workers import start

GOAL = 5.0
"""How many times TRL's rollouts a second."""
TOLD = 100
"""Tokens that a conversation is told between two turns."""
LR = 1e-6
SIZES = {
    "prompts": (8, 2),
    "group": (8, 4),
    "prompt-tokens": (400, 100),
    "tokens": (256, 24),
    "turns": (3, 2),
    "rounds": (3, 2),
}
"""What is measured unless asked otherwise, on a GPU and on a CPU."""


@dataclass(frozen=True)
class RolloutJob:
    """What is measured."""

    folder: str
    device: str
    texts: list[str]
    group: int
    tokens: int
    turns: int
    rounds: int

    @property
    def rollouts(self) -> int:
        return len(self.texts) * self.group

    @property
    def dtype(self) -> str:
        return "bfloat16" if self.device.startswith("cuda") else "float32"


def time_call(work: Callable[[], object], device: str) -> float:
    """Seconds of a call, until the device has done it; on a CPU those that it computed, whoever else did."""
    if not device.startswith("cuda"):
        began = time.process_time()
        work()
        return time.process_time() - began
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


# Ours.


class Ours:
    """Our decoder and our update, as `dataclaw train grpo` has them."""

    def __init__(self, job: RolloutJob) -> None:
        self.job = job
        settings = ModelConfig(name=job.folder, dtype=job.dtype, device=job.device, lora=LoraConfig(r=8, alpha=16))
        self.trainee: Trainee = load(settings, start(job.device), seed=0)
        tokeniser = self.trainee.base.tokeniser
        self.prompts = [list(tokeniser(text)["input_ids"]) for text in job.texts]
        longest = max(map(len, self.prompts)) + job.turns * (job.tokens + TOLD) + 64
        self.decoder = SlotDecoder(
            self.trainee.model,
            tokeniser,
            ends=(),
            slots=job.rollouts,
            context=-(-longest // 64) * 64,
            whole=False,
            autocast=torch.bfloat16 if job.dtype == "bfloat16" else None,
        )
        learnt = list(self.trainee.learnt().values())
        self.optimizer = torch.optim.AdamW(learnt, lr=LR, weight_decay=0.0)
        self.config = GrpoConfig(kl=0.0, loss="dapo", batch_tokens=32_768)
        self.round = 0

    def conversations(self) -> list[list[int]]:
        return [list(prompt) for prompt in self.prompts for _ in range(self.job.group)]

    def ask(self, talks: Sequence[Sequence[int]]) -> list[SampledAnswer]:
        requests = [
            DecodeRequest(str(n), talk, self.job.tokens, seed=self.round * 1000 + n) for n, talk in enumerate(talks)
        ]
        answers = self.decoder.sample(requests)
        assert all(len(answer.ids) == self.job.tokens for answer in answers)
        return answers

    def generate(self) -> list[SampledAnswer]:
        self.round += 1
        self.decoder.forget()
        return self.ask(self.conversations())

    def step(self) -> None:
        answers, talks = self.generate(), self.conversations()
        drawn = random.Random(self.round)
        found: list[Trajectory] = []
        for talk, answer in zip(talks, answers, strict=True):
            ids = np.array([*talk, *answer.ids], np.int32)
            learn = np.arange(len(ids)) >= len(talk)
            found.append(
                Trajectory(
                    TrainingExample("", "", "", ids, learn, ()),
                    np.array(answer.logprobs, np.float32),
                    drawn.gauss(0, 1),
                )
            )
        self.update(found)

    def update(self, found: Sequence[Trajectory]) -> None:
        weights = token_weights(found, self.config)
        lengths = [len(one.example) for one in found]
        for row in fill_rows(lengths, range(len(found)), max(self.config.batch_tokens, *lengths)):
            tokens = tokens_of(found, row, weights)
            old, advantage, weight = (
                torch.from_numpy(x).to(self.job.device) for x in (tokens.old, tokens.advantage, tokens.weight)
            )
            new = logprobs(self.trainee, tokens, 1.0)
            value, _, _ = objective(new, old, advantage, None, self.config)
            (-(value * weight).sum()).backward()
        torch.nn.utils.clip_grad_norm_(list(self.trainee.learnt().values()), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def talk(self) -> None:
        self.round += 1
        self.decoder.forget()
        talks = self.conversations()
        for turn in range(self.job.turns):
            for talk, answer in zip(talks, self.ask(talks), strict=True):
                talk += [*answer.ids, *context_tokens(turn)]


def context_tokens(turn: int) -> list[int]:
    """Tokens that a conversation is told after a turn."""
    drawn = random.Random(turn)
    return [drawn.randrange(100, 400) for _ in range(TOLD)]


# TRL's.


class Theirs:
    """GRPOTrainer with its defaults."""

    def __init__(self, job: RolloutJob) -> None:
        trl, peft, datasets, transformers = (library(name) for name in ("trl", "peft", "datasets", "transformers"))
        self.job, self.seconds = job, list[float]()
        self.tokeniser = transformers.AutoTokenizer.from_pretrained(job.folder)
        model = transformers.AutoModelForCausalLM.from_pretrained(job.folder, dtype=getattr(torch, job.dtype))
        settings = trl.GRPOConfig(
            output_dir=tempfile.mkdtemp(),
            per_device_train_batch_size=job.rollouts,
            num_generations=job.group,
            max_completion_length=job.tokens,
            generation_kwargs={"min_new_tokens": job.tokens},
            max_steps=job.rounds + 1,
            learning_rate=LR,
            gradient_checkpointing=False,
            bf16=job.dtype == "bfloat16",
            use_cpu=job.device == "cpu",
            save_strategy="no",
            report_to=[],
            logging_steps=10_000,
            disable_tqdm=True,
        )
        lora = peft.LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
        drawn = random.Random(0)

        def reward(completions: Sequence[object], **_: object) -> list[float]:
            return [drawn.gauss(0, 1) for _ in completions]

        prompts = datasets.Dataset.from_dict({"prompt": job.texts * (job.rounds + 2)})
        self.trainer = trl.GRPOTrainer(
            model, reward, args=settings, train_dataset=prompts, processing_class=self.tokeniser, peft_config=lora
        )
        self.generations = self._watch("_generate_single_turn")
        self.steps = list[float]()

    def _watch(self, name: str) -> list[float]:
        """Let a method of the trainer note what it takes."""
        inner, taken = getattr(self.trainer, name), list[float]()

        def timed_call(*args: Any, **kwargs: Any) -> Any:
            got: list[Any] = []
            taken.append(time_call(lambda: got.append(inner(*args, **kwargs)), self.job.device))
            ids = got[0][0] if isinstance(got[0], tuple) else got[0]
            assert all(len(one) == self.job.tokens for one in ids), "TRL's answers are not as long as asked"
            return got[0]

        setattr(self.trainer, name, timed_call)
        return taken

    def train(self) -> None:
        """All rounds, each one optimizer step."""
        inner = self.trainer.training_step

        def timed_call(*args: Any, **kwargs: Any) -> Any:
            got: list[Any] = []
            self.steps.append(time_call(lambda: got.append(inner(*args, **kwargs)), self.job.device))
            return got[0]

        self.trainer.training_step = timed_call
        with contextlib.redirect_stdout(io.StringIO()):
            self.trainer.train()

    def talk(self) -> None:
        """What a `rollout_func` does: generate over the whole conversation, turn after turn."""
        model = self.trainer.accelerator.unwrap_model(self.trainer.model).eval()
        prompts = [list(self.tokeniser(text)["input_ids"]) for text in self.job.texts]
        talks = [list(prompt) for prompt in prompts for _ in range(self.job.group)]
        cast = torch.autocast(self.job.device.partition(":")[0], torch.bfloat16, enabled=self.job.dtype == "bfloat16")
        for turn in range(self.job.turns):
            longest = max(map(len, talks))
            ids = torch.tensor([[0] * (longest - len(talk)) + talk for talk in talks], device=self.job.device)
            seen = torch.tensor([[0] * (longest - len(talk)) + [1] * len(talk) for talk in talks], device=ids.device)
            with torch.no_grad(), cast:
                wrote = model.generate(
                    input_ids=ids, attention_mask=seen, generation_config=self.trainer.generation_config
                )
            for talk, row in zip(talks, wrote[:, longest:].tolist(), strict=True):
                assert len(row) == self.job.tokens
                talk += [*row, *context_tokens(turn)]


def library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed: pip install 'dataclaw-tailor[train]'") from None


# Both.


def prompts_of(folder: str, count: int, tokens: int) -> list[str]:
    """Texts of exactly so many tokens, no two alike from the beginning on."""
    transformers = library("transformers")
    tokeniser = transformers.AutoTokenizer.from_pretrained(folder)
    texts: list[str] = []
    for number in range(count):
        text = f"Stream {number}:"
        while len(tokeniser(text)["input_ids"]) < tokens:
            text += " a"
        texts.append(text)
    return texts


@contextlib.contextmanager
def model_of(name: str) -> Generator[str]:
    """The folder of a model as transformers loads it, with a tokeniser."""
    if name not in {"embedded", "tiny"}:
        yield name
        return
    from dataclaw.train.base_model import load_base

    base, transformers = load_base("embedded"), library("transformers")
    with tempfile.TemporaryDirectory() as folder:
        model = base.model
        if name == "tiny":
            torch.manual_seed(0)
            shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
            small = transformers.LlamaConfig(
                **{**model.config.to_dict(), **shape, "num_key_value_heads": 2, "head_dim": 16}
            )
            model = transformers.LlamaForCausalLM(small)
        model.save_pretrained(folder)
        base.tokeniser.save_pretrained(folder)
        del base, model
        yield folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded", help="embedded, tiny (random weights), or a folder")
    parser.add_argument("--device", default="auto")
    for name, (gpu, cpu) in SIZES.items():
        parser.add_argument(f"--{name}", type=int, help=f"{gpu}; on a CPU {cpu}")
    parser.add_argument("--only", choices=("ours", "trl"))
    parser.add_argument("--corpus", type=Path, help="play the agent on its prompts, too")
    args = parser.parse_args()
    device = start(args.device).device
    for name, sizes in SIZES.items():
        key = name.replace("-", "_")
        setattr(args, key, getattr(args, key) or sizes[not device.startswith("cuda")])
    with model_of(args.model) as folder:
        texts = prompts_of(folder, args.prompts, args.prompt_tokens)
        job = RolloutJob(folder, device, texts, args.group, args.tokens, args.turns, args.rounds)
        where = torch.cuda.get_device_name() if device.startswith("cuda") else f"CPU, {torch.get_num_threads()} threads"
        print(f"{args.model} on {where}, {job.dtype}, torch {torch.__version__}")
        print(f"{len(texts)} prompts of {args.prompt_tokens} tokens x {job.group}, {job.tokens} tokens a turn")
        ours = measure_ours(job) if args.only != "trl" else {}
        theirs = measure_theirs(job) if args.only != "ours" else {}
        if args.corpus and not args.only:
            from benchmarks.rollouts_agent import measure_agent

            own, other = measure_agent(job, args.corpus, time_call)
            ours, theirs = ours | own, theirs | other
    print(f"{'':24}{'ours /s':>10}{'TRL /s':>10}{'ratio':>8}   seconds of each round: ours; TRL")
    for name in ours or theirs:
        show(name, job.rollouts, ours.get(name, []), theirs.get(name, []))


def measure_ours(job: RolloutJob) -> dict[str, list[float]]:
    ours = Ours(job)
    taken: dict[str, list[float]] = {}
    for name, work in (("generation", ours.generate), ("whole step", ours.step), (f"{job.turns} turns", ours.talk)):
        first = time_call(work, job.device)
        taken[name] = [time_call(work, job.device) for _ in range(job.rounds)]
        if job.device.startswith("cuda"):
            print(f"ours, {name}: the first round took {first - median(taken[name]):.1f} s more, CUDA graphs and all")
    return taken


def measure_theirs(job: RolloutJob) -> dict[str, list[float]]:
    theirs = Theirs(job)
    theirs.train()
    time_call(theirs.talk, job.device)
    turns = [time_call(theirs.talk, job.device) for _ in range(job.rounds)]
    return {"generation": theirs.generations[1:], "whole step": theirs.steps[1:], f"{job.turns} turns": turns}


def show(name: str, rollouts: int, ours: Sequence[float], theirs: Sequence[float]) -> None:
    def speed(taken: Sequence[float]) -> float:
        return rollouts / median(taken) if taken else 0.0

    ratio = speed(ours) / speed(theirs) if ours and theirs else 0.0
    goal = "" if not ratio else f"  goal {GOAL:g}: {'held' if ratio >= GOAL else 'missed'}"
    rounds = "; ".join(" ".join(f"{one:.2f}" for one in taken) for taken in (ours, theirs))
    print(f"{name:24}{speed(ours):10.2f}{speed(theirs):10.2f}{ratio:8.2f}   {rounds}{goal}")


if __name__ == "__main__":
    main()
