"""`dataclaw train convert|ship`: a trained adapter for the in-process runtime, and one that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.train.release import Standing
    from dataclaw.train.shipping import Shipment

Prompts = Annotated[int, typer.Option(min=1, help="Prompts of the proof.")]
Tokens = Annotated[int, typer.Option(min=1, help="Tokens of an answer in the proof.")]
Longest = Annotated[int, typer.Option(min=16, help="Tokens of the longest prompt of the proof.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads of the proof.")]
_PROVING = "proving on {} prompts, two bases; a CPU takes some 20 s for each"


def convert(
    adapter: Annotated[Path, typer.Argument(help="Folder of a trained adapter.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The GGUF file to write.")],
    prove: Annotated[
        Path | None, typer.Option(help="Held-out traces (validation_traces.jsonl): compare both on them.")
    ] = None,
    prompts: Prompts = 20,
    tokens: Tokens = 32,
    longest: Longest = 2048,
    threads: Threads = 1,
    run: Annotated[Path | None, typer.Option(help="Folder of the training run: write a model card, too.")] = None,
    benchmark: Annotated[
        Path | None, typer.Option(help="summary.json of `dataclaw eval run` with this adapter, for the card.")
    ] = None,
    json_out: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write a trained adapter of the embedded model as GGUF, for `adapter = ...` in plugins.toml.

    With --prove, greedy answers and log-probabilities of both are compared on held-out prompts over a float32 base;
    where they differ by more than rounding, the command fails and leaves no file. How far the base as it is served
    departs is told, too. With --run, a model card is written beside the file: data, recipe, figures, limits.

    Examples:
      dataclaw train convert runs/gui/adapter --out adapters/gui.gguf

      dataclaw train convert runs/gui/adapter --out adapters/gui.gguf --prove corpus/export/validation_traces.jsonl
    """
    from dataclaw.models.adapter_index import LARGEST
    from dataclaw.train.shipping import ProofSettings, read_benchmark, ship, write_shipped_card

    if benchmark and not run:
        raise UsageError("--benchmark is for the card.", remedy="Name the training run with --run, too.")

    measured = read_benchmark(benchmark) if benchmark else None
    trial = ProofSettings(prove, prompts, tokens, longest, threads) if prove else None
    if trial:
        typer.echo(_PROVING.format(prompts), err=True)
    shipped = ship(adapter, out, trial)
    card = write_shipped_card(shipped, run, benchmark=measured) if run else None
    if json_out:
        typer.echo(json.dumps(shipped.to_json()))
        return
    _print_shipped(shipped, card)
    if shipped.converted.size > LARGEST:
        typer.secho(f"It has more than {LARGEST / 1e6:.0f} MB; rank 8 has 4.9.", fg="yellow", err=True)


def _print_shipped(shipped: Shipment, card: Path | None) -> None:
    done = shipped.converted
    typer.echo(f"{done.file}: {done.size / 1e6:.1f} MB, rank {done.rank}, {done.layers} layers")
    for what, proof in shipped.proofs.items():
        typer.echo(
            f"on the {what} base: {proof.equal} of {proof.prompts} greedy answers equal; log-probabilities differ by"
            f" {proof.mean:.4f} on average, {proof.largest:.4f} at most ({proof.tokens} tokens)"
        )
    if card:
        typer.echo(f"{card}: model card")


def ship(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the training run.")],
    name: Annotated[str, typer.Option("--as", help="What it is called: a domain, or omni.")],
    bench_run: Annotated[Path, typer.Option(help="Its run on a pinned benchmark (eval run).")],
    planner_run: Annotated[Path, typer.Option(help="The planner's run on the same benchmark.")],
    prove: Annotated[
        Path | None, typer.Option(help="Held-out traces; those of the run's corpus where left out.")
    ] = None,
    prompts: Prompts = 20,
    tokens: Tokens = 32,
    longest: Longest = 2048,
    threads: Threads = 1,
    folder: Annotated[
        Path | None, typer.Option("--into", help="Folder of shipped adapters; the package's where left out.")
    ] = None,
    json_out: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Convert a trained adapter, prove it, write its card, and enter it among those that ship.

    Refused are adapters of another base, over 6 MB, not proven, or not
    measured on every item of their domains of a pinned benchmark. From then
    on it decides by default where it is surely above the planner.

    Example: dataclaw train ship runs/gui --as gui --bench-run runs/eval-gui --planner-run runs/planner
    """
    from dataclaw.models.adapter_index import adapters_folder, read_index
    from dataclaw.run.policy_selection import default_choice
    from dataclaw.train.release import domains_of_run, held_out_of, release
    from dataclaw.train.shipping import ProofSettings

    place, domains = folder or adapters_folder(), domains_of_run(run)
    standing = _standing(bench_run, planner_run, domains)
    trial = ProofSettings(prove or held_out_of(run), prompts, tokens, longest, threads, tuple(domains))
    typer.echo(_PROVING.format(prompts), err=True)
    shipped, card = release(run, name, place, trial, standing)
    if json_out:
        typer.echo(json.dumps(shipped.to_json()))
        return
    _print_shipped(shipped, card)
    index = read_index(place)
    for domain in standing.measured:
        choice = default_choice(domain, index)
        typer.echo(f"{domain}: {choice.name} decides by default ({choice.why})")


def _standing(bench_run: Path, planner_run: Path, domains: list[str]) -> Standing:
    from dataclaw.evals.scoring import read_summary
    from dataclaw.evals.standing import baseline, decided_by, measure_domain
    from dataclaw.train.release import Standing

    planner, summary = baseline(planner_run), read_summary(bench_run)
    asked = domains or list(planner.measured)
    how = summary["model"] + ("" if summary["constrained"] else ", free")
    return Standing(
        {domain: measure_domain(bench_run, domain, planner_run) for domain in asked},
        {domain: decided_by(summary, domain) for domain in asked},
        how,
        planner.scores,
        summary,
    )
