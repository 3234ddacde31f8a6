"""From a sample to what is asked and answered: one example, or one for each step of a task that declares steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from dataclaw.agent.case import fill_in
from dataclaw.domain import Task
from dataclaw.export.answers import AnswerText, attach, recall
from dataclaw.export.example import (
    Attached,
    Example,
    ExampleTurn,
    Fragment,
    LeftOutExample,
    Medium,
    Pinpoint,
    SampleMedia,
    Spoken,
    join_text,
)
from dataclaw.run.report.records import SampleRecord
from dataclaw.schema import fields_of, get, objects_of
from dataclaw.types import Json

Per: TypeAlias = Literal["step", "sample"]
Reasoning: TypeAlias = Literal["none", "think"]
Outputs: TypeAlias = Literal["named", "shown"]
OF_FRAME = frozenset({"frame", "time"})
"""Keys of a step that count in the recording, which who sees one picture cannot know."""
JSON_FORM = "Answer with JSON of this form, where a frame is the number of a picture and a time is in seconds:"


@dataclass(frozen=True, slots=True)
class Shape:
    """How samples become examples.

    Attributes:
        per: "step" makes a row of each step of tasks that declare steps, "sample" one row with a turn for each.
        reasoning: "think" puts the sample's reasoning in front of the answer, in `<think>` tags.
        outputs: "named" says in words which picture of the question an answer recalls; "shown" puts the answer's own
            pictures and clips in its place, for models that make them.
    """

    per: Per = "step"
    reasoning: Reasoning = "none"
    outputs: Outputs = "named"


class Asker:
    """Makes the examples of one task's samples.

    Args:
        task: the task.
        shape: how samples become examples.
    """

    def __init__(self, task: Task, shape: Shape) -> None:
        self._task, self._shape = task, shape
        self._answers = AnswerText(task.schema)

    def examples(self, sample: SampleRecord, media: SampleMedia) -> Iterator[Example | LeftOutExample]:
        """Rows of a sample, and what of it cannot become a row."""
        if self._task.manifest.steps is not None:
            yield from self._stepwise(sample, media)
            return
        question = list(self._question(sample, media))
        shown = [part.medium for part in question if isinstance(part, Attached)]
        if not shown and not sample.input_text:
            yield LeftOutExample(sample.id, "nothing is shown that the question could be answered from")
            return
        if lost := _without_picture(sample, media):
            yield LeftOutExample(
                sample.id, f"fragment {lost} has no picture here, which would tell that it is not needed"
            )
            return
        answer = self.answer_turn(sample, sample.answer, sample.cot, media, shown)
        if not answer.fragments:
            yield LeftOutExample(sample.id, "its answer has no words; pass --outputs shown for models that make media")
            return
        turns = [ExampleTurn("user", join_text(iter(question))), answer]
        yield Example(sample.id, sample, self._with_system(turns, sample), media)

    def answer_turn(
        self, sample: SampleRecord, answer: Json, cot: Json, media: SampleMedia, shown: Sequence[Medium]
    ) -> ExampleTurn:
        """What the assistant says.

        Args:
            sample: the sample.
            answer: its answer, or another one to its question.
            cot: the reasoning to that answer.
            media: the sample's files.
            shown: pictures and clips that the question shows.
        """
        thoughts = "\n".join(texts_of(cot)) if self._shape.reasoning == "think" else ""
        before = [Spoken(f"<think>\n{thoughts}\n</think>\n\n")] if thoughts else []
        fragments = join_text(self._answer(sample, answer, media, shown))
        return ExampleTurn("assistant", join_text(iter([*before, *fragments])) if fragments else ())

    def _answer(
        self, sample: SampleRecord, answer: Json, media: SampleMedia, shown: Sequence[Medium]
    ) -> Iterator[Fragment]:
        """A text with its media named or attached, or JSON."""
        if not isinstance(answer, str):
            pictures = {m.frame: m for m in shown if m.frame is not None}
            yield from self._answers.render(answer, pictures, _screen(media))
            return
        pictures = output_pictures(sample, media)
        if self._shape.outputs == "shown":
            yield from attach(answer, pictures, media.clips)
            return
        names = _names(sample, [m for m in shown if m.kind == "image"])
        yield Spoken(recall(answer, pictures, [m for m in shown if m.kind == "video"], names).strip())

    def _question(self, sample: SampleRecord, media: SampleMedia) -> Iterator[Fragment]:
        """Media and text of the recording, then the question."""
        for clip in media.inputs:
            if clip.span[0] > 0:
                yield Spoken(f"The clip shows {clip.span[0]:.2f} to {clip.span[1]:.2f} s of the recording.\n")
            yield Attached(clip)
            yield Spoken("\n")
        pictures = shown_pictures(sample, media)
        names = _names(sample, pictures)
        for picture in pictures:
            if name := names.get(picture.key):
                yield Spoken(f"{name[:1].upper()}{name[1:]}:\n")
            yield Attached(picture)
            yield Spoken("\n")
        if sample.input_text:
            yield Spoken(f"The recording:\n{sample.input_text}\n\n")
        yield Spoken(sample.question)

    def _with_system(self, turns: list[ExampleTurn], sample: SampleRecord) -> tuple[ExampleTurn, ...]:
        """The turns, behind what form an answer has when it is not plain text."""
        steps = self._task.manifest.steps
        form = ""
        if steps is not None:
            form = steps.form
        elif not isinstance(sample.answer, str):
            form = f"{JSON_FORM}\n{self._answers.form}"
        return (ExampleTurn("system", (Spoken(form),)), *turns) if form else tuple(turns)

    def _stepwise(self, sample: SampleRecord, media: SampleMedia) -> Iterator[Example | LeftOutExample]:
        steps = self._task.manifest.steps
        assert steps is not None
        answer = cast("dict[str, Json]", sample.answer)
        asked = fill_in(steps.asked, answer, sample.intent.text)
        entries = [
            _with_frame(entry, sample, media, f"/answer{steps.at}/{number}/")
            for number, entry in enumerate(objects_of(get(answer, steps.at)))
        ]
        at = (*steps.at[1:].split("/"), "*")
        said: list[tuple[ExampleTurn, ExampleTurn]] = []
        for number, entry in enumerate(entries):
            picture = media.pictures.get(("", int(entry.get("frame", -1))))
            name = f"{sample.id}-step{number + 1}"
            if picture is None:
                yield LeftOutExample(name, "no picture shows what was known at this step")
                if self._shape.per == "sample":
                    return
                continue
            plain: Json = {key: value for key, value in entry.items() if key not in OF_FRAME}
            look = {int(entry["frame"]): picture}
            told = ExampleTurn("assistant", join_text(self._answers.render(plain, look, picture.size, at)))
            before = [str(earlier.get(steps.told, "")) for earlier in entries[:number]]
            if self._shape.per == "step":
                turns = [ExampleTurn("user", join_text(_step_question(asked, before, picture))), told]
                yield Example(name, sample, self._with_system(turns, sample), media, step=number)
            else:
                user = ExampleTurn(
                    "user", join_text(iter([*([] if said else [Spoken(f"{asked}\n")]), Attached(picture)]))
                )
                said.append((user, told))
        if self._shape.per == "sample" and said:
            turns = [turn for pair in said for turn in pair]
            yield Example(sample.id, sample, self._with_system(turns, sample), media, steps=tuple(entries))


def _with_frame(entry: dict[str, Json], sample: SampleRecord, media: SampleMedia, place: str) -> dict[str, Json]:
    """A step with the frame that it was decided at: its own, else the last picture that its evidence lies in.

    Args:
        entry: the step.
        sample: the sample.
        media: its files.
        place: where the step stands in the sample, which is what the pointers of its evidence begin with.
    """
    if entry.get("frame") is not None:
        return entry
    ids = {name for at, names in sample.evidence.items() if f"{at}/".startswith(place) for name in names}
    frames = [sample.anchors[name].frame for name in ids if name in sample.anchors]
    seen = [frame for frame in frames if frame is not None and ("", frame) in media.pictures]
    return {"frame": max(seen), **entry} if seen else entry


def _step_question(asked: str, before: Sequence[str], picture: Medium) -> Iterator[Fragment]:
    """What a step is asked: the task, what was done so far, and the screen as it was then."""
    yield Spoken(f"{asked}\n")
    if before:
        done = "\n".join(f"{number}. {text}" for number, text in enumerate(before, 1))
        yield Spoken(f"Done so far:\n{done}\n")
    yield Spoken("The screen now:\n")
    yield Attached(picture)


def shown_pictures(sample: SampleRecord, media: SampleMedia) -> list[Medium]:
    """The pictures of a question: those of each fragment, else those that the sample names, in order."""
    if sample.input_parts:
        labels = [part.label for part in sample.input_parts]
        return [m for label in labels for (part, _), m in sorted(media.pictures.items()) if part == label]
    frames = sample.input_image or []
    return [media.pictures["", frame] for frame in frames if ("", frame) in media.pictures]


def _without_picture(sample: SampleRecord, media: SampleMedia) -> str:
    """Label of a fragment that would be shown without a picture, "" when there is none."""
    seen = {part for part, _ in media.pictures}
    return next((part.label for part in sample.input_parts if part.label not in seen), "")


def _names(sample: SampleRecord, pictures: Sequence[Medium]) -> dict[tuple[str, int | None], str]:
    """How pictures are called in a question, by part and frame; the only one, which no answer names, has no name."""
    if sample.input_parts:
        return {m.key: f"fragment {m.part}, frame {m.frame}" for m in pictures}
    if isinstance(sample.answer, str):
        return {m.key: f"picture {number}" for number, m in enumerate(pictures, 1)} if len(pictures) > 1 else {}
    if sample.stream.clock == "seconds":
        return {m.key: f"frame {m.frame} at {m.span[0]:.2f} s" for m in pictures}
    return {m.key: f"frame {m.frame}" for m in pictures}


def output_pictures(sample: SampleRecord, media: SampleMedia) -> tuple[Medium, ...]:
    """Pictures that belong to the answer, in the order of its `<image_recall>`."""
    frames = sample.output_image or []
    return tuple(media.pictures["", frame] for frame in frames if ("", frame) in media.pictures)


def _screen(media: SampleMedia) -> tuple[int, int] | None:
    return next((medium.size for medium in media.pictures.values()), None)


def texts_of(cot: Json) -> list[str]:
    """A reasoning as texts, whether its thoughts are texts or objects that have one."""
    entries = cast("list[Json]", cot or [])
    return [str(fields_of(entry).get("text", "")) if isinstance(entry, dict) else str(entry) for entry in entries]


def places_of(example: Example) -> list[Pinpoint]:
    """Points and boxes that stand in an example, in order."""
    return [part for turn in example.turns for part in turn.fragments if isinstance(part, Pinpoint)]
