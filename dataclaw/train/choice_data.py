"""What experts chose, out of a corpus: the choice points of the tasks' plans, and what its samples cite of them.

Wanted are the options that the sample cites outside its reasoning and its list of what was left out. The plan is run
anew up to its first choice point, with the rules' own choice as one of the figures; nothing after it is run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domain import Task
from dataclaw.errors import ConfigError
from dataclaw.tools.cache import Cache
from dataclaw.train.corpus_streams import OpenStreams, root_of
from dataclaw.types import Anchor, Intent, Json, Stream

EXAMPLES = "choices.jsonl"
SAMPLES = ("training_samples.jsonl", "validation_samples.jsonl")
SILENT = 8
"""After so many samples without a choice point, and none with one, a task is taken to have none."""
_ASIDE = ("/cot", "/left_out")


@dataclass(frozen=True, slots=True)
class ChoiceExample:
    """A choice point with its right answer.

    Attributes:
        point: the point.
        wanted: ids of the options that the reference cites; one at least.
        unit: id of the stream it comes from; training and validation never share one.
    """

    point: ChoicePoint
    wanted: frozenset[str]
    unit: str

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        options = [asdict(option) for option in self.point.options]
        said = {"name": self.point.name, "task": self.point.task, "intent": self.point.intent}
        return said | {"options": options, "kept": list(self.point.kept), "how": self.point.how,
                       "declared": self.point.declared,
                       "wanted": sorted(self.wanted), "unit": self.unit}  # fmt: skip

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> ChoiceExample:
        """The example that `to_json` gave."""
        options = [Anchor(**option) for option in data["options"]]
        point = ChoicePoint(data["name"], data["task"], data["intent"], options, data["kept"], data.get("how", "some"),
                            bool(data.get("declared")))  # fmt: skip
        return cls(point, frozenset(data["wanted"]), data["unit"])


def examples_of(corpus: Path) -> Iterator[ChoiceExample]:
    """The examples of a corpus, sample by sample; a task whose plan asks nothing has none.

    Raises:
        ConfigError: it is no corpus, or its streams are not there.
    """
    root = root_of(corpus)
    files = [root / "export" / name for name in SAMPLES]
    if not all(file.exists() for file in files):
        raise ConfigError("no corpus with its export.", place=str(corpus), remedy="Run: dataclaw corpus build")
    streams = OpenStreams(root)
    missed: Counter[tuple[str, str]] = Counter()
    asked: set[tuple[str, str]] = set()
    for sample in _samples(files):
        task = (str(sample["domain"]), str(sample["task"]))
        if task not in asked and missed[task] >= SILENT:
            continue  # such a plan runs to its end, which takes long
        stream = streams.stream(sample["stream"]["path"], sample["domain"])
        example = _example(sample, stream, streams.domain(task[0]).task(task[1]), Cache())
        if example is None:
            missed[task] += 1
        else:
            asked.add(task)
            yield example


def _samples(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _example(sample: Mapping[str, Any], stream: Stream, task: Task, cache: Cache) -> ChoiceExample | None:
    origin = sample["origin"]
    declared = origin["template"] if origin["style"] == "template" else ""
    intent = Intent(sample["intent"]["text"], declared)
    point = point_in(stream, task, intent, cache)
    if point is None:
        return None
    cited = {name for path, names in sample["evidence"].items() if not path.startswith(_ASIDE) for name in names}
    facts = {_fact(Anchor(**{"id": name, **sample["anchors"][name]})) for name in cited if name in sample["anchors"]}
    wanted = frozenset(option.id for option in point.options if _fact(option) in facts)
    return ChoiceExample(point, wanted, stream.id) if wanted else None


def point_in(stream: Stream, task: Task, intent: Intent, cache: Cache) -> ChoicePoint | None:
    """The first choice point that the task's plan comes to, None where it comes to none."""
    listener = _Listener()
    state = State("choice", task.domain, task.name, intent, (0.0, stream.duration), budget=task.budget)
    try:
        run_batch([(state, Session(stream, task, cache, chooser=listener))], Planner())
    except _Reached as reached:
        return reached.point
    return None


class _Reached(Exception):  # noqa: N818 - it is no error
    def __init__(self, point: ChoicePoint) -> None:
        super().__init__(point.name)
        self.point = point


class _Listener:
    """Ends a rollout where it is asked to choose."""

    def choose(self, point: ChoicePoint) -> Chosen:
        raise _Reached(point)


def _fact(anchor: Anchor) -> tuple[str, str, float, float, str]:
    """What makes two anchors of different rollouts the same; their ids may differ."""
    return anchor.kind, anchor.content, round(anchor.t0, 3), round(anchor.t1, 3), anchor.part


def write_examples(corpora: list[Path], file: Path) -> Iterator[int]:
    """Write the examples of corpora, a line each; yields how many there are so far."""
    partial = file.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as out:
        for count, example in enumerate((e for corpus in corpora for e in examples_of(corpus)), 1):
            out.write(json.dumps(example.to_json(), ensure_ascii=False, separators=(",", ":"), default=list) + "\n")
            yield count
    partial.replace(file)


def read_examples(file: Path) -> list[ChoiceExample]:
    """The examples in a file."""
    with file.open(encoding="utf-8") as lines:
        return [ChoiceExample.of_json(json.loads(line)) for line in lines]
