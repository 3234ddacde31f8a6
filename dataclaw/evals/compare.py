"""Two runs of one benchmark against each other, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import UsageError
from dataclaw.evals.judging import mark_tests
from dataclaw.evals.scoring import TERMS, ScoredItem, read_scores, read_summary
from dataclaw.evals.stats import PairedTest, paired_test
from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class EvalComparison:
    """What a second run changed.

    Attributes:
        models: of the first and the second run.
        tests: by group ("overall", then domains) and by term: the second minus the first.
        only_first: items that only the first run has.
        only_second: items that only the second run has.
        moved: `(item, first total, second total)`, largest difference first.
        judges: by judge that rated both, and by mark (1..5): the second minus the first.
    """

    models: tuple[str, str]
    tests: dict[str, dict[str, PairedTest]]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    moved: tuple[tuple[str, float, float], ...]
    judges: dict[str, dict[str, PairedTest]]

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        tests, judges = (
            {group: {name: test.to_json() for name, test in terms.items()} for group, terms in found.items()}
            for found in (self.tests, self.judges)
        )
        return {
            "models": list(self.models),
            "tests": tests,
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "moved": [list(row) for row in self.moved],
            "judges": judges,
        }


def compare(first: Path, second: Path) -> EvalComparison:
    """Compare two scored runs.

    Raises:
        ConfigError: one of them is not scored.
        UsageError: they are not of the same benchmark and set, or were not scored in the same way.
    """
    told = [read_summary(path) for path in (first, second)]
    different = [key for key in ("bench", "set", "similarity") if told[0][key] != told[1][key]]
    if different:
        raise UsageError(f"the runs differ in {', '.join(different)}.", place=f"{first}, {second}",
                         remedy="Compare runs of one benchmark, scored in one way.")  # fmt: skip
    rows = [{row.id: row for row in read_scores(path)} for path in (first, second)]
    shared = [name for name in rows[0] if name in rows[1]]
    pairs = [(rows[0][name], rows[1][name]) for name in shared]
    moved = [(a.id, a.scores["total"], b.scores["total"]) for a, b in pairs if a.scores["total"] != b.scores["total"]]
    return EvalComparison(
        (told[0]["model"], told[1]["model"]),
        grouped_tests(TERMS[told[0]["set"]], pairs),
        tuple(name for name in rows[0] if name not in rows[1]),
        tuple(name for name in rows[1] if name not in rows[0]),
        tuple(sorted(moved, key=lambda row: -abs(row[2] - row[1]))),
        mark_tests(first, second, {a.id: a.stream for a, _ in pairs}),
    )


def grouped_tests(
    terms: Sequence[str], pairs: Sequence[tuple[ScoredItem, ScoredItem]], axes: Sequence[str] = ("domain",)
) -> dict[str, dict[str, PairedTest]]:
    """The second rows minus the first by group ("overall", then every value of each axis in order), and by term.

    Args:
        terms: scores to test.
        pairs: rows of one item each.
        axes: what rows are grouped by, besides all together.
    """
    groups = {"overall": list(pairs)}
    for axis in axes:
        for value in sorted({a.axes[axis] for a, _ in pairs}):
            groups[value] = [pair for pair in pairs if pair[0].axes[axis] == value]
    return {name: _tests(terms, group) for name, group in groups.items()}


def _tests(terms: Sequence[str], pairs: Sequence[tuple[ScoredItem, ScoredItem]]) -> dict[str, PairedTest]:
    found: dict[str, PairedTest] = {}
    for name in terms:
        known = [(a, b) for a, b in pairs if name in a.scores and name in b.scores]
        one = paired_test(
            [a.scores[name] for a, _ in known], [b.scores[name] for _, b in known], [a.stream for a, _ in known]
        )
        found |= {name: one} if one else {}
    return found
