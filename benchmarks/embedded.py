"""What the embedded model takes for a sample on this CPU: to the first token, to read, to write, end to end.

    python benchmarks/embedded.py [CORPUS] [--domain gui] [--task NAME] [--count 1] [--threads N] [--adapter FILE.gguf]

Each sample is a whole rollout of the agent: stream, tools, rules. The turns are an expert's, so that an untrained model
takes as long as a trained one: the model reads every prompt as in any run, decodes the first token under the schema of
the real action, and then writes the expert's turn, held to it by a schema that allows nothing else. With CORPUS the
experts are those of its traces, else the planner on the domain's fixtures.

Seconds are wall-clock time and, in brackets, CPU time, which other processes on the same cores change less. `once` is
what a task's system prompt takes the first time on a machine, `kept` what it takes in any later run. Not measured:
starting Python (benchmarks/startup.py) and writing clips and files. Goals on two cores that do nothing else: a GUI
sample in 30 s, the first token of the first action in 3 s.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.kit.fixtures import MemoryCache, begin, fixtures_of, stream_of
from dataclaw.models import chatml
from dataclaw.models.gguf_files import served_model
from dataclaw.models.llama_server import Completion, LlamaServer, idle_cores
from dataclaw.plugins import load_domain
from dataclaw.types import Decision, Json, StopReason

SAMPLE, FIRST = 30.0, 3.0
"""Goals [s]."""
MOST = 4096
"""Tokens of a turn."""


@dataclass(frozen=True)
class Seconds:
    """Wall-clock and CPU time; made with nothing, now."""

    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)

    def __sub__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:6.2f} ({self.cpu:5.2f})"


ZERO = Seconds(0.0, 0.0)


@dataclass(frozen=True)
class SampleJob:
    """A sample to make: its task, what it begins with, how long that took to open, and the expert's turns."""

    task: str
    state: State
    session: Session
    opening: Seconds
    turns: tuple[str, ...]


@dataclass
class Replay:
    """A policy that writes an expert's turns with the model, and counts what they take."""

    runtime: LlamaServer
    adapter: int | None
    turns: list[str]
    name: str = "replay"
    start: Seconds = field(default_factory=Seconds)
    first: Seconds | None = None
    aside: Seconds = ZERO
    schema: Seconds = ZERO
    reading: Seconds = ZERO
    writing: Seconds = ZERO
    read: int = 0
    written: int = 0

    def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
        return [self._decide(scene) for scene in scenes]

    def close(self) -> None:
        self.runtime.close()

    def _decide(self, scene: PolicyInput) -> Decision:
        messages = [{"role": message.role, "content": message.text} for message in scene.messages()]
        prompt, turn = chatml.render(messages) + chatml.opening("assistant"), self.turns.pop(0)
        began = Seconds()
        self.runtime.begin(chatml.render(messages[:1]), adapter=self.adapter)
        first = self._ask(prompt, 1, scene.action_schema())
        self.first = self.first or Seconds() - self.start
        self.reading += Seconds() - began
        self.read += first.prefilled
        self._weigh_schema(prompt, scene)
        began = Seconds()
        held = turn.replace('\\"', "'")  # the runtime's grammar ends a constant early that has several quotes in it
        answer = self._ask(prompt, MOST, {"const": json.loads(held)})
        self.writing += Seconds() - began
        self.written += answer.written
        if _parse(answer.text) != json.loads(held):  # 99.0 may be written 99
            raise SystemExit(f"the model was not held to the turn: {answer.text[-80:]!r}, asked for {held[-80:]!r}")
        return Decision(turn, answer.written, answer.prompt, answer.seconds)

    def _weigh_schema(self, prompt: str, scene: PolicyInput) -> None:
        """What the schema costs before the first token: the same token with and without it; no part of the sample."""
        began = Seconds()
        self._ask(prompt, 1, scene.action_schema())
        held = Seconds()
        self._ask(prompt, 1, None)
        self.schema += (held - began) - (Seconds() - held)
        self.aside += Seconds() - began

    def _ask(self, prompt: str, most: int, schema: dict[str, Json] | None) -> Completion:
        return self.runtime.complete(prompt, adapter=self.adapter, max_tokens=most, schema=schema)


def _parse(text: str) -> object:
    """What a text says as JSON; None where it was cut off."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def of_fixtures(domain: str) -> Iterator[SampleJob]:
    """The planner's turns on the fixtures of a domain."""
    loaded = load_domain(domain)
    for row in fixtures_of(loaded):
        task, cache = loaded.task(row.task), MemoryCache()
        began = Seconds()
        session = Session(stream_of(row), task, cache)
        opening = Seconds() - began
        state = begin(task, row, task.budget)
        (done,) = run_batch([(state, session)], Planner())
        turns = tuple(turn.text for turn in done.turns if turn.role == "policy")
        yield SampleJob(task.name, state, Session(stream_of(row), task, MemoryCache()), opening, turns)


