"""What every downstream task hands to the runner: rows to learn, and rows to be tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataclaw.choosing import ChoicePoint
from dataclaw.rewards.texts import tokens
from dataclaw.train.choice_data import example_of
from dataclaw.types import Anchor, Json


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """One row of training: a question with its options, and which is right.

    Attributes:
        id: unique among the rows of an annotator.
        stream: the stream that it was made of.
        point: what the base model is asked.
        wanted: id of the right option.
        exact: what the point is about, where its words tell that coarsely; "" where they tell all.
    """

    id: str
    stream: str
    point: ChoicePoint
    wanted: str
    exact: str = ""

    def size(self) -> int:
        """Words that the model reads in training: the question, every option with what is said of it, the answer."""
        said = (str(value) for option in self.point.options for value in (option.content, *option.attrs.values()))
        return len(tokens(self.point.intent)) + len(tokens(" ".join(said))) + 1

    def to_json(self) -> dict[str, Any]:
        """The row as a corpus's traces hold choices."""
        point = self.point
        choice: dict[str, Json] = {
            "point": point.name,
            "intent": point.intent,
            "options": [_option(one) for one in point.options],
            "kept": [],
            "how": point.how,
            "wanted": [self.wanted],
        }
        return {"id": self.id, "stream": self.stream, "domain": point.name.partition(".")[0], "task": point.task,
                "choices": [choice], "exact": self.exact}  # fmt: skip


def _option(anchor: Anchor) -> dict[str, Json]:
    return {"id": anchor.id, "kind": anchor.kind, "content": anchor.content, "t0": anchor.t0, "t1": anchor.t1,
            "attrs": dict(anchor.attrs)}  # fmt: skip


def row_of(line: Mapping[str, Any]) -> LearnedRow:
    """The row that `LearnedRow.to_json` wrote.

    Raises:
        KeyError, TypeError: it is none.
    """
    example = example_of(str(line["task"]), line["choices"][0])
    return LearnedRow(str(line["id"]), str(line["stream"]), example.point, example.wanted[0], str(line["exact"]))


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row of the test split.

    Attributes:
        stream: the stream, which intervals are drawn over.
        group: rows that are right together or not at all: the steps of an episode, the questions of a triplet.
        point: what the base model is asked.
        judge: what an option scores, by metric (0..1); of "" for no option.
        kind: what kind of row it is, for the table; "" where kinds are not told apart.
        exact: as of `LearnedRow`.
    """

    stream: str
    group: str
    point: ChoicePoint
    judge: Callable[[str], Mapping[str, float]]
    kind: str = ""
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an annotator made of the streams.

    Attributes:
        rows: the rows.
        streams: how many streams they are of.
        refused: how many streams gave nothing.
        seconds: what it took [s].
        tokens: what asking a model took.
    """

    rows: Sequence[LearnedRow]
    streams: int
    refused: int
    seconds: float
    tokens: int = 0
