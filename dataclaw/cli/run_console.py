"""What `dataclaw run` shows while it works, and at its end."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
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
from dataclaw.run.ledger import Outcome, log_into, usage_in_all
from dataclaw.run.prepare import Setup
from dataclaw.run.run import Engine, run, sources_at
from dataclaw.types import Json

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
        say(console, f"[yellow]{safe_markup(line)}[/]")
    sources = sources_at(paths, setup.loaders, left_out=left_out)
    for line in left_out:
        say(console, safe_markup(line))
    unnamed = {} if config.model else dict(setup.deciders)
    tally = RunTally()
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
                    say(progress.console, f"[dim]{where} {safe_markup(news.text)}[/]")
                if news.outcome:
                    tally.note(news.outcome)
                    progress.update(total, advance=1, text=tally.rate())
                    if choice := unnamed.pop(_domain_of(news.outcome), None):
                        name = _domain_of(news.outcome)
                        say(progress.console, safe_markup(f"{name}: {choice.name} decides ({choice.why})"))
                    say(progress.console, _line(news.outcome))
            progress.update(step, visible=False)
    except KeyboardInterrupt as stop:
        typer.echo(f"stopped; {tally.streams} of {len(sources)} streams are done. Run it again to go on.", err=True)
        raise typer.Exit(128 + int(stop.args[0] if stop.args else signal.SIGINT)) from None
    except RunStoppedError as error:
        typer.echo(f"stopped; {tally.streams} of {len(sources)} streams are done. {plain(str(error))}", err=True)
        raise typer.Exit(1) from None
    if report:
        from dataclaw.run.report.report import write_report

        write_report(out)
    _result(len(sources), tally, out, setup, as_json=as_json, report=report)
    raise typer.Exit(tally.exit_code(min_yield))


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


def say(console: Console, line: str) -> None:
    """Print a line of markup as it is, however long."""
    console.print(line, highlight=False, soft_wrap=True)


def _domain_of(outcome: Outcome) -> str:
    rows = (*outcome.samples, *outcome.rejected)
    return str(rows[0]["domain"]) if rows else ""


def _bar(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[text]}"), console=console, transient=True)


@dataclass
class RunTally:
    """What the streams of a run gave, as far as the end of the run tells of it: whole samples are in its folder.

    Attributes:
        streams: how many are done.
        same: of streams whose content came under another name, both names.
        once: one outcome for each content, by its key.
        made: samples.
        lost: rejections.
        seconds: what streams took that were not done before [s].
    """

    streams: int = 0
    same: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    once: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    made: int = 0
    lost: int = 0
    seconds: float = 0.0

    def note(self, outcome: Outcome) -> None:
        """Count what one stream gave; what came under another name before counts once."""
        self.streams += 1
        if outcome.same_as:
            self.same.append({"source": outcome.source, "same_as": outcome.same_as})
        if outcome.key in self.once:
            return
        rows = {name: tuple(map(_told_of, getattr(outcome, name))) for name in ("samples", "rejected")}
        self.once[outcome.key] = replace(outcome, traces=(), artifacts=(), **rows)
        self.made += len(outcome.samples)
        self.lost += len(outcome.rejected)
        self.seconds += 0.0 if outcome.again else outcome.seconds

    @property
    def samples(self) -> list[dict[str, Json]]:
        """What is told of each sample."""
        return [row for outcome in self.once.values() for row in outcome.samples]

    @property
    def rejected(self) -> list[dict[str, Json]]:
        """What is told of each rejection."""
        return [row for outcome in self.once.values() for row in outcome.rejected]

    def rate(self) -> str:
        """Yield and speed so far."""
        speed = f", {self.made / self.seconds:.2f} samples/s" if self.seconds else ""
        return f"yield {self.made}/{self.made + self.lost}{speed}"

    def exit_code(self, min_yield: float) -> int:
        """0 where every stream gave a sample and enough drafts were accepted, else 1."""
        drafts = self.made + self.lost
        failed = any(not outcome.samples for outcome in self.once.values())
        return 1 if failed or (drafts and self.made / drafts < min_yield) else 0


_TOLD: Mapping[str, Sequence[str]] = {
    "stream": ("id", "path"),
    "intent": ("unused",),
    "made_by": ("repairs",),
    "verdict": ("total", "failed"),
    "left_out": ("events", "by_reason"),
}
"""What the end of a run tells of a sample or a rejection, beside the reason and the remedy of the latter."""


def _told_of(row: Mapping[str, Json]) -> dict[str, Json]:
    parts = {part: cast("Mapping[str, Json]", row.get(part) or {}) for part in _TOLD}
    told: dict[str, Json] = {
        part: {name: value[name] for name in _TOLD[part] if name in value} for part, value in parts.items()
    }
    return told | {name: row[name] for name in ("reason", "remedy") if name in row}


def _line(outcome: Outcome) -> str:
    name = safe_markup(outcome.source)
    if outcome.same_as:
        return f"[green]the same as[/] {safe_markup(outcome.same_as)}: {name} (done once)"
    if outcome.rejected and not outcome.samples:
        first = outcome.rejected[0]
        task = f" as {first['domain']}.{first['task']}" if first["task"] else ""
        return f"[yellow]rejected[/] {name}{task}: {safe_markup(shorten(str(first['reason'])))}"
    again = " (done before)" if outcome.again else f" in {outcome.seconds:.1f} s"
    count = count_of(len(outcome.samples), "sample")
    lost = f", {len(outcome.rejected)} rejected" if outcome.rejected else ""
    return f"[green]{count}[/]{lost} {name}{again}{_routing_note(outcome)}{_parts_note(outcome)}"


def _parts_note(outcome: Outcome) -> str:
    """That more can be made of a stream that is too long for one sample."""
    rows = (*outcome.samples, *outcome.rejected)
    parts = [row["stream"]["part"][1] for row in rows if "part" in row["stream"]]
    return f", {len(parts)} of {parts[0]} parts: --samples {parts[0]} makes all" if parts else ""


def shorten(text: str, most: int = 160) -> str:
    """A text of at most so many characters, with a sign where it is cut off."""
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


def _result(streams: int, tally: RunTally, out: Path, setup: Setup, *, as_json: bool, report: bool) -> None:
    samples, rejected, same = tally.samples, tally.rejected, tally.same
    repaired = sum(1 for s in samples if s["made_by"]["repairs"])
    broken = Failures()
    for row in (*samples, *rejected):
        broken.add(cast("dict[str, str]", row["verdict"].get("failed", {})))
    if as_json:
        _print_json(streams, tally, out, broken)
        return
    console = Console()
    table = Table("", "", box=None, show_header=False)
    table.add_row("streams", f"{streams} ({len(same)} the same as another)" if same else str(streams))
    table.add_row("accepted", f"[green]{len(samples)}[/] ({repaired} after repair)")
    table.add_row("rejected", f"[yellow]{len(rejected)}[/]" if rejected else "0")
    for (reason, remedy), count in Counter((str(r["reason"]), str(r["remedy"])) for r in rejected).most_common(8):
        table.add_row("", f"{count} x {safe_markup(shorten(reason))}")
        table.add_row("", safe_markup(remedy))
    if samples:
        table.add_row("totals", _spread([float(sample["verdict"]["total"] or 0.0) for sample in samples]))
        table.add_row("left out", safe_markup(_left_out(samples)))
    if unused := Counter(word for sample in samples for word in sample["intent"].get("unused", [])):
        words = ", ".join(f"{word!r}" for word, _ in unused.most_common(8))
        table.add_row("not used", f"[yellow]of the intent nothing used {safe_markup(words)}[/]")
    for name, line in _usage_rows(tally, setup):
        table.add_row(name, safe_markup(line))
    console.print(table)
    for line in broken.summary_lines():
        say(console, f"[bold red]broken[/] {safe_markup(line)}")
    names = ["samples.jsonl", *(["rejected.jsonl"] if rejected else []), *(["report.html"] if report else [])]
    if (out / "dataclaw.log").exists():
        names.append("dataclaw.log")
    for name in names:
        say(console, f"  {safe_markup(str(out / name))}")


def _print_json(streams: int, tally: RunTally, out: Path, broken: Failures) -> None:
    samples, rejected = tally.samples, tally.rejected
    reasons = [{"source": r["stream"]["path"], "reason": r["reason"], "remedy": r["remedy"]} for r in rejected]
    repaired = sum(1 for s in samples if s["made_by"]["repairs"])
    told: dict[str, Json] = {"streams": streams, "accepted": len(samples), "repaired": repaired, "rejected": reasons}
    told["same"] = tally.same
    told["broken_rules"] = broken.summary_lines()
    told["totals"] = sorted(sample["verdict"]["total"] for sample in samples)
    told["unused"] = sorted({word for sample in samples for word in sample["intent"].get("unused", [])})
    used = usage_in_all(tally.once.values())
    if used["requests"]:
        told["usage"] = used
    typer.echo(json.dumps({**told, "out": str(out)}, ensure_ascii=False))


def _usage_rows(tally: RunTally, setup: Setup) -> list[tuple[str, str]]:
    """What asking models took and cost, for the table at the end; nothing where none was asked."""
    used = usage_in_all(tally.once.values())
    if not used["requests"]:
        return []
    kept = f" ({used['cached']:,} cached)" if used["cached"] else ""
    pictures = f", {count_of(used['images'], 'picture')}" if used["images"] else ""
    took = f"{count_of(used['requests'], 'request')} in {used['seconds']:.0f} s{pictures}; "
    took += f"{used['read']:,} tokens read{kept}, {used['written']:,} written"
    cost, sources = used["cost"], sorted({*setup.meter.sources.values()})
    if cost is None:
        return [("model", took), ("cost", "no price known; --prices says one")]
    each = f", {cost / tally.made:.4f} a sample" if tally.made else ""
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
