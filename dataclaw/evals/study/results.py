"""What the evaluations of a study's rows say: scores averaged over seeds item by item, tests, and figures to reach."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from dataclaw.errors import ConfigError
from dataclaw.evals.compare import grouped_tests
from dataclaw.evals.scoring import TERMS, ScoredItem, read_scores, read_summary
from dataclaw.evals.series import Summary
from dataclaw.evals.stats import Estimate, PairedTest, estimate
from dataclaw.evals.study.config import StudyGoal
from dataclaw.evals.study.hack import HACKED
from dataclaw.evals.study.ledger import StageLedger, states
from dataclaw.evals.study.stages import StudyPlan
from dataclaw.strict import load_json
from dataclaw.train.record import read_metrics

SCORES = ("total", "gate", "field", "semantic", "sequence", "accepted", "handed_in")
SURE = 0.05
"""p below which a difference is called one."""


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """A row that was measured.

    Attributes:
        name: the row.
        about: what it is.
        paths: folder of each seed's evaluation.
        seeds: the scored items of each seed.
        rows: every item with the mean over the seeds of each of its scores.
        summary: of the first seed.
    """

    name: str
    about: str
    paths: Mapping[int, Path]
    seeds: Mapping[int, Sequence[ScoredItem]]
    rows: Sequence[ScoredItem]
    summary: Summary

    def estimate(self, term: str, group: str = "") -> Estimate | None:
        """The mean of a score over all items, or those of a domain or task, with its interval; 0..1."""
        return mean_of(inside(self.rows, group), term)


@dataclass(frozen=True, slots=True)
class RowComparison:
    """A pair of rows.

    Attributes:
        row: the one.
        against: what it is compared with.
        tests: `row` minus `against`, by group ("overall", domains, tasks) and by term.
    """

    row: str
    against: str
    tests: Mapping[str, Mapping[str, PairedTest]]

    def sure(self, *, worse: bool) -> list[tuple[str, str, PairedTest]]:
        """`(group, term, test)` of every difference with p below `SURE` in one direction."""
        return [
            (group, term, test)
            for group, terms in self.tests.items()
            for term, test in terms.items()
            if test.p < SURE and (test.difference.mean < 0) == worse and test.difference.mean
        ]


@dataclass(frozen=True, slots=True)
class GoalStatus:
    """A figure to be reached, with today's.

    Attributes:
        reach: what is to be reached.
        met: whether it is; None where it is not known.
        figure: today's figure, in words.
        why: why it is not known, "" where it is.
    """

    reach: StudyGoal
    met: bool | None
    figure: str
    why: str = ""


def measure_rows(plan: StudyPlan, ledger: StageLedger) -> dict[str, MeasuredRow]:
    """Every row of which the first seed was measured, in order.

    Raises:
        ConfigError: what an evaluation wrote is damaged.
    """
    found: dict[str, MeasuredRow] = {}
    state = states(plan, ledger)
    for name, row in plan.study.rows.items():
        runs = plan.runs(name)
        done = {seed: path for seed, path in runs if state[f"eval/{path.name}"] == "done"}
        if runs[0][0] in done:
            seeds = {seed: read_scores(path) for seed, path in done.items()}
            first = read_summary(done[runs[0][0]])
            found[name] = MeasuredRow(name, row.about, done, seeds, mean_rows(list(seeds.values())), first)
    return found


def mean_rows(seeds: Sequence[Sequence[ScoredItem]]) -> list[ScoredItem]:
    """Every item that all seeds have, with the mean of each score that all of them have."""
    known = [{row.id: row for row in rows} for rows in seeds]
    found: list[ScoredItem] = []
    for row in seeds[0]:
        same = [rows[row.id].scores for rows in known if row.id in rows]
        if len(same) == len(known):
            terms = [term for term in row.scores if all(term in scores for scores in same)]
            scores = {term: statistics.fmean(one[term] for one in same) for term in terms}
            found.append(ScoredItem(row.id, row.stream, row.axes, scores))
    return found


def inside(rows: Sequence[ScoredItem], group: str) -> list[ScoredItem]:
    """The rows of a domain or of a task (`domain.task`); all of them for ""."""
    return [row for row in rows if group in ("", row.axes["domain"], row.axes["task"])]


def mean_of(rows: Sequence[ScoredItem], term: str) -> Estimate | None:
    """The mean of a score with its interval, 0..1; None where no row has it."""
    known = [row for row in rows if term in row.scores]
    return estimate([row.scores[term] for row in known], [row.stream for row in known])


def compare_rows(one: MeasuredRow, other: MeasuredRow) -> RowComparison:
    """Test two rows over the items that both have."""
    before = {row.id: row for row in other.rows}
    pairs = [(before[row.id], row) for row in one.rows if row.id in before]
    return RowComparison(one.name, other.name, grouped_tests(TERMS["val"], pairs, ("domain", "task")))


def check_goals(plan: StudyPlan, ledger: StageLedger, found: Mapping[str, MeasuredRow]) -> list[GoalStatus]:
    """Every figure that is to be reached, with today's."""
    return [_check_goal(reach, plan, ledger, found) for reach in plan.study.reach]


