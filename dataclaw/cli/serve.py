"""`dataclaw serve`: jobs over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dataclaw.cli.options import Plugins

TOKEN = "DATACLAW_TOKEN"  # noqa: S105 - the name of a variable
LIMITS = "Limits"
Host = Annotated[str, typer.Option(help="Address to listen at; a token is needed where it is not loopback.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")]
Home = Annotated[Path | None, typer.Option(help="Folder of jobs and uploads; by default in the user's data folder.")]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", help="A model that clients may ask for; planner and embedded by default."),
]
AtOnce = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Jobs at once.", rich_help_panel=LIMITS)]
Seconds = Annotated[float, typer.Option(min=1, help="Seconds that a job may take.", rich_help_panel=LIMITS)]
Queue = Annotated[int, typer.Option("--queue", min=1, help="Jobs that may wait.", rich_help_panel=LIMITS)]
KeepDays = Annotated[float, typer.Option(min=0.01, help="Days that finished work is kept.", rich_help_panel=LIMITS)]
MaxDisk = Annotated[float, typer.Option(min=0.001, help="Disk for all of it [GB].", rich_help_panel=LIMITS)]
PluginCode = Annotated[bool, typer.Option(help="Run code that plugins bring.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    root: Annotated[
        list[Path] | None, typer.Option(help="Folder below which clients may name streams; on loopback only.")
    ] = None,
    home: Home = None,
    model: Models = None,
    max_upload: Annotated[float, typer.Option(min=0.001, help="Largest upload [MB].", rich_help_panel=LIMITS)] = 2000.0,
    max_seconds: Seconds = 3600.0,
    jobs: AtOnce = 1,
    queue: Queue = 100,
    keep_days: KeepDays = 7.0,
    max_disk: MaxDisk = 20.0,
    plugins: Plugins = None,
    plugin_code: PluginCode = True,
) -> None:
    """Make samples for clients over HTTP: uploads, jobs, results, and chat completions as OpenAI's clients ask them.

    The description of the interface is at /openapi.json. Jobs outlive the server: it goes on with them when it starts
    again. The token is taken from DATACLAW_TOKEN; elsewhere than on loopback one is made if there is none.

    Examples:
      dataclaw serve --root recordings

      dataclaw serve --host 0.0.0.0 --port 9000 --jobs 4 --max-upload 500
    """
    from dataclaw.models.libraries import library

    for name in ("fastapi", "python_multipart", "uvicorn"):
        library(name, extra="serve", user="dataclaw serve")
    from dataclaw.errors import UsageError
    from dataclaw.serve.asking import Limits
    from dataclaw.serve.desk import default_home, open_desk
    from dataclaw.serve.guard import Access, is_loopback, serve_app
    from dataclaw.serve.http import UPLOAD_PATH, make_app

    if root and not is_loopback(host):
        raise UsageError(
            "clients name folders of this machine on loopback only.",
            place="--root",
            remedy="Leave out --host and reach the server through a tunnel, or have clients upload.",
        )
    limits = Limits(
        upload_bytes=int(max_upload * 1e6),
        job_seconds=max_seconds,
        jobs=jobs,
        queue=queue,
        keep_days=keep_days,
        disk_bytes=int(max_disk * 1e9),
        models=tuple(model) if model else Limits().models,
    )
    desk = open_desk(home or default_home("serve"), root or [], limits, plugins, plugin_code=plugin_code)
    access = Access.at(host, os.environ.get(TOKEN), larger={UPLOAD_PATH: limits.upload_bytes + 1_000_000})
    serve_app(make_app(desk), access, port, lambda address: typer.echo(f"listening at {address}"), path="/openapi.json")
