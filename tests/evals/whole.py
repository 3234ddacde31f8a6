"""Scored runs that look like whole ones of the pinned benchmark: every domain's items, with totals as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dataclaw.evals.pinned_benchmarks import pinned_benchmarks
from dataclaw.evals.predict import EvalRun
from dataclaw.evals.scoring import Mismatches, ScoredItem, summarise, write_scores

PINNED = pinned_benchmarks()[-1]
COUNTS = cast("dict[str, int]", cast("dict[str, Any]", PINNED.manifest["counts"])["domain"])


def whole_run(out: Path, model: str, totals: Mapping[str, float], **told: Any) -> Path:
    """A scored run whose items of a domain score its total, or 0.02 more or less; domains without one score 0."""
    terms = ("total", "gate", "field", "semantic", "sequence")
    rows = [
        ScoredItem(
            f"{domain}-{n}",
            f"{domain}-{n // 3}",
            {"domain": domain, "task": f"{domain}.any", "style": "template", "language": "en", "kind": "gui"}
            | {"difficulty": "1"},
            dict.fromkeys(terms, totals.get(domain, 0.0) + 0.02 * (n % 3 - 1)),
        )
        for domain, count in COUNTS.items()
        for n in range(count)
    ]
    said = replace(EvalRun(PINNED.digest, "val", model), **told)
    out.mkdir(parents=True, exist_ok=True)
    write_scores(out, rows[: said.limit], summarise(said, rows[: said.limit], Mismatches(), "fuzzy"))
    return out