def _check_goal(reach: StudyGoal, plan: StudyPlan, ledger: StageLedger, found: Mapping[str, MeasuredRow]) -> GoalStatus:
    if reach.elsewhere:
        return GoalStatus(reach, None, "", f"measured by `{reach.elsewhere}`")
    if reach.metric not in SCORES:
        value, unit = _figure(reach, plan, ledger, found)
        if value is None:
            return GoalStatus(reach, None, "", unit)
        return GoalStatus(reach, _within(value, reach), f"{value:,.1f} {unit}")
    missing = [name for name in (reach.row, reach.over) if name and name not in found]
    if missing:
        return GoalStatus(reach, None, "", f"{', '.join(missing)} not measured")
    groups = plan.study.domains if reach.domain == "each" else [reach.domain]
    told = [_score(reach, found, group) for group in groups]
    known = [(met, text) for met, text in told if met is not None]
    if len(known) < len(told):
        return GoalStatus(reach, None, "", "no item has such a score")
    return GoalStatus(reach, all(met for met, _ in known), "; ".join(text for _, text in known))


def _score(reach: StudyGoal, found: Mapping[str, MeasuredRow], group: str) -> tuple[bool | None, str]:
    place = f"{group} " if group else ""
    if reach.over is None:
        one = found[reach.row].estimate(reach.metric, group)
        return (_within(100 * one.mean, reach), place + span(one)) if one else (None, "")
    test = compare_rows(found[reach.row], found[reach.over]).tests.get(group or "overall", {}).get(reach.metric)
    if test is None:
        return None, ""
    sure = reach.p is None or test.p < reach.p
    return _within(100 * test.difference.mean, reach) and sure, place + change(test)


def _within(value: float, reach: StudyGoal) -> bool:
    low = float("-inf") if reach.at_least is None else reach.at_least
    return low <= value <= (float("inf") if reach.at_most is None else reach.at_most)


def _figure(
    reach: StudyGoal, plan: StudyPlan, ledger: StageLedger, found: Mapping[str, MeasuredRow]
) -> tuple[float | None, str]:
    """A figure that is no score, with its unit; None, with the reason, where it is not known."""
    if reach.metric == "hacked":
        return _hacked_share(found.get(reach.row))
    stages = [stage for row in (reach.row, *reach.also) for stage in plan.trainings(row)]
    if reach.metric == "hours":
        every = {one.name: one for stage in stages for one in (*plan.before(stage), stage)}
        if any(ledger.state(stage) != "done" for stage in every.values()):
            return None, "not all of it is trained"
        return sum(ledger.record(stage).seconds for stage in every.values()) / 3600, f"hours, {len(every)} stages"
    figures = [one for stage in stages for one in read_metrics(stage.folder)]
    speeds = [speed for one in figures if (speed := _speed(one, reach.metric)) is not None]
    unit = reach.metric.replace("_per_second", "/s")
    return (statistics.median(speeds), f"{unit}, median of {len(speeds)} steps") if speeds else (None, "not trained")


def _speed(figures: Mapping[str, Any], metric: str) -> float | None:
    return figures.get(metric, figures.get("rollout", {}).get(metric))


def _hacked_share(one: MeasuredRow | None) -> tuple[float | None, str]:
    if one is None:
        return None, "not measured"
    said = read_hack(one)
    if said is None:
        return None, f"not tried: `dataclaw study hack {next(iter(one.paths.values()))} --bench BENCH`"
    if not said["drafts"]:
        return None, "no draft earns anything"
    return 100 * said["drafts_above"] / said["drafts"], f"% of {said['drafts']} drafts"


def read_hack(one: MeasuredRow) -> dict[str, Any] | None:
    """What `study hack` found of a row's first seed, None where it was not asked.

    Raises:
        ConfigError: what is kept of it is damaged.
    """
    file = next(iter(one.paths.values())) / HACKED
    if not file.is_file():
        return None
    try:
        said = load_json(file.read_text(encoding="utf-8"))
        _Hack.model_validate(said)
    except (OSError, ValueError) as error:
        remedy = "Run it again: dataclaw study hack."
        raise ConfigError(f"damaged: {str(error)[:200]}.", place=str(file), remedy=remedy) from None
    return cast("dict[str, Any]", said)


class _Hack(BaseModel):
    """What every file of `study hack` says; it says more."""

    drafts: int
    drafts_above: int
    attacks: dict[str, dict[str, Any]]


def span(one: Estimate | None) -> str:
    """A score 0..100 with its interval."""
    return f"{100 * one.mean:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})" if one else "–"


def change(test: PairedTest) -> str:
    """A difference in points with its interval and its p."""
    one = test.difference
    return f"{100 * one.mean:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f}), p {shown_p(test.p)}"


def shown_p(p: float) -> str:
    """A p to four digits, never 0."""
    return f"{p:.4f}" if p >= 0.0001 else "< 0.0001"
