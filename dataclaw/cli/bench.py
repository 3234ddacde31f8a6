"""`dataclaw bench build|show|check|pack`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclaw.evals.build import BenchPlan, BenchResult

app = typer.Typer(
    help="Benchmarks: held-out streams, intents and references, whole or not at all.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a benchmark.")]


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")] = Path("bench"),
    count: Annotated[int, typer.Option(min=1, help="Items with a reference.")] = 1000,
    requests: Annotated[int, typer.Option(min=0, help="Open requests.")] = 200,
    domains: Annotated[list[str] | None, typer.Option("--domain", "-d", help="Domains; all if left out.")] = None,
    names: Annotated[list[str] | None, typer.Option("--world", help="Worlds; all of the domains if left out.")] = None,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first stream.")] = 0,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, help="Processes.")] = 1,
) -> None:
    """Build a benchmark from held-out streams of worlds.

    Experts who know the truth answer asks of all tasks, styles and
    difficulties in turn; drafts that every rule accepts become references.

    A build that is stopped goes on where it was. The same worlds give the
    same items, however many processes make them. Without options this is the
    open DataClaw-val, and every file is compared with the pinned one.

    Examples:
      dataclaw bench build --workers 2 --out bench

      dataclaw bench build -d gui -d education --count 40 --requests 10 --out small
    """
    from dataclaw.evals.build import BenchPlan

    plan = BenchPlan.of(count, requests, domains or (), names or (), first_seed)
    try:
        made = _watch(plan, out, workers)
    except KeyboardInterrupt:
        typer.echo("stopped; run it again to go on.", err=True)
        raise typer.Exit(130) from None
    for reason, number in made.refused.most_common(8):
        typer.echo(f"no reference, {number} x {reason[:300]}", err=True)
    for task, missing in made.short.items():
        typer.secho(f"{task}: {missing} item(s) short", fg="yellow", err=True)
    typer.echo(f"{made.items['val']} items with a reference, {made.items['intent']} open requests: {out}")
    same = _compare_with_pinned(out)
    if made.short or not same:
        raise typer.Exit(1)


def _compare_with_pinned(out: Path) -> bool:
    """Say whether this is the pinned benchmark that was asked for; True also where none was."""
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pinned_benchmarks import requested_benchmark

    bench = read_bench(out, check=False)
    meant = requested_benchmark(bench)
    if meant is None:
        return True
    if differs := meant.differs(bench):
        told = ", ".join(differs[:5]) + (f" and {len(differs) - 5} more" if len(differs) > 5 else "")
        typer.secho(
            f"This is not {meant.name}, which was pinned: {told} are other files. Pictures depend on the versions of "
            "the browser, of its fonts and of the engines; scores on this benchmark compare only with each other.",
            fg="yellow", err=True,
        )  # fmt: skip
        return False
    typer.echo(f"This is {meant.name}, file by file: {meant.digest}")
    return True


@app.command(epilog="Example: dataclaw bench show bench")
def show(bench: Folder, json_out: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False) -> None:
    """Say what is in a benchmark, after comparing every file with its manifest."""
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pinned_benchmarks import name_of

    found = read_bench(bench)
    if json_out:
        typer.echo(json.dumps(found.manifest, ensure_ascii=False))
        return
    items, streams = found.manifest["items"], found.manifest["streams"]
    typer.echo(f"{items['val']} items with a reference, {items['intent']} open requests, {streams} streams")
    typer.echo(f"digest over all files: {found.digest} ({name_of(found.digest) or 'not a pinned benchmark'})")
    _counts(found.manifest["counts"])


@app.command(epilog="Example: dataclaw bench check bench --corpus corpus")
def check(
    bench: Folder,
    corpus: Annotated[Path, typer.Option(help="Folder of a corpus that models are trained on.")],
    near: Annotated[float, typer.Option(min=0.1, max=1, help="Share of word runs that makes texts the same.")] = 0.8,
) -> None:
    """Look for what a benchmark and a corpus have in common; nothing may be.

    Streams, sources, templates and intents must differ, and no text may be
    nearly another's. Exit code 1 where something is in both.
    """
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.leaks import find_leaks

    found = find_leaks(read_bench(bench), corpus, near)
    for line in found.lines():
        typer.secho(line, fg="yellow", err=True)
    if found.lines():
        raise typer.Exit(1)
    typer.echo(f"nothing is in both: {found.samples} samples looked at")


@app.command()
def pack(
    bench: Annotated[Path, typer.Option("--bench", "-b", help="Folder of a benchmark.")] = Path("bench"),
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the pack.")] = Path("bench_pack"),
    domains: Annotated[list[str] | None, typer.Option("--domain", "-d", help="Domains; all if left out.")] = None,
    likely: Annotated[bool, typer.Option(help="Compute calls that policies are likely to make, too.")] = False,
    places: Annotated[int, typer.Option(min=0, help="With --likely: frames and spans to ask each tool about.")] = 4,
    side: Annotated[int, typer.Option("--thumbnails", min=0, max=2048, help="Longest side [px]; 0 for none.")] = 0,
    budget: Annotated[float, typer.Option(min=0.01, max=32, help="Thumbnails of a stream together [MB].")] = 0.05,
) -> None:
    """Pack a benchmark: all that a machine without media, engines or network needs to run models on it.

    The pack holds items and references to the byte, streams, and the results of
    the experts' and the planner's calls. A call that is not in it is computed
    where it needs no pictures, and otherwise fails as "not available", which
    is counted and told beside the scores.

    Results are remembered as in every run: a pack that was stopped goes on
    quickly where it was.

    Examples:
      dataclaw bench pack --bench bench --out bench_pack

      dataclaw eval run --bench bench_pack --model planner --out runs/planner
    """
    from dataclaw.cli.eval_tables import progress
    from dataclaw.corpus.packs.stream_packer import Packing
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pack import pack_bench, scenes_of

    found = read_bench(bench)
    packing = Packing(
        domains or (), planner=True, likely=likely, places=places, side=side, picture_bytes=round(budget * 1e6)
    )
    asks = calls = streams = 0
    try:
        with progress(len(scenes_of(found, packing.domains))) as (bar, task):
            for done in pack_bench(found, out, packing):
                if done.left_out:
                    bar.console.print(f"left out {done.key}: {done.left_out}", soft_wrap=True, markup=False)
                asks, calls, streams = asks + done.requests, calls + done.calls, streams + (not done.left_out)
                bar.update(task, advance=1, text=f"{calls} calls; {done.key[:48]}")
    except KeyboardInterrupt:
        typer.echo("stopped; run it again to go on.", err=True)
        raise typer.Exit(130) from None
    size = sum(file.stat().st_size for file in out.iterdir())
    typer.echo(f"{streams} streams, {asks} items and requests, {calls} calls, {size / 1e6:.1f} MB: {out}")


def _counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("by", "", "items", box=None, header_style="bold")
    for axis, numbers in counts.items():
        for at, (name, number) in enumerate(numbers.items()):
            table.add_row("" if at else axis, name, str(number))
    Console().print(table)


def _watch(plan: BenchPlan, out: Path, workers: int) -> BenchResult:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from dataclaw.evals.build import BenchResult, make_bench

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    specs = accepted = refused = 0
    made = BenchResult()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=None)
        for news in make_bench(plan, out, workers=workers):
            if isinstance(news, BenchResult):
                made = news
                continue
            specs, accepted, refused = specs + 1, accepted + news.accepted, refused + news.refused
            progress.update(bar, description=f"{specs} streams, {accepted} asks answered, {refused} not")
            if news.failure:
                progress.console.print(f"[yellow]no stream[/] {news.spec}: {escape(news.failure)}", soft_wrap=True)
    return made
