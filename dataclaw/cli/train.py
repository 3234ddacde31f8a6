"""`dataclaw train sft|grpo|plan|convert|ship`; the longer ones have files of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclaw.cli.train_convert import convert
from dataclaw.cli.train_grpo import grpo
from dataclaw.cli.train_plan import plan
from dataclaw.cli.train_ship import ship

if TYPE_CHECKING:
    from collections.abc import Generator

    from dataclaw.train.config import TrainConfig
    from dataclaw.train.loop import TrainProgress

app = typer.Typer(help="Training: supervised on agent traces, then reinforced by rules.", no_args_is_help=True)
Recipe = Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML with the recipe: configs/omni.toml.")]
CorpusFolder = Annotated[Path | None, typer.Option("--corpus", help="Corpus or pack to learn instead of the recipe's.")]
Domains = Annotated[list[str] | None, typer.Option("--domain", "-d", help="Domains to learn instead of the recipe's.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Model to train instead of the recipe's.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Share = Annotated[float | None, typer.Option(help="Share of the traces, for scaling runs: 0.1, 0.25, 0.5.")]
Random = Annotated[bool, typer.Option("--random-init", help="Random weights, to measure a machine.")]


@app.command()
def sft(
    config: Recipe,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")] = Path("runs/sft"),
    corpus: CorpusFolder = None,
    domains: Domains = None,
    model: Model = None,
    device: Device = None,
    share: Share = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many optimizer steps.")] = None,
    answer_first: Annotated[
        bool | None, typer.Option("--answer-first", help="Drafts in the paper's order: the answer before its evidence.")
    ] = None,
    random_init: Random = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what an earlier run left in the folder.")] = False,
) -> None:
    """Train a model on agent traces.

    A run that was stopped goes on from its last checkpoint. Figures of every
    step are in metrics.jsonl, everything it depends on is in run.json.

    Several GPUs: torchrun --nproc-per-node 8 -m dataclaw.cli train sft CONFIG

    Examples:
      dataclaw train sft configs/omni.toml --corpus corpus --out runs/omni

      dataclaw train sft configs/expert.toml --domain gui --out runs/gui
    """
    from dataclaw.train.sft import sft as train

    recipe = _recipe(config, corpus, domains, model, device, share, seed, answer_first, steps)
    _watch(train(recipe, out, fresh=fresh, random_init=random_init), out)


app.command()(grpo)


app.command()(plan)
app.command()(convert)
app.command()(ship)


def _recipe(
    config: Path,
    corpus: Path | None,
    domains: list[str] | None,
    model: str | None,
    device: str | None,
    share: float | None,
    seed: int | None = None,
    answer_first: bool | None = None,
    steps: int | None = None,
) -> TrainConfig:
    from dataclaw.train.config import read_config

    data = {"corpus": corpus, "domains": domains, "share": share, "seed": seed, "answer_first": answer_first}
    named = {"name": model, "shape": "" if model else None}  # the shape in the recipe is of the recipe's model
    return read_config(config, model={**named, "device": device}, data=data, sft={"steps": steps})


def _watch(news: Generator[TrainProgress], out: Path) -> None:
    """Show a run as it goes on: a bar with the newest figures, validations and notes above it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from dataclaw.cli.train_console import STOPPED, until_asked

    columns = (TextColumn("steps"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        console = Console(stderr=True, quiet=os.environ.get("RANK", "0") != "0")  # of several processes one talks
        with Progress(*columns, TextColumn("{task.fields[text]}"), console=console) as progress:
            bar, text = progress.add_task("", total=None, text=""), ""
            for one in until_asked(news):
                text = _figures(one.figures) or text
                progress.update(bar, completed=one.step, total=one.steps, text=text)
                for line in [*([one.note] if one.note else []), *_validation_lines(one.step, one.figures)]:
                    progress.console.print(escape(line), soft_wrap=True, highlight=False)
    except KeyboardInterrupt:
        typer.echo(STOPPED, err=True)
        raise typer.Exit(130) from None
    typer.echo(f"run: {out}")


def _figures(figures: dict[str, Any]) -> str:
    if not figures:
        return ""
    peak = f", {figures['peak_gib']:.1f} GiB" if "peak_gib" in figures else ""
    return f"loss {figures['loss']:.3f}, lr {figures['lr']:.1e}, {figures['tokens_per_second']:,.0f} tok/s{peak}"


def _validation_lines(step: int, figures: dict[str, Any]) -> list[str]:
    lines = list[str]()
    for domain, one in figures.get("validation", {}).items():
        calls = f", calls {100 * one['call_accuracy']:.1f} %" if "call_accuracy" in one else ""
        lines.append(f"step {step}: {domain} loss {one['loss']:.3f}, tools {100 * one['tool_accuracy']:.1f} %{calls}")
    return lines
