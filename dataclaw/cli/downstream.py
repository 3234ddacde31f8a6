"""`dataclaw downstream plan|run|table|score`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import AsJson, stoppable
from dataclaw.errors import UsageError

if TYPE_CHECKING:
    from dataclaw.evals.downstream.config import DownstreamTask, SmallRecipe

app = typer.Typer(help="Does tailored data train better? Annotators compared by what is learnt.", no_args_is_help=True)
TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help="gui, vqa or video, or the path of a declaration (TOML).")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the run; runs/downstream-TASK if left out.")]
Data = Annotated[Path, typer.Option("--data", help="Folder of the streams, where the task needs some.")]


@app.command()
def plan(task: TaskName) -> None:
    """Say what a task takes: small on this machine, and full on a GPU.

    The full recipe is printed as commands, with the memory and the hours of
    a training. Nothing is run.

    Example: dataclaw downstream plan gui
    """
    from dataclaw.evals.downstream.config import read_task
    from dataclaw.evals.downstream.plan import plan_lines

    for line in plan_lines(read_task(task)):
        typer.echo(line)


@app.command()
def run(
    task: TaskName,
    small: Annotated[bool, typer.Option("--small", help="The small size, which two CPU cores can do.")] = False,
    data: Data = Path("data"),
    out: Out = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most streams of a family, or of a world.")] = None,
) -> None:
    """Tell, draw equal volumes, train and test, for every annotator and seed.

    What is done is kept: stopped at any moment, the same command goes on.
    The table is printed at the end and lies in table.md. Needs torch.

    Examples:
      dataclaw downstream run gui --small --data miniwob_families

      dataclaw downstream run gui --small --data miniwob_families --limit 10 --out runs/quick

      dataclaw downstream run vqa --small
    """
    from dataclaw.evals.downstream.config import read_task
    from dataclaw.evals.downstream.run import DownstreamRun
    from dataclaw.evals.downstream.side import side_of
    from dataclaw.evals.downstream.table import table_lines
    from dataclaw.files import owned_folder, write_atomic
    from dataclaw.models.libraries import library

    if not small:
        remedy = f"See its commands: dataclaw downstream plan {task}. Or add --small."
        raise UsageError("the full size runs on GPUs, command by command.", remedy=remedy)
    declared, folder = read_task(task), _folder(task, out)
    recipe = _small(declared, task)
    library("torch", user="teaching what was told")  # asked for now, not after an hour of telling
    one = DownstreamRun(recipe, side_of(recipe, data, folder, limit), folder)
    with owned_folder(folder), stoppable("stopped; the same command goes on where it was"):
        one.begin()
        one.run(lambda news: typer.echo(news, err=True))
        text = "\n".join(table_lines(declared.about, one)) + "\n"
        write_atomic(folder / "table.md", text)
    typer.echo(text, nl=False)


@app.command()
def table(task: TaskName, out: Out = None) -> None:
    """Print the table of a run, whatever of it is there.

    Example: dataclaw downstream table gui
    """
    from dataclaw.evals.downstream.config import read_task
    from dataclaw.evals.downstream.run import DownstreamRun
    from dataclaw.evals.downstream.side import side_of
    from dataclaw.evals.downstream.table import table_lines

    declared, folder = read_task(task), _folder(task, out)
    if not folder.is_dir():
        raise UsageError(f"no run in {folder}.", remedy=f"Run: dataclaw downstream run {task} --small")
    recipe = _small(declared, task)
    for line in table_lines(declared.about, DownstreamRun(recipe, side_of(recipe, Path(), folder), folder)):
        typer.echo(line)


@app.command()
def score(
    bench: Annotated[Path, typer.Argument(help="A task of AgentNetBench (JSON), or a folder of them.")],
    predictions: Annotated[Path, typer.Option(help="JSONL: task_id, step_num and actions of each step.")],
    json_out: AsJson = False,
) -> None:
    """Score a GUI agent's predictions on AgentNetBench, by two scorers.

    One is equal to the public scorer, defects included, so that its numbers
    compare with published ones. The other has none of these defects.

    Example: dataclaw downstream score agentnetbench --predictions predictions.jsonl
    """
    import json
    from dataclasses import asdict

    from dataclaw.evals.downstream.gui.predictions import score_predictions

    found = score_predictions(bench, predictions)
    if json_out:
        typer.echo(json.dumps({name: asdict(one) for name, one in found.items()}))
        return
    for name, one in found.items():
        typer.echo(
            f"{name:7} SSR strict {100 * one.strict:.1f}, soft {100 * one.soft:.1f}; TSR {100 * one.tasks:.1f}; "
            f"{one.steps} steps, {one.missing} without a prediction; {one.episodes} tasks"
        )


def _small(declared: DownstreamTask, name: str) -> SmallRecipe:
    if declared.small is None:
        raise UsageError(f"{name} has no small size.", remedy=f"See: dataclaw downstream plan {name}")
    return declared.small


def _folder(task: str, out: Path | None) -> Path:
    return out or Path("runs") / f"downstream-{Path(task).stem}"
