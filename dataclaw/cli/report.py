"""`dataclaw report`: one page about the data that runs made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataclaw.cli.options import Plugins


def report(
    outs: Annotated[list[Path], typer.Argument(metavar="OUT...", help="Folders of runs.")],
    html: Annotated[Path, typer.Option("--html", "-o", help="The page to write.")] = Path("dataset.html"),
    plugins: Plugins = None,
) -> None:
    """Write one HTML page about the data of runs: what is in them, how good, how different, and what they cost.

    Diversity is measured where the extra "evals" is installed; without it, the page says so.

    Examples:
      dataclaw report out

      dataclaw report out-gui out-daily --html dataset.html
    """
    from dataclaw.errors import count_of
    from dataclaw.evals.dataset.page import write_dataset_report

    found = write_dataset_report(outs, html, plugins)
    total = found.accepted + found.rejected
    typer.echo(f"{count_of(found.accepted, 'sample')} of {total} asked for, {len(found.near)} near-duplicates: {html}")
