"""`dataclaw view`: look at runs beside their streams, and review them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import Plugins
from dataclaw.cli.serve import TOKEN
from dataclaw.errors import count_of

if TYPE_CHECKING:
    from dataclaw.serve.view.open_run import OpenRun

PORT = 8517


def view(
    runs: Annotated[list[Path], typer.Argument(metavar="OUT...", help="Folders of runs; two are compared.")],
    gold: Annotated[
        Path | None, typer.Option(help="Write what reviews accepted or edited into this file, and stop.")
    ] = None,
    streams: Annotated[
        list[Path] | None,
        typer.Option(help="Folder whose recordings may be played beside the samples; may be given several times."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at; a token is needed where it is not loopback.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = PORT,
    browse: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    plugins: Plugins = None,
) -> None:
    """Look at runs in the browser: every field beside its stream. Accept, reject, flag or edit samples.

    Reviews are kept in the run's folder, in reviews.jsonl. With --gold nothing is shown: the samples that people
    accepted or edited are written as lines of samples.jsonl, and the command for flagged streams is printed.

    Examples:
      dataclaw view out

      dataclaw view out --streams recordings

      dataclaw view out-planner out-model

      dataclaw view out --gold gold.jsonl
    """
    from dataclaw.models.libraries import library

    for name in ("starlette", "uvicorn"):
        library(name, extra="serve", user="dataclaw view")
    from dataclaw.run.rescore import Rescorer
    from dataclaw.serve.view.open_run import OpenRun, by_name
    from dataclaw.tools.cache import default_folder

    judge, cache = Rescorer(plugins), default_folder() / "view"
    opened = [OpenRun.at(run, cache, judge, streams or []) for run in runs]
    if gold:
        _write(opened, gold)
        return
    from dataclaw.serve.guard import Access, serve_app
    from dataclaw.serve.view.app import BODY_BYTES, make_app

    def announce(address: str) -> None:
        typer.echo(f"view: {address}")
        typer.echo("ctrl-C ends it.")
        if browse:
            typer.launch(address)

    access = Access.at(host, os.environ.get(TOKEN), larger={"/api/": BODY_BYTES})
    serve_app(make_app(by_name(opened)), access, port, announce)


def _write(runs: list[OpenRun], file: Path) -> None:
    from dataclaw.serve.view.gold import rerun_command, write_gold

    found = write_gold(runs, file)
    typer.echo(f"{file}: {count_of(found.accepted, 'sample')} accepted, {found.edited} edited")
    if found.outdated:
        typer.echo(f"left out: {found.outdated} that the run has written anew since they were reviewed", err=True)
    for command in filter(None, map(rerun_command, runs)):
        typer.echo(f"flagged, to run again:\n  {command}")
