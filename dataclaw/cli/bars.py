"""Progress bars on stderr, with a text beside them."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.corpus.packs.stream_packer import PackProgress


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar over things that are done one by one."""

    progress: Progress

    def step(self, text: str) -> None:
        """One more is done; `text` stands beside the bar."""
        self.progress.update(self.progress.task_ids[0], advance=1, text=safe_markup(text))

    def note(self, line: str) -> None:
        """Print a line above the bar."""
        self.progress.console.print(plain(line), soft_wrap=True, markup=False, highlight=False)


@contextmanager
def show_bar(total: int | None, what: str = "items", *, transient: bool = True) -> Generator[Bar]:
    """A bar over so many things, None where nobody knows how many; a transient one is gone at the end."""
    columns = (TextColumn(what), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    text = TextColumn("{task.fields[text]}")
    with Progress(*columns, text, console=Console(stderr=True), transient=transient) as progress:
        progress.add_task("", total=total, text="")
        yield Bar(progress)


def show_packing(news: Iterable[PackProgress], total: int | None, out: Path, what: str) -> None:
    """Show how a pack is written, then print what is in it.

    Args:
        news: the streams as they are packed.
        total: how many there are, None where nobody knows.
        out: folder of the pack.
        what: what is asked of the streams: "asks".
    """
    streams = asks = calls = 0
    with show_bar(total, "streams") as bar:
        for done in news:
            if done.left_out:
                bar.note(f"left out {done.key}: {done.left_out}")
            streams, asks, calls = streams + (not done.left_out), asks + done.requests, calls + done.calls
            bar.step(f"{calls} calls; {done.key[:48]}")
    size = sum(file.stat().st_size for file in out.iterdir())
    typer.echo(f"{streams} streams, {asks} {what}, {calls} calls, {size / 1e6:.1f} MB: {out}")
