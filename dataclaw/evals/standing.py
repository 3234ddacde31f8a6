"""What scored runs say about who should decide: totals by domain on a pinned benchmark, against the planner's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import UsageError
from dataclaw.evals.compare import compare
from dataclaw.evals.pinned_benchmarks import PinnedBenchmark, pinned_benchmarks
from dataclaw.evals.scoring import SCORES, read_summary
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
    test = compare(planner, run).tests[domain]["total"] if planner else None
    return DomainScore(
        items=row["n"], total=_mark(row["total"]), more=_mark(test.difference.to_json()) if test else None
    )


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
