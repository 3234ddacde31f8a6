"""The GUI side of a downstream run: demonstrations in, rows out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.config import Annotator, DownstreamTask
from dataclaw.evals.downstream.gui.demonstrations import Demonstration, read_demonstration
from dataclaw.evals.downstream.gui.lessons import (
    GuiLesson,
    as_logged,
    at_random,
    by_sample,
    by_truth,
    held_rows,
    learned_rows,
)
from dataclaw.evals.downstream.rows import HeldRow, LearnedRow, Told
from dataclaw.run.api import iter_tailor
from dataclaw.types import Json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.detect import claimants

LOTS = 17
"""Seed of the random annotator."""


@dataclass(slots=True)
class GuiSide:
    """Reads demonstrations and makes rows of them.

    Attributes:
        task: the declaration.
        data: folder of the demonstrations, a folder for each family.
        limit: most demonstrations of a family; None for all.
    """

    task: DownstreamTask
    data: Path
    limit: int | None = None
    _read: dict[Path, Demonstration | None] = field(default_factory=dict[Path, "Demonstration | None"])

    def pool(self) -> list[Path]:
        """Files that may be learnt, of families that are not held out.

        Raises:
            UsageError: there are none.
        """
        return self._files(held=False)

    def tests(self) -> list[HeldRow]:
        """Every step of every demonstration of a held-out family that worked."""
        found = [self._demonstration(file) for file in self._files(held=True)]
        return [row for one in found if one and one.won for row in held_rows(one)]

    def tell(self, annotator: Annotator, out: Path, told: Callable[[str], None]) -> Told:
        """What an annotator makes of the pool.

        Args:
            annotator: who tells.
            out: folder for what it needs to keep.
            told: is called with news.
        """
        start, spent = time.monotonic(), 0
        rows: list[LearnedRow] = []
        refused = 0
        lessons = self._run_agent(annotator, out, told) if annotator.kind == "tailored" else self._simple(annotator)
        for demonstration, lesson, tokens in lessons:
            spent += tokens
            made = list(learned_rows(demonstration, lesson)) if lesson else []
            refused += not made
            rows += made
        return Told(rows, len(self.pool()), refused, time.monotonic() - start, spent)

    def _simple(self, annotator: Annotator) -> Iterator[tuple[Demonstration, GuiLesson | None, int]]:
        for file in self.pool():
            if one := self._demonstration(file):
                if annotator.kind == "truth":
                    yield one, by_truth(one), 0
                else:
                    yield one, as_logged(one) if annotator.kind == "raw" else at_random(one, LOTS), 0

    def _run_agent(
        self, annotator: Annotator, out: Path, told: Callable[[str], None]
    ) -> Iterator[tuple[Demonstration, GuiLesson | None, int]]:
        task = self.task
        options: dict[str, Json] = {"domain": task.domain, "task": task.task, "choose": annotator.choose}
        options |= {"model": annotator.model} if annotator.model else {}
        files = self.pool()
        for number, _ in enumerate(iter_tailor(files, task.intent, out=out, **options), 1):
            told(f"{number} of {len(files)} streams")
        lines = (out / "samples.jsonl").read_text(encoding="utf-8").splitlines()
        samples = {sample["stream"]["path"]: sample for sample in map(json.loads, lines)}
        for file in files:
            if one := self._demonstration(file):
                sample = samples.get(str(file))
                yield one, by_sample(sample) if sample else None, 0

    def _files(self, *, held: bool) -> list[Path]:
        names = sorted(folder.name for folder in self.data.iterdir() if folder.is_dir()) if self.data.is_dir() else []
        some = [name for name in names if (name in self.task.held) == held]
        found = [self._family(name) for name in some]
        if not any(found):
            what = "held-out families" if held else "families to learn"
            raise UsageError(f"no {what} in {self.data}.", remedy=f"Name a folder with --data: {self.task.streams}.")
        return [file for files in found for file in files]

    def _family(self, name: str) -> Sequence[Path]:
        files = sorted(file.resolve() for file in (self.data / name).iterdir() if "miniwob" in claimants(file))
        return files[: self.limit]

    def _demonstration(self, file: Path) -> Demonstration | None:
        """The demonstration in a file; None of one that cannot be read, which every annotator meets alike."""
        if file not in self._read:
            try:
                self._read[file] = read_demonstration(file)
            except TraceError:
                self._read[file] = None
        return self._read[file]
