"""Datasets of the Hugging Face library: typed columns, media inside, and a card that says what is in them."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from dataclaw.export.asking import output_pictures, texts_of
from dataclaw.export.example import Attached, Example, ExampleTurn, LeftOutExample
from dataclaw.export.formats.base import SIDES, ExportTarget, Format, fragment_text, without_extra

if TYPE_CHECKING:
    from datasets import Features

ROWS = 32
"""Rows of a row group: some tens of MB of pictures at once."""
FOLDER = "data"


class Parquet(Format):
    """One parquet file a side below `data/`, and `README.md` as the card.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        try:
            import datasets
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise without_extra("This format is written with datasets") from None
        self._kit, self._arrow, self._parquet = datasets, cast("Any", pyarrow), cast("Any", parquet)
        self._features = self.features()
        self._writers: dict[str, Any] = {}
        self._waiting: dict[str, list[dict[str, Any]]] = {}

    @abstractmethod
    def features(self) -> Features:
        """Columns of a row."""

    @abstractmethod
    def row(self, example: Example) -> dict[str, Any]:
        """A row, media as `{path, bytes}`."""

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Keep a row, and write a group of them when there are enough."""
        waiting = self._waiting.setdefault(side, [])
        waiting.append(cast("dict[str, Any]", self._features.encode_example(self.row(example))))
        if len(waiting) >= ROWS:
            self._flush(side)
        return None

    def close(self) -> None:
        """Write what is left, and close the files; the media are in them, and nowhere else."""
        for side in SIDES:
            self._flush(side)
        for writer in self._writers.values():
            writer.close()
        self.target.store.remove()

    @property
    def tables(self) -> dict[str, str]:
        """The parquet files by side."""
        return {side: f"{FOLDER}/{side}.parquet" for side in SIDES if side in self._writers}

    def _flush(self, side: str) -> None:
        rows = self._waiting.pop(side, [])
        if not rows:
            return
        schema = cast("Any", self._features).arrow_schema
        if side not in self._writers:
            file = self.target.root / FOLDER / f"{side}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            self._writers[side] = self._parquet.ParquetWriter(file, schema)
        self._writers[side].write_table(self._arrow.Table.from_pylist(rows, schema=schema))

    def pictures(self, *turns: ExampleTurn) -> list[dict[str, Any]]:
        """Pictures of turns in order, as the library stores them."""
        return [_file_value(self.target.store.file(m)) for t in turns for m in t.media if m.kind == "image"]

    def clips(self, *turns: ExampleTurn) -> list[dict[str, Any]]:
        """Clips of turns in order, as the library stores them."""
        return [_file_value(self.target.store.file(m)) for t in turns for m in t.media if m.kind == "video"]

    def messages(self, turns: Iterator[ExampleTurn]) -> list[dict[str, Any]]:
        """Turns as messages of typed parts, one part of its kind for every picture and clip."""
        return [{"role": turn.role, "content": [*self._parts(turn)]} for turn in turns]

    def _parts(self, turn: ExampleTurn) -> Iterator[Mapping[str, str | None]]:
        text = ""
        for fragment in turn.fragments:
            if isinstance(fragment, Attached):
                yield from [{"type": "text", "text": text}] if text else []
                yield {"type": fragment.medium.kind, "text": None}
                text = ""
            else:
                text += fragment_text(fragment, self.target.coordinates)
        yield from [{"type": "text", "text": text}] if text else []

    def message_features(self) -> Any:
        """Column of messages."""
        text = self._kit.Value("string")
        return self._kit.List({"role": text, "content": self._kit.List({"type": text, "text": text})})


class Hub(Parquet):
    """Everything that a sample has, for readers of any kind."""

    name = "hf"
    summary = "Hugging Face datasets: parquet with pictures and clips inside, and a dataset card"

    def features(self) -> Features:
        """The unified sample, the conversation made of it, and what bears it out."""
        kit = self._kit
        text, number = kit.Value("string"), kit.Value("float64")
        return kit.Features(
            {
                **dict.fromkeys(("id", "domain", "task", "stream", "intent", "question", "answer"), text),
                "cot": kit.List(text),
                "messages": self.message_features(),
                "images": kit.List(kit.Image()),
                "videos": kit.List(kit.Video()),
                "output_images": kit.List(kit.Image()),
                "output_videos": kit.List(kit.Video()),
                "total": number,
                "evidence": text,
                "anchors": text,
            }
        )

    def row(self, example: Example) -> dict[str, Any]:
        """One row; answers that are objects, evidence and anchors are JSON texts."""
        sample = example.sample
        pictures = output_pictures(sample, example.files)
        outputs = ExampleTurn("assistant", tuple(Attached(medium) for medium in (*pictures, *example.files.clips)))
        return {
            "id": example.id,
            "domain": sample.domain,
            "task": sample.task,
            "stream": example.stream,
            "intent": sample.intent.text,
            **self._question_answer(example),
            "cot": texts_of(sample.cot),
            "messages": self.messages(iter(example.turns)),
            "images": self.pictures(*example.turns),
            "videos": self.clips(*example.turns),
            "output_images": self.pictures(outputs),
            "output_videos": self.clips(outputs),
            "total": sample.verdict.total,
            "evidence": _json(_evidence(example)),
            "anchors": _json(
                {name: anchor.model_dump(exclude_defaults=True) for name, anchor in sample.anchors.items()}
            ),
        }

    def _question_answer(self, example: Example) -> dict[str, str]:
        """Question and answer as texts: the sample's own, or those of the step that the row is."""
        sample = example.sample
        if example.step is None:
            return {
                "question": sample.question,
                "answer": sample.answer if isinstance(sample.answer, str) else _json(sample.answer),
            }
        asked, said = ("".join(part["text"] or "" for part in self._parts(turn)) for turn in example.turns[-2:])
        return {"question": asked, "answer": said}


