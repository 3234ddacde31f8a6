"""Which code reads the streams of which downstream task."""

from __future__ import annotations

from pathlib import Path

from dataclaw.evals.downstream.config import DownstreamTask
from dataclaw.evals.downstream.gui.side import GuiSide


def side_of(task: DownstreamTask, data: Path, limit: int | None) -> GuiSide:
    """What reads the streams of a task.

    Args:
        task: the declaration.
        data: folder of the streams.
        limit: most streams of a family; None for all.
    """
    return GuiSide(task, data, limit)
