"""`dataclaw bench build|show|check|pack`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import (
    Domains,
    Likely,
    PackOut,
    Places,
    Processes,
    ThumbnailBudget,
    Thumbnails,
    Worlds,
    stoppable,
    warn,
)
from dataclaw.errors import UsageError, count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclaw.evals.build import BenchPlan, BenchResult
    from dataclaw.evals.pinned_benchmarks import Pin, PinnedBenchmark
    from dataclaw.types import Json

app = typer.Typer(
    help="Benchmarks: held-out streams, intents and references, whole or not at all.", no_args_is_help=True
)
VAL_2 = 40_000
"""Where the streams of open DataClaw-val 2 begin; those of val 1 begin at 0."""
COUNT, REQUESTS = 1000, 200
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a benchmark.")]


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")] = Path("bench"),
    count: Annotated[int | None, typer.Option(min=1, help="Items with a reference.", show_default=f"{COUNT}")] = None,
    requests: Annotated[int | None, typer.Option(min=0, help="Open requests.", show_default=f"{REQUESTS}")] = None,
    domains: Domains = None,
    names: Worlds = None,
    first_seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the first stream.", show_default=f"{VAL_2}")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Pin it by this name in the domain's package, or compare with what is pinned.")
    ] = None,
    workers: Processes = 1,
) -> None:
    """Build a benchmark from held-out streams of worlds.

    Experts who know the truth answer asks of all tasks, styles and
    difficulties in turn; drafts that every rule accepts become references.

    A build that is stopped goes on where it was. The same worlds give the
    same items, however many processes make them. Without options this is the
    open DataClaw-val 2, and every file is compared with the pinned one.

    With --name, a benchmark of your own domain is pinned in its package: the
    manifest, with the hash of every file. From then on the name is enough: the
    same is built, and other files under that name are an error.

    Examples:
      dataclaw bench build --workers 2 --out bench

      dataclaw bench build -d gui -d education --count 40 --requests 10 --out small

      dataclaw bench build -d chess --count 60 --requests 0 --name chess-1 --out bench
    """
    from dataclaw.evals.build import BenchPlan
    from dataclaw.evals.pinned_benchmarks import pin_of

    pin = pin_of(name, domains or ()) if name else None
    given = {"count": count, "requests": requests, "worlds": names, "first_seed": first_seed}
    usual = {"count": COUNT, "requests": REQUESTS, "worlds": (), "first_seed": VAL_2, **(pin.settings() if pin else {})}
    asked: dict[str, Json] = usual | {key: value for key, value in given.items() if value is not None}
    only = [pin.domain] if pin else domains or ()
    plan = BenchPlan.of(asked["count"], asked["requests"], only, asked["worlds"], asked["first_seed"])
    if pin:
        pin.check(plan.settings())
    with stoppable():
        made = _watch(plan, out, workers)
    for reason, number in made.refused.most_common(8):
        typer.echo(f"no reference, {number} x {reason[:300]}", err=True)
    for task, missing in made.short.items():
        warn(f"{task}: {count_of(missing, 'item')} short")
    typer.echo(f"{_sizes(made.items)}: {out}")
    if made.short and pin:
        raise UsageError("It is not pinned: items are short.", remedy="Ask for fewer: --count")
    if not _compare_with_pinned(out, pin) or made.short:
        raise typer.Exit(1)


def _sizes(items: Mapping[str, int]) -> str:
    return f"{count_of(items['val'], 'item')} with a reference, {count_of(items['intent'], 'open request')}"


def _compare_with_pinned(out: Path, pin: Pin | None) -> bool:
    """Say whether this is the pinned benchmark that was asked for; True also where none was.

    Under a new name it is pinned.
    """
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pinned_benchmarks import requested_benchmark

    bench = read_bench(out, check=False)
    pinned = pin.read() if pin else requested_benchmark(bench)
    if pin and pinned is None:
        typer.echo(f"pinned as {pin.name}: {pin.write(bench).digest}, {pin.file}")
        return True
    if pinned is None:
        return True
    if differs := pinned.differs(bench):
        names = ", ".join(differs[:5]) + (f" and {len(differs) - 5} more" if len(differs) > 5 else "")
        warn(f"This is not {pinned.name}, which was pinned: {names} are other files. {_why(pinned)}")
        return False
    typer.echo(f"This is {pinned.name}, file by file: {pinned.digest}")
    return True


def _why(pinned: PinnedBenchmark) -> str:
    if pinned.domain:
        return (
            "Its world, plans, rules or a version have changed since. Undo that, or pin this one under another --name: "
            "scores on the two do not compare."
        )
    return (
        "Pictures depend on the versions of the browser, of its fonts and of the engines; scores on this benchmark "
        "compare only with each other."
    )


@app.command(epilog="Example: dataclaw bench show bench")
def show(bench: Folder, json_out: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False) -> None:
    """Say what is in a benchmark, after comparing every file with its manifest."""
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pinned_benchmarks import name_of

    found = read_bench(bench)
    if json_out:
        typer.echo(json.dumps(found.manifest, ensure_ascii=False))
        return
    typer.echo(f"{_sizes(found.manifest['items'])}, {count_of(found.manifest['streams'], 'stream')}")
    typer.echo(f"digest over all files: {found.digest} ({name_of(found.digest) or 'not a pinned benchmark'})")
    _print_counts(found.manifest["counts"])


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
        warn(line)
    if found.lines():
        raise typer.Exit(1)
    typer.echo(f"nothing is in both: {count_of(found.samples, 'sample')} looked at")


@app.command()
def pack(
    bench: Annotated[Path, typer.Option("--bench", "-b", help="Folder of a benchmark.")] = Path("bench"),
    out: PackOut = Path("bench_pack"),
    domains: Domains = None,
    likely: Likely = False,
    places: Places = 4,
    side: Thumbnails = 0,
    budget: ThumbnailBudget = 0.05,
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
    from dataclaw.cli.bars import show_packing
    from dataclaw.corpus.packs.stream_packer import Packing
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.pack import pack_bench, scenes_of

    found = read_bench(bench)
    packing = Packing(
        domains or (), planner=True, likely=likely, places=places, side=side, picture_bytes=round(budget * 1e6)
    )
    with stoppable():
        total = len(scenes_of(found, packing.domains))
        show_packing(pack_bench(found, out, packing), total, out, "items and requests")


def _print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("by", "", "items", box=None, header_style="bold")
    for axis, numbers in counts.items():
        for at, (name, number) in enumerate(numbers.items()):
            table.add_row("" if at else axis, name, str(number))
    Console().print(table)


def _watch(plan: BenchPlan, out: Path, workers: int) -> BenchResult:
    from dataclaw.cli.bars import show_bar
    from dataclaw.evals.build import BenchResult, make_bench

    accepted = refused = 0
    made = BenchResult()
    with show_bar(None, "streams") as bar:
        for news in make_bench(plan, out, workers=workers):
            if isinstance(news, BenchResult):
                made = news
                continue
            accepted, refused = accepted + news.accepted, refused + news.refused
            bar.step(f"{accepted} asks answered, {refused} not")
            if news.failure:
                bar.note(f"no stream {news.spec}: {news.failure}")
    return made
