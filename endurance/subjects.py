"""The commands that something goes wrong in, what they are given, and what of their folders must be the same again."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.train.choices import choice, write_corpus

CONTENT_OF_TIMES = frozenset(
    {"seconds", "made_at", "when", "started", "took", "at", "elapsed", "tokens_per_second", "total_seconds"}
)
"""Keys of what differs between two runs of the same."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A command that is put to the test.

    Attributes:
        name: what it is called in the table.
        args: its arguments, `{out}` for the folder that it writes and `{inputs}` for that of its streams.
        tables: files below the folder that hold what it gives, as globs.
        needs: a library that it takes and that may be missing, "" for none.
    """

    name: str
    args: Sequence[str]
    tables: Sequence[str]
    needs: str = ""

    @property
    def missing(self) -> str:
        """The library that it takes and that is not installed, "" for none."""
        return self.needs if self.needs and importlib.util.find_spec(self.needs) is None else ""


RECIPE = """[model]
name = "chooser"
device = "cpu"
[data]
corpus = "{corpus}"
[sft]
lr = 2e-3
epochs = 2
batch_tokens = 64
save_every = 2
eval_every = 0
"""
INTENT = "Extract the ordered UI actions with coordinates"
SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("run", ["run", "-d", "gui", "-i", INTENT, "{inputs}/traces", "-o", "{out}", "--no-report"],
                ["samples.jsonl", "rejected.jsonl", "artifacts.jsonl", "media/**/*"]),
        Subject("run-2", ["run", "-d", "gui", "-i", INTENT, "{inputs}/traces", "-o", "{out}", "--no-report",
                         "--workers", "2"],
                ["samples.jsonl", "rejected.jsonl", "artifacts.jsonl", "media/**/*"]),
        Subject("corpus", ["corpus", "build", "-d", "education", "--world", "talk", "--streams", "1", "--asks", "2",
                           "-o", "{out}"], ["export/*.jsonl"]),
        Subject("bench", ["bench", "build", "-d", "aigc", "--world", "cuts", "--count", "2", "--requests", "1",
                          "--out", "{out}"], ["*.jsonl", "manifest.json"]),
        Subject("train", ["train", "sft", "{inputs}/chooser.toml", "--out", "{out}"],
                ["chooser/*", "run.json", "metrics.jsonl"], needs="torch"),
    )
}  # fmt: skip


def make_inputs(folder: Path) -> Path:
    """Two small traces of three clicks each, without pictures; a corpus of choices, and a recipe that learns it."""
    traces = folder / "traces"
    traces.mkdir(parents=True)
    for number in range(2):
        steps = [
            {"index": at, "image": "", "value": {"code": f"pyautogui.click(x=0.{number + 3}{at}, y=0.5)",
             "action": "Click", "observation": "A page", "thought": "Go on"}} for at in range(3)
        ]  # fmt: skip
        told = {"task_id": f"t{number}", "instruction": "Choose the three marks", "traj": steps}
        (traces / f"trace{number}.jsonl").write_text(json.dumps(told) + "\n")
    corpus = write_corpus(folder / "corpus", [choice(at) for at in range(12)], [choice(at) for at in range(12, 15)])
    (folder / "chooser.toml").write_text(RECIPE.format(corpus=corpus))
    return folder


def content(subject: Subject, out: Path) -> dict[str, Any]:
    """What the command gave, by file, without times; lines in an order of their own."""
    found: dict[str, Any] = {}
    for pattern in subject.tables:
        for file in sorted(path for path in out.glob(pattern) if path.is_file()):
            name = str(file.relative_to(out))
            if file.suffix == ".jsonl":
                found[name] = sorted(json.dumps(_timeless(json.loads(line)), sort_keys=True)
                                     for line in file.read_text(encoding="utf-8").splitlines())  # fmt: skip
            elif file.suffix == ".json":
                found[name] = _timeless(json.loads(file.read_text(encoding="utf-8")))
            else:
                found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _timeless(v) for key, v in value.items() if key not in CONTENT_OF_TIMES}
    return [_timeless(v) for v in value] if isinstance(value, list) else value
