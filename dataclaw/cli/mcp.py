"""`dataclaw mcp`: tools for the models of other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dataclaw.cli.options import Plugins
from dataclaw.cli.serve import TOKEN, AtOnce, Home, KeepDays, MaxDisk, Models, PluginCode, Queue, Seconds


def mcp(
    root: Annotated[
        list[Path] | None,
        typer.Option(help="Folder below which streams may be named; over standard input the current one by default."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Speak HTTP at this port (0: a free one) and not at standard input."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at; elsewhere than on loopback a token is needed.")] = (
        "127.0.0.1"
    ),
    home: Home = None,
    model: Models = None,
    max_seconds: Seconds = 3600.0,
    jobs: AtOnce = 1,
    queue: Queue = 100,
    keep_days: KeepDays = 7.0,
    max_disk: MaxDisk = 20.0,
    plugins: Plugins = None,
    plugin_code: PluginCode = True,
) -> None:
    """Give the tools of DataClaw to a program that speaks the Model Context Protocol.

    Such a program starts this command itself and talks to it over standard input and output; or it is given the address
    that is printed with --port. There the token is taken from DATACLAW_TOKEN, as with dataclaw serve.

    Examples:
      dataclaw mcp --root recordings

      dataclaw mcp --root recordings --port 8090
    """
    from dataclaw.models.libraries import library

    for name in ("uvicorn", "mcp"):
        library(name, extra="mcp", user="dataclaw mcp")
    from dataclaw.errors import UsageError
    from dataclaw.serve.asking import Limits
    from dataclaw.serve.desk import default_home, open_desk
    from dataclaw.serve.guard import Access, serve_app
    from dataclaw.serve.mcp import PATH, make_mcp_app, run_stdio

    limits = Limits(
        job_seconds=max_seconds,
        jobs=jobs,
        queue=queue,
        keep_days=keep_days,
        disk_bytes=int(max_disk * 1e9),
        models=tuple(model) if model else Limits().models,
    )
    if port is not None and not root:
        raise UsageError("no folder is given to clients.", place="--root", remedy="Name one, e.g. --root recordings.")
    desk = open_desk(home or default_home("mcp"), root or [Path()], limits, plugins, plugin_code=plugin_code)
    if port is None:
        run_stdio(desk)
        return
    access = Access.at(host, os.environ.get(TOKEN))
    serve_app(make_mcp_app(desk), access, port, lambda address: typer.echo(f"listening at {address}"), path=PATH)
