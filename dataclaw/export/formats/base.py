"""What a format is: a writer that is given examples and leaves files, each loaded by its consumer in the tests."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from dataclaw.errors import MissingExtraError, UsageError
from dataclaw.export.coordinates import Convention, Coordinates
from dataclaw.export.example import Attached, Example, ExampleTurn, Fragment, LeftOutExample, Pinpoint
from dataclaw.export.selection import TRAIN, VALIDATION
from dataclaw.export.store import MediaStore
from dataclaw.types import Json

SIDES = (TRAIN, VALIDATION)


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """Where and how a format writes.

    Attributes:
        root: folder of the export.
        store: its media.
        coordinates: how points and boxes are written.
    """

    root: Path
    store: MediaStore
    coordinates: Coordinates


class Format(ABC):
    """One consumer's files.

    Attributes:
        name: as `--to` takes it.
        summary: one sentence for `--help`.
        images_only: whether clips become pictures before the format sees them.
        coordinates: the convention where the user names none.
        pairs: whether only examples with a rejected answer are of use.
        whole: whether a row is always a whole sample.
        words_only: whether the last turn may hold no picture and no clip.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    images_only: ClassVar[bool] = False
    coordinates: ClassVar[Convention] = "thousandths"
    pairs: ClassVar[bool] = False
    whole: ClassVar[bool] = False
    words_only: ClassVar[bool] = False

    def __init__(self, target: ExportTarget) -> None:
        self.target = target

    @abstractmethod
    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Write one example to one side of the split; why not, when the format cannot hold it."""

    def refuse(self, example: Example) -> LeftOutExample | None:
        """Why an example is not for this consumer, whatever it is written as; None when it is."""
        answers = [example.turns[-1], *([example.rejected] if example.rejected else [])]
        if self.words_only and any(answer.media for answer in answers):
            return LeftOutExample(
                example.id, f"its answer holds pictures or clips, which {self.name} reads in questions"
            )
        return None

    @abstractmethod
    def close(self) -> None:
        """Finish the files."""

    @property
    def tables(self) -> dict[str, str]:
        """Files by side that `datasets.load_dataset` shall load, relative to the export; the card names them."""
        return {}


class Lines(Format):
    """A format of one JSON object a line, `train.jsonl` and `validation.jsonl`."""

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        self._files: dict[str, IO[str]] = {}

    @abstractmethod
    def row(self, example: Example) -> dict[str, Json] | LeftOutExample:
        """The line of an example, or why there is none."""

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Write one line."""
        row = self.row(example)
        if isinstance(row, LeftOutExample):
            return row
        if side not in self._files:
            self._files[side] = (self.target.root / f"{side}.jsonl").open("w", encoding="utf-8")
        self._files[side].write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        return None

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    @property
    def sides(self) -> list[str]:
        """Sides that have a row, train first."""
        return [side for side in SIDES if side in self._files]


def tagged_text(turn: ExampleTurn, coordinates: Coordinates) -> str:
    """A turn as one text, with `<image>` and `<video>` where its media belong."""
    return "".join(fragment_text(part, coordinates) for part in turn.fragments)


TAGS = {"image": "<image>", "video": "<video>"}


def fragment_text(part: Fragment, coordinates: Coordinates, tags: Mapping[str, str] = TAGS) -> str:
    """One fragment as text; `tags` stand for media by kind."""
    if isinstance(part, Attached):
        return tags[part.medium.kind]
    return coordinates.text(part) if isinstance(part, Pinpoint) else part.text


def check_counts(texts: Iterator[str], media: Mapping[str, list[str]], example: Example) -> None:
    """Make sure that a row has one tag for each of its files.

    Args:
        texts: its texts.
        media: its files by tag.
        example: whose row it is.

    Raises:
        UsageError: they differ; the sample is named.
    """
    whole = "\0".join(texts)
    for tag, files in media.items():
        if whole.count(tag) != len(files):
            raise UsageError(
                f"sample {example.id} has {whole.count(tag)} {tag} for {len(files)} files.",
                remedy="This is a fault of the export; please report it with the sample.",
            )


def without_extra(what: str) -> MissingExtraError:
    """The error of a format whose library is missing; `what` says what is written with which."""
    return MissingExtraError(f"{what}, which is not installed.", remedy="Run: pip install 'dataclaw-tailor[export]'")
