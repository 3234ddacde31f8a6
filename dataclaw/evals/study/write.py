"""Writing a study's results: `results.md`, `results.html` with its charts, and the reward curves as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.evals import charts
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.diversity import Diversity
from dataclaw.evals.report import PageExtras, add_benchmark, write_report
from dataclaw.evals.series import Curve, Variant
from dataclaw.evals.series import variants as read_variants
from dataclaw.evals.study import table
from dataclaw.evals.study.config import recipe_of
from dataclaw.evals.study.ledger import StageLedger, states
from dataclaw.evals.study.results import MeasuredRow, check_goals, compare_rows, measure_rows
from dataclaw.evals.study.stages import Stage, StudyPlan
from dataclaw.files import write_atomic
from dataclaw.train.record import read_metrics, read_run

PAGE, HTML = "results.md", "results.html"
WINDOWS = 20
"""A reward curve is smoothed over this share of its steps: 1 / 20."""


def write_results(
    plan: StudyPlan, ledger: StageLedger, bench: Benchmark | None, domains: Mapping[str, Domain]
) -> tuple[Path, Path | None]:
    """Write what is known so far; the Markdown page, and the page with charts where a row is measured.

    Args:
        plan: the study.
        ledger: how its stages went.
        bench: the benchmark, for diversity; None leaves that out.
        domains: loaded domains.

    Raises:
        UsageError: no row is measured.
        ConfigError: what an evaluation wrote is damaged.
        MissingExtraError: matplotlib is not installed.
    """
    found = measure_rows(plan, ledger)
    if not found:
        remedy = f"Run: dataclaw study run {plan.given.file} --out {plan.given.out}"
        raise UsageError("no row is measured yet.", place=str(plan.given.out), remedy=remedy)
    out = plan.given.out
    more = PageExtras(curves=_curves(plan, found), ablation=_ablation(plan, found))
    diverse = _diversities(plan, found, bench, domains)
    first = next((one for _, one in diverse.values() if isinstance(one, Diversity)), None)
    if first:
        name = next(name for name, (_, one) in diverse.items() if one is first)
        more = replace(more, diversity=first, sources={"raw": "streams", "base": name, "tailored": "references"})
    shown = [name for name in plan.study.page or found if name in found]
    html = write_report([_first(found[name]) for name in shown], out / HTML, more) if shown else None
    rewards = list(_rewards(plan, out))
    write_atomic(out / PAGE, "\n".join(_page(plan, ledger, found, diverse, rewards)) + "\n")
    return out / PAGE, html


def _page(
    plan: StudyPlan,
    ledger: StageLedger,
    found: Mapping[str, MeasuredRow],
    diverse: Mapping[str, tuple[MeasuredRow, Diversity | str]],
    rewards: Sequence[tuple[str, Path]],
) -> Iterator[str]:
    state, study, out = states(plan, ledger), plan.study, plan.given.out
    known = [pair for pair in study.compare if pair.row in found and pair.against in found]
    tests = [compare_rows(found[pair.row], found[pair.against]) for pair in known]
    yield from ["# Results", "", _about(plan, found), "", "## Scores", ""]
    yield from table.scores(found, plan, state)
    yield from ["", table.statistics_note(), "", "## To be reached", ""]
    yield from table.goals(check_goals(plan, ledger, found))
    yield from ["", "## What got worse", "", "Every domain, task and score with p < 0.05.", ""]
    yield from table.sure_changes(tests, found, worse=True)
    yield from ["", "## What got better", "", "Every domain, task and score with p < 0.05.", ""]
    yield from table.sure_changes(tests, found, worse=False)
    yield from ["", "## By domain"]
    yield from table.by_domain(found, study.domains)
    yield from ["", "## Pairs"]
    yield from table.pairs(tests, found, study.domains)
    yield from ["", "## Seeds", ""]
    yield from table.seeds(found)
    if (scaling := out / f"{Path(HTML).stem}-scaling.png").is_file() and study.scaling:
        yield from ["", "## Share of the data", "", table.picture("Total by share of the data", scaling)]
    yield from ["", "## Rewards", ""]
    yield from (f"{table.picture(title, file)}\n" for title, file in rewards)
    yield from [] if rewards else ["No row with GRPO was trained yet."]
    yield from ["", "## Attacks on drafts", ""]
    yield from table.attack_table(found)
    if diverse:
        yield from ["", "## Diversity", "", DIVERSE, ""]
        yield from table.diverse(diverse)
    yield from ["", "## How each row was made"]
    yield from table.commands(plan, ledger, state)


DIVERSE = (
    "Vendi score, the effective number of different texts, of as many: 1 where all are equal. Only items of which all"
    " three texts say something count."
)


def _about(plan: StudyPlan, found: Mapping[str, MeasuredRow]) -> str:
    first = next(iter(found.values())).summary
    limit = f", the first {plan.given.limit} items of it" if plan.given.limit else ""
    steps = f" Training stopped after {plan.given.steps} steps: this is a trial." if plan.given.steps else ""
    return (
        f"Benchmark `{first['bench'][:16]}`{limit}; texts compared by {first['similarity']}; DataClaw"
        f" {first['dataclaw']}. {_machine(plan)}{steps}{_pack_note(found)}"
    )


def _pack_note(found: Mapping[str, MeasuredRow]) -> str:
    """Which rows were measured on a pack of the benchmark, and what they asked that is not in it."""
    rows = [one for one in found.values() if one.summary.get("packed")]
    if not rows:
        return ""
    which = "All rows" if len(rows) == len(found) else ", ".join(one.about for one in rows)
    lost = [(one.about, one.summary["unavailable"]) for one in rows if one.summary["unavailable"]["calls"]]
    told = "; ".join(f"{about} {said['calls']} in {said['items']} items" for about, said in lost)
    return f" {which}: on a pack of the benchmark. Tool calls whose result it lacks: {told or 'none'}."


def _machine(plan: StudyPlan) -> str:
    """What was trained on which machines and corpora, by the records of the trainings."""
    records = [
        read_run(stage.folder)
        for stage in plan.stages.values()
        if (stage.folder / "run.json").is_file() and stage.name.startswith("train/")
    ]
    devices = sorted({f"{one['machine']['device']}, torch {one['versions']['torch']}" for one in records})
    corpora = sorted({one["corpus"]["training"]["sha256"][:12] for one in records if "training" in one["corpus"]})
    asks = sorted({one["corpus"]["prompts"]["sha256"][:12] for one in records if "prompts" in one["corpus"]})
    told = [f"Trained on {' and '.join(devices)}."] if devices else []
    told += [f"Traces `{'`, `'.join(corpora)}`."] if corpora else []
    told += [f"Rollouts of `{'`, `'.join(asks)}`."] if asks else []
    return " ".join(told)


def _first(one: MeasuredRow) -> Path:
    return next(iter(one.paths.values()))


def _curves(plan: StudyPlan, found: Mapping[str, MeasuredRow]) -> list[Curve]:
    curves: list[Curve] = []
    for title, names in plan.study.scaling.items():
        known = [
            (plan.study.rows[name].share, _first(found[name]), found[name].summary) for name in names if name in found
        ]
        curves += [Curve(title, tuple(sorted(known, key=lambda one: one[0])))] if len(known) > 1 else []
    return curves


def _ablation(plan: StudyPlan, found: Mapping[str, MeasuredRow]) -> list[Variant]:
    known = [name for name in plan.study.ablation if name in found]
    if len(known) < 2 or known[0] != plan.study.ablation[0]:
        return []
    return read_variants(",".join(f"{name}={_first(found[name])}" for name in known))


def _diversities(
    plan: StudyPlan, found: Mapping[str, MeasuredRow], bench: Benchmark | None, domains: Mapping[str, Domain]
) -> dict[str, tuple[MeasuredRow, Diversity | str]]:
    """The diversity of each row's drafts that is asked for, or why it is not known."""
    known: dict[str, tuple[MeasuredRow, Diversity | str]] = {}
    for name in [name for name in plan.study.diversity if name in found]:
        said: Diversity | str = "needs --bench"
        if bench:
            try:
                said = add_benchmark(PageExtras(), bench, domains, _first(found[name]), None).diversity or "no texts"
            except UsageError as error:  # too few drafts, which a table must say and not die of
                said = str(error)
        known[name] = (found[name], said)
    return known


