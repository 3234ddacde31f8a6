"""`dataclaw study run|show|table|hack`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import Plugins, all_domains, stoppable
from dataclaw.errors import UsageError, count_of, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclaw.domain import Domain
    from dataclaw.evals.study.ledger import StageLedger
    from dataclaw.evals.study.run import StageNews
    from dataclaw.evals.study.stages import StudyPlan

app = typer.Typer(help="Every row of the results table: trained, measured, compared.", no_args_is_help=True)
Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML with the rows: configs/study.toml.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the study.")]
COLOURS = {"done": "green", "failed": "red", "stopped": "yellow", "left": "yellow", "skipped": "red"}


@app.command()
def run(
    config: Config,
    corpus: Annotated[Path, typer.Option(help="Corpus, or a pack of one, that is learnt.")] = Path("corpus"),
    bench: Annotated[Path, typer.Option("--bench", "-b", help="Benchmark, or a pack of one.")] = Path("bench"),
    out: Out = Path("runs/study"),
    only: Annotated[list[str] | None, typer.Option("--only", help="Only these rows, and what they begin with.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most items of an evaluation.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Most optimizer steps of a training.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop before so many minutes are over.")] = None,
    unscored: Annotated[
        bool,
        typer.Option("--unscored", help="Only predict; without it, predictions are scored later, without a model."),
    ] = False,
    device: Annotated[str | None, typer.Option(help="What is trained on: auto, cpu, cuda, cuda:N or mps.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the commands that are left, and do nothing.")
    ] = False,
) -> None:
    """Do what is not done yet, row by row.

    Every stage is one command in a process of its own: train sft, train
    grpo, eval run. A row that fails does not stop the others. Stopped at any
    moment, the same command goes on where it was. With --minutes it stops
    cleanly before the time is over and says what is left.

    Examples:
      dataclaw study run configs/study.toml --corpus corpus --bench bench --out runs/study

      dataclaw study run configs/study.toml --only sft --only grpo --minutes 9

      dataclaw study run configs/study.toml --dry-run
    """
    from dataclaw.evals.study.config import read_study
    from dataclaw.evals.study.ledger import StageLedger, keep_inputs
    from dataclaw.evals.study.run import check_bench, command_line, is_left
    from dataclaw.evals.study.run import run as run_stages
    from dataclaw.evals.study.stages import StudyInputs, StudyPlan
    from dataclaw.files import owned_folder

    inputs = StudyInputs(config, out, corpus, bench, limit, steps, device)
    plan, ledger = StudyPlan(read_study(config), inputs), StageLedger(out)
    stages = plan.select(_check_rows(only or [], plan))
    if dry_run:
        plan.write_plugins()
        for stage in stages:
            if is_left(ledger.state(stage), unscored=unscored):
                typer.echo(command_line(stage, unscored=unscored))
        return
    done = sum(not is_left(ledger.state(stage), unscored=unscored) for stage in stages)
    typer.echo(f"{count_of(len(stages), 'stage')}, {done} done", err=True)
    ends: dict[str, str] = {}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the stage would outlive the study
    with owned_folder(out), stoppable("stopped; the same command goes on where it was"):
        check_bench(plan)
        keep_inputs(inputs)
        for news in run_stages(plan, stages, ledger, minutes=minutes, unscored=unscored):
            ends[news.stage.name] = news.what
            _tell(news)
    _sum_up(ends)
    if "failed" in ends.values():
        raise typer.Exit(1)


@app.command()
def show(config: Config, out: Out = Path("runs/study")) -> None:
    """Say what is done, running, stopped, failed and waiting, with each row's commands.

    Example: dataclaw study show configs/study.toml --out runs/study
    """
    from dataclaw.evals.study.config import read_study
    from dataclaw.evals.study.ledger import StageLedger, last_inputs
    from dataclaw.evals.study.stages import StudyPlan

    plan, ledger = StudyPlan(read_study(config), last_inputs(config, out)), StageLedger(out)
    for name, row in plan.study.rows.items():
        typer.secho(f"{name}: {row.about}", bold=True)
        for stage in plan.stages.values():
            if stage.row == name:
                _show(stage.name, plan, ledger)


def _show(name: str, plan: StudyPlan, ledger: StageLedger) -> None:
    from dataclaw.evals.study.run import command_line, how_far

    stage = plan.stages[name]
    state, record = ledger.state(stage), ledger.record(stage)
    far = how_far(stage) if state in ("running", "stopped") else ""
    spent = f", {record.seconds:.0f} s" if record.seconds else ""
    typer.secho(f"  {state}{spent}{f', {far}' if far else ''}", fg=COLOURS.get(state), nl=False)
    typer.echo(f"  {command_line(stage)}")
    if state == "failed":
        typer.echo("    " + record.why.replace("\n", "\n    "))


def _check_rows(only: list[str], plan: StudyPlan) -> list[str]:
    for name in only:
        if name not in plan.study.rows:
            raise UsageError(f"no row {name!r}.", place="--only", remedy=did_you_mean(name, plan.study.rows))
    return only


def _tell(news: StageNews) -> None:
    typer.secho(f"{news.stage.name}: {news.what}", fg=COLOURS.get(news.what), err=True, nl=False)
    typer.echo(f" {news.text}" if news.text else "", err=True)


def _sum_up(ends: dict[str, str]) -> None:
    for what, text in {
        "failed": "failed",
        "skipped": "not done, since a stage that it needs is not, or since it is running already",
        "stopped": "stopped",
        "left": "left for want of time",
    }.items():
        if names := [name for name, end in ends.items() if end == what]:
            typer.secho(f"{len(names)} {text}: {', '.join(names)}", fg=COLOURS[what], err=True)


@app.command()
def hack(
    run_: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of an evaluation: runs/study/eval/grpo.")],
    bench: Annotated[Path, typer.Option("--bench", "-b", help="Its benchmark, or the pack of it.")] = Path("bench"),
    samples: Annotated[int, typer.Option(min=0, help="Drafts to write out for a person to read.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Which ones.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Attack only the first so many items.")] = None,
    plugins: Plugins = None,
) -> None:
    """Attack a policy's own drafts, and write some out to be read.

    The attacks of dataclaw domain check are made on every draft of the run;
    none may earn more than the draft does. hack.md tells it by attack and
    rule, samples.md shows drafts with the evidence beside each field.

    Example: dataclaw study hack runs/study/eval/grpo --bench bench
    """
    from dataclaw.cli.bars import show_bar
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.scoring import read_run_predictions
    from dataclaw.evals.study.hack import PAGE, AttackedDraft, DraftAttacker, attack_run, write_attacks
    from dataclaw.evals.study.samples import write_samples
    from dataclaw.files import owned_folder

    found = read_bench(bench)
    items, made = read_run_predictions(run_, found)
    attacker = DraftAttacker(found, all_domains(plugins))
    attacked: list[AttackedDraft] = []
    asked = items[:limit]
    with show_bar(len(asked)) as bar:
        for item, one in zip(asked, attack_run(attacker, asked, made), strict=True):
            attacked += [one] if one else []
            bar.step(item.id[:48])
    with owned_folder(run_):
        sums = write_attacks(run_, attacked, len(asked) - len(attacked))
        page, count = write_samples(run_, items, made, count=samples, seed=seed)
    drafts = count_of(sums["drafts"], "draft")
    typer.echo(f"{sums['drafts_above']} of {drafts} earn less than an attack on them: {run_ / PAGE}")
    typer.echo(f"{count_of(count, 'draft')} to read: {page}")


@app.command()
def table(
    config: Config,
    out: Out = Path("runs/study"),
    bench: Annotated[
        Path | None, typer.Option("--bench", "-b", help="The benchmark, to measure the diversity of drafts.")
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Write the results so far: results.md, results.html and charts, in the study's folder.

    Scores with intervals, paired tests, what got worse and what got better,
    seeds, scaling, reward curves, diversity, and every figure that is to be
    reached with today's beside it.

    Example: dataclaw study table configs/study.toml --out runs/study --bench bench
    """
    from dataclaw.evals.benchmark import read_bench
    from dataclaw.evals.study.config import read_study
    from dataclaw.evals.study.ledger import StageLedger, last_inputs
    from dataclaw.evals.study.stages import StudyPlan
    from dataclaw.evals.study.write import write_results
    from dataclaw.files import owned_folder

    plan = StudyPlan(read_study(config), last_inputs(config, out))
    domains: Mapping[str, Domain] = all_domains(plugins) if bench else {}
    with owned_folder(out):
        page, html = write_results(plan, StageLedger(out), read_bench(bench) if bench else None, domains)
    typer.echo(f"results: {page}")
    if html:
        typer.echo(f"page: {html}")
