"""The command line: parse, call, print. Heavy rooms are imported when a command needs them, never for `--help`."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from dataclaw.cli import bench, corpus, doctor, domain, downstream, models, study, tools, train, world
from dataclaw.cli import eval as evaluation
from dataclaw.cli.diff import diff
from dataclaw.cli.export import export
from dataclaw.cli.mcp import mcp
from dataclaw.cli.options import warn
from dataclaw.cli.plain_text import plain
from dataclaw.cli.record import record
from dataclaw.cli.report import report
from dataclaw.cli.run import run
from dataclaw.cli.score import score
from dataclaw.cli.serve import serve
from dataclaw.cli.view import view
from dataclaw.cli.world import explore
from dataclaw.doors import entries_of, load_entry, package_of
from dataclaw.errors import DataClawError, PluginError, UsageError
from dataclaw.version import __version__

INTERRUPTED, ENDED = 130, 143
"""Exit codes of a command that ctrl-C, or a request to end (SIGTERM), ended."""
COMMANDS = "dataclaw.commands"
"""The entry point group in which packages announce commands."""
COLLECTED = (50_000, 20, 100)
"""How much is made before Python looks for cycles: what a command loads lives until it ends (a tenth of its time)."""


class OpenGroup(TyperGroup):
    """Finds commands of other packages by name; their code is imported when one is called, never for `--help`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands, ours first."""
        own = super().list_commands(ctx)
        others = entries_of(COMMANDS)
        for name in sorted(set(own) & set(others)):
            warn(f"{package_of(others[name])} announces a command {name!r}, which is one of DataClaw's: left out.")
        return [*own, *(name for name in others if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command of ours, or what `--help` says of another one."""
        own = super().get_command(ctx, cmd_name)
        point = None if own else entries_of(COMMANDS).get(cmd_name)
        return TyperCommand(cmd_name, help=f"From the package {package_of(point)}.") if point else own

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was called, loaded where another package brings it."""
        point = None if super().get_command(ctx, args[0]) else entries_of(COMMANDS).get(args[0])
        if point is None:
            return super().resolve_command(ctx, args)
        app = load_entry(point)
        if not isinstance(app, typer.Typer):
            message = f"command {point.name!r} is a {type(app).__name__} and no typer.Typer."
            raise PluginError(message, place=package_of(point), remedy="Announce a typer.Typer with its commands.")
        return args[0], typer.main.get_command(app), args[1:]


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
app.add_typer(downstream.app, name="downstream")
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
    gc.set_threshold(*COLLECTED)
    try:
        app()
    except SystemExit as end:
        if end.code in (INTERRUPTED, ENDED):
            _leave_at_once(int(end.code))
        raise
    except DataClawError as error:
        _stop(f"error: {error}", 2 if isinstance(error, UsageError) else 1)
    except OSError as error:
        _stop(f"error: {error}. Check the path, its permissions, and that the disk is not full.", 1)
    finally:
        gc.freeze()  # or Python looks through everything three times more before it leaves


def _leave_at_once(code: int) -> NoReturn:
    """End an interrupted command, all of which is written by now, without waiting for threads.

    An interrupt that comes while a thread pool starts a thread leaves one that the pool does not know, and that Python
    would wait for at its end for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _stop(message: str, code: int) -> None:
    typer.secho(plain(message), fg="red", err=True)
    sys.exit(code)
