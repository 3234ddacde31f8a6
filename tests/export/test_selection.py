"""What is left out: rows that repeat, marks that trainers obey; and no stream on both sides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.export.example import Example, ExampleTurn, LeftOutExample, Spoken
from dataclaw.export.read import read_samples
from dataclaw.export.selection import TRAIN, VALIDATION, Repeats, control_mark, side_of
from dataclaw.run.report.records import SampleRecord


@pytest.fixture(scope="module")
def sample(runs: dict[str, Path]) -> SampleRecord:
    ((_, found, _),) = read_samples([runs["cut"]])
    return found


def row(sample: SampleRecord, *texts: str, stream: str = "s", name: str = "row") -> Example:
    roles = ("user", "assistant")
    turns = tuple(ExampleTurn(roles[n % 2], (Spoken(text),)) for n, text in enumerate(texts))
    return Example(name, sample.model_copy(update={"stream": sample.stream.model_copy(update={"id": stream})}), turns)


@given(st.data(), st.floats(0, 0.9))
def test_all_rows_of_a_stream_are_on_one_side(sample: SampleRecord, data: st.DataObject, share: float):
    stream = data.draw(st.text(min_size=1, max_size=20))
    sides = {side_of(row(sample, text, stream=stream, name=text), share) for text in ("a", "b", "c")}
    assert len(sides) == 1


def test_the_share_of_streams_is_kept_and_grows_only(sample: SampleRecord):
    held = {
        share: {n for n in range(600) if side_of(row(sample, "x", stream=str(n)), share) == VALIDATION}
        for share in (0.0, 0.1, 0.5)
    }
    assert not held[0.0]
    assert held[0.1] < held[0.5]
    assert 30 < len(held[0.1]) < 90
    assert 240 < len(held[0.5]) < 360
    assert side_of(row(sample, "x"), 0.0) == TRAIN


MARKS = ["<image>", "<video>", "<audio>", "<bbox>", "<ref-object>", "<|im_end|>", "<|image_pad|>", "</s>", "[INST]"]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_that_trainers_obey_is_found_on_either_side(sample: SampleRecord, mark: str):
    assert control_mark(row(sample, f"what does {mark} mean", "nothing")) == mark
    assert control_mark(row(sample, "what", f"it says {mark}")) == mark
    pair = replace(row(sample, "what", "this"), rejected=ExampleTurn("assistant", (Spoken(mark),)))
    assert control_mark(pair) == mark


@pytest.mark.parametrize("text", ["1 < 2 | 3 > 2", "<b>bold</b>", "the <image_recall>", "a <| b |> c", "[1, 2]"])
def test_other_text_is_text(sample: SampleRecord, text: str):
    assert control_mark(row(sample, text, text)) == ""


def test_an_equal_row_is_taken_once_and_named(sample: SampleRecord):
    repeats = Repeats(1.0)
    assert repeats.row(row(sample, "a", "b", name="first")) is None
    assert repeats.row(row(sample, "a", "c")) is None
    assert repeats.row(row(sample, "a", "b", name="again")) == LeftOutExample("again", "the same row", "first")


def test_samples_that_say_nearly_the_same_are_taken_once(sample: SampleRecord):
    repeats, all_but_equal = Repeats(0.9), Repeats(1.0)
    again = sample.model_copy(update={"id": "again"})
    assert repeats.sample(sample) is None
    found = repeats.sample(again)
    assert found == LeftOutExample("again", "near-duplicate", sample.id)
    assert all_but_equal.sample(sample) is all_but_equal.sample(again) is None


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_what_is_kept_is_what_differs(sample: SampleRecord, texts: list[str]):
    repeats = Repeats(1.0)
    kept = [text for text in texts if repeats.row(row(sample, text, "x")) is None]
    assert kept == list(dict.fromkeys(texts))
