"""What scored runs say about who should decide: totals by domain on a pinned benchmark, against the planner's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, cast

from dataclaw.choosing.card import ChooserGain
from dataclaw.errors import UsageError
from dataclaw.evals.compare import compare
from dataclaw.evals.pinned_benchmarks import PinnedBenchmark, pinned_benchmarks
from dataclaw.evals.scoring import SCORES, ScoredItem, read_scores, read_summary
from dataclaw.evals.stats import paired_test
from dataclaw.files import sha256_of
from dataclaw.models.adapter_index import PLANNER, Baseline, DomainScore, Mark
from dataclaw.types import Json

_REMEDY = "Run: dataclaw bench build --out bench; dataclaw eval run --bench bench --model ... --out OUT"


def baseline(run: Path) -> Baseline:
    """The planner's totals out of its run on a pinned benchmark.

    Raises:
        ConfigError: the run is not scored.
        UsageError: it is not the planner's, or not a whole run of a pinned benchmark.
    """
    summary, pinned = _read(run)
    if summary["model"] != PLANNER:
        raise UsageError(
            f"is a run of {summary['model']!r}.", place=str(run), remedy="Name one of eval run --model planner."
        )
    domains = cast("dict[str, int]", cast("dict[str, Json]", pinned.manifest["counts"])["domain"])
    return Baseline(
        benchmark=pinned.title,
        digest=pinned.digest,
        similarity=str(summary["similarity"]),
        scores=sha256_of(run / SCORES),
        dataclaw=str(summary["dataclaw"]),
        measured={domain: measure_domain(run, domain) for domain in sorted(domains)},
    )


def measure_domain(run: Path, domain: str, planner: Path | None = None) -> DomainScore:
    """A run's total in one domain.

    Args:
        run: a scored run on a pinned benchmark.
        domain: the domain; all its items must have been done.
        planner: the planner's run, to compare with on the same items.

    Raises:
        ConfigError: a run is not scored.
        UsageError: not a whole run of a pinned benchmark, or the two were not made or scored alike.
    """
    row = _whole_row(run, domain)
    test = compare(planner, run).tests[domain]["total"] if planner else None
    return DomainScore(
        items=row["n"], total=_mark(row["total"]), more=_mark(test.difference.to_json()) if test else None
    )


@dataclass(frozen=True, slots=True)
class ChooserStanding:
    """How a chooser fares against the rules on a pinned benchmark.

    Attributes:
        benchmark: what it is called.
        digest: its digest.
        weights: sha256 of the weights that chose, by domain; "" for all.
        tasks: total by both, and the paired difference, by `<domain>.<task>`.
        few: tasks with requests about fewer than `FEWEST` streams, with how many there are.
    """

    benchmark: str
    digest: str
    weights: Mapping[str, str]
    tasks: Mapping[str, ChooserGain]
    few: Mapping[str, int]


FEWEST = 6
"""Streams below which a difference cannot be told from chance at 5 %: five coins fall alike once in sixteen throws."""


def measure_chooser(run: Path, rules: Path, domains: Sequence[str] = ()) -> ChooserStanding:
    """What a trained chooser changes, task by task, on the same items.

    Requests that a task declares word by word are left out: in use the rules decide these.

    Args:
        run: the planner's scored run with the chooser, on a pinned benchmark (`eval run --model planner --choose`).
        rules: the planner's scored run with the rules.
        domains: domains to measure, all whose items must have been done; empty: all of the benchmark.

    Raises:
        ConfigError: a run is not scored.
        UsageError: they are not whole runs of the planner on one pinned benchmark, scored alike, one by rules and one
            by a trained chooser.
    """
    summary, pinned = _read(run)
    other, _ = _read(rules)
    for place, said, alone in ((run, summary, False), (rules, other, True)):
        if said["model"] != PLANNER or (said["choose"] == "rules") != alone or bool(said["choosers"]) == alone:
            raise UsageError(
                f"is a run of {said['model']!r} that {said['choose']!r} chose in.",
                place=str(place),
                remedy="Name one of eval run --model planner" + ("." if alone else " --choose RUN/chooser."),
            )
    if differing := [key for key in ("bench", "similarity", "dataclaw") if summary[key] != other[key]]:
        remedy = "Run both on one benchmark, with one release, and score them in one way."
        raise UsageError(f"the runs differ in {', '.join(differing)}.", place=f"{run}, {rules}", remedy=remedy)
    known = cast("dict[str, Any]", pinned.manifest["counts"])["domain"]
    for domain in domains or sorted(known):
        _whole_row(run, domain)
        _whole_row(rules, domain)
    before = {row.id: row for row in read_scores(rules)}
    pairs: dict[str, list[tuple[ScoredItem, ScoredItem]]] = defaultdict(list)
    for row in read_scores(run):
        if row.axes["style"] != "template" and (not domains or row.axes["domain"] in domains):
            pairs[row.axes["task"]].append((before[row.id], row))
    streams = {task: len({a.stream for a, _ in found}) for task, found in pairs.items()}
    return ChooserStanding(
        pinned.title,
        pinned.digest,
        cast("Mapping[str, str]", summary["choosers"]),
        {task: _gain(found) for task, found in sorted(pairs.items()) if streams[task] >= FEWEST},
        {task: count for task, count in sorted(streams.items()) if count < FEWEST},
    )


def _gain(pairs: Sequence[tuple[ScoredItem, ScoredItem]]) -> ChooserGain:
    by_rules, learned = ([side.scores["total"] for side in sides] for sides in zip(*pairs, strict=True))
    test = paired_test(by_rules, learned, [a.stream for a, _ in pairs])
    difference = _mark(test.difference.to_json()) if test else Mark(mean=0.0, low=0.0, high=0.0)
    return ChooserGain(
        requests=len(pairs),
        rules=round(fmean(by_rules), 4),
        learned=round(fmean(learned), 4),
        low=round(difference.low, 4),
        high=round(difference.high, 4),
    )


def _whole_row(run: Path, domain: str) -> Mapping[str, Any]:
    """What the summary of a run says of a domain.

    Raises:
        UsageError: not all its items were done.
    """
    summary, pinned = _read(run)
    counts = cast("dict[str, Any]", pinned.manifest["counts"])["domain"]
    row = cast("Mapping[str, Any]", summary["domain"].get(domain, {}))
    missing = len(summary["names"]["missing"])
    if not row or row["n"] != counts.get(domain) or missing:
        done = f"{row.get('n', 0)} of {counts.get(domain, 0)} items of {domain} were asked for, {missing} not done"
        raise UsageError(
            f"is no whole run of the benchmark: {done}.",
            place=str(run),
            remedy="Go on without --limit, and with the domain.",
        )
    return row


def decided_by(summary: Mapping[str, Any], domain: str) -> str:
    """Who decided for a domain in a run, with the hash of the adapter's numbers; "" where the run does not say."""
    return str(cast("Mapping[str, str]", summary.get("models") or {}).get(domain, ""))


def _read(run: Path) -> tuple[Mapping[str, Any], PinnedBenchmark]:
    summary = read_summary(run)
    pinned = next((one for one in pinned_benchmarks() if one.digest == summary["bench"]), None)
    if pinned is None or summary["set"] != "val":
        what = f"set {summary['set']}" if pinned else f"benchmark {str(summary['bench'])[:12]}"
        raise UsageError(f"is no run of a pinned benchmark's val ({what}).", place=str(run), remedy=_REMEDY)
    return summary, pinned


def _mark(said: Mapping[str, Any]) -> Mark:
    return Mark(mean=said["mean"], low=said["low"], high=said["high"])
