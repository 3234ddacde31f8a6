"""What one training example is, before any format: turns of text, media and places, in the order that they are read.

Every format writes the same examples, so that a question is asked alike whoever trains on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from dataclaw.run.report.records import SampleRecord
from dataclaw.types import Json

Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or a clip of a sample.

    Attributes:
        path: the file.
        kind: "image" or "video".
        sha256: hash of the file's content.
        size: `(width, height)` [px].
        frame: index of the sampled frame, None for a clip.
        part: label of the fragment it belongs to, "" for the stream itself.
        span: `(t0, t1)` [s] of the stream that it shows; equal for a picture.
        rate: frames per second of a clip, 0 for a picture.
        frames: frames of a clip, 1 for a picture.
    """

    path: Path
    kind: Literal["image", "video"]
    sha256: str
    size: tuple[int, int]
    frame: int | None = None
    part: str = ""
    span: tuple[float, float] = (0.0, 0.0)
    rate: float = 0.0
    frames: int = 1

    @property
    def key(self) -> tuple[str, int | None]:
        """Part and frame, by which the pictures of a sample are told apart."""
        return self.part, self.frame


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture or a clip, at this point of the text."""

    medium: Medium


@dataclass(frozen=True, slots=True)
class Pinpoint:
    """A point or a box in a picture, which each format writes in its own coordinates.

    Attributes:
        values: `(x, y)` or `(x0, y0, x1, y1)` as fractions 0..1 of the picture's width and height.
        size: `(width, height)` [px] of the picture.
        picture: hash of the picture that it lies in, "" when the example does not show it.
        named: whether it is written as the arguments `x=..., y=...` of a call, else as a list.
    """

    values: tuple[float, ...]
    size: tuple[int, int]
    picture: str = ""
    named: bool = False


Fragment: TypeAlias = Spoken | Attached | Pinpoint


@dataclass(frozen=True, slots=True)
class ExampleTurn:
    """What one side says: fragments in order. Only what the assistant says is learned."""

    role: Role
    fragments: tuple[Fragment, ...]

    @property
    def media(self) -> list[Medium]:
        """Pictures and clips of the turn, in order."""
        return [part.medium for part in self.fragments if isinstance(part, Attached)]


@dataclass(frozen=True, slots=True)
class SampleMedia:
    """The files of a sample by what they are for.

    Attributes:
        pictures: pictures of the recording, by part and frame.
        inputs: clips that are shown with the question.
        clips: clips that belong to the answer.
    """

    pictures: Mapping[tuple[str, int], Medium] = field(default_factory=dict[tuple[str, int], Medium])
    inputs: tuple[Medium, ...] = ()
    clips: tuple[Medium, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One row to train on.

    Attributes:
        id: name of the sample, with `-step3` behind it when the row is one step of it.
        sample: the sample's record as it stands in `samples.jsonl`.
        turns: system first if there is one, then user and assistant by turns; the last is the assistant's.
        files: all files of the sample.
        rejected: what was handed in for the same question and sent back; None where nothing was.
        step: index of the step in the sample, None for all of it.
        steps: all steps of the answer, where the task has steps and the row is all of it.
    """

    id: str
    sample: SampleRecord
    turns: tuple[ExampleTurn, ...]
    files: SampleMedia = SampleMedia()
    rejected: ExampleTurn | None = None
    step: int | None = None
    steps: tuple[dict[str, Json], ...] = ()

    @property
    def media(self) -> list[Medium]:
        """Pictures and clips of all turns, in order; one that is shown twice is there twice."""
        return [medium for turn in self.turns for medium in turn.media]

    @property
    def stream(self) -> str:
        """Id of the source stream, by which the example is put on one side of the split."""
        return self.sample.stream.id or self.sample.stream.name

    def with_turns(self, turns: Iterator[ExampleTurn]) -> Example:
        """The same example with other turns."""
        return replace(self, turns=tuple(turns))


@dataclass(frozen=True, slots=True)
class LeftOutExample:
    """Something that is not exported, a line of `left_out.jsonl`.

    Attributes:
        id: name of the sample or the row.
        why: the reason, for people.
        like: the row that it is like, where that is the reason.
    """

    id: str
    why: str
    like: str = ""

    def to_json(self) -> dict[str, Json]:
        """As it is written."""
        return {"id": self.id, "why": self.why} | ({"like": self.like} if self.like else {})


def join_text(fragments: Iterator[Fragment]) -> tuple[Fragment, ...]:
    """Fragments with neighbouring texts in one, and none empty."""
    done: list[Fragment] = []
    for part in fragments:
        if isinstance(part, Spoken) and done and isinstance(done[-1], Spoken):
            done[-1] = Spoken(done[-1].text + part.text)
        elif not isinstance(part, Spoken) or part.text:
            done.append(part)
    return tuple(done)
