"""The form of a fixture: one line of `fixtures.jsonl`, a whole stream in words and the answers to judge.

Streams are described and not stored, so that a domain's examples are a page of text that anybody can read and edit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dataclaw.config import LookCall, Name
from dataclaw.strict import Strict
from dataclaw.types import Json

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Time = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class DescribedShape(Strict):
    """A filled box in a drawn frame.

    Attributes:
        box: `(x0, y0, x1, y1)` [px].
        color: colour of the box, "" for none.
        text: words in it, black or white, whichever can be read.
    """

    box: tuple[Number, Number, Number, Number]
    color: Colour | Literal[""] = ""
    text: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _spans_something(self) -> DescribedShape:
        if self.box[2] < self.box[0] or self.box[3] < self.box[1]:
            raise ValueError("box is x0, y0, x1, y1 with x0 <= x1 and y0 <= y1")
        return self


class DescribedFrame(Strict):
    """A frame as it is drawn.

    Attributes:
        t: when it is shown [s].
        fill: colour behind the shapes.
        shapes: what is drawn, later ones on top.
    """

    t: Time
    fill: Colour = "#f0f0f0"
    shapes: Annotated[list[DescribedShape], Field(max_length=500)] = Field(default_factory=list[DescribedShape])


class DescribedPictures(Strict):
    """The frames of a described stream.

    Attributes:
        size: `(width, height)` [px].
        rate: recorded frames per second [1/s]; between two frames the earlier one stays. None when nothing lies
            between them.
        frames: the sampled frames, in order of time.
    """

    size: tuple[Annotated[int, Field(ge=8, le=4096)], Annotated[int, Field(ge=8, le=4096)]]
    rate: Annotated[float, Field(gt=0, le=240)] | None = None
    frames: Annotated[list[DescribedFrame], Field(min_length=1, max_length=4096)]

    @model_validator(mode="after")
    def _in_order(self) -> DescribedPictures:
        times = [frame.t for frame in self.frames]
        if any(b <= a for a, b in pairwise(times)):
            raise ValueError("frames need strictly increasing times t")
        return self


class DescribedSeries(Strict):
    """Numbers over time; fields as in `types.Series`, null where there is no number."""

    columns: Annotated[list[str], Field(min_length=1)]
    units: list[str] = Field(default_factory=list[str])
    times: Annotated[list[Time], Field(min_length=1)]
    values: list[list[Number | None]]

    @model_validator(mode="after")
    def _is_a_table(self) -> DescribedSeries:
        if len(self.values) != len(self.times) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError("values must have a row for each of times and a value for each of columns")
        if self.units and len(self.units) != len(self.columns):
            raise ValueError("units must name one for each of columns")
        if any(b <= a for a, b in pairwise(self.times)):
            raise ValueError("times must be strictly increasing")
        return self


class DescribedEvent(Strict):
    """An event; fields as in `types.Event`, its index is its place in the list."""

    kind: str
    t0: Time
    t1: Time
    frame: int | None = None
    point: tuple[Number, Number] | None = None
    end_point: tuple[Number, Number] | None = None
    box: tuple[Number, Number, Number, Number] | None = None
    text: str = ""
    keys: tuple[str, ...] = ()
    scroll: tuple[Number, Number] | None = None
    target: str = ""
    role: str = ""
    window: str = ""
    attrs: dict[str, Any] = Field(default_factory=dict[str, Any])


class DescribedStream(Strict):
    """A stream in words; fields as in `types.Stream`.

    Attributes:
        kind: kind of the stream.
        duration: length [s], or number of steps.
        clock: "seconds" or "index".
        name: short name.
        format: what its loader would be called.
        events: logged events in order of time.
        series: numbers over time, by name.
        parts: labelled parts, each a stream.
        meta: facts that a policy may see.
        annotations: truth that came with it; no policy and no tool ever sees it.
        pictures: its frames, drawn when they are read.
    """

    kind: Name
    duration: Time
    clock: Literal["seconds", "index"] = "seconds"
    name: str = "described"
    format: str = "fixture"
    events: list[DescribedEvent] = Field(default_factory=list[DescribedEvent])
    series: dict[str, DescribedSeries] = Field(default_factory=dict[str, DescribedSeries])
    parts: dict[str, DescribedStream] = Field(default_factory=dict[str, "DescribedStream"])
    meta: dict[str, Any] = Field(default_factory=dict[str, Any])
    annotations: dict[str, Any] = Field(default_factory=dict[str, Any])
    pictures: DescribedPictures | None = None


class Wrong(Strict):
    """An answer that must be sent back.

    Attributes:
        why: what is wrong with it, a clause.
        draft: the answer.
    """

    why: str
    draft: Json


class Fixture(Strict):
    """One line of `fixtures.jsonl`.

    Attributes:
        task: name of the task.
        intent: the user's words.
        stream: the stream in words.
        gold: the right answer.
        wrong: wrong answers, each broken in one way.
        look: tool calls made before the answers are judged; None looks at the overview and at all events.
        line: its line in the file, 0 when it was made in memory; not part of the file's form.
    """

    task: str
    intent: Annotated[str, Field(min_length=1)]
    stream: DescribedStream
    gold: dict[str, Any]
    wrong: list[Wrong] = Field(default_factory=list[Wrong])
    look: list[LookCall] | None = None
    line: Annotated[int, Field(exclude=True)] = 0
