"""`dataclaw corpus build|export|pack`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import (
    Domains,
    Likely,
    PackOut,
    Places,
    PriceIn,
    PriceOut,
    Processes,
    ThumbnailBudget,
    Thumbnails,
    Worlds,
    stoppable,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataclaw.corpus import BuildProgress, CorpusConfig
    from dataclaw.models.prices import Price

app = typer.Typer(
    help="Corpora: validated samples and agent traces out of worlds and recordings.", no_args_is_help=True
)
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the corpus.")]
Apart = Annotated[
    list[Path] | None, typer.Option("--apart-from", help="Benchmarks; what is like their items is left out.")
]


@app.command()
def build(
    out: Out = Path("corpus"),
    config: Annotated[Path | None, typer.Option(help="TOML with the settings below.")] = None,
    domains: Domains = None,
    worlds: Worlds = None,
    paths: Annotated[list[str] | None, typer.Option("--path", help="Real recordings beside the worlds.")] = None,
    streams: Annotated[int | None, typer.Option(help="Streams a world.")] = None,
    asks: Annotated[int | None, typer.Option(help="Most asks a stream.")] = None,
    first_seed: Annotated[int | None, typer.Option(help="Seed of the first stream.")] = None,
    by: Annotated[str | None, typer.Option(help="Who writes: truth, planner, or provider:model.")] = None,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server of such a model.")] = None,
    detours: Annotated[float | None, typer.Option(help="Share of traces that go a detour.")] = None,
    media: Annotated[bool | None, typer.Option("--media", help="Cut the samples' clips and frames.")] = None,
    apart_from: Apart = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    workers: Processes = 1,
    resume: Annotated[bool, typer.Option(help="Keep what an earlier build finished.")] = True,
) -> None:
    """Build a corpus in five stages: candidates, packages, drafts, validated, export.

    By default worlds are the sources and experts who know the truth write:
    they find the evidence through the tools, and the rules judge their drafts.

    A build that is stopped goes on where it was; more streams can be added.

    Examples:
      dataclaw corpus build --streams 20 --workers 2 --out corpus

      dataclaw corpus build -d education --by openai:MODEL --streams 5
    """
    from dataclaw.corpus import read_config
    from dataclaw.models.prices import price_of

    price = price_of(price_in, price_out)
    asked = read_config(
        config,
        domains=domains,
        worlds=worlds,
        paths=paths,
        streams=streams,
        asks=asks,
        first_seed=first_seed,
        by=by,
        base_url=base_url,
        detours=detours,
        media=media,
    )
    _go(asked, out, workers, resume=resume)
    if not _export(asked, out, apart_from or [], price):
        raise typer.Exit(1)


@app.command(epilog="Example: dataclaw corpus export --out corpus")
def export(
    out: Out = Path("corpus"), apart_from: Apart = None, price_in: PriceIn = None, price_out: PriceOut = None
) -> None:
    """Write the export and the report of what is built so far."""
    from dataclaw.corpus import read_config
    from dataclaw.corpus.config import stored_settings
    from dataclaw.files import owned_folder
    from dataclaw.models.prices import price_of

    price = price_of(price_in, price_out)
    with owned_folder(out):
        _export(read_config(None, **stored_settings(out)), out, apart_from or [], price)


@app.command(epilog="Example: dataclaw corpus pack --out pack corpus")
def pack(
    corpus: Annotated[Path, typer.Argument(help="Folder of the corpus.")] = Path("corpus"),
    out: PackOut = Path("pack"),
    domains: Domains = None,
    likely: Likely = False,
    places: Places = 4,
    side: Thumbnails = 320,
    budget: ThumbnailBudget = 1.0,
) -> None:
    """Pack what a corpus exports: all that a machine needs to train, supervised and by rollouts.

    The pack is a folder of files under 50 MB each: events, series, thumbnails, asks, traces, and the results of tools.
    A call that is not in it is computed where it needs no pictures, and otherwise fails as "not available".
    """
    from dataclaw.cli.bars import show_packing
    from dataclaw.corpus.packs.corpus_packer import Packing, pack_corpus

    packing = Packing(domains or (), likely=likely, places=places, side=side, picture_bytes=round(budget * 1e6))
    show_packing(pack_corpus(corpus, out, packing), None, out, "asks")


def _go(config: CorpusConfig, out: Path, workers: int, *, resume: bool) -> None:
    from dataclaw.corpus import build as run
    from dataclaw.corpus import units
    from dataclaw.export.duplicates import NearDuplicates

    NearDuplicates(config.near)  # what the export needs is asked for before hours of work, not after them
    total = len(units(config))
    with stoppable("stopped; run it again to go on, or see: dataclaw corpus export"):
        _watch(run(config, out, workers=workers, resume=resume), total)


def _watch(news: Iterable[BuildProgress], total: int) -> None:
    from dataclaw.cli.bars import show_bar

    samples = lost = 0
    with show_bar(total, "streams", transient=False) as bar:
        for unit in news:
            samples, lost = samples + unit.samples, lost + unit.rejected
            bar.step(f"{samples} samples, {lost} asks without one")
            if unit.failure and not unit.again:
                bar.note(f"no stream {unit.unit}: {unit.failure}")


def _export(config: CorpusConfig, out: Path, apart: list[Path], price: Price | None) -> int:
    """Write export and report; how many samples there are."""
    from dataclaw.corpus.export import export
    from dataclaw.corpus.report import write_report
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.leaks import apart_from

    benches = apart_from([read_bench(folder) for folder in apart])
    numbers = write_report(config, out, export(config, out, benches), price)
    typer.echo(f"{numbers['total']} samples: {out / 'export' / 'training_samples.jsonl'}")
    typer.echo(f"agent traces: {out / 'export' / 'traces.jsonl'}")
    typer.echo(f"report: {out / 'report.md'}")
    if not numbers["total"]:
        warn(f"Nothing passed. {out / 'report.md'} says why, stream by stream.")
    return int(numbers["total"])
