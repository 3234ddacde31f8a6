"""What a downstream task needs to be run: somebody who finds its streams and makes rows of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from dataclaw.evals.downstream.config import Annotator, SmallRecipe
from dataclaw.evals.downstream.rows import HeldRow, Told


class DownstreamSide(Protocol):
    """Reads the streams of a task; every annotator gets the same ones."""

    @property
    def limit(self) -> int | None:
        """Most streams of a family, or of a world; None for all."""
        ...

    def pool(self) -> Sequence[Path]:
        """The streams that may be learnt."""
        ...

    def tests(self) -> list[HeldRow]:
        """The rows of the test split."""
        ...

    def tell(self, annotator: Annotator, out: Path, told: Callable[[str], None]) -> Told:
        """What an annotator makes of the pool, in a folder of its own; `told` is called with news."""
        ...


def side_of(task: SmallRecipe, data: Path, out: Path, limit: int | None = None) -> DownstreamSide:
    """The side that a declaration names.

    Args:
        task: the declaration.
        data: folder of the streams, where the task needs some.
        out: folder of the run, where streams are made if the task makes its own.
        limit: most streams of a family, or of a world.
    """
    if task.side == "vqa":
        from dataclaw.evals.downstream.vqa.side import VqaSide
        from dataclaw.evals.downstream.vqa.test_set import pinned_triplets

        return VqaSide(task, pinned_triplets(task.held[0]), out / "streams", limit)
    from dataclaw.evals.downstream.gui.side import GuiSide

    return GuiSide(task, data, limit)
