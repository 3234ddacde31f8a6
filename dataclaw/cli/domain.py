"""`dataclaw domain list|show|check|test|new`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import AsJson, Plugins
from dataclaw.cli.plain_text import first_sentence, safe_markup
from dataclaw.errors import ConfigError, count_of

if TYPE_CHECKING:
    from rich.table import Table
    from rich.tree import Tree

    from dataclaw.domain import Task
    from dataclaw.kit.report import Level, Problem, Report, TriedDraft

app = typer.Typer(help="Domains: what kinds of data can be made, and making your own.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of a domain, or path of a plugin folder.", metavar="NAME|PATH")]
PluginCode = Annotated[bool, typer.Option(help="Run code that the plugin brings.")]

_COLOURS = {"error": "red", "warning": "yellow", "explained": "green"}
_LEVELS: tuple[Level, ...] = ("error", "warning", "explained")


@app.command("list", epilog="Example: dataclaw domain list")
def list_domains(plugins: Plugins = None) -> None:
    """List the domains that are installed or named in plugins.toml."""
    from rich.console import Console
    from rich.table import Table

    from dataclaw.plugins import find_plugins, read_manifest

    table = Table("domain", "reads", "tasks", "what", "from", box=None, header_style="bold")
    for name, plugin in find_plugins(plugins).items():
        try:
            manifest = read_manifest(plugin.root)
        except ConfigError as error:  # one broken plugin must not hide the others
            table.add_row(name, "", "", f"[red]broken:[/] {safe_markup(error.message)}", safe_markup(plugin.origin))
            continue
        reads, tasks = ", ".join(manifest.reads), str(len(manifest.tasks))
        table.add_row(name, reads, tasks, safe_markup(manifest.summary), safe_markup(plugin.origin))
    Console().print(table)


@app.command(epilog="Example: dataclaw domain show gui")
def show(name: Name, plugins: Plugins = None, plugin_code: PluginCode = True) -> None:
    """Show a domain: loaders, tools, tasks, intent templates, draft forms, budgets, what plugins.toml changes.

    Each rule stands with its term, weight, pass mark, whether it is a gate, and what it judges.
    """
    from rich.console import Console
    from rich.tree import Tree

    from dataclaw.plugins import load_domain

    domain = load_domain(name, registry=plugins, code=plugin_code)
    manifest = domain.manifest
    terms = ", ".join(f"{term} {weight:g}" for term, weight in manifest.terms.items())
    about = safe_markup(f"{manifest.version}: {manifest.summary} ({domain.origin})")
    tree = Tree(f"[bold]{domain.name}[/] {about}")
    tree.add(safe_markup(f"reads {', '.join(manifest.reads)}; terms {terms}"))
    for loader in domain.loaders:
        said = f"{loader.name}: streams of kind {loader.kind}. {first_sentence(inspect.getdoc(loader.open) or '')}"
        _branch(tree, "loaders").add(safe_markup(said))
    tools = {name: tool for task in domain.tasks.values() for name, tool in task.tools.items()}
    for name, tool in tools.items():
        _branch(tree, "tools").add(safe_markup(f"{name}: {first_sentence(tool.doc)}"))
    changed = domain.entry.model_dump(exclude_defaults=True)
    if changed:
        tree.add(safe_markup(f"plugins.toml says {json.dumps(changed, ensure_ascii=False)}"))
    if domain.missing:
        tree.add(f"[yellow]not loaded, counts as missing: {safe_markup(', '.join(domain.missing))}[/]")
    for task in domain.tasks.values():
        _add_task(tree, task)
    Console().print(tree)


def _branch(tree: Tree, name: str) -> Tree:
    """The tree's branch of that name, made when it is first asked for."""
    return next((branch for branch in tree.children if branch.label == name), None) or tree.add(name)


def _add_task(tree: Tree, task: Task) -> None:
    from dataclaw.schema import outline

    branch = tree.add(f"[bold cyan]{task.name}[/]: {safe_markup(task.manifest.summary)}")
    branch.add(safe_markup(f"policy plan: {'yes' if task.plan else 'no'}; tools: {', '.join(task.tools)}, submit"))
    if task.look:
        calls = [f"{call.tool.name}{f' {json.dumps(call.args)}' if call.args else ''}" for call in task.look]
        branch.add(safe_markup(f"the verifier looks itself: {', '.join(calls)}"))
    branch.add("budget: " + ", ".join(f"{name} {limit:g}" for name, limit in task.budget.model_dump().items()))
    intents = branch.add(count_of(len(task.manifest.intents), "intent"))
    for intent in task.manifest.intents:
        intents.add(safe_markup(intent), style="italic")
    rules = branch.add("rules")
    for used in task.rubric.uses:
        use = used.declared
        gate = " [red]gate[/]" if use.gate else ""
        params = f" {json.dumps(use.params)}" if use.params else ""
        said = f"{use.rule} ({use.term}, weight {use.weight:g}, passes at {use.pass_at:g}){params}"
        rules.add(f"{safe_markup(said)}{gate}\n[dim]{safe_markup(first_sentence(used.rule.doc))}[/]")
    branch.add("draft").add("\n".join(map(safe_markup, outline(task.schema).split("\n"))))


