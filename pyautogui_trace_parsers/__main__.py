"""`python -m pyautogui_trace_parsers PATH`: what a trace says, as a table or as JSON lines."""

from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from pyautogui_trace_parsers.detect import formats, parse_many
from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.model import Event, Trace
from pyautogui_trace_parsers.record import digits

_HEADINGS = ("#", "t [s]", "action", "where", "what", "target", "line")
_CELL = 48


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the trace; returns 0, or 2 when it cannot be read."""
    options = _options().parse_args(arguments)
    if options.list:
        _print(_table([("format", "what it is"), *formats().items()], width=120))
        return 0
    if options.path is None:
        print("error: give the PATH of a trace, or --list", file=sys.stderr)
        return 2
    try:
        for trace in parse_many(options.path, options.format):
            _print(_json_lines(trace) if options.jsonl else _report(trace))
    except TraceError as error:
        print(f"error: {_visible(str(error))}", file=sys.stderr)
        return 2
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pyautogui_trace_parsers", description=__doc__)
    parser.add_argument("path", nargs="?", metavar="PATH", help="file, folder or archive")
    parser.add_argument("--format", metavar="F", help="a format's name; by default the format is detected")
    parser.add_argument("--jsonl", action="store_true", help="print events as JSON, one a line")
    parser.add_argument("--list", action="store_true", help="list the formats")
    return parser


def _print(lines: Iterable[str]) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding))


def _json_lines(trace: Trace) -> Iterator[str]:
    for event in trace.events:
        yield json.dumps({"trace": trace.trace_id, **asdict(event)})


def _report(trace: Trace) -> Iterator[str]:
    facts = [trace.format, _visible(trace.trace_id), f"{len(trace.events)} events", f"{len(trace.screens)} screens"]
    facts += [f"{trace.screen_size[0]}x{trace.screen_size[1]} px"] if trace.screen_size else []
    facts += [f"video {_visible(trace.video.file)}"] if trace.video else []
    yield "  ".join(fact for fact in facts if fact)
    yield from _table([_HEADINGS, *(_row(index, event) for index, event in enumerate(trace.events))])
    if trace.problems:
        yield f"{len(trace.problems)} problems:"
    for problem in trace.problems:
        yield _visible(f"  {problem.source.file}:{problem.source.line}: {problem.message}")
    yield ""


def _row(index: int, event: Event) -> tuple[str, ...]:
    points = [point for point in (event.point, event.end_point) if point]
    where = " > ".join(f"{digits(round(x, 4))},{digits(round(y, 4))}" for x, y in points)
    what = [repr(event.text)] if event.text else []
    what += ["+".join(event.keys)] if event.keys else []
    what += [f"{event.scroll.dx:+g},{event.scroll.dy:+g} {event.scroll.unit}"] if event.scroll else []
    target = " ".join(part for part in (event.target.role, event.target.name) if part) if event.target else ""
    time = "" if event.t0 is None else f"{event.t0:.3f}"
    return (str(index), time, event.verb, where, " ".join(what), target, str(event.source.line))


def _table(rows: Iterable[Sequence[str]], width: int = _CELL) -> Iterator[str]:
    cells = [[_cut(_visible(cell), width) for cell in row] for row in rows]
    widths = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _visible(text: str) -> str:
    """Control characters escaped, so that a trace cannot move the terminal's cursor or change its colours."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str, width: int) -> str:
    if _columns(text) <= width:
        return text
    text = text[: width - 1]
    while _columns(text) > width - 1:
        text = text[:-1]
    return text + "…"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
