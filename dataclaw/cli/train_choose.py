"""`dataclaw train choose`: the small network that decides what a sample keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataclaw.errors import UsageError


def choose(
    corpora: Annotated[list[Path], typer.Argument(help="Corpora with their streams, or choices.jsonl files.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")] = Path("runs/chooser"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the examples.")] = 12,
    seed: Annotated[int, typer.Option(help="Of the network and the order.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Train the chooser: it imitates what experts kept, on two cores, in minutes.

    Of every sample of a corpus the plan of its task is run up to the point
    where it chooses; what the sample cites is what was wanted. A run that was
    stopped goes on from its last epoch. OUT gets choices.jsonl (the examples),
    chooser.npz (the weights) and chooser.toml (their card).

    Examples:
      dataclaw corpus build --world desk --world chores --streams 160 --out corpus

      dataclaw train choose corpus --out runs/chooser

      dataclaw run -i "only the steps for the order" trace/ --choose runs/chooser
    """
    from dataclaw.train.choice_data import EXAMPLES, read_examples, write_examples
    from dataclaw.train.choices import train_chooser

    out.mkdir(parents=True, exist_ok=True)
    files = [path for path in corpora if path.is_file()]
    if folders := [path for path in corpora if not path.is_file()]:
        file = out / EXAMPLES
        if not file.exists():
            for count in write_examples(folders, file):
                if count % 100 == 0:
                    typer.echo(f"{count} choices read", err=True)
        files.append(file)
    examples = [example for file in files for example in read_examples(file)]
    if not examples:
        raise UsageError("no choices in these corpora.", remedy="Build one of worlds whose tasks choose: desk, cuts.")
    typer.echo(f"{len(examples)} choices of {len({example.unit for example in examples})} streams")
    for epoch in train_chooser(examples, out, epochs=epochs, seed=seed, threads=threads):
        typer.echo(f"epoch {epoch.number}: loss {epoch.loss:.3f}, F1 {epoch.learned:.3f}, rules {epoch.rules:.3f}")
    typer.echo(f"chooser: {out}")
