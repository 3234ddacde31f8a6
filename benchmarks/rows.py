"""One line of the agreement tables: a source of real streams, a task, and how what came out compares with the truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Row:
    """A source and a task.

    Attributes:
        source: folder or file below the sample data.
        task: `<domain>.<task>`.
        streams: number of streams tried.
        samples: how many gave a sample.
        rejected: how many were rejected.
        reason: the reasons of the rejections, "" when there are none.
        truth: annotation that the samples are compared with, "" when the source has none.
        agreement: what was found, with the numbers ("12 of 14 within 2 s").
    """

    source: str
    task: str
    streams: int
    samples: int
    rejected: int
    reason: str = ""
    truth: str = ""
    agreement: str = ""


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    names = [field.name for field in fields(Row)]
    lines = [f"| {' | '.join(names)} |", f"|{'|'.join(' --- ' for _ in names)}|"]
    for row in rows:
        cells = [str(getattr(row, name)).replace("|", "/").replace("\n", " ") for name in names]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
