"""The command line: parse, call, print. Heavy rooms are imported when a command needs them, never for `--help`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from dataclaw.cli import bench, corpus, doctor, domain, models, study, tools, train, world
from dataclaw.cli import eval as evaluation
from dataclaw.cli.diff import diff
from dataclaw.cli.export import export
from dataclaw.cli.mcp import mcp
from dataclaw.cli.open_group import OpenGroup
from dataclaw.cli.plain_text import plain
from dataclaw.cli.record import record
from dataclaw.cli.report import report
from dataclaw.cli.run import run
from dataclaw.cli.score import score
from dataclaw.cli.serve import serve
from dataclaw.cli.view import view
from dataclaw.cli.world import explore
from dataclaw.errors import DataClawError, UsageError
from dataclaw.version import __version__

INTERRUPTED = 130
"""Exit code of a command that ctrl-C ended."""

app = typer.Typer(
    name="dataclaw",
    cls=OpenGroup,
    help="Make training data out of raw streams: give streams and an intent, get verified samples with evidence.",
    epilog='Start with: dataclaw run --domain gui --intent "Extract the ordered UI actions with coordinates" PATH',
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, score, diff, view, report, export, explore, record, serve, mcp):
    app.command()(command)
app.add_typer(domain.app, name="domain")
app.add_typer(world.app, name="world")
app.add_typer(corpus.app, name="corpus")
app.add_typer(train.app, name="train")
app.add_typer(bench.app, name="bench")
app.add_typer(evaluation.app, name="eval")
app.add_typer(study.app, name="study")
app.add_typer(tools.app, name="tools")
app.add_typer(models.app, name="models")
app.command(epilog="Example: dataclaw doctor")(doctor.doctor)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dataclaw {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", is_eager=True, callback=_print_version
    ),
) -> None:
    pass


def main() -> None:
    """Entry point: errors become one line and an exit code (2 for usage, 130 for ctrl-C, 1 otherwise)."""
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _leave_at_once()
        raise
    except DataClawError as error:
        _stop(f"error: {error}", 2 if isinstance(error, UsageError) else 1)
    except OSError as error:
        _stop(f"error: {error}. Check the path, its permissions, and that the disk is not full.", 1)


def _leave_at_once() -> NoReturn:
    """End an interrupted command, all of which is written by now, without waiting for threads.

    An interrupt that comes while a thread pool starts a thread leaves one that the pool does not know, and that Python
    would wait for at its end for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)


def _stop(message: str, code: int) -> None:
    typer.secho(plain(message), fg="red", err=True)
    sys.exit(code)
