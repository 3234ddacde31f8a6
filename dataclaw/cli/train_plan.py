"""`dataclaw train plan`: what a stage of a recipe will take, before anything starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dataclaw.cli.train_console import Model, RandomInit, Recipe, TraceShare, read_recipe
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataclaw.train.cards import Card
    from dataclaw.train.config import TrainConfig
    from dataclaw.train.plan import Corpus, SftPlan
    from dataclaw.train.plan_grpo import GrpoPlan
    from dataclaw.train.trial import SftTrial
    from dataclaw.train.trial_grpo import GrpoTrial

Row = tuple[str, str]


def plan(
    config: Recipe,
    stage: Annotated[Literal["sft", "grpo"], typer.Option(help="Which stage of the recipe.")] = "sft",
    card: Annotated[str | None, typer.Option(help="Machine to plan for; this one if left out.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="How many such cards train together (sft).")] = 1,
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Corpus to learn instead of the recipe's.")] = None,
    domains: Annotated[
        list[str] | None, typer.Option("--domain", "-d", help="Domains to learn instead of the recipe's.")
    ] = None,
    model: Model = None,
    share: TraceShare = None,
    server: Annotated[str | None, typer.Option(help="A vLLM server samples the rollouts (grpo).")] = None,
    random_init: RandomInit = False,
    steps: Annotated[int, typer.Option(min=1, help="With --random-init: steps to measure.")] = 3,
    json_out: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Estimate parameters, memory, tokens, steps and time before anything starts.

    Exit code 1 when it would not fit, with the settings that would. With
    --random-init some steps are run on this machine to measure it; weights
    are not needed for that, and a corpus for GRPO only, whose rollouts begin
    with its asks.

    Examples:
      dataclaw train plan configs/omni.toml --card h100

      dataclaw train plan configs/qwen3.5-9b.toml --card a100 --processes 8

      dataclaw train plan configs/omni.toml --random-init --steps 3

      dataclaw train plan configs/omni.toml --stage grpo --corpus corpus --card h100
    """
    from dataclaw.train.cards import CARDS
    from dataclaw.train.config import CHOOSER
    from dataclaw.train.plan import here

    if card is not None and card not in CARDS:
        raise typer.BadParameter(f"no figures for {card!r}; there is: {', '.join(CARDS)}")
    if stage == "grpo" and processes > 1:
        raise UsageError("GRPO runs in one process.", place="--processes", remedy="Leave it out.")
    data = {"corpus": corpus, "domains": domains, "share": share}
    recipe = read_recipe(config, model, data, grpo={"server": server})
    if recipe.model.name == CHOOSER:
        _chooser(recipe, stage, json_out)
        return
    where = CARDS[card] if card else here(recipe.model.device)
    measured = steps if random_init else 0
    fits = (
        _sft(recipe, where, processes, measured, json_out)
        if stage == "sft"
        else _grpo(recipe, where, measured, json_out)
    )
    if not fits:
        raise typer.Exit(1)


def _chooser(recipe: TrainConfig, stage: str, json_out: bool) -> None:
    from dataclaw.train.choice_plan import plan_choices

    made = plan_choices(recipe, stage)
    if json_out:
        typer.echo(json.dumps(made.to_json()))
        return
    rows = [("parameters", f"{made.parameters:,}, all of them trained"), ("data", f"{made.choices:,} choices")]
    _show(rows, {}, [("steps", f"{made.steps:,}"), ("time here", f"{_duration(made.seconds)}, by the first steps")])


def _sft(recipe: TrainConfig, card: Card, processes: int, steps: int, json_out: bool) -> bool:
    from dataclaw.train.count import count
    from dataclaw.train.plan import plan as estimate
    from dataclaw.train.shape import measure
    from dataclaw.train.trial import trial

    known = count(recipe)
    made = estimate(recipe, measure(recipe.model), known, card, processes)
    tried = trial(recipe, steps) if steps else None
    if json_out:
        measured = {"tokens_per_second": round(tried.speed, 1), "peak": tried.peak} if tried else None
        typer.echo(json.dumps({**made.to_json(), "measured": measured}))
    else:
        _show(_head(made.card, processes, made.parameters, made.trained), made.memory, _work(made, known, tried))
        _advise(made.remedies, fits=made.fits)
    return made.fits


