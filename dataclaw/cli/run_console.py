"""What `dataclaw run` shows while it works, and at its end."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.prompt import Confirm, Prompt
from rich.table import Table

from dataclaw.agent.router import Choice, Chooser, Routing
from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.errors import RunStoppedError, count_of
from dataclaw.rewards import Failures
from dataclaw.run.drive import Progress as RunNews
from dataclaw.run.estimate import StreamEstimate, estimate
from dataclaw.run.ledger import Outcome, log_into, usage_in_all
from dataclaw.run.prepare import Setup
from dataclaw.run.run import Engine, run, sources_at
from dataclaw.types import Json, Usage

log = logging.getLogger(__name__)
PATIENCE = 3.0
"""How long what is under way may take to come to its next news after ctrl-C [s]."""
UNSURE = 0.6
"""Confidence of the routing below which the other tasks are named."""


def run_and_report(
    setup: Setup,
    paths: Sequence[str],
    out: Path,
    *,
    workers: int,
    resume: bool,
    min_yield: float,
    as_json: bool,
    report: bool,
    verbose: bool,
    engine: Engine = "pool",
) -> None:
    """Run, show progress, print the result, write the report, and exit with the run's code."""
    left_out: list[str] = []
    console = Console(stderr=True)
    config = setup.config
    for line in setup.warnings:
        _say(console, f"[yellow]{safe_markup(line)}[/]")
    sources = sources_at(paths, setup.loaders, left_out=left_out)
    for line in left_out:
        _say(console, safe_markup(line))
    unnamed = {} if config.model else dict(setup.deciders)
    outcomes: list[Outcome] = []
    try:
        with closing(log_into(out, steps=verbose)), _bar(console) as progress:
            reviewer = _reviewer(console, progress) if config.review else None
            chooser = _chooser(console, progress) if workers <= 1 and not as_json and _is_watched() else None
            total = progress.add_task("streams", total=len(sources), text="", fields="")
            step = progress.add_task("", total=None, text="", visible=workers <= 1)
            made = run(
                setup, sources, out, workers=workers, engine=engine, resume=resume, reviewer=reviewer, chooser=chooser
            )
            alone = (
                workers <= 1 and engine == "pool" and not setup.remote
            )  # else it waits for processes or a server, and not in our code
            for news in until_interrupted(made, PATIENCE if alone else 0.0):
                where = safe_markup(f"{Path(news.source).name[:32]}: {news.node}")
                progress.update(step, description=where, text=safe_markup(news.text[:80]))
                if verbose:
                    log.info("%s: %s: %s", news.source, news.node, news.text)
                    _say(progress.console, f"[dim]{where} {safe_markup(news.text)}[/]")
                if news.outcome:
                    outcomes.append(replace(news.outcome, traces=()))  # they are long, and in the folder
                    progress.update(total, advance=1, text=_rate(outcomes))
                    if choice := unnamed.pop(_domain_of(news.outcome), None):
                        name = _domain_of(news.outcome)
                        _say(progress.console, safe_markup(f"{name}: {choice.name} decides ({choice.why})"))
                    _say(progress.console, _line(news.outcome))
            progress.update(step, visible=False)
    except KeyboardInterrupt as stop:
        typer.echo(f"stopped; {len(outcomes)} of {len(sources)} streams are done. Run it again to go on.", err=True)
        raise typer.Exit(128 + int(stop.args[0] if stop.args else signal.SIGINT)) from None
    except RunStoppedError as error:
        typer.echo(f"stopped; {len(outcomes)} of {len(sources)} streams are done. {plain(str(error))}", err=True)
        raise typer.Exit(1) from None
    if report:
        from dataclaw.run.report.report import write_report

        write_report(out)
    _result(len(sources), outcomes, out, setup, as_json=as_json, report=report)
    raise typer.Exit(_exit_code(outcomes, min_yield))


