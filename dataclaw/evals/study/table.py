"""The results as Markdown: scores, tests, what got worse and what got better, seeds, and what was to be reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dataclaw.evals.diversity import Diversity
from dataclaw.evals.stats import RESAMPLES, SEED
from dataclaw.evals.study.config import StudyGoal
from dataclaw.evals.study.ledger import StageLedger, StageState
from dataclaw.evals.study.results import SURE, GoalStatus, MeasuredRow, RowComparison, change, mean_of, read_hack, span
from dataclaw.evals.study.run import command_line
from dataclaw.evals.study.stages import StudyPlan

TERMS = ("field", "semantic", "sequence", "total")
"""The columns of every table of scores, in the paper's order."""


def scores(found: Mapping[str, MeasuredRow], plan: StudyPlan, states: Mapping[str, StageState]) -> Iterator[str]:
    """All rows, those that are not measured with the state of their evaluation."""
    yield from _head("row", "items", "seeds", "gate", *TERMS, "accepted")
    for name, row in plan.study.rows.items():
        one = found.get(name)
        if one is None:
            _, path = plan.runs(name)[0]
            state = states[f"eval/{path.name}"]
            yield f"| {row.about} | not measured: {'failed' if state == 'failed' else state} |" + " |" * 7
            continue
        cells = [span(one.estimate(term)) for term in ("gate", *TERMS, "accepted")]
        cells[4] = f"**{cells[4]}**"
        yield f"| {row.about} | {len(one.rows)} | {len(one.seeds)} | {' | '.join(cells)} |"


def by_domain(found: Mapping[str, MeasuredRow], domains: Sequence[str]) -> Iterator[str]:
    """A table for each domain."""
    for domain in domains:
        yield f"\n### {domain}\n"
        yield from _head("row", *TERMS)
        for one in found.values():
            cells = [span(one.estimate(term, domain)) for term in TERMS]
            yield f"| {one.about} | {' | '.join(cells)} |"


def pairs(tests: Sequence[RowComparison], found: Mapping[str, MeasuredRow], domains: Sequence[str]) -> Iterator[str]:
    """Every pair, overall and by domain."""
    for one in tests:
        yield f"\n### {found[one.row].about} against {found[one.against].about}\n"
        yield from _head("", "items", *TERMS)
        for group in ("overall", *domains):
            known = one.tests.get(group, {})
            if known:
                cells = [change(known[term]) if term in known else "–" for term in TERMS]
                yield f"| {group} | {known['total'].difference.n} | {' | '.join(cells)} |"


def sure_changes(tests: Sequence[RowComparison], found: Mapping[str, MeasuredRow], *, worse: bool) -> Iterator[str]:
    """Every domain, task and score in which a row is surely below (or above) what it is compared with."""
    for one in tests:
        sure = one.sure(worse=worse)
        tried = sum(len(terms) for terms in one.tests.values())
        chance = SURE / 2 * tried
        yield (
            f"\n**{found[one.row].about}** against {found[one.against].about}: {len(sure)} of {tried} tests"
            f" (by chance about {chance:.0f}).\n"
        )
        for group in dict.fromkeys(group for group, _, _ in sure):
            terms = [f"{term.replace('_', ' ')} {change(test)}" for at, term, test in sure if at == group]
            yield f"- {group}: {'; '.join(terms)}"


def seeds(found: Mapping[str, MeasuredRow]) -> Iterator[str]:
    """Rows with several seeds: mean and spread of each score over them, and each seed's."""
    several = [one for one in found.values() if len(one.seeds) > 1]
    if not several:
        yield "No row has more than one seed yet."
        return
    yield from _head("row", "score", "mean", "spread", *(f"seed {seed}" for seed in several[0].seeds))
    for one in several:
        for term in TERMS:
            values = [100 * known.mean for rows in one.seeds.values() if (known := mean_of(rows, term))]
            if len(values) < len(one.seeds):
                continue  # no item has such a score
            cells = " | ".join(f"{value:.1f}" for value in values)
            mean, spread = statistics.fmean(values), statistics.stdev(values)
            yield f"| {one.about} | {term} | {mean:.1f} | {spread:.1f} | {cells} |"


