"""What `dataclaw eval run` does: one model, or several on equal same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dataclaw.choosing.learned import weights_of
from dataclaw.cli.options import stoppable, warn
from dataclaw.config import RunConfig
from dataclaw.errors import DataClawError, UsageError, count_of
from dataclaw.evals.predict import EvalRun, begin, predict, so_far
from dataclaw.run.prepare import Setup, make_runtime, prepare
from dataclaw.strict import check

if TYPE_CHECKING:
    from dataclaw.domain import Domain
    from dataclaw.evals.benchmark import Benchmark, SetName
    from dataclaw.evals.lineup import Contender, ModelRow
    from dataclaw.evals.metrics import Similarity
    from dataclaw.evals.predict import Prediction
    from dataclaw.models.prices import Price
    from dataclaw.types import Json

PAGE, TABLE = "models.html", "models.json"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What every model is measured by, alike.

    Attributes:
        bench: the benchmark.
        set: which set of it.
        alike: how texts are compared; None to predict only.
        domains: domains whose items are asked for; empty: all.
        limit: most items.
        tokens: most tokens that a model may write for an item.
        routed: whether the router chooses domain and task.
        choose: who decides at choice points of plans.
        batch: items at once; None: 1, and as many as there may be requests where a server decides.
        plugins: the `plugins.toml` to use.
        prices: file of prices that come before the listed ones.
    """

    bench: Benchmark
    set: SetName
    alike: Similarity | None
    domains: Sequence[str]
    limit: int | None
    tokens: int | None
    routed: bool
    choose: str
    batch: int | None
    plugins: Path | None
    prices: Path | None


def known_domains(bench: Benchmark, which: SetName, domains: Sequence[str]) -> list[str]:
    """The domains, sorted, each once.

    Raises:
        UsageError: the set has no item of one.
    """
    there = sorted({item.domain for item in bench.items(which)})
    if unknown := sorted(set(domains) - set(there)):
        remedy = f"There is: {', '.join(there)}."
        raise UsageError(f"no item of domain {unknown[0]!r}.", place="--domain", remedy=remedy)
    return sorted(set(domains))


def run_one(same: Conditions, asked: Mapping[str, Json], out: Path, price: Price | None, *, json_out: bool) -> None:
    """Let one model do the benchmark, score it where that is asked for, and show it."""
    setup, spec, made = _predictions(same, asked, out)
    if same.alike is None:
        typer.echo(f"{count_of(len(made), 'prediction')}: {out}")
    else:
        price = price or _price(setup, same)
        summary = score(same.bench, spec, made, out, same.alike, price, setup.domains)
        show_scores(summary, out, json_out=json_out)


def run_all(same: Conditions, rows: Mapping[str, ModelRow], out: Path, *, json_out: bool) -> None:
    """Let every model do the benchmark in a folder of its own, and compare those that have a number."""
    from dataclaw.cli.eval_tables import print_contenders
    from dataclaw.evals.lineup import Contender, with_comparison
    from dataclaw.evals.report import PageExtras, write_report
    from dataclaw.files import write_atomic

    found: dict[str, Contender] = {}
    for name, row in rows.items():
        typer.secho(f"{name}: {row.model}", bold=True, err=True)
        try:
            found[name] = _measure(same, name, row, out)
        except DataClawError as error:
            found[name] = Contender(name, row.model, why=error.message, remedy=row.serve or error.remedy)
    told = with_comparison(found, out)
    write_atomic(out / TABLE, json.dumps([one.to_json() for one in told], ensure_ascii=False, indent=1) + "\n")
    runs = [out / one.name for one in told if one.summary]
    page = write_report(runs, out / PAGE, PageExtras(unmeasured=[one for one in told if one.why])) if runs else None
    if json_out:
        typer.echo((out / TABLE).read_text(encoding="utf-8"), nl=False)
    else:
        print_contenders(told)
        typer.echo(f"page: {page}" if page else "no page: no model has a number.")
    if len(runs) < len(told):
        raise typer.Exit(1)