class Trainable(Parquet):
    """Tables for TRL, which refuses to train a model of text on a table that has a column of images."""

    images_only = True

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        self._is_seen = False

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Keep a row, and whether any shows a picture."""
        self._is_seen = self._is_seen or bool(example.media)
        return super().add(side, example)

    def close(self) -> None:
        """Close the files; where no row has a picture, without their column."""
        super().close()
        if self._is_seen:
            return
        columns = cast("dict[str, Any]", self._features)
        kept = {name: column for name, column in columns.items() if name != "images"}
        schema: Any = self._kit.Features(kept).arrow_schema
        for file in self.tables.values():
            table = self._parquet.read_table(self.target.root / file, columns=[*kept])
            self._parquet.write_table(
                table.cast(schema).replace_schema_metadata(schema.metadata), self.target.root / file
            )


class Trl(Trainable):
    """TRL, conversational language modelling: `messages` and `images`."""

    name = "trl"
    summary = "TRL SFT: messages and images, one part for every image; clips as pictures"

    def features(self) -> Features:
        """Columns that `SFTTrainer` reads."""
        images = self._kit.List(self._kit.Image())
        return self._kit.Features({"messages": self.message_features(), "images": images})

    def row(self, example: Example) -> dict[str, Any]:
        """One conversation."""
        return {"messages": self.messages(iter(example.turns)), "images": self.pictures(*example.turns)}


class TrlPrompt(Trainable):
    """TRL, prompt and completion: only the last turn is learned."""

    name = "trl-prompt"
    summary = "TRL SFT: prompt, completion and images; the loss is on the completion alone"
    words_only = True
    answers: ClassVar[tuple[str, ...]] = ("completion",)

    def features(self) -> Features:
        """Columns that `SFTTrainer` reads."""
        said = dict.fromkeys(("prompt", *self.answers), self.message_features())
        return self._kit.Features({**said, "images": self._kit.List(self._kit.Image())})

    def row(self, example: Example) -> dict[str, Any]:
        """What is asked, and what is answered."""
        *prompt, answer = example.turns
        images = self.pictures(*example.turns)
        return {"prompt": self.messages(iter(prompt)), "completion": self.messages(iter([answer])), "images": images}


class TrlPreference(TrlPrompt):
    """TRL, preferences: the accepted answer against one that was sent back."""

    name = "trl-preference"
    summary = "TRL DPO: prompt, chosen (accepted) and rejected (sent back) answers, images"
    pairs = True
    answers = ("chosen", "rejected")

    def row(self, example: Example) -> dict[str, Any]:
        """Both answers to one question."""
        assert example.rejected is not None
        row = super().row(example)
        return {
            "prompt": row["prompt"],
            "chosen": row["completion"],
            "rejected": self.messages(iter([example.rejected])),
            "images": row["images"],
        }


def _file_value(file: Path) -> dict[str, Any]:
    return {"path": file.name, "bytes": file.read_bytes()}


def _evidence(example: Example) -> dict[str, list[str]]:
    """What bears the row out: of a row that is one step, what bears out this step."""
    if example.step is None:
        return example.sample.evidence
    mine = re.compile(rf"/answer/[^/]+/{example.step}(/|$)")
    return {place: ids for place, ids in example.sample.evidence.items() if mine.match(place)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