def of_corpus(folder: Path, domain: str) -> Iterator[SampleJob]:
    """The traces of a corpus, with its streams; tools are run again."""
    from dataclaw.train.config import DataConfig
    from dataclaw.train.prompts import read_prompts

    traces: dict[str, tuple[str, ...]] = {}
    for line in (folder / "export" / "traces.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        if row["domain"] == domain and not row["detour"]:
            traces[row["id"]] = tuple(m["content"] for m in row["messages"] if m["role"] == "assistant")
    prompts = read_prompts(DataConfig(corpus=folder, domains=[domain]))
    for ask in prompts.entries:
        if ask.name in traces:
            began = Seconds()
            opened = prompts.open(ask)
            session = Session(opened.session.stream, opened.session.task, MemoryCache())
            yield SampleJob(ask.task, opened.state, session, Seconds() - began, traces[ask.name])


def choose(jobs: Iterator[SampleJob], task: str, count: int) -> list[SampleJob]:
    """The first `count` of each task, task after task in turn: as a run whose tasks change."""
    piles: dict[str, list[SampleJob]] = {}
    for job in jobs:
        pile = piles.setdefault(job.task, [])
        if len(pile) < count and task in {"", job.task}:
            pile.append(job)
    return [pile[at] for at in range(count) for _, pile in sorted(piles.items()) if at < len(pile)]


def runtime(args: argparse.Namespace, kept: Path) -> LlamaServer:
    adapters = [args.adapter] if args.adapter else []
    return LlamaServer(served_model(), threads=args.threads, adapters=adapters, snapshots=kept)


def prepare(args: argparse.Namespace, jobs: Sequence[SampleJob], kept: Path) -> None:
    """Read every task's system prompt the first time."""
    began = Seconds()
    used = runtime(args, kept)
    print(f"model loaded in {Seconds() - began} s, {args.threads} thread(s)")
    for job in {job.task: job for job in jobs}.values():
        began = Seconds()
        used.begin(_system(job), adapter=0 if args.adapter else None)
        print(f"{job.task:28} system prompt read {Seconds() - began} s once, kept in a file")
    used.close()


def _system(job: SampleJob) -> str:
    message = job.session.messages(job.state)[0]
    return chatml.render([{"role": message.role, "content": message.text}])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--domain", default="gui")
    parser.add_argument("--task", default="")
    parser.add_argument("--count", type=int, default=1, help="samples a task")
    parser.add_argument("--threads", type=int, default=idle_cores())
    parser.add_argument("--adapter", type=Path)
    args = parser.parse_args()
    jobs = choose(
        of_corpus(args.corpus, args.domain) if args.corpus else of_fixtures(args.domain), args.task, args.count
    )
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "prompts"
        prepare(args, jobs, kept)
        used = runtime(args, kept)  # as in the next run: nothing but the files is there
        print(f"\n{'task':28}{'turns':>6}{'read':>6}{'wrote':>6}{'first token s':>16}{'reading s':>16}{'writing s':>16}"
              f"{'schemas s':>16}{'whole s':>16}")  # fmt: skip
        wholes, firsts = list[Seconds](), list[Seconds]()
        for job in jobs:
            policy = Replay(used, 0 if args.adapter else None, list(job.turns))
            (end,) = run_batch([(job.state, job.session)], policy)
            whole = Seconds() - policy.start - policy.aside + job.opening
            wholes.append(whole)
            firsts.append(policy.first or ZERO)
            print(f"{job.task:28}{len(job.turns):6}{policy.read:6}{policy.written:6}{policy.first!s:>16}"
                  f"{policy.reading!s:>16}{policy.writing!s:>16}{policy.schema!s:>16}{whole!s:>16}"
                  f"  {policy.read / policy.reading.cpu:4.0f} read, {policy.written / policy.writing.cpu:4.0f} written"
                  f" a CPU s{'' if end.stop == StopReason.SUBMITTED else f'; {end.stop}'}", flush=True)  # fmt: skip
        report("sample", wholes, SAMPLE)
        report("first token", firsts, FIRST)


def report(what: str, found: Sequence[Seconds], goal: float) -> None:
    walls, cpus = sorted(one.wall for one in found), sorted(one.cpu for one in found)
    held = sum(wall < goal for wall in walls)
    print(f"{what}: median {walls[len(walls) // 2]:.1f} s, longest {walls[-1]:.1f} s (CPU {cpus[len(cpus) // 2]:.1f},"
          f" {cpus[-1]:.1f}); {held} of {len(walls)} under {goal:g} s")  # fmt: skip


if __name__ == "__main__":
    main()
