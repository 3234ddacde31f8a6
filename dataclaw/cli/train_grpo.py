"""`dataclaw train grpo`; registered with `app.command()(grpo)` in `dataclaw.cli.train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Generator

    from dataclaw.train.loop import TrainProgress


def grpo(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML with the recipe: configs/omni.toml.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")] = Path("runs/grpo"),
    start: Annotated[
        Path | None, typer.Option(help="Adapter to begin with (runs/sft/adapter); it is the reference, too.")
    ] = None,
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Corpus or pack that rollouts begin with.")] = None,
    media: Annotated[
        Path | None, typer.Option(help="Corpus that a pack was made of: calls that the pack lacks are computed there.")
    ] = None,
    domains: Annotated[
        list[str] | None, typer.Option("--domain", "-d", help="Domains to learn; the recipe's if left out.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="Model to train instead of the recipe's.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of the asks, for scaling runs: 0.1, 0.25, 0.5.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many optimizer steps.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", help="Terms of the reward to leave out: anchor, format, efficiency."),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(help="A vLLM server that samples the rollouts: http://127.0.0.1:8000; see docs/serving.md."),
    ] = None,
    random_init: Annotated[bool, typer.Option("--random-init", help="Random weights, to measure a machine.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what an earlier run left in the folder.")] = False,
) -> None:
    """Train a model on its own rollouts, rewarded by the domains' rules.

    Rollouts are real runs of the agent: its steps, tools and rules, many at
    once. A run that was stopped goes on from its last checkpoint. Figures of
    every step are in metrics.jsonl: rewards by term and rule, stop reasons,
    groups without signal.

    Examples:
      dataclaw train grpo configs/omni.toml --start runs/omni/adapter --out runs/omni-grpo

      dataclaw train grpo configs/expert.toml -d gui --corpus pack --without anchor

      dataclaw train grpo configs/qwen3.5-9b-lora.toml --server http://127.0.0.1:8000
    """
    from dataclaw.errors import UsageError
    from dataclaw.train.config import read_config
    from dataclaw.train.grpo import grpo as train

    data = {"corpus": corpus, "domains": domains, "share": share, "seed": seed}
    recipe = read_config(
        config, model={"name": model, "device": device}, data=data, grpo={"steps": steps, "server": server}
    )
    if unknown := sorted(set(without or ()) - set(recipe.grpo.terms)):
        there = f"There is: {', '.join(recipe.grpo.terms)}."
        raise UsageError(f"no term {unknown[0]!r} in the recipe.", place="--without", remedy=there)
    terms = {name: 0.0 if name in (without or ()) else weight for name, weight in recipe.grpo.terms.items()}
    recipe = recipe.model_copy(update={"grpo": recipe.grpo.model_copy(update={"terms": terms})})
    _watch(train(recipe, out, media=media, start=start, fresh=fresh, random_init=random_init), out)


def _watch(news: Generator[TrainProgress], out: Path) -> None:
    """Show a run as it goes on: a bar with the newest figures, notes above it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from dataclaw.cli.train_console import STOPPED, until_asked

    columns = (TextColumn("steps"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, TextColumn("{task.fields[text]}"), console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=None, text="")
            for one in until_asked(news):
                progress.update(bar, completed=one.step, total=one.steps)
                if one.figures:
                    progress.update(bar, text=_figures(one.figures))
                if one.note:
                    progress.console.print(escape(one.note), soft_wrap=True, highlight=False)
    except KeyboardInterrupt:
        typer.echo(STOPPED, err=True)
        raise typer.Exit(130) from None
    typer.echo(f"run: {out}")


def _figures(figures: dict[str, Any]) -> str:
    reward, rollout = figures["reward"], figures["rollout"]
    mean = "no reward" if reward["mean"] is None else f"reward {reward['mean']:.3f}"
    stop = max(rollout["stops"], key=lambda name: rollout["stops"][name])
    return (
        f"{mean}, accepted {100 * (reward['passed'] or 0.0):.0f} %, no signal {reward['dead']}/{reward['groups']}, "
        f"mostly {stop}, {rollout['rollouts_per_second']:.1f} rollouts/s"
    )