def _measure(same: Conditions, name: str, row: ModelRow, out: Path) -> Contender:
    from dataclaw.evals.lineup import Contender

    if same.alike is None:
        raise UsageError("models are compared by their scores.", remedy="Leave out --unscored.")
    setup, spec, made = _predictions(same, row.options(), out / name)
    price = row.price.as_price(name) if row.price else _price(setup, same)
    summary = score(same.bench, spec, made, out / name, same.alike, price, setup.domains)
    missing = len(summary["names"]["missing"])
    if missing:
        why = f"{count_of(missing, 'item')} of {summary['overall']['n']} got no answer."
        return Contender(name, row.model, why=why, remedy="The same command asks for them again.")
    return Contender(name, row.model, summary)


def _predictions(same: Conditions, asked: Mapping[str, Json], out: Path) -> tuple[Setup, EvalRun, list[Prediction]]:
    """The predictions of one model, those that were made before among them."""
    config = check({"intent": "benchmark", "choose": same.choose, **asked}, RunConfig, "dataclaw eval run")
    setup = prepare(config, same.plugins)
    for line in setup.warnings:
        warn(line)
    who, models = _who_decides(setup)
    spec = EvalRun(same.bench.digest, same.set, who, config.constrained, same.limit, same.tokens, models, same.routed,
                   packed=same.bench.pack is not None, domains=same.domains, choose=config.choose,
                   choosers=weights_of(config.choose),
                   asked=config.unusual_options())  # fmt: skip
    begin(spec, out)
    done, left = so_far(same.bench, spec, out)
    if not left:
        return setup, spec, [one for _, one in done]
    batch = same.batch or (config.concurrency if setup.remote else 1)
    return setup, spec, _predict(same.bench, spec, setup, out, min(batch, len(left)))


def _who_decides(setup: Setup) -> tuple[str, dict[str, str]]:
    """Who decides in a few words, and by domain; nothing by domain where one model does that wears no adapter."""
    models = {name: choice.describe() for name, choice in setup.deciders.items()}
    alone = sorted(set(models.values()))
    who = setup.config.model or ("by domain" if len(alone) > 1 else alone[0])
    return who, models if alone != [who] else {}


def _price(setup: Setup, same: Conditions) -> Price | None:
    """What is known of the price of the one server that decides."""
    from dataclaw.agent.policy import is_remote
    from dataclaw.models.prices import find_price

    models = {one.model for one in setup.deciders.values()}
    if len(models) > 1 or not is_remote(name := models.pop(), setup.config):
        return None
    return find_price(name, same.prices, listed=not setup.config.base_url)


def _predict(bench: Benchmark, spec: EvalRun, setup: Setup, out: Path, batch: int) -> list[Prediction]:
    from dataclaw.cli.bars import show_bar

    made: list[Prediction] = []
    runtime = make_runtime(setup, at_once=batch)  # an hf: model sets memory aside for every one
    try:
        with stoppable(), show_bar(len(spec.select(bench.items(spec.set)))) as bar:
            for item, one in predict(bench, spec, runtime, out, batch=batch):
                made.append(one)
                accepted = sum(bool(one.accepted) for one in made)
                bar.step(f"{accepted} accepted; {item.id[:48]}")
    finally:
        runtime.close()
    return made


def score(
    bench: Benchmark,
    spec: EvalRun,
    made: Sequence[Prediction],
    out: Path,
    alike: Similarity,
    price: Price | None,
    domains: Mapping[str, Domain],
) -> dict[str, Any]:
    """Score a run and write its scores; a warning for each kind of predictions and items that do not meet."""
    from dataclaw.evals.scoring import score_run, summarise, write_scores

    rows, names = score_run(bench, spec, made, domains, alike)
    summary = summarise(spec, rows, names, alike.name, price)
    write_scores(out, rows, summary)
    for line in names.lines():
        warn(line)
    return summary


def show_scores(summary: Mapping[str, Any], out: Path, *, json_out: bool) -> None:
    """Show what a run scored; exit code 1 where predictions and items do not meet."""
    from dataclaw.cli.eval_tables import print_scores

    if json_out:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        print_scores(summary, out)
    if any(summary["names"][kind] for kind in ("missing", "unknown", "extra")):
        raise typer.Exit(1)
