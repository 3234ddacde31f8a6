"""The GUI side of a downstream run: demonstrations in, rows out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.config import Annotator, SmallRecipe
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

    task: SmallRecipe
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
        rows: list[LearnedRow] = []
        refused = tokens = 0
        before = 0.0
        if annotator.kind == "tailored":
            tokens, before = self._run_agent(annotator, out, told)
        start = time.monotonic()
        for demonstration, lesson in self._lessons(annotator, out):
            made = list(learned_rows(demonstration, lesson)) if lesson else []
            refused += not made
            rows += made
        return Told(rows, len(self.pool()), refused, before + time.monotonic() - start, tokens)

    def _run_agent(self, annotator: Annotator, out: Path, told: Callable[[str], None]) -> tuple[int, float]:
        """Have the agent tailor the pool; the tokens that its model read and wrote, and what it took [s]."""
        options: dict[str, Json] = {"domain": self.task.domain, "task": self.task.task, "choose": annotator.choose}
        options |= {"model": annotator.model} if annotator.model else {}
        files, tokens, seconds = self.pool(), 0, 0.0
        for number, outcome in enumerate(iter_tailor(files, self.task.intent, out=out, **options), 1):
            told(f"{number} of {len(files)} streams")
            tokens += outcome.usage.read + outcome.usage.written
            seconds += outcome.seconds  # of streams that were done before a stop, too
        return tokens, seconds

    def _lessons(self, annotator: Annotator, out: Path) -> Iterator[tuple[Demonstration, GuiLesson | None]]:
        text = (out / "samples.jsonl").read_text(encoding="utf-8") if annotator.kind == "tailored" else ""
        samples = {sample["stream"]["path"]: sample for sample in map(json.loads, text.splitlines())}
        for file in self.pool():
            if one := self._demonstration(file):
                match annotator.kind:
                    case "raw":
                        yield one, as_logged(one)
                    case "random":
                        yield one, at_random(one, LOTS)
                    case "truth":
                        yield one, by_truth(one)
                    case "tailored":
                        yield one, by_sample(samples[str(file)]) if str(file) in samples else None

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
