"""`dataclaw score`: judge a finished run again with other weights or rules."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import AsJson, Plugins
from dataclaw.cli.plain_text import plain
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.run.rescore import RescoredDraft


def score(
    out: Annotated[Path, typer.Argument(help="Folder of a run.")],
    weights: Annotated[
        list[str] | None, typer.Option("--weights", help="name=weight of a term or a rule; may be given several times.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="TOML with weights of terms and rules of tasks.")] = None,
    plugins: Plugins = None,
    write: Annotated[bool, typer.Option(help="Write scores.jsonl into the folder.")] = True,
    json_out: AsJson = False,
) -> None:
    """Judge the drafts of a run again without running it: rules as they are now, other weights, other rules.

    Samples stay as they are; scores.jsonl says what each draft gets, and what would now be accepted or rejected.

    A file for --rules has a table `terms` (weights), and tables `tasks."DOMAIN.TASK"` with `rules` as in domain.toml.

    Examples:
      dataclaw score out

      dataclaw score out --weights anchor=2 --weights evidence=0.5

      dataclaw score out --rules strict.toml
    """
    from dataclaw.files import write_atomic
    from dataclaw.run.rescore import Rescorer, RulesFile, read_rules, rescore

    judge = Rescorer(plugins, _weights(weights or []), read_rules(rules) if rules else RulesFile())
    found = list(rescore(out, judge))
    if write:
        lines = (json.dumps(row.to_json(), ensure_ascii=False, separators=(",", ":")) for row in found)
        write_atomic(out / "scores.jsonl", "".join(f"{line}\n" for line in lines))
    if json_out:
        typer.echo(json.dumps([row.to_json() for row in found], ensure_ascii=False))
    else:
        _print(found, out / "scores.jsonl" if write else None)


def _weights(given: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in (part for entry in given for part in entry.split(",")):
        name, sign, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign or not name.strip() or not 0 <= found.get(name.strip(), -1.0) < math.inf:
            raise UsageError(f"{text!r} is no weight.", place="--weights", remedy="Write name=number, 0 or more.")
    return found


def _print(found: Sequence[RescoredDraft], file: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("task", "drafts", "accepted", "mean reward", "moved", box=None, header_style="bold")
    for task in sorted({row.task for row in found}):
        rows = [row for row in found if row.task == task]
        accepted = f"{sum(r.before.passed for r in rows)} -> {sum(r.after.passed for r in rows)}"
        means = " -> ".join(_mean([getattr(r, side).total for r in rows]) for side in ("before", "after"))
        table.add_row(task, str(len(rows)), accepted, means, str(sum(bool(r.new_state) for r in rows)))
    console.print(table)
    console.print(_by_rule(found))
    for row in found:
        if row.new_state:
            why = "" if row.after.passed else f": {', '.join(row.after.held)}"
            console.print(plain(f"now {row.new_state}: {row.id}{why}"), markup=False, highlight=False)
    if file:
        console.print(f"scores: {file}", markup=False, highlight=False)


def _by_rule(found: Sequence[RescoredDraft]) -> object:
    from rich.table import Table

    table = Table("rule", "before", "after", box=None, header_style="bold")
    before, after = ([_values(getattr(row, side)) for row in found] for side in ("before", "after"))
    for name in dict.fromkeys(name for values in (*before, *after) for name in values):
        table.add_row(name, *(_mean([v[name] for v in side if name in v]) for side in (before, after)))
    return table


def _values(verdict: object) -> Mapping[str, float]:
    from dataclaw.rewards import Verdict

    assert isinstance(verdict, Verdict)
    return {name: score.value for name, score in verdict.scores.items() if score.value is not None}


def _mean(values: Sequence[float]) -> str:
    known = [value for value in values if not math.isnan(value)]
    return f"{sum(known) / len(known):.3f}" if known else "-"