def until_interrupted(news: Generator[RunNews], patience: float = PATIENCE) -> Iterator[RunNews]:
    """The news of a run until ctrl-C or a request to end (SIGTERM), also where the code that it came into swallowed it.

    What is under way may first come to its next news; a second ctrl-C does not wait for that.

    Args:
        news: the run's.
        patience: how long that may take [s]; then it is broken off wherever it is. 0: at once.

    Raises:
        KeyboardInterrupt: it came; its argument is the number of the signal.
    """
    came: list[int] = []

    def note(number: int, frame: object) -> None:
        del frame
        came.append(number)
        if patience and len(came) == 1:
            signal.setitimer(signal.ITIMER_REAL, patience)
        else:
            raise KeyboardInterrupt(came[0])

    untouched = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGALRM: signal.SIG_DFL,
    }
    before = {one: signal.getsignal(one) for one, usual in untouched.items() if signal.getsignal(one) == usual}
    for one in before:  # of the others somebody has them ignored, or handles them
        signal.signal(one, note)
    try:
        for one in news:
            yield one
            if came:
                news.close()
                raise KeyboardInterrupt(came[0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one, handler in before.items():
            signal.signal(one, handler)


def _say(console: Console, line: str) -> None:
    """Print a line of markup as it is, however long."""
    console.print(line, highlight=False, soft_wrap=True)


def _domain_of(outcome: Outcome) -> str:
    rows = (*outcome.samples, *outcome.rejected)
    return str(rows[0]["domain"]) if rows else ""


def print_estimate(setup: Setup, paths: Sequence[str], *, as_json: bool) -> None:
    """Print what a run would take and cost."""
    left_out: list[str] = []
    sources = sources_at(paths, setup.loaders, left_out=left_out)
    watched = Console(stderr=True)
    with watched.status("rehearsing") as status:
        rows = estimate(setup, sources, lambda source: status.update(f"rehearsing {safe_markup(Path(source).name)}"))
    for line in (*left_out, *(setup.warnings if as_json else ())):
        typer.echo(plain(line), err=True)
    if as_json:
        typer.echo(json.dumps([row.to_json() for row in rows], ensure_ascii=False))
        return
    _print_rows(rows)
    for domain, one in {row.domain: row.decides for row in rows if row.decides}.items():
        _say(Console(), safe_markup(f"{domain}: {one['policy']} decides ({one['why']})"))
    for line in setup.warnings:
        _say(Console(), f"[yellow]{safe_markup(line)}[/]")
    count = sum(row.rehearsed for row in rows)
    others = "" if count == len(rows) else ", the others are taken to be like those of their task"
    _say(Console(), f"{count_of(count, 'stream')} rehearsed{others}. No model was asked, nothing was written.")
    if setup.remote:
        _say(Console(), "A model that looks further than the task's plan takes more; --max-cost stops it.")


def _print_rows(rows: Sequence[StreamEstimate]) -> None:
    """By task and in all what the streams would take; those that cannot be read by name."""
    known = [row for row in rows if row.kind != "rejected"]
    tasks = {task: [row for row in known if row.task == task] for task in dict.fromkeys(row.task for row in known)}
    for task, own in (tasks | ({"in all": known} if len(tasks) > 1 else {})).items():
        _say(Console(), f"[bold]{safe_markup(task)}[/]: {_sum_line(own)}")
    lost = [row for row in rows if row.kind == "rejected"]
    for row in lost[:10]:
        _say(Console(), f"[yellow]rejected[/] {safe_markup(row.source)}: {safe_markup(_short(row.task))}")
    if len(lost) > 10:
        _say(Console(), f"... and {len(lost) - 10} more (--json names them all)")


def _sum_line(rows: Sequence[StreamEstimate]) -> str:
    """What streams would take, on one line."""
    used = sum((row.usage for row in rows), Usage())
    costs = [row.cost for row in rows if row.cost is not None]
    told = [count_of(len(rows), "stream"), count_of(round(sum(row.samples for row in rows)), "sample")]
    if used.requests:
        kept = f" ({used.cached:,} cached)" if used.cached else ""
        told += [count_of(used.requests, "request"), f"{used.read:,} tokens read{kept}, {used.written:,} written"]
        told += [count_of(used.images, "picture")] if used.images else []
        told += [f"cost {sum(costs):.3f}" if len(costs) == len(rows) else "cost unknown (--prices)"]
    return ", ".join([*told, f"{sum(row.seconds for row in rows):,.0f} s"])


def _bar(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[text]}"), console=console, transient=True)


def _once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One for each content, whatever names it came under."""
    return list({outcome.key: outcome for outcome in reversed(outcomes)}.values())[::-1]


def _rate(outcomes: Sequence[Outcome]) -> str:
    outcomes = _once(outcomes)
    made, lost = sum(len(o.samples) for o in outcomes), sum(len(o.rejected) for o in outcomes)
    seconds = sum(o.seconds for o in outcomes if not o.again)
    speed = f", {made / seconds:.2f} samples/s" if seconds else ""
    return f"yield {made}/{made + lost}{speed}"


def _line(outcome: Outcome) -> str:
    name = safe_markup(outcome.source)
    if outcome.same_as:
        return f"[green]the same as[/] {safe_markup(outcome.same_as)}: {name} (done once)"
    if outcome.rejected and not outcome.samples:
        first = outcome.rejected[0]
        task = f" as {first['domain']}.{first['task']}" if first["task"] else ""
        return f"[yellow]rejected[/] {name}{task}: {safe_markup(_short(str(first['reason'])))}"
    again = " (done before)" if outcome.again else f" in {outcome.seconds:.1f} s"
    count = count_of(len(outcome.samples), "sample")
    lost = f", {len(outcome.rejected)} rejected" if outcome.rejected else ""
    return f"[green]{count}[/]{lost} {name}{again}{_routing_note(outcome)}{_parts_note(outcome)}"


def _parts_note(outcome: Outcome) -> str:
    """That more can be made of a stream that is too long for one sample."""
    rows = (*outcome.samples, *outcome.rejected)
    parts = [row["stream"]["part"][1] for row in rows if "part" in row["stream"]]
    return f", {len(parts)} of {parts[0]} parts: --samples {parts[0]} makes all" if parts else ""


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _routing_note(outcome: Outcome) -> str:
    """To which task a stream was given, how surely, and what else it may have been, where nobody said."""
    sample = outcome.samples[0] if outcome.samples else {}
    intent = cast("Mapping[str, Json]", sample.get("intent") or {})
    if not intent or intent["confidence"] >= 1.0:
        return ""
    others = [f"{domain}.{task}" for domain, task in intent["alternatives"][:2]]
    doubt = f"; or {', '.join(others)}, say --task" if intent["confidence"] < UNSURE and others else ""
    return f" as {sample['domain']}.{sample['task']} ({intent['confidence']:.2f} sure{doubt})"


def _result(streams: int, outcomes: Sequence[Outcome], out: Path, setup: Setup, *, as_json: bool, report: bool) -> None:
    samples = [s for o in _once(outcomes) for s in o.samples]
    rejected = [r for o in _once(outcomes) for r in o.rejected]
    same = [{"source": o.source, "same_as": o.same_as} for o in outcomes if o.same_as]
    repaired = sum(1 for s in samples if s["made_by"]["repairs"])
    broken = Failures()
    for row in (*samples, *rejected):
        verdict: Mapping[str, Json] = row["verdict"] or {}
        broken.add(cast("dict[str, str]", verdict.get("failed", {})))
    if as_json:
        _print_json(streams, outcomes, out, broken)
        return
    console = Console()
    table = Table("", "", box=None, show_header=False)
    table.add_row("streams", f"{streams} ({len(same)} the same as another)" if same else str(streams))
    table.add_row("accepted", f"[green]{len(samples)}[/] ({repaired} after repair)")
    table.add_row("rejected", f"[yellow]{len(rejected)}[/]" if rejected else "0")
    for (reason, remedy), count in Counter((str(r["reason"]), str(r["remedy"])) for r in rejected).most_common(8):
        table.add_row("", f"{count} x {safe_markup(_short(reason))}")
        table.add_row("", safe_markup(remedy))
    if samples:
        table.add_row("totals", _spread([float(sample["verdict"]["total"] or 0.0) for sample in samples]))
        table.add_row("left out", safe_markup(_left_out(samples)))
    if unused := Counter(word for sample in samples for word in sample["intent"].get("unused", [])):
        words = ", ".join(f"{word!r}" for word, _ in unused.most_common(8))
        table.add_row("not used", f"[yellow]of the intent nothing used {safe_markup(words)}[/]")
    for name, line in _usage_rows(outcomes, setup):
        table.add_row(name, safe_markup(line))
    console.print(table)
    for line in broken.summary_lines():
        _say(console, f"[bold red]broken[/] {safe_markup(line)}")
    names = ["samples.jsonl", *(["rejected.jsonl"] if rejected else []), *(["report.html"] if report else [])]
    if (out / "dataclaw.log").exists():
        names.append("dataclaw.log")
    for name in names:
        _say(console, f"  {safe_markup(str(out / name))}")


def _print_json(streams: int, outcomes: Sequence[Outcome], out: Path, broken: Failures) -> None:
    once = _once(outcomes)
    samples = [s for o in once for s in o.samples]
    rejected = [r for o in once for r in o.rejected]
    reasons = [{"source": r["stream"]["path"], "reason": r["reason"], "remedy": r["remedy"]} for r in rejected]
    repaired = sum(1 for s in samples if s["made_by"]["repairs"])
    told: dict[str, Json] = {"streams": streams, "accepted": len(samples), "repaired": repaired, "rejected": reasons}
    told["same"] = [{"source": o.source, "same_as": o.same_as} for o in outcomes if o.same_as]
    told["broken_rules"] = broken.summary_lines()
    told["totals"] = sorted(sample["verdict"]["total"] for sample in samples)
    told["unused"] = sorted({word for sample in samples for word in sample["intent"].get("unused", [])})
    used = usage_in_all(once)
    if used["requests"]:
        told["usage"] = used
    typer.echo(json.dumps({**told, "out": str(out)}, ensure_ascii=False))


def _usage_rows(outcomes: Sequence[Outcome], setup: Setup) -> list[tuple[str, str]]:
    """What asking models took and cost, for the table at the end; nothing where none was asked."""
    once = _once(outcomes)
    used = usage_in_all(once)
    if not used["requests"]:
        return []
    kept = f" ({used['cached']:,} cached)" if used["cached"] else ""
    pictures = f", {count_of(used['images'], 'picture')}" if used["images"] else ""
    took = f"{count_of(used['requests'], 'request')} in {used['seconds']:.0f} s{pictures}; "
    took += f"{used['read']:,} tokens read{kept}, {used['written']:,} written"
    cost, sources = used["cost"], sorted({*setup.meter.sources.values()})
    if cost is None:
        return [("model", took), ("cost", "no price known; --prices says one")]
    samples = sum(len(outcome.samples) for outcome in once)
    each = f", {cost / samples:.4f} a sample" if samples else ""
    return [("model", took), ("cost", f"{cost:.4f}{each} ({', '.join(filter(None, sources))})")]


BARS = " ▁▂▃▄▅▆▇█"


def _spread(totals: Sequence[float]) -> str:
    """How the totals lie: lowest, median and highest, and how many stand in each tenth of 0 to 1."""
    tenths = Counter(min(int(total * 10), 9) for total in totals)
    most = max(tenths.values())
    bars = "".join(BARS[-(-tenths[tenth] * (len(BARS) - 1) // most)] for tenth in range(10))
    return f"{min(totals):.2f} to {max(totals):.2f}, median {median(totals):.2f}  0|{bars}|1"


def _left_out(samples: Sequence[Mapping[str, Json]]) -> str:
    reasons: Counter[str] = Counter()
    for sample in samples:
        reasons.update(sample["left_out"]["by_reason"])
    events = sum({sample["stream"]["id"]: sample["left_out"]["events"] for sample in samples}.values())
    named = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    count = sum(reasons.values())  # of streams without events, segments and the like
    share = f"{count} of {count_of(events, 'event')}" if count <= events else str(count)
    return share + (f" ({named})" if named else "")


def _reviewer(console: Console, progress: Progress):
    def ask(question: Mapping[str, Json]) -> Mapping[str, Json]:
        progress.stop()
        console.rule(f"review {question['key']}")
        for line in json.dumps(question["draft"], ensure_ascii=False, indent=2).split("\n"):
            console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
        console.print(f"reward {question['verdict']['total']:.3f}")
        try:
            accept = Confirm.ask("Keep this sample?", console=console, default=True)
            note = "" if accept else Prompt.ask("Why not?", console=console, default="")
        except EOFError:
            raise RunStoppedError(
                "--review asked, and nobody can answer.", remedy="Run it in a terminal; it goes on from here."
            ) from None
        progress.start()
        return {"accept": accept, "note": note}

    return ask


def _chooser(console: Console, progress: Progress) -> Chooser:
    def ask(routed: Routing) -> Choice:
        pool = [routed.choice, *routed.others][:5]
        progress.stop()
        console.print(f"Not sure what is meant by {safe_markup(repr(routed.intent.text))}:", highlight=False)
        for number, choice in enumerate(pool, 1):
            line = f"  {number}  [bold]{choice.domain}.{choice.task}[/], {safe_markup(choice.why)}"
            console.print(line, highlight=False)
        numbers = [str(n) for n in range(1, len(pool) + 1)]
        number = Prompt.ask("Which one?", console=console, choices=numbers, default="1")
        progress.start()
        return pool[int(number) - 1]

    return ask


def _is_watched() -> bool:
    """Whether somebody sits at a terminal who could answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _exit_code(outcomes: Sequence[Outcome], min_yield: float) -> int:
    outcomes = _once(outcomes)
    made, lost = sum(len(o.samples) for o in outcomes), sum(len(o.rejected) for o in outcomes)
    failed = any(not o.samples for o in outcomes)
    return 1 if failed or (made + lost and made / (made + lost) < min_yield) else 0
