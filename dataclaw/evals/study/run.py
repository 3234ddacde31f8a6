"""Doing what is left of a study: stage by stage, each in a process of its own, until it is done or the time is over."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from dataclaw.errors import UsageError
from dataclaw.evals.benchmark import read_bench
from dataclaw.evals.predict import RUN, read_run
from dataclaw.evals.study.ledger import StageLedger, StageRecord, StageState
from dataclaw.evals.study.stages import Stage, StudyPlan
from dataclaw.strict import load_json

BEGIN = 20.0
"""Seconds that must be left for a stage to begin: it loads libraries and a model first."""
GRACE = 60.0
"""Seconds that a stage gets to end after it was asked to; then it is killed, and goes on from what it kept."""
TELL = 15.0
"""Seconds between two lines about a stage."""
LINES = 3
"""Last lines of a log that are told where a stage failed."""
TAIL = 4000
"""Bytes of a log that are looked at."""


@dataclass(frozen=True, slots=True)
class StageNews:
    """What happens.

    Attributes:
        stage: of this stage.
        what: that it began, goes on, is done, failed, was stopped, is left for want of time, or cannot be done since
            one that it needs is not, or since it is running already.
        text: more about it.
    """

    stage: Stage
    what: Literal["begins", "goes on", "done", "failed", "stopped", "left", "skipped"]
    text: str = ""


def run(
    plan: StudyPlan,
    stages: Sequence[Stage],
    ledger: StageLedger,
    *,
    minutes: float | None = None,
    unscored: bool = False,
) -> Generator[StageNews]:
    """Do what is not done of some stages.

    Args:
        plan: the study.
        stages: the stages, each after those that it needs.
        ledger: how they went before.
        minutes: stop before so many are over: what runs is asked to end a minute earlier, or when nine tenths are over;
            None: when all is done.
        unscored: leave the scoring of evaluations to another time, which needs neither models nor an accelerator.

    Yields:
        What happens; of stages that were done before, nothing.
    """
    end = time.monotonic() + 60 * minutes - min(GRACE, 6 * minutes) if minutes else float("inf")
    plan.write_plugins()
    bad: set[str] = set()
    for stage in stages:
        if end - time.monotonic() < BEGIN:
            if any(is_left(ledger.state(one), unscored=unscored) for one in (*plan.before(stage), stage)):
                yield StageNews(stage, "left")
        elif broken := [name for name in stage.needs if name in bad]:
            bad.add(stage.name)
            yield StageNews(stage, "skipped", f"needs {broken[0]}")
        elif (state := ledger.state(stage)) == "running":
            bad.add(stage.name)
            yield StageNews(stage, "skipped", f"is running already, process {ledger.record(stage).process}")
        elif is_left(state, unscored=unscored):
            for news in _do(stage, ledger, end, unscored=unscored):
                bad |= {stage.name} if news.what in ("failed", "stopped") else set()
                yield news


def is_left(state: StageState, *, unscored: bool) -> bool:
    """Whether a stage of that state has something left to do."""
    return state not in (("done", "predicted") if unscored else ("done",))


def check_bench(plan: StudyPlan) -> None:
    """Make sure, before anything starts, that the benchmark is there and is that of what was measured before.

    Raises:
        ConfigError: there is no benchmark.
        UsageError: the study's folder holds evaluations of another one.
    """
    digest = read_bench(plan.given.bench, check=False).digest
    for stage in plan.stages.values():
        if stage.name.startswith("eval/") and (stage.folder / RUN).is_file() and read_run(stage.folder).bench != digest:
            message = f"is of another benchmark than {plan.given.bench}."
            raise UsageError(message, place=str(stage.folder), remedy="Use another --out, or name its benchmark.")


def _do(stage: Stage, ledger: StageLedger, end: float, *, unscored: bool) -> Iterator[StageNews]:
    log, began = ledger.log(stage), time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    before = ledger.record(stage)
    went = replace(before, essence=stage.essence(), why="", host=socket.gethostname())
    with log.open("ab") as output:
        output.write(f"$ {command_line(stage, unscored=unscored)}\n".encode())
        output.flush()
        child = subprocess.Popen(
            [sys.executable, "-m", "dataclaw.cli", *words(stage, unscored=unscored)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # ctrl-C is for the study, which then asks the stage to end
        )
    try:
        ledger.note(stage, replace(went, state="running", process=child.pid))
        yield StageNews(stage, "begins", command_line(stage, unscored=unscored))
        yield from _wait(stage, child, end)
    finally:
        late = child.poll() is None
        if late:
            _end(child)
        went = replace(went, seconds=round(before.seconds + time.monotonic() - began, 1))
        went = _final_record(stage, went, child.returncode, _tail(log), asked=late, unscored=unscored)
        ledger.note(stage, went)
    seconds = time.monotonic() - began
    if went.state == "failed":
        yield StageNews(stage, "failed", f"{went.why}\nits output: {log}")
    else:
        yield StageNews(stage, "stopped" if went.state == "stopped" else "done", f"{seconds:.0f} s")


def _wait(stage: Stage, child: subprocess.Popen[bytes], end: float) -> Iterator[StageNews]:
    """Wait until a stage ends or the time is over; tell how far it is."""
    told, said = time.monotonic(), ""
    while time.monotonic() < end:
        try:
            child.wait(timeout=min(1.0, max(0.01, end - time.monotonic())))
        except subprocess.TimeoutExpired:
            if time.monotonic() - told >= TELL and (text := how_far(stage)) != said:
                told, said = time.monotonic(), text
                yield StageNews(stage, "goes on", text)
        else:
            return


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask a process to end and keep what it has; kill it where it does not."""
    child.terminate()  # a training finishes its step and keeps it; an evaluation keeps every item as it comes
    try:
        child.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        return
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _final_record(
    stage: Stage, went: StageRecord, code: int | None, tail: Sequence[str], *, asked: bool, unscored: bool
) -> StageRecord:
    if code == 0 and unscored and _is_evaluation(stage):
        return replace(went, state="predicted")
    if code == 0 and stage.result.exists():
        return replace(went, state="done")
    if asked:
        return replace(went, state="stopped")
    killed = f"its process was killed (signal {-code})" if code and code < 0 else ""
    why = killed or "\n".join(tail[-LINES:]) or f"exit code {code}"
    return replace(went, state="failed", why=why if code else f"it made no {stage.result}")


