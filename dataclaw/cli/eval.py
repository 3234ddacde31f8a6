"""`dataclaw eval run|score|compare|report`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dataclaw.agent.studio import Studio
    from dataclaw.evals.bench import Bench
    from dataclaw.evals.compare import Comparison
    from dataclaw.evals.metrics import Similarity
    from dataclaw.evals.predict import Prediction, Told
    from dataclaw.evals.spending import Price

app = typer.Typer(help="Models on benchmarks: predictions, scores, comparisons, reports.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--bench", "-b", help="Folder of a benchmark.")]
Set = Annotated[str, typer.Option("--set", help="val (with references) or intent (open requests).")]
Alike = Annotated[str, typer.Option("--similarity", help="How texts are compared: minilm or fuzzy.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first so many items (even over domains).")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
PriceIn = Annotated[float | None, typer.Option(min=0, help="Price of a million tokens that the model reads.")]
PriceOut = Annotated[float | None, typer.Option(min=0, help="Price of a million tokens that the model writes.")]
WIDE = 130
"""Width of a terminal [characters] from which what rollouts took is shown too."""
SHORT = {"semantic": "sem", "sequence": "seq", "accepted": "ok", "handed_in": "drafts", "grounded": "ground"}


@app.command()
def run(
    bench: Folder,
    out: Out,
    model: Annotated[str, typer.Option("--model", "-m", help="planner, embedded, or provider:model.")] = "planner",
    which: Set = "val",
    limit: Limit = None,
    constrained: Annotated[
        bool, typer.Option("--constrained/--free", help="Decode under the schema where the runtime can.")
    ] = True,
    images: Annotated[bool, typer.Option(help="Show frames to a model that sees.")] = True,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server, e.g. vLLM.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="Items that are decided about at once.")] = 1,
    similarity: Alike = "minilm",
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    plugins: Annotated[Path | None, typer.Option(help="plugins.toml to use (it names adapters).")] = None,
    json_out: AsJson = False,
) -> None:
    """Let a model do a benchmark, and score it.

    Predictions are kept as they come: a run that is stopped goes on where it
    was, and a higher --limit goes on from a lower one.

    Examples:
      dataclaw eval run --bench bench --model planner --out runs/planner

      dataclaw eval run --bench bench -m embedded --limit 50 --out runs/embedded
    """
    from dataclaw.agent.studio import make_studio
    from dataclaw.config import RunConfig, check
    from dataclaw.evals.bench import read_bench, set_named
    from dataclaw.evals.embedding import find_similarity
    from dataclaw.evals.predict import Told
    from dataclaw.evals.spending import price_named

    asked = {"intent": "benchmark", "model": model, "base_url": base_url, "images": images, "constrained": constrained}
    found, alike, price = read_bench(bench), find_similarity(similarity), price_named(price_in, price_out)
    told = Told(found.digest, set_named(which), model, constrained, limit)
    studio = make_studio(check(asked, RunConfig, "dataclaw eval run"), registry=plugins)
    try:
        made = _predictions(found, told, studio, out, batch)
    except KeyboardInterrupt:
        typer.echo("stopped; run it again to go on.", err=True)
        raise typer.Exit(130) from None
    finally:
        studio.close()
    _score(found, told, made, out, alike, price, plugins, json_out=json_out)


@app.command()
def score(
    bench: Folder,
    out: Out,
    predictions: Annotated[Path, typer.Argument(help="JSONL of predictions: id, and draft or text.")],
    which: Set = "val",
    limit: Limit = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Who made them, for the report.")] = "elsewhere",
    similarity: Alike = "minilm",
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    plugins: Annotated[Path | None, typer.Option(help="plugins.toml to use.")] = None,
    json_out: AsJson = False,
) -> None:
    """Score predictions that were made elsewhere, or score a run again.

    A line is {"id": ..., "draft": {...}}, or "text" with what a model wrote;
    code fences are taken off. Drafts may cite what the reference cites.

    Example: dataclaw eval score --bench bench --out runs/other other.jsonl
    """
    from dataclaw.errors import UsageError
    from dataclaw.evals.bench import read_bench, set_named
    from dataclaw.evals.embedding import find_similarity
    from dataclaw.evals.predict import Told, begin, read_predictions
    from dataclaw.evals.spending import price_named

    found, alike, price = read_bench(bench), find_similarity(similarity), price_named(price_in, price_out)
    if not predictions.is_file():
        raise UsageError("no such file.", place=str(predictions), remedy="Check the path.")
    made = read_predictions(predictions)
    told = Told(found.digest, set_named(which), model, limit=limit)
    begin(told, out)
    _score(found, told, made, out, alike, price, plugins, json_out=json_out)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of the first run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of the second run.")],
    limit: Annotated[int, typer.Option(min=0, help="Items to show that moved most.")] = 10,
    json_out: AsJson = False,
) -> None:
    """Compare two runs of one benchmark, item by item.

    Differences are second minus first, with 95 % intervals over resampled
    streams; p comes from a paired permutation test that flips streams.

    Example: dataclaw eval compare runs/planner runs/embedded
    """
    from dataclaw.evals.compare import compare as compared

    found = compared(first, second)
    if json_out:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _print_comparison(found, limit)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="OUT...", help="Folders of scored runs.")],
    html: Annotated[Path, typer.Option(help="Page to write; its charts are written beside it.")] = Path("eval.html"),
) -> None:
    """Write one page about runs: tables and charts, by domain, task and difficulty.

    Example: dataclaw eval report runs/planner runs/embedded --html eval.html
    """
    from dataclaw.evals.report import write_report

    typer.echo(f"report: {write_report(runs, html)}")


def _predictions(bench: Bench, told: Told, studio: Studio, out: Path, batch: int) -> list[Prediction]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from dataclaw.evals.predict import predict

    columns = (TextColumn("items"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    made: list[Prediction] = []
    text = TextColumn("{task.fields[text]}")
    with Progress(*columns, text, console=Console(stderr=True), transient=True) as progress:
        total = len(bench.items(told.set)[: told.limit])
        bar = progress.add_task("", total=total, text="")
        for item, one in predict(bench, told, studio, out, batch=batch):
            made.append(one)
            accepted = sum(bool(one.accepted) for one in made)
            progress.update(bar, advance=1, text=f"{accepted} accepted; {item.id[:48]}")
    return made


def _score(
    bench: Bench,
    told: Told,
    made: Sequence[Prediction],
    out: Path,
    alike: Similarity,
    price: Price | None,
    plugins: Path | None,
    *,
    json_out: bool,
) -> None:
    from dataclaw.agent.studio import domains_of
    from dataclaw.config import RunConfig
    from dataclaw.evals.val import score_run, summarise, write_scores

    domains = domains_of(RunConfig(intent="benchmark"), plugins)
    rows, names = score_run(bench, told, made, domains, alike)
    summary = summarise(told, rows, names, alike.name, price)
    write_scores(out, rows, summary)
    for line in names.told():
        typer.secho(line, fg="yellow", err=True)
    if json_out:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print(summary, out)
    if names.missing or names.unknown or names.extra:
        raise typer.Exit(1)


def _print(summary: Mapping[str, Any], out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from dataclaw.evals.val import EFFORT, KNOWN, TERMS

    console = Console()
    terms = TERMS[summary["set"]][1:]
    overall = summary["overall"]
    effort = [key for key in (*EFFORT, *KNOWN) if key in overall["effort"]] if console.width >= WIDE else []
    head = ("", "n", "total", "95 %", *(SHORT.get(term, term) for term in terms), *effort)
    table = Table(*head, box=None, header_style="bold", padding=(0, 1, 0, 0))
    groups = {"overall": overall, **summary["domain"], **(summary["task"] or summary["kind"])}
    for name, group in groups.items():
        means = [_percent(group[term]) for term in ("total", *terms)]
        means.insert(1, _range(group["total"]))
        spent = [_spent(key, group["effort"].get(key)) for key in effort]
        table.add_row(name.rpartition(".")[2], str(group["n"]), *means, *spent)
    console.print(table)
    said = f"{summary['model']}; {summary['similarity'] or 'rules only'}; scores: {out}"
    console.print(said, highlight=False, soft_wrap=True)
    if "prompt" in overall["effort"]:
        console.print(_bill(summary), highlight=False, soft_wrap=True)


def _bill(summary: Mapping[str, Any]) -> str:
    """What the tokens of a run's rollouts were and what they cost, where that is known."""
    effort, names = summary["overall"]["effort"], summary["names"]
    told = f"a rollout: {effort['prompt']:,.0f} tokens read in requests, {effort['wrote']:,.0f} written"
    if "cost" not in effort:
        return told
    rollouts = summary["overall"]["n"] - len(names["missing"]) - len(names["refused"])
    return f"{told}; cost: {effort['cost']:.4g} a rollout, {effort['cost'] * rollouts:,.2f} in all"


def _spent(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if key == "cost" else f"{value:.1f}"


def _percent(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f}" if found else "-"


def _range(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['low']:.1f}..{100 * found['high']:.1f}" if found else "-"


def _interval(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f} ({100 * found['low']:.1f} to {100 * found['high']:.1f})" if found else "-"


def _print_comparison(found: Comparison, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"{found.models[1]} minus {found.models[0]}", highlight=False)
    table = Table("", "term", "n", "difference (95 %)", "p", box=None, header_style="bold")
    for group, terms in found.tests.items():
        for at, (term, test) in enumerate(terms.items()):
            if group != "overall" and term != "total":
                continue
            change = _interval(test.difference.to_json())
            table.add_row("" if at else group, term, str(test.difference.n), change, f"{test.p:.4f}")
    console.print(table)
    for title, ids in (("only in the first", found.only_first), ("only in the second", found.only_second)):
        if ids:
            console.print(f"{title}: {', '.join(ids[:10])}", highlight=False)
    for name, before, after in found.moved[:limit]:
        console.print(f"{100 * before:.1f} -> {100 * after:.1f} {name}", highlight=False, markup=False)
