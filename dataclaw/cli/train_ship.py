"""`dataclaw train ship`: a trained and measured adapter becomes one that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.train_convert import Longest, Prompts, Threads, Tokens, line_of, tell_proof

if TYPE_CHECKING:
    from dataclaw.train.release import Standing


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
    tell_proof(prompts)
    shipped, card = release(run, name, place, trial, standing)
    if json_out:
        typer.echo(json.dumps(shipped.to_json()))
        return
    done = shipped.converted
    typer.echo(f"{done.file}: {done.size / 1e6:.1f} MB, rank {done.rank}, {done.layers} layers")
    for what, proof in shipped.proofs.items():
        typer.echo(line_of(what, proof))
    typer.echo(f"{card}: model card")
    index = read_index(place)
    for domain in standing.measured:
        decider = default_choice(domain, index)
        typer.echo(f"{domain}: {decider.name} decides by default ({decider.why})")


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
