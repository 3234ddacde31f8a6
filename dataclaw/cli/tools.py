"""`dataclaw tools list`."""

from __future__ import annotations

import typer

app = typer.Typer(help="Tools: what the agent can call.", no_args_is_help=True)


@app.command("list", epilog="Example: dataclaw tools list")
def list_tools() -> None:
    """List the built-in tools with their arguments."""
    from rich.console import Console
    from rich.table import Table

    from dataclaw.tools import builtin

    table = Table("tool", "arguments", "what it does", box=None, header_style="bold")
    for name, tool in sorted(builtin().items()):
        table.add_row(name, ", ".join(tool.args.model_fields), tool.doc)
    table.add_row("submit", "draft", "Hand in the draft; the rules judge it.")
    Console().print(table)
