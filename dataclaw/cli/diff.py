"""`dataclaw diff`: two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.errors import count_of

if TYPE_CHECKING:
    from dataclaw.run.report.compare import RunDiff, SamplePair


def diff(
    a: Annotated[Path, typer.Argument(metavar="OUT_A", help="Folder of the first run.")],
    b: Annotated[Path, typer.Argument(metavar="OUT_B", help="Folder of the second run.")],
    limit: Annotated[int, typer.Option(min=1, help="Samples and fields to show of each kind.")] = 20,
    json_out: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare two runs: per rule, per field, and the samples that moved.

    Samples belong together when stream, task and window are the same. `->` is from the first run to the second.

    Examples:
      dataclaw diff out-planner out-model

      dataclaw diff out out-strict --json
    """
    from dataclaw.run.report.compare import compare

    found = compare(a, b)
    if json_out:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _print(found, limit)


def _print(found: RunDiff, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(_summary(found), highlight=False)
    rules = Table("rule", "first", "second", "change", "samples", box=None, header_style="bold")
    for name, (one, two, count) in found.rules.items():
        rules.add_row(name, f"{one:.3f}", f"{two:.3f}", f"{two - one:+.3f}" if two != one else "", str(count))
    fields = Table("field", "changed", "added", "removed", box=None, header_style="bold")
    for path, kinds in list(found.fields().items())[:limit]:
        fields.add_row(safe_markup(path), *(str(kinds[kind] or "") for kind in ("changed", "added", "removed")))
    for table in (rules, fields):
        if table.row_count:
            console.print(table)
    for pair in sorted(found.pairs, key=_reward_change, reverse=True)[:limit]:
        if _reward_change(pair):
            rewards = f"{pair.before:.3f} -> {pair.after:.3f}"
            console.print(plain(f"reward {rewards}: {pair.name} {pair.id}"), markup=False, highlight=False)
    for line in _moves(found, limit):
        console.print(plain(line), markup=False, highlight=False)


def _moves(found: RunDiff, limit: int) -> Iterator[str]:
    for title, rows in (("now accepted", found.accepted), ("now rejected", found.rejected)):
        for key, why in list(rows.items())[:limit]:
            yield f"{title}: {key}: {why}"
    for title, keys in (("only in the first", found.only_a), ("only in the second", found.only_b)):
        for key in keys[:limit]:
            yield f"{title}: {key}"


def _summary(found: RunDiff) -> str:
    count, same = len(found.pairs), sum(not pair.changes for pair in found.pairs)
    if not count:
        return "No sample is in both: no stream, task and window is the same."
    return f"{count_of(count, 'sample')} in both, of which {same} the same in every field."


def _reward_change(pair: SamplePair) -> float:
    if pair.before is None or pair.after is None:
        return 0.0
    return abs(pair.after - pair.before)
