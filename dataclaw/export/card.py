"""The card of an export: what is in it, how it was checked, where it came from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from dataclaw.errors import count_of
from dataclaw.export.example import Example
from dataclaw.types import Json
from dataclaw.version import __version__

EXAMPLES, LONGEST = 2, 1500
"""Examples that the card shows, and how much of each [characters]."""
SOURCES = 50
"""Streams that the card names."""


@dataclass
class ExportCard:
    """Counts what is exported.

    Attributes:
        licence: what the user says of the licence of the sources, "" for nothing.
        rows: rows by `(side, domain, task)`.
        streams: rows by `(name, format)` of the source.
        scores: scores by rule, one a sample.
        totals: totals, one a sample.
        intents: samples by the words of the intent.
        makers: samples by the policy that made them.
        examples: the first rows: question and answer.
    """

    licence: str = ""
    rows: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    streams: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    scores: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    totals: list[float] = field(default_factory=list[float])
    intents: Counter[str] = field(default_factory=Counter[str])
    makers: Counter[str] = field(default_factory=Counter[str])
    examples: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _samples: set[str] = field(default_factory=set[str])

    def add(self, side: str, example: Example) -> None:
        """Count a row, and its sample once."""
        sample = example.sample
        self.rows[side, sample.domain, sample.task] += 1
        self.streams[sample.stream.name, sample.stream.format] += 1
        if sample.id in self._samples:
            return
        self._samples.add(sample.id)
        self.intents[sample.intent.text] += 1
        self.makers[sample.made_by.policy] += 1
        if sample.verdict.total is not None:
            self.totals.append(sample.verdict.total)
        for rule, score in sample.verdict.scores.items():
            if score is not None:
                self.scores.setdefault(rule, []).append(score)
        if len(self.examples) < EXAMPLES:
            answer = sample.answer
            said = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=1)
            self.examples.append((sample.question, said))

    def to_json(self) -> dict[str, Json]:
        """The counts as plain data."""
        return {
            "version": __version__,
            "rows": [{"side": s, "domain": d, "task": t, "rows": n} for (s, d, t), n in sorted(self.rows.items())],
            "samples": len(self._samples),
            "streams": [{"name": n, "format": f, "rows": c} for (n, f), c in sorted(self.streams.items())],
            "rules": {rule: {"mean": round(fmean(v), 4), "samples": len(v)} for rule, v in sorted(self.scores.items())},
            "makers": dict(self.makers),
            "intents": dict(self.intents),
            "licence": self.licence,
        }

    def text(self, files: Mapping[str, str], title: str) -> str:
        """The card as Markdown, with the front matter that the Hugging Face library reads.

        Args:
            files: data files by side, relative to the card.
            title: what stands on top.
        """
        return "\n".join([*self._front(files), "", f"# {title}", "", *self._body()]) + "\n"

    def _front(self, files: Mapping[str, str]) -> Iterator[str]:
        yield "---"
        if files:
            yield from ("configs:", "- config_name: default", "  data_files:")
            for side, file in files.items():
                yield from (f"  - split: {side}", f"    path: {file}")
        yield from ("tags:", "- dataclaw", *sorted({f"- {domain}" for _, domain, _ in self.rows}), "---")

    def _body(self) -> Iterator[str]:
        rows, streams = sum(self.rows.values()), len(self.streams)
        counts = f"{count_of(rows, 'row')} out of {count_of(len(self._samples), 'sample')} from"
        yield (
            f"{counts} {count_of(streams, 'stream')}, made by DataClaw {__version__}. Each sample answers an intent, "
            "and what it says of a recording is borne out by anchors in that recording and judged by rules."
        )
        yield from ("", "## What is in it", "", "| side | domain | task | rows |", "|---|---|---|---|")
        yield from (f"| {s} | {d} | {t} | {n} |" for (s, d, t), n in sorted(self.rows.items()))
        yield from ("", "No stream is on both sides. Rows that repeat another are left out (`left_out.jsonl`).")
        yield from ("", "Asked for:", "", *(f"- {_plain(text)} ({n})" for text, n in self.intents.most_common(20)))
        yield from ("", "Made by: " + ", ".join(f"{_plain(name)} ({n})" for name, n in self.makers.most_common()))
        if self.totals:
            low, mid, high = min(self.totals), median(self.totals), max(self.totals)
            yield from ("", "## Verdicts", "", f"Totals {low:.2f} to {high:.2f}, median {mid:.2f}.", "")
            yield from ("| rule | mean score | samples |", "|---|---|---|")
            yield from (f"| {rule} | {fmean(v):.3f} | {len(v)} |" for rule, v in sorted(self.scores.items()))
        yield from ("", "## Sources", "")
        yield (
            self.licence
            or "The licences of the sources are not known to the program: who publishes this must say them."
        )
        yield from ("", "| stream | format | rows |", "|---|---|---|")
        named = sorted(self.streams.items())
        yield from (f"| {_plain(name)} | {_plain(kind)} | {n} |" for (name, kind), n in named[:SOURCES])
        if len(named) > SOURCES:
            yield f"| and {len(named) - SOURCES} more | | {sum(n for _, n in named[SOURCES:])} |"
        if self.examples:
            yield from ("", "## Examples")
        for question, answer in self.examples:
            yield from ("", "Question:", "", *_quote(question), "", "Answer:", "", *_quote(answer))


def _plain(text: str) -> str:
    """A text of a stranger in a line or a table: nothing in it is Markdown or HTML."""
    flat = " ".join(text.split())[:200]
    return "".join(f"&#{ord(char)};" if char in "|<>`*_[]()#&!\\" else char for char in flat)


def _quote(text: str) -> list[str]:
    """A text as an indented block, in which nothing is Markdown."""
    return [f"    {line}" for line in text[:LONGEST].splitlines()] + (["    ..."] if len(text) > LONGEST else [])
