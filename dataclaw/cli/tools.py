"""`dataclaw tools list|call`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dataclaw.cli.options import AsJson, Plugins
from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from dataclaw.kit.tool_call import CalledTool
    from dataclaw.types import Anchor, Json

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


@app.command()
def call(
    name: Annotated[str, typer.Argument(help="Tool: a built-in one, or one that a domain brings.")],
    stream: Annotated[
        str, typer.Argument(metavar="PATH|DOMAIN:LINE", help="A stream; or a domain, and the line of a fixture of it.")
    ],
    args: Annotated[str, typer.Option(help="The tool's arguments, a JSON object.")] = "{}",
    domain: Annotated[
        str | None, typer.Option("--domain", "-d", help="Use only the tools and loaders of this domain (name or path).")
    ] = None,
    plugins: Plugins = None,
    json_out: AsJson = False,
) -> None:
    """Call a tool and show what it gives.

    First comes the text that a model reads. Below stand the anchors with their attributes, and the data. Plans and
    rules get these; a model never does.

    A fixture is looked at as its `look` says before the tool is called, as in `dataclaw domain check`.

    Examples:
      dataclaw tools call list_events examples/traces/shop_and_mail --args '{"kinds": ["hotkey"]}'

      dataclaw tools call segment_actions gui:1

      dataclaw tools call my_tool my.log --domain ./my_domain
    """
    from dataclaw.kit.tool_call import call_tool

    called = call_tool(name, stream, _arguments(args), domain=domain, registry=plugins)
    if json_out:
        typer.echo(json.dumps(called.to_json(), ensure_ascii=False, indent=2))
    else:
        _print(called)


def _arguments(text: str) -> dict[str, Json]:
    try:
        value: Json = json.loads(text)
    except ValueError as error:
        remedy = """Write an object: --args '{"page": 2}'."""
        raise UsageError(f"is no JSON: {error}.", place="--args", remedy=remedy) from None
    if not isinstance(value, dict):
        raise UsageError(f"is no JSON object: {text[:60]}.", place="--args", remedy="""Write --args '{"page": 2}'.""")
    return cast("dict[str, Json]", value)


def _print(called: CalledTool) -> None:
    from rich.console import Console

    console = Console()
    stream = called.stream
    console.print(f"[bold]{called.tool}[/] at {safe_markup(f'{stream.name} ({stream.kind}, {stream.format})')}")
    console.print("\n[bold]What a model reads[/]")
    for line in called.text.split("\n"):
        console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    if called.anchors:
        console.print("\n[bold]Anchors, for plans and rules[/]")
        console.print(_table(called.anchors))
    if called.pictures:
        shown = ", ".join(f"{p.part}{'.' if p.part else ''}f{p.frame}" for p in called.pictures)
        console.print(f"\n[bold]Pictures, for a model that sees[/]: {safe_markup(shown)}")
    if called.data:
        console.print("\n[bold]Data, for plans[/]")
        data = json.dumps(dict(called.data), ensure_ascii=False)
        console.print(plain(data), markup=False, highlight=False, soft_wrap=True)


def _table(anchors: tuple[Anchor, ...]) -> Table:
    from rich.table import Table

    table = Table("id", "kind", "start", "end", "confidence", "attributes", box=None, header_style="bold")
    for one in anchors:
        attrs = {key: value for key, value in one.attrs.items() if value not in (None, "", [], {})}
        said = json.dumps(attrs, ensure_ascii=False)
        times = (f"{one.t0:g}", f"{one.t1:g}", f"{one.confidence:g}")
        table.add_row(safe_markup(one.id), safe_markup(one.kind), *times, safe_markup(said))
    return table