def _rewards(plan: StudyPlan, out: Path) -> Iterator[tuple[str, Path]]:
    """A chart of the rewards of every stage of GRPO that has begun."""
    for stage in plan.stages.values():
        steps = [one for one in read_metrics(stage.folder) if one.get("reward")]
        if stage.words[:2] == ("train", "grpo") and steps:
            over = max(1, len(steps) // WINDOWS) | 1
            smooth = f"mean of {over} steps around each, thin: each step" if over > 1 else "each step"
            title = f"Rewards of {stage.folder.name} by step ({smooth})"
            file = out / f"rewards-{stage.folder.name}.png"
            file.write_bytes(charts.lines(title, "step", _terms(plan, stage, steps), over=over))
            yield title, file


def _terms(plan: StudyPlan, stage: Stage, steps: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    """Mean of every term by step, and the whole reward as a share of the highest that there is."""
    row = plan.study.rows[stage.row]
    weights = recipe_of(row, plan.given.file).grpo.terms
    highest = sum(weight for name, weight in weights.items() if name not in row.without)
    series: dict[str, list[tuple[float, float]]] = {}
    for one in steps:
        if one["reward"]["mean"] is not None:
            series.setdefault(f"reward, of {highest:g}", []).append((one["step"], one["reward"]["mean"] / highest))
        for name, spread in one["reward"]["terms"].items():
            if spread["mean"] is not None:
                left_out = " (left out)" if name in row.without else ""
                series.setdefault(f"{name}{left_out}", []).append((one["step"], spread["mean"]))
    return series
