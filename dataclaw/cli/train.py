"""`dataclaw train sft|grpo|plan|convert|ship`; all but two have files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dataclaw.cli.options import stoppable
from dataclaw.cli.train_console import (
    Device,
    Fresh,
    Model,
    RandomInit,
    Recipe,
    Seed,
    Steps,
    TraceShare,
    read_recipe,
    watch,
)
from dataclaw.cli.train_plan import plan
from dataclaw.cli.train_ship import convert, ship
from dataclaw.errors import UsageError

app = typer.Typer(help="Training: supervised on agent traces, then reinforced by rules.", no_args_is_help=True)


@app.command()
def sft(
    config: Recipe,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")] = Path("runs/sft"),
    corpus: Annotated[
        Path | None, typer.Option("--corpus", help="Corpus or pack to learn instead of the recipe's.")
    ] = None,
    domains: Annotated[
        list[str] | None, typer.Option("--domain", "-d", help="Domains to learn instead of the recipe's.")
    ] = None,
    model: Model = None,
    device: Device = None,
    share: TraceShare = None,
    seed: Seed = None,
    steps: Steps = None,
    answer_first: Annotated[
        bool | None, typer.Option("--answer-first", help="Drafts in the paper's order: the answer before its evidence.")
    ] = None,
    random_init: RandomInit = False,
    fresh: Fresh = False,
) -> None:
    """Train a model on agent traces.

    A run that was stopped goes on from its last checkpoint. Figures of every
    step are in metrics.jsonl, everything it depends on is in run.json.

    Several GPUs: torchrun --nproc-per-node 8 -m dataclaw.cli train sft CONFIG

    Examples:
      dataclaw train sft configs/omni.toml --corpus corpus --out runs/omni

      dataclaw train sft configs/expert.toml --domain gui --out runs/gui

      dataclaw train sft configs/chooser.toml --out runs/chooser-sft
    """
    from dataclaw.models.libraries import library
    from dataclaw.train.config import CHOOSER

    data = {"corpus": corpus, "domains": domains, "share": share, "seed": seed, "answer_first": answer_first}
    recipe = read_recipe(config, model, data, device=device, sft={"steps": steps})
    library("torch", user="training")
    if recipe.model.name == CHOOSER:
        from dataclaw.train.choice_sft import sft_chooser

        news = sft_chooser(recipe, out, fresh=fresh)
    else:
        from dataclaw.train.sft import sft as train

        news = train(recipe, out, fresh=fresh, random_init=random_init)
    watch(news, out, _sft_figures)


def _sft_figures(figures: dict[str, Any]) -> str:
    peak = f", {figures['peak_gib']:.1f} GiB" if "peak_gib" in figures else ""
    return f"loss {figures['loss']:.3f}, lr {figures['lr']:.1e}, {figures['tokens_per_second']:,.0f} tok/s{peak}"


@app.command()
def grpo(
    config: Recipe,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")] = Path("runs/grpo"),
    start: Annotated[
        Path | None,
        typer.Option(help="Adapter or chooser to begin with (runs/sft/adapter); it is the reference, too."),
    ] = None,
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Corpus or pack that rollouts begin with.")] = None,
    media: Annotated[
        Path | None, typer.Option(help="Corpus that a pack was made of: calls that the pack lacks are computed there.")
    ] = None,
    domains: Annotated[
        list[str] | None, typer.Option("--domain", "-d", help="Domains to learn; the recipe's if left out.")
    ] = None,
    model: Model = None,
    device: Device = None,
    share: Annotated[float | None, typer.Option(help="Share of the asks, for scaling runs: 0.1, 0.25, 0.5.")] = None,
    seed: Seed = None,
    steps: Steps = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", help="Terms of the reward to leave out: anchor, format, efficiency."),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(help="A vLLM server that samples the rollouts: http://127.0.0.1:8000; see docs/serving.md."),
    ] = None,
    trainer: Annotated[
        Literal["own", "trl"], typer.Option(help="Who makes the updates: our own loop, or TRL's GRPOTrainer.")
    ] = "own",
    random_init: RandomInit = False,
    fresh: Fresh = False,
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

      dataclaw train grpo configs/chooser.toml --start runs/chooser-sft/chooser --out runs/chooser

      dataclaw train grpo configs/expert.toml -d gui --corpus pack --trainer trl
    """
    from dataclaw.models.libraries import library
    from dataclaw.train.config import CHOOSER

    data = {"corpus": corpus, "domains": domains, "share": share, "seed": seed}
    recipe = read_recipe(config, model, data, device=device, grpo={"steps": steps, "server": server})
    if unknown := sorted(set(without or ()) - set(recipe.grpo.terms)):
        there = f"There is: {', '.join(recipe.grpo.terms)}."
        raise UsageError(f"no term {unknown[0]!r} in the recipe.", place="--without", remedy=there)
    terms = {name: 0.0 if name in (without or ()) else weight for name, weight in recipe.grpo.terms.items()}
    recipe = recipe.model_copy(update={"grpo": recipe.grpo.model_copy(update={"terms": terms})})
    if trainer == "trl" and recipe.model.name == CHOOSER:
        raise UsageError("TRL trains language models.", place="--trainer", remedy="Leave it out for a chooser.")
    library("torch", user="training")
    if trainer == "trl":
        from dataclaw.files import owned_folder
        from dataclaw.train.grpo_trl import grpo_trl

        with owned_folder(out), stoppable("stopped; the same command goes on from the last checkpoint"):
            grpo_trl(recipe, out, media=media, start=start, fresh=fresh, random_init=random_init)
        typer.echo(f"run: {out}")
        return
    if recipe.model.name == CHOOSER:
        from dataclaw.train.choice_grpo import grpo_chooser

        news = grpo_chooser(recipe, out, media=media, start=start, fresh=fresh)
    else:
        from dataclaw.train.grpo import grpo as train

        news = train(recipe, out, media=media, start=start, fresh=fresh, random_init=random_init)
    watch(news, out, _grpo_figures)


def _grpo_figures(figures: dict[str, Any]) -> str:
    reward, rollout = figures["reward"], figures["rollout"]
    mean = "no reward" if reward["mean"] is None else f"reward {reward['mean']:.3f}"
    stop = max(rollout["stops"], key=lambda name: rollout["stops"][name])
    return (
        f"{mean}, accepted {100 * (reward['passed'] or 0.0):.0f} %, no signal {reward['dead']}/{reward['groups']}, "
        f"mostly {stop}, {rollout['rollouts_per_second']:.1f} rollouts/s"
    )


app.command()(plan)
app.command()(convert)
app.command()(ship)
