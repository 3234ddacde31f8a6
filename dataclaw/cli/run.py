"""`dataclaw run`: streams and an intent in, samples out."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from glob import has_magic
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from dataclaw.cli.plain_text import plain
from dataclaw.errors import ConfigError, UsageError, count_of

STREAMS = "Streams"
BUDGET = "Budget of one rollout"
MODEL = "Model"
SERVER = "Server and costs"
OUTPUT = "Output"


def run(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", metavar="PATH...")],
    context: typer.Context,
    intent: Annotated[
        str | None, typer.Option("--intent", "-i", help="What the data are for, in your own words.")
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option("--config", help="TOML with these options, or an earlier run.toml; options here come first."),
    ] = None,
    domain: Annotated[
        str | None,
        typer.Option("--domain", "-d", help="Domain (`dataclaw domain list`), or its folder; found if left out."),
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="Task (`dataclaw domain show NAME`); found if left out.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.", rich_help_panel=OUTPUT)] = Path("out"),
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="planner, embedded, or provider:model; by default what plugins.toml says, else what measured best.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="A server to ask instead of the provider's, e.g. vLLM.", rich_help_panel=MODEL),
    ] = None,
    images: Annotated[bool, typer.Option(help="Show frames to a model that sees.", rich_help_panel=MODEL)] = True,
    constrained: Annotated[
        bool, typer.Option(help="Decode under the schema where the runtime can.", rich_help_panel=MODEL)
    ] = True,
    mode: Annotated[
        str,
        typer.Option(
            help="look: the model calls tools and writes. choose: the task's plan does, the model answers its choices"
            " and words the draft (one to three requests).",
            rich_help_panel=MODEL,
        ),
    ] = "look",
    tools: Annotated[
        str,
        typer.Option(help="native tool calls, json answers, or auto (json at a --base-url).", rich_help_panel=MODEL),
    ] = "auto",
    image_detail: Annotated[str, typer.Option(help="low (512 px) or high (1,280 px).", rich_help_panel=MODEL)] = "high",
    answer_tokens: Annotated[int, typer.Option(help="Most tokens of one answer.", rich_help_panel=MODEL)] = 8192,
    temperature: Annotated[
        float, typer.Option(help="Of the first attempt; later ones have 0.7 or more.", rich_help_panel=MODEL)
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the first attempt.", rich_help_panel=MODEL)] = 0,
    timeout: Annotated[float, typer.Option(help="Seconds that one answer may take.", rich_help_panel=SERVER)] = 300.0,
    tries: Annotated[
        int, typer.Option(help="Requests for one answer, where another may help.", rich_help_panel=SERVER)
    ] = 5,
    concurrency: Annotated[
        int, typer.Option(help="Streams that wait for a server at once.", rich_help_panel=SERVER)
    ] = 8,
    max_cost: Annotated[
        float | None,
        typer.Option(min=0, help="Stop before costs pass this; the same command goes on.", rich_help_panel=SERVER),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(help='TOML with [prices."openai:m"] read, wrote, cached per million.', rich_help_panel=SERVER),
    ] = None,
    samples: Annotated[int, typer.Option(help="Most samples a stream may give (cuts it into windows).")] = 1,
    best_of: Annotated[int, typer.Option(help="Attempts; the rubric keeps the best.", rich_help_panel=MODEL)] = 1,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, help="Processes.")] = 1,
    engine: Annotated[
        Literal["pool", "ray"],
        typer.Option(help="Where the processes are: on this machine (pool), or on a Ray cluster (RAY_ADDRESS)."),
    ] = "pool",
    budget_steps: Annotated[int | None, typer.Option(help="Decisions of the policy.", rich_help_panel=BUDGET)] = None,
    budget_calls: Annotated[int | None, typer.Option(help="Tool calls.", rich_help_panel=BUDGET)] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="Tokens written.", rich_help_panel=BUDGET)] = None,
    budget_seconds: Annotated[float | None, typer.Option(help="Wall-clock seconds.", rich_help_panel=BUDGET)] = None,
    budget_repairs: Annotated[int | None, typer.Option(help="Drafts sent back.", rich_help_panel=BUDGET)] = None,
    ocr: Annotated[str, typer.Option(help="rapidocr or tesseract.", rich_help_panel=STREAMS)] = "rapidocr",
    max_frames: Annotated[int, typer.Option(help="Most frames sampled.", rich_help_panel=STREAMS)] = 256,
    task_text: Annotated[
        bool, typer.Option("--task-text", help="Show the policy the task text in the trace.", rich_help_panel=STREAMS)
    ] = False,
    review: Annotated[bool, typer.Option("--review", help="Ask before a sample is written.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and what it would cost.")] = False,
    resume: Annotated[bool, typer.Option(help="Keep what an earlier run finished.", rich_help_panel=OUTPUT)] = True,
    min_total: Annotated[
        float, typer.Option(min=0, max=1, help="Reject samples whose total is below this.", rich_help_panel=OUTPUT)
    ] = 0.0,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Reject a stream whose task is less sure, where nobody is asked.")
    ] = 0.15,
    choose: Annotated[
        str,
        typer.Option(help="Who chooses what is kept: learned, rules, or a trained folder.", rich_help_panel=MODEL),
    ] = "learned",
    min_yield: Annotated[
        float, typer.Option(min=0, max=1, help="Exit 1 when fewer drafts are accepted.", rich_help_panel=OUTPUT)
    ] = 0.0,
    json_out: Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=OUTPUT)] = False,
    report: Annotated[bool, typer.Option(help="Write report.html.", rich_help_panel=OUTPUT)] = True,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Tell every step, and log it in OUT.", rich_help_panel=OUTPUT),
    ] = False,
    plugins: Annotated[Path | None, typer.Option(help="plugins.toml to use.")] = None,
    plugin_code: Annotated[
        bool, typer.Option(help="Run code that plugins bring; without it only what they declare counts.")
    ] = True,
) -> None:
    """Make training samples out of streams.

    The agent looks at each stream through tools, keeps what the intent needs,
    and writes samples whose every field cites its evidence.

    Exit codes: 0 all good, 1 a stream failed or too few were accepted, 2 wrong usage,
    130 ctrl-C, 143 SIGTERM; what is finished by then is in the tables.

    Examples:
      dataclaw run --domain gui --intent "Extract the ordered UI actions with coordinates" traces/

      dataclaw run -i "A tutorial for a new colleague, only the shop window" trace/ --out tutorial

      dataclaw run -d gui -i "Steps for a GUI agent" *.zip -m openai:MODEL --base-url http://127.0.0.1:8000/v1
    """
    limits = {
        "steps": budget_steps,
        "tool_calls": budget_calls,
        "tokens": budget_tokens,
        "seconds": budget_seconds,
        "repairs": budget_repairs,
    }
    asked: dict[str, Any] = {
        "intent": intent,
        "domain": domain,
        "task": task,
        "model": model,
        "base_url": base_url,
        "images": images,
        "constrained": constrained,
        "mode": mode,
        "tools": tools,
        "image_detail": image_detail,
        "answer_tokens": answer_tokens,
        "temperature": temperature,
        "seed": seed,
        "timeout": timeout,
        "tries": tries,
        "concurrency": concurrency,
        "samples": samples,
        "best_of": best_of,
        "budget": {name: limit for name, limit in limits.items() if limit is not None},
        "ocr": ocr,
        "max_frames": max_frames,
        "task_text": task_text,
        "min_total": min_total,
        "min_confidence": min_confidence,
        "choose": choose,
        "review": review,
        "plugin_code": plugin_code,
    }
    say_what_is_read(paths)
    from dataclaw.config import RunConfig
    from dataclaw.run.prepare import prepare
    from dataclaw.strict import check

    given = {key: value for key, value in asked.items() if is_said(context, key)}
    earlier = read_settings(settings) if settings else {}
    budget = {**earlier.get("budget", {}), **asked["budget"]}
    config = check({**earlier, **given, "budget": budget}, RunConfig, str(settings or "dataclaw run"))

    setup = prepare(config, plugins, prices=prices, max_cost=max_cost)
    if dry_run:
        from dataclaw.cli.run_estimate import print_estimate

        print_estimate(setup, paths, as_json=json_out)
        return
    from dataclaw.cli import run_console

    run_console.run_and_report(
        setup,
        paths,
        out,
        workers=1 if review else workers,
        engine="pool" if review else engine,
        resume=resume,
        min_yield=min_yield,
        as_json=json_out,
        report=report,
        verbose=verbose,
    )


def say_what_is_read(paths: Sequence[str]) -> None:
    """Tell that the command has begun, or that there is nothing, before all is loaded that reads and judges.

    Raises:
        UsageError: nothing is at any of the paths.
    """
    if not any("#" in path or has_magic(path) or Path(path).exists() for path in paths):
        where = "; ".join(f"{path}: does not exist" for path in paths[:5])
        raise UsageError(f"nothing to read ({where}).", remedy="Name a trace, a video, or a folder that holds some.")
    more = f" and {count_of(len(paths) - 1, 'other path')}" if len(paths) > 1 else ""
    typer.echo(plain(f"reading {paths[0]}{more}"), err=True)


def is_said(context: typer.Context, name: str) -> bool:
    """Whether an option stands in the command, and is not its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def read_settings(file: Path) -> dict[str, Any]:
    """The settings of a run in a file: its keys, or those under `[run]`, as `run.toml` of a run's folder has them.

    Raises:
        ConfigError: it cannot be read.
    """
    from dataclaw.strict import parse_toml

    try:
        data = parse_toml(file.read_bytes())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"no settings: {error}.", place=str(file), remedy="Check the path and the file.") from None
    run = data.get("run")
    return cast("dict[str, Any]", run) if isinstance(run, dict) else data
