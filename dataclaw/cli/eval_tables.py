"""What `dataclaw eval` prints: tables of scores, of comparisons and of a judge's marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dataclaw.errors import count_of
from dataclaw.evals.compare import EvalComparison
from dataclaw.evals.judging import MARKS, Rating
from dataclaw.evals.lineup import Contender
from dataclaw.evals.scoring import EFFORT, KNOWN, TERMS
from dataclaw.evals.stats import Estimate
from dataclaw.models.prices import Price

WIDE = 130
"""Width of a terminal [characters] from which what rollouts took is shown too."""
SHORT = {"semantic": "sem", "sequence": "seq", "accepted": "ok", "handed_in": "drafts", "grounded": "ground"}


def print_scores(summary: Mapping[str, Any], out: Path) -> None:
    """What a run scored: overall, by domain and by task."""
    console = Console()
    terms = TERMS[summary["set"]][1:]
    overall = summary["overall"]
    effort = [key for key in (*EFFORT, *KNOWN) if key in overall["effort"]] if console.width >= WIDE else []
    head = ("", "n", "total", "95 %", *(SHORT.get(term, term) for term in terms), *effort)
    table = Table(*head, box=None, header_style="bold", padding=(0, 1, 0, 0))
    groups = {"overall": overall, **summary["domain"], **(summary["task"] or summary["kind"])}
    for name, group in groups.items():
        means = [_percent(group[term]) for term in ("total", *terms)]
        means.insert(1, _range(group["total"]))
        spent = [_effort_text(key, group["effort"].get(key)) for key in effort]
        table.add_row(name.rpartition(".")[2], str(group["n"]), *means, *spent)
    console.print(table)
    line = f"{summary['model']}; {summary['similarity'] or 'rules only'}; scores: {out}"
    console.print(line, highlight=False, soft_wrap=True)
    if summary["packed"] or summary["unavailable"]["calls"]:
        console.print(_missing(summary), highlight=False, soft_wrap=True)
    if "prompt" in overall["effort"]:
        console.print(_bill(summary), highlight=False, soft_wrap=True)
    elif summary["price"]:
        console.print("what it costs is not known: nobody says how many tokens it read.", soft_wrap=True)


def print_contenders(found: Sequence[Contender]) -> None:
    """Several models on equal terms, and what those would take that have no number."""
    console = Console()
    head = (
        "",
        "n",
        "total (95 %)",
        "against the first (95 %)",
        "p",
        "ok",
        "tokens read",
        "written",
        "s",
        "cost a sample",
    )
    table = Table(*head, box=None, header_style="bold", padding=(0, 1, 0, 0))
    for one in found:
        if not one.summary:
            continue
        overall, test = one.summary["overall"], one.against
        effort: dict[str, float] = overall["effort"]
        told = [effort.get("prompt", 0.0), effort.get("wrote", 0.0) if "prompt" in effort else 0.0]
        table.add_row(
            one.name,
            str(overall["n"]),
            _interval(overall["total"]),
            _interval(test.difference.to_json()) if test else "",
            f"{test.p:.4f}" if test else "",
            _percent(overall["accepted"]),
            *(f"{value:,.0f}" for value in told),
            f"{effort.get('seconds', 0.0):.1f}",
            "-" if one.sample is None else _money(one.sample),
        )
    if table.rows:
        console.print(table)
    for one in (one for one in found if not one.summary):
        console.print(f"{one.name} has no number: {one.why}", style="yellow", markup=False, soft_wrap=True)
        if one.remedy:
            console.print(f"  {one.remedy}", markup=False, highlight=False, soft_wrap=True)


def _missing(summary: Mapping[str, Any]) -> str:
    """How many calls a pack did not have."""
    found = summary["unavailable"]
    if not found["calls"]:
        return "from a pack, which had every call"
    tools = ", ".join(f"{tool} {count}" for tool, count in found["tools"].items())
    where = f"{found['items']} of {count_of(summary['overall']['n'], 'item')}"
    return f"from a pack, which did not have {count_of(found['calls'], 'call')} of {where}: {tools}"


def _bill(summary: Mapping[str, Any]) -> str:
    """What the tokens of a run's rollouts were and what they cost, where that is known."""
    effort, names = summary["overall"]["effort"], summary["names"]
    tokens = f"a rollout: {effort['prompt']:,.0f} tokens read in requests, {effort['wrote']:,.0f} written"
    if "cost" not in effort:
        return tokens
    rollouts = summary["overall"]["n"] - len(names["missing"]) - len(names["refused"])
    return f"{tokens}; cost: {_money(effort['cost'])} a rollout, {_money(effort['cost'] * rollouts)} in all"


def _effort_text(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return _money(value) if key == "cost" else f"{value:.1f}"


def _money(value: float) -> str:
    return f"{value:,.2f}" if value >= 1 else f"{value:.3g}"


def _percent(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f}" if found else "-"


def _range(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['low']:.1f}..{100 * found['high']:.1f}" if found else "-"


def _interval(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f} ({100 * found['low']:.1f} to {100 * found['high']:.1f})" if found else "-"


def print_comparison(found: EvalComparison, limit: int) -> None:
    """What a second run changed, with the items that moved most."""
    console = Console()
    console.print(f"{found.models[1]} minus {found.models[0]}", highlight=False)
    table = Table("", "term", "n", "difference (95 %)", "p", box=None, header_style="bold")
    for group, terms in found.tests.items():
        for at, (term, test) in enumerate(terms.items()):
            if group != "overall" and term != "total":
                continue
            change = _interval(test.difference.to_json())
            table.add_row("" if at else group, term, str(test.difference.n), change, f"{test.p:.4f}")
    for judge, marks in found.judges.items():
        for at, (mark, test) in enumerate(marks.items()):
            one = test.difference
            change = f"{one.mean:+.2f} ({one.low:+.2f} to {one.high:+.2f})"
            table.add_row("" if at else f"judge {judge}, 1..5", mark, str(one.n), change, f"{test.p:.4f}")
    console.print(table)
    for title, ids in (("only in the first", found.only_first), ("only in the second", found.only_second)):
        if ids:
            console.print(f"{title}: {', '.join(ids[:10])}", highlight=False)
    for name, before, after in found.moved[:limit]:
        console.print(f"{100 * before:.1f} -> {100 * after:.1f} {name}", highlight=False, markup=False)


def print_marks(by: str, means: Mapping[str, Estimate], ratings: Sequence[Rating], price: Price | None) -> None:
    """What a judge gave."""
    console = Console()
    table = Table("", "n", "mean of 1..5", "95 %", box=None, header_style="bold", padding=(0, 1, 0, 0))
    for mark in [name for name in MARKS if name in means]:
        one = means[mark]
        table.add_row(mark, str(one.n), f"{one.mean:.2f}", f"{one.low:.2f}..{one.high:.2f}")
    console.print(table)
    read, wrote = sum(one.read for one in ratings), sum(one.wrote for one in ratings)
    judge = f"by {by}; {read:,} tokens read, {wrote:,} written" if read else f"by {by}"
    cost = f"; cost: {_money(price.of(read, wrote))} in all" if price and read else ""
    console.print(judge + cost, highlight=False, soft_wrap=True)
