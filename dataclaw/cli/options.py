"""Options that several commands share, and what these commands do alike. Light to import: `--help` needs it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dataclaw.domain import Domain

Plugins = Annotated[Path | None, typer.Option(help="plugins.toml to use.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Domains = Annotated[list[str] | None, typer.Option("--domain", "-d", help="Domains; all if left out.")]
Worlds = Annotated[list[str] | None, typer.Option("--world", help="Worlds; all of the domains if left out.")]
Processes = Annotated[int, typer.Option("--workers", "-w", min=1, help="Processes.")]
ServerUrl = Annotated[str | None, typer.Option(help="OpenAI-compatible server, e.g. vLLM.")]
PriceIn = Annotated[float | None, typer.Option(min=0, help="Price of a million tokens that the model reads.")]
PriceOut = Annotated[float | None, typer.Option(min=0, help="Price of a million tokens that the model writes.")]
PackOut = Annotated[Path, typer.Option("--out", "-o", help="Folder of the pack.")]
Likely = Annotated[bool, typer.Option(help="Compute calls that policies are likely to make, too.")]
Places = Annotated[int, typer.Option(min=0, help="With --likely: frames and spans to ask each tool about.")]
Thumbnails = Annotated[int, typer.Option("--thumbnails", min=0, max=2048, help="Longest side [px]; 0 for none.")]
ThumbnailBudget = Annotated[float, typer.Option(min=0.01, max=32, help="Thumbnails of a stream together [MB].")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first so many items (even over domains).")]


@contextmanager
def stoppable(message: str = "stopped; run it again to go on.") -> Generator[None]:
    """Turn ctrl-C into a message on stderr and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(message, err=True)
        raise typer.Exit(130) from None


def warn(line: str) -> None:
    """Print a line on stderr, in yellow; what cannot be seen in it is written out."""
    from dataclaw.cli.plain_text import plain

    typer.secho(plain(line), fg="yellow", err=True)


def all_domains(plugins: Path | None = None) -> Mapping[str, Domain]:
    """Every domain that is installed or named in plugins.toml and is not broken."""
    from dataclaw.config import RunConfig
    from dataclaw.run.prepare import prepare

    return prepare(RunConfig(intent="all"), plugins).domains
