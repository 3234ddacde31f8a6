"""`dataclaw eval run|score|judge|compare|report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import (
    AsJson,
    Limit,
    Plugins,
    PriceIn,
    PriceOut,
    ServerUrl,
    all_domains,
    warn,
)
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.evals.judging import Rating

app = typer.Typer(help="Models on benchmarks: predictions, scores, comparisons, reports.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--bench", "-b", help="Folder of a benchmark, or of a pack of one.")]
Set = Annotated[str, typer.Option("--set", help="val (with references) or intent (open requests).")]
Alike = Annotated[str, typer.Option("--similarity", help="How texts are compared: minilm or fuzzy.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")]


@app.command()
def run(
    bench: Folder,
    out: Out,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="planner, embedded, hf:PATH or provider:model; else as in dataclaw run."),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option("--models", help="Several models on equal terms: a,b,c, or FILE.toml (configs/models.toml)."),
    ] = None,
    which: Set = "val",
    limit: Limit = None,
    domains: Annotated[
        list[str] | None, typer.Option("--domain", "-d", help="Only items of this domain. May be repeated.")
    ] = None,
    constrained: Annotated[
        bool, typer.Option("--constrained/--free", help="Decode under the schema where the runtime can.")
    ] = True,
    images: Annotated[bool, typer.Option(help="Show frames to a model that sees.")] = True,
    base_url: ServerUrl = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Items at once; else 1, and 8 where a server decides."),
    ] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens the model may write for an item.")] = None,
    routed: Annotated[
        bool, typer.Option("--routed", help="The router chooses domain and task of each item, as in any run.")
    ] = False,
    choose: Annotated[
        str, typer.Option(help="Who chooses what is kept: rules, learned, a trained folder, or gui=FOLDER,aigc=FOLDER.")
    ] = "rules",
    unscored: Annotated[
        bool, typer.Option("--unscored", help="Only predict; the same command without it scores, and needs no model.")
    ] = False,
    similarity: Alike = "minilm",
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: Annotated[Path | None, typer.Option(help="File of prices that come before the listed ones.")] = None,
    plugins: Annotated[Path | None, typer.Option(help="plugins.toml to use (it names adapters).")] = None,
    json_out: AsJson = False,
) -> None:
    """Let a model do a benchmark, and score it.

    Without --model, plugins.toml says who decides for which domain and with
    which adapter, else what measured best does; run.json records it.

    Predictions are kept as they come: a run that is stopped goes on where it
    was, and a higher --limit goes on from a lower one. Items that a server
    gave no answer to are left, and asked again by the same command.

    With --models each model does the same items in a folder of its own under
    --out; a table, a page and its pictures compare them, with what they cost.
    A model that cannot be asked gets no number, but what it would take.

    Examples:
      dataclaw eval run --bench bench --model planner --out runs/planner

      dataclaw eval run --bench bench -m embedded -d gui --limit 50 --out runs/gui

      dataclaw eval run --bench bench --models planner,openai:gpt-5-mini --out runs/models
    """
    from dataclaw.cli.eval_runs import Conditions, known_domains, run_all, run_one
    from dataclaw.evals.benchmark import read_bench, set_name
    from dataclaw.evals.embedding import find_similarity
    from dataclaw.evals.lineup import read_lineup
    from dataclaw.files import owned_folder
    from dataclaw.models.prices import price_of

    found, price = read_bench(bench), price_of(price_in, price_out)
    alike = None if unscored else find_similarity(similarity)
    only = known_domains(found, set_name(which), domains or [])
    conditions = Conditions(found, set_name(which), alike, only, limit, tokens, routed, choose, batch, plugins, prices)
    asked = {"base_url": base_url, "images": images, "constrained": constrained}
    if models is None:
        with owned_folder(out):
            run_one(conditions, {"model": model, **asked}, out, price, json_out=json_out)
    elif model or unscored or price:
        remedy = "Leave one of them out; prices of several models come from --prices, or stand in their file."
        raise UsageError("--models goes without --model, --unscored, --price-in and --price-out.", remedy=remedy)
    else:
        rows = read_lineup(models, asked)
        with owned_folder(out):
            run_all(conditions, rows, out, json_out=json_out)


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
    plugins: Plugins = None,
    json_out: AsJson = False,
) -> None:
    """Score predictions that were made elsewhere, or score a run again.

    A line is {"id": ..., "draft": {...}}, or "text" with what a model wrote;
    code fences are taken off. Drafts may cite what the reference cites.

    Example: dataclaw eval score --bench bench --out runs/other other.jsonl
    """
    from dataclaw.cli.eval_runs import score as score_run
    from dataclaw.cli.eval_runs import show_scores
    from dataclaw.evals.benchmark import read_bench, set_name
    from dataclaw.evals.embedding import find_similarity
    from dataclaw.evals.predict import EvalRun, begin, read_predictions
    from dataclaw.files import owned_folder
    from dataclaw.models.prices import price_of

    found, alike, price = read_bench(bench), find_similarity(similarity), price_of(price_in, price_out)
    if not predictions.is_file():
        raise UsageError("no such file.", place=str(predictions), remedy="Check the path.")
    made = read_predictions(predictions)
    spec = EvalRun(found.digest, set_name(which), model, limit=limit)
    with owned_folder(out):
        begin(spec, out)
        show_scores(score_run(found, spec, made, out, alike, price, all_domains(plugins)), out, json_out=json_out)


@app.command()
def judge(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a run.")],
    bench: Folder,
    by: Annotated[str, typer.Option("--by", help="Who rates: provider:model, or embedded.")],
    predictions: Annotated[Path | None, typer.Option(help="Where the run's predictions lie, if not in it.")] = None,
    limit: Limit = None,
    base_url: ServerUrl = None,
    constrained: Annotated[
        bool, typer.Option("--constrained/--free", help="Decode under the form of a rating where the runtime can.")
    ] = True,
    batch: Annotated[int, typer.Option(min=1, help="Drafts that the judge gets at once.")] = 1,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    plugins: Plugins = None,
    json_out: AsJson = False,
) -> None:
    """Let a model rate a run's drafts from 1 to 5, by a stated rubric.

    Marks for form, grounding, use and fit stand beside the rules' scores and
    are never mixed into them. Drafts that this judge has rated are not rated
    again.

    Example: dataclaw eval judge runs/open --bench bench --by openai:gpt-5
    """
    from dataclaw.agent.policy import make_policy
    from dataclaw.cli.bars import show_bar
    from dataclaw.cli.eval_tables import print_marks
    from dataclaw.config import ModelOptions
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.judging import mean_marks, rate, rubric
    from dataclaw.evals.scoring import read_run_predictions
    from dataclaw.files import owned_folder
    from dataclaw.models.prices import price_of

    found, price = read_bench(bench), price_of(price_in, price_out)
    items, made = read_run_predictions(out, found, predictions)
    asked = items[:limit]
    domains = all_domains(plugins)
    policy = make_policy(by, ModelOptions(base_url=base_url, images=False, constrained=constrained))
    ratings: list[Rating] = []
    try:
        with owned_folder(out), show_bar(len(asked)) as bar:
            for one in rate(found, asked, made, policy, domains, out, batch=batch):
                ratings.append(one)
                bar.step(one.id[:48])
    finally:
        policy.close()
    name = f"{policy.name} ({rubric()})"
    means = mean_marks(out, {item.id: item.scene for item in asked}).get(name, {})
    unrated = [one for one in ratings if not one.marks]
    if json_out:
        marks = {key: one.to_json() for key, one in means.items()}
        reasons = {one.id: one.why for one in unrated}
        typer.echo(json.dumps({"by": name, "marks": marks, "unrated": reasons}, ensure_ascii=False))
    else:
        print_marks(name, means, ratings, price)
    for one in unrated[:10]:
        warn(f"{one.id}: {one.why}")
    if unrated:
        warn(f"{len(unrated)} not rated; run it again to ask again.")
        raise typer.Exit(1)


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
    from dataclaw.cli.eval_tables import print_comparison
    from dataclaw.evals.compare import compare as compare_runs

    found = compare_runs(first, second)
    if json_out:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        print_comparison(found, limit)


@app.command()
def report(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="[OUT]...", help="Folders of scored runs.")] = None,
    html: Annotated[Path, typer.Option(help="Page to write; its charts are written beside it.")] = Path("eval.html"),
    bench: Annotated[
        Path | None, typer.Option("--bench", "-b", help="Folder of the benchmark: shows where the router sends items.")
    ] = None,
    base: Annotated[
        Path | None, typer.Option(help="With --bench: run to compare in diversity with streams and references.")
    ] = None,
    tailored: Annotated[Path | None, typer.Option(help="With --base: run that takes the references' place.")] = None,
    scaling: Annotated[
        list[str] | None, typer.Option(help="Runs by share of the data, [name:]0.1=OUT,1=OUT. May be repeated.")
    ] = None,
    ablation: Annotated[
        str | None, typer.Option(help="Runs by variant, all=OUT,less=OUT; others are compared with the first.")
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Write one page about runs: tables and charts, by domain, task and difficulty.

    With --bench it shows how the router fares, with --base how diverse the
    texts are, with --scaling and --ablation runs that belong together.

    Examples:
      dataclaw eval report runs/planner runs/embedded --html eval.html

      dataclaw eval report runs/planner --bench bench --base runs/planner

      dataclaw eval report --scaling 0.1=runs/a,1=runs/b --ablation all=runs/b,few=runs/a
    """
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.report import PageExtras, add_benchmark, write_report
    from dataclaw.evals.series import curve, variants

    if not (runs or scaling or ablation):
        raise UsageError("no run is named.", remedy="Name folders of runs, or --scaling or --ablation.")
    if (base and not bench) or (tailored and not base):
        raise UsageError("half of what it takes.", place="--base, --tailored",
                         remedy="--tailored needs --base, and --base needs --bench.")  # fmt: skip
    curves, ablated = [curve(text) for text in scaling or ()], variants(ablation) if ablation else []
    more = PageExtras(curves=curves, ablation=ablated)
    if bench:
        more = add_benchmark(more, read_bench(bench), all_domains(plugins), base, tailored)
    typer.echo(f"report: {write_report(runs or [], html, more)}")
