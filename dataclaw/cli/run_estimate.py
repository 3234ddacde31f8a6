"""What `dataclaw run --dry-run` prints: what a run would take and cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.cli.run_console import say, shorten
from dataclaw.errors import count_of
from dataclaw.run.estimate import StreamEstimate, estimate
from dataclaw.run.prepare import Setup
from dataclaw.run.run import sources_at
from dataclaw.types import Usage


def print_estimate(setup: Setup, paths: Sequence[str], *, as_json: bool) -> None:
    """Print what a run would take and cost."""
    left_out: list[str] = []
    sources = sources_at(paths, setup.loaders, left_out=left_out)
    watched = Console(stderr=True)
    with watched.status("rehearsing") as status:
        rows = estimate(setup, sources, lambda source: status.update(f"rehearsing {safe_markup(Path(source).name)}"))
    for line in (*left_out, *(setup.warnings if as_json else ())):
        typer.echo(plain(line), err=True)
    if as_json:
        typer.echo(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    _print_rows(rows)
    for domain, one in {row.domain: row.decides for row in rows if row.decides}.items():
        say(Console(), safe_markup(f"{domain}: {one['policy']} decides ({one['why']})"))
    for line in setup.warnings:
        say(Console(), f"[yellow]{safe_markup(line)}[/]")
    count = sum(row.rehearsed for row in rows)
    others = "" if count == len(rows) else ", the others are taken to be like those of their task"
    say(Console(), f"{count_of(count, 'stream')} rehearsed{others}. No model was asked, nothing was written.")
    if setup.remote:
        say(Console(), "A model that looks further than the task's plan takes more; --max-cost stops it.")


def _print_rows(rows: Sequence[StreamEstimate]) -> None:
    """By task and in all what the streams would take; those that cannot be read by name."""
    known = [row for row in rows if row.kind != "rejected"]
    tasks = {task: [row for row in known if row.task == task] for task in dict.fromkeys(row.task for row in known)}
    for task, own in (tasks | ({"in all": known} if len(tasks) > 1 else {})).items():
        say(Console(), f"[bold]{safe_markup(task)}[/]: {_sum_line(own)}")
    lost = [row for row in rows if row.kind == "rejected"]
    for row in lost[:10]:
        say(Console(), f"[yellow]rejected[/] {safe_markup(row.source)}: {safe_markup(shorten(row.task))}")
    if len(lost) > 10:
        say(Console(), f"... and {len(lost) - 10} more (--json names them all)")


def _sum_line(rows: Sequence[StreamEstimate]) -> str:
    """What streams would take, on one line."""
    used = sum((row.usage for row in rows), Usage())
    costs = [row.cost for row in rows if row.cost is not None]
    told = [count_of(len(rows), "stream"), count_of(round(sum(row.samples for row in rows)), "sample")]
    if used.requests:
        kept = f" ({used.cached:,} cached)" if used.cached else ""
        told += [count_of(used.requests, "request"), f"{used.read:,} tokens read{kept}, {used.written:,} written"]
        told += [count_of(used.images, "picture")] if used.images else []
        told += [f"cost {sum(costs):.3f}" if len(costs) == len(rows) else "cost unknown (--prices)"]
    return ", ".join([*told, f"{sum(row.seconds for row in rows):,.0f} s"])