@app.command(epilog="Example: dataclaw domain check ./my_domain")
def check(
    name: Name,
    plugins: Plugins = None,
    plugin_code: PluginCode = True,
    choose: Annotated[
        str | None,
        typer.Option(help="Attack what plans write when this one chooses, not the gold: learned, rules, or a folder."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List every draft that was tried, with its score.")
    ] = False,
    json_out: AsJson = False,
) -> None:
    """Check a domain: its declaration, its fixtures, and its rules under attack. Needs no model.

    Names every error at once, with file and line. Exit codes: 0 no error, 1 errors, 2 wrong usage.
    """
    from dataclaw.kit.check import check_domain

    report = check_domain(name, registry=plugins, code=plugin_code, choose=choose)
    if json_out:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        _print_report(report, verbose=verbose)
    if not report.is_sound:
        raise typer.Exit(1)


def _print_report(report: Report, *, verbose: bool) -> None:
    from rich.console import Console

    from dataclaw.cli.matrix_table import matrix_tables

    console = Console()
    for table in [_table(report.drafts)] if report.drafts and verbose else []:
        console.print(table)
        console.print()
    for part in matrix_tables(report.drafts, console.width) if report.drafts else ():
        console.print(part)
        console.print()
    for problem in report.problems:
        console.print(_line(problem), soft_wrap=True, highlight=False)
    errors, warnings, explained = (len(report.of(level)) for level in _LEVELS)
    counts = f"{count_of(errors, 'error')}, {count_of(warnings, 'warning')}, {explained} explained"
    verdict = "[green]passes[/]" if report.is_sound else "[red]fails[/]"
    if report.repeated:
        times = sorted(set(report.repeated.values()))
        often = f"{times[0]} times" if len(times) == 1 else f"{times[0]} to {times[-1]} times"
        console.print(f"{count_of(len(report.repeated), 'own rule')} judged the same drafts {often}, alike")
    console.print(f"{report.domain} {verdict}: {counts}; {report.seconds:.1f} s")


def _table(tried: tuple[TriedDraft, ...]) -> Table:
    from rich.table import Table

    table = Table("task", "line", "draft", "score", "below gold", "held by", box=None, header_style="bold")
    last: tuple[str, int] | None = None
    for row in tried:
        again = (row.task, row.line) == last
        last = (row.task, row.line)
        gold = row.draft == "gold"
        held = safe_markup(", ".join(row.held)) or ("[green]accepted[/]" if gold else "[red]accepted[/]")
        where = ("", "") if again else (row.task, str(row.line))
        table.add_row(*where, safe_markup(row.draft), f"{row.total:.3f}", "" if gold else f"{row.margin:.3f}", held)
    return table


def _line(problem: Problem) -> str:
    said = safe_markup(str(problem))
    colour = _COLOURS[problem.level]
    if problem.level == "explained":
        return f"[{colour}]explained[/] {said} ({safe_markup(problem.because)})"
    name = f" ({safe_markup(problem.name)})" if problem.level == "warning" else ""
    return f"[{colour}]{problem.level}[/] {said}{name}"


@app.command("test", epilog="Example: dataclaw domain test ./my_domain")
def play_all(name: Name, plugins: Plugins = None, json_out: AsJson = False) -> None:
    """Run every fixture through the planner, end to end, and show what it hands in.

    Exit code 1 when one fails, or when a rule breaks on a draft: what it would have said is not known.
    """
    from rich.console import Console
    from rich.table import Table

    from dataclaw.kit.play_fixtures import play_fixtures

    rows = play_fixtures(name, registry=plugins)
    if json_out:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        table = Table("task", "line", "steps", "score", "result", box=None, header_style="bold")
        for row in rows:
            result = "[green]accepted[/]" if row["passed"] else f"[red]{safe_markup(str(row['why']))}[/]"
            score = "" if row["total"] is None else f"{row['total']:.3f}"
            table.add_row(str(row["task"]), str(row["line"]), str(row["steps"]), score, result)
        Console().print(table)
    if not rows or not all(row["passed"] for row in rows):
        raise typer.Exit(1)


@app.command(epilog="Example: dataclaw domain new my_domain --reads video")
def new(
    name: Annotated[str, typer.Argument(help="Name: lower-case letters, digits, underscores.")],
    reads: Annotated[str, typer.Option(help="Kind of streams: gui, video, ...; a new word brings a loader.")] = "gui",
    folder: Annotated[Path, typer.Option("--in", help="Where its folder is made.")] = Path(),
) -> None:
    """Make a new domain: small, working, passing its own check; to be changed into yours.

    With a kind that no loader gives yet, it brings a loader, a tool and a sample file, too.
    """
    from dataclaw.kit.new_domain import new_domain

    for path in new_domain(name, folder, reads=reads):
        typer.echo(str(path))
    root = folder / name
    place = root if root.is_absolute() else f"./{root}"
    typer.echo(f"\nTry it:    dataclaw domain check {place}")
    typer.echo(f"Name it in plugins.toml, so that runs find it:\n\n[domains.{name}]\npath = {json.dumps(str(root))}")
