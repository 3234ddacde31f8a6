"""What the training commands share: their options, the bar of a run, and how a run is stopped.

Ctrl-C or a request to end (SIGTERM) lets the step be finished and kept; a second one does not.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclaw.cli.options import stoppable
from dataclaw.files import owned_folder

if TYPE_CHECKING:
    from dataclaw.train.config import TrainConfig
    from dataclaw.train.loop import TrainProgress

Recipe = Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML with the recipe: configs/omni.toml.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Model to train instead of the recipe's.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
TraceShare = Annotated[float | None, typer.Option(help="Share of the traces, for scaling runs: 0.1, 0.25, 0.5.")]
Seed = Annotated[int | None, typer.Option(help="Seed of everything random.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Stop after so many optimizer steps.")]
RandomInit = Annotated[bool, typer.Option("--random-init", help="Random weights, to measure a machine.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what an earlier run left in the folder.")]


def read_recipe(
    config: Path, model: str | None, data: Mapping[str, Any], *, device: str | None = None, **stages: dict[str, Any]
) -> TrainConfig:
    """The recipe with what the command line says instead of it; None says nothing."""
    from dataclaw.train.config import read_config

    named = {"name": model, "shape": "" if model else None}  # the shape in the recipe is of the recipe's model
    return read_config(config, model={**named, "device": device}, data=dict(data), **stages)


def watch(news: Generator[TrainProgress], out: Path, figures_text: Callable[[dict[str, Any]], str]) -> None:
    """Show a run as it goes on: a bar with the newest figures, validations and notes above it.

    Args:
        news: the run.
        out: its folder.
        figures_text: says the figures of a step in a few words.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    first = os.environ.get("RANK", "0") == "0"  # of several processes one talks, and holds the folder for all
    columns = (TextColumn("steps"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, quiet=not first)
    with (
        owned_folder(out) if first else nullcontext(),
        stoppable("stopped; the same command goes on from the last checkpoint"),
        Progress(*columns, TextColumn("{task.fields[text]}"), console=console) as progress,
    ):
        bar, text = progress.add_task("", total=None, text=""), ""
        for one in until_asked(news):
            text = figures_text(one.figures) if one.figures else text
            progress.update(bar, completed=one.step, total=one.steps, text=text)
            for line in [*([one.note] if one.note else []), *_validation_lines(one.step, one.figures)]:
                progress.console.print(escape(line), soft_wrap=True, highlight=False)
    typer.echo(f"run: {out}")


def _validation_lines(step: int, figures: dict[str, Any]) -> Iterator[str]:
    for domain, one in figures.get("validation", {}).items():
        if "learned" in one:  # a chooser
            yield f"step {step}: {domain} learned {one['learned']:.3f}, rules {one['rules']:.3f} of {one['choices']}"
            continue
        calls = f", calls {100 * one['call_accuracy']:.1f} %" if "call_accuracy" in one else ""
        yield f"step {step}: {domain} loss {one['loss']:.3f}, tools {100 * one['tool_accuracy']:.1f} %{calls}"


def until_asked(news: Generator[TrainProgress]) -> Iterator[TrainProgress]:
    """The news of a run, until somebody asks it to end.

    Raises:
        KeyboardInterrupt: somebody did.
    """
    from dataclaw.train.loop import StopTraining

    asked = 0

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        del number, frame
        asked += 1
        if asked > 1:
            raise KeyboardInterrupt

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        for one in news:
            yield one
            if asked:
                _leave(news, StopTraining())
                raise KeyboardInterrupt
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave(news: Generator[TrainProgress], leave: Exception) -> None:
    try:
        news.throw(leave)
    except (StopIteration, type(leave)):  # a note before the first step has nothing to keep
        return
