"""The matrix of a check in a terminal: kinds of attacks down, tasks across, as many as fit beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dataclaw.cli.plain_text import safe_markup
from dataclaw.kit.matrix import Matrix, MatrixCell, held_by, matrix_of
from dataclaw.kit.report import TriedDraft

if TYPE_CHECKING:
    from rich.console import RenderableType

CELL, NAMED = 6, 46
"""Width of a column of a task, and of the columns beside those [characters]."""
LEGEND = "✓n all n drafts sent back   ✗k/n so many of them accepted   · does not apply"


def matrix_tables(tried: Sequence[TriedDraft], width: int) -> Iterator[RenderableType]:
    """What was tried, in as many tables as the width asks for, the tasks numbered beneath.

    Args:
        tried: every draft that was judged.
        width: of the terminal [characters].
    """
    from rich.text import Text

    tasks = list(dict.fromkeys(draft.task for draft in tried))
    matrix = matrix_of(tried)
    fit = max(1, (width - NAMED) // CELL)
    for first in range(0, len(tasks), fit):
        yield _table(matrix, tasks, range(first, min(first + fit, len(tasks))))
    names = "  ".join(f"[bold]{at + 1}[/] {safe_markup(task)}" for at, task in enumerate(tasks))
    yield Text.from_markup(f"{LEGEND}\n{names}")


def _table(matrix: Matrix, tasks: Sequence[str], shown: range) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("attack", width=22, no_wrap=True)
    for at in shown:
        table.add_column(str(at + 1), justify="right", no_wrap=True, min_width=CELL - 1)
    table.add_column("held most often by", overflow="ellipsis", no_wrap=True)
    for family, cells in matrix.items():
        row = [cells.get(tasks[at], MatrixCell()) for at in shown]
        table.add_row(safe_markup(family), *map(_mark, row), safe_markup(held_by(row)))
    return table


def _mark(cell: MatrixCell) -> str:
    colour = "red" if cell.accepted else "green" if cell.held else "dim"
    return f"[{colour}]{cell.mark}[/]"