def diverse(found: Mapping[str, tuple[MeasuredRow, Diversity | str]]) -> Iterator[str]:
    """Vendi scores of a row's drafts beside those of its streams and of the references."""
    known = [one for _, one in found.values() if isinstance(one, Diversity)]
    groups = list(known[0].counts) if known else []
    if known:
        yield from _head("row", "texts", *groups)
    for measured, one in found.values():
        if isinstance(one, str):
            continue
        for source, name in (("raw", "of its streams"), ("base", "of its drafts"), ("tailored", "of the references")):
            cells = [f"{one.scores[source].get(group, 0):.1f} of {one.counts.get(group, 0)}" for group in groups]
            yield f"| {measured.about} | {name} | {' | '.join(cells)} |"
    for measured, one in found.values():
        if isinstance(one, str):
            yield f"\n{measured.about}: {one}"


def attack_table(found: Mapping[str, MeasuredRow]) -> Iterator[str]:
    """Rows whose drafts were attacked: how many earn less than an attack on them, and which attacks those are."""
    known = [(one, said) for one in found.values() if (said := read_hack(one))]
    if not known:
        yield "No row's drafts were attacked yet: `dataclaw study hack RUN --bench BENCH`."
        return
    yield from _head("row", "drafts", "earn less than an attack", "accepted only by it", "attacks that earn more")
    for one, said in known:
        attacks = {name: attack for name, attack in said["attacks"].items() if attack["above"]}
        names = ", ".join(f"{name} {attack['above']}" for name, attack in attacks.items())
        gained = sum(attack["accepted"] for attack in said["attacks"].values())
        yield f"| {one.about} | {said['drafts']} | {said['drafts_above']} | {gained} | {names or 'none'} |"


def goals(found: Sequence[GoalStatus]) -> Iterator[str]:
    """What was to be reached, whether it is, and today's figure."""
    yield from _head("to be reached", "mark", "met", "today")
    for one in found:
        met = "not known" if one.met is None else "**yes**" if one.met else "**no**"
        yield f"| {one.reach.say} | {_mark(one.reach)} | {met} | {one.figure or one.why} |"


def commands(plan: StudyPlan, ledger: StageLedger, states: Mapping[str, StageState]) -> Iterator[str]:
    """Every row's commands, with the time that each took."""
    for name, row in plan.study.rows.items():
        yield f"\n{row.about} (`{name}`):\n"
        yield "```console"
        for stage in plan.stages.values():
            if stage.row == name:
                went = ledger.record(stage)
                note = (
                    f"  # {went.seconds / 60:.1f} min" if states[stage.name] == "done" else f"  # {states[stage.name]}"
                )
                yield f"$ {command_line(stage)}{note}"
        yield "```"


def statistics_note() -> str:
    """How the numbers were made."""
    return (
        f"Scores 0 to 100, in brackets 95 % of {RESAMPLES:,} means over streams drawn with replacement (seed {SEED})."
        " A row with several seeds counts with each item's mean over them, so its interval is about items; the spread"
        " over seeds stands apart. p: paired permutation test that flips whole streams, two-sided, not corrected for"
        " the number of tests."
    )


def picture(title: str, file: Path) -> str:
    """A picture that lies beside the page."""
    return f"![{title}]({file.name})"


def _mark(one: StudyGoal) -> str:
    parts = [f"≥ {one.at_least:g}"] if one.at_least is not None else []
    parts += [f"≤ {one.at_most:g}"] if one.at_most is not None else []
    parts += [f"p < {one.p:g}"] if one.p is not None else []
    return ", ".join(parts)


def _head(*columns: str) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
