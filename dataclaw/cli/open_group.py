"""The top command: our commands, and those that installed packages announce in the entry point group below."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from dataclaw.cli.options import warn
from dataclaw.doors import entries_of, load_entry, package_of
from dataclaw.errors import PluginError

GROUP = "dataclaw.commands"


class OpenGroup(TyperGroup):
    """Finds commands of other packages by name; their code is imported when one is called, never for `--help`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands, ours first."""
        own = super().list_commands(ctx)
        others = entries_of(GROUP)
        for name in sorted(set(own) & set(others)):
            warn(f"{package_of(others[name])} announces a command {name!r}, which is one of DataClaw's: left out.")
        return [*own, *(name for name in others if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command of ours, or what `--help` says of another one."""
        point = entries_of(GROUP).get(cmd_name)
        own = super().get_command(ctx, cmd_name)
        return own if own or not point else TyperCommand(cmd_name, help=f"From the package {package_of(point)}.")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was called, loaded where another package brings it."""
        point = entries_of(GROUP).get(args[0])
        if point is None or super().get_command(ctx, args[0]):
            return super().resolve_command(ctx, args)
        app = load_entry(point)
        if not isinstance(app, typer.Typer):
            message = f"command {point.name!r} is a {type(app).__name__} and no typer.Typer."
            raise PluginError(message, place=package_of(point), remedy="Announce a typer.Typer with its commands.")
        return args[0], typer.main.get_command(app), args[1:]