def words(stage: Stage, *, unscored: bool = False) -> list[str]:
    """The words of a stage's command after `dataclaw`."""
    return [*stage.words, *(["--unscored"] if unscored and _is_evaluation(stage) else [])]


def command_line(stage: Stage, *, unscored: bool = False) -> str:
    """The stage's command, to be copied into a shell."""
    return shlex.join(["dataclaw", *words(stage, unscored=unscored)])


def _is_evaluation(stage: Stage) -> bool:
    return stage.name.startswith("eval/")


class _Figures(BaseModel):
    """What a line of a training's figures says of how far it is."""

    step: int | None = None
    loss: float | None = None
    reward: dict[str, float] = Field(default_factory=dict[str, float])


def how_far(stage: Stage) -> str:
    """How far a stage is, by what it wrote last; "" where nothing is known."""
    metrics, predictions = stage.folder / "metrics.jsonl", stage.folder / "predictions.jsonl"
    if stage.name.startswith("eval/"):
        lines = predictions.read_bytes().count(b"\n") if predictions.is_file() else 0
        return f"{lines} items" if lines else ""
    written = _tail(metrics, 65_536) if metrics.is_file() else []
    try:
        figures = _Figures.model_validate(load_json(written[-1])) if written else _Figures()
    except ValueError:  # it is being written
        return ""
    loss, reward = figures.loss, figures.reward.get("mean")
    parts = [f"step {figures.step}"] if figures.step is not None else []
    parts += [f"loss {loss:.3f}"] if loss is not None else []
    parts += [f"reward {reward:.3f}"] if reward is not None else []
    return ", ".join(parts)


def _tail(file: Path, size: int = TAIL) -> list[str]:
    """The last lines of a file that say something; of a log, those since its last command."""
    with file.open("rb") as data:
        data.seek(0, os.SEEK_END)
        data.seek(max(0, data.tell() - size))
        text = data.read().decode("utf-8", "replace")
    lines = [line.rstrip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    own = [at for at, line in enumerate(lines) if line.startswith("$ dataclaw ")]
    return lines[own[-1] + 1 :] if own else lines
