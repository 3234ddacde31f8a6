"""One line of the agreement tables: a source of real streams, a task, and how what came out compares with the truth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

Sample = dict[str, Any]
INPUTS = ("input_video", "input_image", "input_text", "input_parts")
"""Keys of a sample of which one at least holds what its question is asked about."""
_PATH = re.compile(r" at /\S+(?: /\S+)*")


@dataclass(frozen=True, slots=True)
class Row:
    """A source and a task.

    Attributes:
        source: folder or file below the sample data.
        task: `<domain>.<task>`.
        streams: number of streams tried.
        samples: how many gave a sample.
        inputs: how many of these carry what their question is asked about: pictures, video, text or parts.
        rejected: how many were rejected.
        reason: the reasons of the rejections, "" when there are none.
        truth: annotation that the samples are compared with, "" when the source has none.
        agreement: what was found, with the numbers ("12 of 14 within 2 s").
    """

    source: str
    task: str
    streams: int
    samples: int
    inputs: int
    rejected: int
    reason: str = ""
    truth: str = ""
    agreement: str = ""


def samples_of(outcomes: Iterable[Any]) -> list[Sample]:
    """All samples of the outcomes of a run."""
    return [sample for outcome in outcomes for sample in outcome.samples]


def row_of(source: str, task: str, outcomes: Sequence[Any], truth: str = "", agreement: str = "") -> Row:
    """The row of a run over a source; `task` is `<domain>.<task>`."""
    samples = samples_of(outcomes)
    rejected = [entry for outcome in outcomes for entry in outcome.rejected]
    reasons = Counter(_reason(entry["reason"]) for entry in rejected)
    told = "; ".join(f"{count} x {said}" for said, count in reasons.most_common(5))
    inputs = sum(any(sample.get(key) for key in INPUTS) for sample in samples)
    return Row(source, task, len(outcomes), len(samples), inputs, len(rejected), told, truth, agreement)


def _reason(text: str) -> str:
    """The first sentence of a reason, without the file it is about and what it quotes."""
    return re.sub(r' \("[^"]*"?\)?.*', "", _PATH.sub("", text.split(". ")[0])).rstrip(".")[:160]


def file_of(sample: Sample) -> Path:
    """The file or folder that a sample was made of."""
    return Path(sample["stream"]["path"])


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    names = [field.name for field in fields(Row)]
    lines = [f"| {' | '.join(names)} |", f"|{'|'.join(' --- ' for _ in names)}|"]
    for row in rows:
        cells = [str(getattr(row, name)).replace("|", "/").replace("\n", " ") for name in names]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
