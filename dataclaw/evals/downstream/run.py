"""A downstream run, stage by stage: tell, draw equal volumes, write, train, test. What is done is not done again.

told/<annotator>/            rows.jsonl and told.json: what an annotator made of the streams
sets/<annotator>-<seed>/     export/traces.jsonl: the rows that are learnt, as a corpus
runs/<annotator>-<seed>/     the training's folder, with chooser/ at its end
scores/<annotator>-<seed>.jsonl   a line for each row of the test split
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dataclaw.choosing import ChoicePoint
from dataclaw.choosing.learned import load_learned
from dataclaw.errors import ConfigError, UsageError, count_of
from dataclaw.evals.downstream.config import Annotator, SmallRecipe
from dataclaw.evals.downstream.rows import HeldRow, LearnedRow, row_of
from dataclaw.evals.downstream.side import DownstreamSide
from dataclaw.evals.downstream.volume import equal_subsets
from dataclaw.files import write_atomic
from dataclaw.strict import load_json
from dataclaw.train.config import CHOOSER, TrainConfig
from dataclaw.types import Json

TASK, ROWS, TOLD = "task.json", "rows.jsonl", "told.json"
News = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DownstreamRun:
    """A run in a folder.

    Attributes:
        task: the declaration.
        side: reads the streams.
        out: the folder.
    """

    task: SmallRecipe
    side: DownstreamSide
    out: Path

    def begin(self) -> None:
        """Take the folder.

        Raises:
            ConfigError: it holds a run of another declaration.
        """
        essence = {"task": self.task.model_dump(mode="json"), "limit": self.side.limit}
        text = json.dumps(essence, sort_keys=True, indent=1) + "\n"
        file = self.out / TASK
        if file.is_file() and file.read_text(encoding="utf-8") != text:
            raise ConfigError("holds a run of another declaration.", place=str(self.out), remedy="Name another --out.")
        self.out.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text)

    def run(self, told: News) -> None:
        """Do what is not done.

        Args:
            told: is called with news, a line each.

        Raises:
            UsageError: there are no streams, or a stream is on both sides.
        """
        tests = self.side.tests()
        told(f"test: {count_of(len(tests), 'row')} of {count_of(len({row.group for row in tests}), 'group')}")
        rows = {name: self._tell(name, one, told) for name, one in self.task.annotators.items()}
        for name, alike in check_apart(rows, tests).items():
            if alike:
                told(f"{name}: {count_of(alike, 'row')} in the words of a row of the test split, about something else")
        for seed in self.task.seeds:
            subsets = equal_subsets(rows, self.task.samples, seed)
            for name, subset in subsets.items():
                self._learn(f"{name}-{seed}", subset, seed, told)
                self._test(f"{name}-{seed}", tests, told)

    def told_of(self, name: str) -> Mapping[str, Any]:
        """What is known of an annotator's work: seconds, streams, refused, tokens; empty before it is done."""
        file = self.out / "told" / name / TOLD
        return load_json(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def scores_of(self, name: str, seed: int) -> list[dict[str, Any]] | None:
        """The lines of the test split; None before they are there."""
        file = self.out / "scores" / f"{name}-{seed}.jsonl"
        return list(_lines(file)) if file.is_file() else None

    def set_of(self, name: str, seed: int) -> Mapping[str, Any]:
        """How many rows and words are learnt; empty before they are drawn."""
        file = self.out / "sets" / f"{name}-{seed}" / "set.json"
        return load_json(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def _tell(self, name: str, annotator: Annotator, told: News) -> list[LearnedRow]:
        folder = self.out / "told" / name
        if not (folder / TOLD).is_file():
            told(f"{name}: tells {count_of(len(self.side.pool()), 'stream')}")
            made = self.side.tell(annotator, folder / "run", lambda news: told(f"{name}: {news}"))
            write_atomic(folder / ROWS, "".join(json.dumps(row.to_json()) + "\n" for row in made.rows))
            known: dict[str, Json] = {"rows": len(made.rows), "words": sum(row.size() for row in made.rows),
                                      "streams": made.streams, "refused": made.refused, "tokens": made.tokens,
                                      "seconds": round(made.seconds, 1)}  # fmt: skip
            write_atomic(folder / TOLD, json.dumps(known) + "\n")
        rows = [row_of(line) for line in _lines(folder / ROWS)]
        told(f"{name}: {count_of(len(rows), 'row')}")
        return rows

    def _learn(self, name: str, rows: list[LearnedRow], seed: int, told: News) -> None:
        corpus, out = self.out / "sets" / name, self.out / "runs" / name
        if (out / CHOOSER).is_dir():
            return
        from dataclaw.train.choice_sft import sft_chooser

        lines = "".join(json.dumps(row.to_json()) + "\n" for row in rows)
        write_atomic(corpus / "export" / "traces.jsonl", lines)
        write_atomic(corpus / "export" / "validation_traces.jsonl", "")
        known = {"rows": len(rows), "words": sum(row.size() for row in rows),
                 "sha256": hashlib.sha256(lines.encode()).hexdigest()}  # fmt: skip
        write_atomic(corpus / "set.json", json.dumps(known) + "\n")
        learn = self.task.learn
        config = TrainConfig.model_validate({
            "model": {"name": "chooser", "device": "cpu"},
            "data": {"corpus": corpus, "seed": seed},
            "sft": {**learn.model_dump(), "eval_every": 0, "save_every": 200},
        })  # fmt: skip
        for news in sft_chooser(config, out):
            if news.note or news.step % 100 == 0:
                told(f"{name}: step {news.step} of {news.steps} {news.note}")

    def _test(self, name: str, tests: list[HeldRow], told: News) -> None:
        file = self.out / "scores" / f"{name}.jsonl"
        if file.is_file():
            return
        learned = load_learned(self.out / "runs" / name / CHOOSER)
        lines: list[str] = []
        for row in tests:
            chosen = row.point.options[int(np.argmax(learned.odds(row.point)[:, 0]))].id
            known = {"stream": row.stream, "group": row.group, "kind": row.kind, "chosen": chosen}
            lines.append(json.dumps({**known, **row.judge(chosen)}))
        write_atomic(file, "\n".join(lines) + "\n")
        first = next(iter(self.task.metrics))
        right = sum(load_json(line)[first] >= 1.0 for line in lines)
        told(f"{name}: {right} of {len(lines)} right")


def check_apart(rows: Mapping[str, Iterable[LearnedRow]], tests: Iterable[HeldRow]) -> dict[str, int]:
    """See to it that no row that is learnt is a row of the test split, or nearly one.

    Nearly: the same question with the same options in the same order, whatever stream it is of. Where these words tell
    coarsely what a row is about, the rows are the same only if that is the same as well.

    Returns:
        How many rows of each annotator have the words of a test row, and are about something else.

    Raises:
        UsageError: one is a row of the test split; it is named.
    """
    held = [(_words(row.point), row.exact, row.stream) for row in tests]
    words, whole, streams = {w for w, _, _ in held}, {(w, e) for w, e, _ in held}, {stream for _, _, stream in held}
    alike = dict.fromkeys(rows, 0)
    for name, some in rows.items():
        for row in some:
            said = _words(row.point)
            if (said, row.exact) in whole or row.stream in streams:
                raise UsageError(
                    f"{row.id} of {name} is in the test split.", remedy="Take it out of the streams, or out of `held`."
                )
            alike[name] += said in words
    return alike


def _words(point: ChoicePoint) -> tuple[str, ...]:
    return point.intent, *(option.content for option in point.options)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
