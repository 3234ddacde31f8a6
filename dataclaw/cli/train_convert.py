"""`dataclaw train convert`: a trained adapter for the in-process runtime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dataclaw.train.prove import Proof

Prompts = Annotated[int, typer.Option(min=1, help="Prompts of the proof.")]
Tokens = Annotated[int, typer.Option(min=1, help="Tokens of an answer in the proof.")]
Longest = Annotated[int, typer.Option(min=16, help="Tokens of the longest prompt of the proof.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads of the proof.")]


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
    from dataclaw.errors import UsageError
    from dataclaw.models.adapter_index import LARGEST
    from dataclaw.train.shipping import ProofSettings, read_benchmark, ship, write_shipped_card

    if benchmark and not run:
        raise UsageError("--benchmark is for the card.", remedy="Name the training run with --run, too.")

    measured = read_benchmark(benchmark) if benchmark else None
    trial = ProofSettings(prove, prompts, tokens, longest, threads) if prove else None
    if trial:
        tell_proof(prompts)
    shipped = ship(adapter, out, trial)
    card = write_shipped_card(shipped, run, benchmark=measured) if run else None
    if json_out:
        typer.echo(json.dumps(shipped.to_json()))
        return
    done = shipped.converted
    typer.echo(f"{done.file}: {done.size / 1e6:.1f} MB, rank {done.rank}, {done.layers} layers")
    for what, proof in shipped.proofs.items():
        typer.echo(line_of(what, proof))
    if card:
        typer.echo(f"{card}: model card")
    if done.size > LARGEST:
        typer.secho(f"It has more than {LARGEST / 1e6:.0f} MB; rank 8 has 4.9.", fg="yellow", err=True)


def tell_proof(prompts: int) -> None:
    """Say that something takes its time."""
    typer.echo(f"proving on {prompts} prompts, two bases; a CPU takes some 20 s for each", err=True)


def line_of(what: str, proof: Proof) -> str:
    """What a proof found, in one line."""
    return (
        f"on the {what} base: {proof.equal} of {proof.prompts} greedy answers equal; log-probabilities differ by"
        f" {proof.mean:.4f} on average, {proof.largest:.4f} at most ({proof.tokens} tokens)"
    )