def _grpo(recipe: TrainConfig, card: Card, steps: int, json_out: bool) -> bool:
    from dataclaw.train.count import count
    from dataclaw.train.plan_grpo import plan_grpo
    from dataclaw.train.shape import measure
    from dataclaw.train.trial_grpo import trial_grpo

    known = count(recipe)
    made = plan_grpo(recipe, measure(recipe.model), known, card)
    tried = trial_grpo(recipe, steps) if steps else None
    if json_out:
        typer.echo(json.dumps({**made.to_json(), "measured": tried.to_json() if tried else None}))
    else:
        _show(_head(made.card, 1, made.parameters, made.trained), made.memory, _rollouts(made, known, tried))
        _advise(made.remedies, fits=made.fits)
    return made.fits


def _head(card: Card, processes: int, parameters: int, trained: int) -> list[Row]:
    many = f"{processes} x " if processes > 1 else ""
    return [
        ("machine", f"{many}{card.about}, {card.memory / 1e9:.1f} GB"),
        ("parameters", f"{parameters:,}, of which {trained:,} are trained"),
    ]


def _work(made: SftPlan, known: Corpus, tried: SftTrial | None) -> list[Row]:
    rows = [("memory", f"{made.total / 1e9:.2f} GB a device: {'fits' if made.fits else 'does not fit'}")]
    if made.tokens is not None and made.steps is not None and made.seconds is not None:
        exact = "" if known.counted else " (about: counted in characters)"
        read = f"{len(known.lengths):,} traces, {made.tokens:,} tokens to read{exact}, {made.steps:,} steps"
        rows += [("data", read), ("time", _duration(made.seconds))]
    else:
        rows.append(("data", f"no corpus yet; 1,000,000 tokens would take {_duration(1e6 / made.speed)}"))
    rows.append(("speed", f"{made.speed:,.0f} tokens/s, {made.origin}"))
    if tried:
        peak = f", at most {tried.peak / 1e9:.2f} GB" if tried.peak else ""
        rows.append(
            ("measured here", f"{tried.speed:,.0f} tokens/s over {tried.steps} steps, random weights{peak}")
        )  # fmt: skip
    return rows


def _rollouts(made: GrpoPlan, known: Corpus, tried: GrpoTrial | None) -> list[Row]:
    exact = "" if known.counted else ", counted in characters"
    sampled = "" if made.sampled is None else f", {made.sampled:,} of them sampled (as the corpus' traces{exact})"
    most = "at most " if made.sampled is None else "about "
    rows = [
        ("memory", f"{made.total / 1e9:.2f} GB: {'fits' if made.fits else 'does not fit'}"),
        ("a step", f"{made.rollouts:,} rollouts, {most}{made.tokens:,} tokens{sampled}"),
        ("steps", f"{made.steps:,}"),
        ("update", f"{_duration(made.update)} a step, {made.origin}"),
    ]
    if tried is None:
        return [*rows, ("rollouts", "unknown until measured: --random-init, with a corpus")]
    peak = f", at most {tried.peak / 1e9:.2f} GB" if tried.peak else ""
    parts = f"rollouts {tried.rollout:.1f} s, rewards {tried.reward:.1f} s, update {tried.update:.1f} s"
    rows += [
        ("measured here", f"{parts} a step of {tried.sampled:,.0f} sampled tokens{peak}"),
        ("sampled here", f"{tried.speed:,.0f} tokens/s over {tried.steps} steps, random weights"),
    ]
    step = tried.step(made)
    whole = "unknown without the traces of a corpus" if step is None else _duration(step * made.steps)
    return [*rows, ("time here", f"{whole}, were every rollout as long as a trace" if step else whole)]


def _show(head: Iterable[Row], memory: Mapping[str, int], rest: Iterable[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("what", "estimate", box=None, header_style="bold")
    parts = [(f"memory: {name}", f"{size / 1e9:.2f} GB") for name, size in memory.items()]
    for name, text in [*head, *parts, *rest]:
        table.add_row(name, text)
    Console(soft_wrap=True).print(table)


def _advise(remedies: Iterable[str], *, fits: bool) -> None:
    known = list(remedies)
    for remedy in known:
        typer.secho(f"it would fit with: {remedy}", fg="yellow")
    if not fits and not known:
        typer.secho("no setting makes it fit: take a smaller model or more cards", fg="yellow")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
