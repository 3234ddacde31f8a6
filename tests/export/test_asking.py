"""What is asked and answered: at each step no more than was known then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.export.asking import Asker, Shape
from dataclaw.export.example import Attached, Example, ExampleTurn, Pinpoint, SampleMedia, Spoken
from dataclaw.export.read import read_samples
from dataclaw.plugins import load_domain
from dataclaw.run.report.records import SampleRecord


def examples(run: Path, shape: Shape | None = None, *, without: int | None = None) -> list[Example]:
    """Examples of a run with one sample, perhaps without one of its pictures."""
    ((_, sample, media),) = read_samples([run])
    if without is not None:
        kept = {key: medium for key, medium in media.pictures.items() if key[1] != without}
        media = SampleMedia(kept, media.inputs, media.clips)
    return [found for found in asker(sample, shape).examples(sample, media) if isinstance(found, Example)]


def asker(sample: SampleRecord, shape: Shape | None = None) -> Asker:
    return Asker(load_domain(sample.domain).task(sample.task), shape or Shape())


def text_of(turn: ExampleTurn) -> str:
    return "".join(part.text if isinstance(part, Spoken) else "" for part in turn.fragments)


def test_a_step_is_asked_with_what_was_known_then_alone(runs: dict[str, Path]):
    rows = examples(runs["steps"])
    ((_, sample, _),) = read_samples([runs["steps"]])
    assert isinstance(sample.answer, dict)
    steps = sample.answer["steps"]
    assert len(rows) == len(steps) == 5
    shown = [row.media[0] for row in rows]
    assert [medium.span[0] for medium in shown] == sorted(medium.span[0] for medium in shown)
    for number, row in enumerate(rows):
        assert row.id == f"{sample.id}-step{number + 1}"
        *asked, answer = row.turns
        prompt = "\n".join(map(text_of, asked))
        assert len(row.media) == 1
        for later in steps[number:]:
            assert later["action"] not in prompt
            assert later["observation"] not in prompt
        for earlier in steps[:number]:
            assert earlier["action"] in prompt
        assert json.dumps(steps[number]["action"]) in text_of(answer)
        assert '"frame"' not in text_of(answer)
        assert "s:" not in prompt


def test_a_step_without_a_frame_is_shown_where_its_evidence_lies(runs: dict[str, Path]):
    ((_, sample, _),) = read_samples([runs["steps"]])
    assert isinstance(sample.answer, dict)
    last = sample.answer["steps"][-1]
    assert "frame" not in last
    cited = {name for at, ids in sample.evidence.items() if at.startswith("/answer/steps/4/") for name in ids}
    assert examples(runs["steps"])[-1].media[0].frame == max(sample.anchors[name].frame or 0 for name in cited)


def test_a_step_whose_picture_is_missing_is_left_out_and_named(runs: dict[str, Path]):
    assert [row.step for row in examples(runs["steps"], without=5)] == [0, 1, 3, 4]
    assert examples(runs["steps"], Shape(per="sample"), without=5) == []


def test_a_whole_sample_has_a_turn_for_each_step(runs: dict[str, Path]):
    (row,) = examples(runs["steps"], Shape(per="sample"))
    assert [turn.role for turn in row.turns] == ["system", *["user", "assistant"] * 5]
    assert [len(turn.media) for turn in row.turns[1::2]] == [1] * 5
    assert len(row.steps) == 5


def test_reasoning_stands_before_the_answer_when_asked_for(runs: dict[str, Path]):
    (plain,), (thought,) = examples(runs["film"]), examples(runs["film"], Shape(reasoning="think"))
    said = text_of(thought.turns[-1])
    assert said.startswith("<think>\n")
    assert said.split("</think>\n\n")[1] == text_of(plain.turns[-1])
    assert "<think>" not in text_of(plain.turns[-1])


def test_media_of_an_answer_are_named_or_shown(runs: dict[str, Path]):
    (named,), (shown,) = examples(runs["film"]), examples(runs["film"], Shape(outputs="shown"))
    assert not named.turns[-1].media
    assert "<image_recall>" not in text_of(named.turns[-1])
    assert "[picture at 1.60 s]" in text_of(named.turns[-1])
    kinds = [part.medium.kind for part in shown.turns[-1].fragments if isinstance(part, Attached)]
    assert kinds == ["video", "image", "image"]


def test_what_is_shown_as_text_is_told_in_the_question(runs: dict[str, Path]):
    (row,) = examples(runs["cut"])
    ((_, sample, _),) = read_samples([runs["cut"]])
    assert sample.input_text
    assert sample.input_text in text_of(row.turns[0])
    assert not row.media


def test_points_lie_in_the_picture_of_their_frame(runs: dict[str, Path]):
    (row,) = examples(runs["actions"])
    by_frame = {medium.frame: medium.sha256 for medium in row.media}
    places = [part for part in row.turns[-1].fragments if isinstance(part, Pinpoint)]
    ((_, sample, _),) = read_samples([runs["actions"]])
    assert isinstance(sample.answer, dict)
    told = [action for action in sample.answer["actions"] if "point" in action]
    assert [place.picture for place in places] == [by_frame[action["frame"]] for action in told]
    for place, action in zip(places, told, strict=True):
        told_at = [value * side for value, side in zip(place.values, place.size, strict=True)]
        assert told_at == pytest.approx(action["point"])


@pytest.mark.parametrize("name", ["steps", "actions", "film", "cut"])
def test_an_example_ends_with_what_is_learned(runs: dict[str, Path], name: str):
    for row in examples(runs[name]):
        assert row.turns[-1].role == "assistant"
        assert row.turns[-2].role == "user"
        assert text_of(row.turns[-1]).strip()
