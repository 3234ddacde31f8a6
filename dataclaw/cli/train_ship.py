"""`dataclaw train convert|ship`: a trained adapter for the in-process runtime, and one that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.plugins.carried import Carried
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
    name: Annotated[str, typer.Option("--as", help="What it is called: a domain, or omni for all.")],
    bench_run: Annotated[Path, typer.Option(help="Its run on a pinned benchmark (eval run).")],
    planner_run: Annotated[Path, typer.Option(help="The planner's run on the same benchmark, by rules.")],
    prove: Annotated[
        Path | None, typer.Option(help="Held-out traces; those of the run's corpus where left out.")
    ] = None,
    prompts: Prompts = 20,
    tokens: Tokens = 32,
    longest: Longest = 2048,
    threads: Threads = 1,
    folder: Annotated[
        Path | None, typer.Option("--into", help="Where it ships; where the domain's domain.toml says if left out.")
    ] = None,
    json_out: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Ship what was trained and measured: an adapter, or a chooser. From then on it decides where it is surely better.

    An adapter is converted, proven, and entered in the index of the folder,
    with its card. Refused are adapters of another base, over 6 MB, not
    proven, or not measured on every item of their domains.

    A chooser is written with a card that says, task by task, how far it is
    above the rules. It is measured by the planner's runs with it (--choose)
    and with the rules.

    The benchmark is a pinned one: of DataClaw, or an author's own. Without
    --into, files go where domain.toml says (adapters, chooser), else to the
    adapters of DataClaw.

    Examples:
      dataclaw train ship runs/gui --as gui --bench-run runs/eval-gui --planner-run runs/planner

      dataclaw train ship runs/chooser --as chess --bench-run runs/learned --planner-run runs/planner
    """
    from dataclaw.train.chooser_release import is_chooser_run

    if not is_chooser_run(run):
        proof = (prove, prompts, tokens, longest, threads)
        _ship_adapter(run, name, bench_run, planner_run, proof, folder, json_out=json_out)
    elif prove:
        raise UsageError("a chooser is not converted, so nothing is to be proven.", remedy="Leave out --prove.")
    else:
        _ship_chooser(run, name, bench_run, planner_run, folder, json_out=json_out)


def _ship_adapter(
    run: Path,
    name: str,
    bench_run: Path,
    planner_run: Path,
    proof: tuple[Path | None, int, int, int, int],
    folder: Path | None,
    *,
    json_out: bool,
) -> None:
    from dataclaw.models.adapter_index import adapters_folder, read_index
    from dataclaw.run.policy_selection import default_choice
    from dataclaw.train.release import domains_of_run, held_out_of, release
    from dataclaw.train.shipping import ProofSettings

    place, domains = folder or _folder_named_for(name, "adapters") or adapters_folder(), domains_of_run(run)
    standing = _standing(bench_run, planner_run, domains)
    prove, prompts, tokens, longest, threads = proof
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


def _ship_chooser(
    run: Path, name: str, bench_run: Path, planner_run: Path, folder: Path | None, *, json_out: bool
) -> None:
    from dataclaw.evals.standing import FEWEST, measure_chooser
    from dataclaw.models.adapter_index import OMNI
    from dataclaw.train.chooser_release import release_chooser

    carried = _folder_named_for(name, "chooser")
    place = folder or carried
    if place is None:
        line = 'Say --into FOLDER, or write chooser = "weights" into its domain.toml.'
        raise UsageError("nothing says where the chooser ships.", place=f"--as {name}", remedy=line)
    found = measure_chooser(bench_run, planner_run, [] if name == OMNI else [name])
    card = release_chooser(
        run, place, found.tasks, benchmark=found.benchmark, digest=found.digest, weights=found.weights
    )
    if json_out:
        typer.echo(json.dumps(card.model_dump()))
        return
    typer.echo(f"{place}: chooser {card.sha256[:12]}, measured on {card.benchmark}")
    for task, gain in card.tasks.items():
        typer.echo(f"{task}: {'it decides' if task in card.decided else 'rules decide'} by default: {gain}")
    for task, streams in found.few.items():
        typer.echo(f"{task}: rules decide by default: asked about {streams} streams, and at least {FEWEST} are needed")
    if name != OMNI and carried != place.resolve():
        typer.echo(f"{name}'s domain.toml does not name this folder yet (chooser = ...), so rules decide.")


def _folder_named_for(name: str, what: Carried) -> Path | None:
    """The folder that the domain of that name says it carries; None where it names none, or there is no such domain."""
    from dataclaw.plugins import find_plugins, read_manifest
    from dataclaw.plugins.carried import carried_folder

    plugin = find_plugins().get(name)
    return carried_folder(plugin.root, read_manifest(plugin.root), what) if plugin else None


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
