"""Lessons with a time for every word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream

SENTENCES = [["Hello, hello again.", 1.0, 2.0], ["So moving on.", 2.5, 4.0]]
WORDS = [[" Hello,", 1.0, 1.3], [" hello", 1.3, 1.6], [" again.", 1.6, 2.1], [" So", 2.5, 2.8], [" moving", 2.8, 3.4],
         [" on.", 3.4, 4.0]]  # fmt: skip


def lesson(root: Path, sentences: object = SENTENCES, words: object = WORDS) -> Path:
    folder = root / "my-lesson" / "english"
    folder.mkdir(parents=True)
    (folder / "sentence_timings.json").write_text(json.dumps(sentences))
    (folder / "word_timings.json").write_text(json.dumps(words))
    (folder / "captions.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    return root / "my-lesson"


def test_sentences_are_cues_and_words_are_timed(tmp_path: Path) -> None:
    root = lesson(tmp_path)
    assert discover([tmp_path]) == [root]
    stream = open_stream(root)
    assert (stream.kind, stream.duration, stream.meta["title"]) == ("lesson", 4.0, "my lesson")
    assert [(e.kind, e.text, e.place) for e in stream.events] == [
        ("cue", "Hello, hello again.", "sentence_timings.json[0]"),
        ("cue", "So moving on.", "sentence_timings.json[1]"),
    ]
    assert stream.events[1].attrs["words"] == [["So", 2.5, 2.8], ["moving", 2.8, 3.4], ["on.", 3.4, 4.0]]
    assert open_stream(root / "english").id == stream.id


def test_a_sentence_lasts_until_its_last_word(tmp_path: Path) -> None:
    words = [*WORDS[:5], [" on.", 3.4, 4.9]]
    stream = open_stream(lesson(tmp_path, words=words))
    assert [e.t1 for e in stream.events] == [2.1, 4.9]
    assert stream.duration == 4.9


def test_translations_go_with_their_sentence(tmp_path: Path) -> None:
    root = lesson(tmp_path)
    (root / "spanish").mkdir()
    told = [{"input": "So moving on.", "translatedText": "Sigamos."},
            {"input": "x", "translatedText": "Hola,", "start": 1.0, "end": 1.5},
            {"input": "y", "translatedText": "otra vez.", "start": 1.6, "end": 2.0}]  # fmt: skip
    (root / "spanish/sentence_translations.json").write_text(json.dumps(told))
    (root / "spanish/title.json").write_text(json.dumps({"input": "My Lesson!", "translatedText": "Mi lección"}))
    stream = open_stream(root)
    assert stream.meta["title"] == "My Lesson!"
    assert stream.meta["translations"] == {
        "spanish": {"title": "Mi lección", "sentences": ["Hola, otra vez.", "Sigamos."]}
    }


def test_a_broken_translation_is_left_out_aloud(tmp_path: Path) -> None:
    root = lesson(tmp_path)
    (root / "thai").mkdir()
    (root / "thai/sentence_translations.json").write_text("[{")
    stream = open_stream(root)
    assert len(stream.events) == 2
    assert "The thai translation was left out" in stream.problems[0]


@pytest.mark.parametrize(
    ("sentences", "problem"),
    [
        ([*SENTENCES, ["back", 9.0, 8.0]], "1 cue(s) end before they start"),
        ([*SENTENCES, ["x", -1, 2], ["y"], None, ["z", 10**400, 1]], "4 entries of sentence_timings.json"),
        ([["late", 5.0, 6.0], *SENTENCES], "were not in order of time"),
    ],
)
def test_wrong_entries_are_said(tmp_path: Path, sentences: object, problem: str) -> None:
    assert any(problem in said for said in open_stream(lesson(tmp_path, sentences)).problems)


@pytest.mark.parametrize("text", ['[["a", NaN, 1]]', "[[", '{"a": 1}', "[]", "[" * 5000, '[["a", 1e999, 2]]'])
def test_no_times_are_refused(tmp_path: Path, text: str) -> None:
    root = lesson(tmp_path)
    (root / "english/sentence_timings.json").write_text(text)
    with pytest.raises(StreamError):
        open_stream(root)


def test_without_sentences_the_captions_are_read(tmp_path: Path) -> None:
    root = lesson(tmp_path)
    (root / "english/sentence_timings.json").unlink()
    stream = open_stream(root)
    assert [e.text for e in stream.events] == ["Hello"]
    assert "captions.srt is read" in stream.problems[0]
