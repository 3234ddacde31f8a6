"""`dataclaw domain list|show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Domains: what kinds of data can be made.", no_args_is_help=True)
Plugins = Annotated[Path | None, typer.Option(help="plugins.toml to use.")]


@app.command("list", epilog="Example: dataclaw domain list")
def list_domains(plugins: Plugins = None) -> None:
    """List the domains that are installed or named in plugins.toml."""
    from rich.console import Console
    from rich.table import Table

    from dataclaw.plugins import find_plugins, read_manifest

    table = Table("domain", "reads", "tasks", "what", "from", box=None, header_style="bold")
    for name, plugin in find_plugins(plugins).items():
        manifest = read_manifest(plugin.root)
        table.add_row(name, ", ".join(manifest.reads), str(len(manifest.tasks)), manifest.summary, plugin.origin)
    Console().print(table)


@app.command(epilog="Example: dataclaw domain show gui")
def show(
    name: Annotated[str, typer.Argument(help="Name of a domain, or path of a plugin folder.")], plugins: Plugins = None
) -> None:
    """Show a domain: tasks, intent templates, draft forms, rules and weights."""
    from rich.console import Console
    from rich.tree import Tree

    from dataclaw.plugins import load_domain
    from dataclaw.schema import outline

    domain = load_domain(name, registry=plugins)
    terms = ", ".join(f"{term} {weight:g}" for term, weight in domain.manifest.terms.items())
    tree = Tree(f"[bold]{domain.name}[/] {domain.manifest.version}: {domain.manifest.summary} ({domain.origin})")
    tree.add(f"reads {', '.join(domain.manifest.reads)}; terms {terms}")
    for task in domain.tasks.values():
        branch = tree.add(f"[bold cyan]{task.name}[/]: {task.manifest.summary}")
        branch.add(f"policy plan: {'yes' if task.plan else 'no'}; tools: {', '.join(task.tools)}, submit")
        intents = branch.add(f"{len(task.manifest.intents)} intents")
        for intent in task.manifest.intents:
            intents.add(intent, style="italic")
        rules = branch.add("rules")
        for use in task.manifest.rules:
            gate = " [red]gate[/]" if use.gate else ""
            rules.add(f"{use.rule} ({use.term}, weight {use.weight:g}, passes at {use.pass_at:g}){gate}")
        branch.add("draft").add(outline(task.schema), highlight=True)
    Console().print(tree)
