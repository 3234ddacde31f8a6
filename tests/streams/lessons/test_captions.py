"""Subtitles alone and beside a video: which file is a lesson, and which belongs to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream
from tests.streams.conftest import write_video

ONE = "1\n00:00:00,100 --> 00:00:00,300\n{word}\n"


def write(path: Path, word: str = "hello") -> Path:
    path.write_text(ONE.format(word=word))
    return path


def test_a_file_of_its_own(tmp_path: Path) -> None:
    stream = open_stream(write(tmp_path / "talk.srt"))
    assert (stream.kind, stream.format, stream.duration, stream.frames) == ("lesson", "captions", 0.3, None)
    assert [(e.kind, e.text, e.place) for e in stream.events] == [("cue", "hello", "talk.srt:2")]


def test_beside_a_video(tmp_path: Path) -> None:
    write_video(tmp_path / "talk.mp4")
    write(tmp_path / "talk.es.srt", "hola")
    write(tmp_path / "talk-en.srt")
    write(tmp_path / "other.srt")
    assert [Path(str(r)).name for r in discover([tmp_path])] == ["other.srt", "talk.mp4"]
    stream = open_stream(tmp_path / "talk.mp4")
    assert stream.kind == "lesson"
    assert stream.frames is not None
    assert stream.events[0].text == "hello"
    assert stream.frames.times[stream.events[0].frame or 0] <= 0.1
    assert stream.meta["language"] == "en"
    assert stream.meta["other_subtitles"] == ["talk.es.srt"]
    assert "talk.es.srt not read: talk-en.srt is preferred." in stream.problems


def test_of_several_languages_one_is_the_lesson(tmp_path: Path) -> None:
    for language in ("fr", "en", "es"):
        write(tmp_path / f"talk.{language}.srt", language)
    assert [Path(str(r)).name for r in discover([tmp_path])] == ["talk.en.srt"]
    assert open_stream(tmp_path / "talk.en.srt").events[0].text == "en"


def test_a_video_whose_name_ends_like_a_language(tmp_path: Path) -> None:
    write_video(tmp_path / "talk-en.mp4")
    write(tmp_path / "talk-en.srt")
    assert [Path(str(r)).name for r in discover([tmp_path])] == ["talk-en.mp4"]
    assert len(open_stream(tmp_path / "talk-en.mp4").events) == 1


def test_a_video_without_subtitles_stays_a_video(tmp_path: Path) -> None:
    write_video(tmp_path / "talk.mp4")
    (tmp_path / "talk.srt").write_text("no cues here")
    assert open_stream(tmp_path / "talk.mp4").kind == "video"


def test_broken_subtitles_are_refused_aloud(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text("x --> y\n")
    with pytest.raises(StreamError, match="holds no cue"):
        open_stream(tmp_path / "talk.srt")


def test_the_id_follows_the_words(tmp_path: Path) -> None:
    first = open_stream(write(tmp_path / "a.srt")).id
    assert open_stream(write(tmp_path / "b.srt")).id == first
    assert open_stream(write(tmp_path / "a.srt", "changed")).id != first


def test_chapters_and_descriptions_are_never_speech(tmp_path: Path) -> None:
    write_video(tmp_path / "talk.mp4")
    write(tmp_path / "talk_captions_en.vtt")
    write(tmp_path / "talk_chapters_en.vtt", "The answer")
    write(tmp_path / "talk_descriptions_en.vtt", "A man at a desk")
    assert [Path(str(r)).name for r in discover([tmp_path])] == ["talk.mp4"]
    stream = open_stream(tmp_path / "talk.mp4")
    assert [e.text for e in stream.events] == ["hello"]


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\nKind: chapters\n\n00:00.000 --> 00:02.000\nIntroduction\n",
        "WEBVTT\n\n00:00.000 --> 00:40.000\nIntroduction\n\n00:40.000 --> 01:20.000\nThe delta\n",
    ],
)
def test_a_file_that_only_names_stretches_is_no_lesson(tmp_path: Path, text: str) -> None:
    (tmp_path / "talk.vtt").write_text(text)
    with pytest.raises(StreamError, match="no stream in it"):
        discover([tmp_path])


def test_a_voice_tag_names_the_speaker(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Lee> Hello.\n\n00:02.000 --> 00:03.000\n<v.loud Bob>Hi.\n"
    (tmp_path / "talk.vtt").write_text(text)
    events = open_stream(tmp_path / "talk.vtt").events
    assert [(e.text, e.attrs["speaker"]) for e in events] == [("Hello.", "Ann Lee"), ("Hi.", "Bob")]
